# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Connections that say "certainly not sent" by themselves, and that hold a server to a pinned certificate.

Everything that goes wrong in ``connect()`` comes before the first byte of a request, so it is NotSent. It is named
here, where it happens: further up, urllib3 and requests blur it (a time-out of the TLS handshake is a "read timeout").
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

from .._model.errors import KeysmithError, NotSent, TlsError
from .settings import ConnectionSettings
from .tls import Trust, explain, is_about_client_certificate, is_about_name, names_in, peek_chain

try:
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.util.ssltransport import SSLTransport
except ImportError:
    # Bases that let this file be imported; a session refuses (MissingLibrary).
    HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[misc,assignment]

_REMEDY = "Check url, and that this machine may reach it (name resolution, firewall, proxy)."


class _Named:
    """What a connection calls itself in a message; mixed into both kinds of connection."""

    host: str
    port: int
    timeout: Any
    proxy: Any

    def option(self) -> str:
        """Return the option that led here."""
        return "proxy" if getattr(self, "proxy", None) is not None else "url"

    def where(self) -> str:
        """Return the host and port that the socket connects to."""
        host = self.host.strip("[]")
        return f"{f'[{host}]' if ':' in host else host}:{self.port}"

    def unreachable(self, problem: BaseException) -> NotSent:
        """Return the error for a connection that did not come about."""
        cause = root_of(problem)
        where, option = self.where(), self.option()
        if isinstance(cause, socket.gaierror):
            return NotSent(f"The host name of {where}, given by {option}, cannot be resolved.", _REMEDY)
        if isinstance(cause, ConnectionRefusedError):
            return NotSent(f"Nothing listens at {where}, given by {option}: the connection was refused.", _REMEDY)
        if isinstance(cause, (socket.timeout, TimeoutError)):
            return NotSent(
                f"{where}, given by {option}, did not take the connection within {self.timeout} seconds.", _REMEDY
            )
        if "Tunnel connection failed" in str(cause):
            words = str(cause).partition("Tunnel connection failed:")[2].strip()
            return NotSent(
                f"The proxy {where} refused the way to the server: {words}.",
                "Check proxy, proxy_username and proxy_password, and that the proxy may reach url.",
            )
        words = getattr(cause, "strerror", None) or type(cause).__name__
        return NotSent(f"No connection to {where}, given by {option}: {words}.", _REMEDY)


def root_of(problem: BaseException) -> BaseException:
    """Return the operating system's or TLS' own exception below those of urllib3."""
    seen: BaseException | None = problem
    while seen is not None:
        if isinstance(seen, (ssl.SSLError, socket.gaierror, ConnectionError, TimeoutError, socket.timeout)):
            return seen
        inner = next((part for part in seen.args if isinstance(part, BaseException)), None)
        seen = seen.__cause__ or inner or seen.__context__
    return problem


class _PlainConnection(_Named, HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as problem:
            self.close()
            raise self.unreachable(problem) from None


class _TlsConnection(_Named, HTTPSConnection):
    """TLS of our own: urllib3 1.26 leaves addresses to a check of its own, and knows nothing of a pin."""

    # Set by pool_classes(), which makes one class for each session.
    trust: Trust
    settings: ConnectionSettings

    def connect(self) -> None:
        # close() forgets it, and the error is explained after that.
        tunnel = self._tunnel_host, self._tunnel_port
        try:
            self.sock = self._secured()
        except KeysmithError:
            self.close()
            raise
        except Exception as problem:
            self.close()
            raise self._explained(problem, tunnel) from None
        # Otherwise urllib3 warns, at every connection, of the verification that the user has switched off.
        self.is_verified = True

    def send(self, data: Any) -> None:
        """Send a part of a request; where the server has hung up meanwhile, look whether it said why."""
        try:
            super().send(data)
        except (ConnectionError, ssl.SSLError):
            self._raise_alert()
            raise

    def _raise_alert(self) -> None:
        # With TLS 1.3 a server refuses a client certificate after the client's handshake is over.
        secured: Any = self.sock
        try:
            if secured is not None:
                secured.recv(1)
        except OSError as problem:
            if is_about_client_certificate(problem):
                raise explain(problem, self._target(), self.settings, None) from None

    def _secured(self) -> Any:
        """Return a verified TLS connection to the server, or to the proxy that a plain request is for."""
        if self.proxy is not None and not self._tunnel_host:
            return self._wrapped(self._open(), self.trust.proxy_context())
        if not self.trust.pin:
            return self._wrapped(self._open(), self.trust.context())
        with self._open() as raw:
            chain = peek_chain(raw, self._server_name())
        leaf = self.trust.learn(chain, self._target())
        secured = self._wrapped(self._open(), self.trust.anchored(leaf))
        if leaf and not self.trust.is_pinned(secured.getpeercert(True)):
            secured.close()
            raise TlsError(f"{self._target()} showed another certificate than a moment ago, and not the pinned one.")
        return secured

    def _open(self) -> Any:
        """Return a socket to the server, through the proxy's tunnel where there is one."""
        sock: Any = self._new_conn()
        if not self._tunnel_host:
            return sock
        # What urllib3 1.26 knows a tunnel by, which it must not use a second time.
        self.auto_open = 0
        try:
            if self.proxy.scheme == "https":
                sock = self.trust.proxy_context().wrap_socket(sock, server_hostname=self.host.strip("[]"))
            self.sock = sock
            self._tunnel()
        except BaseException:
            sock.close()
            raise
        finally:
            self.sock = None
        return sock

    def _wrapped(self, raw: Any, context: ssl.SSLContext) -> Any:
        """Return TLS over a socket, or over the TLS of a proxy."""
        try:
            if isinstance(raw, ssl.SSLSocket):
                return SSLTransport(raw, context, server_hostname=self._server_name())
            return context.wrap_socket(raw, server_hostname=self._server_name())
        except BaseException:
            raw.close()
            raise

    def _target(self) -> str:
        host, port = (self._tunnel_host, self._tunnel_port) if self._tunnel_host else (self.host, self.port)
        host = str(host).strip("[]")
        return f"https://{f'[{host}]' if ':' in host else host}:{port}"

    def _server_name(self) -> str:
        return str(self._tunnel_host or self.host).strip("[]").rstrip(".")

    def _explained(self, problem: Exception, tunnel: tuple[Any, Any]) -> NotSent:
        cause = root_of(problem)
        if not isinstance(cause, ssl.SSLError):
            return self.unreachable(problem)
        self._tunnel_host, self._tunnel_port = tunnel
        return explain(cause, self._target(), self.settings, self._names() if is_about_name(cause) else None)

    def _names(self) -> str | None:
        """Return the names in the server's certificate: everything else about it is verified."""
        context = self.trust.anchored(leaf=False) if self.trust.pin else self.trust.context()
        context.check_hostname = False
        try:
            with self._wrapped(self._open(), context) as shown:
                return names_in(shown.getpeercert())
        except Exception:
            # Only the message is poorer for it.
            return None


def pool_classes(trust: Trust, settings: ConnectionSettings) -> dict[str, Any]:
    """Return the classes of connection pools, by scheme, whose connections know this trust and these settings."""
    secured = type("SecuredConnection", (_TlsConnection,), {"trust": trust, "settings": settings})
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": _PlainConnection}),
        "https": type("SecuredPool", (HTTPSConnectionPool,), {"ConnectionCls": secured}),
    }
