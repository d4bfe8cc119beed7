# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the emulator, both as ``python3 -m keysmith_emulator`` and as ``python3 path/to/keysmith_emulator``."""

from __future__ import annotations

import sys
from pathlib import Path

# The package may lie in a checkout or in an installed collection, and neither is the place for byte code.
sys.dont_write_bytecode = True

if not __package__:
    # Run as a directory: sys.path[0] is the package itself, so the package can only be found from beside it.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)


def run() -> int:
    """The package can be imported only now that its folder is known."""
    from keysmith_emulator.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
