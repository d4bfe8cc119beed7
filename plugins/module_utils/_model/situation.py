# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What each of the found keys is to us: the state table of a rotation, row by row."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import KeysmithError, Refused, Unproven
from .found import DEAD, PROVEN, UNKNOWN, WRONG_SECRET, Found
from .key import Key
from .record import Previous
from .wanted import Policy, Wanted

# An intent whose key never turned up is given up after a day (ms).
INTENT_LIFE = 24 * 3600 * 1000

# How much longer than its overlap a predecessor may live before it is shortened: the server's seconds are whole (ms).
END_SLACK = 2_000


@dataclass(frozen=True)
class Situation:
    """The found keys by what they are.

    ``current`` is the living key that the task is about, ``model`` the stored one, dead or alive, after which a successor is made.
    ``lost`` says why a new key is needed although nothing is due (the stored one is dead, the store is corrupt, lost or old).
    ``orphans`` were made by runs that never concluded; ``siblings`` are living keys that our store was made for but does not know;
    ``predecessors`` are living keys that the record lists, ``unseen`` listed ones that the login cannot see; ``strangers`` merely have
    the name.
    """

    current: Key | None = None
    model: Key | None = None
    lost: str | None = None
    orphans: tuple[Key, ...] = ()
    siblings: tuple[Key, ...] = ()
    predecessors: tuple[tuple[Previous, Key], ...] = ()
    unseen: tuple[Previous, ...] = ()
    strangers: tuple[Key, ...] = ()


def classify(wanted: Wanted, found: Found) -> Situation:
    """Sort the found keys; pure, and raises only what makes every conclusion impossible.

    :raises Unproven: the stored secret could be neither proven nor refuted.
    """
    if found.proof.verdict == UNKNOWN:
        raise Unproven(
            f"The stored secret of {wanted} could be neither proven nor refuted: {found.proof.words}",
            "Nothing was written; run again when the server answers.",
        )
    current, lost = _current(wanted, found)
    record = found.record
    known = {current.id} if current else set()
    nonces = {intent.nonce for intent in record.intents} if record else set()
    listed = {previous.id: previous for previous in record.previous} if record else {}
    orphans, siblings, predecessors, strangers = [], [], [], []
    for key in found.keys:
        mark = key.mark
        if key.id in known or not key.active(found.now):
            continue
        if key.id in listed:
            predecessors.append((listed[key.id], key))
        elif mark is not None and mark.nonce in nonces:
            orphans.append(key)
        elif not wanted.scope.includes(key, found.login):
            continue
        elif mark is not None and found.store is not None and mark.store == found.store and _newer(key, current):
            siblings.append(key)
        else:
            strangers.append(key)
    visible = {key.id for key in found.keys}
    if siblings and lost is None and current is not None:
        lost = f"the store is older than key {siblings[-1].id}, which was made for it: it was restored or overwritten"
    stored = found.record.current.id if found.record and found.record.current else None
    return Situation(
        current=current,
        model=found.key(stored),
        lost=lost,
        orphans=tuple(orphans),
        siblings=tuple(siblings),
        predecessors=tuple(predecessors),
        unseen=tuple(previous for key_id, previous in listed.items() if key_id not in visible),
        strangers=tuple(strangers),
    )


def _current(wanted: Wanted, found: Found) -> tuple[Key | None, str | None]:
    """Return the key that the task is about, and why it must be replaced if it cannot serve any more."""
    if found.store is None:
        return _current_by_name(wanted, found), None
    stored = found.record.current if found.record else None
    if stored is None:
        return None, None
    verdict, seen = found.proof.verdict, found.key(stored.id)
    if verdict == PROVEN and seen is not None and not seen.active(found.now):
        # Of a key between clusters a proof does not tell that it has ended.
        return None, f"the stored key {stored.id} is dead: it is {seen.state(found.now)}"
    if verdict == PROVEN:
        # A key that logs in exists, whatever the search shows: the search lags.
        return seen or Key(id=stored.id, name=wanted.name or "", expiration=stored.expiration), None
    if verdict in DEAD:
        return None, f"the stored key {stored.id} is dead: {found.proof.words}"
    if verdict == WRONG_SECRET:
        return seen, f"the store is corrupt: the server refuses the stored secret of key {stored.id}"
    raise Unproven(f"The stored secret of {wanted} was not tried.")


def _current_by_name(wanted: Wanted, found: Found) -> Key | None:
    """Without a store the newest living key is the one; managed keys count too, so that they are refused and not doubled."""
    if wanted.id:
        key = found.key(wanted.id)
        return key if key is not None and key.active(found.now) else None
    mine = [key for key in found.keys if key.active(found.now) and wanted.scope.includes(key, found.login)]
    return max(mine, key=lambda key: (key.creation or 0, key.id)) if mine else None


def _newer(key: Key, current: Key | None) -> bool:
    return current is None or current.creation is None or (key.creation or 0) >= current.creation


def refuse_other_cluster(found: Found, cluster: str, where: str) -> KeysmithError | None:
    """Return the refusal if the store's record belongs to another cluster than the one that answers, else None."""
    record = found.record
    if record is None or record.cluster == cluster:
        return None
    return Refused(
        f"{where} holds a key of another cluster (cluster_uuid {record.cluster}); url leads to cluster_uuid {cluster}.",
        "Nothing was written: correct url, or give this cluster's key a store of its own.",
        code_detail="other_cluster",
    )


def overdue(previous: Previous, key: Key, policy: Policy, now: int) -> bool:
    """Does a predecessor live longer than it may: beyond its noted end, or beyond the overlap counted from now?"""
    allowed = now + policy.least_overlap.ms
    if previous.ends is not None:
        allowed = min(allowed, previous.ends)
    return key.expiration is None or key.expiration > allowed + END_SLACK
