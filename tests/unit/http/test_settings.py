# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything is sent, and what is warned of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    NoAuth,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._http.settings import (
    ConnectionSettings,
    check_settings,
    normal_fingerprint,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError

HEX = "0123456789abcdef" * 4
URL = "https://es.example.net:9200"


def settings(*urls: str, **options: Any) -> ConnectionSettings:
    options.setdefault("auth", BasicAuth("u", "hunter2-and-more"))
    return ConnectionSettings(urls=urls or (URL,), **options)


@pytest.mark.parametrize(
    "url",
    [
        "https://es.example.net",
        "https://es.example.net:9200/prefix/more",
        "https://es.example.net:9200/",
        "https://[::1]:9200",
        "https://bücher.example:9200",
    ],
)
def test_good_urls(url: str) -> None:
    assert check_settings(settings(url)) == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("es.example.net:9200", "neither https:// nor http://"),
        ("ftp://es.example.net", "neither https:// nor http://"),
        ("https://", "names no host"),
        ("https://:9200", "names no host"),
        ("https://es:port", "host or port cannot be read"),
        ("https://es:99999", "host or port cannot be read"),
        ("https://es:0", "port 0"),
        ("https://[::1", "host or port cannot be read"),
        ("https://es:9200/?pretty", "query or a fragment"),
        ("https://es:9200/#x", "query or a fragment"),
        ("https://es example:9200", "blank"),
        ("https://es\\.example:9200", "backslash"),
        ("", "url is empty"),
    ],
)
def test_malformed_urls(url: str, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        check_settings(settings(URL, url))
    assert caught.value.option == "url"
    assert caught.value.hint and "https://es.example.net:9200" in caught.value.hint


@pytest.mark.parametrize("option", ["url", "proxy"])
@pytest.mark.parametrize(
    "userinfo",
    ["elastic:hunter2@", "elastic@", "elastic:hun/ter2@", "elastic:hun#ter2@", "elastic:9200/hunter2@", "a:hunter2@x@"],
)
def test_userinfo_is_refused_and_never_repeated(option: str, userinfo: str) -> None:
    url = f"https://{userinfo}es.example.net:9200"
    given = settings(url) if option == "url" else settings(proxy=url)
    with pytest.raises(OptionError) as caught:
        check_settings(given)
    assert caught.value.option == option
    assert "es.example.net:9200" in str(caught.value)
    assert "hun" not in str(caught.value) and "ter2" not in str(caught.value)
    assert "username" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"proxy": "proxy.example:3128"}, "proxy"),
        ({"proxy": "socks5://proxy.example:1080"}, "proxy"),
        ({"proxy_username": "u"}, "proxy_username"),
        ({"proxy": "http://p:1", "proxy_password": "x"}, "proxy_password"),
        ({"proxy": "http://p:1", "proxy_username": "a:b"}, "proxy_username"),
        ({"proxy": "https://p:1", "ca_fingerprint": HEX}, "ca_fingerprint"),
        ({"connect_timeout": 0}, "connect_timeout"),
        ({"read_timeout": -1}, "timeout"),
        ({"retries": -1}, "retries"),
        ({"run_as": ""}, "run_as"),
        ({"run_as": "a\r\nX: y"}, "run_as"),
        ({"run_as": "日本"}, "run_as"),
        ({"run_as": " a"}, "run_as"),
        ({"ca_fingerprint": "zz"}, "ca_fingerprint"),
        ({"ca_fingerprint": HEX[:40]}, "ca_fingerprint"),
        ({"ca_fingerprint": HEX, "validate_certs": False}, "ca_fingerprint"),
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path"),
        ({"ca_path": "/"}, "ca_path"),
        ({"ca_pem": "not a certificate"}, "ca_pem"),
        ({"ca_pem": ""}, "ca_pem"),
        ({"ca_path": "/x", "ca_pem": "y"}, "ca_pem"),
        ({"ca_pem": "y", "ca_fingerprint": HEX}, "ca_fingerprint"),
        ({"client_key": "/x"}, "client_key"),
        ({"client_cert": "/nowhere"}, "client_cert"),
    ],
)
def test_bad_options(options: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_settings(settings(**options))
    assert caught.value.option == option
    assert option in caught.value.message
    assert caught.value.hint


def test_no_url() -> None:
    with pytest.raises(OptionError, match="url is missing"):
        check_settings(ConnectionSettings(urls=(), auth=NoAuth()))


def test_good_trust_and_client_certificate(authority: Any) -> None:
    cert, key = authority.client_files("alice")
    for options in (
        {"ca_path": str(authority.path)},
        {"ca_pem": authority.pem},
        {"ca_fingerprint": authority.fingerprint},
    ):
        assert check_settings(settings(**options, client_cert=cert, client_key=key)) == ()


def test_client_certificate_and_key_that_do_not_match(authority: Any) -> None:
    cert, _key = authority.client_files("bob")
    _cert, key = authority.client_files("carol")
    with pytest.raises(OptionError, match="cannot be used with") as caught:
        check_settings(settings(client_cert=cert, client_key=key))
    assert caught.value.option == "client_key"
    with pytest.raises(OptionError, match="cannot be used with") as caught:
        check_settings(settings(client_cert=cert))
    assert caught.value.option == "client_cert"


def test_encrypted_key_is_refused_and_nothing_asks_for_a_passphrase(authority: Any, tmp_path: Any) -> None:
    cert, _key = authority.client_files("dora")
    key = tmp_path / "encrypted.key"
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    with pytest.raises(OptionError, match="encrypted"):
        check_settings(settings(client_cert=cert, client_key=str(key)))


@pytest.mark.parametrize("text", [HEX, HEX.upper(), ":".join(HEX[i : i + 2] for i in range(0, 64, 2)), f" {HEX}\n"])
def test_fingerprints_in_any_spelling(text: str) -> None:
    assert normal_fingerprint(text) == HEX


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"urls": ("http://es.example.net:9200",)}, 1),
        ({"urls": ("http://10.0.0.1:9200", "https://es", "http://es2")}, 2),
        ({"urls": ("http://es.example.net:9200",), "auth": NoAuth()}, 0),
        ({"urls": ("http://localhost:9200",)}, 0),
        ({"urls": ("http://127.0.0.2:9200",)}, 0),
        ({"urls": ("http://[::1]:9200",)}, 0),
        ({"urls": ("http://node.localhost:9200",)}, 0),
        ({"urls": ("http://localhost:9200",), "proxy": "http://proxy.example:1"}, 1),
        ({"urls": ("http://localhost:9200",), "proxy": "http://localhost:1"}, 0),
        ({"urls": ("https://es",), "proxy": "http://proxy:1", "proxy_username": "u", "proxy_password": "secret-p"}, 1),
    ],
)
def test_login_over_plain_http_off_loopback_is_warned_of(options: dict[str, Any], count: int) -> None:
    options.setdefault("auth", BasicAuth("u", "hunter2-and-more"))
    warnings = check_settings(ConnectionSettings(**options))
    assert len(warnings) == count
    assert all("unencrypted" in text and "hunter2" not in text and "secret-p" not in text for text in warnings)


def test_trust_without_tls_is_warned_of(authority: Any) -> None:
    warnings = check_settings(settings("http://localhost:9200", ca_pem=authority.pem))
    assert warnings == ("ca_pem cannot have any effect, because url begins with http://.",)


def test_no_text_of_the_settings_shows_a_secret() -> None:
    for auth in (BasicAuth("u", "tops3cret"), BearerAuth("tops3cret"), ApiKeyAuth("tops3cret")):
        assert "tops3cret" not in repr(
            settings(auth=auth, proxy="http://p", proxy_username="x", proxy_password="tops3cret")
        )
