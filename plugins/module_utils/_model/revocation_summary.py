# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a revocation in bulk would hit on several services, as a table to be looked at before it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .duration import humanize
from .moment import parse_time
from .table import table
from .visible import visible

_HEADINGS = ("CLUSTER", "NAME", "ID", "OWNER", "AGE", "ENDS", "STAYS BECAUSE")


def revocation_table(results: Mapping[str, Any], now: int, widest: int) -> list[str]:
    """Return the lines: the keys that go, those that stay and why, services that were not looked at, and the number that go.

    :param results: by service the result of the module that revokes there, in check mode, or of its failure; ``not_asked`` in it says why
        it was not to be looked at; anything else is a service that was not reached.
    :param now: the time in ms, for ages.
    """
    rows: list[list[str]] = []
    failures: list[str] = []
    count = dead = 0
    for cluster, result in results.items():
        if not isinstance(result, Mapping) or "revoked" not in result:
            why = result.get("msg") if isinstance(result, Mapping) else None
            failures.append(f"{visible(cluster)} was not looked at: {visible(str(why or 'it was not reached'))}")
            continue
        if result.get("not_asked"):
            failures.append(f"{visible(cluster)} was not asked: {visible(str(result['not_asked']))}.")
        elif result.get("already_dead", 0) is None:
            failures.append(f"{visible(cluster)} shows no deleted keys: nothing there, or deleted before.")
        count += len(result["revoked"])
        dead += int(result.get("already_dead") or 0)
        rows += [_hit(cluster, key, now) for key in result["revoked"]]
        rows += [
            [cluster, str(one["name"] or "-"), str(one["id"]), "-", "-", "-", one["why"]] for one in result["kept"]
        ]
    told = f"{count} {'key' if count == 1 else 'keys'} to be revoked" + (f", {dead} dead already" if dead else "") + "."
    return [*(table(_HEADINGS, rows, widest) if rows else []), *failures, told]


def _hit(cluster: str, key: Mapping[str, Any], now: int) -> list[str]:
    age = "-" if key["creation"] is None else humanize(max(0, now - parse_time(str(key["creation"]), "creation")))
    ends = str(key["expiration"] or "never")
    return [cluster, str(key["name"]), str(key["id"]), str(key["owner"]), age, ends, ""]
