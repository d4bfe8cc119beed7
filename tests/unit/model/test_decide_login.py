# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about a login, for every combination of what is wanted and what is there; pure."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.decide_login import (
    DeleteRole,
    DeleteUser,
    ForgetLogin,
    LoginPlan,
    PutRole,
    PutUser,
    SetPassword,
    decide_login,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import Duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Refused, Unproven
from ansible_collections.keysmith.elastic.plugins.module_utils._model.found import (
    NO_SECRET,
    PROVEN,
    UNKNOWN,
    WRONG_SECRET,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login import (
    Account,
    LoginFound,
    LoginWanted,
    Role,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import (
    LoginRecord,
    PendingPassword,
    StoredPassword,
)

NOW, HOUR = 1_800_000_000_000, 3_600_000
STORE, OTHER = "0123456789abcdef", "fedcba9876543210"
MARK = {"keysmith": {"store": STORE}}
RIGHTS = {"indices": [{"names": ["logs-*"], "privileges": ["create_doc"]}]}
WHOLE = {**RIGHTS, "cluster": ["monitor", "manage_own_api_key"]}
CURRENT, PENDING = StoredPassword("the-current", NOW - 2 * HOUR), PendingPassword("the-pending", NOW - HOUR)


def account(**fields: Any) -> Account:
    return Account("robot", **{"roles": ("robot",), "metadata": MARK, **fields})


def role(metadata: Any = MARK, **body: Any) -> Role:
    return Role("robot", {**WHOLE, "transient_metadata": {"enabled": True}, "metadata": metadata, **body})


def record(current: StoredPassword | None = CURRENT, pending: PendingPassword | None = None) -> LoginRecord:
    return LoginRecord("robot", "cluster-1", Owner("robot"), 3, current, pending)


def found(**fields: Any) -> LoginFound:
    """A login with which nothing is wrong."""
    whole = {"record": record(), "account": account(), "role": role(), "current": PROVEN}
    return LoginFound(NOW, STORE, **{**whole, **fields})


NOTHING = {"record": None, "account": None, "role": None, "current": NO_SECRET}


def plan(there: LoginFound, **wanted: Any) -> LoginPlan:
    return decide_login(LoginWanted("robot", "robot", **{"rights": RIGHTS, **wanted}), there)


def kinds(made: LoginPlan) -> list[str]:
    return [
        f"{type(step).__name__}{' fresh' if isinstance(step, SetPassword) and step.fresh else ''}"
        f"{' create' if isinstance(step, SetPassword) and step.create else ''}"
        for step in made.steps
    ]


def test_nothing_to_do() -> None:
    made = plan(found())
    assert (made.steps, made.reasons, made.warnings, made.changes) == ([], [], [], [])
    assert not made.changed


PENDING_TOO = record(pending=PENDING)
TABLE: dict[str, tuple[dict[str, Any], dict[str, Any], list[str], str]] = {
    # what is there, what is wanted, the steps, a reason
    "nothing there": (NOTHING, {}, ["PutRole", "SetPassword fresh create"], "user robot is made"),
    "announced, then died": (
        {**NOTHING, "record": record(None, PENDING), "pending": WRONG_SECRET},
        {},
        ["PutRole", "SetPassword create"],
        "is finished",
    ),
    "pending, not arrived": ({"record": PENDING_TOO, "pending": WRONG_SECRET}, {}, ["SetPassword"], "is finished"),
    "pending, arrived": (
        {"record": PENDING_TOO, "current": WRONG_SECRET, "pending": PROVEN},
        {},
        ["SetPassword"],
        "is finished",
    ),
    "pending and forced": (
        {"record": PENDING_TOO, "pending": WRONG_SECRET},
        {"force_rotate": True},
        ["SetPassword"],
        "is finished",
    ),
    "pending and too old": (
        {"record": PENDING_TOO, "pending": WRONG_SECRET},
        {"max_age": Duration(60)},
        ["SetPassword", "SetPassword fresh"],
        "1h old, more than max_age 1m",
    ),
    "pending since before an incident": (
        {"record": PENDING_TOO, "pending": WRONG_SECRET},
        {"created_before": NOW},
        ["SetPassword", "SetPassword fresh"],
        "before rotate_if_created_before",
    ),
    "refused, but ours": ({"current": WRONG_SECRET}, {}, ["SetPassword fresh"], "the server refuses the stored one"),
    "store lost": ({"record": None, "current": NO_SECRET}, {}, ["SetPassword fresh"], "the store holds none yet"),
    "user gone": (
        {"account": None, "current": WRONG_SECRET},
        {},
        ["SetPassword fresh create"],
        "user robot is made",
    ),
    "forced": ({}, {"force_rotate": True}, ["SetPassword fresh"], "force_rotate is set"),
    "too old": ({}, {"max_age": Duration(3600)}, ["SetPassword fresh"], "2h old, more than max_age 1h"),
    "young enough": ({}, {"max_age": Duration(3 * 3600)}, [], ""),
    "made before an incident": ({}, {"created_before": NOW}, ["SetPassword fresh"], "before rotate_if_created_before"),
    "made after it": ({}, {"created_before": NOW - 3 * HOUR}, [], ""),
    "age unknown": (
        {"record": record(StoredPassword("the-current"))},
        {"max_age": Duration(3600)},
        ["SetPassword fresh"],
        "is not known",
    ),
    "age unknown, never mind": ({"record": record(StoredPassword("the-current"))}, {}, [], ""),
    "role gone": ({"role": None}, {}, ["PutRole"], "role robot is made"),
    "role drifted": ({"role": role(cluster=["all"])}, {}, ["PutRole"], "role robot drifted"),
    "role spelled otherwise": (
        {"role": role(cluster=["manage_own_api_key", "monitor"], run_as=[], applications=[])},
        {},
        [],
        "",
    ),
    "role of others with the same rights": ({"role": role({"team": "x"})}, {}, [], ""),
    "role of others, adopted": (
        {"role": role({"team": "x"}, cluster=["all"])},
        {"adopt": True},
        ["PutRole"],
        "role robot drifted",
    ),
    "more roles": ({"account": account(roles=("robot", "superuser"))}, {}, ["PutUser"], "had the role superuser"),
    "fewer roles": ({"account": account(roles=())}, {}, ["PutUser"], "lacked the role robot"),
    "extra roles": (
        {"account": account(roles=("viewer", "robot"))},
        {"extra_roles": ("viewer", "robot")},
        [],
        "",
    ),
    "the store has moved": (
        {"account": account(metadata={"keysmith": {"store": OTHER}}), "role": role({"keysmith": {"store": OTHER}})},
        {},
        ["PutRole", "PutUser"],
        "is marked as this store's",
    ),
    "adopted": (
        {**NOTHING, "account": account(metadata={}, roles=("viewer",))},
        {"adopt": True},
        ["PutRole", "PutUser", "SetPassword fresh"],
        "the store holds none yet",
    ),
    "password alone": ({"account": account(metadata={}, roles=("x",)), "role": None}, {"rights": None}, [], ""),
    "password alone, adopted": (
        {**NOTHING, "account": Account("robot", metadata={"_reserved": True})},
        {"rights": None, "adopt": True},
        ["SetPassword fresh"],
        "the store holds none yet",
    ),
    "absent": ({}, {"state": "absent"}, ["DeleteUser", "DeleteRole", "ForgetLogin"], "user robot is removed"),
    "absent already": (NOTHING, {"state": "absent"}, [], ""),
    "absent, user gone": ({"account": None}, {"state": "absent"}, ["DeleteRole", "ForgetLogin"], "removed"),
    "absent, role of others": ({"role": role({})}, {"state": "absent"}, ["DeleteUser", "ForgetLogin"], "removed"),
    "absent, keys left": (
        {"keys": ("id1",)},
        {"state": "absent", "leave_keys": True},
        ["DeleteUser", "DeleteRole", "ForgetLogin"],
        "removed",
    ),
    "absent, of others, adopted": (
        {**NOTHING, "account": account(metadata={})},
        {"state": "absent", "adopt": True},
        ["DeleteUser"],
        "removed",
    ),
}


@pytest.mark.parametrize(("there", "wanted", "steps", "reason"), TABLE.values(), ids=TABLE)
def test_the_plan(there: dict[str, Any], wanted: dict[str, Any], steps: list[str], reason: str) -> None:
    made = plan(found(**there), **wanted)
    assert kinds(made) == steps
    assert reason in " | ".join(made.reasons)
    assert bool(made.reasons) == made.changed
    assert made.stores == any("Password" in step or "Forget" in step for step in steps)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a user of others": ({**NOTHING, "account": account(metadata={})}, {}, "exists already"),
    "a user of another store": (
        {**NOTHING, "account": account(metadata={"keysmith": {"store": OTHER}})},
        {},
        "another store of this collection",
    ),
    "refused, and not ours": (
        {"account": account(metadata={}), "current": WRONG_SECRET},
        {},
        "somebody else changed the password",
    ),
    "disabled": ({"account": account(enabled=False)}, {}, "_enable"),
    "a reserved user": ({"account": account(metadata={"_reserved": True})}, {"adopt": True}, "reserved user"),
    "a reserved role": ({"role": role({"_reserved": True})}, {"adopt": True}, "reserved role"),
    "a role of others": ({"role": role({}, cluster=["all"])}, {}, "has other rights: role.robot.cluster"),
    "nobody": (NOTHING, {"rights": None}, "There is no user robot"),
    "absent, of others": ({"account": account(metadata={})}, {"state": "absent"}, "was not made by this module"),
    "absent, oneself": ({"itself": True}, {"state": "absent"}, "logged in as robot itself"),
    "absent, with keys": ({"keys": ("id1",)}, {"state": "absent"}, "still owns active keys: key id1"),
    "absent, reserved": (
        {"account": account(metadata={"_reserved": True})},
        {"state": "absent", "adopt": True},
        "nobody can remove",
    ),
}


@pytest.mark.parametrize(("there", "wanted", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(there: dict[str, Any], wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        plan(found(**there), **wanted)


@pytest.mark.parametrize("verdicts", [{"current": UNKNOWN}, {"current": WRONG_SECRET, "pending": UNKNOWN}])
def test_nothing_is_concluded_from_what_is_not_known(verdicts: dict[str, str]) -> None:
    with pytest.raises(Unproven):
        plan(found(record=PENDING_TOO, **verdicts), force_rotate=True)


@pytest.mark.parametrize("privilege", ["all", "manage_security", "manage_api_key"])
def test_wide_rights_are_warned_of(privilege: str) -> None:
    (warning,) = plan(found(), rights={"cluster": [privilege]}).warnings
    assert privilege in warning


def test_keys_that_lose_their_owner_are_warned_of() -> None:
    (warning,) = plan(found(keys=("id1",)), state="absent", leave_keys=True).warnings
    assert "id1" in warning


def test_an_update_carries_the_rest_along() -> None:
    metadata = {"team": "x", "keysmith": {"store": OTHER}}
    there = found(
        account=account(roles=("viewer",), full_name="A B", email="a@b.c", metadata=metadata),
        role=role({"note": "y"}, description="for robots", cluster=[]),
    )
    made = plan(there, adopt=True)
    user, put = made.step(PutUser), made.step(PutRole)
    assert user is not None
    assert put is not None
    assert user.body == {
        "roles": ["robot"],
        "full_name": "A B",
        "email": "a@b.c",
        "metadata": {"team": "x", **MARK},
        "enabled": True,
    }
    assert put.body == {
        **RIGHTS,
        "cluster": ["manage_own_api_key", "monitor"],
        "metadata": {"note": "y", **MARK},
        "description": "for robots",
    }


def test_what_the_login_needs_is_added_once() -> None:
    put = plan(found(role=None), rights={"cluster": ["monitor", "manage_ilm"]}).step(PutRole)
    assert put is not None
    assert put.body["cluster"] == ["monitor", "manage_ilm", "manage_own_api_key"]


def test_every_step_is_planned_somewhere() -> None:
    planned = {step.split()[0] for _there, _wanted, steps, _reason in TABLE.values() for step in steps}
    assert planned == {one.__name__ for one in (PutRole, PutUser, SetPassword, DeleteUser, DeleteRole, ForgetLogin)}
