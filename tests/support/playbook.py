# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook of one ansible-core in a home of its own, so that everything that it writes can be looked at."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates import environments
from support import collection
from support.places import BYTECODE

CALLBACKS = Path(__file__).with_name("callbacks")
PATIENCE = 240


@dataclasses.dataclass(frozen=True)
class Event:
    """What every callback was given of one task."""

    event: str
    task: str
    result: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run. What it has written is below `home`."""

    status: int
    stdout: str
    stderr: str
    home: Path
    events: list[Event]

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def of(self, task: str) -> Event:
        """The final event of a task."""
        found = [event for event in self.events if event.task == task and event.event in ("ok", "failed", "skipped")]
        if not found:
            raise AssertionError(f"no task {task!r} has ended:\n{self.output[-4000:]}")
        return found[-1]


@dataclasses.dataclass(frozen=True)
class Started:
    """A run that goes on. Its processes, some of which are in sessions of their own, are known by a variable of theirs."""

    process: subprocess.Popen[bytes]
    mark: bytes
    file: Path

    def wait_for(self, task: str) -> None:
        """Until this task has ended well, or the run has."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and not any(
            e.task.endswith(task) and e.event == "ok" for e in _read(self.file)
        ):
            assert time.monotonic() < deadline, f"{task} did not end"
            time.sleep(0.02)

    def kill(self) -> bool:
        """kill -9 of ansible-playbook and all its children; False: it had already ended."""
        under_way = self.process.poll() is None
        while True:
            marked = [number for number in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(number)]
            if not marked:
                self.process.wait()
                return under_way
            for number in marked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            # Reaped, it is no longer listed with its environment.
            self.process.poll()

    def _is_ours(self, number: int) -> bool:
        try:
            return self.mark in Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


class Stage:
    """A place for runs under one core: `home` is all that they may write to, `given` what they are given and may not repeat."""

    def __init__(self, folder: Path, core: str) -> None:
        self.core = core
        self.home = folder / "home"
        self.given = folder / "given"
        self._events = folder / "events"
        self._runs = itertools.count(1)
        for place in (self.home, self.given, self._events):
            place.mkdir(parents=True, mode=0o700)
        # The sockets of newer cores lie in TMPDIR, and the path of a socket is short; a worker of pytest-xdist has a long one.
        self._nearby = tempfile.TemporaryDirectory(prefix="ks-")
        self._temporary = Path(self._nearby.name) / "home"
        self._temporary.symlink_to(self.home)
        self._environment = environments.CORE[core]
        environments.make(self._environment)

    @property
    def python(self) -> str:
        return self._environment.program("python")

    def run(
        self,
        tasks: Sequence[Mapping[str, Any]],
        variables: Mapping[str, Any],
        *arguments: str,
        play: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run these tasks on localhost. Several runs may go on at once."""
        prepared = self._prepare(tasks, variables, arguments, play, environment)
        return self._finish(*prepared)

    def run_playbook(
        self,
        playbook: str,
        variables: Mapping[str, Any],
        *arguments: str,
        inventory: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: Path | None = None,
    ) -> Run:
        """Run a playbook by its path, or one of the collection by its name; without an inventory for localhost.

        `stdin`: a file that it may read.
        """
        number = next(self._runs)
        hosts = [] if inventory is None else ["--inventory", str(self._write(f"inventory-{number}.yml", inventory))]
        return self._finish(*self._command(number, playbook, variables, [*arguments, *hosts], environment), stdin)

    def _finish(self, command: list[str], told: dict[str, str], events: Path, stdin: Path | None = None) -> Run:
        with (stdin or Path(os.devnull)).open("rb") as given:
            done = subprocess.run(
                command,
                cwd=self.given,
                env=told,
                stdin=given,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        return Run(done.returncode, done.stdout, done.stderr, self.home, _read(events))

    def start(
        self,
        tasks: Sequence[Mapping[str, Any]],
        variables: Mapping[str, Any],
        *arguments: str,
        play: Mapping[str, Any] | None = None,
    ) -> Started:
        """Begin such a run, to be killed."""
        command, told, events = self._prepare(tasks, variables, arguments, play, None)
        mark = f"KEYSMITH_RUN={secrets.token_hex(8)}"
        name, _equals, value = mark.partition("=")
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            command, cwd=self.given, env={**told, name: value}, stdin=quiet, stdout=quiet, stderr=quiet
        )
        return Started(child, mark.encode(), events)

    def _prepare(
        self,
        tasks: Sequence[Mapping[str, Any]],
        variables: Mapping[str, Any],
        arguments: Sequence[str],
        play: Mapping[str, Any] | None,
        environment: Mapping[str, str] | None,
    ) -> tuple[list[str], dict[str, str], Path]:
        """The command, its environment, and where its events will be."""
        number = next(self._runs)
        plays = [{"hosts": "localhost", "gather_facts": False, **(play or {}), "tasks": list(tasks)}]
        playbook = self._write(f"playbook-{number}.yml", plays)
        return self._command(number, str(playbook), variables, arguments, environment)

    def _command(
        self,
        number: int,
        playbook: str,
        variables: Mapping[str, Any],
        arguments: Sequence[str],
        environment: Mapping[str, str] | None,
    ) -> tuple[list[str], dict[str, str], Path]:
        values = self._write(f"variables-{number}.json", {"ansible_python_interpreter": self.python, **variables})
        events = self._events / f"{number}.jsonl"
        program = self._environment.program("ansible-playbook")
        command = [program, *arguments, "--extra-vars", f"@{values}", playbook]
        return command, {**self.variables(), "RECORD_EVENTS": str(events), **(environment or {})}, events

    def variables(self) -> dict[str, str]:
        """The environment of a run; nothing of the developer's own Ansible gets in."""
        home = str(self.home)
        return {
            "PATH": f"{Path(self.python).parent}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": home,
            "TMPDIR": str(self._temporary),
            "ANSIBLE_HOME": f"{home}/ansible",
            "ANSIBLE_LOCAL_TEMP": f"{home}/local",
            "ANSIBLE_REMOTE_TEMP": f"{home}/remote",
            "ANSIBLE_LOG_PATH": f"{home}/ansible.log",
            "ANSIBLE_COLLECTIONS_PATH": str(collection.collections_path()),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record_events,tree,junit",
            "ANSIBLE_CALLBACK_TREE_DIR": f"{home}/tree",
            "JUNIT_OUTPUT_DIR": f"{home}/junit",
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
            "ANSIBLE_NOCOLOR": "1",
            **BYTECODE,
        }

    def _write(self, name: str, content: Any) -> Path:
        path = self.given / name
        # JSON is YAML.
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return path


def _read(events: Path) -> list[Event]:
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return [Event(**json.loads(line)) for line in lines]
