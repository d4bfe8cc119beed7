# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the endpoints of keys share: how a request is read, and when its answer leaves."""

from __future__ import annotations

import time
from typing import Any

from keysmith_emulator.elasticsearch.errors import illegal_argument
from keysmith_emulator.elasticsearch.key_requests import KeyRequestReader
from keysmith_emulator.elasticsearch.role_descriptors import Dialect
from keysmith_emulator.elasticsearch.routes import Call
from keysmith_emulator.exchange import Answer

OWN = "manage_own_api_key"


def reader_of(call: Call) -> KeyRequestReader:
    """The reader for the server that is emulated."""
    return KeyRequestReader(Dialect(call.version, call.state.settings.serverless))


def answer_after_refresh(call: Call, payload: Any, policy: str | None = None) -> Answer:
    """An answer that leaves when the write has become visible, as far as ``refresh`` asks for it."""
    if policy is None:
        policy = "true" if call.state.settings.serverless else "wait_for"
    if policy not in ("", "true", "false", "wait_for"):
        raise illegal_argument(f"Unknown value for refresh: [{policy}].")
    if policy in ("", "true"):
        call.state.keys.refresh()
    not_before = call.state.keys.next_refresh() if policy == "wait_for" else time.monotonic()
    return Answer(200, payload, not_before=not_before)


def check_refresh(call: Call) -> str | None:
    """The value of ``refresh``; 400 for one that there is none of, before anything is written."""
    policy = call.query.get("refresh")
    if policy is not None and policy not in ("", "true", "false", "wait_for"):
        raise illegal_argument(f"Unknown value for refresh: [{policy}].")
    return policy
