# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulated cluster remembers: keys, users, roles, documents, and what a search can see of them."""

from __future__ import annotations

import base64
import itertools
import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.elasticsearch.role_descriptors import Descriptor
from keysmith_emulator.elasticsearch.versions import Version

DAY_MS = 86_400_000
RETENTION_MS = 7 * DAY_MS
REST, CROSS_CLUSTER = "rest", "cross_cluster"


@dataclass(frozen=True)
class KeyDocument:
    """An API key as it is stored."""

    id: str
    name: str
    secret: str = field(repr=False)
    type: str
    creation: int
    expiration: int | None
    username: str
    realm: str
    realm_type: str
    owner: dict[str, Any]
    """The owner's full name, e-mail and metadata."""
    metadata: dict[str, Any] | None
    role_descriptors: dict[str, Descriptor]
    limited_by: dict[str, Descriptor] | None
    access: dict[str, Any] | None = None
    certificate_identity: str | None = None
    invalidated: bool = False
    invalidation: int | None = None

    def is_expired(self, now_ms: int) -> bool:
        """Whether the key's time is over."""
        return self.expiration is not None and self.expiration <= now_ms


class KeyIndex:
    """The keys as documents: one that was just written is found by its id, but by searches only after a refresh."""

    def __init__(self, refresh_seconds: float) -> None:
        self.refresh_seconds = refresh_seconds
        self._live: dict[str, KeyDocument] = {}
        self._searchable: dict[str, KeyDocument] = {}
        self._unrefreshed: list[str] = []
        self._refresh_at = 0.0

    def get(self, key_id: str) -> KeyDocument | None:
        """The key as it is now; authentication sees this."""
        return self._live.get(key_id)

    def write(self, document: KeyDocument) -> None:
        """Stores a new key or a new state of one."""
        self._live[document.id] = document
        if not self._unrefreshed:
            self._refresh_at = time.monotonic() + self.refresh_seconds
        self._unrefreshed.append(document.id)

    def write_many(self, documents: Iterable[KeyDocument]) -> None:
        """Stores many keys, visible at once."""
        for document in documents:
            self._live[document.id] = self._searchable[document.id] = document

    def remove(self, key_ids: Iterable[str]) -> None:
        """Forgets keys at once."""
        for key_id in key_ids:
            self._live.pop(key_id, None)
            self._searchable.pop(key_id, None)

    def refresh(self) -> None:
        """Makes every write visible. A document that was written anew moves to the end, as it does on a server."""
        for key_id in self._unrefreshed:
            self._searchable.pop(key_id, None)
            if key_id in self._live:
                self._searchable[key_id] = self._live[key_id]
        self._unrefreshed = []

    def next_refresh(self) -> float:
        """When what was written last becomes visible by itself (``time.monotonic()``)."""
        return self._refresh_at if self._unrefreshed else time.monotonic()

    def search(self) -> list[KeyDocument]:
        """Every key that a search sees."""
        self._refresh_if_due()
        return list(self._searchable.values())

    def find(self, key_id: str) -> KeyDocument | None:
        """A key, if a search sees it."""
        self._refresh_if_due()
        return self._searchable.get(key_id)

    def _refresh_if_due(self) -> None:
        if self._unrefreshed and time.monotonic() >= self._refresh_at:
            self.refresh()


@dataclass
class User:
    """A native user, or the reserved one."""

    username: str
    password: str = field(repr=False)
    roles: list[str]
    full_name: str | None = None
    email: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    enabled: bool = True
    reserved: bool = False


@dataclass(frozen=True)
class Settings:
    """What the emulator was started with."""

    version: Version
    serverless: bool = False
    license: str = "trial"
    security: bool = True
    cluster_name: str = "keysmith-emulator"
    node_name: str = "node-1"
    refresh_seconds: float = 1.0
    keystore: str | None = None
    elastic_password: str = field(default="changeme", repr=False)
    users: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CloudLogin:
    """A living key of Elastic Cloud, as a serverless project sees it."""

    key_id: str
    name: str
    application_roles: tuple[str, ...]


class State:
    """Everything that a restart would lose."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.cluster_uuid = _short_uuid()
        self.node_id = _short_uuid()
        self.license_type = settings.license
        self.license_uid = str(uuid.uuid4())
        self.started_ms = clock.now_ms()
        self.keys = KeyIndex(settings.refresh_seconds)
        self.users: dict[str, User] = {}
        self.roles: dict[str, Descriptor] = {}
        self.indices: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.cluster_settings: dict[str, Any] = {}
        self.secure_settings: dict[str, str] = {}
        self._cleaned_ms = self.started_ms
        self._counter = itertools.count(secrets.randbelow(2**16))
        self.users["elastic"] = User(
            "elastic", settings.elastic_password, ["superuser"], metadata={"_reserved": True}, reserved=True
        )

    def new_id(self) -> str:
        """An id of 20 characters that grows with time, as the server's do."""
        raw = self.clock.now_ms().to_bytes(6, "big") + secrets.token_bytes(6)
        return base64.urlsafe_b64encode(raw + (next(self._counter) % 2**24).to_bytes(3, "big")).decode()

    def expiry_after(self, duration_ms: int | None) -> int | None:
        """An end in whole seconds from now; durations that are not positive end at once."""
        if duration_ms is None:
            return None
        return self.clock.now_ms() + max(duration_ms, 0) // 1000 * 1000

    def remove_dead_keys(self) -> None:
        """Forgets keys that are dead for a week; at most once a day, and only an invalidation starts it."""
        now = self.clock.now_ms()
        if now - self._cleaned_ms <= DAY_MS:
            return
        self._cleaned_ms = now
        ends = ((key, key.invalidation if key.invalidated else key.expiration) for key in self.keys.search())
        self.keys.remove([key.id for key, end in ends if end is not None and end < now - RETENTION_MS])


def new_secret() -> str:
    """22 characters of base64url, as the server's."""
    return secrets.token_urlsafe(16)


def _short_uuid() -> str:
    return secrets.token_urlsafe(16)


def invalidated(document: KeyDocument, now_ms: int) -> KeyDocument:
    """The same key, revoked."""
    return replace(document, invalidated=True, invalidation=now_ms)
