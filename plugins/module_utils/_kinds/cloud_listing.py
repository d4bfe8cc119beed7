# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing the keys of Elastic Cloud and ECE: the service sorts nothing out, so all of it is read and sorted out here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._model.checks import check_not_empty
from .._model.duration import parse_duration
from .._model.errors import OptionError
from .._model.key import Key, Login
from .._model.moment import Moment, parse_moment
from .._model.selection import Selection
from .cloud_keys import CloudKeys
from .listing import time_of_service

# A dead key is not shown, so that there is no state for it.
STATES = ("active", "expired", "any")

OPTIONS = {
    "description": {"type": "list", "elements": "str", "aliases": ["name"]},
    "description_pattern": {"type": "list", "elements": "str", "aliases": ["name_pattern"]},
    "id": {"type": "list", "elements": "str"},
    "user_id": {"type": "str"},
    "state": {"type": "list", "elements": "str", "choices": [*STATES], "default": ["active"]},
    "expiring_within": {"type": "str"},
    "never_expires": {"type": "bool"},
    "created_before": {"type": "str"},
    "created_after": {"type": "str"},
}

# By what an audit judges keys of both services: there is no metadata, and no privilege.
MEASURES = ("warn_within", "leftover_after", "max_life", "max_age")


def selection_of(params: Mapping[str, Any]) -> Selection:
    """Return what the task selects.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    within, states = params.get("expiring_within"), params.get("state") or ["active"]
    if within is not None and params.get("never_expires"):
        raise OptionError(
            "never_expires", "never_expires: true contradicts expiring_within.", "Leave one of them out, or ask twice."
        )
    for option in ("description", "description_pattern", "id"):
        for text in params.get(option) or ():
            check_not_empty(text, option)
    check_not_empty(params.get("user_id"), "user_id")
    return Selection(
        names=tuple(params.get("description") or ()),
        patterns=tuple(params.get("description_pattern") or ()),
        ids=tuple(params.get("id") or ()),
        states=() if "any" in states else tuple(states),
        ends_within=None
        if within is None
        else parse_duration(within, "expiring_within", allow_never=False, allow_zero=True),
        never_expires=params.get("never_expires"),
        created_before=_moment(params, "created_before"),
        created_after=_moment(params, "created_after"),
        creator=params.get("user_id"),
    )


def _moment(params: Mapping[str, Any], option: str) -> Moment | None:
    return None if params.get(option) is None else parse_moment(params[option], option)


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Return keys as every list shows them, the oldest first."""
    return sorted(keys, key=lambda key: (key.creation or 0, key.id))


class CloudListing:
    """The keys that a login sees."""

    def __init__(self, keys: CloudKeys) -> None:
        self._keys = keys

    def login(self) -> Login:
        """See ``Listing``."""
        return self._keys.login()

    def name(self) -> str:
        """See ``Listing``."""
        return self._keys.name()

    def blind_spot(self, selection: Selection) -> str | None:
        """See ``Listing``."""
        return self._keys.blind_spot()

    def select(self, selection: Selection) -> tuple[list[Key], int | None]:
        """See ``Listing``; every page is read."""
        login = self.login()
        keys, now = self._keys.listed(), self._keys.api.time
        at = time_of_service(now)
        return in_order(key for key in keys if selection.includes(key, login, at)), now

    def pages(self, selection: Selection) -> Iterator[tuple[list[Key], int | None]]:
        """Yield all of it as one page: to put keys in order all of them have to be there."""
        yield self.select(selection)

    def users(self) -> Mapping[str, bool] | None:
        """Return None: keys belong to organizations, or to users of whom the service tells no key."""
        return None

    def notes(self) -> list[str]:
        """See ``Listing``."""
        return self._keys.notes()
