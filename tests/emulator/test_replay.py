# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator answers what real servers answered: same status, same shape, same kind of error."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from replay import RECORDINGS, SERVERS, Outcome, compare_values, load, replay

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings of real servers are not beside this checkout"
)

# What the emulator answers otherwise, and why. An entry that would pass does not belong here.
NOT_IMITATED = {
    ("GET", "/"): "the recorded nodes had no main module and said 405; the emulator says what a whole server says",
    ("GET", "/_xpack/usage"): "the recorded nodes lacked modules and said 500; usage is not part of the emulator",
    ("GET", "/_xpack"): "the recorded nodes lacked modules and said 500; this is not part of the emulator",
}


def _endpoint(row: dict[str, Any]) -> tuple[str, str]:
    return row["method"], row["path"].split("?")[0]


def _rows() -> list[Any]:
    if not RECORDINGS.is_dir():
        return []
    return [
        pytest.param(name, number, id=f"{name}-{number}-{row['method']}-{row['path'].split('?')[0]}")
        for name in SERVERS
        for number, row in enumerate(load(name))
    ]


@functools.cache
def _outcomes(name: str) -> list[Outcome]:
    return replay(name)


@pytest.mark.parametrize(("name", "number"), _rows())
def test_recorded_request(name: str, number: int) -> None:
    """One recorded request."""
    outcome = _outcomes(name)[number]
    reason = NOT_IMITATED.get(_endpoint(outcome.row))
    if reason is None:
        assert not outcome.differences, f"{outcome.differences}\nrecorded {outcome.expected}\ngot      {outcome.body}"
    else:
        assert outcome.differences, f"this is imitated now, take it off the list: {reason}"


def test_every_exception_is_of_use() -> None:
    """The list names only what was recorded."""
    recorded = {_endpoint(row) for name in SERVERS for row in load(name)}
    assert set(NOT_IMITATED) <= recorded


# Values that the emulator cannot or need not imitate.
OTHER_VALUES = (
    # 8.19 lists the index privileges as pairs, in an order that differs from run to run.
    "unknown index privilege",
    # Java and Python describe a broken regular expression differently.
    "pattern_syntax_exception",
    # Something that was not recorded changed a key of this user between two recorded requests.
    "{'query': {'term': {'username': 'u_own'}}}",
)


@pytest.mark.parametrize("name", list(SERVERS))
def test_values_are_alike(name: str) -> None:
    """Beyond the shape: every value too, texts of errors included, except ids, times, and places in bodies."""
    unlike = []
    for outcome in _outcomes(name):
        seen = str(outcome.row)
        if _endpoint(outcome.row) not in NOT_IMITATED and not any(text in seen for text in OTHER_VALUES):
            unlike += compare_values(outcome.expected, outcome.body)
    assert not unlike
