# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy of repeating requests, as tables."""

from __future__ import annotations

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http import retry

# Every kind of request by everything that can go wrong: repeated, ended, or of unknown fate.
RULES = {
    retry.NOT_SENT: ("repeat", "repeat", "repeat"),
    retry.TLS: ("end", "end", "end"),
    retry.LOST: ("repeat", "repeat", "unknown"),
    retry.THROTTLED: ("repeat", "repeat", "repeat"),
    retry.GATEWAY: ("repeat", "repeat", "unknown"),
    retry.BROKEN: ("end", "end", "unknown"),
    retry.REFUSED: ("end", "end", "end"),
}


@pytest.mark.parametrize("failure", RULES)
def test_rules(failure: str) -> None:
    for kind, rule in zip((retry.READ, retry.WRITE, retry.ONCE), RULES[failure]):
        assert retry.may_repeat(kind, failure) is (rule == "repeat"), (kind, failure)
        assert retry.is_ambiguous(kind, failure) is (rule == "unknown"), (kind, failure)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (204, None),
        (302, retry.REFUSED),
        (400, retry.REFUSED),
        (401, retry.REFUSED),
        (404, retry.REFUSED),
        (409, retry.REFUSED),
        (429, retry.THROTTLED),
        (500, retry.BROKEN),
        (501, retry.BROKEN),
        (502, retry.GATEWAY),
        (503, retry.GATEWAY),
        (504, retry.GATEWAY),
    ],
)
def test_statuses(status: int, failure: str | None) -> None:
    assert retry.failure_of(status) == failure


def test_pauses_grow_to_a_cap_and_are_spread() -> None:
    assert [retry.pause(n, 1.0) for n in range(7)] == [0.5, 1, 2, 4, 8, 16, 20]
    assert retry.pause(5000, 1.0) == 20
    assert (retry.pause(3, 0.0), retry.pause(3, 0.5)) == (0, 2)


def test_retry_after_is_the_least_pause() -> None:
    assert (retry.pause(0, 0.0, 7), retry.pause(0, 1.0, 7)) == (7, 7.5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 10.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("", None),
        ("9" * 400, 999999999999.0),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
    ],
)
def test_retry_after_header(text: str | None, seconds: float | None) -> None:
    assert retry.retry_after_seconds(text, 784111767.0) == seconds
