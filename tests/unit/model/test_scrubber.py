# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scrubber: nothing registered ever gets out, however it is written."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import (
    MASK,
    ApiKeySecret,
    basic_token,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import strategies as _profile  # noqa: F401

ID, VALUE = "VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw"
ENCODED = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="
SECRET = ApiKeySecret(ID, VALUE)


def writings(value: str) -> dict[str, str]:
    """How others write a text into theirs."""
    raw = value.encode()
    return {
        "raw": value,
        "json": json.dumps({"k": value}),
        "json utf-8": json.dumps({"k": value}, ensure_ascii=False),
        "json in json": json.dumps(json.dumps([value])),
        "json with slashes": json.dumps(value).replace("/", "\\/"),
        "repr": repr({"k": value}),
        "repr of bytes": repr(raw),
        "ascii": ascii([value]),
        "ascii of bytes": ascii(raw + b'"'),
        "repr beside a quote": repr([value + '"', "'"]),
        "repr of a text with both quotes": repr(f"{value}'\""),
        "ascii of a text with both quotes": ascii(f"{value}'\""),
        "repr of bytes with both quotes": repr(raw + b"'\""),
        "repr of json": repr(json.dumps(value)),
        "json of Java": re.sub(r"\\u....", lambda escape: "\\u" + escape.group()[2:].upper(), json.dumps(value)),
        "url in lower case": re.sub("%..", lambda escape: escape.group().lower(), quote(value, safe="")),
        "url of a browser": quote(value, safe="!'()*"),
        "url": quote(value, safe=""),
        "url path": quote(value),
        "url query": quote_plus(value),
        "url in json": json.dumps(quote(value)),
        "html": html.escape(value),
        "base64": base64.b64encode(raw).decode(),
        "base64 for urls": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "base64, one before": base64.b64encode(b"x" + raw + b"after").decode(),
        "base64, two before": base64.b64encode(b"ab" + raw + b"y").decode(),
        "base64, id before": base64.b64encode(b"another-id:" + raw).decode(),
        "base64 in a url": quote(base64.b64encode(b"user:" + raw).decode(), safe=""),
        "base64 in json": json.dumps({"Authorization": "Basic " + base64.b64encode(b"us:" + raw).decode()}),
    }


# No asterisks: a value that is a part of the mask cannot vanish from it.
values = st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=4, max_size=40)
FORMS = sorted(writings("x"))


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=30)
@given(value=values, before=st.text(max_size=5), after=st.text(max_size=5))
@example(value="pass word/+%&<>'\"\\", before="", after="")
@example(value="p\u00e4\u20ac\U0001f600\x1f\n", before="a", after="b")
@example(value="it's p\u00e4ss/w\x1fo\u00ebrd", before="", after="")
def test_no_form_of_a_registered_value_gets_out(form: str, value: str, before: str, after: str) -> None:
    scrubber = Scrubber()
    scrubber.add(value)
    written = writings(value)[form]
    scrubbed = scrubber.scrub(f"{before} {written} {after}")
    assert written not in scrubbed
    assert value not in scrubbed
    assert MASK in scrubbed


@given(st.lists(values, min_size=1, max_size=4), st.text(max_size=10))
def test_no_registered_value_gets_out_however_they_overlap(secrets: list[str], between: str) -> None:
    scrubber = Scrubber()
    scrubber.add(*secrets)
    scrubbed = scrubber.scrub(between.join(secrets) + "".join(secrets))
    assert not [value for value in secrets if value in scrubbed]


def test_nothing_of_overlapping_values_stays_behind() -> None:
    scrubber = Scrubber()
    scrubber.add("abcdefgh", "bcde", "xyxy")
    assert scrubber.scrub("-abcdefgh-xyxyxy-") == f"-{MASK}-{MASK}-"


@given(st.text("abcXYZ019-_", min_size=20, max_size=22), st.text("abcXYZ019-_", min_size=22, max_size=22))
def test_a_key_goes_in_all_its_forms(id_: str, value: str) -> None:
    secret, scrubber = ApiKeySecret(id_, value), Scrubber()
    scrubber.add_secret(secret)
    text = " | ".join(
        (*secret.forms(), basic_token("other-id", value), secret.encoded.rstrip("="), json.dumps(secret.encoded))
    )
    assert not [form for form in (*secret.forms(), secret.encoded[:-4]) if form in scrubber.scrub(text)]


def test_the_whole_base64_word_goes_for_its_neighbours_hold_bits_of_the_secret() -> None:
    scrubber = Scrubber()
    scrubber.add(VALUE)
    assert scrubber.scrub(f"Authorization: ApiKey {ENCODED}, sent") == f"Authorization: ApiKey {MASK}, sent"


def test_the_id_stays() -> None:
    scrubber = Scrubber()
    scrubber.add_secret(SECRET)
    assert scrubber.scrub(f"the key {ID} is expired") == f"the key {ID} is expired"


@pytest.mark.parametrize("password", ["pw", "changeme", "p:ss/w\u00f6rd", "a"])
def test_a_login_goes_with_its_basic_token(password: str) -> None:
    scrubber = Scrubber()
    scrubber.add_login("elastic", password)
    for token in (basic_token("elastic", password), base64.b64encode(f"elastic:{password}".encode("latin-1")).decode()):
        assert token not in scrubber.scrub(f"sent Authorization: Basic {token} to it")
    assert scrubber.scrub(f"https://elastic:{quote(password, safe='')}@host/") == f"https://{MASK}@host/"
    assert scrubber.scrub(f"password={password};") == f"password={MASK};"


def test_a_short_password_goes_where_it_stands_alone_and_does_not_shred_the_text() -> None:
    scrubber = Scrubber()
    scrubber.add("is")
    assert scrubber.scrub("password 'is' of this list: is") == f"password '{MASK}' of this list: {MASK}"
    scrubber.add("$!")
    assert scrubber.scrub("pass$!word") == f"pass{MASK}word"


def test_every_line_of_a_long_value_goes() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEA\n-----END PRIVATE KEY-----\n"
    scrubber = Scrubber()
    scrubber.add(pem)
    shown = scrubber.scrub("key: |\n  " + "\n  ".join(pem.splitlines()))
    assert "MIIEvQ" not in shown and "AASCBK" not in shown


def test_nothing_registered_changes_nothing() -> None:
    scrubber = Scrubber()
    scrubber.add("", None)
    assert scrubber.scrub("as it was") == "as it was"


def test_scrub_deep_reaches_everything() -> None:
    scrubber = Scrubber()
    scrubber.add("hunter22", "12345678")
    value = {"hunter22": [("x hunter22",), {"hunter22"}, b"hunter22", 12345678, 1, True, None, 1.5]}
    assert scrubber.scrub_deep(value) == {MASK: [(f"x {MASK}",), {MASK}, MASK.encode(), MASK, 1, True, None, 1.5]}


def test_a_lone_surrogate_does_not_stop_the_scrubber() -> None:
    scrubber = Scrubber()
    scrubber.add("pass\ud800word")
    scrubber.add_login("us\ud800er", "pass")
    assert scrubber.scrub("x pass\ud800word y") == f"x {MASK} y"


def test_the_scrubber_does_not_show_what_it_hides() -> None:
    scrubber = Scrubber()
    scrubber.add("hunter22")
    assert "hunter22" not in repr(scrubber)
