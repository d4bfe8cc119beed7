# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elasticsearch's durations, dates and date mathematics."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, timezone

from keysmith_emulator.clock import iso
from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument

_UNITS = {"nanos": 1e-6, "micros": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
_MATH = re.compile(r"([+-]\d+|/)([yMwdhHms])")
_MATH_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "H": 3600, "m": 60, "s": 1}
LONGEST_MS = 2**63 - 1


def duration_ms(text: str, setting: str = "expiration") -> int:
    """A time value such as ``30d``; ``-1`` and ``0`` need no unit."""
    value = text.lower().strip()
    unit = next((name for name in _UNITS if value.endswith(name) and _is_number(value[: -len(name)])), None)
    if value in ("-1", "0"):
        return int(value)
    # The unit of minutes alone is told from months by its case.
    if unit is None or text.strip().endswith("M"):
        raise illegal_argument(
            f"failed to parse setting [{setting}] with value [{text}] as a time value: unit is missing or unrecognized"
        )
    number = value[: -len(unit)].strip()
    if not re.fullmatch(r"[+-]?\d+", number):
        cause = Refusal(400, "number_format_exception", f'For input string: "{number}"')
        reason = f"failed to parse [{text}], fractional time values are not supported"
        raise Refusal(400, "illegal_argument_exception", reason, cause)
    if int(number) < 0:
        raise illegal_argument(
            f"failed to parse setting [{setting}] with value [{text}] as a time value: negative durations are not supported"
        )
    return int(int(number) * _UNITS[unit])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text.strip()) is not None


def format_date(milliseconds: int, pattern: str | None) -> str:
    """A date in one of the formats that the emulator knows."""
    if pattern is None or pattern == "epoch_millis":
        return str(milliseconds)
    if pattern == "epoch_second":
        return str(milliseconds // 1000)
    return iso(milliseconds)


def _unparsable(text: str, pattern: str) -> Refusal:
    inner = f"failed to parse date field [{text}] with format [{pattern}]"
    last = Refusal(400, "date_time_parse_exception", "Failed to parse with all enclosed parsers")
    cause = Refusal(400, "illegal_argument_exception", inner, last)
    return Refusal(400, "parse_exception", f"{inner}: [{inner}]", cause)


def parse_date(value: object, now_ms: int, pattern: str | None = None) -> int:
    """A date of a query: a number, ``now-1h/d``, or text in ``pattern``."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = str(value)
    base, mathematics = text, ""
    if text.startswith("now"):
        return _apply(now_ms, text[3:], text)
    if "||" in text:
        base, mathematics = text.split("||", 1)
    return _apply(_parse_base(base, pattern), mathematics, text)


def _parse_base(text: str, pattern: str | None) -> int:
    formats = (pattern or "epoch_millis").split("||")
    if re.fullmatch(r"-?\d+", text) and any(name.startswith("epoch_") for name in formats):
        return int(text) * (1 if "epoch_millis" in formats else 1000)
    if any(not name.startswith("epoch_") for name in formats):
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            raise _unparsable(text, pattern or "epoch_millis") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return int(moment.timestamp() * 1000)
    raise _unparsable(text, pattern or "epoch_millis")


def _apply(start_ms: int, mathematics: str, text: str) -> int:
    if "".join(match.group(0) for match in _MATH.finditer(mathematics)) != mathematics:
        raise Refusal(400, "parse_exception", f"failed to parse date math [{text}]")
    moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=start_ms)
    for match in _MATH.finditer(mathematics):
        step, unit = match.groups()
        moment = _floor(moment, unit) if step == "/" else _shift(moment, int(step), unit)
    return int(moment.timestamp() * 1000)


def _shift(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _MATH_SECONDS:
        return moment + timedelta(seconds=amount * _MATH_SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))


def _floor(moment: datetime, unit: str) -> datetime:
    moment = moment.replace(microsecond=0)
    if unit == "w":
        moment -= timedelta(days=moment.weekday())
    order = ["s", "m", "h", "d", "M", "y"]
    depth = order.index({"H": "h", "w": "d"}.get(unit, unit))
    day = moment.replace(hour=0, minute=0, second=0)
    levels = [
        moment,
        moment.replace(second=0),
        moment.replace(minute=0, second=0),
        day,
        day.replace(day=1),
        day.replace(month=1, day=1),
    ]
    return levels[depth]
