# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The five operations on a caller's keys, which both APIs have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from keysmith_emulator.clock import Clock
from keysmith_emulator.cloud_keys.errors import INVALID_INPUT, CloudError, invalid_input, key_not_found
from keysmith_emulator.cloud_keys.keys import ORDERS, Caller, Key, KeyBook
from keysmith_emulator.cloud_keys.moments import date_text, duration_ms
from keysmith_emulator.cloud_keys.routes import Call, Route
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.exchange import Answer

_CURSOR = re.compile(r"[0-9a-f]+")


class Accounts(Protocol):
    """What the two APIs differ in."""

    create_fields: frozenset[str]
    """The fields of a create that this service knows."""

    def sees(self, caller: Caller, key: Key) -> bool:
        """Whether this caller may read and delete the key."""

    def denied(self) -> CloudError:
        """403 in this service's words."""

    def admit(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """The body of a create, as far as it counts here; refuses a caller that may not create."""

    def properties(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """The fields of ``Key`` that are this service's own."""

    def new_credentials(self, user_id: str) -> tuple[str, str]:
        """A new id and the text that logs in with it."""

    def rivals(self, properties: dict[str, Any]) -> list[Key]:
        """The keys among which a description may be unique and the number of keys limited."""

    def complete(self, key: Key, shown: dict[str, Any]) -> None:
        """Adds to a shown key what this service adds."""


class KeyOperations:
    """Keys, as their callers see and change them."""

    def __init__(self, book: KeyBook, accounts: Accounts, switches: Switches, clock: Clock) -> None:
        self._book = book
        self._accounts = accounts
        self._switches = switches
        self._clock = clock
        self._last_delete_ms: int | None = None

    def routes(self) -> list[Route]:
        """The five, under their published names."""
        return [
            Route("GET", "/users/auth/keys", self._list, "get-api-keys"),
            Route("POST", "/users/auth/keys", self._create, "create-api-key"),
            Route("DELETE", "/users/auth/keys", self._delete_many, "delete-api-keys"),
            Route("GET", "/users/auth/keys/{api_key_id}", self._get, "get-api-key"),
            Route("DELETE", "/users/auth/keys/{api_key_id}", self._delete, "delete-api-key"),
        ]

    def reset(self) -> None:
        """Forgets when a key was deleted last."""
        self._last_delete_ms = None

    def _list(self, call: Call) -> Answer:
        return self.page(call, (key for key in self._book if self._accounts.sees(call.caller, key)))

    def page(self, call: Call, keys: Iterable[Key]) -> Answer:
        """One page of these keys; the cursor of the next one outlives deletions."""
        position = ORDERS[self._switches["order"]]
        left = sorted((key for key in keys if not self.is_gone(key)), key=position)
        size, cursor = self._switches["page_size"], call.request.query.get("next_page")
        if size is None:
            return Answer(200, {"keys": [self.show(key) for key in left]})
        if cursor:
            if not _CURSOR.fullmatch(cursor):
                raise CloudError(400, INVALID_INPUT, "There is no such page.", ["query.next_page"])
            left = [key for key in left if position(key) > cursor]
        body: dict[str, Any] = {"keys": [self.show(key) for key in left[:size]]}
        if len(left) > size:
            body["next_page"] = position(left[size - 1])
        return Answer(200, body)

    def is_gone(self, key: Key) -> bool:
        """Whether an expired key has vanished."""
        return self._switches["expired_keys"] == "hidden" and key.is_expired(self._clock.now_ms())

    def find(self, caller: Caller, key_id: str) -> Key:
        """A key that the caller sees; 404, or by switch 403, for others."""
        key = self._book.get(key_id)
        if key is None or self.is_gone(key):
            raise key_not_found(key_id)
        if not self._accounts.sees(caller, key):
            raise self._accounts.denied() if self._switches["foreign_keys"] == "403" else key_not_found(key_id)
        return key

    def _get(self, call: Call) -> Answer:
        return Answer(200, self.show(self.find(call.caller, call.variables["api_key_id"])))

    def _create(self, call: Call) -> Answer:
        body = self._accounts.admit(call.caller, call.body())
        self._check_fields(body)
        properties = self._accounts.properties(call.caller, body)
        self._check_rivals(body["description"], properties)
        life = self._life(body)
        key = self.add(body["description"], life, properties)
        return Answer(201, {**self.show(key), "key": key.secret})

    def add(self, description: str, life_ms: int | None, properties: dict[str, Any]) -> Key:
        """A new key, with the fields of ``Key`` that ``properties`` gives."""
        key_id, secret = self._accounts.new_credentials(properties["user_id"])
        content = {"id": key_id, "secret": secret, "creation": self._clock.now_ms(), **properties}
        expiration = None if life_ms is None else content["creation"] + life_ms
        key = Key(description=description, expiration=expiration, **content)
        self._book.add(key)
        return key

    def _check_fields(self, body: dict[str, Any]) -> None:
        unknown = sorted(set(body) - self._accounts.create_fields)
        if unknown and self._switches["unknown_fields"] == "refused":
            raise invalid_input("The request body has unknown fields.", *unknown)
        description = body.get("description")
        if not isinstance(description, str) or not description:
            raise invalid_input("A description is required.", "description")
        longest = self._switches["longest_description"]
        if longest is not None and len(description) > longest:
            raise invalid_input(f"A description has at most {longest} characters.", "description")

    def _check_rivals(self, description: str, properties: dict[str, Any]) -> None:
        now = self._clock.now_ms()
        active = [key for key in self._accounts.rivals(properties) if not key.is_expired(now)]
        if self._switches["duplicates"] == "refused" and any(key.description == description for key in active):
            raise invalid_input("An API key with this description exists already.", "description")
        limit = self._switches["key_limit"]
        if limit is not None and len(active) >= limit:
            message = f"The limit of {limit} active API keys is reached."
            raise CloudError(self._switches["key_limit_status"], INVALID_INPUT, message)

    def _life(self, body: dict[str, Any]) -> int | None:
        given = body.get("expiration")
        if given is None:
            default = self._switches["default_expiration"]
            return None if default is None else duration_ms(default)
        life = duration_ms(given, self._switches["durations"] == "lenient") if isinstance(given, str) else None
        if life is None:
            raise invalid_input("The expiration is no duration such as 1d or 3h.", "expiration")
        longest = self._switches["longest_life"]
        if longest is not None and life > (duration_ms(longest) or 0):
            raise invalid_input(f"The expiration is longer than {longest}.", "expiration")
        return life

    def _delete(self, call: Call) -> Answer:
        self.delete(self.find(call.caller, call.variables["api_key_id"]))
        return self.done()

    def delete(self, key: Key) -> None:
        """Deletes one key; refused where the service wants a pause between two of these."""
        pause, last = duration_ms(self._switches["delete_pause"] or "") or 0, self._last_delete_ms
        now = self._clock.now_ms()
        if last is not None and 0 <= now - last < pause:
            status = self._switches["delete_pause_status"]
            told = status in (429, 503) and self._switches["retry_after"]
            headers = [("Retry-After", str(-(-(pause - now + last) // 1000)))] if told else []
            raise CloudError(status, "root.unexpected_error", "API keys are deleted too fast.", headers=headers)
        self._last_delete_ms = now
        self._book.remove(key)

    def done(self) -> Answer:
        """An empty object, or by switch nothing at all."""
        return Answer(200, {}, raw=b"" if self._switches["empty_body"] else None)

    def _delete_many(self, call: Call) -> Answer:
        wanted = call.body().get("keys")
        if not isinstance(wanted, list) or not all(isinstance(key_id, str) for key_id in wanted):
            raise invalid_input("A list of API key ids is required.", "keys")
        self.remove_many((key_id, self._visible(call.caller, key_id)) for key_id in wanted)
        return self.done()

    def _visible(self, caller: Caller, key_id: str) -> Key | None:
        key = self._book.get(key_id)
        return key if key is not None and self._accounts.sees(caller, key) else None

    def remove_many(self, wanted: Iterable[tuple[str, Key | None]]) -> None:
        """Deletes keys, each given with its id; one that was not found is ignored or refuses the whole."""
        found: dict[str, Key] = {}
        for key_id, key in wanted:
            if key is not None and not self.is_gone(key):
                found[key_id] = key
            elif self._switches["bulk_delete_unknown"] == "refused":
                raise key_not_found(key_id)
        for key in found.values():
            self._book.remove(key)

    def show(self, key: Key) -> dict[str, Any]:
        """A key as its readers see it: without the secret."""
        form = self._switches["date_format"]
        shown: dict[str, Any] = {
            "id": key.id,
            "description": key.description,
            "user_id": key.user_id,
            "creation_date": date_text(key.creation, form),
        }
        if key.expiration is not None:
            shown["expiration_date"] = date_text(key.expiration, form)
        self._accounts.complete(key, shown)
        return {name: value for name, value in shown.items() if name not in self._switches["absent_fields"]}
