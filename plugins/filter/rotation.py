# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role ``rotate`` knows of its list of keys and of what became of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.rotation import rotation_key, rotation_problems
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.rotation_summary import entry_of, table_of
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import secret_of, told


def _find_below(folder: str) -> Callable[[str], str | None]:
    def find(path: str) -> str | None:
        place = os.path.join(folder, os.path.expanduser(path))
        return place if os.path.isfile(place) else None

    return find


def _given(value: Any, left_out: Any) -> Any:
    """Return a value without what its author left out by ``default(omit)``; Ansible itself sees only to a task's own options."""
    if isinstance(value, Mapping):
        return {name: _given(item, left_out) for name, item in value.items() if left_out is None or item != left_out}
    if isinstance(value, (list, tuple)):
        return [_given(item, left_out) for item in value if left_out is None or item != left_out]
    return value


def _problems(
    keys: Any, defaults: Any = None, connection: Any = None, folder: str = "", left_out: Any = None
) -> list[str]:
    given, others, login = (_given(value, left_out) for value in (keys, defaults or {}, connection or {}))
    found: list[str] = told(lambda: rotation_problems(given, others, login, _find_below(folder)))
    return found


def _key(
    key: Any, defaults: Any = None, connection: Any = None, folder: str = "", left_out: Any = None
) -> dict[str, Any]:
    given, others, login = (_given(value, left_out) for value in (key, defaults or {}, connection or {}))
    planned: dict[str, Any] = told(lambda: rotation_key(given, others, login, _find_below(folder)))
    return planned


def _entry(
    issued: Mapping[str, Any],
    key: Mapping[str, Any],
    host: str,
    retired: Mapping[str, Any] | None = None,
    failure: Mapping[str, Any] | None = None,
    secret: Any = None,
) -> dict[str, Any]:
    def build() -> dict[str, Any]:
        scrubber = Scrubber()
        # Where there is none yet, nothing can show it.
        with suppress(OptionError):
            scrubber.add_secret(secret_of(secret, "secret"))
        return entry_of(host, key["name"], key["kind"], issued or {}, retired or {}, failure or {}, scrubber)

    entry: dict[str, Any] = told(build)
    return entry


def _table(entries: Sequence[Mapping[str, Any]], widest: int = 40) -> list[str]:
    lines: list[str] = told(lambda: table_of(entries, widest))
    return lines


class FilterModule:
    """The filters by their names; each one's documentation stands beside this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them."""
        return {
            "rotation_problems": _problems,
            "rotation_key": _key,
            "rotation_entry": _entry,
            "rotation_table": _table,
        }
