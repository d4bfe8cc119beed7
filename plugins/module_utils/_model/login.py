# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A login that lives on the server as a user with a role: what is wanted, what is there, whose it is. All times are ms since the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .duration import Duration
from .found import NO_SECRET
from .key import MARK_KEY
from .login_record import LoginRecord

# What a login needs for itself, beside what its keys may be given: to manage its own keys, and GET /.
OWN_PRIVILEGES = ("manage_own_api_key", "monitor")

# With these a login is no narrow one: it may do anything, or touch everybody's users and keys.
WIDE_PRIVILEGES = ("all", "manage_security", "manage_api_key")


def mark_of(metadata: Mapping[str, Any]) -> str | None:
    """Return the fingerprint of the store that a user or role was made for, None where it carries no mark of ours."""
    mark = metadata.get(MARK_KEY)
    store = mark.get("store") if isinstance(mark, Mapping) else None
    return store if isinstance(store, str) else None


def marked(metadata: Mapping[str, Any], store: str) -> dict[str, Any]:
    """Return metadata with the mark of a store."""
    return {**metadata, MARK_KEY: {"store": store}}


@dataclass(frozen=True)
class Account:
    """A user as the server shows it."""

    username: str
    roles: tuple[str, ...] = ()
    enabled: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)
    full_name: str | None = None
    email: str | None = None

    @property
    def reserved(self) -> bool:
        """Is it one that the server brings, of which only the password can be changed?"""
        return bool(self.metadata.get("_reserved"))


@dataclass(frozen=True)
class Role:
    """A role as the server shows it; ``body`` is its descriptor, metadata and description included."""

    name: str
    body: Mapping[str, Any]

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Return the role's metadata."""
        return self.body.get("metadata") or {}

    @property
    def reserved(self) -> bool:
        """Is it one that the server brings?"""
        return bool(self.metadata.get("_reserved"))

    @property
    def rights(self) -> dict[str, Any]:
        """Return what the role gives, without what merely describes it."""
        return {
            name: value
            for name, value in self.body.items()
            if name not in ("metadata", "description", "transient_metadata")
        }


@dataclass(frozen=True)
class LoginWanted:
    """One login as the task describes it. Without ``rights`` only its password is cared for.

    A password older than ``max_age``, or made before ``created_before``, is changed.
    """

    name: str
    role: str
    rights: Mapping[str, Any] | None = None
    extra_roles: tuple[str, ...] = ()
    state: str = "present"
    max_age: Duration | None = None
    force_rotate: bool = False
    created_before: int | None = None
    adopt: bool = False
    leave_keys: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles that the user is to have, no more and no less."""
        return (self.role, *(name for name in self.extra_roles if name != self.role))


@dataclass(frozen=True)
class LoginFound:
    """Everything that was read before deciding.

    ``store`` is the store's fingerprint. ``current`` and ``pending`` are the verdicts on the record's passwords (``proven``,
    ``wrong_secret``, ``unknown``, ``no_secret``). ``itself`` says that this run is logged in as the very user. ``keys`` are the ids of
    its active keys, read only where the user is to go.
    """

    now: int
    store: str
    record: LoginRecord | None = None
    account: Account | None = None
    role: Role | None = None
    current: str = NO_SECRET
    pending: str = NO_SECRET
    itself: bool = False
    keys: tuple[str, ...] = ()
