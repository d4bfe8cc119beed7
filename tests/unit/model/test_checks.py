# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before it is sent, and with which words."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.checks import (
    check_access,
    check_metadata,
    check_name,
    check_role_descriptors,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from hypothesis import given
from support import strategies

ENTRY = {"names": ["a"], "privileges": ["read"]}
EMOJI = "\U0001f600"


def nested(levels: int, inner: Any = 1) -> Any:
    for _level in range(levels):
        inner = {"a": inner}
    return inner


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"r": {}},
        {"cluster": {"cluster": ["monitor"]}},
        {"r": {"cluster": None, "run_as": None, "indices": [], "metadata": {"x": 1}, "global": {}, "restriction": {}}},
        {
            "r": {
                "indices": [
                    {
                        "names": "a",
                        "privileges": ["read"],
                        "query": {"x": 1},
                        "field_security": {"grant": ["*"], "except": []},
                    }
                ]
            }
        },
        {"r": {"indices": [{**ENTRY, "query": "{}"}, {**ENTRY, "query": None}]}},
        {"r": {"applications": [{"application": "myapp", "privileges": "read", "resources": [1, "a,b"]}]}},
        {"r": {"transient_metadata": {"enabled": True}}},
        {"r": {"restriction": {"workflows": ["search_application_query"]}}},
        {"a": {"restriction": {}}, "b": {}},
        {"r": {"novelty": {"x": 1}}},
        {"r": {"indices": [{**ENTRY, "novelty": 1}]}},
    ],
    ids=repr,
)
def test_role_descriptors_that_pass(value: Any) -> None:
    check_role_descriptors(value, "role_descriptors")


