# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Where two values differ in their canonical form, told by path and in the user's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .node import Metadata, Node, Scalar, Unordered, opaque, plain

# A name that would make a path hard to read is quoted in it.
_SIMPLE = re.compile(r"[^\s.\[\]'\"]+")


@dataclass(frozen=True)
class Change:
    """One difference: ``before`` is what was found, ``after`` what is wanted; None: absent.

    ``spelling`` says that it is only the spelling of a scalar in metadata (``3`` and ``'3'``), as templates change it.
    """

    path: str
    before: Any
    after: Any
    spelling: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.before!r} -> {self.after!r}"


def compare(field: str, wanted: Any, found: Any, canonical: Callable[[Any], Node] = opaque) -> tuple[Change, ...]:
    """Return the differences between a wanted and a found value, in an order that depends on nothing but them.

    :param field: the path's first part, such as ``role_descriptors``.
    :param canonical: brings either value into the form in which equal means equal to the server.
    """
    return tuple(_differences(field, canonical(found), canonical(wanted), False))


def _differences(path: str, found: Any, wanted: Any, in_metadata: bool) -> Iterator[Change]:
    if found == wanted:
        return
    in_metadata = in_metadata or (isinstance(found, Metadata) and isinstance(wanted, Metadata))
    if isinstance(found, dict) and isinstance(wanted, dict):
        yield from _in_mapping(path, found, wanted, in_metadata)
    elif _of_entries(found) and _of_entries(wanted):
        yield from _in_entries(path, found, wanted, in_metadata)
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for index, pair in enumerate(zip(found, wanted)):
            yield from _differences(f"{path}[{index}]", *pair, in_metadata)
    else:
        yield Change(path, plain(found), plain(wanted), in_metadata and _same_spelling(found, wanted))


def _in_mapping(path: str, found: dict[str, Any], wanted: dict[str, Any], in_metadata: bool) -> Iterator[Change]:
    for name in sorted({*found, *wanted}):
        part = f"{path}.{name}" if _SIMPLE.fullmatch(name) else f"{path}[{name!r}]"
        if name in found and name in wanted:
            yield from _differences(part, found[name], wanted[name], in_metadata)
        else:
            yield Change(part, _told(found, name), _told(wanted, name))


def _told(mapping: dict[str, Any], name: str) -> Any:
    """Return what stands there; a null is told as the text, for None says that nothing stands there."""
    return "null" if mapping.get(name, "") is None else plain(mapping.get(name))


def _of_entries(node: Any) -> bool:
    """Is it a list of entries, in which a difference can be told more precisely than for the whole list?"""
    return isinstance(node, Unordered) and bool(node.places) and all(isinstance(item, dict) for item in node.items)


def _in_entries(path: str, found: Unordered, wanted: Unordered, in_metadata: bool) -> Iterator[Change]:
    """Pair equal entries, then the most alike ones.

    Order means nothing, so an entry is numbered by its place in the wanted list, and one that is only in the found list after its end.
    """
    old, new = _rest(found, wanted), _rest(wanted, found)
    pairs = _most_alike(old, new)
    for place, node in new:
        if place in pairs:
            yield from _differences(f"{path}[{place}]", pairs[place][1], node, in_metadata)
        else:
            yield Change(f"{path}[{place}]", None, plain(node))
    paired = {place for place, _node in pairs.values()}
    gone = [node for place, node in old if place not in paired]
    for place, node in enumerate(gone, len(wanted.items)):
        yield Change(f"{path}[{place}]", plain(node), None)


def _rest(of: Unordered, without: Unordered) -> list[tuple[int, Any]]:
    """Return place and node of the entries that the other list lacks, in the order in which they were written."""
    others = list(without.items)
    rest: list[tuple[int, Any]] = []
    for place, node in zip(of.places, of.items):
        if node in others:
            others.remove(node)
        else:
            rest.append((place, node))
    return sorted(rest, key=lambda item: item[0])


def _most_alike(old: list[tuple[int, Any]], new: list[tuple[int, Any]]) -> dict[int, tuple[int, Any]]:
    """Return the found entry for the place of each wanted one, pairs with the most equal fields first."""
    scores = sorted((-_likeness(before, after), there, here) for there, before in old for here, after in new)
    nodes = dict(old)
    pairs: dict[int, tuple[int, Any]] = {}
    taken: set[int] = set()
    for _score, there, here in scores:
        if there not in taken and here not in pairs:
            taken.add(there)
            pairs[here] = (there, nodes[there])
    return pairs


def _likeness(before: dict[str, Any], after: dict[str, Any]) -> int:
    return sum(name in before and before[name] == node for name, node in after.items())


def _same_spelling(found: Node, wanted: Node) -> bool:
    """Are they one scalar in two spellings: a number or a boolean and its text, or null and the empty text?"""
    for one, other in ((found, wanted), (wanted, found)):
        if one is None and other == "":
            return True
        if isinstance(one, Scalar) and isinstance(other, str):
            # Templates write booleans as Python does.
            return one.text == (other.lower() if one.type == "bool" else other)
    return False
