# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The report as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from .._model.audit import Audited
from .._model.table import table as aligned
from .._model.visible import visible
from .estate import (
    PRODUCTS,
    Cluster,
    Estate,
    creator_of,
    login_left,
    owner_of,
    summary,
    time_left,
    worst_first,
)

# How many keys are shown at most: a terminal is no place for more, and every other form of the report has them.
ROWS = 40

# The widest that a column may be.
_LIMITS = {
    **dict.fromkeys(("CLUSTER", "ORGANIZATION", "INSTALLATION", "SERVICE"), 20),
    "NAME": 32,
    "ID": 32,
    "OWNER": 22,
    "WHAT": 60,
}
_NUMBERS = ("ACTIVE", "ENDED", "PROBLEMS", "WARNINGS", "END SOON", "NEVER END")


def table(estate: Estate) -> list[str]:
    """Return the lines: the clusters with their counts, then the keys of which something is said, the worst first."""
    noun = estate.noun.upper()
    counted = [noun, *(["PRODUCT"] if estate.mixed else []), "LOGIN ENDS", *_NUMBERS]
    lines = aligned(counted, list(_counts(estate)), 24, _LIMITS, _NUMBERS)
    lines += [f"{visible(one.name)} was not audited: {visible(one.reason)}" for one in estate.unaudited]
    for cluster in estate.clusters:
        lines += [f"{visible(cluster.name)}: {visible(gap)}" for gap in (*cluster.gaps, *cluster.notes)]
    rows = worst_first(estate)
    if not rows:
        return [*lines, "", "Nothing was found."]
    several = len(estate.clusters) > 1
    head = ["SEVERITY", *([noun] if several else []), "NAME", "OWNER", "ID", "ENDS", "WHAT"]
    lines += ["", *aligned(head, [_cells(cluster, key, several) for cluster, key in rows[:ROWS]], 24, _LIMITS)]
    if len(rows) > ROWS:
        lines.append(f"and {len(rows) - ROWS} more keys")
    return lines


def _counts(estate: Estate) -> Iterator[list[str]]:
    for cluster in estate.clusters:
        counts = summary(cluster.api_keys)
        numbers = (
            counts["states"]["active"],
            counts["states"]["expired"],
            counts["severities"]["problem"],
            counts["severities"]["warning"],
            counts["codes"]["ending_soon"],
            counts["codes"]["never_expires"],
        )
        kind = [PRODUCTS[cluster.kind]] if estate.mixed else []
        yield [cluster.name, *kind, login_left(cluster) or "-", *map(str, numbers)]


def _cells(cluster: Cluster, key: Audited, several: bool) -> list[str]:
    return [
        key.findings[0].severity,
        *([cluster.name] if several else []),
        key.name,
        "/".join(filter(None, (owner_of(key), creator_of(key)))),
        key.id,
        time_left(cluster, key),
        ", ".join(finding.code for finding in key.findings),
    ]
