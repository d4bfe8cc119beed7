# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room one gate works in: its log, its copy of the collection, the commands it runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import IO

from environments import Environment, Missing, make, path_for
from support.places import BYTECODE, CACHE, CHECKOUT, LOGS

PLACE = Path("ansible_collections", "keysmith", "elastic")
# On a busy machine a gate takes up to half an hour; what takes longer than this hangs (s).
TIME_LIMIT = 60 * 60


class Failed(Exception):
    """The gate has found something."""


class Room:
    """Everything a gate writes is below .cache; whatever it has started can be ended from another thread."""

    def __init__(self, gate: str) -> None:
        self.gate = gate
        self.log_path = LOGS / f"{gate}.log"
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log: IO[str] = open(self.log_path, "w", encoding="utf-8")  # noqa: SIM115  (closed in close)
        self.variables: dict[str, str] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._lock = Lock()

    def run(
        self,
        environment: Environment,
        program: str,
        *arguments: object,
        cwd: Path = CHECKOUT,
        variables: dict[str, str] | None = None,
    ) -> None:
        """Raises Failed unless the program, which is installed in the environment, succeeds."""
        make(environment)
        command = [environment.program(program), *(str(argument) for argument in arguments)]
        self.say(f"$ {' '.join([program, *command[1:]])}   (in {cwd})")
        self._wait(self._start(command, cwd, {**self._variables(environment), **(variables or {})}), program)

    def say(self, text: str) -> None:
        self._log.write(text + "\n")
        self._log.flush()

    def end(self) -> None:
        """Ends what runs now, and lets nothing else start."""
        with self._lock:
            self._ended = True
            if self._child and self._child.poll() is None:
                for number in (signal.SIGTERM, signal.SIGKILL):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self._child.pid, number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._child.wait(5)

    def close(self) -> None:
        self._log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def directory(self) -> Path:
        return CACHE / "work" / self.gate

    @cached_property
    def copy(self) -> Path:
        """The collection as it would be committed now, where its name says that it must lie.

        A copy, because ansible-test follows a link back to the checkout, and so that a tool leaves its litter here.
        A repository of its own, because ansible-test asks git for the files, and to the checkout's all this is ignored.
        """
        target = self.directory / PLACE
        shutil.rmtree(self.directory, ignore_errors=True)
        for name in files():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, target / name, follow_symlinks=False)
        subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
        return target

    def _variables(self, environment: Environment) -> dict[str, str]:
        """What the developer has set for Ansible's own use must not change what a gate says."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        own = {"PATH": path_for(environment), "NO_COLOR": "1", **BYTECODE}
        return {**inherited, **own, **self.variables}

    def _start(self, command: list[str], cwd: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise Failed("interrupted")
            self._child = subprocess.Popen(
                command,
                cwd=cwd,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._child

    def _wait(self, child: subprocess.Popen[bytes], program: str) -> None:
        started = time.monotonic()
        try:
            status = child.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            self.end()
            raise Failed(f"{program} was still running after {TIME_LIMIT} s") from None
        self.say(f"[{program}: status {status} after {time.monotonic() - started:.0f} s]")
        if status:
            raise Failed(f"{program} ended with status {status}")


def files() -> list[str]:
    """What is committed, or would be."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in set(listed) if name and os.path.lexists(CHECKOUT / name))


def git(*arguments: str) -> str:
    if shutil.which("git") is None:
        raise Missing("git is not there")
    return subprocess.run(["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
