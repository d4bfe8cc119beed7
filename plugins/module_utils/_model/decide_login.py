# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Decide what is to be done about a login: a pure function of what is wanted and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union

from .canonical import canonical_role_descriptors
from .compare import Change, compare
from .duration import humanize
from .errors import Refused, Unproven
from .found import PROVEN, UNKNOWN, WRONG_SECRET
from .lifecycle import named, rendered
from .login import OWN_PRIVILEGES, WIDE_PRIVILEGES, Account, LoginFound, LoginWanted, Role, mark_of, marked


@dataclass(frozen=True)
class PutRole:
    """Make the role, or bring it to what is wanted."""

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class PutUser:
    """Bring an existing user to its roles and our mark; its password stays."""

    body: Mapping[str, Any]


@dataclass(frozen=True)
class SetPassword:
    """Give the user the record's pending password, a ``fresh`` one or the one that is there already; prove it, commit it.

    ``create`` is the new user, None where there is one.
    """

    fresh: bool
    create: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DeleteUser:
    """Remove the user."""


@dataclass(frozen=True)
class DeleteRole:
    """Remove the role."""

    name: str


@dataclass(frozen=True)
class ForgetLogin:
    """Remove the store's record."""


LoginStep = Union[PutRole, PutUser, SetPassword, DeleteUser, DeleteRole, ForgetLogin]
S = TypeVar("S", PutRole, PutUser, SetPassword, DeleteUser, DeleteRole, ForgetLogin)


@dataclass
class LoginPlan:
    """What will be done, in this order, and why. An empty plan changes nothing."""

    steps: list[LoginStep] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Will anything be written?"""
        return bool(self.steps)

    @property
    def stores(self) -> bool:
        """Will the stored password change?"""
        return any(isinstance(step, (SetPassword, ForgetLogin)) for step in self.steps)

    def step(self, kind: type[S]) -> S | None:
        """Return the first step of this type, or None."""
        return next((step for step in self.steps if isinstance(step, kind)), None)


def decide_login(wanted: LoginWanted, found: LoginFound) -> LoginPlan:
    """Return the plan.

    :raises Refused: a law or the task forbids what would have to be done.
    :raises Unproven: the stored passwords could be neither proven nor refuted.
    """
    plan = LoginPlan()
    if wanted.state == "absent":
        _absent(wanted, found, plan)
        return plan
    if UNKNOWN in (found.current, found.pending):
        raise Unproven(
            f"The stored password of {wanted.name} could be neither proven nor refuted.",
            "Nothing was written; run again when the server answers.",
        )
    if found.account is not None:
        _check_account(wanted, found, found.account)
    elif wanted.rights is None:
        raise Refused(f"There is no user {wanted.name}.", "Give rights, and the user is made; or correct name.")
    if wanted.rights is not None:
        _role(wanted, found, wanted.rights, plan)
        _user(wanted, found, plan)
    _password(wanted, found, plan)
    return plan


def ours(found: LoginFound) -> bool:
    """Is the user the one of our store: does its mark say so, or does a stored password let one in?"""
    if found.account is None:
        return False
    return mark_of(found.account.metadata) == found.store or PROVEN in (found.current, found.pending)


def _check_account(wanted: LoginWanted, found: LoginFound, account: Account) -> None:
    """Refuse a user that is somebody else's, that cannot log in, or whose roles nobody can change."""
    name = wanted.name
    if not account.enabled:
        raise Refused(
            f"The user {name} is disabled, so no password of it works.",
            f"Enable it (PUT _security/user/{name}/_enable), or give another name.",
        )
    if account.reserved and wanted.rights is not None:
        raise Refused(
            f"{name} is a reserved user, whose roles nobody can change.",
            "Leave rights out to change its password only, or give another name.",
        )
    if ours(found) or wanted.adopt:
        return
    if found.record is not None:
        raise Refused(
            f"The server refuses the stored password of the user {name}, and the user carries no mark of this store: somebody else "
            "changed the password, or made another user of that name.",
            "Say adopt: true to give it a new password; whoever uses the present one is then locked out.",
        )
    whose = (
        "belongs to another store of this collection"
        if mark_of(account.metadata)
        else "exists already, and its password is in no store of ours"
    )
    raise Refused(
        f"The user {name} {whose}.",
        "Give another name, or say adopt: true to take it over; whoever uses its present password is then locked out.",
    )


def _role(wanted: LoginWanted, found: LoginFound, rights: Mapping[str, Any], plan: LoginPlan) -> None:
    role, whole = found.role, _with_own_privileges(rights)
    wide = [name for name in whole["cluster"] if name in WIDE_PRIVILEGES]
    if wide:
        plan.warnings.append(
            f"rights hold {' and '.join(wide)}: this login is no narrow one, and whoever gets its password can do nearly everything."
        )
    before = {} if role is None else {role.name: role.rights}
    changes = compare("role", {wanted.role: whole}, before, canonical_role_descriptors)
    if role is not None:
        mine = _role_is_ours(found, role)
        if role.reserved:
            raise Refused(f"{role.name} is a reserved role, which nobody can change.", "Give role another name.")
        if changes and not mine and not wanted.adopt:
            raise Refused(
                f"The role {role.name} exists already, was not made by this module and has other rights: {changes[0]}.",
                "Give role another name, or say adopt: true to give it these rights.",
            )
        if not changes and (not mine or mark_of(role.metadata) == found.store):
            return
    body = {**whole, "metadata": marked(role.metadata if role else {}, found.store)}
    if role is not None and role.body.get("description"):
        body["description"] = role.body["description"]
    plan.steps.append(PutRole(wanted.role, body))
    plan.changes += changes
    what = "drifted" if changes else "carried the mark of another place of the store"
    plan.reasons.append(f"role {wanted.role} is made" if role is None else f"role {wanted.role} {what}")


