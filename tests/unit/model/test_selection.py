# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys a selection includes, and that the server's query never leaves one of them out of the question."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key_listing import (
    OPTIONS,
    query_of,
    selection_of,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Login, Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.selection import fits, has_metadata
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_795_230_000_000
DAY = 86_400_000
LOGIN = Login(Owner("me", "native"))
MARK = {"keysmith": {"nonce": "n" * 32}}


def selected(key: Key, **options: Any) -> bool:
    return selection_of(params(**options)).includes(key, LOGIN, NOW)


def params(**options: Any) -> dict[str, Any]:
    return {**{name: option.get("default") for name, option in OPTIONS.items()}, **options}


def key(**fields: Any) -> Key:
    metadata = fields.pop("metadata", {})
    whole = {"owner": Owner("me", "native"), "creation": NOW - 10 * DAY, "expiration": NOW + 10 * DAY, **fields}
    return Key("id-1", "filebeat-web1", spec={"metadata": metadata}, **whole)


@pytest.mark.parametrize(
    ("options", "included"),
    [
        ({}, True),
        ({"name": ["filebeat-web1"]}, True),
        ({"name": ["filebeat-web2", "filebeat-web1"]}, True),
        ({"name": ["filebeat-*"]}, False),
        ({"name_pattern": ["filebeat-*"]}, True),
        ({"name_pattern": ["filebeat"]}, False),
        ({"name": ["other"], "name_pattern": ["*web?"]}, True),
        ({"id": ["id-1", "id-2"]}, True),
        ({"id": ["id-2"], "name": ["filebeat-web1"]}, False),
        ({"owner": "self"}, True),
        ({"owner": "you"}, False),
        ({"owner": "me", "owner_realm": "native"}, True),
        ({"owner": "me", "owner_realm": "file"}, False),
        ({"type": "rest"}, True),
        ({"type": "cross_cluster"}, False),
        ({"state": ["expired", "invalidated"]}, False),
        ({"state": ["any"]}, True),
        ({"expiring_within": "10d"}, True),
        ({"expiring_within": "9d"}, False),
        ({"never_expires": True}, False),
        ({"never_expires": False}, True),
        ({"created_before": "10d"}, False),
        ({"created_before": "9d"}, True),
        ({"created_after": "10d"}, True),
        ({"created_after": "9d"}, False),
        ({"created_after": "2026-11-01", "created_before": "2026-11-12"}, True),
        ({"managed_by": ["nobody"]}, True),
        ({"managed_by": ["collection", "product"]}, False),
    ],
)
def test_conditions(options: dict[str, Any], included: bool) -> None:
    assert selected(key(), **options) is included


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "active"),
        ({"expiration": None}, "active"),
        ({"expiration": NOW}, "expired"),
        ({"invalidated": True}, "invalidated"),
        ({"invalidated": True, "expiration": NOW - DAY}, "invalidated"),
    ],
)
def test_states(fields: dict[str, Any], state: str) -> None:
    for asked in ("active", "expired", "invalidated"):
        assert selected(key(**fields), state=[asked]) is (asked == state)


def test_what_has_ended_ends_within_any_time() -> None:
    assert selected(key(expiration=NOW - DAY), expiring_within="1d", state=["active", "expired"])
    assert not selected(key(expiration=NOW - DAY), expiring_within="1d")
    assert not selected(key(expiration=None), expiring_within="9999d")


@pytest.mark.parametrize(
    ("metadata", "manager"),
    [
        (MARK, "collection"),
        ({"managed": True, "managed_by": "fleet"}, "product"),
        ({"elasticsearch.k8s.elastic.co/name": "x"}, "product"),
        ({"keysmith": "not our mark"}, "nobody"),
        ({}, "nobody"),
    ],
)
def test_managers(metadata: dict[str, Any], manager: str) -> None:
    for asked in ("collection", "product", "nobody"):
        assert selected(key(metadata=metadata), managed_by=[asked]) is (asked == manager)


