# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one of several services is asked, when all of them were given the same."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.revocation_task import revocation_task

PAIR = f"{'i' * 20}:{'s' * 22}"
CLOUD = "essu_" + "x" * 60
ECE = base64.b64encode(f"joe:{'a' * 32}:{'s' * 40}".encode()).decode()
FOUND = {"revoked": [{"id": "a"}, {"id": "b"}]}
KINDS = ("elasticsearch", "elastic_cloud", "ece")


@pytest.mark.parametrize("kind", KINDS)
def test_what_every_service_knows_is_asked_of_each(kind: str) -> None:
    given = {"id": ["a"], "name": None, "created_before": "24h", "own_key": "last", "owner": None, "user_id": None}
    asked = {"id": ["a"], "created_before": "24h", "own_key": "last"}
    assert revocation_task(given, kind) == {"options": asked, "problem": None, "not_asked": None}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"name": "x", "owner": "joe"}, "elastic_cloud", "revoke_owner cannot be said of keys of Elastic Cloud."),
        ({"metadata": {"a": 1}}, "ece", "revoke_metadata cannot be said of keys of Elastic Cloud Enterprise."),
        ({"organization_id": "1"}, "ece", "revoke_organization_id"),
        ({"user_id": "joe"}, "elasticsearch", "revoke_user_id cannot be said of keys of Elasticsearch."),
        ({"own_key_id": "x"}, "elasticsearch", "leave hosts of other kinds out"),
        ({"name": "x"}, "cloud", "revoke_kind 'cloud' is not known. Known are: elasticsearch, elastic_cloud, ece."),
    ],
)
def test_nothing_that_was_given_is_lost(given: dict[str, Any], kind: str, words: str) -> None:
    task = revocation_task(given, kind, prefix="revoke_")
    assert words in task["problem"] and task["options"] is None


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_goes_where_its_form_is_known(form: str, kind: str) -> None:
    secret = dict(zip(KINDS, (base64.b64encode(PAIR.encode()).decode(), CLOUD, f"ApiKey {ECE}")))[form]
    task = revocation_task({"secret": secret}, kind)
    assert (task["options"] is not None) == (form == kind) == (task["not_asked"] is None)
    assert secret not in str(task["not_asked"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_whose_form_tells_nothing_goes_everywhere(kind: str) -> None:
    assert revocation_task({"secret": "something"}, kind)["options"] == {"secret": "something"}


@pytest.mark.parametrize(
    ("given", "kind", "options"),
    [
        ({"owner": "joe", "name": "x"}, "elasticsearch", {"id": ["a", "b"], "owner": "any"}),
        ({"secret": PAIR, "own_key": "last"}, "elasticsearch", {"id": ["a", "b"], "owner": "any", "own_key": "last"}),
        (
            {"name": "x", "user_id": "7", "organization_id": "1", "own_key_id": "k"},
            "elastic_cloud",
            {"id": ["a", "b"], "organization_id": "1", "own_key_id": "k"},
        ),
        ({"name": "x", "user_id": "joe", "except_ids": ["c"]}, "ece", {"id": ["a", "b"], "user_id": "joe"}),
        ({"secret": CLOUD, "own_key": "fail"}, "elastic_cloud", {"secret": CLOUD, "own_key": "fail"}),
        ({"secret": ECE}, "ece", {"secret": ECE}),
    ],
)
def test_what_is_confirmed_is_named_by_its_ids(given: dict[str, Any], kind: str, options: dict[str, Any]) -> None:
    assert revocation_task(given, kind, FOUND)["options"] == {**options, "expected_count": 2}
