# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a kind of key is, and what a service that holds keys can be asked: everything the engine knows of either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._http.answer import Answer
from .._http.client import Client
from .._model.features import Capabilities
from .._model.found import Proof
from .._model.key import Key, Login, Mark, Owner
from .._model.plan import Issue
from .._model.rules import Rules
from .._model.secret import ApiKeySecret
from .._model.wanted import Wanted


@dataclass(frozen=True)
class Search:
    """Which keys matter: the living ones of a name and owner, those of these ids, those made under these nonces."""

    name: str | None = None
    owner: Owner | None = None
    ids: tuple[str, ...] = ()
    nonces: tuple[str, ...] = ()

    def means(self, key: Key) -> bool:
        """Is it a key that matters here, dead or alive?"""
        if key.id in self.ids or (key.mark is not None and key.mark.nonce in self.nonces):
            return True
        if self.name is None and (self.ids or self.owner is None):
            return False
        named = self.name in (None, key.name)
        return named and (self.owner is None or key.owner is None or self.owner.matches(key.owner))


@dataclass(frozen=True)
class Made:
    """What a create gave: the secret, the end in ms (None: never), and the key itself where the service shows it."""

    secret: ApiKeySecret
    expiration: int | None
    key: Key | None = None


class KeyService(Protocol):
    """One kind of key on one connected service, as somebody who is logged in."""

    # Does a key carry metadata, and with it our mark? Without one a lost create can only be guessed at.
    marks: bool
    # Does it still show a key that is dead? Else nobody can tell it from one that never was.
    shows_dead: bool

    def login(self) -> Login:
        """Return who is logged in; asked once. Raises Unauthorized in clear words."""

    def find(self, searches: Sequence[Search]) -> tuple[list[Key], int | None]:
        """Return every key of this kind that one of the searches means and the login can see, and the service's time in ms if it tells."""

    def prove(self, secret: ApiKeySecret) -> Proof:
        """Use a secret, and return what that shows."""

    def capabilities(self) -> Capabilities:
        """Return what the service and the login can do; asked once, and only before a write."""

    def create(self, issue: Issue, wanted: Wanted, mark: Mark, source: ApiKeySecret | None) -> Made:
        """Make a key, once. ``source`` is the predecessor's secret for a clone. Raises AnswerLost if nobody knows whether it was made."""

    def update(self, key: Key, spec: Mapping[str, Any], seconds: int | None) -> None:
        """Change whole fields of a key in place, and its end to ``seconds`` from now."""

    def revoke(self, ids: Sequence[str]) -> frozenset[str]:
        """Invalidate keys by id; returns those whose death the service confirms."""

    def revoke_as(self, secret: ApiKeySecret, key_id: str) -> bool:
        """Log in with a secret and revoke a key, that one itself or its predecessor; returns whether it is dead."""

    def lost_rights(
        self, old: Key, new: Key, old_secret: ApiKeySecret | None, new_secret: ApiKeySecret
    ) -> tuple[str, ...]:
        """Return what the old key may do and its successor may not, because the owner lost rights in between."""


@dataclass(frozen=True)
class KeyKind:
    """A kind of key: its rules, its options beside the shared ones, and how to reach it.

    ``options`` is an argument spec; ``wanted`` turns the task's parameters into what is wanted (raises OptionError);
    ``service`` takes the logged-in client and the same parameters; ``check_answer`` tells the service's answers from another's.
    ``group`` is the name of the connection options that the service is reached by.
    """

    name: str
    rules: Rules
    wanted: Callable[[Mapping[str, Any]], Wanted]
    service: Callable[[Client, Mapping[str, Any]], KeyService]
    check_answer: Callable[[Answer], None]
    options: Mapping[str, Any] = field(default_factory=dict)
    group: str = "elasticsearch"
