# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""One exchange over requests; a failure is told as "certainly not sent" or "perhaps carried out"."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .._model.errors import AnswerLost, KeysmithError, MissingLibrary, TlsError
from .._model.secret import basic_token
from .connection import pool_classes, root_of
from .settings import ConnectionSettings
from .tls import Trust, explain, is_about_client_certificate, speaks_tls

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import PoolManager, ProxyManager

    REQUESTS_PROBLEM = None
except ImportError as problem:
    REQUESTS_PROBLEM = str(problem)
    # A base that lets this file be imported; a session refuses.
    HTTPAdapter = object  # type: ignore[misc,assignment]


class _Adapter(HTTPAdapter):
    """Pools of our own connections; requests' handling of certificates is left out: it would add its own CAs."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_unused: Any) -> None:
        """Make the one pool manager, through the proxy where there is one."""
        known: dict[str, Any] = {"num_pools": connections, "maxsize": maxsize, "block": block}
        proxy = self._settings.proxy
        manager = (
            ProxyManager(proxy, proxy_headers=self.proxy_headers(proxy), **known) if proxy else PoolManager(**known)
        )
        manager.pool_classes_by_scheme = pool_classes(Trust(self._settings), self._settings)
        self.poolmanager = manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return the login for the proxy, which goes to the proxy only."""
        if self._settings.proxy_username is None:
            return {}
        credentials = basic_token(self._settings.proxy_username, self._settings.proxy_password or "")
        return {"Proxy-Authorization": f"Basic {credentials}"}

    def get_connection(self, url: Any, proxies: Any = None) -> Any:
        """Return the pool for a URL (requests before 2.32)."""
        return self.poolmanager.connection_from_url(url)

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """Return the pool for a request (requests from 2.32 on)."""
        return self.poolmanager.connection_from_url(request.url)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool's TLS context as it is."""


class Session:
    """Connections to one service, kept alive.

    It stands where requests' own session would, which takes a login from ~/.netrc, proxies from the environment, and
    keeps cookies: a service's cookie could log in where a stored secret is to be proven.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        if REQUESTS_PROBLEM is not None:
            raise MissingLibrary(
                f"The Python library requests is not installed for {sys.executable} ({REQUESTS_PROBLEM}).",
                f"Install it there: {sys.executable or 'python3'} -m pip install requests",
            )
        self._settings = settings
        self._adapter = _Adapter(settings)
        # Hosts that have answered: they speak what was spoken to them.
        self._answered: set[str] = set()
        proxy = settings.proxy
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request and return status, headers and body of its answer, whatever the status.

        :raises NotSent: the request was certainly not carried out.
        :raises AnswerLost: it may have been.
        """
        try:
            response = self._adapter.send(
                requests.Request(method, url, headers=dict(headers), data=content).prepare(),
                timeout=(self._settings.connect_timeout, self._settings.read_timeout),
                proxies=self._proxies,
            )
            whole = response.content
        except (requests.RequestException, OSError) as problem:
            raise self._lost(method, url, problem) from None
        self._check_length(method, url, response)
        self._answered.add(urlsplit(url).netloc)
        return response.status_code, response.headers, whole

    def _check_length(self, method: str, url: str, response: Any) -> None:
        # urllib3 1.26 does not mind a body that ends early.
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and method != "HEAD" and response.raw.tell() < int(length):
            raise AnswerLost(
                f"The answer to {_asked(method, url)} broke off after {response.raw.tell()} of {length} bytes."
            )

    def _lost(self, method: str, url: str, problem: Exception) -> KeysmithError:
        cause = root_of(problem)
        parts = urlsplit(url)
        where = f"{parts.scheme}://{parts.netloc}"
        if is_about_client_certificate(cause):
            return explain(cause, where, self._settings, None)
        if parts.scheme == "http" and self._is_tls_port(parts, problem):
            return TlsError(f"{where} does not answer plain HTTP: the server speaks TLS there.", "Use https:// in url.")
        asked = _asked(method, url)
        if isinstance(cause, (socket.timeout, TimeoutError)) or isinstance(problem, requests.Timeout):
            return AnswerLost(
                f"{asked} was not answered within {self._settings.read_timeout:g} seconds.",
                "Give a longer timeout, or look at the server's load.",
            )
        words = getattr(cause, "strerror", None) or (
            "the connection was closed" if isinstance(cause, ConnectionError) else "the answer is no HTTP"
        )
        hint = "Look at the server's log."
        if parts.scheme == "https" and self._settings.client_cert is None and isinstance(cause, ConnectionError):
            hint = "Look at the server's log; it may want a client certificate (client_cert)."
        return AnswerLost(f"{asked} was not answered: {words}.", hint)

    def _is_tls_port(self, url: SplitResult, problem: Exception) -> bool:
        if self._settings.proxy is not None or url.netloc in self._answered:
            return False
        # A TLS server answers plain HTTP with an alert (0x15), or closes; Elasticsearch closes.
        if "\\x15\\x03" in repr(problem):
            return True
        address = url.hostname or "", url.port or 80
        return isinstance(root_of(problem), ConnectionError) and speaks_tls(address, self._settings.connect_timeout)

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()


def _asked(method: str, url: str) -> str:
    """Return a request for a message: its query may hold names that are nobody's business."""
    parts = urlsplit(url)
    return f"{method} {parts.path or '/'} of {parts.scheme}://{parts.netloc}"
