# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of the tests does not outlive them, however they end."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import guard

# A server with a process of its own; the lock, which both hold, says that one of them still runs.
SERVER = "import fcntl, os, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); os.fork(); time.sleep(60)"
HOLDER = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); time.sleep(60)"


def guarded(data: Path, *program: str) -> list[str]:
    return [sys.executable, guard.__file__, str(data), "--", sys.executable, "-c", *program]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def is_locked(path: Path) -> bool:
    with open(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_the_process_that_holds_it(tmp_path: Path, number: signal.Signals) -> None:
    data, lock = tmp_path / "data", tmp_path / "lock"
    data.mkdir()
    lock.touch()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, *guarded(data, SERVER, str(lock))])
    wait_for(lambda: is_locked(lock))

    holder.send_signal(number)
    holder.wait()

    wait_for(lambda: not is_locked(lock))
    wait_for(lambda: not data.exists())


def test_the_guard_hands_on_how_the_server_ended(tmp_path: Path) -> None:
    ended = subprocess.Popen(guarded(tmp_path / "data", "raise SystemExit(7)"), stdin=subprocess.PIPE)
    assert ended.wait() == 7
