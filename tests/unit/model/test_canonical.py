# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical form, case by case as real servers (8.19, 9.5) answered, and its properties."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.canonical import (
    canonical_access,
    canonical_metadata,
    canonical_role_descriptors,
    for_serverless,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.node import opaque, plain, sort_key
from hypothesis import given
from hypothesis import strategies as st
from support import strategies

EMPTY = {
    "cluster": [],
    "indices": [],
    "applications": [],
    "run_as": [],
    "metadata": {},
    "transient_metadata": {"enabled": True},
}


def role(**fields: Any) -> dict[str, Any]:
    return {"r": fields}


def shown(**fields: Any) -> dict[str, Any]:
    """A role as the server shows it."""
    return {"r": {**EMPTY, **fields}}


def index(**fields: Any) -> dict[str, Any]:
    return role(indices=[{"names": ["a"], "privileges": ["read"], **fields}])


def shown_index(**fields: Any) -> dict[str, Any]:
    return shown(indices=[{"names": ["a"], "privileges": ["read"], "allow_restricted_indices": False, **fields}])


APPLICATION = {"application": "myapp", "privileges": ["read"], "resources": ["*"]}
REMOTE = {"names": ["a"], "privileges": ["read"], "clusters": ["c"]}
MANAGE = {"application": {"manage": {"applications": ["b", "a"]}}}

# What was sent, and what the server showed: no difference.
SAME = {
    "nothing": (None, {}),
    "no role": ({}, {}),
    "an empty role": ({"r": {}}, {"r": EMPTY}),
    "six fields are filled in": (role(cluster=["monitor"]), shown(cluster=["monitor"])),
    "index": (role(index=[{"names": ["a"], "privileges": ["read"]}]), shown_index()),
    "application": (role(application=[APPLICATION]), shown(applications=[APPLICATION])),
    "the last of two aliases": (
        role(index=[{"names": ["b"], "privileges": ["all"]}], indices=[{"names": ["a"], "privileges": ["read"]}]),
        shown_index(),
    ),
    "one name": (index(names="a"), shown_index()),
    "a regular expression": (index(names="/a.*/"), shown_index(names=["/a.*/"])),
    "one application privilege": (
        role(applications=[{**APPLICATION, "privileges": "read", "resources": "*"}]),
        shown(applications=[APPLICATION]),
    ),
    "numbers as resources": (
        role(applications=[{**APPLICATION, "resources": [1, True]}]),
        shown(applications=[{**APPLICATION, "resources": ["1", "true"]}]),
    ),
    "restricted by default": (index(allow_restricted_indices=False), shown_index()),
    "remote restricted by default": (
        role(remote_indices=[{**REMOTE, "names": "a"}]),
        shown(remote_indices=[{**REMOTE, "allow_restricted_indices": False}]),
    ),
    "a query object": (
        index(query={"term": {"b": 1.0, "a": 1e10}}),
        shown_index(query='{"term":{"b":1.0,"a":1.0E10}}'),
    ),
    "an empty query object": (index(query={}), shown_index(query="{}")),
    "a query text": (index(query='{"match_all": {}}'), shown_index(query='{"match_all": {}}')),
    "a query text against an object": (index(query='{"b": 1,\n "a": [1, 2]}'), shown_index(query='{"a":[1,2],"b":1}')),
    "a query that is no JSON": (index(query='{"x": '), shown_index(query='{"x": ')),
    "a query of blanks": (index(query="  "), shown_index(query="  ")),
    "a query with NaN": (index(query="NaN"), shown_index(query="NaN")),
    "no query": (index(query=None), shown_index()),
    "an empty query": (index(query=""), shown_index()),
    "field security": (index(field_security={"grant": ["b", "a"]}), shown_index(field_security={"grant": ["a", "b"]})),
    "except nothing": (
        index(field_security={"grant": ["*"], "except": []}),
        shown_index(field_security={"grant": ["*"]}),
    ),
    "grant nothing": (index(field_security={"grant": []}), shown_index(field_security={"grant": [], "except": []})),
    "upper case is kept": (role(cluster=["MONITOR"]), shown(cluster=["MONITOR"])),
    "order of a list": (role(cluster=["a", "b"], run_as=["y", "x"]), shown(cluster=["b", "a"], run_as=["x", "y"])),
    "duplicates": (role(cluster=["a", "a"], run_as=["x", "x"]), shown(cluster=["a"], run_as=["x"])),
    "order of entries": (
        role(indices=[{"names": ["b"], "privileges": ["read"]}, {"names": ["a"], "privileges": ["read"]}]),
        shown(
            indices=[
                {"names": [name], "privileges": ["read"], "allow_restricted_indices": False} for name in ("a", "b")
            ]
        ),
    ),
    "order of role metadata": (role(metadata={"b": [2, 1], "a": None}), shown(metadata={"a": None, "b": [2, 1]})),
    "transient metadata": (role(transient_metadata={"enabled": False, "x": 1}), shown()),
    "an empty restriction": (role(restriction={}), shown()),
    "a restriction": (role(restriction={"workflows": ["w", "w"]}), shown(restriction={"workflows": ["w"]})),
    "no global privileges": (role(**{"global": {"application": {}}}), shown()),
    "global in 8.19": (role(**{"global": MANAGE}), shown(**{"global": {**MANAGE, "profile": {}, "role": {}}})),
    "global in 9.5": (
        role(**{"global": MANAGE}),
        shown(**{"global": {**MANAGE, "profile": {}, "role": {}, "data_source": []}}),
    ),
    "global in another order": (
        role(**{"global": {"application": {"manage": {"applications": ["a", "b", "b"]}}}}),
        shown(**{"global": {**MANAGE, "role": {}}}),
    ),
    "global entries": (
        role(**{"global": {"role": {"manage": {"indices": [{"names": ["a", "b"]}, {"names": ["c"]}]}}}}),
        shown(**{"global": {"role": {"manage": {"indices": [{"names": ["c"]}, {"names": ["b", "a"]}]}}}}),
    ),
    "remote cluster": (
        role(remote_cluster=[{"privileges": ["monitor_stats", "monitor_enrich"], "clusters": ["d", "c"]}]),
        shown(remote_cluster=[{"privileges": ["monitor_enrich", "monitor_stats"], "clusters": ["c", "d"]}]),
    ),
    "empty remote lists": (role(remote_indices=[], remote_cluster=[]), shown()),
    "cluster null": (role(cluster=None, run_as=None), shown()),
    "order of roles": ({"a": {}, "b": {}}, {"b": EMPTY, "a": EMPTY}),
    "a role named by a number": ({1: {}}, {"1": EMPTY}),
    "an unknown field": (role(novelty={"x": [1, 2]}), shown(novelty={"x": [1, 2]})),
}


