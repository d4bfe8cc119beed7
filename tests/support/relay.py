# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between a module and a server: notes what passes, and spoils the answer where the address asks for it.

The first part of the path names what happens: `relay.url("plain")` hands everything on, `relay.url("echo500")` answers every
request with a 500 that repeats it. So one playbook can meet every trouble, each task by its own url.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PRODUCT = ("X-elastic-product", "Elasticsearch")
_HOP_HEADERS = {"connection", "content-length", "host", "proxy-authorization", "transfer-encoding"}
_USER = re.compile(r"/_security/user/([^/?]+)(?:/_password)?(?:\?|$)")
_CREATE = re.compile(r"/_security/(cross_cluster/)?api_key(/grant|/clone)?(\?|$)")


@dataclasses.dataclass
class Exchange:
    """One request as it came, and what was answered; `body` of the answer is what the server said, not what was made of it."""

    trouble: str
    method: str
    path: str
    headers: dict[str, str]
    sent: bytes
    status: int | None = None
    body: bytes = b""

    @property
    def creates(self) -> bool:
        return self.method in ("POST", "PUT") and bool(_CREATE.match(self.path))

    @property
    def writes(self) -> bool:
        return self.creates or self.method in ("PUT", "DELETE") or "/_bulk_update" in self.path or bool(self.password)

    @property
    def password(self) -> tuple[str, str] | None:
        """The user and the password that the request gives it."""
        user = _USER.match(self.path)
        if user is None or self.method not in ("POST", "PUT"):
            return None
        sent = json.loads(self.sent or b"{}").get("password")
        return (user.group(1), sent) if sent else None


@dataclasses.dataclass
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = (PRODUCT,)


class Hangup(Exception):
    """The connection is closed without an answer."""


def heard(exchange: Exchange) -> str:
    """The request in words, the login raw and as the server may have taken it apart."""
    login = " ".join(value for name, value in exchange.headers.items() if "authorization" in name.lower())
    parts = [login, *(_decoded(word) for word in login.split())]
    return (
        f"cannot handle {exchange.method} {exchange.path} {' '.join(parts)} {exchange.sent.decode('utf-8', 'replace')}"
    )


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode()
    except ValueError:
        return word


def _error(status: int, kind: str, reason: str, **more: Any) -> Reply:
    cause = {"type": kind, "reason": reason, **more}
    return Reply(status, json.dumps({"error": {"root_cause": [cause], **cause}, "status": status}).encode())


def _echo(status: int) -> Callable[[Relay, Exchange], Reply]:
    return lambda relay, exchange: _error(status, "exception", "it broke", caused_by={"reason": heard(exchange)})


def _echo401(relay: Relay, exchange: Exchange) -> Reply:
    return _error(
        401, "security_exception", "unable to authenticate", additional_unsuccessful_credentials=heard(exchange)
    )


def _echo_page(relay: Relay, exchange: Exchange) -> Reply:
    page = f"<html><head><title>{html.escape(heard(exchange))}</title></head></html>"
    return Reply(502, page.encode(), "text/html", ())


def _only_creates(trouble: Callable[[Relay, Exchange], Reply]) -> Callable[[Relay, Exchange], Reply]:
    return lambda relay, exchange: (trouble if exchange.creates else Relay.hand_on)(relay, exchange)


def _only_passwords(trouble: Callable[[Relay, Exchange], Reply]) -> Callable[[Relay, Exchange], Reply]:
    return lambda relay, exchange: (trouble if exchange.password else Relay.hand_on)(relay, exchange)


def _only_logins(trouble: Callable[[Relay, Exchange], Reply]) -> Callable[[Relay, Exchange], Reply]:
    """For what gets a session of ECE."""
    return lambda relay, exchange: (trouble if exchange.path.endswith("/_login") else Relay.hand_on)(relay, exchange)


def _cut(relay: Relay, exchange: Exchange) -> Reply:
    """The secret is in the part of the answer that still comes."""
    return Reply(200, relay.hand_on(exchange).body[:-2])


def _answer_as_reason(relay: Relay, exchange: Exchange) -> Reply:
    return _error(500, "exception", f"could not deliver {relay.hand_on(exchange).body.decode()}")


def _answer_as_page(relay: Relay, exchange: Exchange) -> Reply:
    page = f"<html><head><title>{html.escape(relay.hand_on(exchange).body.decode())}</title></head></html>"
    return Reply(200, page.encode(), "text/html")


def _other_shape(relay: Relay, exchange: Exchange) -> Reply:
    return Reply(200, json.dumps({"created": json.loads(relay.hand_on(exchange).body)}).encode())


