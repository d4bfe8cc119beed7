# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a real module, es_api_key unless told otherwise, each time in a process of its own, which kills itself (kill -9) at a given step.

A step is a request (about to be sent; sent, not answered) or a call that changes the store's folder. As a program this is the
server that has everything imported and forks for each run; `ModuleServer` starts it and asks it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
ROOM = "ansible_collections.keysmith.elastic.plugins.modules"
MODULES = ("es_api_key", "es_login", "ec_api_key", "ece_api_key")
SESSION = "ansible_collections.keysmith.elastic.plugins.module_utils._http.session"
SENT = "sent"
STORE_STEPS = ("write", "fsync", "rename", "unlink")
READY = b"ready\n"
PATIENCE = 120


class ModuleServer:
    """Use as a context manager; any number of threads may call `run`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="keysmith-module-")
        self._address = str(Path(self._folder.name) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == READY

    def __enter__(self) -> ModuleServer:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()
        self._folder.cleanup()

    def run(
        self, options: dict[str, Any], *, kill: int | None = None, check: bool = False, module: str = MODULES[0]
    ) -> Result:
        """Run the module with these options. `kill`: the number of the step before which the process ends, from 0 on."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(self._address)
            asked = {"module": module, "options": options, "kill": kill, "check": check}
            connection.sendall(json.dumps(asked).encode() + b"\n")
            lines = connection.makefile().read().splitlines()
        steps = [line[1:] for line in lines if line.startswith("#")]
        results = [json.loads(line) for line in lines if line.startswith("{")]
        return Result(steps, results[0] if results else None)


class Result:
    """The steps that a run has come to, and what the module printed; None: it was killed."""

    def __init__(self, steps: list[str], printed: dict[str, Any] | None) -> None:
        self.steps = steps
        self.killed = printed is None
        self.printed: dict[str, Any] = printed or {}

    @property
    def under_way(self) -> bool:
        """Was the last thing that the process did to send a request?"""
        return self.killed and bool(self.steps) and self.steps[-1] not in (SENT, *STORE_STEPS)

    @property
    def code(self) -> str | None:
        """How it failed; None: it did not."""
        return str(self.printed["failure"]["code"]) if self.printed.get("failed") else None

    @property
    def changed(self) -> bool:
        assert not self.killed
        assert not self.printed.get("failed"), self.printed
        return bool(self.printed["changed"])


def assert_one_run_mends(run: Callable[[], Result], mended: Callable[[Result], None], what: str) -> None:
    """After a run was killed a plain one puts right what is left, as `mended` checks, and the one after that has nothing to do."""
    next_one = run()
    assert next_one.code is None, f"{what}: the next run failed: {next_one.printed}"
    mended(next_one)
    again = run()
    assert again.code is None, f"{what}: the third run failed: {again.printed}"
    assert not again.changed, f"{what}: still something to do: {again.printed['reasons']}"


class Steps:
    """Counts what the run does, tells it, and ends the process where it is asked to."""

    def __init__(self, output: int, kill: int | None) -> None:
        self._output, self._kill, self._count = output, kill, 0
        self._write = os.write

    def step(self, what: str) -> None:
        if self._count == self._kill:
            os.kill(os.getpid(), signal.SIGKILL)
        self._count += 1
        self._write(self._output, f"#{what}\n".encode())

    def watch(self, owner: Any, name: str, told: Callable[..., str]) -> None:
        """Let every call of a function be a step."""
        real = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.step(told(*args))
            return real(*args, **kwargs)

        setattr(owner, name, watched)

    def watch_all(self) -> None:
        import urllib3.connection

        session = sys.modules[SESSION].Session  # type: ignore[attr-defined]
        self.watch(session, "exchange", lambda _, method, url, *__: f"{method} {url.split('/', 3)[3]}")
        self.watch(urllib3.connection.HTTPConnection, "getresponse", lambda *_: SENT)
        for name in STORE_STEPS:
            self.watch(os, name, lambda *_, name=name: name)


def be_the_module(connection: socket.socket) -> None:
    """In the child: run the module with what was asked; standard output is the connection."""
    from ansible.module_utils import basic

    asked = json.loads(connection.makefile().readline())
    os.dup2(connection.fileno(), 1)
    special = {"_ansible_check_mode": asked["check"], "_ansible_diff": True, "_ansible_no_log": False}
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {**asked["options"], **special}}).encode()
    # ansible-core 2.19 and newer want to be told how results are written.
    basic._ANSIBLE_PROFILE = "legacy"
    Steps(connection.fileno(), asked["kill"]).watch_all()
    sys.modules[f"{ROOM}.{asked['module']}"].main()  # type: ignore[attr-defined]


def serve(address: str) -> None:
    """Fork for each connection until standard input ends."""
    import select

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        os.write(1, READY)
        while True:
            ready, _writable, _broken = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _address = listener.accept()
            if os.fork() == 0:
                end_as_the_module(connection)
            connection.close()


def end_as_the_module(connection: socket.socket) -> None:
    """Never returns: what a forked process has from its parent must not be cleaned up twice."""
    try:
        be_the_module(connection)
    except SystemExit:
        sys.stdout.flush()
    except BaseException as problem:
        connection.sendall(f'{{"failed": true, "failure": {{"code": {json.dumps(repr(problem))}}}}}'.encode())
    finally:
        os._exit(0)


def main() -> None:
    sys.path.insert(0, str(TESTS))
    from support import collection

    collection.install()
    for module in MODULES:
        __import__(f"{ROOM}.{module}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # What was imported stays where it is: a collection in a child would copy all of it.
    gc.collect()
    gc.freeze()
    serve(sys.argv[1])


if __name__ == "__main__":
    main()
