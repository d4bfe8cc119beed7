# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""How long something lasts, as users write it and as the server wants it.

The rules are Elasticsearch's as it was seen to behave (8.19, 9.5): it takes whole numbers with a unit, in any case but for ``M``;
it rounds down to whole seconds; and it makes a key that is already dead out of anything below one second, without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from .errors import OptionError

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

# The server adds the duration to its clock in a signed 64-bit number of milliseconds and answers 500 "long overflow" beyond
# that (106,751,991,167 days since 1970); this leaves room for any clock.
_MAX_DAYS = 106_000_000_000

_PATTERN = re.compile(r"(?P<number>[0-9]+)\s*(?P<unit>[^\W\d_]+)")
_SHARE = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*%")
_MONTHS_AND_YEARS = re.compile(r"mon(th)?s?|mth?s?|mo|y|yrs?|years?", re.IGNORECASE)
_BELOW_SECONDS = re.compile(r"ms|millis?(econds?)?|micros?(econds?)?|[uµμ]s|nanos?(econds?)?|ns", re.IGNORECASE)

_RIGHT = "Give a whole number and one of the units s, m, h, d, w, such as '90d' or '12h'."


@dataclass(frozen=True)
class Duration:
    """A length of time in whole seconds, or "never ends" (then ``never`` is true and the number means nothing)."""

    seconds: int

    NEVER: ClassVar[Duration]

    @property
    def never(self) -> bool:
        """Does it never end?"""
        return self.seconds < 0

    @property
    def ms(self) -> int:
        """Return it in milliseconds.

        :raises ValueError: it never ends.
        """
        if self.never:
            raise ValueError("'never' has no length")
        return self.seconds * 1000

    def to_server(self) -> str:
        """Return it in Elasticsearch's spelling, in the largest unit that divides it: ``90d``.

        :raises ValueError: it never ends; the server says that by the absence of an expiration.
        """
        if self.never:
            raise ValueError("'never' is not told to the server")
        # The server knows no weeks.
        unit = next(unit for unit in "dhms" if self.seconds % _SECONDS[unit] == 0 and (self.seconds or unit == "s"))
        return f"{self.seconds // _SECONDS[unit]}{unit}"

    def __str__(self) -> str:
        return "never" if self.never else self.to_server()


NEVER = Duration(-1)
Duration.NEVER = NEVER


