# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API key through the filters: whatever form it comes in, and never in a message."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.keysmith.elastic.plugins.filter.api_key import FORMS, FilterModule

ID, VALUE = "VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw"
BEATS = f"{ID}:{VALUE}"
ENCODED = base64.b64encode(BEATS.encode()).decode()
FILTERS = FilterModule().filters()
EXPECTED = {
    "api_key_encode": ENCODED,
    "api_key_header": f"ApiKey {ENCODED}",
    "api_key_beats": BEATS,
    "api_key_id": ID,
}

PAIR = {"id": ID, "api_key": VALUE}
RECORD = {
    "format": 1,
    "serial": 3,
    "kind": "es_api_key",
    "name": "n",
    "current": {**PAIR, "expiration": None},
    "previous": [],
}
RECORD_TEXT = json.dumps(RECORD, indent=2) + "\n"


def slurped(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Vaulted:
    """What core before 2.19 passes for a vaulted variable: no str, but decrypted by str()."""

    __ENCRYPTED__ = True

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


INPUTS = {
    "id and secret": BEATS,
    "encoded": ENCODED,
    "a header": f"ApiKey {ENCODED}",
    "with white space": f" {ENCODED}\n",
    "without padding": ENCODED.rstrip("="),
    "bytes": ENCODED.encode(),
    "vaulted": Vaulted(ENCODED),
    "a secret": {**PAIR, "encoded": ENCODED, "beats": BEATS},
    "a secret with vaulted parts": {"id": ID, "api_key": Vaulted(VALUE)},
    "a whole result": {"changed": True, "key": {"id": ID}, "secret": PAIR},
    "a record": RECORD,
    "a record as JSON": RECORD_TEXT,
    "a vaulted record": Vaulted(RECORD_TEXT),
    "a create answer as JSON": json.dumps({**PAIR, "name": "n", "encoded": ENCODED}),
    "slurp's content": slurped(RECORD_TEXT),
    "slurp's result": {"content": slurped(RECORD_TEXT), "encoding": "base64", "source": "/a/b.json", "changed": False},
}


def test_every_filter_is_expected() -> None:
    assert set(FORMS) == set(FILTERS) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("value", INPUTS.values(), ids=INPUTS)
def test_any_form_becomes_any_other(name: str, value: Any) -> None:
    assert FILTERS[name](value) == EXPECTED[name]


ESSU = "essu_the-whole-of-it"
CLOUD_PAIR = {"id": "the-id", "api_key": ESSU}


@pytest.mark.parametrize(
    "value",
    [
        {**RECORD, "kind": "ec_api_key", "current": {**CLOUD_PAIR, "expiration": None}},
        {"changed": True, "secret": {**CLOUD_PAIR, "encoded": ESSU}},
    ],
    ids=["a record", "a result"],
)
def test_a_key_that_is_one_text_stays_as_it_is(value: Any) -> None:
    assert FILTERS["api_key_encode"](value) == ESSU
    assert FILTERS["api_key_header"](value) == f"ApiKey {ESSU}"
    assert FILTERS["api_key_id"](value) == "the-id"
    with pytest.raises(AnsibleFilterError, match="no form for Beats") as refused:
        FILTERS["api_key_beats"](value)
    assert ESSU not in str(refused.value)


WRONG = {
    "nothing": (None, "is null"),
    "a number": (12345678, "is a number"),
    "a boolean": (True, "is a boolean"),
    "a list": ([VALUE], "is a list"),
    "empty": ("", "is empty"),
    "the secret alone": (VALUE, "without the id"),
    "garbage": (f"{VALUE}!!", "is neither"),
    "cut JSON": (json.dumps(PAIR)[:-4], "JSON"),
    "JSON of something else": (json.dumps({"password": VALUE}), "no id and api_key"),
    "another mapping": ({"password": VALUE}, "no id and api_key"),
    "a secret in check mode": (dict.fromkeys(("id", "api_key", "encoded", "beats")), "check mode"),
    "a result in check mode": ({"changed": True, "secret": dict.fromkeys(("id", "api_key"))}, "check mode"),
    "a record without a key": ({**RECORD, "current": None}, "no key yet"),
    "a damaged record": ({**RECORD, "current": VALUE}, "no id and api_key"),
    "a list for a secret": ({"id": ID, "api_key": [VALUE]}, "no text"),
    "a key of Elastic Cloud": (f"essu_{ENCODED}", "Elastic Cloud"),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize(("value", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_named_and_never_shown(name: str, value: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS[name](value)
    text = str(raised.value)
    assert words in text
    assert f"The input of {name}" in text
    for secret in (VALUE, ENCODED, ENCODED[:20]):
        assert secret not in text


def test_no_exception_hangs_on_the_error() -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS["api_key_encode"](f"{{{VALUE}")
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_an_error_of_our_own_shows_no_value() -> None:
    class Broken:
        __ENCRYPTED__ = True

        def __str__(self) -> str:
            raise RuntimeError(VALUE)

    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS["api_key_encode"](Broken())
    assert "RuntimeError" in str(raised.value)
    assert VALUE not in str(raised.value)
