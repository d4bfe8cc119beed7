# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What it takes to list keys of a service: everything that an info module knows of one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._http.answer import Answer
from .._http.client import Client
from .._model.auditing import Auditing
from .._model.key import Key, Login
from .._model.selection import Selection


def time_of_service(told: int | None) -> int:
    """Return the service's time in ms, or ours where it tells none."""
    return int(time.time() * 1000) if told is None else told


class Listing(Protocol):
    """The keys of one connected service, as somebody who is logged in sees them."""

    def login(self) -> Login:
        """Return who is logged in. Raises Unauthorized in clear words."""

    def name(self) -> str:
        """Return what the service is called in reports, unless the task says it; after the login."""

    def blind_spot(self, selection: Selection) -> str | None:
        """Return in one sentence which of the selected keys this login cannot see, or None."""

    def select(self, selection: Selection) -> tuple[list[Key], int | None]:
        """Return every key that is selected, sorted by creation, and the service's time in ms if it tells."""

    def pages(self, selection: Selection) -> Iterator[tuple[list[Key], int | None]]:
        """Yield the same page by page, for whoever need not hold all of them; the time comes with the first page."""

    def users(self) -> Mapping[str, bool] | None:
        """Return the users that the service itself keeps, and whether each is enabled; None where that is told to no login at all.

        Raises ServerError where it is not told to this login.
        """

    def notes(self) -> list[str]:
        """Return in sentences what is to be said of all keys together, after they were listed."""


@dataclass(frozen=True)
class ListingKind:
    """A service whose keys can be listed.

    ``options`` is an argument spec; ``selection`` turns the task's parameters into what is selected (raises OptionError); ``listing``
    takes the logged-in client and the same parameters; ``check_answer`` tells the service's answers from another's. ``group`` is
    the name of the connection options that the service is reached by, ``auditing`` what an audit goes by.
    """

    selection: Callable[[Mapping[str, Any]], Selection]
    listing: Callable[[Client, Mapping[str, Any]], Listing]
    check_answer: Callable[[Answer], None]
    auditing: Auditing
    options: Mapping[str, Any] = field(default_factory=dict)
    group: str = "elasticsearch"
