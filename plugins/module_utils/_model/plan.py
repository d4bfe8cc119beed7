# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What will be done about one key, step by step, and why.

Everything that follows (check mode, diff, messages, what is sent) comes from the plan, so nothing is predicted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, Union

from .compare import Change
from .duration import Duration
from .errors import KeysmithError
from .key import MARK_KEY, Key, Mark, Owner


@dataclass(frozen=True)
class Sweep:
    """Revoke what abandoned creates left behind, after a fence."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Issue:
    """Create a key, prove it, store it. ``replaces`` are the living keys that it succeeds, the direct predecessor first."""

    name: str
    spec: Mapping[str, Any]
    expiration: Duration | None
    method: str
    replaces: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Update:
    """Change a key in place. ``spec`` holds whole fields, ``expiration`` a new remaining time."""

    key: Key
    spec: Mapping[str, Any]
    expiration: Duration | None = None


@dataclass(frozen=True)
class Note:
    """Write into the store's record when the current key ends: a run died before it could, or somebody else moved the end."""

    key: Key


@dataclass(frozen=True)
class Confirm:
    """Write into the store's record that the current secret has been taken over by its consumers: its predecessors may end."""


@dataclass(frozen=True)
class Retire:
    """Let predecessors end: by ``overlap`` where the server can be told so, else when their time has come."""

    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Revoke:
    """Invalidate keys now, by id (state absent)."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Forget:
    """Remove the store's record: its keys are dead."""


Step = Union[Sweep, Issue, Update, Note, Confirm, Retire, Revoke, Forget]
S = TypeVar("S", Sweep, Issue, Update, Note, Confirm, Retire, Revoke, Forget)


@dataclass(frozen=True)
class Plan:
    """What will be done, in this order, and why. An empty plan changes nothing.

    ``current`` is the key as it is now; ``refusal`` stops everything before the first write; ``unsure`` means that what looks absent
    may only be invisible to this login. ``waiting`` are the predecessors that live on until the handover is confirmed.
    """

    steps: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    current: Key | None = None
    refusal: KeysmithError | None = None
    unsure: bool = False
    waiting: tuple[Key, ...] = ()

    @property
    def changed(self) -> bool:
        """Will anything be written?"""
        return bool(self.steps)

    @property
    def stores(self) -> bool:
        """Will the stored secret or its noted end change? That is what a handler looks at."""
        moved = any(isinstance(step, Update) and step.expiration is not None for step in self.steps)
        return moved or any(isinstance(step, (Issue, Note, Forget)) for step in self.steps)

    def step(self, kind: type[S]) -> S | None:
        """Return the step of this type, or None."""
        return next((step for step in self.steps if isinstance(step, kind)), None)


@dataclass
class Draft:
    """A plan under construction, passed along the questions of ``decide``."""

    steps: list[Step] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changes: tuple[Change, ...] = ()
    current: Key | None = None
    unsure: bool = False
    waiting: tuple[Key, ...] = ()

    def finish(self, refusal: KeysmithError | None = None) -> Plan:
        """Return the plan; with a refusal it has no steps."""
        return Plan(
            () if refusal else tuple(self.steps),
            tuple(self.reasons),
            tuple(self.warnings),
            self.changes,
            self.current,
            refusal,
            self.unsure,
            self.waiting,
        )


def predicted(plan: Plan, now: int, owner: Owner, type: str, marks: bool) -> Key | None:
    """Return the key as it will be after the plan: what check mode shows. A new key of ``type`` has no id yet and will be ``owner``'s.

    :param marks: will it carry our mark?
    """
    issue, update = plan.step(Issue), plan.step(Update)
    if issue is not None:
        end = None if issue.expiration is None or issue.expiration.never else now + issue.expiration.ms
        # The nonce of the mark is not known yet.
        metadata = {**(issue.spec.get("metadata") or {}), **({MARK_KEY: Mark("").to_metadata()} if marks else {})}
        return Key(
            id="",
            name=issue.name,
            type=type,
            owner=plan.current.owner if plan.current else owner,
            creation=now,
            expiration=end,
            spec={**issue.spec, "metadata": metadata},
        )
    if update is not None:
        end = now + update.expiration.ms if update.expiration is not None else update.key.expiration
        return replace(update.key, expiration=end, spec={**update.key.spec, **update.spec})
    return None if plan.step(Revoke) else plan.current