@given(strategies.role_descriptors)
def test_role_descriptors_that_the_server_takes_pass(value: dict[str, Any]) -> None:
    check_role_descriptors(value, "role_descriptors")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "rd is empty, not a mapping"),
        ([{"r": {}}], "rd is a list, not a mapping"),
        ("{}", "rd is a text, not a mapping"),
        (
            {"cluster": ["monitor"], "indices": [ENTRY]},
            r"rd\.cluster is a field of a role descriptor where a role's name belongs",
        ),
        ({"indices": [ENTRY]}, r"rd\.indices is a field"),
        ({"indices": ENTRY}, r"rd\.indices is a field"),
        ({"metadata": {}}, r"rd\.metadata is a field"),
        ({"restriction": {"workflows": ["w"]}}, r"rd\.restriction is a field"),
        ({"global": {}}, r"rd\.global is a field"),
        ({"transient_metadata": {"enabled": True}}, r"rd\.transient_metadata is a field"),
        ({"description": "x", "r": {}}, r"rd\.description is a field"),
        ({"role_descriptors": {"r": {}}}, "rd holds role_descriptors once more"),
        ({"role_descriptors": {}}, "rd holds role_descriptors once more"),
        ({"r": None}, r"rd\.r is empty, not a role descriptor\. Say 'r: {}'"),
        ({"r": ["monitor"]}, r"rd\.r is a list, not a role descriptor"),
        ({"r": "superuser"}, r"rd\.r is a text, not a role descriptor"),
        ({"r": True}, r"rd\.r is a boolean"),
        ({"r": 1}, r"rd\.r is a number"),
        ({"r": {"description": "x"}}, r"rd\.r\.description is not possible"),
        ({"r": {"index": [ENTRY], "indices": [ENTRY]}}, r"rd\.r has both index and indices"),
        ({"r": {"application": [], "applications": []}}, r"rd\.r has both application and applications"),
        ({"r": {"transient_metadata": {"enabled": False}}}, r"rd\.r\.transient_metadata would be dropped"),
        ({"r": {"transient_metadata": None}}, r"rd\.r\.transient_metadata would be dropped"),
        ({"r": {"cluster": "monitor"}}, r"rd\.r\.cluster is a text, not a list\. Write it in brackets: \[monitor\]"),
        ({"r": {"cluster": [["monitor"]]}}, r"rd\.r\.cluster\[0\] is a list, not a text"),
        ({"r": {"cluster": ["monitor", None]}}, r"rd\.r\.cluster\[1\] is empty, not a text"),
        ({"r": {"run_as": "me"}}, r"rd\.r\.run_as is a text, not a list"),
        ({"r": {"run_as": [1]}}, r"rd\.r\.run_as\[0\] is a number, not a text\. Put it in quotes"),
        ({"r": {"indices": ENTRY}}, r"rd\.r\.indices is a mapping, not a list of mappings"),
        ({"r": {"indices": None}}, r"rd\.r\.indices is empty, not a list"),
        ({"r": {"index": ["a"]}}, r"rd\.r\.index\[0\] is a text, not a mapping"),
        (
            {"r": {"indices": [ENTRY, {**ENTRY, "privileges": "read"}]}},
            r"rd\.r\.indices\[1\]\.privileges is a text, not a list",
        ),
        ({"r": {"indices": [{**ENTRY, "names": 2024}]}}, r"indices\[0\]\.names is a number"),
        ({"r": {"indices": [{**ENTRY, "names": [2024]}]}}, r"indices\[0\]\.names\[0\] is a number, not a text"),
        ({"r": {"indices": [{**ENTRY, "names": None}]}}, r"indices\[0\]\.names is empty"),
        ({"r": {"indices": [{**ENTRY, "names": "a,b"}]}}, r"indices\[0\]\.names has a comma in 'a,b'"),
        (
            {"r": {"remote_indices": [{**ENTRY, "names": ["c", "a,b"]}]}},
            r"remote_indices\[0\]\.names has a comma in 'a,b'",
        ),
        ({"r": {"remote_indices": [{**ENTRY, "clusters": "c"}]}}, r"remote_indices\[0\]\.clusters is a text"),
        (
            {"r": {"remote_cluster": [{"privileges": "monitor_enrich", "clusters": ["c"]}]}},
            r"remote_cluster\[0\]\.privileges is a text",
        ),
        ({"r": {"indices": [{**ENTRY, "query": [1]}]}}, r"indices\[0\]\.query is a list, not a query"),
        ({"r": {"indices": [{**ENTRY, "query": True}]}}, r"indices\[0\]\.query is a boolean"),
        ({"r": {"indices": [{**ENTRY, "field_security": {"grant": "a"}}]}}, r"field_security\.grant is a text"),
        (
            {"r": {"indices": [{**ENTRY, "field_security": {"grant": ["a"], "except": None}}]}},
            r"field_security\.except is empty",
        ),
        (
            {"r": {"restriction": {"workflows": "search_application_query"}}},
            r"restriction\.workflows is a text, not a list",
        ),
        ({"r": {"restriction": ["w"]}}, r"restriction is a list, not a mapping"),
        ({"r": {"remote_cluster": "monitor_enrich"}}, r"remote_cluster is a text, not a list of mappings"),
        ({"r": {"restriction": None}}, r"restriction is empty, not a mapping"),
        ({"a": {"restriction": {"workflows": ["w"]}}, "b": {}}, r"rd\.a has a restriction, but there are 2 roles"),
    ],
    ids=repr,
)
def test_role_descriptors_that_are_refused(value: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        check_role_descriptors(value, "rd")
    assert caught.value.option == "rd"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": None, "b": [1, "1", [True, {}]], "": 1, "a.b": {"_c": 1}, "n": 10**300, "e": EMOJI},
        nested(20),
        nested(20, None),
        nested(20, []),
        {"a": [[[[nested(19)]]]]},
        {"a": "x" * 32_764},
        {"a": "\u00e4" * 16_382},
        {"abc": {"d": "x" * 32_760}},
        {"abc": [["x" * 32_762]]},
        {"a": "x\0y"},
        {1: "a number as a name"},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_metadata_that_pass(value: Any) -> None:
    check_metadata(value, "metadata")


@given(strategies.metadata)
def test_metadata_that_the_server_takes_pass(value: dict[str, Any]) -> None:
    check_metadata(value, "metadata")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "metadata is empty, not a mapping"),
        ([], "metadata is a list, not a mapping"),
        ("x", "metadata is a text, not a mapping"),
        ({"keysmith": {}}, r"metadata\.keysmith is reserved"),
        ({"_x": 1}, r"metadata\._x begins with an underscore"),
        (nested(21), "more than 20 mappings"),
        (nested(20, {}), "more than 20 mappings"),
        (nested(20, [{}]), "more than 20 mappings"),
        ({"a": [[[[nested(20)]]]]}, "more than 20 mappings"),
        ({"a": "x" * 32_765}, r"metadata\.a takes 32767 bytes"),
        ({"a": "\u00e4" * 16_383}, r"metadata\.a takes 32768 bytes"),
        ({"abc": {"d": "x" * 32_761}}, r"metadata\.abc\.d takes 32767 bytes"),
        ({"abc": ["", ["x" * 32_763]]}, r"metadata\.abc takes 32767 bytes"),
        ({"a": [{"b\0": None}]}, r"metadata\.a has a name with a NUL"),
        ({"b\0": []}, "metadata has a name with a NUL"),
        ({"a": float("nan")}, r"metadata\.a is nan, which JSON cannot say"),
        ({"a": [float("inf")]}, r"metadata\.a is inf"),
        ({"a": datetime.date(2026, 1, 1)}, r"metadata\.a is a date, which JSON does not know\. Put it in quotes"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_metadata_that_are_refused(value: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        check_metadata(value, "metadata")


def test_lists_inside_lists_have_an_end() -> None:
    value: Any = 1
    for _level in range(900):
        value = [value]
    with pytest.raises(OptionError, match="lists inside each other"):
        check_metadata({"a": value}, "metadata")


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "a" * 256,
        "\u00e4" * 256,
        EMOJI * 128,
        "*",
        "a*",
        "a\nb",
        "a_",
        "\u00a0a\u2003",
        "\u0085a\u3000",
        "\"'\\{{ x }}",
    ],
)
def test_names_that_pass(name: str) -> None:
    check_name(name, "name")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "name is empty"),
        (None, "name is empty"),
        (17, "name is not a text"),
        ("a" * 257, "name has 257 characters"),
        (EMOJI * 128 + "a", "name has 257 characters"),
        (" a", "white space"),
        ("a\n", "white space"),
        ("a\x1c", "white space"),
        ("\0", "white space"),
        ("_a", "underscore"),
    ],
)
def test_names_that_are_refused(name: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        check_name(name, "name")
    assert caught.value.hint


@pytest.mark.parametrize(
    "value",
    [
        {"search": [{"names": "a"}]},
        {"search": [], "replication": [{"names": ["a"], "allow_restricted_indices": True}]},
        {"search": [{"names": ["a"], "query": {"term": {"x": 1}}, "field_security": {"grant": ["*"]}}], "later": 1},
    ],
    ids=repr,
)
def test_access_that_passes(value: Any) -> None:
    check_access(value, "access")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], r"access is a list, not a mapping"),
        ({"search": None}, r"access\.search is empty, not a list"),
        ({"search": [{"names": []}]}, r"access\.search\[0\] has no names"),
        ({"replication": [{"names": ["a"], "query": "{}"}]}, r"access\.replication\[0\]\.query is not possible"),
    ],
    ids=repr,
)
def test_access_that_is_refused(value: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        check_access(value, "access")
    assert caught.value.option == "access"
