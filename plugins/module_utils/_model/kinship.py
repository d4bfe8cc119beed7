# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Which keys belong together: predecessors and successors by our mark, and keys that merely share a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Kin(NamedTuple):
    """What of an active key tells its kinship. ``store`` and ``predecessor`` are our mark's, None where there is none."""

    id: str
    name: str
    type: str
    owner: tuple[str | None, str | None]
    creation: int
    store: str | None
    predecessor: str | None


@dataclass(frozen=True)
class Kinship:
    """By a key's id: the key that took its place; a younger key of its store that did not; of how many that have its name it is one.

    A key is in one of the three at most.
    """

    successors: dict[str, Kin]
    siblings: dict[str, Kin]
    namesakes: dict[str, int]


def kinship(active: Sequence[Kin], settled: int | None = None) -> Kinship:
    """Find the kin among keys that can all log in.

    A mark can be written by whoever makes a key, so it counts only between keys of one owner. What it tells: ``predecessor`` is the key
    that this one took the place of, and keys of one ``store`` and name were made one after the other for the same place, which holds the
    secret of one of them. A younger one that names no older one in between is what two creates look like of which one lost its answer.

    :param settled: a time in ms: keys that were made later may be those of a rotation that is under way, so that they are nobody's
        namesakes; None: marks tell.
    """
    successors = _successors(active)
    siblings = _siblings(active, successors)
    return Kinship(successors, siblings, _namesakes(active, successors, siblings, settled))


def _successors(active: Iterable[Kin]) -> dict[str, Kin]:
    by_id = {kin.id: kin for kin in active}
    found: dict[str, Kin] = {}
    for kin in sorted(active, key=_age):
        old = by_id.get(kin.predecessor) if kin.predecessor is not None else None
        if old is not None and old.owner == kin.owner and _age(old) < _age(kin):
            # Of two that name the same predecessor the first took its place.
            found.setdefault(old.id, kin)
    return found


def _siblings(active: Iterable[Kin], successors: dict[str, Kin]) -> dict[str, Kin]:
    youngest: dict[tuple[object, ...], Kin] = {}
    marked = [kin for kin in active if kin.store is not None]
    for kin in marked:
        place = (kin.store, kin.name, kin.owner)
        if place not in youngest or _age(kin) > _age(youngest[place]):
            youngest[place] = kin
    heads = ((kin, youngest[kin.store, kin.name, kin.owner]) for kin in marked if kin.id not in successors)
    return {kin.id: head for kin, head in heads if kin.id != head.id}


def _namesakes(
    active: Iterable[Kin], successors: dict[str, Kin], siblings: dict[str, Kin], settled: int | None
) -> dict[str, int]:
    groups: dict[tuple[object, ...], list[str]] = {}
    for kin in active:
        if settled is not None and kin.creation >= settled:
            continue
        if kin.id not in successors and kin.id not in siblings:
            groups.setdefault((kin.name, kin.owner, kin.type), []).append(kin.id)
    return {key_id: len(ids) for ids in groups.values() if len(ids) > 1 for key_id in ids}


def _age(kin: Kin) -> tuple[int, str]:
    """Return what tells older from younger, also within one millisecond."""
    return kin.creation, kin.id
