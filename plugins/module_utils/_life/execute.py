# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Carry a plan out, in the order that leaves a working secret in the store at every point (law 2)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from .._kinds.kind import KeyKind, KeyService, Search
from .._model.errors import Forbidden, Refused, TakenOver
from .._model.found import Found
from .._model.key import Key
from .._model.lifecycle import named
from .._model.plan import Confirm, Forget, Issue, Note, Plan, Retire, Revoke, Step, Sweep, Update
from .._model.record import Previous, Record
from .._model.retirement import can_shorten
from .._model.secret import ApiKeySecret
from .._model.situation import END_SLACK
from .issue import Issuing
from .job import Job, Outcome, Retired


@dataclass(frozen=True)
class Tools:
    """What carrying out needs from outside: the local clock in ms, sleep in seconds, and fresh nonces."""

    clock: Callable[[], int]
    sleep: Callable[[float], None]
    nonce: Callable[[], str]


class Execution:
    """The carrying out of one job's plan. Every write of the store goes through ``save``, which is compare-and-set.

    ``looked`` is the monotonic time (s) at which ``found.now`` was true: in a long list that is a while ago.
    """

    def __init__(
        self, kind: KeyKind, service: KeyService, job: Job, found: Found, plan: Plan, tools: Tools, looked: float
    ) -> None:
        self.kind, self.service, self.job, self.found, self.plan, self.tools = kind, service, job, found, plan, tools
        self.record = found.record
        self.outcome = Outcome(job, found, plan, key=plan.current, warnings=list(plan.warnings))
        self._looked = looked
        # When the new secret could first be read by a client; predecessors are not revoked before settle has passed.
        self.delivered: float | None = None

    def now(self) -> int:
        """Return the server's time in ms, carried on by a clock that nobody sets."""
        return self.found.now + int((time.monotonic() - self._looked) * 1000)

    def perform(self) -> Outcome:
        """Take every step of the plan; an error ends the job and is raised."""
        for step in self.plan.steps:
            self._take(step)
        return self.outcome

    def _take(self, step: Step) -> None:
        if isinstance(step, Sweep):
            self._sweep(step)
        elif isinstance(step, Issue):
            Issuing(self, step).perform()
        elif isinstance(step, Update):
            self._update(step)
        elif isinstance(step, Note):
            self._note_end(step.key)
        elif isinstance(step, Confirm):
            self._confirm()
        elif isinstance(step, Retire):
            self._retire(step)
        elif isinstance(step, Revoke):
            self._revoke(step)
        elif isinstance(step, Forget):
            self._forget()

    def blank_record(self) -> Record:
        """Return the record of a store that has none yet."""
        owner = self.job.wanted.scope.resolve(self.found.login) or self.found.login.owner
        return Record(self.kind.name, self.job.wanted.name or "", self.service.capabilities().cluster, owner)

    def save(self, record: Record) -> None:
        """Write the record if nobody else has since it was read; raises TakenOver otherwise. Without a store only remembers it."""
        if self.job.store is not None:
            expected = None if self.record is None else self.record.serial
            record = self.job.store.write(record, expected)
        self.record = record

    def revoke(self, ids: Sequence[str], why: str) -> None:
        """Revoke keys, and raise unless the service confirms that each is dead."""
        alive = set(ids) - self.service.revoke(ids)
        if alive:
            raise Refused(
                f"{named(sorted(alive))} could not be confirmed dead ({why}).",
                "Revoke by id: state: absent and id.",
                ids=sorted(alive),
            )

    def _sweep(self, step: Sweep) -> None:
        """Fence first: after the serial has moved, no older run can still store what is about to be revoked."""
        self.save(self.record or self.blank_record())
        self.revoke(step.ids, "left behind by an unfinished run")
        swept = {key.mark.nonce for key in self.found.keys if key.id in step.ids and key.mark}
        if self.record is not None:
            self.save(self.record.conclude(swept))

    def _update(self, step: Update) -> None:
        seconds = None if step.expiration is None else step.expiration.seconds
        self.service.update(step.key, step.spec, seconds)
        key = self._seen_again(step.key.id)
        path = self.kind.rules.unlike(step.spec, key.spec)
        if path is not None:
            raise Refused(
                f"After the update of key {key.id} {path} still differs from the task.",
                "The server stored something else; see diff.",
            )
        self.outcome.key = key
        self._note_end(key)

    def _note_end(self, key: Key) -> None:
        current = self.record.current if self.record else None
        if self.record is not None and current is not None and current.expiration != key.expiration:
            self.save(replace(self.record, current=replace(current, expiration=key.expiration)))
            self.outcome.stored = True

    def _confirm(self) -> None:
        """Let the overlap begin: from now on, and not before clients had ``settle`` to come over since the secret was stored."""
        if self.record is None or self.record.handover is None:
            return
        policy = self.job.policy
        self.save(self.record.confirm(max(self.now() + policy.overlap.ms, self.record.handover + policy.settle.ms)))

    def _seen_again(self, key_id: str) -> Key:
        keys, _now = self.service.find([Search(ids=(key_id,))])
        if not keys:
            raise Refused(f"Key {key_id} is not visible any more.", ids=[key_id])
        return keys[0]

    def _retire(self, step: Retire) -> None:
        listed = {previous.id: previous for previous in self.record.previous} if self.record else {}
        for key in step.keys:
            self.outcome.previous.append(self._retire_one(key, listed.get(key.id)))
        self._relist()

    def _relist(self) -> None:
        """Note what the retirement changed in the list of predecessors.

        One that ended itself is dropped: nobody sees it, so no later run could tell that it is dead. So is a dead one of a service that
        shows no dead keys: every later run would have to ask for it. A duplicate that had to be left is
        added, so that a later run knows its time. A run that went on meanwhile has the list now, and sees to both itself.
        """
        if self.record is None:
            return
        done, listed = self.outcome.previous, self.record.previous
        dead, known = {one.id for one in done if one.how == "revoked"}, {previous.id for previous in listed}
        forgotten = {previous.id for previous in listed if previous.secret is not None or not self.service.shows_dead}
        kept = tuple(previous for previous in listed if previous.id not in dead & forgotten)
        new = tuple(Previous(one.id, one.ends) for one in done if one.how == "left" and one.id not in known)
        if (*kept, *new) != listed:
            with suppress(TakenOver):
                self.save(replace(self.record, previous=(*kept, *new)))

    def _retire_one(self, key: Key, listed: Previous | None) -> Retired:
        """End one predecessor: shortened by the server's own clock where it can be told so, revoked when its time has come, else left."""
        policy, now = self.job.policy, self.now()
        ends = now + policy.least_overlap.ms
        if listed is not None and listed.ends is not None:
            ends = min(ends, listed.ends)
        if key.expiration is not None and key.expiration <= ends + END_SLACK:
            return Retired(key.id, "expires", key.expiration)
        try:
            if policy.overlap.seconds == 0 or ends <= now:
                return self._revoke_one(key, listed)
            if can_shorten(self.kind.rules, key, self.found.login, self.service.capabilities()):
                self.service.update(key, {}, max(1, math.ceil((ends - now) / 1000)))
                return Retired(key.id, "expires", ends)
        except (Forbidden, Refused) as problem:
            self.outcome.warnings.append(
                f"Predecessor {key.id} could not be retired and stays listed: {problem.message}"
            )
            return Retired(key.id, "left", key.expiration)
        self._tell_of_left(key)
        return Retired(key.id, "left", ends)

    def _tell_of_left(self, key: Key) -> None:
        """Where no end can be moved, a later run is how predecessors end; that is worth a warning only where no run will know of it."""
        if self.kind.rules.extend_feature is not None:
            self.outcome.warnings.append(
                f"Predecessor {key.id} cannot be shortened by this login; a run after its overlap revokes it."
            )
        elif self.job.store is None:
            self.outcome.warnings.append(
                f"Predecessor {key.id} lives on: this service shortens no key, and without a store no later run knows when to revoke it. "
                "Say overlap: 0s, or remove it with state: absent and id."
            )

    def _revoke_one(self, key: Key, listed: Previous | None) -> Retired:
        """Revoke a predecessor, but never before clients had ``settle`` to come over to the secret that was just delivered."""
        settle = self.job.policy.settle.seconds
        if self.delivered is not None:
            self.tools.sleep(max(0.0, settle - (time.monotonic() - self.delivered)))
        elif listed is not None and listed.ends is not None:
            # Delivered by an earlier run, perhaps a moment ago.
            self.tools.sleep(max(0.0, min(settle, (listed.ends - self.now()) / 1000)))
        secret = listed.secret if listed is not None else None
        if secret is not None and self.service.revoke_as(ApiKeySecret(key.id, secret), key.id):
            return Retired(key.id, "revoked", self.now())
        if key.id == self.found.login.key_id:
            return self._hand_over(key)
        self.revoke([key.id], "its overlap is over")
        return Retired(key.id, "revoked", self.now())

    def _hand_over(self, key: Key) -> Retired:
        """Let the successor revoke the key of this login (law 8): what cannot do that has not taken over."""
        heir = self.record.current if self.record is not None else None
        if heir is None or not self.service.revoke_as(heir.secret, key.id):
            raise Refused("It is the key of this login, and its successor may not revoke it.", ids=[key.id])
        return Retired(key.id, "revoked", self.now())

    def _revoke(self, step: Revoke) -> None:
        if self.record is not None:
            # The fence: no other run can store any more what is about to be revoked.
            self.save(self.record)
        self.revoke(step.ids, "state is absent")
        self.outcome.key = None
        self.outcome.previous = [Retired(key_id, "revoked", self.now()) for key_id in step.ids]

    def _forget(self) -> None:
        if self.job.store is not None and self.record is not None:
            self.job.store.delete(self.record.serial)
        self.outcome.stored = True