@pytest.mark.parametrize("case", SAME)
def test_what_the_server_makes_of_it_is_the_same(case: str) -> None:
    sent, returned = SAME[case]
    assert canonical_role_descriptors(sent) == canonical_role_descriptors(returned)


DIFFERENT = {
    "all rights and none": ({}, {"r": {}}),
    "another privilege": (role(cluster=["monitor"]), role(cluster=["manage"])),
    "another case": (role(cluster=["monitor"]), role(cluster=["MONITOR"])),
    "restricted indices": (index(), index(allow_restricted_indices=True)),
    "restricted indices, of another type": (index(), index(allow_restricted_indices=0)),
    "a query": (index(), index(query={"match_all": {}})),
    "a query and an empty one": (index(), index(query={})),
    "types in a query": (index(query={"a": 1}), index(query={"a": 1.0})),
    "a query's lists": (index(query={"a": [1, 2]}), index(query={"a": [2, 1]})),
    "a query's text and object": (index(query='"{}"'), index(query="{}")),
    "white space where it is no JSON": (index(query="{ x"), index(query="{  x")),
    "no field and no rule": (index(), index(field_security={"grant": []})),
    "all fields and no rule": (index(), index(field_security={"grant": ["*"]})),
    "exceptions": (index(field_security={"grant": ["*"]}), index(field_security={"grant": ["*"], "except": ["a"]})),
    "an entry twice": (role(applications=[APPLICATION]), role(applications=[APPLICATION, APPLICATION])),
    "entries taken together": (
        role(indices=[{"names": ["a", "b"], "privileges": ["read"]}]),
        role(indices=[{"names": [name], "privileges": ["read"]} for name in "ab"]),
    ),
    "types in role metadata": (role(metadata={"a": 1}), role(metadata={"a": True})),
    "an unknown field": (role(novelty=[1, 2]), role(novelty=[2, 1])),
    "an unknown field, empty": (role(novelty=[]), role()),
    "an unknown field of an entry": (index(novelty=None), index()),
    "another role name": ({"a": {}}, {"b": {}}),
    "a role that is none": ({"r": None}, {"r": {}}),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_differs_for_the_server_differs(case: str) -> None:
    one, other = DIFFERENT[case]
    assert canonical_role_descriptors(one) != canonical_role_descriptors(other)


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        (None, {}),
        ({"search": [], "replication": []}, {}),
        (
            {
                "replication": [{"names": "b"}],
                "search": [{"names": "a", "query": {"x": 1}, "field_security": {"grant": ["*"], "except": []}}],
            },
            {
                "search": [
                    {
                        "names": ["a"],
                        "query": '{"x":1}',
                        "field_security": {"grant": ["*"]},
                        "allow_restricted_indices": False,
                    }
                ],
                "replication": [{"names": ["b"], "allow_restricted_indices": False}],
            },
        ),
        (
            {"search": [{"names": ["a", "b"]}, {"names": ["c"]}]},
            {"search": [{"names": ["c"]}, {"names": ["b", "a", "a"]}]},
        ),
        ({"search": [{"names": ["a"]}], "novelty": 1}, {"novelty": 1, "search": [{"names": "a"}]}),
    ],
)
def test_access(sent: Any, returned: Any) -> None:
    assert canonical_access(sent) == canonical_access(returned)


