# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server can be asked about a key's rights, and what its two answers tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.rights import askable, lost, same_rights
from hypothesis import given
from hypothesis import strategies as st
from support import strategies

SNAPSHOT = {
    "b": {
        "cluster": ["monitor", "all"],
        "indices": [
            {"names": ["x", "y"], "privileges": ["read"], "allow_restricted_indices": False},
            {"names": ["x"], "privileges": ["read", "write"], "allow_restricted_indices": True, "query": "{}"},
        ],
        "applications": [{"application": "myapp", "privileges": ["read"], "resources": ["b", "a", "/", "/x.*/"]}],
    },
    "a": {
        "cluster": ["monitor"],
        "index": [{"names": "y", "privileges": ["read"]}],
        "application": [
            {"application": "myapp", "privileges": "all", "resources": "a"},
            {"application": "kibana-*", "privileges": ["all"], "resources": ["*"]},
            {"application": "*", "privileges": ["*"], "resources": ["*"]},
        ],
        "remote_cluster": [{"privileges": ["monitor_enrich"], "clusters": ["*"]}],
    },
}


def test_askable_is_merged_and_in_order() -> None:
    assert askable(SNAPSHOT) == askable([SNAPSHOT]) == askable([{"b": SNAPSHOT["b"]}, {"a": SNAPSHOT["a"]}])
    assert askable(SNAPSHOT) == {
        "cluster": ["all", "monitor"],
        "index": [
            {"names": ["y"], "privileges": ["read"], "allow_restricted_indices": False},
            {"names": ["x"], "privileges": ["read", "write"], "allow_restricted_indices": True},
        ],
        "application": [
            {"application": "myapp", "privileges": ["all", "read"], "resources": ["a"]},
            {"application": "myapp", "privileges": ["read"], "resources": ["b"]},
        ],
    }


@pytest.mark.parametrize(
    "nothing", [{}, None, [], [{}], {"r": {}}, {"r": None}, {"r": {"cluster": None, "indices": None}}, "x"]
)
def test_askable_of_nothing(nothing: Any) -> None:
    assert askable(nothing) == {"cluster": [], "index": [], "application": []}


@given(strategies.role_descriptors)
def test_askable_names_each_right_once(descriptors: dict[str, Any]) -> None:
    question = askable(descriptors)
    asked = [
        (name, privilege) for entry in question["index"] for name in entry["names"] for privilege in entry["privileges"]
    ]
    named = {
        (name, privilege)
        for role in descriptors.values()
        for entry in role.get("indices", [])
        for name in entry["names"]
        for privilege in entry["privileges"]
    }
    assert len(asked) == len(set(asked))
    assert set(asked) == named
    assert not [entry for entry in question["application"] if "*" in entry["application"]]


def answer(cluster: dict[str, bool] | None = None, index: Any = None, application: Any = None) -> dict[str, Any]:
    return {
        "username": "u",
        "has_all_requested": False,
        "cluster": cluster or {},
        "index": index or {},
        "application": application or {},
    }


def test_lost() -> None:
    before = answer(
        {"monitor": True, "all": False, "manage": True},
        {"logs-*": {"read": True, "write": True}, "old": {"read": True}},
        {"myapp": {"*": {"read": True, "all": False}}},
    )
    after = answer(
        {"monitor": True, "all": True, "manage": False},
        {"logs-*": {"read": True, "write": False}},
        {"myapp": {"*": {"read": False}}},
    )
    assert lost(before, after) == (
        "read on * of application myapp",
        "cluster privilege manage",
        "write on index logs-*",
        "read on index old",
    )
    assert lost(after, after) == ()
    assert lost(answer(), before) == ()


@given(strategies.role_descriptors, st.booleans())
def test_nothing_is_lost_by_the_same_answer(descriptors: dict[str, Any], held: bool) -> None:
    question = askable(descriptors)
    same = answer(
        dict.fromkeys(question["cluster"], held),
        {name: dict.fromkeys(entry["privileges"], held) for entry in question["index"] for name in entry["names"]},
    )
    assert lost(same, same) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([{"a": {"cluster": ["x", "y"]}}], [{"a": {"cluster": ["y", "x"], "indices": []}}], True),
        ([{"a": {"cluster": ["x"]}}], [{"renamed": {"cluster": ["x"], "metadata": {"_reserved": True}}}], True),
        ([{"a": {"cluster": ["x"]}}], [{"a": {"cluster": ["x"]}, "b": {"cluster": ["x"]}}], True),
        ([{"a": {"cluster": ["x"]}, "b": {}}], {"a": {"cluster": ["x"]}}, True),
        ([{}], [], True),
        (None, [{}], True),
        ([{"a": {"cluster": ["x"]}}], [{"a": {"cluster": ["x", "y"]}}], False),
        ([{"a": {"cluster": ["x"]}}], [{"a": {"run_as": ["x"]}}], False),
        ([{"a": {"indices": [{"names": ["a"], "privileges": ["read"]}]}}], [{"a": {}}], False),
        ([{"a": {"cluster": ["x"]}}], None, False),
        ([{"a": {"cluster": ["x"]}}], [{"a": {"cluster": ["x"], "novelty": 1}}], False),
    ],
)
def test_same_rights(one: Any, other: Any, same: bool) -> None:
    assert same_rights(one, other) is same
    assert same_rights(other, one) is same


@given(st.data(), strategies.role_descriptors)
def test_spelling_does_not_change_rights(data: st.DataObject, descriptors: dict[str, Any]) -> None:
    assert same_rights([descriptors], [data.draw(strategies.respelled(descriptors))])
