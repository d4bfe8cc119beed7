# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of another version or flavour than the one that all tests share, for one test."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import servers


@contextmanager
def emulator(*arguments: str) -> Iterator[servers.Server]:
    """Start one with these options of its command line; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="keysmith-emulator-") as folder:
        command, port_file = servers.emulator_command(Path(folder))
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
        try:
            while (url := servers.url_in(port_file)) is None:
                assert process.poll() is None, "the emulator did not start"
                time.sleep(0.02)
            version = servers.request(url, "GET", "/")["version"]["number"]
            yield servers.Server(" ".join(arguments), url, version, kind="emulator", control=f"{url}/_emulator")
        finally:
            process.terminate()
            process.wait()
