# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Make a new key: announce, create once, prove in hand, store, read back."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from .._kinds.kind import Made, Search
from .._model.errors import AnswerLost, KeysmithError, Refused, StoreError, TakenOver, Unproven
from .._model.found import PROVEN, UNKNOWN
from .._model.key import Key, Mark
from .._model.lifecycle import ends_soon, named, other_end
from .._model.plan import Issue
from .._model.record import Current, Previous, Record
from .._model.situation import INTENT_LIFE
from .._model.stored import as_key
from .unmarked import UnmarkedCreate

if TYPE_CHECKING:
    from .execute import Execution

# A lost create becomes visible to a search after about a second when no later create has refreshed the index (s).
VISIBLE_AFTER = 1.1
PROVE_TRIES = 3


class Issuing:
    """One create with everything around it. Until ``_commit`` has succeeded, every failure revokes the new key."""

    def __init__(self, execution: Execution, step: Issue) -> None:
        self.execution, self.step = execution, step
        self.service, self.job, self.tools = execution.service, execution.job, execution.tools
        stored = execution.record.current if execution.record else None
        self.old_secret = stored.secret if stored is not None and execution.found.proof.verdict == PROVEN else None
        # Has the write of the new secret begun?
        self.committing = False
        # How the end of the new key differs from what was asked for.
        self.other_end: str | None = None
        # A create that lost its answer and carried no mark.
        self.unmarked: UnmarkedCreate | None = None

    def perform(self) -> None:
        """Leave a proven new key behind, stored where there is a store; the predecessors still live."""
        made, nonce = self._create(self._announce())
        try:
            key = self._prove_in_hand(made)
            self._check_rights(key, made)
            self._commit(made, nonce)
        except BaseException as problem:
            held, overtaken = self._look_into_store(made)
            if held:
                # Stored all the same: from here on this secret is what clients read, and its key must live.
                raise
            if overtaken or isinstance(problem, TakenOver):
                self._undo(made, "Another run took over.")
                raise TakenOver(
                    f"Another run took over {self.job.wanted} while this one made a key, which was revoked; nothing else was touched.",
                    "The store holds a working secret; run again if this key still has to change.",
                ) from None
            self._undo(made, problem.message if isinstance(problem, KeysmithError) else "The run was interrupted.")
            self._conclude(nonce)
            raise
        if self.other_end is not None:
            self.execution.outcome.warnings.append(
                f"The service gave key {key.id} another end: {self.other_end}. With strict_expiration: true it would not be kept."
            )
        self.execution.outcome.key = key
        self.execution.outcome.secret = made.secret
        # From here on the new secret is the stored one: whatever fails now, the new key lives, and so do its predecessors.
        self._read_back(made)
        if self.unmarked is not None:
            self.execution.outcome.warnings.append(self.unmarked.see_to(key))

    def _look_into_store(self, made: Made) -> tuple[bool, bool]:
        """Return whether the store holds the new secret after a failure (or may hold it, unreadable), and whether another run wrote it."""
        if self.job.store is None or self.execution.record is None:
            return False, False
        try:
            back = as_key(self.job.store.read(), self.job.store.location)
        except KeysmithError:
            return self.committing, False
        held = back is not None and back.current is not None and back.current.secret == made.secret
        return held, not held and (back is None or back.serial != self.execution.record.serial)

    def _announce(self) -> str:
        """Write the intent before the create. It fences older runs and lets a later run find what this one may leave behind."""
        nonce = self.tools.nonce()
        record = self.execution.record or self.execution.blank_record()
        old = [intent.nonce for intent in record.intents if self.execution.now() - intent.at > INTENT_LIFE]
        self.execution.save(record.conclude(old).announce(nonce, self.execution.now()))
        return nonce

    def _create(self, nonce: str) -> tuple[Made, str]:
        """Create once. If the answer is lost, a second create under a second nonce makes the first visible; then that one is revoked."""
        sent = self.execution.now()
        try:
            return self._send(nonce), nonce
        except AnswerLost:
            pass
        except KeysmithError:
            # Certainly not carried out: the intent announces nothing any more.
            self._conclude(nonce)
            raise
        second = self._announce()
        if not self.service.marks:
            self.unmarked = UnmarkedCreate(self.execution, self.step.name, sent)
            with self.unmarked.told_of():
                return self._send(second), second
        try:
            made = self._send(second)
        except KeysmithError:
            self._revoke_lost([nonce, second])
            raise
        warning = "The answer to a create was lost and the key was made again; "
        try:
            lost = self._revoke_lost([nonce])
            warning += (
                f"{named(lost)}, which the lost one made, was revoked."
                if lost
                else "no key of the lost one was found. Should it still come, a later run revokes it."
            )
        except KeysmithError as problem:
            # The intent stays announced, so a later run does it; the key that was made is the one that matters now.
            warning += f"a later run revokes the lost one: {problem.message}"
        self.execution.outcome.warnings.append(warning)
        return made, second

    def _send(self, nonce: str) -> Made:
        predecessor = self.step.replaces[0].id if self.step.replaces else None
        mark = Mark(nonce, self.execution.found.store, predecessor)
        return self.service.create(self.step, self.job.wanted, mark, self.old_secret)

    def _revoke_lost(self, nonces: list[str]) -> list[str]:
        """Find what lost creates made and revoke it; returns its ids.

        A nonce that is not found stays announced, and a later run looks again.
        """
        for attempt in range(2):
            if attempt:
                self.tools.sleep(VISIBLE_AFTER)
            found, _now = self.service.find([Search(nonces=tuple(nonces))])
            # Whatever a service returns: what does not carry the nonce is not ours to revoke.
            keys = [key for key in found if key.mark is not None and key.mark.nonce in nonces]
            if keys:
                break
        if keys:
            self.execution.revoke([key.id for key in keys], "its secret was lost with the answer")
            self._conclude(*(key.mark.nonce for key in keys if key.mark))
        return [key.id for key in keys]

    def _prove_in_hand(self, made: Made) -> Key:
        """Use the new secret before it is stored: behind a wrong load balancer the key may belong to another cluster."""
        proof = self.service.prove(made.secret)
        for _again in range(PROVE_TRIES - 1):
            if proof.verdict != UNKNOWN:
                break
            self.tools.sleep(1.0)
            proof = self.service.prove(made.secret)
        if proof.verdict != PROVEN:
            raise Unproven(
                f"The new key {made.secret.id} could not be proven: {proof.words}.",
                "It was revoked. Do all urls lead to the same cluster?",
                ids=[made.secret.id],
            )
        key = proof.key or made.key or self._shown(made) or self._assumed(made)
        self._check_as_asked(key)
        return key

    def _shown(self, made: Made) -> Key | None:
        """Return the new key as the login sees it, where the secret could not read itself; None as long as no search shows it."""
        keys, _now = self.service.find([Search(ids=(made.secret.id,))])
        return keys[0] if keys else None

    def _assumed(self, made: Made) -> Key:
        return Key(
            made.secret.id,
            self.step.name,
            self.execution.kind.rules.type,
            creation=self.execution.now(),
            expiration=made.expiration,
            spec=self.step.spec,
        )

    def _check_as_asked(self, key: Key) -> None:
        # Judged at the key's own creation: before a first key the server may have told no time, and our clock may be hours off.
        born = key.creation if key.creation is not None else self.execution.now()
        due = ends_soon(key, self.job.wanted, self.job.policy, born)
        if due is not None:
            raise Refused(
                f"The new key {key.id} is due at birth: {due}.",
                "The service shortened its life, or renew_before is not shorter than it; the key was revoked.",
            )
        self._check_end(key)
        shown = {} if self.step.method == "clone" else key.spec
        path = self.execution.kind.rules.unlike(
            {name: value for name, value in self.job.wanted.spec.items() if name in shown}, shown
        )
        if path is not None:
            raise Refused(
                f"The server stored another {path} than the task gives.",
                "The new key was revoked; see the option's documentation.",
            )

    def _check_end(self, key: Key) -> None:
        """Where the service decides on the end, a key with another one than asked for is told of, or not kept."""
        if self.execution.kind.rules.keeps_end:
            return
        self.other_end = other_end(key, self.step.expiration)
        if self.other_end is not None and self.job.wanted.strict_expiration:
            raise Refused(
                f"The service gave the new key {key.id} another end: {self.other_end}.",
                "strict_expiration says that such a key is not kept: it was removed, and nothing was stored.",
                ids=[key.id],
            )

    def _check_rights(self, key: Key, made: Made) -> None:
        """Stop if the owner lost rights since the predecessor was made: its successor logs in and can do nothing."""
        if not self.step.replaces or self.step.method == "clone":
            return
        old = self.step.replaces[0]
        missing = self.service.lost_rights(old, key, self.old_secret, made.secret)
        if missing:
            raise Refused(
                f"The owner lost rights since key {old.id} was made, so its successor could no longer: {', '.join(missing[:5])}.",
                "Give the owner its rights back, or take what it lost out of role_descriptors. The new key was revoked, the old one lives.",
                lost=list(missing),
            )

    def _commit(self, made: Made, nonce: str) -> None:
        """Store the secret, predecessors listed, by compare-and-set."""
        execution = self.execution
        record = execution.record or execution.blank_record()
        self.committing = True
        handover = None if self.job.policy.retire else execution.now()
        asked = None if self.other_end is None else str(self.step.expiration)
        current = Current(made.secret, made.expiration, asked)
        execution.save(record.succeed(current, nonce, self._previous(record), handover))
        execution.delivered = time.monotonic()
        execution.outcome.stored = self.job.store is not None

    def _read_back(self, made: Made) -> None:
        store = self.job.store
        if store is None:
            return
        back = as_key(store.read(), store.location)
        if back is None or back.current is None or back.current.secret != made.secret:
            raise StoreError(
                f"{store.location} does not give back what was just stored in it.",
                "Nothing was retired; the old key lives.",
            )

    def _previous(self, record: Record) -> tuple[Previous, ...]:
        """Return the predecessors to list: those that still live or cannot be seen, and now also what this key succeeds."""
        execution = self.execution
        dead = {key.id for key in execution.found.keys if not key.active(execution.found.now)}
        visible = {key.id for key in execution.found.keys}
        listed = [previous for previous in record.previous if previous.id not in dead]
        # A listed key that the login would see if it were there is gone.
        kept = [previous for previous in listed if previous.id in visible or not self._sees_all_of(record)]
        overlap_ends = execution.now() + self.job.policy.least_overlap.ms
        secret = self.old_secret.value if self.step.method == "clone" and self.old_secret else None
        new = [
            Previous(key.id, self._end_of(key, overlap_ends), secret if index == 0 else None)
            for index, key in enumerate(self.step.replaces)
        ]
        known = {previous.id for previous in new}
        return (*(previous for previous in kept if previous.id not in known), *new)

    def _end_of(self, key: Key, overlap_ends: int) -> int | None:
        """Return when a predecessor is to be dead; None as long as it has to wait for the handover."""
        if not self.job.policy.retire:
            return None
        return overlap_ends if key.expiration is None else min(overlap_ends, key.expiration)

    def _sees_all_of(self, record: Record) -> bool:
        login = self.execution.found.login
        return not login.by_key and record.owner.matches(login.owner)

    def _conclude(self, *nonces: str) -> None:
        """Take intents out of the record, where that is still ours to do."""
        record = self.execution.record
        if record is not None and self.job.store is not None:
            # Where it fails the intent stays announced; the next run finds nothing under it and drops it after a day.
            with suppress(KeysmithError):
                self.execution.save(record.conclude(nonces))

    def _undo(self, made: Made, why: str) -> None:
        """Revoke the key that this run made and nobody will ever use."""
        if self.step.method == "clone" and self.service.revoke_as(made.secret, made.secret.id):
            return
        try:
            self.execution.revoke([made.secret.id], why)
        except KeysmithError as problem:
            raise Refused(
                f"{why} The new key {made.secret.id} could not be revoked either: {problem.message}",
                "Its intent is noted in the store, and the next run revokes it."
                if self.job.store
                else "Revoke it by id.",
                ids=[made.secret.id],
            ) from None
