# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A point in time, as users write it: a date, or how long ago."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .duration import Duration, parse_duration
from .errors import OptionError

_RIGHT = "Give one such as 2026-11-21T03:00:00Z or 2026-11-21."

# What a duration looks like that is meant to be one; a year alone, as in a date, is none.
_AGO = re.compile(r"\s*[0-9]+\s*[^\W\d_]+\s*")
_LIKE_A_TIME = re.compile(r"[-+0-9:./ TZ]{1,32}")


@dataclass(frozen=True)
class Moment:
    """A time in ms since the epoch, or so long before now. One of the two is None."""

    ms: int | None = None
    ago: Duration | None = None

    def at(self, now: int) -> int:
        """Return it in ms since the epoch, ``now`` being the time in ms."""
        return now - self.ago.ms if self.ago is not None else self.ms or 0


def parse_time(text: Any, option: str) -> int:
    """Read an ISO 8601 time or date, also with a blank for the T, as YAML writes it; without a zone it is UTC.

    :param option: the option's name for messages.
    :returns: ms since the epoch.
    :raises OptionError: it is no time.
    """
    wrong = OptionError(option, f"{option} is not a time: {_shown(text)}.", _RIGHT)
    if not isinstance(text, str):
        raise wrong
    try:
        # Python 3.9 and 3.10 do not know the Z.
        moment = datetime.fromisoformat(re.sub(r"[zZ]\Z", "+00:00", text.strip()))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise wrong from None


def parse_moment(text: Any, option: str) -> Moment:
    """Read a time as ``parse_time`` does, or a duration such as ``90d``: so long ago.

    :raises OptionError: it is neither.
    """
    if isinstance(text, str) and _AGO.fullmatch(text):
        return Moment(ago=parse_duration(text, option, allow_never=False, allow_zero=True))
    return Moment(ms=parse_time(text, option))


def _shown(value: Any) -> str:
    # Somebody may have put a secret here by mistake: only what resembles a time is repeated.
    if isinstance(value, str):
        return repr(value) if _LIKE_A_TIME.fullmatch(value) else f"a text of {len(value)} characters"
    return f"a {type(value).__name__}"
