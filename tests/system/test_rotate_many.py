# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of four hosts: rotated while their clients work, and by runs that are killed.

With KEYSMITH_LONG=1 these are twenty keys and twenty killed runs instead of eight and one, and the emulator takes part.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.admin import Admin, UniqueNames, api_key
from support.estate import Estate
from support.life import Litter
from support.servers import Server

CORE = "2.21"
HOSTS = 4
LONG = bool(os.environ.get("KEYSMITH_LONG"))
EACH, KILLED_RUNS = (5, 20) if LONG else (2, 1)
# A client's pause between two calls, and how long it takes at most between reading a secret and using it (s).
PAUSE, SETTLE = 0.02, 1


@pytest.fixture(scope="module")
def estate(server: Server, litter: Litter, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """One for all tests: each leaves it as it found it, with other keys."""
    if server.kind == "emulator" and not LONG:
        pytest.skip("what is measured here is real servers")
    folder = tmp_path_factory.mktemp("estate")
    estate = Estate(Admin(server), UniqueNames("estate"), litter, folder, CORE, HOSTS, EACH)
    made = estate.rotate("--forks", str(HOSTS))
    assert made.status == 0, made.output
    return estate


def due(estate: Estate, **more: str) -> dict[str, object]:
    """The variables that make every key of now due."""
    variables = estate.variables(rotate_if_created_before=estate.after_all(), settle=f"{SETTLE}s", **more)
    return {"rotate_defaults": variables["rotate_defaults"]}


class Clients:
    """One after the other, all keys' clients read their secret from the store and use it, again and again."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._ended = threading.Event()
        self.calls = 0
        self.refused: list[str] = []

    def work(self) -> None:
        paths = self._estate.paths()
        while not self._ended.is_set():
            for path in paths:
                encoded = self._estate.encoded(path)
                answer = self._estate.log_in(encoded)
                self.calls += 1
                if answer.status != 200:
                    self.refused.append(f"{path.stem}: {answer.status} {answer.body}")
                time.sleep(PAUSE)

    @contextmanager
    def at_work(self) -> Iterator[Clients]:
        thread = threading.Thread(target=self.work)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()


@pytest.mark.parametrize("overlap", ["0s", "1h"])
def test_no_client_is_ever_refused_while_twenty_keys_are_rotated(estate: Estate, overlap: str) -> None:
    others, before = estate.alive(), {record["current"]["id"] for record in estate.records().values()}
    old = [estate.encoded(path) for path in estate.paths()]
    with Clients(estate).at_work() as clients:
        done = estate.rotate("--forks", str(HOSTS), **due(estate, overlap=overlap))
    assert done.status == 0, done.output
    assert clients.refused == []
    assert clients.calls > 100
    after = {record["current"]["id"] for record in estate.records().values()}
    assert len(after) == HOSTS * EACH
    assert not after & before
    assert estate.alive() == (others - before if overlap == "0s" else others) | after
    if overlap == "0s":
        assert {estate.log_in(encoded).status for encoded in old} == {401}


def test_killed_runs_leave_working_secrets_and_one_plain_run_mends_the_rest(estate: Estate) -> None:
    stranger = estate.admin.create_key(f"{estate.prefix}-stranger", login=estate.login, role_descriptors={"none": {}})[
        "id"
    ]
    # The stranger, and what earlier tests left to end by itself.
    others = estate.alive() - {record["current"]["id"] for record in estate.records().values()}
    started = time.monotonic()
    assert estate.rotate("--forks", str(HOSTS)).status == 0
    # A run that finds nothing to do takes about half as long as one that rotates everything.
    whole = 2 * (time.monotonic() - started)
    moments = random.Random(time.time_ns())
    for number in range(KILLED_RUNS):
        wanted = due(estate)
        # Not in the first tenth, in which Ansible itself starts.
        moment = whole * moments.uniform(0.1, 1)
        run = estate.start(**wanted)
        time.sleep(moment)
        what = f"run {number}, killed after {moment:.1f} of {whole:.1f} s"
        run.kill()
        assert {estate.admin.authenticate(api_key(estate.encoded(path))).status for path in estate.paths()} == {200}, (
            what
        )
        mended = estate.rotate("--forks", str(HOSTS), **wanted)
        assert mended.status == 0, f"{what}: {mended.output}"
        records = estate.records().values()
        current = {record["current"]["id"] for record in records}
        listed = {previous["id"] for record in records for previous in record["previous"]}
        assert len(current) == HOSTS * EACH, what
        assert {estate.log_in(estate.encoded(path)).status for path in estate.paths()} == {200}, what
        alive = estate.alive()
        assert stranger in alive, what
        assert current <= alive <= current | listed | others, f"{what}: orphans {alive - current - listed - others}"
        assert all(not record["intent"] and "handover" not in record for record in records), what
    again = estate.rotate("--forks", str(HOSTS), **wanted)
    assert set(estate.told().values()) == {"unchanged"}, again.output
