# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of Elastic Cloud and ECE are killed (kill -9) at each request and each write of the store; the next run mends the rest.

With mark_description nothing is left; without it what a killed create left is named, and is nobody's to touch. Every step of a marked
rotation, and of the others a spread; everything with KEYSMITH_LONG=1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from support.cloud_life import CloudLife
from support.module_server import ModuleServer, Result, assert_one_run_mends

# Most of the time is waiting.
AT_ONCE = 4
SPREAD = 3


class Point:
    """One key, whose module is killed once."""

    def __init__(self, life: CloudLife, name: str, modules: ModuleServer, mark: bool) -> None:
        self.life = CloudLife(life.kind, life.service, life.folder / name)
        self.life.folder.mkdir()
        self.life.name = name
        self.modules, self.mark = modules, mark

    def module(self, kill: int | None = None, **given: Any) -> Result:
        options = self.life.options(**{"mark_description": self.mark, **given})
        return self.modules.run(options, kill=kill, module=self.life.kind.kind.name)

    def assert_usable(self, what: str) -> None:
        """Whenever the process died: what is stored works."""
        if self.life.secrets():
            assert self.life.works(), f"{what}: the stored secret is dead"

    def assert_mended(self, what: str, ran: Result) -> None:
        alive = set(self.life.living())
        if not self.life.path.exists():
            assert alive == set(), f"{what}: still alive"
            return
        self.assert_usable(what)
        assert self.life.current in alive, f"{what}: the stored key does not live"
        orphans = alive - {self.life.current} - {previous["id"] for previous in self.life.record["previous"]}
        if self.mark:
            assert orphans == set(), f"{what}: orphans {orphans}"
        for orphan in orphans:
            assert orphan in json.dumps(ran.printed.get("warnings")), f"{what}: nobody is told of {orphan}"


def nothing(point: Point) -> dict[str, Any]:
    return {}


def due(point: Point) -> dict[str, Any]:
    assert point.module(expiration="1d").changed
    return {"renew_before": "2d", "overlap": "0s"}


def itself(point: Point) -> dict[str, Any]:
    """The key that is rotated is the login."""
    alike = point.life.kind.alike
    assert point.module(expiration="1d", **alike).changed
    return {**alike, "login_store": str(point.life.path), "renew_before": "2d", "overlap": "0s"}


def doomed(point: Point) -> dict[str, Any]:
    assert point.module().changed
    assert point.module(force_rotate=True).changed
    return {"state": "absent"}


SCENARIOS: dict[str, Callable[[Point], dict[str, Any]]] = {
    "create": nothing,
    "rotate": due,
    "rotate-itself": itself,
    "absent": doomed,
}


def kill_at(point: Point, number: int, options: dict[str, Any]) -> str | None:
    """Kill at one step, let one plain run follow, and return what was wrong then, None: nothing."""
    killed = point.module(kill=number, **options)
    what = f"killed before step {number}, after {killed.steps[-1:]}"
    try:
        # A session is ended after everything else.
        assert killed.killed or killed.changed, what
        if options.get("state") != "absent":
            point.assert_usable(what)
        assert_one_run_mends(partial(point.module, **options), lambda ran: point.assert_mended(what, ran), what)
    except AssertionError as wrong:
        return str(wrong).splitlines()[0]
    return None


@pytest.mark.parametrize("mark", [False, True], ids=["plain", "marked"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_run_leaves_a_secret_that_works(
    cloud_life: CloudLife, modules: ModuleServer, scenario: str, mark: bool
) -> None:
    prepare = SCENARIOS[scenario]
    whole = Point(cloud_life, "whole", modules, mark)
    ran = whole.module(**prepare(whole))
    assert ran.changed, ran.printed

    spread = 1 if os.environ.get("KEYSMITH_LONG") or (mark and scenario == "rotate") else SPREAD

    def kill(number: int) -> str | None:
        point = Point(cloud_life, f"at-{number:02}", modules, mark)
        return kill_at(point, number, prepare(point))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(kill, range(len(ran.steps) % spread, len(ran.steps), spread)))
    assert [text for text in wrong if text] == []
