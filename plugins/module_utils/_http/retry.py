# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""When a request may be sent again, and after which pause. Pure: no clock, no randomness, no I/O."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

# A pause is drawn at random between 0 and BASE * 2^n, never above CAP ("full jitter"); seconds.
BASE_SECONDS = 0.5
CAP_SECONDS = 20.0
# A longer Retry-After is not waited for.
LONGEST_RETRY_AFTER_SECONDS = 120.0

# The kinds of request.
READ = "read"
WRITE = "write"
ONCE = "once"
LOGIN = "login"

# What can go wrong with one.
NOT_SENT = "not_sent"
TLS = "tls"
LOST = "lost"
THROTTLED = "throttled"
GATEWAY = "gateway"
BROKEN = "broken"
REFUSED = "refused"

_REPEATABLE = frozenset({NOT_SENT, LOST, THROTTLED, GATEWAY})
_RETRIED = {
    READ: _REPEATABLE,
    # The caller says that doing it twice is doing it once.
    WRITE: _REPEATABLE,
    # A session that nobody knows of ends by itself.
    LOGIN: _REPEATABLE,
    # A create: only what was certainly not carried out may be sent again (law 4).
    ONCE: frozenset({NOT_SENT, THROTTLED}),
}
_AMBIGUOUS = frozenset({LOST, GATEWAY, BROKEN})


def failure_of(status: int) -> str | None:
    """Return what an HTTP status says about the request; None for success."""
    if status < 300:
        return None
    if status == 429:
        return THROTTLED
    if status in (502, 503, 504):
        return GATEWAY
    return BROKEN if status >= 500 else REFUSED


def may_repeat(kind: str, failure: str) -> bool:
    """May a request of this kind be sent again after this failure?"""
    return failure in _RETRIED[kind]


def is_ambiguous(kind: str, failure: str) -> bool:
    """Is it unknown whether a request that may only be sent once was carried out?"""
    return kind == ONCE and failure in _AMBIGUOUS


def pause(repeats: int, share: float, retry_after: float | None = None) -> float:
    """Return the seconds to wait before repeating a request.

    :param repeats: how often it has been repeated already.
    :param share: a random number from 0 to 1.
    :param retry_after: the seconds that the server asked for; the least pause.
    """
    if retry_after is not None:
        return retry_after + share * BASE_SECONDS
    return float(share * min(CAP_SECONDS, BASE_SECONDS * 2 ** min(repeats, 30)))


def retry_after_seconds(text: str | None, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, None where it says nothing readable.

    :param text: seconds, or an HTTP date (RFC 9110, section 10.2.3).
    :param now: seconds since the epoch, by the clock that the date is of.
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None
