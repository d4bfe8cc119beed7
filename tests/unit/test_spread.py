# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left out on one server runs on another."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from support import servers, spread
from support.places import CHECKOUT

SYSTEM = CHECKOUT / "tests" / "system"


@pytest.fixture(autouse=True)
def _as_on_the_build_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEYSMITH_LONG", spread.BESIDE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("listed", spread.ON_ONE_REAL_SERVER)
def test_what_is_listed_is_there_and_runs_on_the_emulator_and_one_real_server(listed: str) -> None:
    file, _colons, test = listed.partition("::")
    text = (SYSTEM / file).read_text(encoding="utf-8")
    assert f"def {test or 'test_'}" in text
    runs_on = [name for name in servers.NAMES if not spread.left_to(file, test, name, [name])]
    assert runs_on == [name for name in servers.NAMES if name in ("emulator", spread.ON_ONE_REAL_SERVER[listed])]


@pytest.mark.parametrize("listed", spread.REAL_IS_ENOUGH)
def test_the_emulator_leaves_some_to_a_real_server_that_is_tested_beside_it(
    monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    file, _colons, test = listed.partition("::")
    assert f"def {test or 'test_'}" in (SYSTEM / file).read_text(encoding="utf-8")
    real = spread.REAL_IS_ENOUGH[listed]
    for beside, left in (("emulator", None), (f"emulator,{real}", real)):
        monkeypatch.setenv(spread.BESIDE, beside)
        assert spread.left_to(file, test, "emulator", ["emulator"]) == left
        assert spread.left_to(file, test, real, [real]) is None


def test_both_real_servers_have_half_of_them() -> None:
    older, newer = (Counter(spread.ON_ONE_REAL_SERVER.values())[name] for name in (spread.OLDER, spread.NEWER))
    assert abs(older - newer) <= 1


def test_a_test_of_no_server_runs_once() -> None:
    assert [name for name in servers.NAMES if not spread.left_to("x.py", "test_x", None, [name])] == ["emulator"]
    assert spread.left_to("x.py", "test_x", None, list(servers.NAMES)) is None


def test_everything_else_runs_everywhere() -> None:
    assert not any(spread.left_to("test_no_leaks.py", "test_x", name, [name]) for name in servers.NAMES)


def test_nothing_is_left_out_when_time_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSMITH_LONG", "1")
    for listed in spread.ON_ONE_REAL_SERVER:
        file, _colons, test = listed.partition("::")
        assert not any(spread.left_to(file, test, name, [name]) for name in servers.NAMES)


def test_contributing_lists_them() -> None:
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(test_\w+\.py(?:::\w+)?)`", text))
    assert {*spread.ON_ONE_REAL_SERVER, *spread.REAL_IS_ENOUGH} <= told
