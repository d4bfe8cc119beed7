# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers and proxies on loopback, certificates made on the spot, and clients for them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import select
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import ApiKeyAuth
from ansible_collections.keysmith.elastic.plugins.module_utils._http.client import Client
from ansible_collections.keysmith.elastic.plugins.module_utils._http.settings import ConnectionSettings
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber

# base64 of "the-id:the-secret-of-the-key".
ENCODED = "dGhlLWlkOnRoZS1zZWNyZXQtb2YtdGhlLWtleQ=="


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(Seen(self.command, self.path, self.headers, body))
        number = len(self.server.seen) - 1
        script = self.server.script
        step = script[min(number, len(script) - 1)]
        step(self)

    def answer(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        self.send_response_only(status)
        given = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def reset(self) -> None:
        """Hang up with a TCP reset, as a dying server does."""
        self.close_connection = True
        inner = socket.socket(fileno=self.connection.detach())
        inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        inner.close()

    def log_message(self, *_words: Any) -> None:
        pass


def says(status: int, body: Any = None, **headers: str) -> Callable[[Handler], None]:
    """A step of a script: answer so. Underscores in header names become hyphens."""
    return lambda handler: handler.answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def resets(handler: Handler) -> None:
    handler.reset()


def hangs_up(handler: Handler) -> None:
    handler.close_connection = True


def keeps_silent(handler: Handler) -> None:
    handler.close_connection = True
    handler.server.over.wait(10)


def breaks_off(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}")


def speaks_gibberish(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


class Server(ThreadingHTTPServer):
    """Answers by a script of steps, the last one for ever; counts connections and remembers requests."""

    daemon_threads = True

    def __init__(self, *script: Callable[[Handler], None], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.script = script or (says(200, {"ok": True}),)
        self.tls = tls
        self.seen: list[Seen] = []
        self.connections = 0
        self.over = threading.Event()
        super().__init__((host, 0), Handler)
        scheme = "https" if tls else "http"
        self.port = self.server_address[1]
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def server_bind(self) -> None:
        # Without HTTPServer's look-up of the machine's name.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        if self.tls is None:
            Handler(request, client_address, self)
            return
        with contextlib.suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secured:
            Handler(secured, client_address, self)  # type: ignore[arg-type]

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class ProxyHandler(Handler):
    """CONNECT tunnels, and plain requests that name the whole URL."""

    def serve(self) -> None:
        self.server.seen.append(Seen(self.command, self.path, self.headers, b""))
        if self.server.wanted and self.headers.get("Proxy-Authorization") != self.server.wanted:
            self.answer(407, b"")
            return
        if self.command != "CONNECT":
            self.answer(200, {"proxied": self.path})
            return
        host, _colon, port = self.path.rpartition(":")
        self.close_connection = True
        with socket.create_connection((host.strip("[]"), int(port)), 5) as target:
            self.send_response_only(200)
            self.end_headers()
            self.pump(target)

    def pump(self, target: socket.socket) -> None:
        pairs = {self.connection: target, target: self.connection}
        while True:
            # What TLS has decrypted already no longer shows on its socket.
            waiting = isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()
            ready = [self.connection] if waiting else select.select(list(pairs), [], [], 5)[0]
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                pairs[source].sendall(data)
            if not ready:
                return


class Proxy(Server):
    def __init__(self, wanted: str | None = None, tls: ssl.SSLContext | None = None):
        super().__init__(tls=tls)
        self.wanted = wanted

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        if self.tls is None:
            ProxyHandler(request, client_address, self)
            return
        with contextlib.suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secured:
            ProxyHandler(secured, client_address, self)  # type: ignore[arg-type]


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """Start servers (``serve(step, ...)``, or a ready Server); all end with the test."""
    running: list[tuple[Server, threading.Thread]] = []

    def start(*script: Any, **known: Any) -> Server:
        server = script[0] if script and isinstance(script[0], Server) else Server(*script, **known)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make clients: ``connect(url, ..., option=value)``. Pauses are noted in ``client.pauses`` and not waited for."""
    made: list[Client] = []

    def make(*urls: str, **options: Any) -> Any:
        own = {name: options.pop(name) for name in ("read_only", "check", "scrubber", "random") if name in options}
        options.setdefault("auth", ApiKeyAuth(ENCODED))
        options.setdefault("read_timeout", 5.0)
        pauses: list[float] = []
        own = {"read_only": False, "scrubber": Scrubber(), "random": lambda: 1.0, **own}
        client = Client(ConnectionSettings(urls=urls, **options), sleep=pauses.append, **own)
        client.pauses = pauses  # type: ignore[attr-defined]
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback where nobody listens, kept from everybody else."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


class Authority:
    """A certificate authority, and server contexts with certificates of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.ca = trustme.CA(organization_name=name)
        self.folder = folder
        self.pem = self.ca.cert_pem.bytes().decode()
        self.path = folder / f"{name}-ca.pem"
        self.path.write_text(self.pem)
        self.fingerprint = fingerprint(self.pem)

    def context(self, *names: str, sends: str = "", version: Any = None, wants: str | None = None, **known: Any) -> Any:
        """A server's context. ``sends``: further certificates (PEM) it shows; ``wants``: the CA of its clients."""
        leaf = self.ca.issue_cert(*(names or ("127.0.0.1", "localhost", "::1")), **known)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with leaf.private_key_and_cert_chain_pem.tempfile() as path:
            Path(path).write_text(leaf.private_key_and_cert_chain_pem.bytes().decode() + sends)
            context.load_cert_chain(path)
        if version:
            context.maximum_version = version
        if wants:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=wants)
        context.leaf_fingerprint = fingerprint(leaf.cert_chain_pems[0].bytes().decode())
        return context

    def client_files(self, name: str) -> tuple[str, str]:
        """Paths of a client certificate and its key."""
        leaf = self.ca.issue_cert(f"{name}@example.org")
        cert, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        cert.write_bytes(leaf.cert_chain_pems[0].bytes())
        key.write_bytes(leaf.private_key_pem.bytes())
        return str(cert), str(key)


def fingerprint(pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the servers are meant to be of."""
    return Authority(tmp_path_factory.mktemp("good"), "good")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority."""
    return Authority(tmp_path_factory.mktemp("evil"), "evil")


@dataclass(frozen=True)
class Steps:
    """What a server can be scripted to do."""

    says: Any = staticmethod(says)
    resets: Any = staticmethod(resets)
    hangs_up: Any = staticmethod(hangs_up)
    keeps_silent: Any = staticmethod(keeps_silent)
    breaks_off: Any = staticmethod(breaks_off)
    speaks_gibberish: Any = staticmethod(speaks_gibberish)


@pytest.fixture(scope="session")
def steps() -> Steps:
    return Steps()


@pytest.fixture
def proxy(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Start a proxy: ``proxy(wanted="Basic ...")``."""
    return lambda **known: serve(Proxy(**known))
