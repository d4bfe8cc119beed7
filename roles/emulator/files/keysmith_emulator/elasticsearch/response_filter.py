# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`filter_path`: parts of an answer."""

from __future__ import annotations

import fnmatch
from typing import Any

_NOTHING = object()


def filter_answer(payload: Any, expression: str) -> Any:
    """What the paths of ``expression`` leave of an answer; those that begin with ``-`` are left out."""
    paths = [path for path in expression.split(",") if path]
    wanted = [path.split(".") for path in paths if not path.startswith("-")]
    unwanted = [path[1:].split(".") for path in paths if path.startswith("-")]
    kept = _keep(payload, wanted) if wanted else payload
    kept = {} if kept is _NOTHING else kept
    return _drop(kept, unwanted) if unwanted else kept


def _steps(paths: list[list[str]], name: str) -> list[list[str]]:
    """What is left of the paths after one step into ``name``."""
    left = []
    for path in paths:
        if path[0] == "**":
            left += [path, *_steps([path[1:]], name)] if len(path) > 1 else [path]
        elif fnmatch.fnmatchcase(name, path[0]):
            left.append(path[1:])
    return left


def _keep(value: Any, paths: list[list[str]]) -> Any:
    if any(not path or path == ["**"] for path in paths):
        return value
    if isinstance(value, list):
        kept = [item for item in (_keep(item, paths) for item in value) if item is not _NOTHING]
        return kept or _NOTHING
    if not isinstance(value, dict) or not paths:
        return _NOTHING
    inside = {name: _keep(item, _steps(paths, name)) for name, item in value.items()}
    return {name: item for name, item in inside.items() if item is not _NOTHING} or _NOTHING


def _drop(value: Any, paths: list[list[str]]) -> Any:
    if isinstance(value, list):
        return [_drop(item, paths) for item in value]
    if not isinstance(value, dict) or not paths:
        return value
    left = {name: _steps(paths, name) for name in value}
    return {name: _drop(item, left[name]) for name, item in value.items() if not any(not path for path in left[name])}
