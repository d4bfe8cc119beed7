# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that a test can move; it goes on running from where it was put."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

_DURATION = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def parse_duration_ms(text: str) -> int:
    """``90d``, ``-2h``, ``1500ms`` in milliseconds."""
    match = _DURATION.fullmatch(str(text).strip())
    if match is None:
        raise ValueError(f"[{text}] is no duration such as 80d, 12h, 5m, 30s, 250ms")
    return int(float(match.group(1)) * _MILLISECONDS[match.group(2)])


def iso(milliseconds: int) -> str:
    """The moment in UTC, with milliseconds, as Elasticsearch's ``strict_date_time`` writes it."""
    moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


class Clock:
    """The emulated time in milliseconds since the epoch, one for every service of a process."""

    def __init__(self) -> None:
        self._offset_ms = 0
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def when_moved(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` after each move."""
        self._listeners.append(listener)

    def now_ms(self) -> int:
        """The emulated time."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    def advance(self, milliseconds: int) -> None:
        """Moves the clock; a negative value moves it back."""
        with self._lock:
            self._offset_ms += milliseconds
        self._tell()

    def set(self, milliseconds: int) -> None:
        """Puts the clock to an absolute time."""
        with self._lock:
            self._offset_ms = milliseconds - time.time_ns() // 1_000_000
        self._tell()

    def reset(self) -> None:
        """Back to the real time."""
        with self._lock:
            self._offset_ms = 0
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
