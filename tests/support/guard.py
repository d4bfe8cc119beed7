# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command for as long as this program's standard input stays open: guard.py DIRECTORY -- COMMAND...

Whoever starts it holds the other end. However that process ends, kill -9 included, the system closes the pipe, the
command's whole process group is ended, and DIRECTORY, which holds its data, is removed.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys

GRACE = 10


def main() -> int:
    directory, command = sys.argv[1], sys.argv[3:]
    # An exception, not the end of the process: what follows in "finally" must still happen.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while child.poll() is None:
            if select.select([sys.stdin], [], [], 0.2)[0] and not os.read(0, 1024):
                return 0
        return child.returncode
    finally:
        end(child)
        shutil.rmtree(directory, ignore_errors=True)


def end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)


if __name__ == "__main__":
    sys.exit(main())
