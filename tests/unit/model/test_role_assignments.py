# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role assignments mean the same however the service arranges them, and differ wherever somebody may do something else."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.role_assignments import (
    check_role_assignments,
    completed,
    differences,
    doubts,
)
from hypothesis import given
from hypothesis import strategies as st
from support import strategies as _profile  # noqa: F401

ORG = "1000000001"
WANTED: dict[str, Any] = {
    "organization": [{"role_id": "billing-admin"}],
    "deployment": [{"role_id": "viewer", "deployment_ids": ["a", "b"]}, {"role_id": "deployment-editor", "all": True}],
    "project": {
        "security": [{"role_id": "t1_analyst", "project_ids": ["p"], "application_roles": ["t1_analyst", "viewer"]}]
    },
}
SHOWN: dict[str, Any] = {
    "platform": [],
    "organization": [{"role_id": "billing-admin", "organization_id": ORG, "application_roles": None}],
    "deployment": [
        {"role_id": "deployment-editor", "organization_id": ORG, "all": True, "deployment_ids": None},
        {"role_id": "deployment-viewer", "organization_id": ORG, "all": False, "deployment_ids": ["b"]},
        {"role_id": "deployment-viewer", "organization_id": ORG, "deployment_ids": ["a"], "application_roles": []},
    ],
    "project": {
        "elasticsearch": [],
        "observability": None,
        "security": [
            {
                "role_id": "security-t1-analyst",
                "organization_id": ORG,
                "all": False,
                "project_ids": ["p"],
                "application_roles": ["viewer", "t1_analyst"],
            }
        ],
    },
}


def test_what_the_service_makes_of_it_is_the_same() -> None:
    assert differences(WANTED, SHOWN) == ()
    assert differences(completed(WANTED, ORG), SHOWN) == ()
    assert differences(SHOWN, WANTED) == ()


def changed(change: Any) -> dict[str, Any]:
    other = copy.deepcopy(WANTED)
    change(other)
    return other


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda one: one["organization"].clear(), "role_assignments.organization"),
        (lambda one: one["deployment"][0].update(deployment_ids=["a"]), "deployment.deployment-viewer.b"),
        (lambda one: one["deployment"][0].update(deployment_ids=["a", "b", "c"]), "deployment.deployment-viewer.c"),
        (lambda one: one["deployment"][0].update(deployment_ids=None, all=True), "deployment.deployment-viewer"),
        (lambda one: one["deployment"][1].update(role_id="admin"), "deployment.deployment-admin"),
        (lambda one: one["project"]["security"][0].update(application_roles=["viewer"]), "p.application_roles"),
        (lambda one: one["project"]["security"][0].pop("application_roles"), "p.application_roles"),
        (lambda one: one["project"].update(vectordb=[{"role_id": "x", "all": True}]), "project.vectordb"),
        (lambda one: one["organization"][0].update(organization_id="2"), "billing-admin of 2"),
        (lambda one: one["organization"][0].update(condition="x"), "billing-admin.condition"),
    ],
)
def test_what_allows_something_else_differs(change: Any, path: str) -> None:
    found = differences(changed(change), SHOWN)
    assert any(path in one.path for one in found), found


ENTRIES = st.fixed_dictionaries(
    {
        "role_id": st.sampled_from(["viewer", "deployment-viewer", "editor"]),
        "deployment_ids": st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
    }
)


@given(st.lists(ENTRIES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_neither_order_nor_arrangement_matters(entries: list[dict[str, Any]], chance: random.Random) -> None:
    split = [{**entry, "deployment_ids": [one]} for entry in entries for one in entry["deployment_ids"]]
    chance.shuffle(split)
    assert differences({"deployment": entries}, {"deployment": split}) == ()
    granted = {
        (entry["role_id"].removeprefix("deployment-"), one) for entry in split for one in entry["deployment_ids"]
    }
    fewer = [one for one in split if one != split[0]]
    left = {(entry["role_id"].removeprefix("deployment-"), one) for entry in fewer for one in entry["deployment_ids"]}
    assert bool(differences({"deployment": fewer}, {"deployment": split})) == (left != granted)


def test_what_is_sent_is_whole() -> None:
    sent = completed({**WANTED, "platform": None, "deployment": [{"role_id": "viewer", "all": True, "x": 1}]}, ORG)
    assert sent == {
        "organization": [{"role_id": "billing-admin", "organization_id": ORG}],
        "deployment": [{"role_id": "deployment-viewer", "organization_id": ORG, "all": True, "x": 1}],
        "project": {
            "security": [
                {
                    "role_id": "security-t1-analyst",
                    "organization_id": ORG,
                    "project_ids": ["p"],
                    "application_roles": ["t1_analyst", "viewer"],
                }
            ]
        },
    }
    unknown = {"project": {"vectordb": [{"role_id": "admin", "organization_id": "2", "all": True}]}}
    assert completed(unknown, ORG) == unknown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "is not a mapping"),
        ({}, "is empty, which gives the key every right of its creator"),
        ({"deployment": [], "project": {"security": None}}, "is empty"),
        ({"deployments": [{"role_id": "x", "all": True}]}, "has no part deployments"),
        ({"project": [{"role_id": "x"}]}, "project is not a mapping"),
        ({"deployment": {"role_id": "x"}}, "deployment is not a list"),
        ({"deployment": ["viewer"]}, "deployment[0] is not a mapping"),
        ({"deployment": [{"all": True}]}, "deployment[0].role_id is missing"),
        ({"organization": [{"role_id": "x", "organization_id": 7}]}, "organization[0].organization_id"),
        (
            {"deployment": [{"role_id": "x", "all": True, "deployment_ids": ["a"]}]},
            "all: true together with deployment_ids",
        ),
        (
            {"project": {"security": [{"role_id": "x"}]}},
            "project.security[0] is for nothing. Give project_ids, or all: true",
        ),
        ({"project": {"security": [{"role_id": "x", "project_ids": [1]}]}}, "project_ids is not a list of texts"),
        ({"deployment": [{"role_id": "x", "all": "yes"}]}, "all is neither true nor false"),
        ({"organization": [{"role_id": "x", "application_roles": "admin"}]}, "application_roles is not a list"),
    ],
)
def test_what_is_refused(value: Any, words: str) -> None:
    with pytest.raises(OptionError, match=re.escape(words)) as refused:
        check_role_assignments(value)
    assert refused.value.option == "role_assignments"


def test_what_is_fine_and_what_is_doubtful() -> None:
    check_role_assignments(WANTED)
    check_role_assignments(SHOWN)
    assert doubts(WANTED) == doubts(None) == ()
    (hosted,) = doubts({"deployment": [{"role_id": "viewer", "all": True, "application_roles": ["x"]}] * 2})
    assert "es_api_key" in hosted
    unknown, empty = doubts({"project": {"vectordb": [{"role_id": "x", "all": True, "application_roles": []}]}})
    assert "does not know" in unknown
    assert "Elastic Cloud API alone" in empty
