# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a real proxy: tunnels, its login, pinning behind it, and what is said when it refuses."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http import tls
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import NotSent, TlsError

LOGIN = "Basic " + base64.b64encode("pu:pr0xy-pä55".encode()).decode()
CREDENTIALS = {"proxy_username": "pu", "proxy_password": "pr0xy-pä55"}
WHOLE_CHAIN = pytest.mark.skipif(not tls.chain_is_readable(), reason="before Python 3.10 only the leaf can be read")


def test_tunnel(serve: Any, connect: Any, proxy: Any, authority: Any) -> None:
    server, way = serve(tls=authority.context()), proxy()
    client = connect(server.url, proxy=way.url, ca_pem=authority.pem)
    client.read("GET", "/x")
    client.write("POST", "/x", body={}, once=True)
    assert [(seen.method, seen.path) for seen in way.seen] == [("CONNECT", f"127.0.0.1:{server.port}")]
    assert way.seen[0].headers["Authorization"] is None
    assert way.seen[0].headers["Proxy-Authorization"] is None
    assert (len(server.seen), server.connections) == (2, 1)


def test_the_proxys_login_goes_to_the_proxy_only(serve: Any, connect: Any, proxy: Any, authority: Any) -> None:
    server, way = serve(tls=authority.context()), proxy(wanted=LOGIN)
    connect(server.url, proxy=way.url, ca_pem=authority.pem, **CREDENTIALS).read("GET", "/x")
    assert way.seen[0].headers["Proxy-Authorization"] == LOGIN
    assert server.seen[0].headers["Proxy-Authorization"] is None
    assert server.seen[0].headers["Authorization"].startswith("ApiKey ")


def test_plain_http_through_a_proxy(connect: Any, proxy: Any) -> None:
    way = proxy(wanted=LOGIN)
    answer = connect("http://localhost:9200/es", proxy=way.url, **CREDENTIALS).read("GET", "/x", params={"a": 1})
    assert answer.body == {"proxied": "http://localhost:9200/es/x?a=1"}


@WHOLE_CHAIN
def test_pinned_ca_behind_a_proxy(serve: Any, connect: Any, proxy: Any, authority: Any, stranger: Any) -> None:
    server, way = serve(tls=authority.context(sends=authority.pem)), proxy(wanted=LOGIN)
    client = connect(server.url, proxy=way.url, ca_fingerprint=authority.fingerprint, **CREDENTIALS)
    client.read("GET", "/x")
    client.read("GET", "/x")
    assert [seen.headers["Proxy-Authorization"] for seen in way.seen] == [LOGIN, LOGIN]
    assert (len(server.seen), server.connections) == (2, 2)
    fake = serve(tls=stranger.context(sends=authority.pem))
    with pytest.raises(TlsError, match="but its own was not issued by it"):
        connect(fake.url, proxy=way.url, ca_fingerprint=authority.fingerprint, **CREDENTIALS).read("GET", "/x")
    assert fake.seen == []


def test_pinned_leaf_behind_a_proxy(serve: Any, connect: Any, proxy: Any, authority: Any) -> None:
    context = authority.context("another.name")
    server, way = serve(tls=context), proxy()
    client = connect(server.url, proxy=way.url, ca_fingerprint=context.leaf_fingerprint)
    assert client.read("GET", "/x").status == 200


def test_wrong_host_behind_a_proxy_names_the_names(serve: Any, connect: Any, proxy: Any, authority: Any) -> None:
    server, way = serve(tls=authority.context("es.example.net")), proxy()
    with pytest.raises(
        TlsError, match=f"https://127.0.0.1:{server.port} is for another host; it is for es.example.net"
    ):
        connect(server.url, proxy=way.url, ca_pem=authority.pem).read("GET", "/x")


def test_a_proxy_that_wants_a_login(serve: Any, connect: Any, proxy: Any, authority: Any) -> None:
    server, way = serve(tls=authority.context()), proxy(wanted=LOGIN)
    for options in ({"ca_pem": authority.pem}, {"ca_fingerprint": authority.fingerprint}):
        client = connect(server.url, proxy=way.url, retries=0, **options)
        with pytest.raises(NotSent, match=f"proxy 127.0.0.1:{way.port} refused the way .*407.*proxy_username"):
            client.write("POST", "/x", body={}, once=True)
    assert server.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_proxy_there(connect: Any, closed_port: int, scheme: str) -> None:
    client = connect(f"{scheme}://localhost:9200", proxy=f"http://127.0.0.1:{closed_port}", retries=0)
    with pytest.raises(NotSent, match=f"Nothing listens at 127.0.0.1:{closed_port}, given by proxy"):
        client.read("GET", "/")
    assert client.requests_sent == 0


def test_a_proxy_over_tls(serve: Any, connect: Any, proxy: Any, authority: Any, stranger: Any) -> None:
    server, way = serve(tls=authority.context()), proxy(wanted=LOGIN, tls=authority.context())
    client = connect(server.url, proxy=way.url, ca_pem=authority.pem, **CREDENTIALS)
    client.read("GET", "/x")
    assert (len(way.seen), len(server.seen)) == (1, 1)
    bad = proxy(tls=stranger.context())
    with pytest.raises(NotSent):
        connect(server.url, proxy=bad.url, ca_pem=authority.pem, retries=0, **CREDENTIALS).read("GET", "/x")
    assert bad.seen == []
