# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing keys from options: what the info modules and the lookups have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._kinds.listing import ListingKind, time_of_service
from .._model.duration import Duration, parse_duration
from .._model.key import Key, Login
from .._model.scrubber import Scrubber
from .connect import connect
from .options import GROUPS
from .present import login_warning


@dataclass(frozen=True)
class Listed:
    """The selected keys, the oldest first, and the time in ms at which they were looked at.

    ``blind_spot`` says in one sentence which keys this login cannot see; ``warnings`` is everything else that a user should know.
    """

    keys: tuple[Key, ...]
    now: int
    login: Login
    blind_spot: str | None
    warnings: tuple[str, ...]


def login_window(options: Mapping[str, Any]) -> Duration:
    """Return how long before its end the credential of the login is warned of.

    :raises OptionError: it is no duration.
    """
    return parse_duration(options["warn_login_expires"], "warn_login_expires", allow_never=False, allow_zero=True)


def list_keys(kind: ListingKind, options: Mapping[str, Any], scrubber: Scrubber) -> Listed:
    """Connect and list.

    :param options: the connection's and the kind's own.
    :param scrubber: learns the secrets of the login.
    :raises KeysmithError:
    """
    selection = kind.selection(options)
    window = login_window(options)
    with connect(options, GROUPS[kind.group], scrubber, kind.check_answer, read_only=True) as client:
        listing = kind.listing(client, options)
        login = listing.login()
        keys, told = listing.select(selection)
        now = time_of_service(told)
        blind = listing.blind_spot(selection)
        soon = login_warning(login, now, window)
        return Listed(tuple(keys), now, login, blind, (*client.warnings, *([] if soon is None else [soon])))
