# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The report as Markdown, for a wiki, a merge request or a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .._model.audit import Audited
from .._model.finding import PROBLEM
from .._model.lifecycle import rendered
from .._model.visible import visible
from .document import marker
from .estate import (
    PRODUCTS,
    Cluster,
    Estate,
    creator_of,
    ending_next,
    login_left,
    owner_of,
    summary,
    time_left,
    worst_first,
)

# How many keys are shown at most of those of which something is said, and of those that end next.
ROWS, NEXT = 200, 25

# Every character that could begin something in Markdown or HTML. Written as a reference it never does, not even in a table.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>()#+!|&~@:\"'$^=]|(?<=www)\.|(?<=WWW)\.")


def to_markdown(estate: Estate, title: str, picture: str) -> bytes:
    """Return the report; the picture stands in a comment in its first line."""
    return ("\n".join(_lines(estate, title, picture)) + "\n").encode("utf-8", "replace")


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", visible(text))


def _code(text: str) -> str:
    # In code, GitHub and others make no link and no mention of anything.
    return f"<code>{escaped(text)}</code>" if text else ""


def _lines(estate: Estate, title: str, picture: str) -> Iterator[str]:
    yield f"<!-- {marker(picture)} -->"
    yield from (f"# {escaped(title)}", "")
    yield from _clusters(estate)
    yield from _findings(estate)
    ending = ending_next(estate)[:NEXT]
    if ending:
        yield from ("## What ends next", "")
        ends = ("Ends", "In", estate.noun.capitalize(), "Name", "Owner", "Id")
        yield from _table(ends, (_ending(cluster, key) for cluster, key in ending))


def _clusters(estate: Estate) -> Iterator[str]:
    kind = ("Product",) if estate.mixed else ()
    counts = ("Active", "Ended", "Problems", "Warnings", "End soon", "Never end")
    head = (estate.noun.capitalize(), *kind, "Audited", "Login ends in", *counts)
    yield from _table(head, (_counts(cluster, estate.mixed) for cluster in estate.clusters))
    notes = [f"{_code(one.name)} **was not audited:** {escaped(one.reason)}" for one in estate.unaudited]
    notes += [
        f"{_code(cluster.name)}: {escaped(gap)}"
        for cluster in estate.clusters
        for gap in (*cluster.gaps, *cluster.notes)
    ]
    yield from (f"* {note}" for note in notes)
    if notes:
        yield ""


def _findings(estate: Estate) -> Iterator[str]:
    rows = worst_first(estate)
    yield from ("## What was found", "")
    if not rows:
        yield from ("Nothing.", "")
        return
    head = ("Severity", estate.noun.capitalize(), "Name", "Owner", "Id", "Ends", "What")
    yield from _table(head, (_found(cluster, key) for cluster, key in rows[:ROWS]))
    if len(rows) > ROWS:
        yield from (f"And {len(rows) - ROWS} more keys.", "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counts(cluster: Cluster, mixed: bool) -> list[str]:
    counts = summary(cluster.api_keys)
    numbers = (
        *(counts["states"][state] for state in ("active", "expired")),
        *(counts["severities"][severity] for severity in ("problem", "warning")),
        *(counts["codes"][code] for code in ("ending_soon", "never_expires")),
    )
    kind = [PRODUCTS[cluster.kind]] if mixed else []
    return [_code(cluster.name), *kind, rendered(cluster.at), login_left(cluster), *map(str, numbers)]


def _owner(key: Audited) -> str:
    maker = f", made by {_code(creator_of(key))}" if creator_of(key) else ""
    return f"{_code(owner_of(key))}{maker}"


def _found(cluster: Cluster, key: Audited) -> list[str]:
    worst = key.findings[0].severity
    said = "<br>".join(escaped(finding.text) for finding in key.findings)
    severity = f"**{worst}**" if worst == PROBLEM else worst
    return [
        severity,
        _code(cluster.name),
        _code(key.name),
        _owner(key),
        _code(key.id),
        time_left(cluster, key),
        said,
    ]


def _ending(cluster: Cluster, key: Audited) -> list[str]:
    end = rendered(key.expiration or 0)
    return [end, time_left(cluster, key), _code(cluster.name), _code(key.name), _owner(key), _code(key.id)]
