# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback of Ansible for tests: writes what every callback is given, event by event, as JSON lines into RECORD_EVENTS."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record_events
type: aggregate
short_description: what every callback is given
description: Writes each event with its result to a file of JSON lines.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record_events"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, event: str, result: Any) -> None:
        told = {"event": event, "task": result._task.get_name(), "result": result._result}
        with open(os.environ["RECORD_EVENTS"], "a", encoding="utf-8") as events:
            events.write(json.dumps(told, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record("item_ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record("item_failed", result)

    def v2_runner_retry(self, result: Any) -> None:
        self._record("retry", result)

    def v2_on_file_diff(self, result: Any) -> None:
        self._record("diff", result)
