# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What canonical forms are made of: JSON whose ``==`` means what the server means by "the same".

A node is None, a str, a dict, a list (whose order counts), or one of the classes here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

# Older names of a role descriptor's fields, which the server takes for the newer ones.
ALIASES = {"index": "indices", "application": "applications"}

Node = Union[None, str, "dict[str, Any]", "list[Any]", "Scalar", "Unordered", "Query"]


@dataclass(frozen=True)
class Scalar:
    """A number or a boolean that equals only one of its own type: in Python ``True == 1 == 1.0``, on the server not."""

    type: str
    text: str
    value: Any = field(compare=False)


@dataclass(frozen=True)
class Unordered:
    """A list whose order means nothing: strings each once, entries as often as they stand there.

    ``spelled`` is the list as it was written, ``places`` says where in it each item stands.
    """

    items: tuple[Any, ...]
    spelled: Any = field(compare=False)
    places: tuple[int, ...] = field(compare=False, default=())


@dataclass(frozen=True)
class Query:
    """A query by its meaning: parsed, where it is JSON; ``spelled`` as it was written."""

    meaning: Any
    spelled: Any = field(compare=False)


class Metadata(dict):  # type: ignore[type-arg]
    """Metadata, in which a scalar may differ by its spelling alone."""


def opaque(value: Any) -> Node:
    """Return any JSON value with its types kept apart, order of lists included."""
    if isinstance(value, Mapping):
        return {name_of(key): opaque(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [opaque(item) for item in value]
    if isinstance(value, (bool, int, float)):
        return Scalar(type(value).__name__, json.dumps(value), value)
    return value if value is None else str(value)


def name_of(key: Any) -> str:
    """Return a mapping's key as JSON writes it: YAML lets it be a number or a boolean."""
    return key if isinstance(key, str) else written(key)


def written(value: Any) -> str:
    """Return a scalar as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def strings(value: Any, convert: Callable[[Any], Node] = opaque) -> Node:
    """Return a list as a set; a lone string as a list of one; anything else as it is."""
    if isinstance(value, str):
        return Unordered((value,), [value])
    if not isinstance(value, (list, tuple)):
        return opaque(value)
    distinct = {sort_key(node): node for node in map(convert, value)}
    return Unordered(tuple(distinct[key] for key in sorted(distinct)), list(value))


def entries(value: Any, convert: Callable[[Any], Node]) -> Node:
    """Return a list of entries as a multiset."""
    if not isinstance(value, (list, tuple)):
        return opaque(value)
    nodes = [convert(item) for item in value]
    places = sorted(range(len(nodes)), key=lambda place: sort_key(nodes[place]))
    return Unordered(tuple(nodes[place] for place in places), list(value), tuple(places))


def sort_key(node: Node) -> str:
    """Return a text that is the same for equal nodes and differs for others."""
    return json.dumps(_tagged(node), sort_keys=True)


def plain(node: Any) -> Any:
    """Return a node as ordinary JSON; lists and queries as they were written."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, (Unordered, Query)):
        return node.spelled
    if isinstance(node, dict):
        return {key: plain(item) for key, item in node.items()}
    if isinstance(node, list):
        return [plain(item) for item in node]
    return node


def _tagged(node: Any) -> Any:
    """Return JSON in which every class of node is told apart."""
    if isinstance(node, Scalar):
        return {"scalar": [node.type, node.text]}
    if isinstance(node, Unordered):
        return {"unordered": [_tagged(item) for item in node.items]}
    if isinstance(node, Query):
        return {"query": _tagged(node.meaning)}
    if isinstance(node, dict):
        return {"dict": {key: _tagged(item) for key, item in node.items()}}
    if isinstance(node, list):
        return [_tagged(item) for item in node]
    return node
