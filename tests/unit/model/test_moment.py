# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and moments as users write them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.moment import parse_moment, parse_time

THREE = 1_795_230_000_000  # 2026-11-21T03:00:00Z
DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-21T03:00:00Z", THREE),
        ("2026-11-21T03:00:00z", THREE),
        ("2026-11-21 03:00:00", THREE),
        ("2026-11-21 03:00:00+00:00", THREE),
        ("2026-11-21T05:30:00+02:30", THREE),
        ("2026-11-21T03:00:00.250Z", None),
        ("2026-11-21", THREE - 3 * 3_600_000),
        (" 2026-11-21 ", THREE - 3 * 3_600_000),
    ],
)
def test_times(text: str, ms: int | None) -> None:
    assert parse_time(text, "o") == (THREE + 250 if ms is None else ms)
    assert parse_moment(text, "o").at(0) == parse_time(text, "o")


@pytest.mark.parametrize("text", ["", "yesterday", "2026", "2026-13-01", "21.11.2026", "90d", 3, None, True, "9" * 40])
def test_no_times(text: Any) -> None:
    with pytest.raises(OptionError) as raised:
        parse_time(text, "created_before")
    assert raised.value.option == "created_before"
    assert "created_before is not a time" in str(raised.value)


def test_a_duration_is_so_long_ago() -> None:
    assert parse_moment("2d", "o").at(THREE) == THREE - 2 * DAY
    assert parse_moment(" 1 W ", "o").at(THREE) == THREE - 7 * DAY
    assert parse_moment("0s", "o").at(THREE) == THREE


@pytest.mark.parametrize("text", ["1M", "3 years", "5ms", "never", "12"])
def test_no_moments(text: str) -> None:
    with pytest.raises(OptionError, match="created_after"):
        parse_moment(text, "created_after")


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(OptionError) as raised:
        parse_time("ui2lp2axTNmsyakw9tvNnw", "o")
    assert "ui2lp2" not in str(raised.value)
