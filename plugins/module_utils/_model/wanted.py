# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a task asks for: one key, and the policy of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from .duration import Duration, Share
from .key import Key, Login, Owner

Threshold = Union[Duration, Share]


@dataclass(frozen=True)
class OwnerScope:
    """Whose keys are meant: the login's own (both fields unset), one owner's, or anybody's."""

    owner: Owner | None = None
    anybody: bool = False

    @property
    def own(self) -> bool:
        """Are only the login's own keys meant?"""
        return self.owner is None and not self.anybody

    def resolve(self, login: Login) -> Owner | None:
        """Return the one owner that is meant, None for anybody."""
        if self.anybody:
            return None
        return self.owner or login.owner

    def includes(self, key: Key, login: Login) -> bool:
        """Is the key's owner meant? A service without owners includes every key."""
        owner = self.resolve(login)
        return owner is None or key.owner is None or owner.matches(key.owner)


@dataclass(frozen=True)
class Wanted:
    """One key as the task describes it.

    ``spec`` holds only what the task gave: a field that is not there is left alone, and carried over to a successor.
    ``expiration`` is None when the task gave none. ``extra`` is what only the kind understands (``all_rights``, ``grant``, ...).
    ``strict_expiration``: a new key that got another end than that is not kept. ``warnings`` is what a user should know of the task itself.
    """

    name: str | None = None
    id: str | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    expiration: Duration | None = None
    scope: OwnerScope = OwnerScope()
    extra: Mapping[str, Any] = field(default_factory=dict)
    strict_expiration: bool = False
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name is not None:
            return repr(self.name)
        return f"id {self.id}" if self.id else f"every key of {self.scope.owner}"


@dataclass(frozen=True)
class Policy:
    """How the key is to live: the life-cycle options that are spelled the same for every kind.

    ``created_before`` is in ms since the epoch. ``overlap`` and ``settle`` are durations. Without ``retire`` what a new key succeeds
    lives on until a run with it.
    """

    renew_before: Threshold
    overlap: Duration
    settle: Duration
    state: str = "present"
    on_due: str = "rotate"
    on_drift: str = "auto"
    force_rotate: bool = False
    created_before: int | None = None
    duplicates: str = "warn"
    stored: bool = False
    return_secret: bool = False
    retire: bool = True

    @property
    def secret_has_somewhere_to_go(self) -> bool:
        """Would a new secret be kept by somebody (law 7)?"""
        return self.stored or self.return_secret

    @property
    def least_overlap(self) -> Duration:
        """Return how long a predecessor lives on: ``overlap``, but never less than ``settle``."""
        return self.overlap if self.overlap.seconds >= self.settle.seconds else self.settle
