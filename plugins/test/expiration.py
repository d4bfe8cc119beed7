# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A test that tells whether a key ends soon."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import parse_duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.moment import parse_time
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import json_of, kind_of, text_of, told

NAME = "expiring_within"
_WHAT = f"The value that {NAME} tests"
_RIGHT = (
    "Give a key as a module or its info module returns it, the record of a store, a time, or milliseconds since 1970."
)

# Milliseconds since 1970 have been more than this since 1973; seconds will not be before the year 5138.
_LEAST_MS = 100_000_000_000


def expiring_within(value: Any, within: Any) -> bool:
    """Does the key end within this time from now, or has it ended? One that never ends does not.

    :param value: a key, a whole result with one, a record, a predecessor of a result, or a time; None never ends.
    :param within: a duration such as ``14d``.
    :raises AnsibleFilterError: the value holds no end, or the duration is none.
    """
    answer: bool = told(lambda: _ends_within(value, text_of(within) or within))
    return answer


def _ends_within(value: Any, within: Any) -> bool:
    window = parse_duration(within, NAME, allow_never=False, allow_zero=True)
    end = _end(value)
    return end is not None and end <= time.time() * 1000 + window.ms


def _end(value: Any) -> float | None:
    """Return when it ends in ms since the epoch, None for never."""
    if isinstance(value, Mapping):
        return _end_of(value)
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).timestamp() * 1000
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _milliseconds(value)
    text = text_of(value)
    if text is None:
        raise OptionError(NAME, f"{_WHAT} is {kind_of(value)}.", _RIGHT)
    if text.strip().isdigit():
        return _milliseconds(int(text))
    content = json_of(text)
    return parse_time(text, _WHAT) if content is None else _end_of(content)


def _end_of(value: Mapping[str, Any]) -> float | None:
    if isinstance(value.get("key"), Mapping):
        return _end_of(value["key"])
    if "current" in value:
        if value["current"] is None:
            raise OptionError(
                NAME, f"{_WHAT} is a record that holds no key yet.", "Run the module that fills its store."
            )
        return _end_of(value["current"])
    if value.get("state") in ("invalidated", "expired"):
        return 0
    for name in ("expiration", "ends"):
        if name in value:
            return _end(value[name])
    raise OptionError(NAME, f"{_WHAT} has no expiration.", _RIGHT)


def _milliseconds(number: float) -> float:
    if number < _LEAST_MS:
        raise OptionError(
            NAME, f"{_WHAT} is {number}, which are no milliseconds since 1970.", "Multiply seconds by 1000."
        )
    return number


class TestModule:
    """The tests by their names; each one's documentation stands beside this file."""

    def tests(self) -> dict[str, Callable[..., bool]]:
        """Return them."""
        return {NAME: expiring_within}
