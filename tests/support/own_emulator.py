# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of a test's own, for what the shared one cannot be: another flavour, or full of keys."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.servers import EMULATOR, Server, url_in


def services_of(folder: Path) -> dict[str, str]:
    """The addresses of the services of the emulator that was started in this folder: elasticsearch, elastic_cloud, ece."""
    addresses: dict[str, str] = json.loads((folder / "emulator.json").read_text())["urls"]
    return addresses


@contextmanager
def own_emulator(folder: Path, *arguments: str) -> Iterator[Server]:
    """Start one with these arguments of its command line; it ends with the block."""
    port_file = folder / "emulator.json"
    command = [sys.executable, str(EMULATOR), "--port", "0", "--port-file", str(port_file), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as emulator:
        try:
            deadline = time.monotonic() + 60
            while (url := url_in(port_file)) is None:
                assert emulator.poll() is None, "the emulator did not start"
                assert time.monotonic() < deadline, "the emulator is not ready in time"
                time.sleep(0.05)
            yield Server("own emulator", url, "", kind="emulator", control=f"{url}/_emulator")
        finally:
            emulator.terminate()
