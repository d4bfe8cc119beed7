# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""decide(): what is, what is wanted, the policy, the abilities and the time make a plan. No server, no store, no clock."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key import RULES
from ansible_collections.keysmith.elastic.plugins.module_utils._model.decide import decide
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import Duration, Share, parse_duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.features import Capabilities
from ansible_collections.keysmith.elastic.plugins.module_utils._model.found import (
    EXPIRED,
    GONE,
    INVALIDATED,
    PROVEN,
    UNKNOWN,
    WRONG_SECRET,
    Found,
    Proof,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Login, Mark, Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.plan import (
    Forget,
    Issue,
    Retire,
    Revoke,
    Sweep,
    Update,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Intent, Previous, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.module_utils._model.wanted import OwnerScope, Policy, Wanted

DAY = 24 * 3600 * 1000
NOW = 1_795_000_000_000
STORE = "0123456789abcdef"
AUTOMATION = Owner("automation", "default_native")
BOB = Owner("bob", "default_native")
WRITER = {"writer": {"cluster": ["monitor"]}}
LOGIN = Login(AUTOMATION)
KEY_LOGIN = Login(AUTOMATION, type="api_key", key_id="login-key")
SERVER = Capabilities("9.5.3", "default", "cluster-a", frozenset({"manage_own_api_key"}))
OLD_SERVER = replace(SERVER, version="8.12.0")
ANCIENT_SERVER = replace(SERVER, version="8.3.0")
SERVERLESS = replace(SERVER, flavor="serverless")


def duration(text: str) -> Duration:
    return parse_duration(text, "test")


POLICY = Policy(renew_before=Share(20), overlap=duration("24h"), settle=duration("5s"), stored=True)
WANTED = Wanted(name="shipper", spec={"role_descriptors": WRITER}, expiration=duration("90d"))


def key(name: str = "k1", *, age: float = 10, left: float | None = 80, store: str | None = STORE, **more) -> Key:
    metadata = {"keysmith": Mark(f"nonce-{name}", store).to_metadata()} if store else {}
    spec = {"role_descriptors": WRITER, "metadata": metadata, **more.pop("spec", {})}
    end = None if left is None else NOW + int(left * DAY)
    return Key(
        name,
        "shipper",
        owner=more.pop("owner", AUTOMATION),
        creation=NOW - int(age * DAY),
        expiration=end,
        spec=spec,
        **more,
    )


def record(current: str | None = "k1", previous=(), intents=(), end: int | None = NOW + 80 * DAY) -> Record:
    stored = Current(ApiKeySecret(current, "secret-of-it"), end) if current else None
    return Record("es_api_key", "shipper", "cluster-a", AUTOMATION, 3, stored, tuple(previous), tuple(intents))


def found(*keys: Key, verdict: str = PROVEN, words: str = "", **more) -> Found:
    end = next((one.expiration for one in keys if one.id == "k1"), NOW + 80 * DAY)
    values = {"now": NOW, "login": LOGIN, "keys": keys, "record": record(end=end), "store": STORE, **more}
    return Found(proof=Proof(verdict, words), **values)


def bare(*keys: Key, **more) -> Found:
    """Return what is found without a store."""
    return Found(**{"now": NOW, "login": LOGIN, "keys": keys, **more})


def plan(found_, wanted=WANTED, server=SERVER, **policy):
    return decide(RULES, wanted, replace(POLICY, **policy), found_, server)


def steps(plan_) -> list[str]:
    if plan_.refusal is not None:
        raise AssertionError(f"refused: {plan_.refusal}")
    return [type(step).__name__ for step in plan_.steps]


def refusal(plan_) -> str:
    assert isinstance(plan_.refusal, KeysmithError), f"not refused: {plan_.steps}"
    assert plan_.steps == ()
    return str(plan_.refusal)


# --- nothing to do -------------------------------------------------------------------------------------------------------


def test_a_proven_key_that_matches_is_left_alone():
    result = plan(found(key()))
    assert (steps(result), result.changed, result.reasons, result.warnings) == ([], False, (), ())


def test_a_record_that_notes_another_end_is_put_right():
    result = plan(found(key(left=85), record=record()))
    assert steps(result) == ["Note"]
    assert result.stores
    assert "notes another end" in result.reasons[0]


def test_a_key_that_logs_in_exists_though_the_search_does_not_show_it():
    assert steps(plan(found())) == []


def test_a_predecessor_that_ends_by_itself_in_time_is_left_alone():
    old = key("k0", age=90, left=0.5)
    assert steps(plan(found(key(), old, record=record(previous=[Previous("k0", NOW + DAY // 2)])))) == []


def test_an_intent_without_a_key_changes_nothing_while_nothing_is_due():
    assert steps(plan(found(key(), record=record(intents=[Intent("n", NOW - 5)])))) == []


def test_without_a_store_an_existing_key_of_the_name_is_present():
    result = plan(bare(key(store=None)), stored=False)
    assert steps(result) == []
    assert result.current.id == "k1"


# --- a new key is needed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "situation, reason",
    [
        (found(record=None, verdict="no_secret"), "the store holds no key yet"),
        (found(record=record(None, intents=[Intent("n", NOW)]), verdict="no_secret"), "the store holds no key yet"),
        (found(verdict=EXPIRED, words="api key is expired"), "dead: api key is expired"),
        (found(verdict=INVALIDATED, words="has been invalidated"), "has been invalidated"),
        (found(verdict=GONE, words="unable to find apikey"), "unable to find apikey"),
    ],
)
def test_a_new_key_is_made_and_nothing_is_retired_when_no_old_one_lives(situation, reason):
    result = plan(situation)
    assert steps(result) == ["Issue"]
    assert reason in result.reasons[0]


def test_a_refused_secret_of_a_living_key_makes_that_key_a_predecessor():
    result = plan(found(key(), verdict=WRONG_SECRET, words="invalid credentials"))
    assert steps(result) == ["Issue", "Retire"]
    assert result.step(Retire).keys[0].id == "k1"
    assert "corrupt" in result.reasons[0]


def test_a_lost_store_makes_a_successor_first_and_then_retires_what_the_store_was_made_for():
    result = plan(found(key("k7"), record=None, verdict="no_secret"))
    assert steps(result) == ["Issue", "Retire"]
    assert "the store was lost" in result.reasons[0]


def test_an_old_store_is_due_and_its_newer_key_is_shortened_never_swept():
    result = plan(found(key(age=50), key("k9", age=1)))
    assert steps(result) == ["Issue", "Retire"]
    assert [one.id for one in result.step(Retire).keys] == ["k1", "k9"]


def test_an_older_key_of_our_store_is_only_a_stranger():
    result = plan(found(key(age=5), key("k0", age=50)))
    assert steps(result) == []
    assert "k0" in result.warnings[0]


def test_a_dead_key_is_the_model_of_its_successor():
    dead = key(left=-1, spec={"role_descriptors": {"mine": {"cluster": ["all"]}}})
    result = plan(found(dead, verdict=EXPIRED), wanted=replace(WANTED, spec={}))
    assert result.step(Issue).spec["role_descriptors"] == {"mine": {"cluster": ["all"]}}


def test_a_successor_carries_what_the_task_leaves_open_but_neither_our_mark_nor_the_servers_additions():
    current = key(left=1, spec={"metadata": {"team": "ops", "_cloned_from": "x", "keysmith": {"nonce": "n"}}})
    issue = plan(found(current)).step(Issue)
    assert issue.spec == {"role_descriptors": WRITER, "metadata": {"team": "ops"}}


def test_without_an_expiration_a_successor_lives_as_long_as_its_predecessor_did():
    assert plan(found(key(age=89, left=1)), wanted=replace(WANTED, expiration=None)).step(Issue).expiration == duration(
        "90d"
    )


# --- due -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left, renew_before, due",
    [
        (17.9, Share(20), True),
        (18.1, Share(20), False),
        (13.9, duration("14d"), True),
        (14.1, duration("14d"), False),
        (None, Share(20), False),
    ],
)
def test_due_by_its_end(left, renew_before, due):
    never = left is None
    wanted = replace(WANTED, expiration=None) if never else WANTED
    result = plan(found(key(age=90 - (left or 0), left=left)), wanted=wanted, renew_before=renew_before)
    assert steps(result) == (["Issue", "Retire"] if due else [])


def test_the_share_is_taken_of_the_shorter_life_so_that_an_extended_key_is_not_due_at_once():
    assert steps(plan(found(key(age=1000, left=80)))) == []


def test_due_and_drift_at_once_are_one_rotation_to_the_new_spec():
    changed = replace(WANTED, spec={"role_descriptors": {"writer": {"cluster": ["all"]}}})
    result = plan(found(key(left=1)), wanted=changed)
    assert steps(result) == ["Issue", "Retire"]
    assert result.step(Issue).spec["role_descriptors"] == changed.spec["role_descriptors"]


def test_extend_moves_the_end_and_takes_drift_along():
    changed = replace(WANTED, spec={"role_descriptors": {"writer": {"cluster": ["all"]}}})
    update = plan(found(key(left=1)), wanted=changed, on_due="extend").step(Update)
    assert (update.expiration, sorted(update.spec)) == (duration("90d"), ["role_descriptors"])


def test_extend_below_8_13_is_refused():
    assert "8.13" in refusal(plan(found(key(left=1)), server=OLD_SERVER, on_due="extend"))


def test_a_dead_key_is_replaced_even_where_a_living_one_would_be_extended():
    assert steps(plan(found(key(left=-1), verdict=EXPIRED), on_due="extend")) == ["Issue"]


def test_warn_and_fail_when_due():
    assert "due" in plan(found(key(left=1)), on_due="warn").warnings[0]
    assert steps(plan(found(key(left=1)), on_due="warn")) == []
    assert "on_due says fail" in refusal(plan(found(key(left=1)), on_due="fail"))


def test_force_and_incident_rotate_whatever_on_due_says():
    assert steps(plan(found(key()), force_rotate=True, on_due="warn")) == ["Issue", "Retire"]
    assert steps(plan(found(key(age=3)), created_before=NOW - 2 * DAY)) == ["Issue", "Retire"]
    assert steps(plan(found(key(age=1)), created_before=NOW - 2 * DAY)) == []


# --- drift ---------------------------------------------------------------------------------------------------------------

DRIFTED = replace(WANTED, spec={"role_descriptors": {"writer": {"cluster": ["all"]}}})


def test_drift_is_updated_in_place_by_its_owner():
    assert steps(plan(found(key()), wanted=DRIFTED)) == ["Update"]


@pytest.mark.parametrize("server, login", [(ANCIENT_SERVER, LOGIN), (SERVER, replace(LOGIN, owner=AUTOMATION))])
def test_drift_is_rotated_where_no_update_can_be(server, login):
    expected = ["Issue", "Retire"] if server is ANCIENT_SERVER else ["Update"]
    assert steps(plan(found(key(), login=login), wanted=DRIFTED, server=server)) == expected


def test_drift_without_a_way_out_is_refused():
    assert "8.4" in refusal(plan(bare(key(store=None)), wanted=DRIFTED, server=ANCIENT_SERVER, stored=False))
    assert "8.4" in refusal(plan(found(key()), wanted=DRIFTED, server=ANCIENT_SERVER, on_drift="update"))


def test_on_drift_rotate_and_fail():
    assert steps(plan(found(key()), wanted=DRIFTED, on_drift="rotate")) == ["Issue", "Retire"]
    assert "on_drift says fail" in refusal(plan(found(key()), wanted=DRIFTED, on_drift="fail"))


def test_a_spelling_is_updated_and_never_rotated():
    wanted = replace(WANTED, spec={"metadata": {"n": "3"}})
    current = key(spec={"metadata": {"n": 3}})
    assert steps(plan(found(current), wanted=wanted)) == ["Update"]
    assert steps(plan(found(current), wanted=wanted, on_drift="rotate")) == ["Update"]
    result = plan(found(current), wanted=wanted, server=ANCIENT_SERVER)
    assert steps(result) == []
    assert "spelled differently" in result.warnings[0]


@pytest.mark.parametrize(
    "left, wanted, expected",
    [
        (None, "90d", ["Update"]),
        (80, "never", ["Issue", "Retire"]),
        (200, "90d", ["Update"]),
        (89.9, "90d", []),
        (20, "365d", ["Issue", "Retire"]),
    ],
)
def test_an_end_that_contradicts_the_expiration(left, wanted, expected):
    current = key(age=0 if left and left > 80 else 300, left=left)
    assert steps(plan(found(current), wanted=replace(WANTED, expiration=duration(wanted)))) == expected


def test_a_field_that_the_server_does_not_show_is_not_called_a_difference():
    hidden = key()
    hidden = replace(hidden, spec={"metadata": hidden.spec["metadata"]})
    result = plan(found(hidden), wanted=DRIFTED)
    assert steps(result) == []
    assert "not shown" in result.warnings[0]


# --- what others left ----------------------------------------------------------------------------------------------------


def test_an_orphan_is_swept_and_the_rest_left_alone():
    orphan = key("k5", age=0.01)
    result = plan(found(key(), orphan, record=record(intents=[Intent("nonce-k5", NOW - 1000)])))
    assert steps(result) == ["Sweep"]
    assert result.step(Sweep).ids == ("k5",)


def test_an_orphan_is_swept_before_a_new_key_is_made():
    orphan = key("k5", age=0.01)
    situation = found(key(left=1), orphan, record=record(intents=[Intent("nonce-k5", NOW - 1000)]))
    assert steps(plan(situation)) == ["Sweep", "Issue", "Retire"]


def test_a_predecessor_that_outlives_its_overlap_is_retired_now():
    old = key("k0", age=90, left=40)
    result = plan(found(key(), old, record=record(previous=[Previous("k0", NOW + DAY // 2)])))
    assert steps(result) == ["Retire"]
    assert "outlived" in result.reasons[0]


def waiting(current: str = "k1", *previous: Previous) -> Record:
    return replace(record(current, previous), handover=NOW - 60_000)


def test_without_retire_a_rotation_lets_every_predecessor_wait():
    result = plan(found(key(), record=record()), retire=False, force_rotate=True)
    assert steps(result) == ["Issue"]
    assert [one.id for one in result.waiting] == ["k1"]
    assert "lives on until a run with retire: true" in result.reasons[-1]


def test_a_handover_that_nobody_confirmed_changes_nothing_and_retires_nothing():
    old = key("k0", age=80, left=10)
    result = plan(found(key(), old, record=waiting("k1", Previous("k0"))), retire=False)
    assert (steps(result), [one.id for one in result.waiting]) == ([], ["k0"])


def test_a_rotation_during_a_handover_keeps_them_all():
    old = key("k0", age=80, left=10)
    result = plan(found(key(), old, record=waiting("k1", Previous("k0"))), retire=False, force_rotate=True)
    assert (steps(result), [one.id for one in result.waiting]) == (["Issue"], ["k1", "k0"])


def test_a_confirmed_handover_lets_the_predecessor_end():
    old = key("k0", age=80, left=10)
    result = plan(found(key(), old, record=waiting("k1", Previous("k0"))))
    assert (steps(result), result.waiting, result.stores) == (["Confirm", "Retire"], (), False)


def test_a_first_key_is_confirmed_too():
    assert steps(plan(found(key(), record=waiting()))) == ["Confirm"]


def test_what_was_confirmed_is_not_held_up_by_retire_false():
    old = key("k0", age=80, left=10)
    listed = record(previous=[Previous("k0", NOW - DAY)])
    assert steps(plan(found(key(), old, record=listed), retire=False)) == ["Retire"]


@pytest.mark.parametrize("overlap, expected", [("0s", ["Confirm", "Retire"]), ("24h", ["Confirm"])])
def test_a_clones_predecessor_gets_its_overlap_from_the_confirmation_on(overlap, expected):
    unseen = waiting("k1", Previous("k0", None, "secret-of-k0"))
    noted = parse_duration(overlap, "overlap", allow_zero=True)
    assert steps(plan(found(key(), record=unseen), overlap=noted)) == expected


def test_a_predecessor_that_cannot_be_shortened_waits_for_its_end_and_changes_nothing_until_then():
    """A granted key, or a server before 8.13: a run within the overlap has nothing to do."""
    granted = replace(WANTED, scope=OwnerScope(BOB), extra={"grant": {"username": "bob", "password": "x"}})
    current, old = key(owner=BOB), key("k0", age=90, left=40, owner=BOB)
    waiting = record(previous=[Previous("k0", NOW + DAY // 2)])
    assert steps(plan(found(current, old, record=waiting), wanted=granted)) == []
    assert steps(plan(found(current, old, record=record(previous=[Previous("k0", NOW - 1)])), wanted=granted)) == [
        "Retire"
    ]
    mine = found(key(), key("k0", age=90, left=40), record=waiting)
    assert steps(plan(mine, server=OLD_SERVER)) == []
    assert steps(plan(mine)) == ["Retire"]


def test_a_duplicate_that_cannot_be_shortened_is_listed_or_warned_about():
    stranger = key("s1", store=None)
    assert steps(plan(found(key(), stranger), server=OLD_SERVER, duplicates="retire")) == ["Retire"]
    nowhere = plan(
        bare(key(store=None), key("s1", age=50, store=None)), server=OLD_SERVER, stored=False, duplicates="retire"
    )
    assert steps(nowhere) == []
    assert "s1" in nowhere.warnings[0]
    twins = bare(key(store=None), key("s1", age=50, store=None))
    at_once = parse_duration("0s", "test", allow_zero=True)
    result = plan(twins, server=OLD_SERVER, stored=False, duplicates="retire", overlap=at_once)
    assert steps(result) == ["Retire"]


def test_a_predecessor_that_nobody_sees_stays_listed_with_a_warning():
    result = plan(found(key(left=1), record=record(previous=[Previous("k0", NOW)])))
    assert "k0" in result.warnings[0]


@pytest.mark.parametrize("stranger", [key("s1", store=None), key("s1", store="fedcba9876543210")])
def test_a_stranger_is_warned_about_and_never_cleaned_up(stranger):
    result = plan(found(key(left=1), stranger))
    assert "s1" in result.warnings[0]
    assert "s1" not in [one.id for one in result.step(Retire).keys]


def test_somebodys_clone_of_our_key_is_a_stranger_though_it_copied_our_mark():
    mark = Mark("nonce-k1", STORE, "k0").to_metadata()
    copy = key("c1", age=1, spec={"metadata": {"keysmith": mark, "_cloned_from": "k1"}})
    result = plan(found(key(age=5), copy))
    assert steps(result) == []
    assert "c1" in result.warnings[0]


def test_our_own_clone_is_ours():
    mark = Mark("nonce-k2", STORE, "k1").to_metadata()
    clone = key("k2", age=1, spec={"metadata": {"keysmith": mark, "_cloned_from": "k1"}})
    assert "k2" in plan(found(key(age=5), clone)).reasons[0]


def test_duplicates_fail_and_retire():
    assert "s1" in refusal(plan(found(key(), key("s1", store=None)), duplicates="fail"))
    result = plan(found(key(), key("s1", store=None), key("s2", store="fedcba9876543210")), duplicates="retire")
    assert [one.id for one in result.step(Retire).keys] == ["s1"]
    assert "s2" in result.warnings[0]


def test_a_managed_stranger_is_never_retired():
    managed = key("s1", store=None, spec={"metadata": {"managed": True}})
    assert steps(plan(found(key(), managed), duplicates="retire")) == []


# --- refusals ------------------------------------------------------------------------------------------------------------


def test_an_unclear_401_proves_nothing():
    text = refusal(plan(found(key(), verdict=UNKNOWN, words="apikey authentication encountered a failure")))
    assert "encountered a failure" in text


def test_a_record_of_another_cluster_is_refused_before_any_write():
    other = replace(SERVER, cluster="cluster-b")
    assert "another cluster" in refusal(plan(found(verdict=GONE), server=other))
    assert "another cluster" in refusal(plan(found(verdict=GONE), server=other, state="absent"))


def test_a_secret_without_a_place_to_go_is_refused():
    assert "return_secret" in refusal(plan(bare(), stored=False))
    assert steps(plan(bare(), stored=False, return_secret=True)) == ["Issue"]


@pytest.mark.parametrize("spec", [{}, {"role_descriptors": {}}])
def test_all_rights_must_be_said(spec):
    assert "all_rights" in refusal(plan(found(record=None, verdict="no_secret"), wanted=replace(WANTED, spec=spec)))
    said = replace(WANTED, spec=spec, extra={"all_rights": True})
    assert steps(plan(found(record=None, verdict="no_secret"), wanted=said)) == ["Issue"]


def test_a_login_that_could_not_see_the_key_may_not_make_it():
    text = refusal(plan(found(record=None, verdict="no_secret"), server=replace(SERVER, privileges=frozenset())))
    assert "manage_own_api_key" in text


def test_a_key_as_login_is_told_its_ways_out():
    text = refusal(plan(found(record=None, verdict="no_secret", login=KEY_LOGIN)))
    assert "derived" in text
    assert "grant" in text
    assert "clone" in text


def test_a_granted_key_needs_more_than_grant():
    grant = {"username": "bob", "password": "x"}
    wanted = replace(WANTED, scope=OwnerScope(BOB), extra={"grant": grant})
    assert "manage_api_key" in refusal(plan(found(record=None, verdict="no_secret"), wanted=wanted))
    mighty = replace(SERVER, privileges=frozenset({"manage_api_key"}))
    assert plan(found(record=None, verdict="no_secret"), wanted=wanted, server=mighty).step(Issue).method == "grant"
    project = replace(mighty, flavor="serverless")
    assert "serverless" in refusal(plan(found(record=None, verdict="no_secret"), wanted=wanted, server=project))


def test_a_key_for_somebody_else_needs_a_way_to_be_him():
    wanted = replace(WANTED, scope=OwnerScope(BOB))
    assert "run_as" in refusal(plan(found(record=None, verdict="no_secret"), wanted=wanted))


def test_clone_needs_a_finite_expiration_its_privilege_and_its_version():
    wanted = replace(WANTED, extra={"method": "clone"})
    due, mighty = found(key(left=1)), replace(SERVER, privileges=frozenset({"clone_api_key"}))
    assert plan(due, wanted=wanted, server=mighty).step(Issue).method == "clone"
    assert "clone_api_key" in refusal(plan(due, wanted=wanted))
    assert "9.4" in refusal(plan(due, wanted=wanted, server=replace(mighty, version="8.19.21")))
    assert "expiration" in refusal(plan(due, wanted=replace(wanted, expiration=None), server=mighty))
    changed = replace(wanted, spec=DRIFTED.spec)
    assert "always has its source's" in refusal(plan(due, wanted=changed, server=mighty))


@pytest.mark.parametrize("part", ["remote_indices", "remote_cluster", "global", "run_as"])
def test_serverless_refuses_by_name_what_is_not_public_there(part):
    wanted = replace(WANTED, spec={"role_descriptors": {"r": {part: ["x"]}}})
    assert f"role_descriptors.r.{part}" in refusal(
        plan(found(record=None, verdict="no_secret"), wanted=wanted, server=SERVERLESS)
    )


def test_managed_keys_are_never_touched():
    managed = key(store=None, spec={"metadata": {"managed": True, "managed_by": "fleet"}})
    assert "fleet" in refusal(plan(bare(managed), stored=False))
    assert "fleet" in refusal(plan(bare(managed), stored=False, state="absent"))
    alerting = replace(key(store=None), name="Alerting: x")
    assert "alerting" in refusal(plan(bare(alerting), wanted=replace(WANTED, name="Alerting: x"), stored=False))


def test_an_id_addresses_exactly_one_key_and_never_makes_one():
    by_id = replace(WANTED, name=None, id="k1")
    assert steps(plan(bare(key(store=None)), wanted=by_id, stored=False)) == []
    assert "no active key" in refusal(plan(bare(), wanted=by_id, stored=False))
    assert "new id" in refusal(plan(bare(key(store=None, left=1)), wanted=by_id, stored=False))
    assert "named 'shipper'" in refusal(plan(bare(key(store=None)), wanted=replace(by_id, name="other"), stored=False))
    foreign = key(store=None, owner=BOB)
    assert "belongs to bob" in refusal(plan(bare(foreign), wanted=by_id, stored=False))


# --- absent --------------------------------------------------------------------------------------------------------------


def test_absent_without_a_store_revokes_every_key_of_the_name_and_owner():
    result = plan(bare(key(store=None), key("k2"), key("dead", left=-1)), stored=False, state="absent")
    assert steps(result) == ["Revoke"]
    assert result.step(Revoke).ids == ("k1", "k2")


def test_absent_with_a_store_revokes_what_the_store_made_and_forgets_it():
    old, orphan = key("k0", age=90, left=0.5), key("k5", age=0.01)
    situation = found(
        key(),
        old,
        orphan,
        key("s1", store=None),
        record=record(previous=[Previous("k0", NOW)], intents=[Intent("nonce-k5", NOW)]),
    )
    result = plan(situation, state="absent")
    assert steps(result) == ["Revoke", "Forget"]
    assert result.step(Revoke).ids == ("k1", "k0", "k5")


def test_absent_twice_is_nothing():
    assert steps(plan(bare(), stored=False, state="absent")) == []
    assert steps(plan(found(record=None, verdict="no_secret"), state="absent")) == []


def test_absent_of_dead_keys_only_forgets():
    assert steps(plan(found(key(left=-1), verdict=EXPIRED), state="absent")) == ["Forget"]


def test_the_logins_own_key_is_refused():
    mine = replace(KEY_LOGIN, key_id="k1")
    assert "branch" in refusal(plan(bare(key(store=None), login=mine), stored=False, state="absent"))


def test_nothing_found_by_a_login_that_sees_only_itself_is_no_absence():
    result = plan(bare(login=KEY_LOGIN), stored=False, state="absent", server=None)
    assert result.unsure
    assert "sees only" in refusal(plan(bare(login=KEY_LOGIN), stored=False, state="absent"))
    mighty = replace(SERVER, privileges=frozenset({"manage_api_key"}))
    assert steps(plan(bare(login=KEY_LOGIN), stored=False, state="absent", server=mighty)) == []


def test_absent_by_owner_spares_managed_keys():
    wanted = Wanted(scope=OwnerScope(BOB))
    bobs = [key("b1", owner=BOB), key("b2", owner=BOB, spec={"metadata": {"managed": True}})]
    result = plan(bare(*bobs), wanted=wanted, stored=False, state="absent")
    assert result.step(Revoke).ids == ("b1",)
    assert "b2" in result.warnings[0]
    assert Forget not in [type(step) for step in result.steps]


def test_somebody_elses_key_is_told_apart_from_a_missing_one():
    wanted = Wanted(id="k1")
    assert "belongs to bob" in refusal(plan(bare(key(owner=BOB)), wanted=wanted, stored=False, state="absent"))
