# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people and playbooks see of a run: the same shape with and without check mode, and a secret in one place only."""

from __future__ import annotations

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.present import (
    diff_view,
    failure_view,
    key_view,
    login_view,
    login_warning,
    outcome_view,
    secret_view,
    time_view,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._life.job import Job, Outcome
from ansible_collections.keysmith.elastic.plugins.module_utils._model.compare import Change
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import Duration, Share
from ansible_collections.keysmith.elastic.plugins.module_utils._model.found import Found
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Login, Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.plan import Issue, Plan, Retire, Revoke, Update
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret, OpaqueSecret
from ansible_collections.keysmith.elastic.plugins.module_utils._model.wanted import Policy, Wanted

NOW = 1_795_230_000_000
DAY = 86_400_000
JOE = Login(Owner("joe", "native"))
MARKED = {"metadata": {"team": "a", "keysmith": {"nonce": "x"}}}
OLD = Key("old", "n", owner=JOE.owner, creation=NOW - DAY, expiration=NOW + DAY, spec=MARKED)
SECRET = ApiKeySecret("new", "a-secret-of-a-key")
POLICY = Policy(Share(20), Duration(3600), Duration(5))


def outcome(plan: Plan, **more: object) -> Outcome:
    return Outcome(Job(Wanted(name="n"), POLICY), Found(NOW, JOE, (OLD,)), plan, **more)


def test_a_time() -> None:
    assert time_view(NOW) == "2026-11-21T03:00:00Z"
    assert time_view(None) is None


def test_a_key_hides_our_mark_and_internal_fields() -> None:
    key = Key("i", "n", expiration=NOW + 1500, spec=OLD.spec, extra={"limited_by": [], "_sort": [1]})
    view = key_view(key, NOW)
    assert view["metadata"] == {"team": "a"}
    assert view["managed_by"] == "keysmith.elastic"
    assert view["remaining_seconds"] == 1
    assert view["limited_by"] == []
    assert "_sort" not in view
    assert key_view(Key("", "n"), NOW)["id"] is None


def test_a_secret_in_its_forms_and_none() -> None:
    forms = secret_view(SECRET, check=False)
    assert forms == {"id": "new", "api_key": "a-secret-of-a-key", "encoded": SECRET.encoded, "beats": SECRET.beats}
    assert secret_view(SECRET, check=True) == secret_view(None, check=False) == dict.fromkeys(forms)
    cloud = secret_view(OpaqueSecret("new", "essu_a-secret"), False, OpaqueSecret)
    assert cloud == {"id": "new", "api_key": "essu_a-secret", "encoded": "essu_a-secret"}
    assert secret_view(None, False, OpaqueSecret) == dict.fromkeys(cloud)


def test_no_other_view_shows_a_secret() -> None:
    plan = Plan((Issue("n", {}, None, "create", (OLD,)), Retire((OLD,))), ("rotated",), current=OLD)
    told = outcome(plan, secret=SECRET, key=OLD)
    assert "a-secret-of-a-key" not in str(outcome_view(told, check=False)) + str(outcome_view(told, check=True))
    assert "a-secret-of-a-key" not in repr(SECRET) + str(SECRET)


def test_both_modes_have_the_same_shape() -> None:
    told = outcome(Plan((Issue("n", {}, None, "create"),), ("created",)), key=OLD)
    assert outcome_view(told, check=True).keys() == outcome_view(told, check=False).keys()
    assert outcome_view(told, check=True)["diff"] == outcome_view(told, check=False)["diff"]


def test_the_diff_of_a_rotation() -> None:
    plan = Plan((Issue("n", {}, Duration(7200), "create", (OLD,)), Retire((OLD,))), current=OLD)
    diff = diff_view(outcome(plan), NOW)
    assert diff["before"]["id"] == "old"
    assert diff["after"]["id"] == "(new)"
    assert diff["after"]["expiration"] == "2h from then on"
    assert diff["after"]["predecessor old"] == "ends within 1h"


def test_the_diff_of_an_update_names_what_differs() -> None:
    change = Change("metadata.team", "a", "b")
    diff = diff_view(outcome(Plan((Update(OLD, {"metadata": {"team": "b"}}),), changes=(change,), current=OLD)), NOW)
    assert (diff["before"]["metadata.team"], diff["after"]["metadata.team"]) == ("a", "b")


def test_the_diff_of_an_end() -> None:
    diff = diff_view(outcome(Plan((Revoke(("old",)),), current=OLD)), NOW)
    assert diff["before"]["id"] == "old"
    assert diff["after"] == {}


def test_nothing_to_do_is_no_difference() -> None:
    diff = diff_view(outcome(Plan(current=OLD)), NOW)
    assert diff["before"] == diff["after"]


def test_a_login_that_ends_soon() -> None:
    ending = Login(JOE.owner, type="api_key", key_id="k", expiration=NOW + DAY)
    assert "The API key k of this login ends in 1d" in str(login_warning(ending, NOW, Duration(2 * 86_400)))
    assert login_warning(ending, NOW, Duration(3600)) is None
    assert login_warning(JOE, NOW, Duration(3600)) is None
    assert login_view(ending)["expiration"] == "2026-11-22T03:00:00Z"


def test_a_failure_tells_what_was_planned() -> None:
    told = outcome(Plan(reasons=("rotated: due",)))
    assert failure_view(told, "refused", {"ids": ["i"]}) == {
        "failure": {"code": "refused", "ids": ["i"], "planned": ["rotated: due"]}
    }
    assert failure_view(None, "error", {}) == {"failure": {"code": "error"}}
