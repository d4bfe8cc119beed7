# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulated installation of Elastic Cloud Enterprise."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.cloud_keys.errors import CloudError, unauthenticated
from keysmith_emulator.cloud_keys.keys import Caller
from keysmith_emulator.cloud_keys.operations import KeyOperations
from keysmith_emulator.cloud_keys.routes import Call, Route
from keysmith_emulator.cloud_keys.seed import seed_keys
from keysmith_emulator.cloud_keys.service import CloudService
from keysmith_emulator.cloud_keys.switches import Switch, choice, duration, flag, number, status
from keysmith_emulator.ece.other_users import OtherUsersKeys
from keysmith_emulator.ece.releases import has, parse_release
from keysmith_emulator.ece.sessions import Sessions
from keysmith_emulator.ece.users import PLATFORM_ADMIN, PLATFORM_VIEWER, ROLES, User, Users, denied
from keysmith_emulator.exchange import Answer, Controls, Request

SWITCHES = {
    "authentication_cluster": choice("there", "missing", "failing"),
    "basic_logins": choice("built_in", "all"),
    "elevation": choice("not_required", "required"),
    "key_limit": number(None),
    "key_limit_status": status(400),
    "list_of_all_users": choice("served", "removed"),
    "longest_life": duration(None),
    "release": Switch("3.8.0", lambda given: parse_release(given) is not None, "a release such as 3.8.0"),
    "role_assignments": choice("ignored", "refused"),
    "session_end_told": flag(True),
    "session_life": duration("1h", optional=False),
}
_PASSWORD = "changeme"


class EceService(CloudService):
    """Users, their sessions, and their keys."""

    def __init__(self, configuration: dict[str, Any], clock: Clock) -> None:
        known = {"admin_password", "readonly_password", "users", "switches"}
        if set(configuration) - known:
            raise ValueError(f"unknown settings {sorted(set(configuration) - known)} of ECE; known are {sorted(known)}")
        super().__init__(clock, SWITCHES, configuration.get("switches"))
        self._configuration = configuration
        self.accounts = Users(self.book, self.switches)
        self.operations = KeyOperations(self.book, self.accounts, self.switches, clock)
        self._others = OtherUsersKeys(self.book, self.accounts, self.operations, self.switches)
        self._sessions = Sessions(self.accounts, self.switches, clock)
        self.start_anew()

    def routes(self) -> list[Route]:
        """Every operation of the release."""
        release = self.switches["release"]
        routes = [*self.operations.routes(), *self._others.routes(), *self._sessions.routes()]
        routes.append(Route("GET", "/user", self._current_user, "get-current-user"))
        if has(release, "reauthenticate"):
            routes.append(Route("POST", "/users/auth/reauthenticate", self._reauthenticate, "re-authenticate"))
        if has(release, "elevate"):
            routes.append(Route("POST", "/users/auth/_elevate", self._elevate, "enable-elevated-permissions"))
            routes.append(Route("DELETE", "/users/auth/_elevate", self._lower, "disable-elevated-permissions"))
        return routes

    def start_anew(self) -> None:
        """The built-in users and those of the configuration."""
        self.book.clear()
        self.accounts.clear()
        self.operations.reset()
        self._sessions.clear()
        given = self._configuration
        for name, role in (("admin", PLATFORM_ADMIN), ("readonly", PLATFORM_VIEWER)):
            password = str(given.get(f"{name}_password") or _PASSWORD)
            self.accounts.users[name] = User(name, password, (role,), builtin=True)
        for user in given.get("users") or []:
            self._add_user(user)

    def controls(self) -> Controls:
        """New users and many keys at once."""
        return {**super().controls(), ("POST", "/users"): self._add_user_now, ("POST", "/seed"): self._seed}

    def _add_user_now(self, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return self._add_user(given)

    def _add_user(self, given: dict[str, Any]) -> dict[str, Any]:
        """A native user; one of the same name is replaced."""
        known = {"name", "password", "roles"}
        if set(given) - known or not all(isinstance(given.get(name), str) for name in ("name", "password")):
            raise ValueError(f"a user has a name and a password, and of the rest {sorted(known)}")
        roles = tuple(given.get("roles") or ())
        if set(roles) - set(ROLES):
            raise ValueError(f"unknown roles {sorted(set(roles) - set(ROLES))}; known are {list(ROLES)}")
        user = User(given["name"], given["password"], roles)
        if user.name in self.accounts.users and self.accounts.users[user.name].builtin:
            raise ValueError(f"[{user.name}] is a built-in user")
        self.accounts.users[user.name] = user
        return {"user_id": user.name}

    def _seed(self, wanted: Any) -> dict[str, Any]:
        given = wanted or {}
        name = given.get("owner")
        if name not in self.accounts.users:
            raise ValueError(f"there is no user [{name}]; name one as owner")
        with self._lock:
            return seed_keys(self.operations, given, {"user_id": name}, self.clock.now_ms())

    def authenticate(self, request: Request) -> Caller:
        """A key, a session, or a password."""
        scheme, _space, value = request.headers.get("authorization", "").partition(" ")
        value = value.strip()
        if scheme.lower() == "bearer":
            return self._known(self._sessions.caller(value))
        if scheme.lower() == "basic":
            return Caller(self._by_basic(value))
        key = self.book.by_secret(value) if scheme.lower() == "apikey" else None
        if key is None or key.is_expired(self.clock.now_ms()):
            raise unauthenticated()
        return self._known(Caller(key.user_id, key))

    def _known(self, caller: Caller) -> Caller:
        if caller.user_id not in self.accounts.users:
            raise unauthenticated()
        return caller

    def _by_basic(self, value: str) -> str:
        try:
            name, _colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthenticated() from None
        user = self._sessions.by_password(name, password)
        if not user.builtin and self.switches["basic_logins"] == "built_in":
            raise unauthenticated()
        return user.name

    def authorize(self, caller: Caller, route: Route) -> None:
        """Operations are permissions; those of old releases are everybody's."""
        user = self.accounts.users.get(caller.user_id)
        restricted = {"re-authenticate", "enable-elevated-permissions", "disable-elevated-permissions"}
        if user is not None and route.operation not in user.permissions() | restricted:
            raise denied()
        if route.operation in ("delete-api-key", "delete-api-keys"):
            self.accounts.check_elevation(caller)

    def _current_user(self, call: Call) -> Answer:
        user = self.accounts.users[call.caller.user_id]
        realm = ("found", "native") if not user.builtin else ("reserved", "reserved")
        security = {
            "roles": list(user.roles),
            "permissions": sorted(user.permissions()),
            "security_realm": {"id": realm[0], "type": realm[1]},
            "enabled": True,
        }
        return Answer(200, {"user_name": user.name, "builtin": user.builtin, "security": security})

    def _reauthenticate(self, call: Call) -> Answer:
        password = call.body().get("password")
        user = self.accounts.users[call.caller.user_id]
        if not isinstance(password, str) or not user.has_password(password):
            raise CloudError(400, "api_keys.invalid_re_auth_credentials", "The credentials are invalid.")
        token = secrets.token_urlsafe(24)
        self.accounts.security_tokens[token] = user.name
        return Answer(200, {"security_token": token})

    def _elevate(self, call: Call) -> Answer:
        # Any second factor will do: there is none to compare it with.
        if not isinstance(call.body().get("token"), str):
            raise CloudError(400, "root.invalid_input", "A token is required.", ["body.token"])
        self.accounts.elevated.add(call.caller.user_id)
        return Answer(200, {})

    def _lower(self, call: Call) -> Answer:
        self.accounts.elevated.discard(call.caller.user_id)
        return Answer(200, {})
