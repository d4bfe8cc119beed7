# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A key as every service shows it, its owner, its mark and who is logged in. All times are milliseconds since the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The one top-level metadata key that is ours (law 4); left out of every comparison.
MARK_KEY = "keysmith"

# The type of keys of Elastic Cloud and ECE in results, where Elasticsearch's are rest or cross_cluster.
CLOUD_TYPE = "cloud"


@dataclass(frozen=True)
class Owner:
    """Whose a key is. ``realm`` is None where it is not known (yet)."""

    username: str
    realm: str | None = None

    def matches(self, other: Owner | None) -> bool:
        """Is it the same owner, as far as both realms are known?"""
        if other is None or self.username != other.username:
            return False
        return self.realm is None or other.realm is None or self.realm == other.realm

    def __str__(self) -> str:
        return f"{self.username} (realm {self.realm})" if self.realm else self.username


@dataclass(frozen=True)
class Mark:
    """What we write into a key's metadata: the create's nonce, the store it was made for, whom it succeeds."""

    nonce: str
    store: str | None = None
    predecessor: str | None = None

    def to_metadata(self) -> dict[str, str]:
        """Return the value of the metadata key ``keysmith``."""
        parts = {"nonce": self.nonce, "store": self.store, "predecessor": self.predecessor}
        return {name: value for name, value in parts.items() if value is not None}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Mark | None:
        """Read our mark from a key's metadata; None where there is none that we wrote."""
        found = metadata.get(MARK_KEY)
        if not isinstance(found, Mapping) or not isinstance(found.get("nonce"), str):
            return None
        return cls(found["nonce"], found.get("store"), found.get("predecessor"))


@dataclass(frozen=True)
class Key:
    """One key, never its secret.

    ``spec`` holds what its kind compares and carries, as the service returned it (``role_descriptors``,
    ``access``, ``role_assignments``, ``metadata``, ...); ``extra`` the rest of the answer, unknown fields included.
    ``creator`` is who made it, where that is not whose it is.
    """

    id: str
    name: str
    type: str = "rest"
    owner: Owner | None = None
    creation: int | None = None
    expiration: int | None = None
    invalidated: bool = False
    invalidation: int | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    creator: str | None = None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Return the key's metadata, empty where the service has none."""
        return self.spec.get("metadata") or {}

    @property
    def mark(self) -> Mark | None:
        """Return our mark, if this key carries one of its own: somebody's clone merely copied its source's metadata."""
        mark = Mark.from_metadata(self.metadata)
        source = self.metadata.get("_cloned_from")
        return mark if mark is not None and source in (None, mark.predecessor) else None

    def state(self, now: int) -> str:
        """Return ``active``, ``expired`` or ``invalidated`` at the time ``now``."""
        if self.invalidated:
            return "invalidated"
        if self.expiration is not None and self.expiration <= now:
            return "expired"
        return "active"

    def active(self, now: int) -> bool:
        """Can the key still log in at the time ``now``?"""
        return self.state(now) == "active"

    def remaining(self, now: int) -> int | None:
        """Return the milliseconds left, 0 when dead, None when it never ends."""
        if self.invalidated:
            return 0
        return None if self.expiration is None else max(0, self.expiration - now)

    def life(self) -> int | None:
        """Return the whole life in milliseconds, creation to end; None when it never ends or is not known."""
        if self.expiration is None or self.creation is None:
            return None
        return self.expiration - self.creation


@dataclass(frozen=True)
class Login:
    """Who is logged in, and by what.

    ``type`` is the service's own word (``realm``, ``api_key``, ``token``, ``anonymous``, ``internal``; on Elastic Cloud
    ``cloud_api_key``, a key that may do what its roles allow), ``key_id`` the id of the key
    one is logged in with, ``expiration`` when that credential ends (None: never, or not known), ``managed_by`` ``cloud`` for
    an Elastic Cloud key. ``roles`` are the user's (an API key has none), ``realm_type`` the type of the owner's realm, if it is shown.
    """

    owner: Owner
    type: str = "realm"
    key_id: str | None = None
    key_name: str | None = None
    managed_by: str | None = None
    expiration: int | None = None
    roles: tuple[str, ...] = ()
    realm_type: str | None = None

    @property
    def by_key(self) -> bool:
        """Is the login itself an API key? One that runs as a user acts as that user, and the service then names no key."""
        return self.type == "api_key" and self.key_id is not None

    @property
    def by_cloud_key(self) -> bool:
        """Is it a key of Elastic Cloud, at an Elasticsearch?"""
        return self.by_key and self.managed_by == "cloud"
