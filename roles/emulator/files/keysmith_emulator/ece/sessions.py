# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: a login with a password, and the bearer tokens that it gives."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from keysmith_emulator.clock import Clock, iso
from keysmith_emulator.cloud_keys.errors import UNAUTHORIZED, CloudError, invalid_input, unauthenticated
from keysmith_emulator.cloud_keys.keys import Caller
from keysmith_emulator.cloud_keys.moments import duration_ms
from keysmith_emulator.cloud_keys.routes import BASE, Call, Route
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.ece.releases import has
from keysmith_emulator.ece.users import User, Users
from keysmith_emulator.exchange import Answer

_CLUSTER_ERRORS = {
    "missing": (501, "authc.no_authentication_cluster", "There is no authentication cluster."),
    "failing": (502, "authc.authentication_cluster_error", "The authentication cluster did not answer as expected."),
}


class Sessions:
    """The tokens that are in use, and the operations on them."""

    def __init__(self, users: Users, switches: Switches, clock: Clock) -> None:
        self._users = users
        self._switches = switches
        self._clock = clock
        self._tokens: dict[str, tuple[str, int]] = {}
        self._ended: set[str] = set()

    def routes(self) -> list[Route]:
        """What is there in every release."""
        return [
            Route("POST", "/users/auth/_login", self._login, "login", public=True),
            Route("POST", "/users/auth/_refresh", self._refresh, "refresh-token"),
            Route("POST", "/users/auth/_logout", self._logout, "logout"),
            Route("GET", "/users/auth", self._show, "get-authentication-info"),
            Route("GET", "/users/auth/methods", self._methods, "methods", public=True),
            Route("GET", "/users/auth/saml/_init", self._saml, "saml-init", public=True),
            Route("POST", "/users/auth/saml/_callback", self._saml, "saml-callback", public=True),
        ]

    def clear(self) -> None:
        """Nobody is logged in."""
        self._tokens.clear()
        self._ended.clear()

    def caller(self, token: str) -> Caller:
        """Whose session it is; 401 for one that is over."""
        if token in self._tokens and self._tokens[token][1] > self._clock.now_ms():
            return Caller(self._tokens[token][0], session=token)
        if token in self._tokens or token in self._ended:
            raise CloudError(401, UNAUTHORIZED, "The session has expired.")
        raise unauthenticated()

    def by_password(self, name: Any, password: Any) -> User:
        """The user of that name and password; users other than the built-in ones live in a cluster that may fail."""
        if not isinstance(name, str) or not isinstance(password, str):
            raise invalid_input("A login has a username and a password.", "username", "password")
        user = self._users.users.get(name)
        trouble = _CLUSTER_ERRORS.get(self._switches["authentication_cluster"])
        if trouble is not None and (user is None or not user.builtin):
            raise CloudError(*trouble)
        if user is None or not user.has_password(password):
            raise unauthenticated()
        return user

    def _login(self, call: Call) -> Answer:
        body = call.body()
        user = self.by_password(body.get("username"), body.get("password"))
        state = body.get("login_state")
        path = state.get("path") if isinstance(state, dict) else None
        answer = Answer(200, self._token_of(user.name))
        if isinstance(path, str) and path:
            location = "".join(char for char in path if char.isascii() and char.isprintable())
            return Answer(302, {}, headers=[("Location", location)])
        return answer

    def _token_of(self, name: str) -> dict[str, Any]:
        life = duration_ms(self._switches["session_life"]) or 0
        ends = self._clock.now_ms() + life
        token = _web_token(name, ends)
        self._tokens[token] = (name, ends)
        given = {"token": token}
        if has(self._switches["release"], "session_expiration_time") and self._switches["session_end_told"]:
            given["session_expiration_time"] = iso(ends)
        return given

    def _refresh(self, call: Call) -> Answer:
        if call.caller.session is None:
            raise CloudError(401, UNAUTHORIZED, "Only a session can be refreshed.")
        return Answer(200, self._token_of(call.caller.user_id))

    def _logout(self, call: Call) -> Answer:
        if call.caller.session is not None:
            del self._tokens[call.caller.session]
            self._ended.add(call.caller.session)
        return Answer(200, {})

    def _show(self, call: Call) -> Answer:
        shown: dict[str, Any] = {
            "has_elevated_permissions": call.caller.user_id in self._users.elevated,
            "refresh_token_url": f"{BASE}/users/auth/_refresh",
        }
        if call.caller.session is not None:
            shown["expires_at"] = iso(self._tokens[call.caller.session][1])
        return Answer(200, shown)

    def _methods(self, call: Call) -> Answer:
        has_cluster = self._switches["authentication_cluster"] != "missing"
        return Answer(200, {"password": has_cluster, "saml": False, "openid": False, "sso_methods": []})

    def _saml(self, call: Call) -> Answer:
        raise CloudError(*_CLUSTER_ERRORS["missing"])


def _web_token(name: str, ends_ms: int) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": name, "exp": ends_ms // 1000, "jti": secrets.token_hex(8)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(32)])
