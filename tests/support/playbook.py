# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook of one ansible-core in a home of its own, so that everything that it writes can be looked at."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates import environments
from support import collection

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
        number = next(self._runs)
        plays = [{"hosts": "localhost", "gather_facts": False, **(play or {}), "tasks": list(tasks)}]
        playbook = self._write(f"playbook-{number}.yml", plays)
        return self.run_playbook(str(playbook), variables, *arguments, environment=environment)

    def run_playbook(
        self,
        playbook: str,
        variables: Mapping[str, Any],
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: Path | None = None,
    ) -> Run:
        """Run a playbook that is there: a path, or the name of one in a collection. `stdin`: a file that it may read."""
        number = next(self._runs)
        values = self._write(f"variables-{number}.json", {"ansible_python_interpreter": self.python, **variables})
        events = self._events / f"{number}.jsonl"
        command = [self._environment.program("ansible-playbook"), *arguments, "--extra-vars", f"@{values}", playbook]
        with (stdin or Path(os.devnull)).open("rb") as given:
            done = subprocess.run(
                command,
                cwd=self.given,
                env={**self.variables(), "RECORD_EVENTS": str(events), **(environment or {})},
                stdin=given,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        return Run(done.returncode, done.stdout, done.stderr, self.home, _read(events))

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
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _write(self, name: str, content: Any) -> Path:
        path = self.given / name
        # JSON is YAML.
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return path


def _read(events: Path) -> list[Event]:
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return [Event(**json.loads(line)) for line in lines]
