# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The plan for predecessors: which of them are to end now, how, and which merely wait."""

from __future__ import annotations

from .features import Capabilities
from .found import Found
from .key import Key, Login
from .lifecycle import named, protector
from .plan import Draft, Issue, Retire
from .record import Previous
from .rules import Rules
from .situation import Situation, overdue
from .wanted import Policy, Wanted


def plan_retirement(
    rules: Rules,
    wanted: Wanted,
    policy: Policy,
    found: Found,
    situation: Situation,
    capabilities: Capabilities | None,
    draft: Draft,
) -> None:
    """Plan the end of predecessors that live too long, of what a new key succeeds, and of duplicates that are to go."""
    login = found.login
    late = [
        key
        for previous, key in situation.predecessors
        if overdue(previous, key, policy, found.now) and _can_end(rules, policy, found, previous, key, capabilities)
    ]
    late += _unseen(wanted, found, situation, draft, bool(draft.steps or late))
    issue = next((step for step in draft.steps if isinstance(step, Issue)), None)
    extra = [*(issue.replaces if issue else ()), *_duplicates(rules, policy, found, situation, capabilities, draft)]
    keys = tuple(key for key in (*extra, *late) if key.id != login.key_id)
    if len(keys) < len(extra) + len(late):
        draft.warnings.append(
            f"Predecessor {login.key_id} is the key of this login and is retired last: log in with its successor."
        )
    if late:
        draft.reasons.append(f"{named([key.id for key in late])} outlived the overlap of {policy.overlap}: retired")
    if extra:
        when = f"within {policy.overlap}" if policy.overlap.seconds else f"after {policy.settle} (settle)"
        draft.reasons.append(f"{named([key.id for key in extra])} ends {when}")
    if keys:
        draft.steps.append(Retire(keys))


def _can_end(
    rules: Rules, policy: Policy, found: Found, previous: Previous, key: Key, capabilities: Capabilities | None
) -> bool:
    """Is there anything to do about a late key now? One that cannot be shortened waits until its time has come, and is revoked then."""
    come = previous.ends is not None and previous.ends <= found.now
    return come or policy.overlap.seconds == 0 or can_shorten(rules, key, found.login, capabilities)


def _duplicates(
    rules: Rules,
    policy: Policy,
    found: Found,
    situation: Situation,
    capabilities: Capabilities | None,
    draft: Draft,
) -> list[Key]:
    """Return the duplicates to retire. One that cannot be shortened must be listed in a store, or no later run would know its time."""
    if policy.duplicates != "retire":
        return []
    late = [
        key
        for key in situation.strangers
        if may_retire(key, found) and overdue(Previous(key.id), key, policy, found.now)
    ]
    kept = [
        key.id
        for key in late
        if found.store is None and not _can_end(rules, policy, found, Previous(key.id), key, capabilities)
    ]
    if kept:
        draft.warnings.append(
            f"{named(kept)} of the same name and owner cannot be shortened by this login, and without a store no run would know "
            "when to revoke them. Say overlap: 0s, or remove them with state: absent and id."
        )
    return [key for key in late if key.id not in kept]


def _unseen(wanted: Wanted, found: Found, situation: Situation, draft: Draft, busy: bool) -> list[Key]:
    """Return listed predecessors that nobody sees but that can end themselves: those of a clone, once their time has come."""
    due = []
    for previous in situation.unseen:
        if previous.secret is not None and (previous.ends or 0) <= found.now:
            due.append(Key(previous.id, wanted.name or ""))
        elif previous.secret is None and busy:
            draft.warnings.append(
                f"Predecessor {previous.id} is not visible to {found.login.owner}; if it lives, it stays until its own end."
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
