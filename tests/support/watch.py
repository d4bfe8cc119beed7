# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every user of the machine sees of a run while it lasts: the arguments of its processes, and for their owner the environment."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

LOOKS = 4


class Watch:
    """Looks at the arguments and the environment of every process while a run lasts."""

    def __init__(self) -> None:
        self.arguments: set[str] = set()
        self.variables: set[str] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        looked: dict[str, int] = {}
        while not self._done.wait(0.05):
            for process in os.listdir("/proc"):
                # A process is looked at more than once: at first it is still the copy of its parent.
                if process.isdigit() and looked.get(process, 0) < LOOKS:
                    looked[process] = looked.get(process, 0) + 1
                    self._look_at(Path("/proc", process))

    def _look_at(self, process: Path) -> None:
        for name, seen in (("cmdline", self.arguments), ("environ", self.variables)):
            # It has ended, or is another user's.
            with contextlib.suppress(OSError):
                seen.add((process / name).read_bytes().decode("utf-8", "replace"))
