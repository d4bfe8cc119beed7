# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test expiring_within: what it takes for an end, and what it says of it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.keysmith.elastic.plugins.test.expiration import TestModule as Offered

expiring_within = Offered().tests()["expiring_within"]
HOUR_MS = 3_600_000


def ms(hours: float) -> int:
    """Milliseconds since 1970, so many hours from now."""
    return int(time.time() * 1000 + hours * HOUR_MS)


def iso(hours: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


SHAPES = {
    "milliseconds": ms,
    "milliseconds as text": lambda hours: str(ms(hours)),
    "a time": iso,
    "a moment": lambda hours: datetime.now(timezone.utc) + timedelta(hours=hours),
    "a moment without zone": lambda hours: (datetime.now(timezone.utc) + timedelta(hours=hours)).replace(tzinfo=None),
    "a key": lambda hours: {"id": "i", "state": "active", "expiration": iso(hours)},
    "a result": lambda hours: {"changed": False, "key": {"id": "i", "state": "active", "expiration": iso(hours)}},
    "a record": lambda hours: {"serial": 1, "current": {"id": "i", "api_key": "s", "expiration": ms(hours)}},
    "a record as JSON": lambda hours: f'{{"current": {{"expiration": {ms(hours)}}}}}',
    "a predecessor": lambda hours: {"id": "i", "how": "expires", "ends": iso(hours)},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_end_is_found_in_every_shape(shape: Any) -> None:
    assert expiring_within(shape(5), "6h") is True
    assert expiring_within(shape(5), "4h") is False
    assert expiring_within(shape(-5), "0s") is True, "it has ended"
    assert expiring_within(shape(24 * 400), "365d") is False


@pytest.mark.parametrize(
    "value", [None, {"expiration": None, "state": "active"}, {"current": {"expiration": None}}, {"ends": None}]
)
def test_what_never_ends_does_not(value: Any) -> None:
    assert expiring_within(value, "10000d") is False


@pytest.mark.parametrize("state", ["invalidated", "expired"])
def test_what_is_dead_has_ended(state: str) -> None:
    assert expiring_within({"state": state, "expiration": None}, "1s") is True


SECRET = "ui2lp2axTNmsyakw9tvNnw"


@pytest.mark.parametrize(
    ("value", "within", "words"),
    [
        (SECRET, "14d", "not a time"),
        ({"id": SECRET}, "14d", "no expiration"),
        ([SECRET], "14d", "a list"),
        (True, "14d", "a boolean"),
        (1_763_694_000, "14d", "Multiply"),
        ("1763694000", "14d", "Multiply"),
        ({"current": None}, "14d", "no key yet"),
        (None, 14, "without a unit"),
        (None, "14", "without a unit"),
        (None, "never", "never"),
        (None, "1M", "days"),
    ],
)
def test_what_is_wrong_is_named(value: Any, within: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        expiring_within(value, within)
    assert words in str(raised.value)
    assert "expiring_within" in str(raised.value)
    assert SECRET not in str(raised.value)
