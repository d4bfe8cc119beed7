# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release of ECE can do."""

from __future__ import annotations

import re

_SINCE = {"token_optional": (2, 6), "expiration": (3, 7), "session_expiration_time": (3, 7)}
_UNTIL = {"reauthenticate": (3, 0), "elevate": (3, 6), "elevation": (3, 7)}


def parse_release(text: object) -> tuple[int, int] | None:
    """``3.8.0`` as major and minor number; ``None`` for what is no release."""
    match = re.fullmatch(r"(\d+)\.(\d+)(\.\d+)?", text) if isinstance(text, str) else None
    return None if match is None else (int(match.group(1)), int(match.group(2)))


def has(release: str, feature: str) -> bool:
    """Whether a release knows a feature."""
    number = parse_release(release) or (0, 0)
    return number >= _SINCE[feature] if feature in _SINCE else number < _UNTIL[feature]
