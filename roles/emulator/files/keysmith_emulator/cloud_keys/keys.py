# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a service."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Key:
    """A key as it is stored."""

    id: str
    description: str
    secret: str = field(repr=False)
    creation: int
    expiration: int | None
    user_id: str
    organization_id: str | None = None
    role_assignments: dict[str, Any] | None = None
    """The roles it holds."""
    inherits: bool = False
    """Whether these are its creator's, because none were asked for."""
    number: int = field(default_factory=itertools.count().__next__)
    """Grows from key to key; tells those apart that were made in one millisecond."""

    def is_expired(self, now_ms: int) -> bool:
        """Whether the key's time is over."""
        return self.expiration is not None and self.expiration <= now_ms


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request: a user, perhaps by a key or a session."""

    user_id: str
    key: Key | None = None
    session: str | None = None

    @property
    def name(self) -> str:
        """For the log of requests."""
        return f"{self.user_id} by api key {self.key.id}" if self.key is not None else self.user_id


ORDERS: dict[str, Callable[[Key], str]] = {
    # Texts of one length that sort as the keys do: they also serve as cursors.
    "oldest_first": lambda key: f"{key.creation:016d}{key.number:016d}",
    "newest_first": lambda key: f"{10**16 - 1 - key.creation:016d}{10**16 - 1 - key.number:016d}",
    # Another order than that of time, and the same one on every page.
    "shuffled": lambda key: hashlib.sha256(key.id.encode()).hexdigest(),
}


class KeyBook:
    """Every key that was not deleted."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._by_secret: dict[str, str] = {}

    def __iter__(self) -> Iterator[Key]:
        """All of them, in no promised order."""
        return iter(list(self._keys.values()))

    def clear(self) -> None:
        """Forgets them all."""
        self._keys.clear()
        self._by_secret.clear()

    def get(self, key_id: str) -> Key | None:
        """The key of that id."""
        return self._keys.get(key_id)

    def by_secret(self, secret: str) -> Key | None:
        """The key that logs in with this text."""
        return self._keys.get(self._by_secret.get(secret, ""))

    def add(self, key: Key) -> None:
        """Stores a new key."""
        self._keys[key.id] = key
        self._by_secret[key.secret] = key.id

    def remove(self, key: Key) -> None:
        """Forgets a key."""
        del self._keys[key.id]
        del self._by_secret[key.secret]
