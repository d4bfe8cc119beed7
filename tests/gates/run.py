# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs gates, four at a time, and says what came of it: run.py setup | all | GROUP... | GATE...

A gate that this machine has no means for is left out, and the summary says so; where CI=true it fails instead.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import signal
import sys
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import environments
from environments import Missing
from gates import GATES, Gate
from room import Failed, Room, git
from support import elasticsearch_node, servers, spread
from support.places import CHECKOUT, turn

LANES = 4
LEFT_OUT = "left out"
SHOWN_LINES = 400
# The line in which pytest counts.
COUNTED = re.compile(r"^=+ (.*\b(?:passed|failed|error|skipped|no tests ran)\b.* in .*s.*) =+$", re.MULTILINE)


@dataclasses.dataclass
class Result:
    gate: str
    outcome: str
    seconds: float
    notes: list[str]


class Runner:
    """One run: its servers, its rooms, and its results in the order of the table."""

    def __init__(self, gates: list[Gate]) -> None:
        self._gates = gates
        self._servers = servers.Servers()
        self._starting: dict[str, Future[servers.Server]] = {}
        self._rooms: list[Room] = []
        self._printing = Lock()

    def run(self) -> list[Result]:
        needed = {gate.server for gate in self._gates if gate.server and not servers.missing(gate.server)}
        with ThreadPoolExecutor(len(needed) or 1) as starters, ThreadPoolExecutor(LANES) as lanes:
            try:
                self._starting = {name: starters.submit(self._servers.get, name) for name in needed}
                return list(lanes.map(self._pass, self._gates))
            finally:
                lanes.shutdown(wait=False, cancel_futures=True)
                for room in self._rooms:
                    room.end()
                self._servers.stop()

    def _pass(self, gate: Gate) -> Result:
        # Another run in this checkout may be at the same gate: it has the same log and the same copy.
        with turn(f"gate-{gate.name}"):
            with self._printing:
                print(f"{clock()}  start    {gate.name}", flush=True)
            started = time.monotonic()
            room = Room(gate.name)
            self._rooms.append(room)
            outcome, notes = self._outcome(gate, room)
            room.close()
            return self._tell(Result(gate.name, outcome, time.monotonic() - started, notes), room)

    def _outcome(self, gate: Gate, room: Room) -> tuple[str, list[str]]:
        try:
            if gate.server:
                self._lend_server(gate.server, room)
            gate.check(room)
        except Missing as reason:
            return "failed" if servers.required() else LEFT_OUT, [str(reason)]
        except Failed as reason:
            return "failed", [str(reason)]
        except servers.Unavailable as reason:
            room.say(str(reason))
            return "failed", [str(reason).splitlines()[0]]
        except Exception as reason:
            room.say(traceback.format_exc())
            return "failed", [repr(reason)]
        return "passed", []

    def _lend_server(self, name: str, room: Room) -> None:
        reason = servers.missing(name)
        if reason:
            raise Missing(reason)
        self._starting[name].result()
        room.variables[servers.VARIABLE] = self._servers.as_variable()
        tested = {gate.server for gate in self._gates if gate.group == "system" and gate.server}
        room.variables[spread.BESIDE] = ",".join(sorted(name for name in tested if not servers.missing(name)))

    def _tell(self, result: Result, room: Room) -> Result:
        log = room.log_path.read_text(encoding="utf-8", errors="replace")
        result.notes += COUNTED.findall(log)
        with self._printing:
            line = f"{clock()}  {result.outcome:8} {result.gate}  {result.seconds:.0f} s  {'; '.join(result.notes)}"
            print(line.rstrip(), flush=True)
            if result.outcome == "failed":
                lines = log.splitlines()
                print(f"----- {room.log_path.relative_to(CHECKOUT)}")
                print("\n".join(lines[-SHOWN_LINES:]))
                print(f"----- end of {result.gate}", flush=True)
        return result


def clock() -> str:
    return time.strftime("%H:%M:%S")


def untouched(before: str) -> Result:
    """Neither a tool nor a test leaves anything in the checkout."""
    new = sorted(set(git("status", "--porcelain").splitlines()) - set(before.splitlines()))
    return Result("untouched", "failed" if new else "passed", 0, [f"left behind: {', '.join(new)}"] if new else [])


def summary(results: list[Result]) -> int:
    """The table; the status for the shell."""
    print()
    for result in results:
        print(f"{result.outcome:9}{result.gate:28}{result.seconds:5.0f} s  {'; '.join(result.notes)}".rstrip())
    left_out = [result for result in results if result.outcome == LEFT_OUT]
    if left_out:
        print(f"\n{'!' * 100}\n!!  LEFT OUT, because something is missing on this machine:")
        for result in left_out:
            print(f"!!  {result.gate}: {'; '.join(result.notes)}")
        print("!" * 100)
    passed = sum(result.outcome == "passed" for result in results)
    failed = sum(result.outcome == "failed" for result in results)
    print(f"\n{passed} passed, {failed} failed" + (f", {len(left_out)} left out" if left_out else ""))
    return 1 if failed else 0


def setup() -> int:
    """Everything that can be had before a test runs: the environments, and the jars of the real servers."""
    with ThreadPoolExecutor(LANES) as lanes:
        list(lanes.map(environments.make, environments.ALL))
    print(f"the developer's environment is {environments.DEVELOPER.directory.relative_to(CHECKOUT)}")
    for name in elasticsearch_node.VERSIONS:
        reason = servers.missing(name)
        if not reason:
            elasticsearch_node.build(name)
        print(f"Elasticsearch {name}: {reason or 'ready'}")
    return 0


def select(words: list[str]) -> list[Gate]:
    return [gate for gate in GATES if "all" in words or gate.group in words or gate.name in words]


def main() -> int:
    known = {"setup": None, "all": None, **{gate.group: None for gate in GATES}, **{gate.name: None for gate in GATES}}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=known, metavar="WHAT", help=", ".join(known))
    words = parser.parse_args().what
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if "setup" in words:
            return setup()
        before = git("status", "--porcelain")
        results = Runner(select(words)).run()
        return summary([*results, untouched(before)])
    except (Missing, elasticsearch_node.NotBuilt) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
