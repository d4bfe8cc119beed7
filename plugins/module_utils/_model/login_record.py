# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The store's record of one login: a user, the password that works, and the one that a change under way will make work.

A password is changed in place, and the old one is refused at once. So a change is written ahead: from then on until it is committed the
record holds both, and one of them works. A pending password is never dropped and never replaced by another: whatever a dead run may still
have under way carries just that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .key import Owner
from .record_fields import head_from_dict, head_to_dict, number_of, text_of, time_of

LOGIN_KIND = "es_login"


@dataclass(frozen=True)
class StoredPassword:
    """The password that works; ``since`` is when it was made, in ms since the epoch, None where that is not known."""

    value: str = field(repr=False)
    since: int | None = None


@dataclass(frozen=True)
class PendingPassword:
    """A password that was made at ``at`` (ms) and that the user may have already."""

    value: str = field(repr=False)
    at: int


@dataclass(frozen=True)
class LoginRecord:
    """Everything a store knows of one login. ``owner`` is the user, with its realm as soon as it has logged in."""

    name: str
    cluster: str
    owner: Owner
    serial: int = 0
    current: StoredPassword | None = None
    pending: PendingPassword | None = None
    kind: str = LOGIN_KIND

    def announce(self, pending: PendingPassword) -> LoginRecord:
        """Return the record ahead of a change.

        :raises ValueError: another change is pending, which must be finished first.
        """
        if self.pending is not None and self.pending != pending:
            raise ValueError("another password is pending")
        return replace(self, pending=pending)

    def commit(self, owner: Owner) -> LoginRecord:
        """Return the record after the pending password has proven itself; ``owner`` is who logged in with it.

        :raises ValueError: nothing is pending.
        """
        if self.pending is None:
            raise ValueError("no password is pending")
        return replace(self, owner=owner, current=StoredPassword(self.pending.value, self.pending.at), pending=None)

    def passwords(self) -> tuple[str, ...]:
        """Return every password that may work, in the order in which they are tried."""
        return tuple(one.value for one in (self.current, self.pending) if one is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON data, passwords included: for stores only."""
        current, pending = self.current, self.pending
        return {
            **head_to_dict(self),
            "current": {"password": current.value, "since": current.since} if current else None,
            "pending": {"password": pending.value, "at": pending.at} if pending else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LoginRecord:
        """Read a record from JSON data that says to be one (``stored.read_stored`` looks at that).

        :raises AttributeError, KeyError, TypeError, ValueError: it is damaged; their texts may hold a part of it.
        """
        current, pending = data["current"], data["pending"]
        return cls(
            **head_from_dict(data),
            current=None
            if current is None
            else StoredPassword(text_of(current["password"]), time_of(current.get("since"))),
            pending=None
            if pending is None
            else PendingPassword(text_of(pending["password"]), number_of(pending["at"])),
        )
