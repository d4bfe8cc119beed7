# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core runs on which server: all of them somewhere, the oldest, the one that changed templating, and the newest."""

from __future__ import annotations

import os

CORE_ON = {"emulator": "2.16", "8.19.21": "2.19", "9.5.3": "2.21"}
# Where what differs by core is the point, the emulator takes all of them on request: they run anyway, each on one server.
CORES_ON = {
    server: tuple(CORE_ON.values()) if server == "emulator" and os.environ.get("KEYSMITH_LONG") else (core,)
    for server, core in CORE_ON.items()
}
