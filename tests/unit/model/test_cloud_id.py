# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cloud ids, as the consoles of Elastic Cloud and ECE show them."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.cloud_id import CloudEndpoints, decode_cloud_id
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from hypothesis import given
from hypothesis import strategies as st
from support import strategies as _profile  # noqa: F401


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "elasticsearch", "kibana"),
    [
        ("mine:" + encoded("example.net$es1$kb1"), "https://es1.example.net:443", "https://kb1.example.net:443"),
        ("mine:" + encoded("example.net$es1$"), "https://es1.example.net:443", None),
        ("mine:" + encoded("example.net$es1"), "https://es1.example.net:443", None),
        ("mine:" + encoded("example.net$es1$undefined"), "https://es1.example.net:443", None),
        ("mine:" + encoded("example.net:9243$es1$kb1"), "https://es1.example.net:9243", "https://kb1.example.net:9243"),
        (
            "mine:" + encoded("example.net$es1:9200$kb1:5601"),
            "https://es1.example.net:9200",
            "https://kb1.example.net:5601",
        ),
        ("a name: with colons:" + encoded("example.net$es1"), "https://es1.example.net:443", None),
        (encoded("example.net$es1"), "https://es1.example.net:443", None),
        ("  :" + encoded("example.net$es1").rstrip("=") + "\n", "https://es1.example.net:443", None),
        (
            "mine:" + encoded("example.net$es1$kb1$and$more"),
            "https://es1.example.net:443",
            "https://kb1.example.net:443",
        ),
    ],
)
def test_decode(text: str, elasticsearch: str, kibana: str | None) -> None:
    assert decode_cloud_id(text) == CloudEndpoints(elasticsearch, kibana)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (None, "is empty"),
        (17, "is empty"),
        ("https://es.example.net:9200", "not base64"),
        ("mine:!!!", "not base64"),
        ("mine:äöü", "not base64"),
        ("mine:" + base64.b64encode(b"\xff\xfe\xfd").decode(), "not base64"),
        ("mine:" + encoded("example.net"), "holds no '\\$'"),
        ("mine:" + encoded("id-of-a-key:its-secret"), "holds no '\\$'"),
        ("mine:" + encoded("$es1"), "host name"),
        ("mine:" + encoded("example.net$"), "host name"),
        ("mine:" + encoded("example.net$es1/../x"), "host name"),
        ("mine:" + encoded("evil.net/?$es1"), "host name"),
        ("mine:" + encoded("user@example.net$es1"), "host name"),
        ("mine:" + encoded("example.net$es1$kb 1"), "host name"),
        ("mine:" + encoded("example.net:$es1"), "port"),
        ("mine:" + encoded("example.net:0$es1"), "port"),
        ("mine:" + encoded("example.net:70000$es1"), "port"),
        ("mine:" + encoded("example.net:9243:1$es1"), "port"),
        ("mine:" + encoded("example.net$es1:x"), "port"),
    ],
)
def test_refusals(text: object, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        decode_cloud_id(text)
    assert caught.value.option == "cloud_id" and caught.value.hint
    assert not text or str(text) not in str(caught.value)


@given(st.text())
def test_any_text_is_a_cloud_id_or_an_option_error(text: str) -> None:
    for candidate in (text, "x:" + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()):
        try:
            assert decode_cloud_id(candidate).elasticsearch.startswith("https://")
        except OptionError as refused:
            assert refused.hint
