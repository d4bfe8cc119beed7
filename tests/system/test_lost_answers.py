# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that were carried out although nobody heard so, not at all although it looked so, or much later.

Afterwards there is one key with a stored secret that works; what a lost answer left behind is revoked, in the same run where it
was there to be found, else in the next one.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._stores import file as file_store
from support.life import Life
from support.proxy import Action, Proxy, answer, lost, reset

KEY = "/_security/api_key"
CREATE = rf"{KEY}\?"
SEARCH = "_query/api_key"


def assert_one_key(life: Life, *predecessors: str) -> None:
    assert life.works()
    assert life.alive() == [*predecessors, life.current]


@pytest.mark.parametrize("refresh", ["true", "false"])
@pytest.mark.parametrize("due", [False, True], ids=["first", "rotation"])
def test_a_create_whose_answer_is_lost_leaves_one_key(life: Life, proxy: Proxy, due: bool, refresh: str) -> None:
    """Finding 4: with refresh=false the orphan is visible only after a second, so it is looked for twice."""
    predecessors = [life.begin()] if due else []
    options: dict[str, Any] = {**(life.due() if due else {}), "refresh": refresh}
    proxy.forget()
    proxy.on("POST", CREATE, lost)
    ran = life.run(**options)
    assert ran.changed
    assert "was lost" in ran.told
    assert len(proxy.creates()) == 2, "sent once, and once more under another nonce"
    nonces = [create.body["metadata"]["keysmith"]["nonce"] for create in proxy.creates()]
    assert len(set(nonces)) == 2
    time.sleep(1.1 if refresh == "false" else 0)
    assert_one_key(life, *predecessors)
    assert life.record["intent"] == []
    assert not life.run().changed


def test_without_a_store_the_orphan_is_revoked_in_the_same_run(life: Life, proxy: Proxy) -> None:
    proxy.on("POST", CREATE, lost)
    ran = life.run(store=None, return_secret=True)
    assert ran.changed
    assert ran.outcome is not None
    assert ran.outcome.secret is not None
    assert life.alive() == [ran.outcome.secret.id]
    assert not life.run(store=None, return_secret=True).changed


def test_a_create_that_arrives_after_its_run_is_revoked_by_the_next(life: Life, proxy: Proxy) -> None:
    """Finding 5: no search of its own run can find it; its nonce stays announced."""
    first = life.begin()
    due = life.due()
    proxy.on("POST", CREATE, proxy.late)
    ran = life.run(**due)
    assert ran.changed
    assert_one_key(life, first)
    assert len(life.record["intent"]) == 1
    proxy.settle()
    assert len(life.alive()) == 3
    ran = life.run(**due)
    assert ran.changed
    assert "did not finish" in ran.reasons
    assert_one_key(life, first)
    assert life.record["intent"] == []
    assert not life.run(**due).changed


def test_both_answers_are_lost(life: Life, proxy: Proxy) -> None:
    """Nothing is stored, nothing new lives; the next run does it."""
    first = life.begin()
    proxy.forget()
    proxy.on("POST", CREATE, lost, times=2)
    due = life.due()
    ran = life.run(**due)
    assert ran.code == "answer_lost"
    assert len(proxy.creates()) == 2
    assert life.current == first
    assert_one_key(life)
    assert life.run(**due).changed
    assert_one_key(life, first)
    assert life.record["intent"] == []


