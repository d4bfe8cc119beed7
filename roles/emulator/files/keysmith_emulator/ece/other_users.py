# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on the keys of other users."""

from __future__ import annotations

from keysmith_emulator.cloud_keys.errors import USER_NOT_FOUND, CloudError, invalid_input, key_not_found
from keysmith_emulator.cloud_keys.keys import Key, KeyBook
from keysmith_emulator.cloud_keys.operations import KeyOperations
from keysmith_emulator.cloud_keys.routes import Call, Route
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.ece.users import Users
from keysmith_emulator.exchange import Answer


class OtherUsersKeys:
    """Keys by the user that they belong to."""

    def __init__(self, book: KeyBook, users: Users, operations: KeyOperations, switches: Switches) -> None:
        self._book = book
        self._users = users
        self._operations = operations
        self._switches = switches

    def routes(self) -> list[Route]:
        """The six of them, under their published names; the first one is to be removed one day."""
        listing = Route("GET", "/users/auth/keys/_all", self._list_all, "get-users-api-keys")
        return [
            *([listing] if self._switches["list_of_all_users"] == "served" else []),
            Route("DELETE", "/users/auth/keys/_all", self._delete_named, "delete-users-api-keys"),
            Route("GET", "/users/{user_id}/auth/keys", self._list, "get-user-api-keys"),
            Route("DELETE", "/users/{user_id}/auth/keys", self._delete_all, "delete-user-api-keys"),
            Route("GET", "/users/{user_id}/auth/keys/{api_key_id}", self._get, "get-user-api-key"),
            Route("DELETE", "/users/{user_id}/auth/keys/{api_key_id}", self._delete, "delete-user-api-key"),
        ]

    def _list_all(self, call: Call) -> Answer:
        return self._operations.page(call, self._book)

    def _list(self, call: Call) -> Answer:
        return self._operations.page(call, self._of_user(call))

    def _of_user(self, call: Call) -> list[Key]:
        user_id = call.variables["user_id"]
        if user_id not in self._users.users:
            raise CloudError(404, USER_NOT_FOUND, f"User [{user_id}] was not found.")
        return [key for key in self._book if key.user_id == user_id and not self._operations.is_gone(key)]

    def _find(self, call: Call) -> Key:
        user_id, key_id = call.variables["user_id"], call.variables["api_key_id"]
        key = self._book.get(key_id)
        if key is None or key.user_id != user_id or self._operations.is_gone(key):
            raise key_not_found(key_id)
        return key

    def _get(self, call: Call) -> Answer:
        return Answer(200, self._operations.show(self._find(call)))

    def _delete(self, call: Call) -> Answer:
        key = self._find(call)
        self._users.check_elevation(call.caller)
        self._operations.delete(key)
        return self._operations.done()

    def _delete_all(self, call: Call) -> Answer:
        keys = self._of_user(call)
        self._users.check_elevation(call.caller)
        for key in keys:
            self._book.remove(key)
        return self._operations.done()

    def _delete_named(self, call: Call) -> Answer:
        wanted = call.body().get("user_api_keys")
        if not isinstance(wanted, list) or not all(_is_named(entry) for entry in wanted):
            raise invalid_input("A list of objects with user_id and api_key_id is required.", "user_api_keys")
        self._users.check_elevation(call.caller)
        self._operations.remove_many((entry["api_key_id"], self._named(entry)) for entry in wanted)
        return self._operations.done()

    def _named(self, entry: dict[str, str]) -> Key | None:
        key = self._book.get(entry["api_key_id"])
        return key if key is not None and key.user_id == entry["user_id"] else None


def _is_named(entry: object) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("user_id", "api_key_id"))
