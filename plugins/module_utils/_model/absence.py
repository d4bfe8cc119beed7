# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The plan of ``state: absent``."""

from __future__ import annotations

from .case import Case
from .errors import Refused
from .features import Capabilities
from .found import Found
from .key import Key, Login
from .lifecycle import named, protector
from .plan import Draft, Forget, Revoke
from .rules import Rules
from .situation import Situation
from .wanted import Wanted


def plan_absence(case: Case, draft: Draft) -> None:
    """state: absent. With a store only what the store made goes; without one every active key that is meant."""
    wanted, found, capabilities = case.wanted, case.found, case.capabilities
    keys = _doomed(wanted, found, case.situation)
    bulk = wanted.name is None and wanted.id is None
    if bulk:
        spared = [key.id for key in keys if protector(key)]
        if spared:
            draft.warnings.append(f"{named(spared)} managed by another product stay.")
        keys = [key for key in keys if not protector(key)]
    draft.current = keys[0] if keys else None
    for key in keys:
        _refuse_to_revoke(key, found.login)
    _refuse_foreign(wanted, found)
    if keys:
        draft.steps.append(Revoke(tuple(key.id for key in keys)))
        draft.reasons.append(f"revoked: {named([key.id for key in keys])}, state is absent")
    elif capabilities is None:
        draft.unsure = _may_be_blind(wanted, found.login) or _invisible(wanted, found)
    else:
        _refuse_blind_absence(case.rules, wanted, found.login, capabilities)
        if (
            _invisible(wanted, found)
            and case.rules.see_all_privileges
            and not capabilities.holds(case.rules.see_all_privileges)
        ):
            draft.warnings.append(
                f"Key {wanted.id} is not visible to {found.login.owner}, who sees only its own keys: it is gone, or somebody else's."
            )
    if found.record is not None:
        draft.steps.append(Forget())
        draft.reasons.append("the store's record goes: its keys are dead")


def _doomed(wanted: Wanted, found: Found, situation: Situation) -> list[Key]:
    if found.store is not None:
        ours = [situation.current] if situation.current else []
        return [*ours, *(key for _listed, key in situation.predecessors), *situation.orphans, *situation.siblings]
    meant = [key for key in found.keys if key.active(found.now) and wanted.scope.includes(key, found.login)]
    return [key for key in meant if wanted.id in (None, key.id)]


def _refuse_foreign(wanted: Wanted, found: Found) -> None:
    """A key that is addressed by id and belongs to somebody else is not "absent": the server's own answer would blur the two."""
    key = found.key(wanted.id)
    if key is not None and key.active(found.now) and not wanted.scope.includes(key, found.login):
        raise Refused(
            f"Key {key.id} belongs to {key.owner}.",
            "Say owner: any, or the owner's name, if that key is meant.",
            ids=[key.id],
        )


def _refuse_to_revoke(key: Key, login: Login) -> None:
    who = protector(key)
    if who is not None:
        raise Refused(f"Key {key.id} ({key.name!r}) is managed by {who} and is never touched.", ids=[key.id])
    if key.id == login.key_id:
        raise Refused(
            f"Key {key.id} is the one of this login; revoking it would cut the branch this run sits on.",
            "Log in otherwise, or hand over to its successor first.",
            ids=[key.id],
        )


def _may_be_blind(wanted: Wanted, login: Login) -> bool:
    return login.by_key or not wanted.scope.own


def _invisible(wanted: Wanted, found: Found) -> bool:
    """Is one key meant that is not there, not even dead? To a login that sees only its own, somebody else's looks the same."""
    return wanted.id is not None and all(key.id != wanted.id for key in found.keys)


def _refuse_blind_absence(rules: Rules, wanted: Wanted, login: Login, capabilities: Capabilities) -> None:
    """Nothing was found: say so only if the login could have seen it (law 3)."""
    if rules.see_all_privileges and _may_be_blind(wanted, login) and not capabilities.holds(rules.see_all_privileges):
        raise Refused(
            f"No key {wanted} is visible, but {login.owner} sees only {'its own key' if login.by_key else 'its own keys'}.",
            f"Grant one of {', '.join(sorted(rules.see_all_privileges))} to tell an absent key from an invisible one.",
        )