def test_serverless_is_not_told_a_default_that_it_shows() -> None:
    """Everything else goes as it is, wider access too: that one is refused by name before."""
    wide = {"names": ["a"], "allow_restricted_indices": True}
    told = {"r": {"indices": [{"names": ["a"], "allow_restricted_indices": False}, wide], "cluster": ["monitor"]}}
    assert for_serverless(told) == {"r": {"indices": [{"names": ["a"]}, wide], "cluster": ["monitor"]}}
    assert canonical_role_descriptors(for_serverless(told)) == canonical_role_descriptors(told)
    odd = {"r": None, "s": {"indices": {"names": "a"}, "metadata": {"a": 1}}, "t": {"indices": ["a"]}}
    assert for_serverless(odd) == odd


def test_search_is_not_replication() -> None:
    assert canonical_access({"search": [{"names": ["a"]}]}) != canonical_access({"replication": [{"names": ["a"]}]})


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        (None, {}),
        ({"a": 1}, {"a": 1, "keysmith": {"nonce": "n"}, "_cloned_from": "id"}),
        ({"b": 1, "a": {"d": 1, "c": 2}}, {"a": {"c": 2, "d": 1}, "b": 1}),
        ({"": 1, "a.b": None}, {"a.b": None, "": 1}),
        ({1: "x", False: "y", None: "z"}, {"1": "x", "false": "y", "null": "z"}),
    ],
)
def test_metadata_that_is_the_same(sent: Any, returned: Any) -> None:
    assert canonical_metadata(sent) == canonical_metadata(returned)


ONES = [1, 1.0, True, "1", [1], {"1": 1}, None]


@pytest.mark.parametrize("one", ONES, ids=repr)
@pytest.mark.parametrize("other", ONES, ids=repr)
@pytest.mark.parametrize(
    "wrap", [lambda x: x, lambda x: [x], lambda x: {"b": [0, {"c": x}]}], ids=["bare", "listed", "deep"]
)
def test_metadata_keeps_types_apart(one: Any, other: Any, wrap: Any) -> None:
    same = canonical_metadata({"a": wrap(one)}) == canonical_metadata({"a": wrap(other)})
    assert same is (one is other)


@pytest.mark.parametrize(
    ("one", "other"), [([1, 2], [2, 1]), ({"_x": 1}, {}), ({"keysmith": 1}, {}), ([], None), ({}, None), ("", None)]
)
def test_metadata_inside_is_kept_as_it_is(one: Any, other: Any) -> None:
    assert canonical_metadata({"a": one}) != canonical_metadata({"a": other})


anything = st.recursive(
    strategies.scalars | st.sampled_from(("names", "query")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("a", "index", "indices", "names", "global", "query")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(strategies.role_descriptors)
def test_canonical_role_descriptors_are_idempotent(descriptors: dict[str, Any]) -> None:
    once = canonical_role_descriptors(descriptors)
    assert canonical_role_descriptors(plain(once)) == once


@given(strategies.access)
def test_canonical_access_is_idempotent(access: dict[str, Any]) -> None:
    once = canonical_access(access)
    assert canonical_access(plain(once)) == once


@given(strategies.metadata)
def test_canonical_metadata_are_idempotent_and_lose_nothing(metadata: dict[str, Any]) -> None:
    once = canonical_metadata(metadata)
    assert canonical_metadata(plain(once)) == once
    assert json.dumps(plain(once)) == json.dumps(metadata)


@given(st.data(), strategies.role_descriptors)
def test_canonical_role_descriptors_do_not_mind_the_spelling(data: st.DataObject, descriptors: dict[str, Any]) -> None:
    other = data.draw(strategies.respelled(descriptors))
    assert canonical_role_descriptors(other) == canonical_role_descriptors(descriptors)


@pytest.mark.parametrize("canonical", [canonical_role_descriptors, canonical_access, canonical_metadata])
@given(value=anything)
def test_canonical_takes_anything_and_changes_nothing(canonical: Any, value: Any) -> None:
    before = copy.deepcopy(value)
    assert canonical(value) == canonical(copy.deepcopy(value))
    assert canonical({"a": value}) == canonical({"a": value})
    assert repr(value) == repr(before)


@given(anything, anything)
def test_the_sort_key_is_the_same_exactly_for_equal_nodes(one: Any, other: Any) -> None:
    assert (sort_key(opaque(one)) == sort_key(opaque(other))) is (opaque(one) == opaque(other))
