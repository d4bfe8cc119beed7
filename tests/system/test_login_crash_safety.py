# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""es_login is killed (kill -9) at each request and each write of the store, and two of it run at once; a stored password always works.

Every point on the emulator, a spread on the real servers, everything everywhere with KEYSMITH_LONG=1.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.admin import PASSWORD, Admin, UniqueNames
from support.life import Litter
from support.login import HOUR, LoginUnderTest
from support.module_server import ModuleServer, Result

AT_ONCE = 6
SPREAD = 3
# A request of a process that died may still be under way.
ARRIVED = 0.3
PAIRS = 60 if os.environ.get("KEYSMITH_LONG") else 8
SPREAD_SECONDS = 0.3

Prepare = Callable[[LoginUnderTest], dict[str, Any]]


def nothing(login: LoginUnderTest) -> dict[str, Any]:
    return {}


def due(login: LoginUnderTest) -> dict[str, Any]:
    login.ok()
    login.age(2 * HOUR)
    return {"max_age": "1h"}


def own(login: LoginUnderTest) -> dict[str, Any]:
    return {**due(login), "login_store": str(login.path), "rights": None}


def first_credential(login: LoginUnderTest) -> dict[str, Any]:
    login.admin.create_user(login.name, ["superuser"])
    return {"username": login.name, "password": PASSWORD, "rights": None, "adopt": True}


def doomed(login: LoginUnderTest) -> dict[str, Any]:
    login.ok()
    return {"state": "absent"}


SCENARIOS: dict[str, Prepare] = {
    "create": nothing,
    "change": due,
    "own": own,
    "first-credential": first_credential,
    "absent": doomed,
}


class Place:
    """What the points of one test share."""

    def __init__(self, admin: Admin, unique: UniqueNames, folder: Path, litter: Litter, modules: ModuleServer) -> None:
        self.admin, self.unique, self.folder, self.litter, self.modules = admin, unique, folder, litter, modules

    def login(self, number: int) -> LoginUnderTest:
        folder = self.folder / str(number)
        folder.mkdir()
        return LoginUnderTest(self.admin, self.unique, folder, self.litter, f"login-{number}")

    def run(self, login: LoginUnderTest, options: dict[str, Any], kill: int | None = None) -> Result:
        return self.modules.run(login.options(**options), kill=kill, module="es_login")


@pytest.fixture
def place(admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter, modules: ModuleServer) -> Place:
    return Place(admin, unique, tmp_path, litter, modules)


def kill_at(place: Place, number: int, scenario: str) -> str | None:
    """Kill at one step, let one plain run follow, and return what was wrong then, None: nothing."""
    login = place.login(number)
    options = SCENARIOS[scenario](login)
    killed = place.run(login, options, kill=number)
    what = f"killed before step {number}, after {killed.steps[-1:]}"
    try:
        assert killed.killed, what
        if killed.under_way:
            time.sleep(ARRIVED)
        assert_usable(login, what, scenario)
        if scenario == "first-credential" and login.path.exists():
            options = {"login_store": str(login.path), "rights": None}
        mended = place.run(login, options)
        assert mended.code is None, f"{what}: the next run failed: {mended.printed}"
        assert_mended(login, what, scenario)
    except AssertionError as wrong:
        return str(wrong).splitlines()[0]
    return None


def assert_usable(login: LoginUnderTest, what: str, scenario: str) -> None:
    """Whenever the process died: the store logs in, or the password that was known before."""
    if scenario in ("change", "own") or (scenario == "first-credential" and login.path.exists()):
        assert login.logs_in(), f"{what}: no stored password works"
    elif scenario == "first-credential":
        assert login.lets_in(PASSWORD), f"{what}: the known password is dead and none is stored"


def assert_mended(login: LoginUnderTest, what: str, scenario: str) -> None:
    if scenario == "absent":
        assert login.everything() == (None, None, None), f"{what}: something is left"
    else:
        assert login.record["pending"] is None, f"{what}: a password is still pending"
        assert login.lets_in(login.password), f"{what}: the current password is refused"
    left = {entry.name for entry in login.folder.iterdir()} - {login.path.name, f".{login.path.name}.lock"}
    assert left == set(), f"{what}: left behind {left}"


def points(place: Place, count: int) -> list[int]:
    """Which steps to be killed before."""
    if place.admin.server.kind == "emulator" or os.environ.get("KEYSMITH_LONG"):
        return list(range(count))
    return list(range(count % SPREAD, count, SPREAD))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_run_leaves_a_password_that_works(place: Place, scenario: str) -> None:
    whole = place.login(1000)
    ran = place.run(whole, SCENARIOS[scenario](whole))
    assert ran.changed
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(lambda number: kill_at(place, number, scenario), points(place, len(ran.steps))))
    assert [text for text in wrong if text] == []


def meet(place: Place, number: int, scenario: str) -> str:
    """Two runs on one store, the second a little later; returns how they ended."""
    login = place.login(number)
    options = SCENARIOS[scenario](login)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(place.run, login, options)
        time.sleep(number * SPREAD_SECONDS / PAIRS)
        other = pool.submit(place.run, login, options)
    ends = sorted(ran.result().code or "done" for ran in (one, other))
    assert set(ends) <= {"done", "taken_over"}, [ran.result().printed for ran in (one, other)]
    assert "done" in ends, ends
    assert login.logs_in()
    assert place.run(login, options).code is None
    assert_mended(login, str(ends), scenario)
    return " + ".join(ends)


@pytest.mark.parametrize("scenario", ["create", "change", "own"])
def test_of_two_runs_one_announces(place: Place, scenario: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        ends = Counter(pool.map(lambda number: meet(place, number, scenario), range(PAIRS)))
    assert sum(ends.values()) == PAIRS