def _with_own_privileges(rights: Mapping[str, Any]) -> dict[str, Any]:
    given = list(rights.get("cluster") or ())
    return {**rights, "cluster": [*given, *(name for name in OWN_PRIVILEGES if name not in given)]}


def _role_is_ours(found: LoginFound, role: Role) -> bool:
    """Is it marked for our store, or, where the store has moved, as our user still is?"""
    mark = mark_of(role.metadata)
    users = mark_of(found.account.metadata) if found.account is not None and ours(found) else None
    return mark is not None and mark in (found.store, users)


def _user(wanted: LoginWanted, found: LoginFound, plan: LoginPlan) -> None:
    account = found.account
    if account is None:
        return
    missing = [name for name in wanted.roles if name not in account.roles]
    excess = [name for name in account.roles if name not in wanted.roles]
    unmarked = mark_of(account.metadata) != found.store
    if not missing and not excess and not unmarked:
        return
    plan.steps.append(PutUser(_user_body(wanted, found, account)))
    if missing or excess:
        plan.changes.append(Change("roles", sorted(account.roles), sorted(wanted.roles)))
    parts = [
        f"lacked the role {', '.join(missing)}" if missing else None,
        f"had the role {', '.join(excess)}, which the task does not give it" if excess else None,
        "is marked as this store's" if unmarked else None,
    ]
    plan.reasons.append(f"user {wanted.name} {'; '.join(part for part in parts if part)}")


def _user_body(wanted: LoginWanted, found: LoginFound, account: Account | None) -> dict[str, Any]:
    """Return the whole user, without a password: what is left out of an update is lost."""
    kept = account or Account(wanted.name)
    return {
        "roles": list(wanted.roles),
        "full_name": kept.full_name,
        "email": kept.email,
        "metadata": marked(kept.metadata, found.store),
        "enabled": kept.enabled,
    }


def _password(wanted: LoginWanted, found: LoginFound, plan: LoginPlan) -> None:
    record = found.record
    pending = record.pending if record is not None else None
    create = _user_body(wanted, found, None) if found.account is None else None
    if create is not None:
        plan.reasons.append(f"user {wanted.name} is made")
        plan.changes.append(Change("roles", None, sorted(wanted.roles)))
    if pending is not None:
        plan.steps.append(SetPassword(False, create))
        plan.reasons.append(f"password: the change begun at {rendered(pending.at)} is finished")
        # It is as old as its announcement: an incident since then may have told it to somebody.
        why = _outdated(wanted, found.now, pending.at)
        create = None
    elif create is not None:
        why = "the user is new"
    else:
        why = _due(wanted, found)
    if why is not None:
        plan.steps.append(SetPassword(True, create))
        plan.reasons.append(f"password: {why}")


def _due(wanted: LoginWanted, found: LoginFound) -> str | None:
    """Return why the password is to be changed, where none is pending."""
    current = found.record.current if found.record is not None else None
    if current is None:
        return "the store holds none yet"
    if found.current == WRONG_SECRET:
        return "the server refuses the stored one"
    if wanted.force_rotate:
        return "force_rotate is set"
    if current.since is None and (wanted.max_age is not None or wanted.created_before is not None):
        return "when the stored one was made is not known"
    return None if current.since is None else _outdated(wanted, found.now, current.since)


def _outdated(wanted: LoginWanted, now: int, since: int) -> str | None:
    if wanted.created_before is not None and since < wanted.created_before:
        return f"made at {rendered(since)}, before rotate_if_created_before {rendered(wanted.created_before)}"
    if wanted.max_age is not None and now - since > wanted.max_age.ms:
        return f"{humanize(now - since)} old, more than max_age {wanted.max_age}"
    return None


def _absent(wanted: LoginWanted, found: LoginFound, plan: LoginPlan) -> None:
    account, role = found.account, found.role
    if account is not None:
        _check_removal(wanted, found, account)
        plan.steps.append(DeleteUser())
        plan.reasons.append(f"user {wanted.name} is removed")
    if role is not None and _role_is_ours(found, role):
        plan.steps.append(DeleteRole(role.name))
        plan.reasons.append(f"role {role.name} is removed")
    if found.record is not None:
        plan.steps.append(ForgetLogin())
        plan.reasons.append("the record is removed from the store")
    if found.keys and plan.steps:
        plan.warnings.append(
            f"{named(found.keys)} of {wanted.name} live on; without their owner nobody can update them any more."
        )


def _check_removal(wanted: LoginWanted, found: LoginFound, account: Account) -> None:
    if found.itself:
        raise Refused(
            f"This run is logged in as {wanted.name} itself, and nobody removes the login that he uses.",
            "Log in as somebody else who may manage users.",
        )
    if account.reserved:
        raise Refused(f"{wanted.name} is a reserved user, which nobody can remove.", "Give another name.")
    if mark_of(account.metadata) != found.store and not wanted.adopt:
        raise Refused(
            f"The user {wanted.name} was not made by this module for this store.",
            "Give the store that it was made for, or say adopt: true to remove it all the same.",
        )
    if found.keys and not wanted.leave_keys:
        raise Refused(
            f"{wanted.name} still owns active keys: {named(found.keys)}.",
            "Revoke them first, or say leave_keys: true: they then work on until their ends, and nobody can update them any more.",
            ids=list(found.keys),
        )
