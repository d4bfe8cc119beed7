# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy on loopback that stands before a real server, writes down what passes, and goes wrong where it is told to."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional
from urllib.parse import urlsplit

# What may pass to the other side: the connection itself is each side's own, and bodies pass uncompressed.
HELD_BACK = frozenset({"accept-encoding", "connection", "content-length", "host", "keep-alive", "transfer-encoding"})
PATIENCE = 60


@dataclass
class Passed:
    """One request. `status` is what the client was answered, None if nothing; `forwarded`: the server has seen it."""

    method: str
    target: str
    headers: dict[str, str]
    body: Any
    status: int | None = None
    forwarded: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status}"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Forward = Callable[[], Reply]
# What a rule does with a request: an answer, or None to cut the connection.
Action = Callable[[Passed, Forward], Optional[Reply]]


class Reset(Exception):
    """Cut the connection with a TCP reset."""


def lost(request: Passed, forward: Forward) -> None:
    """Carried out, but the answer never arrives."""
    forward()


def reset(request: Passed, forward: Forward) -> None:
    """Never carried out, which the client cannot know."""
    raise Reset


def answer(status: int, body: Any = None, **headers: str) -> Action:
    """Not carried out, but answered."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    told = body if body is not None else {"error": {"type": "a_fault", "reason": "by the proxy"}, "status": status}
    return lambda request, forward: Reply(status, told, names)


def refuse_login(words: str) -> Action:
    """401 in the words of Elasticsearch for a credential that it tried."""
    told = {
        "type": "security_exception",
        "reason": "unable to authenticate with provided credentials and anonymous access is not allowed",
        "additional_unsuccessful_credentials": f"API key: {words}",
    }
    return answer(401, {"error": {"root_cause": [told], **told}, "status": 401})


def rewrite(change: Callable[[Any], Any]) -> Action:
    """Carried out; the answer's JSON is changed on its way back."""

    def rewritten(request: Passed, forward: Forward) -> Reply:
        reply = forward()
        return Reply(reply.status, change(json.loads(reply.content())), reply.headers)

    return rewritten


def before(act: Callable[[], object]) -> Action:
    """Something else happens just before the request arrives."""

    def passed_on(request: Passed, forward: Forward) -> Reply:
        act()
        return forward()

    return passed_on


def after(act: Callable[[], object]) -> Action:
    """Something else happens between the carrying out and the answer."""

    def passed_back(request: Passed, forward: Forward) -> Reply:
        reply = forward()
        act()
        return reply

    return passed_back


@dataclass
class Rule:
    """Lets `skip` fitting requests pass, then acts on `times` of them (None: on all)."""

    action: Action
    method: str
    path: str
    body: str
    login: str
    skip: int
    times: int | None
    met: int = 0

    def fits(self, request: Passed) -> bool:
        said = json.dumps(request.body, ensure_ascii=False)
        return (
            self.method in ("", request.method)
            and re.search(self.path, request.target) is not None
            and self.body in said
            and request.headers.get("authorization", "").startswith(self.login)
        )

    def takes(self) -> bool:
        """Called once for every fitting request."""
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None and self.met >= self.times:
            return False
        self.met += 1
        return True


class Proxy:
    """Use as a context manager; `url` stands for the server's."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._late: list[Forward] = []
        self.log: list[Passed] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._server.shutdown()
        self._server.server_close()

    def on(
        self,
        method: str,
        path: str,
        action: Action,
        *,
        body: str = "",
        login: str = "",
        skip: int = 0,
        times: int | None = 1,
    ) -> Rule:
        """Add a rule; the first one that fits a request and is not used up takes it.

        `path` is a regular expression that is searched in path and query, `body` a part of the request's JSON, `login` the
        beginning of the Authorization header.
        """
        rule = Rule(action, method, path, body, login, skip, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def late(self, request: Passed, forward: Forward) -> None:
        """Cut at once; the request arrives when `settle` lets it."""
        self._late.append(forward)

    def settle(self) -> None:
        """Let everything that was to be late arrive."""
        while self._late:
            self._late.pop(0)()

    def forget(self) -> None:
        """Start with an empty log and without rules."""
        with self._lock:
            self._rules.clear()
            self.log.clear()

    def writes(self) -> list[Passed]:
        """What could have changed something on the server."""
        harmless = re.compile(r"/_security/(_query/api_key|user/_has_privileges)\b")
        return [one for one in self.log if one.method != "GET" and not harmless.match(one.target)]

    def creates(self) -> list[Passed]:
        """Every attempt to make a key."""
        return [one for one in self.writes() if one.method in ("POST", "PUT") and _CREATE.match(one.target)]

    def respond(self, request: Passed) -> Reply | None:
        """Return the answer, None to cut the connection."""
        with self._lock:
            self.log.append(request)
            rule = next((rule for rule in self._rules if rule.fits(request) and rule.takes()), None)
        reply = rule.action(request, lambda: self._forward(request)) if rule else self._forward(request)
        request.status = reply.status if reply else None
        return reply

    def _forward(self, request: Passed) -> Reply:
        request.forwarded = True
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            content = None if request.body is None else json.dumps(request.body).encode()
            headers = {name: value for name, value in request.headers.items() if name not in HELD_BACK}
            connection.request(request.method, request.target, content, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in HELD_BACK}
            return Reply(response.status, response.read(), kept)
        finally:
            connection.close()


_CREATE = re.compile(r"/_security/(cross_cluster/)?api_key(/grant|/clone)?(\?|$)")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Passed(self.command, self.path, headers, json.loads(raw) if raw else None)
        try:
            reply = self.server.proxy.respond(request)
        except Reset:
            # Zero linger turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            reply = None
        if reply is None:
            self._cut()
            return
        content = reply.content()
        self.send_response_only(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """The log is `Proxy.log`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # The one of HTTPServer looks the host's name up.
        socketserver.TCPServer.server_bind(self)

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what some tests are about."""
