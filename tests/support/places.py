# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie, and taking turns there."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache"
LOGS = CACHE / "logs"
# Python compiles what it imports once, also where the developer's shell says otherwise, and writes nothing beside the sources:
# without this, a third of the time of a run of ansible-playbook goes into compiling Ansible.
BYTECODE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode"),
    "PYTHONPATH": str(Path(__file__).with_name("startup")),
}


@contextlib.contextmanager
def turn(name: str) -> Iterator[None]:
    """One process in this checkout at a time; the turn ends with its process."""
    path = CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