def test_both_creates_arrive_after_their_run(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    due = life.due()
    proxy.on("POST", CREATE, proxy.late, times=2)
    assert life.run(**due).code == "answer_lost"
    assert len(life.record["intent"]) == 2
    assert_one_key(life)
    proxy.settle()
    assert len(life.alive()) == 3
    assert life.run(**due).changed
    assert_one_key(life, first)
    assert life.record["intent"] == []


def test_a_throttled_create_is_sent_again(life: Life, proxy: Proxy) -> None:
    """429 is the server's word that it did nothing."""
    proxy.on("POST", CREATE, answer(429))
    assert life.run().changed
    assert len(proxy.creates()) == 2
    nonces = [create.body["metadata"]["keysmith"]["nonce"] for create in proxy.creates()]
    assert len(set(nonces)) == 1
    assert_one_key(life)
    assert life.record["intent"] == []


@pytest.mark.parametrize("fault", [answer(503), answer(500), answer(504), reset, answer(200, b"<html>")])
def test_a_create_of_unknown_fate_is_not_blindly_sent_again(life: Life, proxy: Proxy, fault: Action) -> None:
    """It was not carried out, but who knows: the second create has a nonce of its own, and the first one stays announced."""
    proxy.on("POST", CREATE, fault)
    assert life.run().changed
    nonces = [create.body["metadata"]["keysmith"]["nonce"] for create in proxy.creates()]
    assert len(set(nonces)) == 2
    assert_one_key(life)
    assert [intent["nonce"] for intent in life.record["intent"]] == nonces[:1]
    assert not life.run().changed


def test_a_refused_create_announces_nothing_any_more(life: Life, proxy: Proxy) -> None:
    proxy.on("POST", CREATE, answer(400))
    assert life.run().code == "bad_request"
    assert life.record["intent"] == []
    assert life.alive() == []
    assert life.run().changed
    assert_one_key(life)


def test_an_orphan_that_cannot_be_looked_for_does_not_cost_the_key(life: Life, proxy: Proxy) -> None:
    """The second create has succeeded: it is stored, and the first one is left to a later run."""
    proxy.on("POST", CREATE, lost)
    proxy.on("POST", SEARCH, answer(500), skip=1)
    ran = life.run()
    assert ran.changed
    assert "a later run revokes" in ran.told
    assert life.works()
    assert len(life.record["intent"]) == 1
    assert life.run().changed
    assert_one_key(life)


@pytest.mark.parametrize("fault", [lost, reset, answer(503)], ids=["lost", "reset", "503"])
def test_a_lost_shortening_is_repeated(life: Life, proxy: Proxy, fault: Action) -> None:
    first = life.begin()
    proxy.on("PUT", KEY, fault)
    assert life.run(overlap="1h", **life.due()).retired == {first: "expires"}
    assert life.remaining(first) <= 3602
    assert not life.run(overlap="1h").changed


def test_a_shortening_that_fails_is_made_up_for(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    due = life.due()
    proxy.on("PUT", KEY, reset, times=None)
    assert life.run(overlap="1h", **due).error is not None
    assert_one_key(life, first)
    proxy.forget()
    assert life.run(overlap="1h", **due).retired == {first: "expires"}
    assert life.remaining(first) <= 3601
    assert not life.run(overlap="1h", **due).changed


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_lost_revocation_is_found_out(life: Life, proxy: Proxy, state: str) -> None:
    """The repeated DELETE invalidates nothing, and the key is seen to be dead."""
    first = life.begin()
    options: dict[str, Any] = {"state": state, "overlap": "0s", "settle": "0s"}
    proxy.on("DELETE", KEY, lost)
    ran = life.run(**options, **(life.due() if state == "present" else {}))
    assert ran.changed
    assert ran.retired == {first: "revoked"}
    if state == "present":
        assert_one_key(life)
    else:
        assert life.alive() == []
        assert not life.path.exists()


def test_an_update_whose_answer_is_lost_is_repeated(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    wanted = {"reader": {"cluster": ["monitor"]}}
    proxy.on("PUT", KEY, lost)
    assert life.run(role_descriptors=wanted).changed
    assert life.admin.key(first)["role_descriptors"].keys() == wanted.keys()
    assert not life.run(role_descriptors=wanted).changed
    assert_one_key(life)


@pytest.mark.parametrize("readable", [True, False], ids=["readable", "unreadable"])
def test_a_store_that_fails_after_it_was_written_keeps_its_secret_alive(
    life: Life, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    """The rename was done and the folder's sync fails: what is stored must not be revoked."""
    first = life.begin()
    due = life.due()
    real, syncs = file_store.sync_folder, iter(range(9))

    def broken(folder: int) -> None:
        real(folder)
        if next(syncs) == 1:
            os.chmod(life.path, 0o600 if readable else 0o644)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(file_store, "sync_folder", broken)
    assert life.run(**due).code == "store"
    life.path.chmod(0o600)
    assert_one_key(life, first)
    assert life.run(overlap="1h", **due).retired == {first: "expires"}
    assert not life.run(overlap="1h", **due).changed


def test_a_create_that_arrives_after_its_store_was_forgotten_is_revoked_by_the_next(life: Life, proxy: Proxy) -> None:
    """The record went with its intent; the mark on the key still tells for which store it was made."""
    proxy.on("POST", CREATE, proxy.late)
    assert life.run().changed
    assert life.run(state="absent").changed
    proxy.settle()
    assert len(life.alive()) == 1
    assert life.run(state="absent").changed
    assert life.alive() == []
    assert not life.run(state="absent").changed
