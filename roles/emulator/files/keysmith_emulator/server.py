# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network side: HTTP/1.1 with keep-alive, in threads, with or without TLS."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from keysmith_emulator.emulator import ConnectionLost, Emulator
from keysmith_emulator.exchange import Answer, Request

_LONGEST_BODY = 100 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; otherwise Nagle and delayed ACK cost 40 ms a request.
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def _handle(self) -> None:
        try:
            request = self._read()
            if request is None:
                return
            self._write(self.server.emulator.respond(request), request)
        except ConnectionLost as lost:
            self._drop(lost.abrupt)

    def _read(self) -> Request | None:
        length = self.headers.get("content-length", "0")
        if self.headers.get("transfer-encoding") or not length.isdigit() or int(length) > _LONGEST_BODY:
            self.close_connection = True
            self._write(Answer(411, {"error": "a body needs a content-length", "status": 411}), None)
            return None
        address = ipaddress.ip_address(self.client_address[0].split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            from_loopback=(mapped or address).is_loopback,
        )

    def _write(self, answer: Answer, request: Request | None) -> None:
        pretty = request is not None and "pretty" in request.query
        content = answer.content(pretty)
        # The server being imitated sends neither Date nor Server.
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("content-type", answer.content_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def _drop(self, abrupt: bool) -> None:
        self.close_connection = True
        if abrupt:
            # Zero linger turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def __getattr__(self, name: str) -> Any:
        # The base class looks for do_GET and the like. Which methods there are is for the service to say.
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the log of requests is `/_emulator/requests`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], emulator: Emulator) -> None:
        self.emulator = emulator
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The one of HTTPServer looks the host's name up, which may take long and is never used.
        socketserver.TCPServer.server_bind(self)

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that goes away, or fails the TLS handshake, is no news.
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


class _Door:
    """One service at its own port."""

    def __init__(self, emulator: Emulator, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._emulator = emulator
        self._server = _Server((host, port), emulator)
        if tls is not None:
            # The handshake belongs into the connection's own thread: a client that stalls in it must not stop the others.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        # An address that means every interface is none that a client can use.
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        name = f"[{name}]" if ":" in name else name
        self.url = f"{'http' if tls is None else 'https'}://{name}:{self._server.server_address[1]}"

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._emulator.close()
        self._server.shutdown()
        self._server.server_close()


class EmulatorServer:
    """Emulators that listen, one for each service; also usable as a context manager."""

    def __init__(
        self,
        emulators: Mapping[str, Emulator],
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``ports`` by the names of ``emulators``; one that is not named, or 0, is a free one."""
        given = ports or {}
        self._doors = {name: _Door(emulator, host, given.get(name, 0), tls) for name, emulator in emulators.items()}
        self.urls = {name: door.url for name, door in self._doors.items()}

    def start(self) -> EmulatorServer:
        """Begins to answer."""
        for door in self._doors.values():
            door.open()
        return self

    def stop(self) -> None:
        """Stops listening."""
        for door in self._doors.values():
            door.close()

    def __enter__(self) -> EmulatorServer:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()
