# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts emulators for tests and talks to them."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "roles" / "emulator" / "files" / "keysmith_emulator"
if str(PACKAGE.parent) not in sys.path:
    sys.path.insert(0, str(PACKAGE.parent))

from keysmith_emulator.elasticsearch.state import Settings  # noqa: E402
from keysmith_emulator.elasticsearch.versions import Version  # noqa: E402
from keysmith_emulator.server import EmulatorServer  # noqa: E402
from keysmith_emulator.services import Configuration, emulators  # noqa: E402

ELASTIC = ("elastic", "changeme")


class Reply(NamedTuple):
    """An answer as a test sees it."""

    status: int
    body: Any
    headers: http.client.HTTPMessage


def basic(user: tuple[str, str]) -> str:
    """The header of a user's login."""
    return "Basic " + base64.b64encode(":".join(user).encode()).decode()


class Client:
    """One keep-alive connection to an emulator."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None, timeout: float = 20.0) -> None:
        self.url = url
        parts = urlsplit(url)
        if parts.scheme == "https":
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=timeout, context=tls
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        user: tuple[str, str] | None = ELASTIC,
        key: str | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request; ``key`` is an encoded API key, ``raw`` a body that is no JSON."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key is not None:
            sent["Authorization"] = f"ApiKey {key}"
        elif user is not None:
            sent.setdefault("Authorization", basic(user))
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, data, sent)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        return Reply(answer.status, json.loads(text) if is_json and text else text.decode(), answer.headers)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The control API; fails the test when it refuses."""
        reply = self.call(method, f"/_emulator/{path}", body, user=None)
        assert reply.status == 200, reply
        return reply.body

    def create(self, refresh: str = "true", **fields: Any) -> dict[str, Any]:
        """A new key of elastic's."""
        reply = self.call("POST", f"/_security/api_key?refresh={refresh}", {"name": "k", **fields})
        assert reply.status == 200, reply
        return dict(reply.body)

    def add_user(self, name: str, *cluster: str, **role: Any) -> tuple[str, str]:
        """A user with a role of its own."""
        assert self.call("PUT", f"/_security/role/{name}", {"cluster": list(cluster), **role}).status == 200
        body = {"password": "emu-password", "roles": [name]}
        assert self.call("PUT", f"/_security/user/{name}", body).status == 200
        return name, "emu-password"

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def start(
    version: str = "9.5.3", flavor: str = "default", refresh_seconds: float = 0.005, **settings: Any
) -> EmulatorServer:
    """An Elasticsearch in this process, on a port that the system chose."""
    return serve("elasticsearch", version=version, flavor=flavor, refresh_seconds=refresh_seconds, **settings)


def serve(
    *services: str, version: str = "9.5.3", flavor: str = "default", refresh_seconds: float = 0.005, **settings: Any
) -> EmulatorServer:
    """These services in this process, each on a port that the system chose."""
    made = Settings(
        version=Version.parse(version),
        serverless=flavor == "serverless",
        refresh_seconds=refresh_seconds,
        **settings,
    )
    return EmulatorServer(emulators(Configuration(made), services)).start()
