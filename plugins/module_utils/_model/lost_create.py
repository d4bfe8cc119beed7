# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a create may have made whose answer was lost, where keys carry no mark: only what is certainly ours is revoked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .key import Key

# A service's Date header has whole seconds (ms).
_SECOND = 1000


@dataclass(frozen=True)
class LostCreate:
    """A create without an answer, of a service whose keys carry no mark.

    ``sent`` and ``now`` are the service's time (ms) before the create and at the later look. ``before`` are the keys that were seen
    before it, ``ours`` the ids of those that the store knows, with the key that was made in its stead; ``creator`` made that one.
    ``held`` says that the intent stands in a store and was written by compare-and-set.
    """

    name: str
    sent: int
    now: int
    before: Sequence[Key]
    ours: frozenset[str]
    creator: str | None
    held: bool


def suspects(lost: LostCreate, after: Iterable[Key]) -> list[Key]:
    """Return the living keys of the name that were not there before and that nobody is known to have made."""
    known = {key.id for key in lost.before} | lost.ours
    return [key for key in after if key.name == lost.name and key.id not in known and key.active(lost.now)]


def certainly_ours(lost: LostCreate, found: Sequence[Key]) -> bool:
    """May the one suspect be revoked? A name and a time prove nothing: another controller's key can have both."""
    if len(found) != 1 or not lost.held or lost.creator is None:
        return False
    strangers = [
        key for key in lost.before if key.name == lost.name and key.id not in lost.ours and key.active(lost.now)
    ]
    (key,) = found
    made = key.creation
    in_time = made is not None and lost.sent - lost.sent % _SECOND <= made < lost.now + _SECOND
    return not strangers and key.creator == lost.creator and in_time