METADATA = {
    "team": "ops",
    "n": 3,
    "on": True,
    "empty": None,
    "tags": ["a", "b"],
    "deep": {"er": {"est": 1.5}},
    "a.b": "dotted",
    "list": [{"x": 1}, {"x": 2}],
}


@pytest.mark.parametrize(
    ("path", "wanted", "there"),
    [
        ("team", "ops", True),
        ("team", "Ops", False),
        ("n", 3, True),
        ("n", "3", True),
        ("n", 3.0, False),
        ("on", True, True),
        ("on", "true", True),
        ("on", "True", True),
        ("on", 1, False),
        ("empty", None, True),
        ("team", None, False),
        ("gone", None, False),
        ("tags", "a", True),
        ("tags", ["b", "a"], True),
        ("tags", ["a", "c"], False),
        ("deep.er.est", 1.5, True),
        ("deep", {"er": {"est": 1.5}}, True),
        ("deep", {"er.est": 1.5}, True),
        ("deep.er", {}, True),
        ("a.b", "dotted", True),
        ("a", {"b": "dotted"}, True),
        ("list.x", 2, True),
        ("list.x", 3, False),
        ("deep", 1.5, False),
    ],
)
def test_metadata(path: str, wanted: Any, there: bool) -> None:
    assert has_metadata(METADATA, path, wanted) is there
    assert selected(key(metadata=METADATA), metadata={path: wanted}) is there


@given(st.text("ab*?[]!-.", max_size=8), st.text("ab[]!-.", max_size=6))
def test_patterns_are_globs_without_classes(name: str, pattern: str) -> None:
    as_glob = "".join({"[": "[[]", "]": "]"}.get(char, char) for char in pattern + "*")
    assert fits(name, pattern + "*") is fnmatch.fnmatchcase(name, as_glob)


def test_a_backslash_takes_the_meaning_away() -> None:
    assert fits("a*", r"a\*")
    assert not fits("ab", r"a\*")
    assert fits("a\nb", "a?b")
    assert fits("a\\", "a\\\\")


def test_the_query_asks_for_what_is_selected() -> None:
    selection = selection_of(
        params(
            name=["a"],
            name_pattern=["b*"],
            id=["i"],
            owner="self",
            type="rest",
            state=["expired"],
            metadata={"team": "ops", "n": 3, "gone": None, "x": {"y": True}},
            expiring_within="14d",
            created_before="1d",
            created_after="2026-11-21T03:00:00Z",
            managed_by=["collection"],
        )
    )
    assert query_of(selection, LOGIN)["bool"]["filter"] == [
        {"ids": {"values": ["i"]}},
        {"bool": {"should": [{"terms": {"name": ["a"]}}, {"wildcard": {"name": "b*"}}], "minimum_should_match": 1}},
        {"term": {"username": "me"}},
        {"term": {"realm_name": "native"}},
        {"bool": {"filter": [{"term": {"invalidated": False}}, {"range": {"expiration": {"lte": "now"}}}]}},
        {"range": {"expiration": {"lte": "now+1209600s"}}},
        {"range": {"creation": {"lt": "now-86400s"}}},
        {"range": {"creation": {"gte": NOW}}},
        {"terms": {"metadata.team": ["ops"]}},
        {"terms": {"metadata.n": ["3"]}},
        {"terms": {"metadata.x.y": ["true", "True"]}},
        {"exists": {"field": "metadata.keysmith.nonce"}},
    ]


def test_everything_is_a_query_as_well() -> None:
    assert query_of(selection_of(params(state=["any"])), LOGIN) == {"match_all": {}}


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"expiring_within": "14"}, "expiring_within"),
        ({"expiring_within": "never"}, "expiring_within"),
        ({"never_expires": True, "expiring_within": "1d"}, "never_expires"),
        ({"created_before": "soon"}, "created_before"),
        ({"created_after": "1M"}, "created_after"),
        ({"owner_realm": "native"}, "owner_realm"),
        ({"owner": "self", "owner_realm": "native"}, "owner_realm"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as raised:
        selection_of(params(**options))
    assert raised.value.option == option
