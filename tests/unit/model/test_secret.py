# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret of a key in its forms, and keys as users have them at hand."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError, Refused
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key_text import (
    is_cloud_key,
    is_elasticsearch_key,
    parse_api_key,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import (
    ApiKeySecret,
    OpaqueSecret,
    basic_token,
    secret_type,
)
from hypothesis import given
from hypothesis import strategies as st
from support import strategies as _profile  # noqa: F401

ID, VALUE = "VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw"
ENCODED = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="
SECRET = ApiKeySecret(ID, VALUE)
ESSU = "essu_" + "Zm9yLXRlc3Rz" * 3


def test_forms() -> None:
    assert SECRET.encoded == ENCODED
    assert SECRET.beats == f"{ID}:{VALUE}"
    assert SECRET.header == f"ApiKey {ENCODED}"
    assert SECRET.forms() == (VALUE, f"{ID}:{VALUE}", ENCODED, f"ApiKey {ENCODED}")


def test_the_forms_of_a_key_that_is_one_text() -> None:
    secret = OpaqueSecret(ID, ESSU)
    assert secret.encoded == secret.api_key == ESSU
    assert secret.header == f"ApiKey {ESSU}"
    assert secret.forms() == (ESSU, f"ApiKey {ESSU}")
    assert "beats" not in secret.FORMS
    with pytest.raises(Refused, match="no form for Beats") as refused:
        str(secret.beats)
    assert ESSU not in f"{refused.value}{secret!r}{secret}"
    assert secret != ApiKeySecret(ID, ESSU)


def test_the_kind_tells_the_type_of_the_secret() -> None:
    assert secret_type("es_api_key") is ApiKeySecret
    assert {secret_type(kind) for kind in ("ec_api_key", "ece_api_key")} == {OpaqueSecret}


def test_a_key_of_an_elasticsearch_is_known_by_its_form() -> None:
    assert all(is_elasticsearch_key(text) for text in (ENCODED, ENCODED.rstrip("="), f"ApiKey {ID}:{VALUE}\n"))
    assert not any(
        is_elasticsearch_key(text) for text in (ESSU, VALUE, "", None, "joe:password", "bm8ga2V5OmF0IGFsbA==")
    )


def test_neither_repr_nor_str_nor_format_shows_the_secret() -> None:
    for text in (repr(SECRET), str(SECRET), f"{SECRET}", f"{[SECRET]}"):
        assert ID in text
        assert VALUE not in text and ENCODED not in text


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        ENCODED.rstrip("="),
        f"  {ENCODED}\n",
        f"{ID}:{VALUE}",
        f"\t{ID}:{VALUE} ",
        f"ApiKey {ENCODED}",
        f"apikey   {ENCODED}",
        f"ApiKey {ID}:{VALUE}",
    ],
)
def test_parse_takes_what_users_have_at_hand(text: str) -> None:
    assert parse_api_key(text, "api_key") == SECRET


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("ApiKey ", "is neither"),
        (None, "is not a text"),
        (12345, "is not a text"),
        ("not-base64!", "is neither base64"),
        ("äöü", "is neither base64"),
        (base64.b64encode(b"no colon in here").decode(), "without a colon"),
        (base64.b64encode(b"\xff\xfe:\x00").decode(), "is neither base64"),
        (base64.b64encode(b":secret").decode(), "an id and a secret"),
        (base64.b64encode(b"id:").decode(), "an id and a secret"),
        (base64.b64encode(b"id:se cret").decode(), "an id and a secret"),
        ("id:", "an id and a secret"),
        (":secret", "an id and a secret"),
        (f"{ID}:{VALUE}\n{ID}:{VALUE}", "an id and a secret"),
        (VALUE, "looks like the field 'api_key' alone"),
        ("essu_VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6", "is an Elastic Cloud key"),
        ("ApiKey essu_VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6", "is an Elastic Cloud key"),
        (json.dumps({"id": ID, "api_key": VALUE, "encoded": ENCODED}), "holds a whole JSON answer"),
        ("[]", "holds a whole JSON answer"),
    ],
)
def test_parse_refuses_in_clear_words_and_without_an_echo(text: object, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_api_key(text, "grant_key")
    assert words in caught.value.message
    assert caught.value.option == "grant_key" and "grant_key" in caught.value.message
    assert caught.value.hint
    if isinstance(text, str) and len(text) > 8:
        assert text not in str(caught.value)


@given(st.text(min_size=9))
def test_no_refusal_holds_the_value(text: str) -> None:
    try:
        parse_api_key(text, "o")
    except OptionError as refused:
        assert text not in str(refused) and text.strip()[:9] not in str(refused) or len(text.strip()) < 9


@given(st.text("abcXYZ019-_", min_size=1), st.text("abcXYZ019-_:", min_size=1))
def test_parse_reads_both_forms_back(id_: str, value: str) -> None:
    secret = ApiKeySecret(id_, value)
    assert parse_api_key(secret.encoded, "o") == parse_api_key(secret.header, "o") == secret
    if not is_cloud_key(secret.beats):
        assert parse_api_key(secret.beats, "o") == secret


@pytest.mark.parametrize(
    ("text", "cloud"), [("essu_x", True), (" ApiKey essu_x", True), (ENCODED, False), ("", False), (None, False)]
)
def test_is_cloud_key(text: object, cloud: bool) -> None:
    assert is_cloud_key(text) is cloud


def test_basic_token_is_utf_8() -> None:
    assert base64.b64decode(basic_token("jürgen", "pässword")).decode() == "jürgen:pässword"