@dataclass(frozen=True)
class Share:
    """A share of a key's life, in percent."""

    percent: Decimal

    def of(self, ms: int) -> int:
        """Return this share of a length in milliseconds, rounded down."""
        return int(self.percent * ms / 100)

    def __str__(self) -> str:
        text = format(self.percent, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def parse_duration(
    text: Any, option: str, *, allow_never: bool = True, allow_zero: bool = False, minimum_seconds: int = 1
) -> Duration:
    """Read a duration such as ``90d``, ``12h``, ``2w`` (exactly 14 days) or ``never``, in any case, blanks allowed.

    :param option: the option's name for messages.
    :param minimum_seconds: the shortest that makes sense here; zero is judged by ``allow_zero`` alone.
    :raises OptionError: anything else, with what would be right.
    """
    if not isinstance(text, str):
        raise _not_a_text(text, option)
    trimmed = text.strip()
    if trimmed.lower() == "never":
        if allow_never:
            return NEVER
        raise OptionError(option, f"{option} cannot be 'never'.", _RIGHT)
    match = _PATTERN.fullmatch(trimmed)
    if not match:
        raise _malformed(trimmed, option)
    duration = Duration(_checked(match, option))
    if duration.seconds == 0:
        if allow_zero:
            return duration
        raise OptionError(
            option,
            f"{option} is zero.",
            "Elasticsearch would take that without a word and make a key that is already dead.",
        )
    if duration.seconds < minimum_seconds:
        raise OptionError(
            option,
            f"{option} is {duration}, less than {Duration(minimum_seconds)}.",
            f"Give {Duration(minimum_seconds)} or more.",
        )
    return duration


def parse_share_or_duration(text: Any, option: str) -> Share | Duration:
    """Read a share of a life (``20%``, 1 to 99, decimals allowed) or a duration that is neither zero nor ``never``.

    :raises OptionError: anything else, with what would be right.
    """
    right = "Give a duration such as '14d', or a share of the key's life from '1%' to '99%'."
    if isinstance(text, str) and "%" in text:
        match = _SHARE.fullmatch(text.strip())
        if not match:
            raise OptionError(option, f"{option} is no share of a life: {_shown(text)}.", right)
        percent = Decimal(match["number"])
        if not 1 <= percent <= 99:
            raise OptionError(option, f"{option} is a share outside 1% to 99%: {_shown(text)}.", right)
        return Share(percent)
    if not isinstance(text, str):
        raise OptionError(option, f"{option} is {_kind(text)} without a unit.", right)
    try:
        return parse_duration(text, option, allow_never=False)
    except OptionError as wrong:
        if wrong.hint == _RIGHT:
            wrong.hint = right
        raise


def humanize(ms: int) -> str:
    """Return a length of time for people, rounded down: ``6d 3h``, ``45s``; two units at most, one from ten on (``89d``)."""
    sign, seconds = ("-", -ms // 1000) if ms < 0 else ("", ms // 1000)
    parts: list[str] = []
    for unit in "dhms":
        count, seconds = divmod(seconds, _SECONDS[unit])
        if parts:
            return sign + " ".join((*parts, f"{count}{unit}") if count else parts)
        if count >= 10 or (count and unit == "s"):
            return f"{sign}{count}{unit}"
        if count:
            parts.append(f"{count}{unit}")
    return "0s"


def _checked(match: re.Match[str], option: str) -> int:
    """Return the seconds of a number and a unit, or say what is wrong with the unit or the size."""
    number, unit = match["number"], match["unit"]
    if unit == "M" or _MONTHS_AND_YEARS.fullmatch(unit):
        raise OptionError(
            option,
            f"{option} counts in months or years, whose length varies: {_shown(match.string)}.",
            "Say it in days, such as '90d'.",
        )
    if _BELOW_SECONDS.fullmatch(unit):
        raise OptionError(
            option,
            f"{option} counts in less than seconds: {_shown(match.string)}.",
            "Give whole seconds or more: the server makes a key that is already dead out of less than a second, and drops fractions.",
        )
    if unit.lower() not in _SECONDS:
        raise OptionError(option, f"{option} has a unit that is not known: {_shown(match.string)}.", _RIGHT)
    # Python refuses to read integers of thousands of digits; no duration needs more than these.
    seconds = int(number) * _SECONDS[unit.lower()] if len(number.lstrip("0")) <= 20 else None
    if seconds is None or seconds > _MAX_DAYS * _SECONDS["d"]:
        raise OptionError(
            option, f"{option} is longer than the server can count.", "Give 'never' where the key is to have no end."
        )
    return seconds


def _malformed(text: str, option: str) -> OptionError:
    if not text:
        return OptionError(option, f"{option} is empty.", _RIGHT)
    if re.fullmatch(r"[0-9]+", text):
        return OptionError(
            option, f"{option} is a number without a unit: {_shown(text)}.", f"Say '{text[:12]}d' if you mean days."
        )
    if text[0] in "-−":
        return OptionError(option, f"{option} is negative: {_shown(text)}.", _RIGHT)
    if re.match(r"[0-9]*[.,][0-9]", text):
        return OptionError(
            option,
            f"{option} is a fraction: {_shown(text)}.",
            "Use the next smaller unit, such as '36h' for one and a half days.",
        )
    if re.fullmatch(r"([0-9]+\s*[^\W\d_]+\s*){2,}", text):
        return OptionError(
            option,
            f"{option} has more than one unit: {_shown(text)}.",
            "Use the smaller unit alone, such as '36h' for '1d 12h'.",
        )
    return OptionError(option, f"{option} is not a duration: {_shown(text)}.", _RIGHT)


def _not_a_text(value: Any, option: str) -> OptionError:
    if isinstance(value, int) and not isinstance(value, bool):
        return OptionError(
            option,
            f"{option} is {_kind(value)} without a unit.",
            "Say '90d' for ninety days; s, m, h, d and w are known.",
        )
    return OptionError(option, f"{option} is {_kind(value)} instead of a duration.", _RIGHT)


def _kind(value: Any) -> str:
    """Name a value that YAML did not make a text."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean"
    return "a number" if isinstance(value, (int, float)) else f"a {type(value).__name__}"


def _shown(text: str) -> str:
    # A duration is no secret, but somebody may have put one here by mistake: a long text is not repeated.
    return repr(text) if len(text) <= 24 else f"a text of {len(text)} characters"
