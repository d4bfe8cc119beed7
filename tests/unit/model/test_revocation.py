# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys a revocation hits and leaves, as a table of cases, and when it may not begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Refused
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Login, Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.revocation import (
    Demand,
    Revocation,
    Seen,
    check_allowed,
    check_count,
    decide_revocation,
    warning_of_time,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.selection import Selection
from ansible_collections.keysmith.elastic.plugins.module_utils._model.wanted import OwnerScope

NOW = 1_795_230_000_000
JOE, ANN = Owner("joe", "native"), Owner("ann", "native")
ANYBODY, OWNED = OwnerScope(anybody=True), OwnerScope()
USER = Login(JOE)


def key(key_id: str, **fields: Any) -> Key:
    return Key(key_id, **{"name": f"name-of-{key_id}", "owner": JOE, "creation": NOW - 1000, **fields})


LIVING = key("living")
OTHER = key("other")
FOREIGN = key("foreign", owner=ANN)
REVOKED = key("revoked", invalidated=True, invalidation=NOW - 500)
EXPIRED = key("expired", expiration=NOW - 1)
LATER = key("later")
MANAGED = key("managed", spec={"metadata": {"managed": True, "managed_by": "fleet"}})
CROSSING = key("crossing", type="cross_cluster")


def decide(
    *keys: Key,
    ids: tuple[str, ...] = (),
    scope: OwnerScope = OWNED,
    login: Login = USER,
    seen: Mapping[str, Any] | None = None,
    **demand: Any,
) -> Revocation:
    wanted = Demand(Selection(ids=ids, scope=scope, **demand.pop("selection", {})), **demand)
    return decide_revocation(wanted, Seen(login, NOW, keys, **(seen or {})))


def ids_of(keys: tuple[Key, ...]) -> list[str]:
    return [one.id for one in keys]


BY_KEY = Login(JOE, "api_key", "living")
BLIND = {"sees_all": False}
# The service does not tell which of the two is the key of the login.
UNSURE = {"may_be_own": frozenset({"living", "other"})}


@pytest.mark.parametrize(
    ("keys", "options", "hits", "kept"),
    [
        ((LIVING, OTHER), {}, ["living", "other"], {}),
        ((LIVING, MANAGED), {}, ["living"], {"managed": "managed by fleet"}),
        ((LIVING, OTHER), {"except_ids": frozenset({"other"})}, ["living"], {"other": "except_ids"}),
        ((LIVING, OTHER), {"login": BY_KEY}, ["other"], {"living": "the key of this login"}),
        ((LIVING, OTHER), {"login": BY_KEY, "own_key": "last"}, ["other", "living"], {}),
        ((OTHER,), {"login": BY_KEY, "own_key": "fail"}, ["other"], {}),
        ((REVOKED,), {"ids": ("revoked",)}, [], {"revoked": "revoked already at 2026-11-21T02:59:59Z"}),
        ((EXPIRED,), {"ids": ("expired",)}, [], {"expired": "ended already"}),
        ((LIVING,), {"ids": ("living", "nobody")}, ["living"], {"nobody": "no such key"}),
        ((FOREIGN,), {"ids": ("foreign",), "scope": ANYBODY}, ["foreign"], {}),
        ((FOREIGN,), {"ids": ("foreign",), "scope": OwnerScope(ANN)}, ["foreign"], {}),
        ((FOREIGN,), {"ids": ("foreign",), "except_ids": frozenset({"foreign"})}, [], {"foreign": "except_ids"}),
        (
            (LIVING, CROSSING),
            {"ids": ("living", "crossing"), "selection": {"type": "rest"}},
            ["living"],
            {"crossing": "other conditions"},
        ),
        ((LIVING, OTHER, FOREIGN), {"seen": UNSURE, "scope": ANYBODY}, ["foreign"], {"living": "may", "other": "may"}),
        ((LIVING, OTHER, LATER), {"seen": UNSURE, "own_key": "last"}, ["later", "living", "other"], {}),
        ((LATER,), {"seen": UNSURE, "own_key": "fail"}, ["later"], {}),
    ],
)
def test_what_goes_and_what_stays(
    keys: tuple[Key, ...], options: dict[str, Any], hits: list[str], kept: dict[str, str]
) -> None:
    plan = decide(*keys, **options)
    assert ids_of(plan.all) == hits
    assert {one.id for one in plan.kept} == set(kept)
    assert all(kept[one.id] in one.why for one in plan.kept)
    assert {one.id for one in plan.kept if one.dead} == {one.id for one in keys if not one.active(NOW)}


def test_the_key_of_the_login_goes_by_itself() -> None:
    plan = decide(LIVING, OTHER, login=BY_KEY, own_key="last")
    assert ids_of(plan.hits) == ["other"]
    assert plan.own == LIVING
    assert "goes last" in plan.reasons[-1]


@pytest.mark.parametrize(
    ("keys", "options", "words"),
    [
        ((LIVING,), {"login": BY_KEY, "own_key": "fail"}, "own_key: last"),
        ((LIVING,), {"seen": UNSURE, "own_key": "fail"}, "it may be the key of this login"),
        ((FOREIGN,), {"ids": ("foreign",)}, "belongs to ann (realm native)"),
        ((), {"ids": ("hidden",), "seen": BLIND}, "sees only its own keys"),
        ((LIVING,), {"ids": ("living", "hidden"), "seen": BLIND, "login": BY_KEY}, "sees only its own key."),
    ],
)
def test_what_is_refused(keys: tuple[Key, ...], options: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        decide(*keys, **options)
    assert words in str(refused.value)
    assert refused.value.fields["ids"] in (["living"], ["foreign"], ["hidden"])


def test_what_a_service_without_dead_keys_does_not_show_is_dead() -> None:
    plan = decide(LIVING, ids=("living", "gone"), seen={"shows_dead": False, "warnings": ("look twice",)})
    assert ids_of(plan.all) == ["living"] and [(one.id, one.dead) for one in plan.kept] == [("gone", True)]
    assert plan.warnings == ("look twice",)


def test_keys_that_may_be_the_login_s_go_by_themselves() -> None:
    plan = decide(LIVING, LATER, seen=UNSURE, own_key="last")
    assert (plan.hits, plan.doubtful, plan.own) == ((LATER,), (LIVING,), None)
    assert "may be the one of this login" in plan.reasons[-1]


@pytest.mark.parametrize(("count", "pause", "words"), [(500, 1.0, "500 keys takes 8m 20s or more"), (30, 1.0, "30s")])
def test_a_long_time_is_told(count: int, pause: float, words: str) -> None:
    assert words in (warning_of_time(Revocation(hits=(LIVING,) * count), pause) or "")


@pytest.mark.parametrize(("count", "pause"), [(29, 1.0), (5000, 0)])
def test_a_short_time_is_not_told(count: int, pause: float) -> None:
    assert warning_of_time(Revocation(hits=(LIVING,) * count), pause) is None


def test_an_exception_that_spares_nothing_is_told() -> None:
    plan = decide(LIVING, OTHER, except_ids=frozenset({"other", "typo"}))
    assert "key typo would not have been hit anyway" in plan.warnings[0]


def demand(expected: int | None) -> Demand:
    return Demand(Selection(), expected=expected)


TWO = Revocation(hits=(LIVING, OTHER))


@pytest.mark.parametrize(
    ("plan", "expected", "dead", "check"),
    [
        (TWO, 2, 0, False),
        (TWO, 2, 0, True),
        (TWO, None, 0, True),
        (Revocation(hits=(OTHER,), own=LIVING), 2, 0, False),
        (Revocation(), 0, 0, False),
        (Revocation(), 2, 2, False),
        (Revocation(), 2, 5, False),
        # Where nobody tells how many are dead.
        (Revocation(), 2, None, False),
    ],
)
def test_a_number_that_is_right(plan: Revocation, expected: int | None, dead: int | None, check: bool) -> None:
    check_count(demand(expected), plan, dead, check=check)


@pytest.mark.parametrize(
    ("plan", "expected", "dead", "check", "words"),
    [
        (TWO, None, 0, False, "expected_count is missing: 2 keys would be revoked (keys living, other)."),
        (TWO, 3, 0, False, "expected_count is 3, but 2 keys would be revoked (keys living, other)."),
        (TWO, 1, 0, True, "repeat with expected_count: 2."),
        # That there are dead ones does not make up for living ones that were not expected.
        (TWO, 3, 9, False, "2 keys would be revoked"),
        (TWO, 0, 0, False, "2 keys would be revoked"),
        (Revocation(), None, 0, False, "0 keys would be revoked. Look"),
        (Revocation(), None, None, False, "0 keys would be revoked. Look"),
        (TWO, 3, None, False, "2 keys would be revoked"),
        (Revocation(), 2, 1, False, "no living key is meant, and 1 dead one."),
        (Revocation(), 2, 0, True, "and no dead ones."),
        (decide(MANAGED), 1, 0, False, "left out: managed, managed by fleet"),
    ],
)
def test_a_number_that_is_wrong(
    plan: Revocation, expected: int | None, dead: int | None, check: bool, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_count(demand(expected), plan, dead, check=check)
    assert words in str(refused.value)
    assert refused.value.fields == {"count": len(plan.all), "ids": ids_of(plan.all)}


ALL, SECURITY, OWN = (frozenset({name}) for name in ("manage_api_key", "manage_security", "manage_own_api_key"))


@pytest.mark.parametrize(
    ("plan", "login", "privileges", "words"),
    [
        (Revocation(hits=(LIVING, FOREIGN)), Login(JOE), ALL, None),
        (Revocation(hits=(LIVING, CROSSING)), Login(JOE), SECURITY, None),
        (Revocation(hits=(LIVING,)), Login(JOE), OWN, None),
        (Revocation(own=LIVING), BY_KEY, OWN, None),
        (Revocation(hits=(CROSSING,)), Login(JOE), ALL | OWN, "type: rest"),
        (
            Revocation(hits=(LIVING, FOREIGN)),
            Login(JOE),
            OWN,
            "joe (realm native) may revoke only its own keys, not key foreign.",
        ),
        (Revocation(hits=(OTHER,), own=LIVING), BY_KEY, OWN, "This API key may revoke only itself, not key other."),
        (Revocation(hits=(LIVING,)), Login(JOE), frozenset({"read_security"}), "may revoke no keys"),
        (Revocation(own=LIVING), BY_KEY, frozenset(), "may revoke no keys"),
    ],
)
def test_who_may(plan: Revocation, login: Login, privileges: frozenset[str], words: str | None) -> None:
    if words is None:
        check_allowed(plan, login, privileges)
        return
    with pytest.raises(Refused) as refused:
        check_allowed(plan, login, privileges)
    assert words in str(refused.value)
    assert refused.value.fields["privileges"]
