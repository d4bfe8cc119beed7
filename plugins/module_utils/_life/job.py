# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""One wanted key with its policy and its store, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._model.errors import KeysmithError
from .._model.found import Found
from .._model.key import Key
from .._model.plan import Plan, Retire
from .._model.secret import ApiKeySecret
from .._model.wanted import Policy, Wanted
from .._stores.store import Store


@dataclass(frozen=True)
class Job:
    """One key to see to."""

    wanted: Wanted
    policy: Policy
    store: Store | None = None


@dataclass(frozen=True)
class Retired:
    """What was decided about a predecessor: ``how`` is ``expires``, ``revoked`` or ``left``; ``ends`` in ms, None: not known."""

    id: str
    how: str
    ends: int | None


@dataclass
class Outcome:
    """What one job came to. ``key`` is None when it is gone; ``secret`` leaves only through law 7; ``error`` ended the job.

    ``attributes`` says what differed of the store's own attributes (a file's mode and owner).
    """

    job: Job
    found: Found
    plan: Plan = Plan()
    key: Key | None = None
    secret: ApiKeySecret | None = None
    stored: bool = False
    previous: list[Retired] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    error: KeysmithError | None = None

    @property
    def changed(self) -> bool:
        """Was anything changed, or would it be? A retirement that had to leave every key as it was changed nothing."""
        in_vain = bool(self.previous) and all(one.how == "left" for one in self.previous)
        only_retires = all(isinstance(step, Retire) for step in self.plan.steps)
        return (self.plan.changed and not (in_vain and only_retires)) or bool(self.attributes)

    def known_secrets(self) -> list[ApiKeySecret]:
        """Return every secret that this job has held, for the scrubber."""
        record = self.found.record
        stored = [record.current.secret] if record and record.current else []
        return [*stored, *([self.secret] if self.secret else [])]
