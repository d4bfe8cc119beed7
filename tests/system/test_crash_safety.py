# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is killed (kill -9) at each request and each write of the store; the stored secret works, and one plain run mends the rest.

Every point of the five plain runs on the emulator; of what is left, a spread, and everything everywhere with KEYSMITH_LONG=1.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from support.admin import PASSWORD, Admin, basic
from support.life import NARROW, Life
from support.module_server import ModuleServer, Result, assert_one_run_mends

# Most of the time is waiting for the server.
AT_ONCE = 6
SPREAD = 4
# A request that was sent by a process that died may still be under way, and what it made is visible a moment later.
ARRIVED = 1.3
OVERLAP_SECONDS = 3600

Prepare = Callable[[Life], dict[str, Any]]


class Point:
    """One key of one owner that shares its name with strangers, and whose module is killed once."""

    def __init__(self, life: Life, number: int, other: str, modules: ModuleServer) -> None:
        self.life = life.namesake(f"{life.name}-{number}")
        self.modules = modules
        logins = (life.login, basic(other, PASSWORD))
        self.strangers = [self.life.make_key(login=login, expiration="80d")["id"] for login in logins]

    def module(self, kill: int | None = None, **given: Any) -> Result:
        options = {"overlap": f"{OVERLAP_SECONDS}s", **self.life.options(**given)}
        return self.modules.run(options, kill=kill)

    def assert_usable(self, what: str) -> None:
        """Whenever the process died: what is stored is whole, and works."""
        if self.life.path.exists() and self.life.record["current"]:
            assert self.life.works(), f"{what}: the stored secret is dead"

    def assert_mended(self, what: str, present: bool) -> None:
        alive = {key_id: self.life.remaining(key_id) for key_id in self.life.alive(name=self.life.name)}
        mine, other = self.strangers
        assert alive.pop(mine, 0) > 79 * 86400, f"{what}: a stranger of this owner was touched"
        assert self.life.remaining(other) > 79 * 86400, f"{what}: another owner's key was touched"
        assert not self.life.admin.key(other)["invalidated"], f"{what}: another owner's key was touched"
        if present:
            self.assert_usable(what)
            current = self.life.record["current"]
            assert alive.pop(current["id"], None), f"{what}: the stored key does not live"
            assert current["expiration"] == self.life.admin.key(current["id"]).get("expiration"), (
                f"{what}: another end is noted"
            )
            listed = {previous["id"] for previous in self.life.record["previous"]}
            assert set(alive) <= listed, f"{what}: orphans {set(alive) - listed}"
            assert all(left <= OVERLAP_SECONDS + 2 for left in alive.values()), f"{what}: outlive the overlap: {alive}"
        else:
            assert alive == {}, f"{what}: still alive"
            assert not self.life.path.exists(), f"{what}: the record is still there"
        left = {entry.name for entry in self.life.folder.iterdir()} - {"key.json", ".key.json.lock"}
        assert left == set(), f"{what}: left behind {left}"


def nothing(life: Life) -> dict[str, Any]:
    return {}


def due(life: Life) -> dict[str, Any]:
    life.begin()
    return dict(life.due())


def due_without_overlap(life: Life) -> dict[str, Any]:
    return {**due(life), "overlap": "0s", "settle": "0s"}


def differing(life: Life) -> dict[str, Any]:
    life.begin()
    return {"role_descriptors": {"reader": {"cluster": ["monitor"]}}, "metadata": {"team": "a"}}


def extensible(life: Life) -> dict[str, Any]:
    life.begin(expiration="1h")
    return {"expiration": "2h", "renew_before": "90m", "on_due": "extend"}


def doomed(life: Life) -> dict[str, Any]:
    life.begin()
    assert life.run(overlap="1h", **life.due()).changed
    return {"state": "absent"}


def left_behind(life: Life) -> dict[str, Any]:
    """A run died after its create: an orphan to be swept, and a rotation still to be made."""
    options = due(life)
    mark = life.mark()
    life.make_key(metadata=mark)
    life.tamper(intent=[{"nonce": mark["keysmith"]["nonce"], "at": life.server_time()}])
    return options


def handed_over(life: Life) -> dict[str, Any]:
    """The consumers have the new secret, and nobody has said so yet."""
    life.begin()
    assert life.run(retire=False, **life.due()).changed
    return {}


def lost_store(life: Life) -> dict[str, Any]:
    life.begin()
    life.path.unlink()
    return {}


PLAIN: dict[str, Prepare] = {
    "create": nothing,
    "rotate": due,
    "update": differing,
    "extend": extensible,
    "absent": doomed,
}
SCENARIOS: dict[str, Prepare] = {
    **PLAIN,
    "rotate-without-overlap": due_without_overlap,
    "sweep": left_behind,
    "confirm": handed_over,
    "lost-store": lost_store,
}


def kill_at(point: Point, number: int, prepare: Prepare) -> str | None:
    """Kill at one step, let one plain run follow, and return what was wrong then, None: nothing."""
    options = prepare(point.life)
    present = options.get("state") != "absent"
    killed = point.module(kill=number, **options)
    what = f"killed before step {number}, after {killed.steps[-1:]}"
    try:
        assert killed.killed, what
        if present:
            point.assert_usable(what)
        if killed.under_way:
            time.sleep(ARRIVED)
        assert_one_run_mends(partial(point.module, **options), lambda _mended: point.assert_mended(what, present), what)
    except AssertionError as wrong:
        return str(wrong).splitlines()[0]
    return None


def points(admin: Admin, scenario: str, steps: list[str]) -> list[int]:
    """Which steps to be killed before."""
    if os.environ.get("KEYSMITH_LONG") or (admin.server.kind == "emulator" and scenario in PLAIN):
        return list(range(len(steps)))
    return list(range(len(steps) % SPREAD, len(steps), SPREAD))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_run_leaves_a_secret_that_works_and_is_mended_by_the_next(
    life: Life, admin: Admin, modules: ModuleServer, scenario: str
) -> None:
    prepare = SCENARIOS[scenario]
    other = life.make_user("other", NARROW)
    whole = Point(life, 1000, other, modules)
    ran = whole.module(**prepare(whole.life))
    assert ran.changed
    wrong: list[str | None] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        chosen = points(admin, scenario, ran.steps)
        wrong += pool.map(lambda number: kill_at(Point(life, number, other, modules), number, prepare), chosen)
    assert [text for text in wrong if text] == []
