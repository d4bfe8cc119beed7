# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is unsure of Elastic Cloud and ECE, in every position: the same life of a key, with the same end.

The emulator says itself which switches there are and what a choice can be, so that none can be forgotten here.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds import cloud_keys
from support.cloud_life import CLOUD_KINDS, CloudLife, told

# Roles in every shape that a service could show in another way.
ROLES: dict[str, Any] = {
    "organization": [{"role_id": "billing-admin"}],
    "deployment": [{"role_id": "viewer", "deployment_ids": ["d1", "d2"]}, {"role_id": "deployment-admin", "all": True}],
    "project": {"elasticsearch": [{"role_id": "viewer", "project_ids": ["p2", "p1"], "application_roles": ["b", "a"]}]},
}
OPENS = {"elastic_cloud": {"role_assignments": ROLES}, "ece": {}}

# The other positions of each switch, beside the one at the start.
SHARED: dict[str, list[Any]] = {
    "absent_fields": [["user_id"], ["organization_id"], ["role_assignments"], ["user_id", "organization_id"]],
    "bulk_delete_unknown": ["refused"],
    "date_format": ["seconds", "offset"],
    "date_header": [False],
    "default_expiration": ["90d"],
    "delete_pause": ["1s"],
    "delete_pause_status": [429],
    "duplicates": ["refused"],
    "durations": ["lenient"],
    "empty_body": [True],
    "error_fields": [False],
    "expiration_header": ["http_date", "epoch_seconds", "epoch_milliseconds", "absent"],
    "expiration_header_never": ["", "never", "0"],
    "expired_keys": ["listed"],
    "foreign_keys": ["403"],
    "key_limit": [10],
    "key_limit_status": [429],
    "longest_description": [200],
    "order": ["newest_first", "shuffled"],
    "page_size": [1, None],
    "retry_after": [False],
    "unknown_fields": ["refused"],
}
OWN: dict[str, dict[str, list[Any]]] = {
    "elastic_cloud": {
        "assignments_entries": ["split", "merged"],
        "assignments_filled": [False],
        "assignments_order": ["shuffled"],
        "forbidden_resources": [["d9"]],
        "inherited_assignments": ["shown"],
        "longest_life": ["366d", None],
        "missing_organization_id": ["refused"],
        "rate_interval": ["1s"],
        "rate_limit": [None, 8],
        "unprefixed_roles": ["prefixed", "refused"],
        "unused_categories": ["null", "empty"],
    },
    "ece": {
        "authentication_cluster": ["missing", "failing"],
        "basic_logins": ["built_in"],
        "elevation": ["required"],
        "list_of_all_users": ["removed"],
        "longest_life": ["365d"],
        "release": ["3.7.0", "3.6.2", "2.5.1"],
        "role_assignments": ["refused"],
        "session_end_told": [False],
        "session_life": ["61s"],
    },
}

# What a switch needs beside it to make a difference.
WITH: dict[str, dict[str, Any]] = {
    "delete_pause_status": {"delete_pause": "1s"},
    "key_limit_status": {"key_limit": 10},
    "order": {"page_size": 2},
    "rate_interval": {"rate_limit": 8},
    "rate_limit": {"rate_interval": "1s"},
    "role_assignments": {"unknown_fields": "refused"},
    "elevation": {"release": "3.6.2"},
}

# Positions in which there can be no such key: what is said, with nothing made.
REFUSED: dict[tuple[str, Any], str] = {
    ("authentication_cluster", "missing"): "security deployment of ECE",
    ("authentication_cluster", "failing"): "security deployment of ECE",
    ("elevation", "required"): "second factor",
    ("release", "2.5.1"): "before 2.6",
}


CASES = [
    pytest.param(kind, name, value, id=f"{kind}-{name}-{value}")
    for kind in CLOUD_KINDS
    for name, values in {**SHARED, **OWN[kind.service]}.items()
    for value in values
]


@pytest.mark.parametrize("cloud_life", CLOUD_KINDS, ids=str, indirect=True)
def test_every_switch_is_tried_in_every_position(cloud_life: CloudLife) -> None:
    tried = {**SHARED, **OWN[cloud_life.kind.service]}
    switches = cloud_life.service.control("GET", "switches")
    assert set(tried) == set(switches)
    for name, start in switches.items():
        assert start not in tried[name] or name == "page_size"
        refused = cloud_life.service.control_refusal("switches", {name: {"not": "a word"}})
        words = re.search(r"takes (\w+(?: or \w+)+)\Z", refused)
        if words is not None and not isinstance(start, bool):
            assert {start, *tried[name]} >= set(words[1].split(" or ")), name


@pytest.mark.parametrize(("cloud_life", "name", "value"), CASES, indirect=["cloud_life"])
def test_the_same_life_in_every_position(
    cloud_life: CloudLife, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = cloud_life
    if name.startswith("delete_pause"):
        monkeypatch.setattr(cloud_keys, "DELETE_PAUSE", 1.0)
    for number in range(3):
        life.service.make(f"other-{number}", expiration="9d")
    # It watches by a key: whether passwords log in without a session is a switch, too.
    life.service.authorization = f"ApiKey {life.service.make('watcher')['key']}"
    others = set(life.service.keys())
    life.service.switch(**WITH.get(name, {}), **{name: value})
    opens = {**OPENS[life.kind.service], "retries": 3}
    if (name, str(value)) in {(known, str(position)) for known, position in REFUSED}:
        refused = life.run(**opens)
        life.service.switch(**{name: "there"} if name == "authentication_cluster" else {"release": "3.8.0"})
        assert REFUSED[name, value] in refused["msg"] and set(life.service.keys()) == others
        return
    lives_the_same(life, opens)
    assert set(life.service.keys()) == others


def lives_the_same(life: CloudLife, opens: dict[str, Any]) -> None:
    """A create that loses its answer, a second run, a rotation, another one, an end: never a false change, never a lost secret."""
    life.service.fail("lost_answer")
    made = life.ok(**opens)
    assert made["changed"] and life.works()
    for orphan in set(life.living()) - {life.current}:
        # Where it is not certain whose it is, it is told, and lives.
        assert orphan in told(made)
        life.service.call("DELETE", f"/api/v1/users/auth/keys/{orphan}")
    first = life.current
    assert not life.ok(**opens)["changed"]
    assert life.ok(**opens, force_rotate=True, overlap="0s")["changed"]
    assert life.living() == [life.current] != [first] and life.works()
    assert not life.ok(**opens)["changed"]
    assert life.ok(**opens, state="absent")["changed"]
    assert life.living() == [] and not life.path.exists()
    assert not life.ok(**opens, state="absent")["changed"]
