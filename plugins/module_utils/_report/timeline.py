# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""When keys end, counted in days, weeks or months, so that ten thousand of them make a picture as well as ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .._model.audit import Audited
from .._model.finding import PROBLEM, WARNING
from .estate import Cluster

DAY = 86_400_000

# Unit and how many of them are drawn: the finest that holds four in five of the keys.
UNITS = (("day", DAY, 45), ("week", 7 * DAY, 53), ("month", 30 * DAY, 60))
_HELD = 0.8

# What a key counts as.
KINDS = FINE, WARNED, BAD = ("fine", "warning", "problem")


@dataclass
class Bucket:
    """The keys that end from ``start`` until before ``end`` (ms), by kind."""

    start: int
    end: int
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    @property
    def total(self) -> int:
        """Return how many keys end in this time."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Timeline:
    """``buckets`` begin at the time of the report; ``later`` keys end after the last of them, ``never`` ones not at all."""

    unit: str
    buckets: tuple[Bucket, ...]
    later: int
    never: int


def timeline(rows: Sequence[tuple[Cluster, Audited]], now: int) -> Timeline:
    """Count the active keys among these by the time of their end.

    :param now: where the line begins, in ms.
    """
    active = [key for _cluster, key in rows if key.state == "active"]
    ending = [key for key in active if key.expiration is not None]
    unit, length, most = next((one for one in UNITS if _holds(one, ending, now)), UNITS[-1])
    places = [(max(0, (key.expiration or 0) - now) // length, key) for key in ending]
    last = max((place for place, _key in places if place < most), default=-1)
    buckets = tuple(Bucket(now + place * length, now + (place + 1) * length) for place in range(last + 1))
    later = 0
    for place, key in places:
        if place < most:
            buckets[place].counts[_kind(key)] += 1
        else:
            later += 1
    return Timeline(unit, buckets, later, len(active) - len(ending))


def _holds(unit: tuple[str, int, int], ending: Sequence[Audited], now: int) -> bool:
    _name, length, most = unit
    inside = sum((key.expiration or 0) < now + length * most for key in ending)
    return inside >= _HELD * len(ending)


def _kind(key: Audited) -> str:
    worst = key.findings[0].severity if key.findings else None
    return BAD if worst == PROBLEM else WARNED if worst == WARNING else FINE
