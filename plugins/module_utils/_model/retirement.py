# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The plan for predecessors: which of them are to end now, how, and which merely wait."""

from __future__ import annotations

from .case import Case
from .features import Capabilities
from .found import Found
from .key import Key, Login
from .lifecycle import named, protector
from .plan import Confirm, Draft, Issue, Retire
from .record import Previous
from .rules import Rules
from .situation import overdue


def plan_handover(case: Case, draft: Draft) -> None:
    """Plan the end of predecessors, or let all of them wait until somebody confirms that the consumers have the current secret.

    With ``retire: false`` that confirmation is a later run's business. What was confirmed long ago is retired all the same.
    """
    record = case.found.record
    issue = next((step for step in draft.steps if isinstance(step, Issue)), None)
    pending = record is not None and record.handover is not None
    if case.policy.retire:
        if pending and issue is None:
            draft.steps.append(Confirm())
            draft.reasons.append("the consumers have taken the secret over")
        _plan_retirement(case, draft, issue)
    elif pending or issue is not None:
        _let_wait(case, draft, issue)
    else:
        _plan_retirement(case, draft, issue)


def _let_wait(case: Case, draft: Draft, issue: Issue | None) -> None:
    succeeded = issue.replaces if issue else ()
    known = {key.id for key in succeeded}
    draft.waiting = (*succeeded, *(key for _listed, key in case.situation.predecessors if key.id not in known))
    if issue is not None and draft.waiting:
        draft.reasons.append(f"{named([key.id for key in draft.waiting])} lives on until a run with retire: true")


def _plan_retirement(case: Case, draft: Draft, issue: Issue | None) -> None:
    """Plan the end of predecessors that live too long, of what a new key succeeds, and of duplicates that are to go."""
    policy, login = case.policy, case.found.login
    late = [
        key
        for previous, key in case.situation.predecessors
        if overdue(previous, key, policy, case.found.now) and _can_end(case, previous, key)
    ]
    late += _unseen(case, draft, bool(draft.steps or late))
    extra = [*(issue.replaces if issue else ()), *_duplicates(case, draft)]
    keys = tuple(key for key in (*extra, *late) if key.id != login.key_id)
    own = tuple(key for key in (*extra, *late) if key.id == login.key_id)
    if own and case.rules.heir_retires:
        keys += own
        draft.reasons.append(f"{login.key_id} is the key of this login: its successor sees to its end, after all else")
    elif own:
        draft.warnings.append(
            f"Predecessor {login.key_id} is the key of this login and is retired last: log in with its successor."
        )
    just_confirmed = any(isinstance(step, Confirm) for step in draft.steps)
    overdue_keys, ending = ([], [*extra, *late]) if just_confirmed else (late, extra)
    if overdue_keys:
        draft.reasons.append(
            f"{named([key.id for key in overdue_keys])} outlived the overlap of {policy.overlap}: retired"
        )
    if ending:
        draft.reasons.append(f"{named([key.id for key in ending])} {_how_it_ends(case)}")
    if keys:
        draft.steps.append(Retire(keys))


def _how_it_ends(case: Case) -> str:
    policy = case.policy
    if policy.overlap.seconds == 0:
        return f"ends after {policy.settle} (settle)"
    if case.rules.extend_feature is None:
        return f"lives on for {policy.overlap}, and a run after that revokes it"
    return f"ends within {policy.overlap}"


def _can_end(case: Case, previous: Previous, key: Key) -> bool:
    """Is there anything to do about a late key now? One that cannot be shortened waits until its time has come, and is revoked then."""
    come = previous.ends is not None and previous.ends <= case.found.now
    shortened = can_shorten(case.rules, key, case.found.login, case.capabilities)
    return come or case.policy.overlap.seconds == 0 or shortened


def _duplicates(case: Case, draft: Draft) -> list[Key]:
    """Return the duplicates to retire. One that cannot be shortened must be listed in a store, or no later run would know its time."""
    if case.policy.duplicates != "retire":
        return []
    late = [
        key
        for key in case.situation.strangers
        if may_retire(key, case.found) and overdue(Previous(key.id), key, case.policy, case.found.now)
    ]
    kept = [key.id for key in late if case.found.store is None and not _can_end(case, Previous(key.id), key)]
    if kept:
        draft.warnings.append(
            f"{named(kept)} of the same name and owner cannot be shortened by this login, and without a store no run would know "
            "when to revoke them. Say overlap: 0s, or remove them with state: absent and id."
        )
    return [key for key in late if key.id not in kept]


def _unseen(case: Case, draft: Draft, busy: bool) -> list[Key]:
    """Return listed predecessors that nobody sees but that can end themselves: those of a clone, once their time has come."""
    due = []
    for previous in case.situation.unseen:
        # Without a noted time it has been waiting for the handover, and its overlap begins now.
        come = case.policy.overlap.seconds == 0 if previous.ends is None else previous.ends <= case.found.now
        if previous.secret is not None and come:
            due.append(Key(previous.id, case.wanted.name or ""))
        elif previous.secret is None and busy:
            draft.warnings.append(
                f"Predecessor {previous.id} is not visible to {case.found.login.owner}; if it lives, it stays until its own end."
            )
    return due


def may_retire(key: Key, found: Found) -> bool:
    """Another store's key has a user we cannot see, so even ``duplicates: retire`` leaves it; a managed key is never touched."""
    mark = key.mark
    return protector(key) is None and (mark is None or mark.store in (None, found.store))


def can_shorten(rules: Rules, key: Key, login: Login, capabilities: Capabilities | None) -> bool:
    """Can this login move the key's end, as far as is known (``capabilities`` None: not asked yet)?"""
    feature = rules.extend_feature
    if feature is None or owner_obstacle(key, login) is not None:
        return False
    return capabilities is None or capabilities.can(feature)


def owner_obstacle(key: Key, login: Login) -> str | None:
    """Return why this login may not change the key in place, or None: only a key's owner may, and never by an API key."""
    if login.by_key:
        return "an API key as login cannot update keys"
    if key.owner is not None and not key.owner.matches(login.owner):
        return f"it belongs to {key.owner}, and only its owner can update it (log in as that user, or with run_as)"
    return None
