# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where KEYSMITH_BREAKING is set: the code of a module breaks in the middle, with the secret at hand in the exception.

It breaks what the name of a key asks for: `breaks-loads` when the server's answer is read, `breaks-dumps` when the record is written.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_loads, _dumps = json.loads, json.dumps


def _in_a_module() -> bool:
    # Ansible itself runs with the same variable.
    return "ansible-playbook" not in getattr(sys, "argv", [""])[0]


def _breaking_loads(text: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(text, bytes) and b"breaks-loads" in text and b'"encoded"' in text and _in_a_module():
        raise RuntimeError(text.decode())
    return _loads(text, *args, **kwargs)


def _breaking_dumps(value: Any, *args: Any, **kwargs: Any) -> str:
    if isinstance(value, dict) and "breaks-dumps" in str(value.get("name")) and value.get("current") and _in_a_module():
        try:
            raise ValueError(f"cannot write {value}")
        except ValueError as cause:
            raise RuntimeError(f"gave up on {value}") from cause
    return _dumps(value, *args, **kwargs)


json.loads, json.dumps = _breaking_loads, _breaking_dumps
