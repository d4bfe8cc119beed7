# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of keys to rotate: what is wrong in it is said in one sentence each, before anything is made."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.rotation import rotation_key, rotation_problems

STORE = {"type": "file", "path": "/keys/a.json"}
GOOD = {"name": "a", "role_descriptors": {"none": {}}, "store": STORE}
SECRET = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"


def find(path: str) -> str | None:
    return f"/playbooks/{path}" if path == "there.yml" else None


def problems(*keys: Any, **defaults: Any) -> str:
    return " | ".join(rotation_problems(list(keys), defaults, {}, find))


def test_a_good_list_has_no_problems() -> None:
    assert problems(GOOD, {**GOOD, "name": "b", "store": {**STORE, "path": "/keys/b.json"}}) == ""


@pytest.mark.parametrize(
    "change, words",
    [
        ({"store": None}, "no store is given. Give one, such as"),
        ({"store": {"type": "file"}}, "store.path"),
        ({"store": {"type": "vault", "path": "/x"}}, "file"),
        ({"name": None}, "no name is given"),
        (
            {"kind": "es_ap_key"},
            "kind 'es_ap_key' is not known. Known are: es_api_key, es_cross_cluster_key, ec_api_key, ece_api_key.",
        ),
        ({"check_tasks": "gone.yml"}, "check_tasks: there is no file gone.yml"),
        ({"consumer_tasks": "gone.yml"}, "consumer_tasks: there is no file gone.yml"),
        ({"expiration": "30d", "renew_before": "30d"}, "renew_before 30d is not shorter than expiration 30d"),
        ({"on_due": "extend", "expiration": "never"}, "on_due: extend needs an expiration"),
        ({"role_descriptors": {}}, "every right of its owner"),
        ({"renew": "5d"}, "renew is no option of a key. A key has: all_rights, always_check,"),
        ({"overlap": "5 weeks"}, "overlap"),
        ({"return_secret": True}, "return_secret has no place here"),
        ({"state": "absent"}, "state has no place here"),
        ({"retire": True}, "retire has no place here"),
        ({"url": "https://es:9200"}, "url is an option of the connection. Write connection:"),
        ({"connection": {"uri": "x"}}, "connection has no option uri"),
        ({"connection": {"username": "joe"}}, "without password"),
        ({"deliver": [{"form": "beats"}]}, "dest"),
        ({"deliver": [{"dest": "/x", "form": "xml"}]}, "form"),
        ({"metadata": {"x": SECRET}}, "metadata.x holds an API key with its secret"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: str) -> None:
    told = problems({**GOOD, **change})
    assert words in told
    assert told.startswith("rotate_keys[0]")
    assert SECRET not in told


CLOUD = {"kind": "ec_api_key", "description": "ci", "all_rights": True, "expiration": "90d", "store": STORE}


def test_a_key_of_another_service_has_its_own_options_and_connection() -> None:
    connection = {"login_store": "/keys/automation.json", "retries": 1}
    key = rotation_key({**CLOUD, "connection": connection}, {}, {"username": "joe"}, find)
    assert (key["name"], key["kind"], key["connection"]) == ("ci", "ec_api_key", connection)
    assert rotation_key({**CLOUD, "description": None, "name": "ci"}, {}, {}, find)["name"] == "ci"


@pytest.mark.parametrize(
    "change, words",
    [
        ({"description": None}, "no name is given"),
        ({"role_descriptors": {}}, "role_descriptors is no option of a key"),
        ({"connection": {"username": "joe", "password": "x"}}, "connection has no option password"),
        ({"expiration": "90m"}, "(ci): expiration 90m is not a number of whole hours"),
        ({"deliver": [{"dest": "/x", "form": "beats"}]}, "has no form for Beats and Logstash"),
    ],
)
def test_what_is_wrong_in_a_key_of_another_service(change: dict[str, Any], words: str) -> None:
    assert words in problems({**CLOUD, **change})


def test_every_problem_of_a_list_is_told_at_once() -> None:
    told = problems(GOOD, {**GOOD, "name": "b", "store": None}, "c")
    assert "rotate_keys[1] (b): no store is given" in told
    assert "rotate_keys[2]: this is not a mapping" in told


@pytest.mark.parametrize("keys", [[], None, "a", {"name": "a"}])
def test_no_list_or_an_empty_one_is_refused(keys: Any) -> None:
    assert "Give at least one key" in " ".join(rotation_problems(keys, {}, {}, find))


def test_two_keys_with_one_store_are_refused() -> None:
    assert "a and b have the same store /keys/a.json" in problems(GOOD, {**GOOD, "name": "b"})
    assert problems(GOOD, {**GOOD, "delegate_to": "web1"}) == "", "one path on two hosts is two stores"


def test_defaults_are_filled_in_and_the_keys_own_words_go_first() -> None:
    defaults = {"overlap": "1h", "renew_before": "5d", "store": {"type": "file", "mode": "0640"}}
    key = rotation_key(
        {**GOOD, "overlap": "2h", "store": {"path": "/keys/a.json"}, "check_tasks": "there.yml"},
        defaults,
        {"url": "https://es:9200"},
        find,
    )
    assert key["options"]["overlap"] == "2h"
    assert key["options"]["renew_before"] == "5d"
    assert key["options"]["store"] == {"type": "file", "mode": "0640", "path": "/keys/a.json"}
    assert key["connection"] == {"url": "https://es:9200"}
    assert key["check_tasks"] == "/playbooks/there.yml"
    assert (key["kind"], key["delegate_to"], key["deliver"]) == ("es_api_key", "localhost", [])
