# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook ``revoke`` asks of each service, and what it shows before it asks for confirmation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._model.revocation_summary import revocation_table
from ansible_collections.keysmith.elastic.plugins.module_utils._model.revocation_task import revocation_task
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import told


def _table(results: Mapping[str, Any], widest: int = 40) -> list[str]:
    lines: list[str] = told(lambda: revocation_table(results, int(time.time() * 1000), widest))
    return lines


def _task(given: Mapping[str, Any], kind: str, found: Mapping[str, Any] | None = None) -> dict[str, Any]:
    options: dict[str, Any] = told(lambda: revocation_task(given, kind, found, "revoke_"))
    return options


class FilterModule:
    """The filters by their names; each one's documentation stands beside this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them."""
        return {"revocation_table": _table, "revocation_task": _task}
