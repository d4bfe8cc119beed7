# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Which keys are meant when keys are listed: what can be asked of any kind of key, judged on the keys themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .duration import Duration
from .key import Key, Login
from .lifecycle import protector
from .moment import Moment
from .node import name_of, written
from .wanted import OwnerScope

STATES = ("active", "expired", "invalidated")

# Who looks after a key: this collection, another product, or nobody that could be told.
COLLECTION, PRODUCT, NOBODY = "collection", "product", "nobody"
MANAGERS = (COLLECTION, PRODUCT, NOBODY)


@dataclass(frozen=True)
class Selection:
    """Every condition must hold; of a condition's values one must fit. An empty condition holds always.

    ``never_expires`` is None where it does not matter. ``metadata`` is what must be there, its paths dotted or nested.
    """

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    scope: OwnerScope = OwnerScope(anybody=True)
    type: str | None = None
    states: tuple[str, ...] = ("active",)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ends_within: Duration | None = None
    never_expires: bool | None = None
    created_before: Moment | None = None
    created_after: Moment | None = None
    managers: tuple[str, ...] = ()
    creator: str | None = None

    def includes(self, key: Key, login: Login, now: int) -> bool:
        """Is the key meant, for this login and at the time ``now`` (ms)?"""
        return (
            self._named(key)
            and self.scope.includes(key, login)
            and self.type in (None, key.type)
            and self.creator in (None, key.creator)
            and (not self.states or key.state(now) in self.states)
            and (not self.managers or manager(key) in self.managers)
            and self._timed(key, now)
            and all(has_metadata(key.metadata, path, value) for path, value in self.metadata.items())
        )

    def _named(self, key: Key) -> bool:
        if self.ids and key.id not in self.ids:
            return False
        if not self.names and not self.patterns:
            return True
        return key.name in self.names or any(fits(key.name, pattern) for pattern in self.patterns)

    def _timed(self, key: Key, now: int) -> bool:
        if self.never_expires is not None and self.never_expires != (key.expiration is None):
            return False
        if self.ends_within is not None and (key.expiration is None or key.expiration > now + self.ends_within.ms):
            return False
        made = key.creation or 0
        if self.created_before is not None and made >= self.created_before.at(now):
            return False
        return self.created_after is None or made >= self.created_after.at(now)


def manager(key: Key) -> str:
    """Return who looks after the key, one of ``MANAGERS``."""
    if key.mark is not None:
        return COLLECTION
    return NOBODY if protector(key) is None else PRODUCT


def fits(name: str, pattern: str) -> bool:
    """Does a pattern fit the whole name? ``*`` is anything, ``?`` one character, and a backslash takes that from the next."""
    expression = re.sub(
        r"\\(.)|(\*)|(\?)|(.)",
        lambda m: ".*" if m[2] else "." if m[3] else re.escape(m[1] or m[4]),
        pattern,
        flags=re.DOTALL,
    )
    return re.fullmatch(expression, name, re.DOTALL) is not None


def spellings(value: Any) -> tuple[str, ...]:
    """Return how a scalar may be written; templates make ``True`` out of ``true``."""
    text = written(value)
    return (
        ("true", "True") if text in ("true", "True") else ("false", "False") if text in ("false", "False") else (text,)
    )


def leaves(wanted: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield what is asked for as dotted paths and scalars; a list asks for each of its items."""
    if isinstance(wanted, Mapping):
        for name, item in wanted.items():
            yield from leaves(item, f"{path}.{name_of(name)}")
    elif isinstance(wanted, (list, tuple)):
        for item in wanted:
            yield from leaves(item, path)
    else:
        yield path, wanted


def has_metadata(metadata: Mapping[str, Any], path: str, wanted: Any) -> bool:
    """Does metadata hold what is asked for? Scalars are compared as text, and a list holds each of its items."""
    return all(any(_same(found, value) for found in _found(metadata, dotted)) for dotted, value in leaves(wanted, path))


def has_path(node: Any, path: str) -> bool:
    """Is there anything at a dotted path of metadata? Null and what is empty are nothing; names may hold dots themselves."""
    if isinstance(node, (list, tuple)):
        return any(has_path(item, path) for item in node)
    if not path:
        return node not in (None, "", {})
    if not isinstance(node, Mapping):
        return False
    for key, item in node.items():
        name = name_of(key)
        inside = "" if path == name else path[len(name) + 1 :] if path.startswith(f"{name}.") else None
        if inside is not None and has_path(item, inside):
            return True
    return False


def _found(metadata: Any, path: str) -> Iterator[Any]:
    """Yield every scalar at a dotted path; names may hold dots themselves."""
    if isinstance(metadata, (list, tuple)):
        for item in metadata:
            yield from _found(item, path)
        return
    if not isinstance(metadata, Mapping):
        if not path:
            yield metadata
        return
    for key, item in metadata.items():
        name = name_of(key)
        if path == name:
            yield from _found(item, "")
        elif path.startswith(f"{name}."):
            yield from _found(item, path[len(name) + 1 :])


def _same(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return written(found) in spellings(wanted)
