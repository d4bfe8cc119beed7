# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations and dates, as these services take and give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import format_datetime

from keysmith_emulator.clock import iso

DURATION = re.compile(r"(\d+)(d|h|m|min|s|w)")
_DOCUMENTED = re.compile(r"(\d+)(d|h)")
_LENIENT = re.compile(r"(\d+)\s*(w|d|h|min|m|s)", re.IGNORECASE)
_MILLISECONDS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "min": 60_000, "m": 60_000, "s": 1000}
# Whatever is longer has no date: the calendar ends with the year 9999.
_LONGEST_MS = 1_000 * 365 * 86_400_000


def duration_ms(text: str, lenient: bool = True) -> int | None:
    """``90d``, ``12h`` in milliseconds, with ``lenient`` other units too; ``None`` where it cannot be read."""
    match = (_LENIENT if lenient else _DOCUMENTED).fullmatch(text.strip() if lenient else text)
    if match is None:
        return None
    milliseconds = int(match.group(1)) * _MILLISECONDS[match.group(2).lower()]
    return milliseconds if 0 < milliseconds <= _LONGEST_MS else None


def date_text(milliseconds: int, form: str) -> str:
    """RFC 3339, spelled in one of its ways."""
    text = iso(milliseconds)
    if form == "seconds":
        return text[:-5] + "Z"
    return text[:-1] + "+00:00" if form == "offset" else text


def http_date(milliseconds: int) -> str:
    """As in the header Date, in whole seconds."""
    return format_datetime(datetime.fromtimestamp(milliseconds // 1000, timezone.utc), usegmt=True)


HEADER_FORMS: dict[str, Callable[[int], str]] = {
    "rfc3339": iso,
    "http_date": http_date,
    "epoch_seconds": lambda milliseconds: str(milliseconds // 1000),
    "epoch_milliseconds": str,
}
