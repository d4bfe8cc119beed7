# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches: what nobody outside Elastic knows of the services, so that a client can be tried both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keysmith_emulator.cloud_keys.moments import DURATION, HEADER_FORMS


@dataclass(frozen=True)
class Switch:
    """One of them: what it is at first, which values it takes, and how they are described."""

    default: Any
    accepts: Callable[[Any], bool]
    values: str


def choice(*values: str) -> Switch:
    """One of these words; the first is the default."""
    return Switch(values[0], lambda given: given in values, " or ".join(values))


def flag(default: bool) -> Switch:
    """On or off."""
    return Switch(default, lambda given: isinstance(given, bool), "true or false")


def number(default: int | None, least: int = 0) -> Switch:
    """A whole number; null is no limit."""

    def accepts(given: Any) -> bool:
        return given is None or (isinstance(given, int) and not isinstance(given, bool) and given >= least)

    return Switch(default, accepts, f"a number of {least} or more, or null")


def duration(default: str | None, optional: bool = True) -> Switch:
    """A duration such as 90d."""

    def accepts(given: Any) -> bool:
        return (given is None and optional) or (isinstance(given, str) and DURATION.fullmatch(given) is not None)

    return Switch(default, accepts, "a duration such as 90d" + (" or null" if optional else ""))


def words(*values: str) -> Switch:
    """A list of these words, or of any when none are given; empty at first."""

    def accepts(given: Any) -> bool:
        return isinstance(given, list) and all(
            isinstance(word, str) and (word in values or not values) for word in given
        )

    return Switch([], accepts, f"a list of {', '.join(values) or 'strings'}")


def status(default: int) -> Switch:
    """The status of an error."""
    return Switch(default, lambda given: isinstance(given, int) and 400 <= given <= 599, "a status from 400 to 599")


# Both services have these.
SHARED: dict[str, Switch] = {
    "absent_fields": words("user_id", "organization_id", "expiration_date", "role_assignments"),
    "bulk_delete_unknown": choice("ignored", "refused"),
    "date_format": choice("milliseconds", "seconds", "offset"),
    "date_header": flag(True),
    "default_expiration": duration(None),
    "delete_pause": duration(None),
    "delete_pause_status": status(500),
    "duplicates": choice("allowed", "refused"),
    "durations": choice("documented", "lenient"),
    "empty_body": flag(False),
    "error_fields": flag(True),
    "expiration_header": choice(*HEADER_FORMS, "absent"),
    "expiration_header_never": Switch(
        None, lambda given: given is None or isinstance(given, str), "null (no header) or the text to send"
    ),
    "expired_keys": choice("hidden", "listed"),
    "foreign_keys": choice("404", "403"),
    "longest_description": number(None),
    "order": choice("oldest_first", "newest_first", "shuffled"),
    "page_size": number(None, least=1),
    "retry_after": flag(True),
    "unknown_fields": choice("ignored", "refused"),
}


class Switches:
    """The switches of one service with their values."""

    def __init__(self, known: Mapping[str, Switch], given: Any = None) -> None:
        self._known = {**SHARED, **known}
        self._initial = {name: switch.default for name, switch in self._known.items()}
        self._values = dict(self._initial)
        self.change(given or {})
        self._initial = dict(self._values)

    def __getitem__(self, name: str) -> Any:
        """The value of a switch."""
        return self._values[name]

    def change(self, given: Any) -> dict[str, Any]:
        """Sets some; all of them stay as they are when one is refused with a ``ValueError``."""
        if not isinstance(given, dict):
            raise ValueError("switches are a JSON object")
        for name, value in given.items():
            if name not in self._known:
                raise ValueError(f"unknown switch [{name}]; known are {sorted(self._known)}")
            if not self._known[name].accepts(value):
                raise ValueError(f"the switch [{name}] takes {self._known[name].values}")
        self._values.update(given)
        return self.show()

    def show(self) -> dict[str, Any]:
        """Every switch with its value."""
        return dict(sorted(self._values.items()))

    def reset(self) -> None:
        """As at the start."""
        self._values = dict(self._initial)
