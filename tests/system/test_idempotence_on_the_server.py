# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Idempotence on the server's own terms: what was sent and what it shows do not differ; after one mutation exactly that does.

KEYSMITH_CASES is how many cases each test tries on each server.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from ansible_collections.keysmith.elastic.plugins.module_utils._model.canonical import (
    canonical_metadata,
    canonical_role_descriptors,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.checks import (
    check_metadata,
    check_role_descriptors,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.compare import compare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import strategies
from support.servers import Server

CASES = int(os.environ.get("KEYSMITH_CASES", "25"))
on_a_server = settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class Keys:
    """The keys of one test on one server, all gone at its end."""

    def __init__(self, server: Server) -> None:
        self._url = f"{server.url}/_security/api_key"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (server.username, server.password)
        self._ids: list[str] = []
        self._name = f"idempotence-{uuid.uuid4().hex[:8]}"

    def shown(self, **body: Any) -> dict[str, Any]:
        """Create a key and return it as the server shows it."""
        answer = self._session.put(self._url, params={"refresh": "true"}, json={"name": self._name, **body}, timeout=30)
        assert answer.status_code == 200, f"{answer.json()['error']}, sent {body}"
        self._ids.append(answer.json()["id"])
        found = self._session.get(self._url, params={"id": self._ids[-1]}, timeout=30)
        return found.json()["api_keys"][0]

    def invalidate(self) -> None:
        for start in range(0, len(self._ids), 500):
            answer = self._session.delete(self._url, json={"ids": self._ids[start : start + 500]}, timeout=60)
            assert answer.json()["error_count"] == 0
        self._session.close()


@pytest.fixture(scope="module")
def keys(server: Server) -> Iterator[Keys]:
    made = Keys(server)
    yield made
    made.invalidate()


@on_a_server
@given(data=st.data(), descriptors=strategies.role_descriptors)
def test_role_descriptors_in_any_spelling_are_what_the_server_shows(
    keys: Keys, data: st.DataObject, descriptors: dict[str, Any]
) -> None:
    sent = data.draw(strategies.respelled(descriptors), "sent")
    wanted = data.draw(strategies.respelled(descriptors), "wanted")
    check_role_descriptors(sent, "role_descriptors")
    found = keys.shown(role_descriptors=sent)["role_descriptors"]
    assert compare("role_descriptors", descriptors, found, canonical_role_descriptors) == ()
    assert compare("role_descriptors", wanted, found, canonical_role_descriptors) == ()


@on_a_server
@given(value=strategies.metadata)
def test_metadata_is_what_the_server_shows(keys: Keys, value: dict[str, Any]) -> None:
    check_metadata(value, "metadata")
    found = keys.shown(metadata={**value, "keysmith": {"nonce": "n"}})["metadata"]
    assert compare("metadata", value, found, canonical_metadata) == ()


@on_a_server
@given(case=strategies.mutated(strategies.role_descriptors, strategies.mutations_of_descriptors))
def test_one_mutation_of_role_descriptors_is_one_difference(
    keys: Keys, case: tuple[dict[str, Any], strategies.Mutation]
) -> None:
    descriptors, mutation = case
    found = keys.shown(role_descriptors=descriptors)["role_descriptors"]
    (change,) = compare("role_descriptors", mutation.value, found, canonical_role_descriptors)
    assert (change.path, change.spelling) == (mutation.path, mutation.spelling)
    mutant = keys.shown(role_descriptors=mutation.value)["role_descriptors"]
    assert compare("role_descriptors", mutation.value, mutant, canonical_role_descriptors) == ()
    assert len(compare("role_descriptors", descriptors, mutant, canonical_role_descriptors)) == 1


@on_a_server
@given(case=strategies.mutated(strategies.metadata, strategies.mutations_of_metadata))
def test_one_mutation_of_metadata_is_one_difference(
    keys: Keys, case: tuple[dict[str, Any], strategies.Mutation]
) -> None:
    value, mutation = case
    found = keys.shown(metadata=value)["metadata"]
    (change,) = compare("metadata", mutation.value, found, canonical_metadata)
    assert (change.path, change.spelling) == (mutation.path, mutation.spelling)
    mutant = keys.shown(metadata=mutation.value)["metadata"]
    assert compare("metadata", mutation.value, mutant, canonical_metadata) == ()
    assert len(compare("metadata", value, mutant, canonical_metadata)) == 1
