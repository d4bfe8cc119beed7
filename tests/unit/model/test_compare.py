# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences by path, in the user's spelling."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.canonical import (
    canonical_metadata,
    canonical_role_descriptors,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.compare import Change, compare
from hypothesis import given
from hypothesis import strategies as st
from support import strategies


def roles(wanted: Any, found: Any) -> tuple[Change, ...]:
    return compare("role_descriptors", wanted, found, canonical_role_descriptors)


def metadata(wanted: Any, found: Any) -> tuple[Change, ...]:
    return compare("metadata", wanted, found, canonical_metadata)


def entry(*names: str, privileges: tuple[str, ...] = ("read",), **more: Any) -> dict[str, Any]:
    return {"names": list(names), "privileges": list(privileges), **more}


def test_a_set_is_one_change_in_the_user_s_spelling() -> None:
    wanted = {"writer": {"indices": [entry("logs-*", privileges=("write", "create_index"))]}}
    found = {"writer": {"indices": [entry("logs-*", privileges=("read", "all"), allow_restricted_indices=False)]}}
    assert roles(wanted, found) == (
        Change("role_descriptors.writer.indices[0].privileges", ["read", "all"], ["write", "create_index"]),
    )


def test_a_query_is_told_as_it_was_written() -> None:
    wanted = {"r": {"indices": [entry("a", query={"term": {"team": "b"}})]}}
    found = {"r": {"indices": [entry("a", query='{"term":{"team":"a"}}')]}}
    assert roles(wanted, found) == (
        Change("role_descriptors.r.indices[0].query", '{"term":{"team":"a"}}', {"term": {"team": "b"}}),
    )


def test_roles_come_and_go_without_the_server_s_defaults() -> None:
    wanted, found = (
        {"new": {"cluster": ["monitor"]}, "a b": {}},
        {"old": {"cluster": ["all"], "indices": [], "metadata": {}}},
    )
    assert roles(wanted, found) == (
        Change("role_descriptors['a b']", None, {}),
        Change("role_descriptors.new", None, {"cluster": ["monitor"]}),
        Change("role_descriptors.old", {"cluster": ["all"]}, None),
    )


def test_entries_are_paired_by_likeness_and_numbered_as_the_user_wrote_them() -> None:
    found = {"r": {"indices": [entry("a", privileges=("all",)), entry("b"), entry("c", query="{}")]}}
    wanted = {"r": {"indices": [entry("c", "d", query="{}"), entry("b"), entry("a")]}}
    assert roles(wanted, found) == (
        Change("role_descriptors.r.indices[0].names", ["c"], ["c", "d"]),
        Change("role_descriptors.r.indices[2].privileges", ["all"], ["read"]),
    )


def test_entries_come_and_go() -> None:
    one, two, three = entry("a"), entry("b", privileges=("all",)), entry("c", query="x")
    assert roles({"r": {"indices": [two, one]}}, {"r": {"indices": [one]}}) == (
        Change("role_descriptors.r.indices[0]", None, two),
    )
    assert roles({"r": {"indices": [one]}}, {"r": {"indices": [one, two, three]}}) == (
        Change("role_descriptors.r.indices[1]", two, None),
        Change("role_descriptors.r.indices[2]", three, None),
    )
    assert roles({"r": {"indices": [one, one]}}, {"r": {"indices": [one]}}) == (
        Change("role_descriptors.r.indices[1]", None, one),
    )
    assert roles({"r": {}}, {"r": {"indices": [one]}}) == (Change("role_descriptors.r.indices", [one], None),)


def test_all_rights_and_none() -> None:
    assert roles({}, {"r": {}}) == (Change("role_descriptors.r", {}, None),)
    assert roles({"r": {}}, {}) == (Change("role_descriptors.r", None, {}),)


