# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The store's record of one key: what is current, who went before, and which creates are under way.

Its shape is that of the life of one key: every change of it is compare-and-set on ``serial``, an intent is written before
the create that it announces, and a predecessor is listed until it is dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import StoreError
from .key import Owner
from .secret import ApiKeySecret

# Written into every record, so that a later release can tell an old one.
FORMAT = 1


@dataclass(frozen=True)
class Current:
    """The key whose secret the store holds; ``expiration`` in ms since the epoch, None: never."""

    secret: ApiKeySecret
    expiration: int | None = None

    @property
    def id(self) -> str:
        """Return the key's id."""
        return self.secret.id


@dataclass(frozen=True)
class Previous:
    """A predecessor that may still live; ``ends`` is when it is to be dead.

    ``secret`` is kept only where the key alone can retire itself (a predecessor of a clone).
    """

    id: str
    ends: int | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Intent:
    """A create that was announced at ``at`` (ms) and not yet concluded."""

    nonce: str
    at: int


@dataclass(frozen=True)
class Record:
    """Everything a store knows of one key.

    ``handover`` is when the current secret was stored by a run that leaves its predecessors alone until somebody confirms that its
    consumers have taken it over (ms, the server's time); None: nobody has to.
    """

    kind: str
    name: str
    cluster: str
    owner: Owner
    serial: int = 0
    current: Current | None = None
    previous: tuple[Previous, ...] = ()
    intents: tuple[Intent, ...] = ()
    handover: int | None = None

    def announce(self, nonce: str, at: int) -> Record:
        """Return the record with one more intent."""
        return replace(self, intents=(*self.intents, Intent(nonce, at)))

    def conclude(self, nonces: Iterable[str]) -> Record:
        """Return the record without these intents."""
        gone = set(nonces)
        return replace(self, intents=tuple(i for i in self.intents if i.nonce not in gone))

    def succeed(
        self, current: Current, nonce: str, previous: tuple[Previous, ...], handover: int | None = None
    ) -> Record:
        """Return the record after a create: the new current, the predecessors that live on, the intent concluded."""
        return replace(self.conclude([nonce]), current=current, previous=previous, handover=handover)

    def confirm(self, ends: int) -> Record:
        """Return the record after the consumers took the current secret over: the predecessors are to be dead at ``ends`` (ms)."""
        previous = tuple(one if one.ends is not None else replace(one, ends=ends) for one in self.previous)
        return replace(self, previous=previous, handover=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON data, secrets included: for stores only."""
        current = None
        if self.current:
            secret = self.current.secret
            current = {"id": secret.id, "api_key": secret.value, "expiration": self.current.expiration}
        return {
            "format": FORMAT,
            "serial": self.serial,
            "kind": self.kind,
            "name": self.name,
            "cluster_uuid": self.cluster,
            "owner": self.owner.username,
            "realm": self.owner.realm,
            "current": current,
            "previous": [
                {
                    k: v
                    for k, v in (("id", p.id), ("ends", p.ends), ("api_key", p.secret))
                    if k != "api_key" or v is not None
                }
                for p in self.previous
            ],
            "intent": [{"nonce": i.nonce, "at": i.at} for i in self.intents],
            **({} if self.handover is None else {"handover": self.handover}),
        }

    @classmethod
    def from_dict(cls, data: Any, where: str) -> Record:
        """Read a record from JSON data.

        :param where: the store's location, for the message.
        :raises StoreError: it is no record of ours, or one of a format that this release does not know.
        """
        if not isinstance(data, Mapping) or "serial" not in data or "kind" not in data:
            raise StoreError(
                f"{where} holds something that is not a record of this collection; it was not touched.",
                "Give another path, or move what is there away.",
            )
        if data.get("format") != FORMAT:
            # What stands there is not shown: it could be anything, a secret too.
            raise StoreError(
                f"{where} holds a record of another format than {FORMAT}, the only one that this release reads and writes.",
                "Use the release of the collection that wrote it, or a newer one.",
            )
        try:
            return cls(
                kind=_text(data["kind"]),
                name=_text(data["name"]),
                cluster=_text(data["cluster_uuid"]),
                owner=Owner(_text(data["owner"]), None if data.get("realm") is None else _text(data["realm"])),
                serial=_number(data["serial"]),
                current=_current(data["current"]),
                previous=tuple(_previous(previous) for previous in data["previous"]),
                intents=tuple(Intent(_text(intent["nonce"]), _number(intent["at"])) for intent in data["intent"]),
                handover=_time(data.get("handover")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            # The exception's text could hold a part of the record, so only the kind of damage is told.
            raise StoreError(
                f"{where} holds a damaged record ({type(problem).__name__} while reading it).",
                "Restore it from a backup, or move it away: the key is then found by its mark and gets a successor.",
            ) from None


def _current(data: Any) -> Current | None:
    if data is None:
        return None
    return Current(ApiKeySecret(_text(data["id"]), _text(data["api_key"])), _time(data.get("expiration")))


def _previous(data: Any) -> Previous:
    secret = data.get("api_key")
    return Previous(_text(data["id"]), _time(data.get("ends")), None if secret is None else _text(secret))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _time(value: Any) -> int | None:
    return None if value is None else _number(value)
