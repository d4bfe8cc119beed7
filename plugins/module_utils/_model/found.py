# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What is there: the store's record, what the server says of the stored secret, and every key that matters to this one."""

from __future__ import annotations

from dataclasses import dataclass

from .key import Key, Login
from .record import Record

# The verdicts on a stored secret. Only these four reasons of a 401 refute it; every other failure proves nothing.
PROVEN = "proven"
EXPIRED = "expired"
INVALIDATED = "invalidated"
GONE = "gone"
WRONG_SECRET = "wrong_secret"
UNKNOWN = "unknown"
NO_SECRET = "no_secret"

DEAD = frozenset({EXPIRED, INVALIDATED, GONE})


@dataclass(frozen=True)
class Proof:
    """What using a secret showed: a verdict, the server's own words, and the key as it showed itself (if it did)."""

    verdict: str
    words: str = ""
    key: Key | None = None


@dataclass(frozen=True)
class Found:
    """Everything that was read before deciding. ``now`` is the server's time in ms, as far as it lets one know it.

    ``keys`` holds every key that the login sees of the wanted name and owner, of the record's ids and of the intents' nonces.
    ``store`` is the fingerprint of the store, None without one.
    """

    now: int
    login: Login
    keys: tuple[Key, ...] = ()
    record: Record | None = None
    store: str | None = None
    proof: Proof = Proof(NO_SECRET)

    def key(self, key_id: str | None) -> Key | None:
        """Return the visible key of this id; the stored key counts as visible when it showed itself."""
        for key in self.keys:
            if key.id == key_id:
                return key
        shown = self.proof.key
        return shown if shown is not None and shown.id == key_id else None
