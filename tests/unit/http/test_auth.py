# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins: their headers, their secrets, and what no header can carry."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import (
    ApiKeyAuth,
    Auth,
    BasicAuth,
    BearerAuth,
    NoAuth,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("auth", "header", "described"),
    [
        (ApiKeyAuth(b64("id1:s3cr3t")), f"ApiKey {b64('id1:s3cr3t')}", "the API key id1"),
        (ApiKeyAuth("essu_" + b64("s3cr3t")), f"ApiKey essu_{b64('s3cr3t')}", "an API key"),
        (BasicAuth("jürgen", "pässwörd:x"), f"Basic {b64('jürgen:pässwörd:x')}", "the user jürgen"),
        (
            BasicAuth("joe", "0ld-w0rd", "n3w-w0rd"),
            f"Basic {b64('joe:0ld-w0rd')}",
            "the user joe (with either password of its store)",
        ),
        (BearerAuth("t0k3n"), "Bearer t0k3n", "a bearer token"),
    ],
)
def test_header_and_description(auth: Auth, header: str, described: str) -> None:
    assert auth.headers() == {"Authorization": header}
    assert auth.describe() == described
    assert not any(secret in repr(auth) + auth.describe() for secret in auth.secrets())


def test_only_a_pending_password_is_an_alternative() -> None:
    assert BasicAuth("joe", "0ld-w0rd", "n3w-w0rd").alternative() == BasicAuth("joe", "n3w-w0rd")
    for auth in (BasicAuth("joe", "0ld-w0rd"), ApiKeyAuth(b64("id1:s3cr3t")), BearerAuth("t0k3n"), NoAuth()):
        assert auth.alternative() is None


def test_no_login() -> None:
    assert (NoAuth().headers(), NoAuth().secrets(), NoAuth().describe()) == ({}, (), "the client certificate")


@pytest.mark.parametrize(
    ("auth", "texts"),
    [
        (ApiKeyAuth(b64("id1:s3cr3t")), [b64("id1:s3cr3t"), "id1:s3cr3t", "s3cr3t", b64("s3cr3t")]),
        (
            BasicAuth("u", 'p"ä ss'),
            ['p"ä ss', 'p\\"\\u00e4 ss', "p%22%C3%A4%20ss", "p%22%C3%A4+ss", b64('u:p"ä ss'), 'u:p"ä ss'],
        ),
        (BasicAuth("u", "0ld-w0rd", "n3w-w0rd"), ["0ld-w0rd", "n3w-w0rd", b64("u:n3w-w0rd"), "u:n3w-w0rd"]),
        (BearerAuth("t0k3n"), ["t0k3n", b64("t0k3n")]),
    ],
)
def test_a_scrubber_that_learned_the_secrets_hides_every_form(auth: Auth, texts: list[str]) -> None:
    scrubber = Scrubber()
    scrubber.add(*auth.secrets())
    for text in texts:
        assert scrubber.scrub(f"<{text}>") == "<********>"


@pytest.mark.parametrize("text", ["", "abc\n", "q7 z9", "ключ", "a\r\nX-Evil: 1"])
@pytest.mark.parametrize(("kind", "option"), [(ApiKeyAuth, "api_key"), (BearerAuth, "token")])
def test_text_that_no_header_carries(kind: type, option: str, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        kind(text)
    assert caught.value.option == option
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("username", "password", "option"), [("a:b", "x", "username"), ("", "x", "username"), ("a", "", "password")]
)
def test_bad_basic_logins(username: str, password: str, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        BasicAuth(username, password)
    assert caught.value.option == option
