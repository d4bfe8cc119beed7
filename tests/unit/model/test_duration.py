# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as users write them, and what is refused with which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import (
    NEVER,
    Duration,
    Share,
    humanize,
    parse_duration,
    parse_share_or_duration,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from hypothesis import given
from hypothesis import strategies as st
from support import strategies as _profile  # noqa: F401

MOST = 106_000_000_000 * 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90d", 7_776_000),
        ("12h", 43_200),
        ("30m", 1_800),
        ("45s", 45),
        ("2w", 1_209_600),
        ("90D", 7_776_000),
        ("12 h", 43_200),
        (" 5  s\n", 5),
        ("007d", 604_800),
        ("106000000000d", MOST),
    ],
)
def test_parse(text: str, seconds: int) -> None:
    assert parse_duration(text, "expiration") == Duration(seconds)


@pytest.mark.parametrize("text", ["never", "Never", " NEVER "])
def test_never(text: str) -> None:
    duration = parse_duration(text, "expiration")
    assert duration is NEVER is Duration.NEVER
    assert duration.never and str(duration) == "never"
    for length in (lambda: duration.ms, duration.to_server):
        with pytest.raises(ValueError, match="never"):
            length()


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("", "is empty", "'90d'"),
        (None, "is empty", "'90d'"),
        ("90", "a number without a unit", "Say '90d'"),
        (90, "a number without a unit", "'90d'"),
        (0, "a number without a unit", "'90d'"),
        (1.5, "a number instead", "'90d'"),
        (True, "a boolean", "'90d'"),
        (["90d"], "a list", "'90d'"),
        ("1M", "months or years", "days"),
        ("3 months", "months or years", "days"),
        ("1mo", "months or years", "days"),
        ("1y", "months or years", "days"),
        ("1Y", "months or years", "days"),
        ("2 years", "months or years", "days"),
        ("1.5d", "a fraction", "next smaller unit"),
        ("1,5d", "a fraction", "next smaller unit"),
        (".5d", "a fraction", "next smaller unit"),
        ("-1", "is negative", "'90d'"),
        ("-5d", "is negative", "'90d'"),
        ("0s", "is zero", "already dead"),
        ("0d", "is zero", "already dead"),
        ("500ms", "less than seconds", "already dead"),
        ("1500ms", "less than seconds", "already dead"),
        ("5 MS", "less than seconds", "already dead"),
        ("100micros", "less than seconds", "already dead"),
        ("100µs", "less than seconds", "already dead"),
        ("100nanos", "less than seconds", "already dead"),
        ("1d 12h", "more than one unit", "36h"),
        ("1d12h", "more than one unit", "36h"),
        ("5x", "a unit that is not known", "'90d'"),
        ("5 days", "a unit that is not known", "'90d'"),
        ("d", "is not a duration", "'90d'"),
        ("+5d", "is not a duration", "'90d'"),
        ("forever", "is not a duration", "'90d'"),
        ("2026-01-01", "is not a duration", "'90d'"),
        ("٣d", "is not a duration", "'90d'"),
        ("106000000001d", "longer than the server can count", "'never'"),
        ("9" * 5000 + "s", "longer than the server can count", "'never'"),
    ],
)
def test_refusals(text: object, words: str, hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_duration(text, "overlap")
    assert caught.value.message.startswith("overlap ")
    assert words in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_long_text_is_not_repeated() -> None:
    with pytest.raises(OptionError) as caught:
        parse_duration("VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhU", "expiration")
    assert "VnVh" not in str(caught.value)


def test_limits_of_an_option() -> None:
    assert parse_duration("0s", "overlap", allow_zero=True).seconds == 0
    assert parse_duration("0s", "overlap", allow_zero=True, minimum_seconds=5).seconds == 0
    assert parse_duration("5s", "overlap", minimum_seconds=5).seconds == 5
    with pytest.raises(OptionError, match="overlap is 4s, less than 5s"):
        parse_duration("4s", "overlap", minimum_seconds=5)
    with pytest.raises(OptionError, match="overlap cannot be 'never'"):
        parse_duration("never", "overlap", allow_never=False)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7_776_000, "90d"), (43_200, "12h"), (129_600, "36h"), (1_800, "30m"), (90, "90s"), (45, "45s"), (0, "0s")],
)
def test_to_server_takes_the_largest_unit_that_divides(seconds: int, text: str) -> None:
    assert Duration(seconds).to_server() == text == str(Duration(seconds))
    assert Duration(seconds).ms == seconds * 1000


@given(st.integers(0, MOST) | st.integers(0, 10**6).map(lambda days: days * 86_400))
def test_parse_reads_back_what_str_and_the_server_are_told(seconds: int) -> None:
    duration = Duration(seconds)
    assert parse_duration(str(duration), "o", allow_zero=True) == duration
    assert parse_duration(duration.to_server().upper().replace("M", "m"), "o", allow_zero=True) == duration


@given(st.text() | st.from_regex(r"[0-9 .,+-]{0,5}[a-zA-Zµ ]{0,6}", fullmatch=True))
def test_any_text_is_a_duration_or_an_option_error(text: str) -> None:
    try:
        assert parse_duration(text, "o").seconds != 0
    except OptionError as refused:
        assert refused.hint


@pytest.mark.parametrize(
    ("text", "percent", "shown"),
    [
        ("20%", "20", "20%"),
        ("1%", "1", "1%"),
        ("99 %", "99", "99%"),
        ("12.5%", "12.5", "12.5%"),
        (" 20.0%", "20", "20%"),
        ("90%", "90", "90%"),
    ],
)
def test_shares(text: str, percent: str, shown: str) -> None:
    share = parse_share_or_duration(text, "renew_before")
    assert share == Share(Decimal(percent))
    assert str(share) == shown


def test_a_share_of_a_life_is_rounded_down() -> None:
    assert Share(Decimal("20")).of(90 * 86_400_000) == 18 * 86_400_000
    assert Share(Decimal("12.5")).of(1_001) == 125


def test_a_duration_beside_shares() -> None:
    assert parse_share_or_duration("14d", "renew_before") == Duration(14 * 86_400)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0%", "outside 1% to 99%"),
        ("0.5%", "outside"),
        ("99.1%", "outside"),
        ("100%", "outside"),
        ("-5%", "no share"),
        ("12,5%", "no share"),
        ("%", "no share"),
        ("20%%", "no share"),
        ("1d%", "no share"),
        (20, "a number without a unit"),
        (0.2, "a number without a unit"),
        (None, "is empty"),
        ("20", "a number without a unit"),
        ("0s", "is zero"),
        ("never", "cannot be 'never'"),
        ("1M", "months or years"),
    ],
)
def test_refused_shares(text: object, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        parse_share_or_duration(text, "renew_before")
    assert caught.value.option == "renew_before" and caught.value.hint


SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"),
        (999, "0s"),
        (45 * SECOND, "45s"),
        (90 * SECOND, "1m 30s"),
        (12 * MINUTE, "12m"),
        (12 * MINUTE + 5 * SECOND, "12m"),
        (3 * HOUR + 5 * MINUTE, "3h 5m"),
        (3 * HOUR + 5 * SECOND, "3h"),
        (23 * HOUR + 59 * MINUTE, "23h"),
        (6 * DAY + 3 * HOUR, "6d 3h"),
        (6 * DAY + 59 * MINUTE, "6d"),
        (90 * DAY - 1, "89d"),
        (-(6 * DAY), "-6d"),
        (-500, "0s"),
    ],
)
def test_humanize(ms: int, text: str) -> None:
    assert humanize(ms) == text
