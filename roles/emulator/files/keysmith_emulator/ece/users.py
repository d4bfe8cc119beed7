# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, what they may do, and whose keys are whose."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from keysmith_emulator.cloud_keys.errors import CloudError, invalid_input
from keysmith_emulator.cloud_keys.keys import Caller, Key, KeyBook
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.ece.releases import has

PLATFORM_ADMIN, PLATFORM_VIEWER = "ece_platform_admin", "ece_platform_viewer"
ROLES = (PLATFORM_ADMIN, PLATFORM_VIEWER, "ece_deployment_manager", "ece_deployment_viewer")
# Permissions are the operations that one may call.
_EVERYBODY = {
    "create-api-key",
    "delete-api-key",
    "delete-api-keys",
    "get-api-key",
    "get-api-keys",
    "get-authentication-info",
    "get-current-user",
    "logout",
    "methods",
    "refresh-token",
}
_READ_OTHERS = {"get-user-api-key", "get-user-api-keys", "get-users-api-keys"}
_DELETE_OTHERS = {"delete-user-api-key", "delete-user-api-keys", "delete-users-api-keys"}


@dataclass(frozen=True)
class User:
    """A user of the installation."""

    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...] = ()
    builtin: bool = False

    def has_password(self, password: str) -> bool:
        """Whether this is the user's password."""
        return hmac.compare_digest(self.password.encode(), password.encode())

    def permissions(self) -> set[str]:
        """The operations that the user may call; the built-in ones have no keys."""
        allowed = set(_EVERYBODY)
        if self.builtin:
            allowed.discard("create-api-key")
        if {PLATFORM_ADMIN, PLATFORM_VIEWER} & set(self.roles):
            allowed |= _READ_OTHERS
        if PLATFORM_ADMIN in self.roles:
            allowed |= _DELETE_OTHERS
        return allowed


def denied() -> CloudError:
    """403 in this service's words."""
    return CloudError(403, "root.unauthorized.rbac", "The user does not have the required permissions.")


class Users:
    """Who there is; and, for the operations on keys, who may do what."""

    create_fields = frozenset({"description", "expiration", "role_assignments", "authentication_token"})

    def __init__(self, book: KeyBook, switches: Switches) -> None:
        self._book = book
        self._switches = switches
        self.users: dict[str, User] = {}
        self.security_tokens: dict[str, str] = {}
        """Tokens of users that gave their password once more, as old releases wanted it."""
        self.elevated: set[str] = set()
        """Users with elevated permissions, as old releases had them."""

    def clear(self) -> None:
        """Nobody is left."""
        self.users.clear()
        self.security_tokens.clear()
        self.elevated.clear()

    def sees(self, caller: Caller, key: Key) -> bool:
        """Everybody sees their own; for those of others there are other operations."""
        return key.user_id == caller.user_id

    def denied(self) -> CloudError:
        """403 in this service's words."""
        return denied()

    def check_elevation(self, caller: Caller) -> None:
        """449 in old releases, as long as the user has not proven a second factor."""
        needed = has(self._switches["release"], "elevation") and self._switches["elevation"] == "required"
        if needed and caller.user_id not in self.elevated:
            code = "root.unauthorized.rbac.elevated_permissions_required"
            raise CloudError(449, code, "Elevated permissions are required.")

    def admit(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """What old releases do not know, and what no installation can do, does not count."""
        release, counts = self._switches["release"], dict(body)
        self.check_elevation(caller)
        token = counts.pop("authentication_token", None)
        if has(release, "reauthenticate"):
            self._check_token(caller, token, required=not has(release, "token_optional"))
        unusable = [] if has(release, "expiration") else ["expiration"]
        if self._switches["role_assignments"] == "refused":
            unusable.append("role_assignments")
        for name in unusable:
            if counts.pop(name, None) is not None and self._switches["unknown_fields"] == "refused":
                raise invalid_input(f"The field {name} is not available here.", name)
        return counts

    def _check_token(self, caller: Caller, token: Any, required: bool) -> None:
        if token is None and not required:
            return
        if not isinstance(token, str) or self.security_tokens.get(token) != caller.user_id:
            raise invalid_input("The authentication_token is missing or invalid.", "authentication_token")

    def properties(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """Whose the key is."""
        return {"user_id": caller.user_id}

    def new_credentials(self, user_id: str) -> tuple[str, str]:
        """The text that logs in is made of the user's name, the id and a secret."""
        key_id = secrets.token_hex(16)
        return key_id, base64.b64encode(f"{user_id}:{key_id}:{secrets.token_urlsafe(32)}".encode()).decode()

    def rivals(self, properties: dict[str, Any]) -> list[Key]:
        """The keys of one user."""
        return [key for key in self._book if key.user_id == properties["user_id"]]

    def complete(self, key: Key, shown: dict[str, Any]) -> None:
        """Old releases know of no expiration."""
        if not has(self._switches["release"], "expiration"):
            shown.pop("expiration_date", None)
