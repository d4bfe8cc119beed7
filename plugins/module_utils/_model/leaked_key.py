# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Which key logs in, where a service names none: concluded from when keys end, and never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import Refused
from .key import Key
from .lifecycle import rendered

# Some forms of the header that tells a key's end have whole seconds (ms).
_SECOND = 1000
_SHOWN = 5


@dataclass(frozen=True)
class Clues:
    """What is known of a secret that logs in.

    ``id`` is what its text names, ``end`` when its key ends (ms since the epoch) as the service told it. ``tells_ends``: the service has
    told this login an end, so that none means a key that never ends.
    """

    id: str | None
    end: int | None
    tells_ends: bool


def ends_at(key: Key, end: int) -> bool:
    """Does a key end at that time (ms), as far as the service tells times?"""
    return key.expiration is not None and abs(key.expiration - end) < _SECOND


def may_log_in(keys: Sequence[Key], end: int | None) -> list[Key]:
    """Return the keys of which one may be that of a login that ends at ``end`` (ms).

    The service tells every login by a key when that ends; None: it told no end, as for a key without one. Where no key fits, the list
    does not show what it should, and any of them may be it.
    """
    fitting = [] if end is None else [key for key in keys if ends_at(key, end)]
    return fitting or [key for key in keys if key.expiration is None] or list(keys)


def key_of_secret(keys: Sequence[Key], clues: Clues) -> Key:
    """Return the one living key that a secret belongs to.

    :param keys: the living keys that it could be.
    :raises Refused: it is none of them, or it cannot be told which; names those that it may be.
    """
    named = [key for key in keys if key.id == clues.id]
    if named:
        return named[0]
    if clues.end is None:
        fitting, what = [key for key in keys if key.expiration is None], "never ends"
    else:
        fitting, what = [key for key in keys if ends_at(key, clues.end)], f"ends at {rendered(clues.end)}"
    certain = clues.end is not None or clues.tells_ends
    if len(fitting) == 1 and certain:
        return fitting[0]
    if not fitting:
        raise Refused(
            f"secret logs in, but no key that this login sees {what}, as its key does.",
            "Log in as somebody who sees that key, or give its id.",
        )
    shown = ", ".join(f"{key.id} ({key.name})" for key in fitting[:_SHOWN])
    more = f" and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
    raise Refused(
        f"secret logs in, but the service does not tell as which key; it may be {shown}{more}, of which each {what}.",
        "Find out which one it is, and give its id.",
        ids=[key.id for key in fitting],
    )
