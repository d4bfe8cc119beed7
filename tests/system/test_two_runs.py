# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two processes at once on one store: one makes the key, the other says so or finds nothing to do; nothing else is touched.

The second one starts a little later in each pair, so that over all pairs it meets every stage of the first one.
KEYSMITH_LONG=1 for more pairs.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.life import Life
from support.module_server import ModuleServer, Result

PAIRS = 200 if os.environ.get("KEYSMITH_LONG") else 20
# How many pairs at once, and over how many seconds the second runs' starts are spread.
AT_ONCE = 4
SPREAD_SECONDS = 0.3


class Pair:
    """One key, which two runs are to see to."""

    def __init__(self, life: Life, number: int, modules: ModuleServer, due: bool) -> None:
        self.life = life.namesake(f"{life.name}-{number}")
        self.delay = number * SPREAD_SECONDS / PAIRS
        self.modules = modules
        self.first = [self.life.begin()] if due else []
        self.options: dict[str, Any] = self.life.options(overlap="1h", **(self.life.due() if due else {}))
        self.stranger = self.life.make_key()["id"]

    def run(self) -> str:
        """Both runs; returns how they ended, in one word each."""
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(self.modules.run, self.options)
            time.sleep(self.delay)
            other = pool.submit(self.modules.run, self.options)
        ends = sorted(end_of(ran.result()) for ran in (one, other))
        self.check(ends)
        return " + ".join(ends)

    def check(self, ends: list[str]) -> None:
        assert ends.count("issued") == 1, ends
        assert set(ends) <= {"issued", "retired", "taken over", "unchanged"}, ends
        assert self.life.works()
        expected = {*self.first, self.stranger, self.life.current}
        assert set(self.life.alive(name=self.life.name)) == expected, ends
        assert self.life.remaining(self.stranger) == float("inf")
        again = self.modules.run(self.options)
        assert not again.changed, again.printed["reasons"]
        assert all(self.life.remaining(key_id) <= 3601 for key_id in self.first)


def end_of(ran: Result) -> str:
    if ran.code == "taken_over":
        return "taken over"
    if ran.code is not None:
        return str(ran.printed)
    if not ran.changed:
        return "unchanged"
    reasons = " ".join(ran.printed["reasons"])
    return "issued" if "rotated" in reasons or "created" in reasons else "retired"


@pytest.mark.parametrize("due", [True, False], ids=["rotation", "creation"])
def test_of_two_runs_one_makes_the_key(life: Life, modules: ModuleServer, due: bool) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = Counter(pool.map(lambda number: Pair(life, number, modules, due).run(), range(PAIRS)))
    assert sum(ends.values()) == PAIRS
    assert sum(times for pair, times in ends.items() if "taken over" in pair) > 0, ends