def _lost(relay: Relay, exchange: Exchange) -> Reply:
    relay.hand_on(exchange)
    raise Hangup


def _slow(relay: Relay, exchange: Exchange) -> Reply:
    time.sleep(1.5)
    return relay.hand_on(exchange)


def _redirect(relay: Relay, exchange: Exchange) -> Reply:
    return Reply(302, b"", "text/html", (("Location", f"/login?next={exchange.headers.get('Authorization', '')}"),))


TROUBLES: dict[str, Callable[[Any, Exchange], Reply]] = {
    "plain": lambda relay, exchange: relay.hand_on(exchange),
    "echo400": _echo(400),
    "echo401": _echo401,
    "echo403": _echo(403),
    "echo500": _echo(500),
    "echo-page": _echo_page,
    "echo-text": lambda relay, exchange: Reply(200, heard(exchange).encode(), "text/plain"),
    "create-echo500": _only_creates(_echo(500)),
    "create-echo400": _only_creates(_echo(400)),
    "create-cut": _only_creates(_cut),
    "create-500": _only_creates(_answer_as_reason),
    "create-page": _only_creates(_answer_as_page),
    "create-shape": _only_creates(_other_shape),
    "create-lost": _only_creates(_lost),
    "login-cut": _only_logins(_cut),
    "login-page": _only_logins(_answer_as_page),
    "login-500": _only_logins(_answer_as_reason),
    "password-echo500": _only_passwords(_echo(500)),
    "password-echo400": _only_passwords(_echo(400)),
    "password-page": _only_passwords(_echo_page),
    "slow": _slow,
    "redirect": _redirect,
    "page": lambda relay, exchange: Reply(200, b"<html><title>Welcome</title></html>", "text/html", ()),
    "other-json": lambda relay, exchange: Reply(200, b'{"name": "CouchDB"}', headers=()),
}


class Relay:
    """In front of one server; its port is the system's choice. Also an HTTP proxy."""

    def __init__(self, server: str) -> None:
        self._target = urlsplit(server)
        self._lock = threading.Lock()
        self.exchanges: list[Exchange] = []
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._listener.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._listener.server_address[1]}"
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def url(self, trouble: str) -> str:
        return f"{self.address}/{trouble}"

    def made(self) -> list[dict[str, Any]]:
        """The server's answers to the creates that passed: every new key with its secret."""
        with self._lock:
            made = [exchange.body for exchange in self.exchanges if exchange.creates and exchange.status == 200]
        return [json.loads(body) for body in made]

    def passwords(self) -> list[tuple[str, str]]:
        """Every user and password that was sent, whatever became of it."""
        with self._lock:
            return [exchange.password for exchange in self.exchanges if exchange.password]

    def writes(self) -> list[Exchange]:
        with self._lock:
            return [exchange for exchange in self.exchanges if exchange.writes]

    def respond(self, exchange: Exchange) -> Reply:
        with self._lock:
            self.exchanges.append(exchange)
        return TROUBLES[exchange.trouble](self, exchange)

    def hand_on(self, exchange: Exchange) -> Reply:
        connection = http.client.HTTPConnection(str(self._target.hostname), self._target.port or 80, timeout=60)
        try:
            headers = {name: text for name, text in exchange.headers.items() if name.lower() not in _HOP_HEADERS}
            connection.request(
                exchange.method, exchange.path, exchange.sent or None, {**headers, "Accept-Encoding": "identity"}
            )
            answer = connection.getresponse()
            exchange.status, exchange.body = answer.status, answer.read()
            kept = tuple((name, text) for name, text in answer.getheaders() if name.lower().startswith("x-"))
            return Reply(answer.status, exchange.body, answer.getheader("Content-Type", "application/json"), kept)
        finally:
            connection.close()


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: else each answer waits 40 ms for an acknowledgement.
        disable_nagle_algorithm = True
        wbufsize = 65536

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            parts = urlsplit(self.path)
            _root, trouble, rest = f"{parts.path}/".split("/", 2)
            path = f"/{rest.rstrip('/')}{f'?{parts.query}' if parts.query else ''}"
            try:
                reply = relay.respond(Exchange(trouble, self.command, path, dict(self.headers.items()), sent))
            except Hangup:
                self.close_connection = True
                return
            try:
                self.send_response(reply.status)
                for name, text in (
                    *reply.headers,
                    ("Content-Type", reply.kind),
                    ("Content-Length", str(len(reply.body))),
                ):
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(reply.body)
            except ConnectionError:
                # The module has waited long enough.
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            """Nothing: a test looks at what was noted."""

    return Handler
