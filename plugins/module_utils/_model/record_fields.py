# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What the records of keys and of logins have in common: their format, and how a field is read from JSON.

A field of another type raises TypeError without a text: it could show a part of the record.
"""

from __future__ import annotations

from typing import Any

# Written into every record, so that a later release can tell an old one.
FORMAT = 1


def text_of(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def number_of(value: Any) -> int:
    """Return a whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def time_of(value: Any) -> int | None:
    """Return a time in ms since the epoch, None as None."""
    return None if value is None else number_of(value)
