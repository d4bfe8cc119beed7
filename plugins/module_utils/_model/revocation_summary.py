# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a revocation in bulk would hit on several clusters, as a table to be looked at before it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .duration import humanize
from .moment import parse_time
from .table import table
from .visible import visible

_HEADINGS = ("CLUSTER", "NAME", "ID", "OWNER", "AGE", "ENDS", "STAYS BECAUSE")


def revocation_table(results: Mapping[str, Any], now: int, widest: int) -> list[str]:
    """Return the lines: the keys that go, those that stay and why, clusters that could not be looked at, and the number that go.

    :param results: by cluster the result of ``es_api_key_revoke`` in check mode, or of its failure; anything else is a cluster that was
        not reached.
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
