# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test does on a server besides what it tests: users, roles, keys, and any call of the API."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import secrets
import urllib.error
import urllib.request
from typing import Any

from support.servers import Server

PASSWORD = "a-password-for-tests"


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def api_key(encoded: str) -> str:
    return f"ApiKey {encoded}"


class UniqueNames:
    """Names that no other test, run or worker uses, so that tests may share a server."""

    def __init__(self, test: str) -> None:
        words = re.sub(r"[^a-z0-9]+", "-", test.lower()).strip("-")[:60]
        self.prefix = f"{words}-{secrets.token_hex(4)}"

    def __call__(self, what: str = "key") -> str:
        return f"{self.prefix}-{what}"


class Admin:
    """Calls one server, as its superuser unless told otherwise."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.login = basic(server.username, server.password)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        login: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Any status is an answer; `login` is the value of the Authorization header."""
        sent = {"Authorization": login or self.login, "Content-Type": "application/json", **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, data=data, headers=sent, method=method)
        try:
            response = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            response = refused
        with response:
            raw = response.read().decode()
            kind = response.headers.get("Content-Type", "")
            return Answer(response.status, json.loads(raw) if raw and "json" in kind else raw, dict(response.headers))

    def ok(self, method: str, path: str, body: Any = None, *, login: str | None = None) -> Any:
        """The body of an answer that must be a success."""
        answer = self.call(method, path, body, login=login)
        if answer.status >= 300:
            raise AssertionError(f"{method} {path} on {self.server.name}: {answer.status} {answer.body}")
        return answer.body

    def create_role(self, name: str, body: dict[str, Any]) -> str:
        self.ok("PUT", f"/_security/role/{name}", body)
        return name

    def create_user(self, name: str, roles: list[str], password: str = PASSWORD) -> str:
        """Returns the user's login."""
        self.ok("PUT", f"/_security/user/{name}", {"password": password, "roles": roles})
        return basic(name, password)

    def create_key(self, name: str, *, login: str | None = None, **body: Any) -> dict[str, Any]:
        return self.ok("POST", "/_security/api_key?refresh=true", {"name": name, **body}, login=login)

    def key(self, key_id: str) -> dict[str, Any] | None:
        """The key as the server describes it, dead or alive."""
        return next(iter(self.call("GET", f"/_security/api_key?id={key_id}").body["api_keys"]), None)

    def keys(self, prefix: str, *, alive: bool = False) -> list[dict[str, Any]]:
        """The keys whose names begin so, oldest first; `alive` leaves the invalidated ones out."""
        conditions: list[dict[str, Any]] = [{"prefix": {"name": prefix}}]
        if alive:
            conditions.append({"term": {"invalidated": False}})
        wanted = {"query": {"bool": {"filter": conditions}}, "sort": ["creation"], "size": 1000}
        return self.ok("POST", "/_security/_query/api_key", wanted)["api_keys"]

    def invalidate(self, key_id: str) -> dict[str, Any]:
        return self.ok("DELETE", "/_security/api_key", {"ids": [key_id]})

    def authenticate(self, login: str) -> Answer:
        """200 if the server knows the login."""
        return self.call("GET", "/_security/_authenticate", login=login)
