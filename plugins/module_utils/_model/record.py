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

from .key import Owner
from .record_fields import head_from_dict, head_to_dict, number_of, text_of, time_of
from .secret import ApiKeySecret, secret_type


@dataclass(frozen=True)
class Current:
    """The key whose secret the store holds; ``expiration`` in ms since the epoch, None: never.

    ``asked`` is the expiration that the key was made with, where the service gave it another end: it would do so again.
    """

    secret: ApiKeySecret
    expiration: int | None = None
    asked: str | None = None

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

    @property
    def empty(self) -> bool:
        """Is there no key in it, and none that a create may have made?"""
        return self.current is None and not self.previous and not self.intents

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
            current.update({} if self.current.asked is None else {"asked": self.current.asked})
        return {
            **head_to_dict(self),
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
    def from_dict(cls, data: Mapping[str, Any]) -> Record:
        """Read a record from JSON data that says to be one (``stored.read_stored`` looks at that).

        :raises AttributeError, KeyError, TypeError, ValueError: it is damaged; their texts may hold a part of it.
        """
        return cls(
            kind=text_of(data["kind"]),
            **head_from_dict(data),
            current=_current(data["current"], secret_type(data["kind"])),
            previous=tuple(_previous(previous) for previous in data["previous"]),
            intents=tuple(Intent(text_of(intent["nonce"]), number_of(intent["at"])) for intent in data["intent"]),
            handover=time_of(data.get("handover")),
        )


def _current(data: Any, secret: type[ApiKeySecret]) -> Current | None:
    if data is None:
        return None
    asked = None if data.get("asked") is None else text_of(data["asked"])
    return Current(secret(text_of(data["id"]), text_of(data["api_key"])), time_of(data.get("expiration")), asked)


def _previous(data: Any) -> Previous:
    secret = data.get("api_key")
    return Previous(text_of(data["id"]), time_of(data.get("ends")), None if secret is None else text_of(secret))
