# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What it takes to revoke keys of a service in bulk: everything that a module which does so knows of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._http.answer import Answer
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.errors import KeysmithError, OptionError
from .._model.key import Key, Login
from .._model.revocation import OWN_KEY, Demand, Revocation, Seen
from .._model.secret import ApiKeySecret
from .._model.selection import Selection

# What every such module asks, beside the conditions of its service.
DEMAND: Mapping[str, Any] = {
    "secret": {"type": "str", "no_log": True},
    "except_ids": {"type": "list", "elements": "str", "default": []},
    "expected_count": {"type": "int"},
    "own_key": {"type": "str", "choices": [*OWN_KEY], "default": OWN_KEY[0]},
}


@dataclass(frozen=True)
class Asked:
    """What a task asks for: the demand, and the leaked secret, if it was given."""

    demand: Demand
    secret: ApiKeySecret | None = None


class RevocationService(Protocol):
    """The keys of one connected service, as somebody who is logged in sees and revokes them."""

    def look(self, asked: Asked) -> tuple[Demand, Seen]:
        """Return what is there, and the demand, in which a secret has become the id of its key.

        :raises Refused: the secret opens nothing, or the login is blind for a part of what is selected.
        :raises Unproven: the service did not say what it thinks of the secret.
        """

    def check_allowed(self, plan: Revocation, login: Login) -> None:
        """Refuse what this login may not revoke, as far as the service tells beforehand. Raises Refused."""

    def count_dead(self, demand: Demand, plan: Revocation) -> int | None:
        """Return how many keys that are meant are dead already; None where the service does not tell."""

    def revoke(self, keys: tuple[Key, ...]) -> tuple[frozenset[str], KeysmithError | None]:
        """Revoke by id; returns which are dead for certain, and what went wrong, if something did."""

    def revoke_own(self, key: Key) -> bool:
        """Revoke the key that is logged in; returns whether it is dead."""


@dataclass(frozen=True)
class RevocationKind:
    """A service whose keys can be revoked in bulk.

    ``options`` is an argument spec; ``asked`` turns the task's parameters into what is asked for (raises OptionError); ``service`` takes
    the logged-in client and the same parameters; ``check_answer`` tells the service's answers from another's. ``group`` is the name of
    the connection options that the service is reached by, ``pause`` how long it wants between two keys (s).
    """

    asked: Callable[[Mapping[str, Any]], Asked]
    service: Callable[[Client, Mapping[str, Any]], RevocationService]
    check_answer: Callable[[Answer], None]
    options: Mapping[str, Any] = field(default_factory=dict)
    group: str = "elasticsearch"
    pause: float = 0


def asked_for(params: Mapping[str, Any], selection: Selection, secret: ApiKeySecret | None) -> Asked:
    """Return what is asked for: of these keys, or of the one of a secret, as the shared options say it."""
    except_ids = frozenset(params["except_ids"] or ())
    return Asked(Demand(selection, except_ids, params["own_key"], params.get("expected_count")), secret)


def check_demand(params: Mapping[str, Any], conditions: Sequence[str]) -> None:
    """Refuse what cannot be meant, whatever the service.

    :param conditions: the options that tell some keys from others.
    :raises OptionError: a number below zero, an empty id, a condition that is given and holds nothing, or one beside a secret.
    """
    if params.get("expected_count") is not None and params["expected_count"] < 0:
        raise OptionError("expected_count", "expected_count is less than 0.", "Give the number of keys that go.")
    for key_id in params["except_ids"] or ():
        check_not_empty(key_id, "except_ids")
    for option in conditions:
        if params.get(option) in ([], {}):
            raise OptionError(
                option,
                f"{option} is given, but empty, and would be no condition at all.",
                "Fill it, or leave the task out with when: where nothing is to be revoked.",
            )
    others = [option for option in conditions if params.get(option) is not None]
    if params.get("secret") is not None and others:
        raise OptionError(
            others[0],
            f"secret and {others[0]} are both given, but a secret names its key by itself.",
            "Give one of them, and take a second task for the other.",
        )


def check_condition(params: Mapping[str, Any], conditions: Sequence[str], pattern: str, remedy: str) -> None:
    """Refuse a demand in which no condition tells some keys from others.

    :param pattern: the one of them that holds patterns; one of nothing but asterisks fits every key.
    :raises OptionError: with the remedy.
    """
    given = [option for option in conditions if params.get(option) is not None]
    if given == [pattern] and any(not text.strip("*") for text in params[pattern]):
        given = []
    if not given:
        raise OptionError(
            pattern.replace("_pattern", ""), "No condition says which keys are meant; all of them would be.", remedy
        )