@pytest.mark.parametrize(
    ("found", "wanted", "spelling"),
    [
        (3, "3", True),
        ("3", 3, True),
        (1.5, "1.5", True),
        (True, "true", True),
        ("True", True, True),
        (False, "False", True),
        (None, "", True),
        ("", None, True),
        (3, "3.0", False),
        (3, 3.0, False),
        (1, True, False),
        ("true", "True", False),
        (None, "None", False),
        (None, "null", False),
        (None, False, False),
        (3, "4", False),
        ("", 0, False),
        ([], "", False),
    ],
)
def test_spelling(found: Any, wanted: Any, spelling: bool) -> None:
    assert metadata({"a": wanted}, {"a": found}) == (Change("metadata.a", found, wanted, spelling),)
    assert metadata({"a": [{"b": wanted}]}, {"a": [{"b": found}]}) == (
        Change("metadata.a[0].b", found, wanted, spelling),
    )
    in_role = roles({"r": {"metadata": {"a": wanted}}}, {"r": {"metadata": {"a": found}}})
    assert in_role == (Change("role_descriptors.r.metadata.a", found, wanted, spelling),)


def test_there_is_no_spelling_outside_of_metadata() -> None:
    (change,) = roles({"r": {"novelty": "3"}}, {"r": {"novelty": 3}})
    assert not change.spelling


def test_absent_is_no_spelling_and_a_null_is_told() -> None:
    assert metadata({"a": None}, {}) == (Change("metadata.a", None, "null"),)
    assert metadata({}, {"a": None}) == (Change("metadata.a", "null", None),)
    assert metadata({"a": ""}, {}) == (Change("metadata.a", None, ""),)


def test_lists_in_metadata_keep_their_order() -> None:
    assert metadata({"a": [1, 2]}, {"a": [2, 1]}) == (Change("metadata.a[0]", 2, 1), Change("metadata.a[1]", 1, 2))
    assert metadata({"a": [1, 2]}, {"a": [1]}) == (Change("metadata.a", [1], [1, 2]),)


def test_our_mark_is_no_difference() -> None:
    assert metadata({"a": 1}, {"a": 1, "keysmith": {"nonce": "n"}, "_cloned_from": "x"}) == ()


def test_names_that_are_hard_to_read_are_quoted() -> None:
    found = metadata({"a.b": {"": 1, "c d": 2, "it's": 3, "ok-1/2": 4}}, {"a.b": {}})
    assert [change.path for change in found] == [
        "metadata['a.b']['']",
        "metadata['a.b']['c d']",
        "metadata['a.b'][\"it's\"]",
        "metadata['a.b'].ok-1/2",
    ]


def test_without_a_canonical_form_values_are_compared_as_they_are() -> None:
    assert compare("certificate_identity", "CN=b", "CN=a") == (Change("certificate_identity", "CN=a", "CN=b"),)
    assert compare("x", [1, 2], [1, 2]) == ()


def test_a_change_is_told_in_words() -> None:
    assert str(Change("metadata.a", 1, "x")) == "metadata.a: 1 -> 'x'"


@given(st.data(), strategies.role_descriptors)
def test_no_difference_in_any_spelling(data: st.DataObject, descriptors: dict[str, Any]) -> None:
    assert roles(data.draw(strategies.respelled(descriptors)), data.draw(strategies.respelled(descriptors))) == ()


@given(st.data(), strategies.mutated(strategies.role_descriptors, strategies.mutations_of_descriptors))
def test_one_mutation_of_role_descriptors_is_one_difference(
    data: st.DataObject, case: tuple[dict[str, Any], strategies.Mutation]
) -> None:
    descriptors, mutation = case
    (change,) = roles(mutation.value, data.draw(strategies.respelled(descriptors)))
    assert (change.path, change.spelling) == (mutation.path, mutation.spelling)


@given(strategies.mutated(strategies.metadata, strategies.mutations_of_metadata))
def test_one_mutation_of_metadata_is_one_difference(case: tuple[dict[str, Any], strategies.Mutation]) -> None:
    value, mutation = case
    (change,) = metadata(mutation.value, value)
    assert (change.path, change.spelling) == (mutation.path, mutation.spelling)


@given(strategies.role_descriptors, strategies.role_descriptors)
def test_there_is_a_change_exactly_where_the_canonical_forms_differ(
    wanted: dict[str, Any], found: dict[str, Any]
) -> None:
    changes = roles(wanted, found)
    assert bool(changes) is (canonical_role_descriptors(wanted) != canonical_role_descriptors(found))
    assert changes == roles(wanted, found)
    assert len({change.path for change in changes}) == len(changes)
    assert not [change for change in changes if change.before is None and change.after is None]
