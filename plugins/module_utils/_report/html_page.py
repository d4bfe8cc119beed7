# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The report as one HTML page that needs nothing beside it.

Names of keys are whatever somebody has typed: everything is escaped, and the page forbids every script but its own, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from .._model.audit import Audited
from .._model.finding import CODES, PROBLEM, WARNING
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
from .html_style import SCRIPT, STYLE
from .html_timeline import WORDS, drawing
from .timeline import KINDS, timeline

Row = tuple[Cluster, Audited]

# How many keys each part shows at most; the list of all keys at the end has every one.
FOUND, NEXT, NEVER = 300, 12, 50


def to_html(estate: Estate, title: str, picture: str) -> bytes:
    """Return the page; the picture stands in a comment in its first line."""
    return "".join(_page(estate, title, picture)).encode("utf-8", "replace")


def shown(text: str) -> str:
    """Return a text that others chose, for the page; its direction of writing ends with it."""
    return f"<bdi>{escape(visible(text))}</bdi>"


def _page(estate: Estate, title: str, picture: str) -> Iterator[str]:
    policy = (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; base-uri 'none'; form-action 'none'"
    )
    yield f"<!DOCTYPE html><!-- {marker(picture)} -->\n"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(visible(title))}</title><style>{STYLE}</style></head>\n<body><main>"
    yield from _header(estate, title)
    yield from _notes(estate)
    yield from _timeline(estate)
    yield from _next(estate)
    yield from _found(estate)
    yield from _never(estate)
    yield from _clusters(estate)
    yield from _all(estate)
    yield f"<footer>Made by keysmith.elastic. Times are UTC.</footer></main><script>{SCRIPT}</script></body></html>\n"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _header(estate: Estate, title: str) -> Iterator[str]:
    counts = summary(key for _cluster, key in estate.rows())
    problems, warnings = counts["severities"][PROBLEM], counts["severities"][WARNING]
    look, words = _verdict(problems, warnings, _many(len(estate.unaudited), estate.noun) if estate.unaudited else "")
    yield f'<header><h1>{shown(title)}</h1><p class="verdict {look}">{words}</p>'
    audited = f"Audited {rendered(estate.at)}" if estate.clusters else "Nothing was audited"
    yield f'<p class="soft">{audited} · {_many(len(estate.clusters), estate.noun)} · {_many(counts["api_keys"], "key")}</p></header>'
    tiles = [
        ("fine", counts["states"]["active"], "active"),
        ("bad" if problems else "", problems, "with a problem"),
        ("warn" if counts["codes"]["ending_soon"] else "", counts["codes"]["ending_soon"], "end soon"),
        ("warn" if counts["codes"]["never_expires"] else "", counts["codes"]["never_expires"], "never end, unmanaged"),
        ("", counts["managers"]["collection"], "made by this collection"),
        ("", counts["states"]["expired"], "ended, not yet removed"),
    ]
    yield '<div class="tiles">'
    yield from (
        f'<div class="tile {look}"><b>{number:,}</b><span>{words}</span></div>' for look, number, words in tiles
    )
    yield "</div>\n"


def _verdict(problems: int, warnings: int, unaudited: str) -> tuple[str, str]:
    parts = [
        *([f"{_many(problems, 'key')} {'has' if problems == 1 else 'have'} a problem"] if problems else []),
        *([f"{_many(warnings, 'key')} {'needs' if warnings == 1 else 'need'} attention"] if warnings else []),
        *([f"{unaudited} could not be audited"] if unaudited else []),
    ]
    look = "bad" if problems or unaudited else "warn" if warnings else "good"
    return look, f"{'; '.join(parts) or 'Nothing is wrong'}."


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _notes(estate: Estate) -> Iterator[str]:
    notes = [f"<b>{shown(one.name)} was not audited.</b> {shown(one.reason)}" for one in estate.unaudited]
    notes += [f"<b>{shown(cluster.name)}:</b> {shown(gap)}" for cluster in estate.clusters for gap in cluster.gaps]
    yield from _list("notes", "What this report does not show", notes)
    said = [f"<b>{shown(cluster.name)}:</b> {shown(note)}" for cluster in estate.clusters for note in cluster.notes]
    yield from _list("notes also", "What else is to be said", said)


def _list(look: str, heading: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        rows = "".join(f"<li>{item}</li>" for item in items)
        yield f'<section class="{look}"><h2>{heading}</h2><ul>{rows}</ul></section>\n'


def _timeline(estate: Estate) -> Iterator[str]:
    line = timeline(list(estate.rows()), estate.at)
    yield f'<section><h2>What ends when</h2><p class="soft">Active keys by the {line.unit} of their end.</p>'
    if line.buckets:
        yield f'<div class="scroll">{drawing(line)}</div>'
    yield '<div class="legend">'
    for kind in reversed(KINDS):
        square = f'<svg width="11" height="11"><rect class="f-{kind}" width="11" height="11" rx="2"/></svg>'
        yield f"<span>{square}{WORDS[kind]}</span>"
    yield f"<span><b>{line.later}</b> end later</span><span><b>{line.never}</b> never end</span></div></section>\n"


def _next(estate: Estate) -> Iterator[str]:
    rows = ending_next(estate)
    yield "<section><h2>What ends next</h2>"
    if rows:
        yield _note_of_rest(rows, NEXT)
        yield from _table(
            "next", ("Ends in", "Life", "Name", "Owner", estate.noun.capitalize(), "Id"), map(_ending, rows[:NEXT])
        )
    else:
        yield '<p class="soft">No active key ends.</p>'
    yield "</section>\n"


def _ending(row: Row) -> str:
    cluster, key = row
    below = [f"succeeded by {shown(key.successor)}"] if key.successor else []
    below += [_codes(key).replace(" ", ", ")] if key.findings else []
    small = f"<small>{'; '.join(below)}</small>" if below else ""
    cells = (_end(cluster, key), f"<td>{_life(cluster, key)}</td>", _name(key, small), *_whose(cluster, key), _id(key))
    return f"<tr>{''.join(cells)}</tr>"


def _life(cluster: Cluster, key: Audited) -> str:
    """Draw how much of the key's life is over."""
    if key.creation is None or key.expiration is None or key.expiration <= key.creation:
        return ""
    over = min(1.0, max(0.0, (cluster.at - key.creation) / (key.expiration - key.creation)))
    worst = key.findings[0].severity if key.findings else None
    kind = worst if worst in (PROBLEM, WARNING) else "fine"
    bars = f'<rect class="f-rest" width="120" height="8" rx="4"/><rect class="f-{kind}" width="{120 * over:.1f}" height="8" rx="4"/>'
    return f'<svg class="life" viewBox="0 0 120 8" role="img" aria-label="{over:.0%} of its life is over">{bars}</svg>'


def _found(estate: Estate) -> Iterator[str]:
    rows = worst_first(estate)
    yield "<section><h2>What was found</h2>"
    if rows:
        yield _note_of_rest(rows, FOUND)
        codes = {finding.code for _cluster, key in rows[:FOUND] for finding in key.findings}
        yield _tools("found", [code for code in CODES if code in codes])
        yield from _table(
            "found",
            ("How bad", "Name", "What", "Owner", estate.noun.capitalize(), "Ends in", "Id"),
            map(_said, rows[:FOUND]),
        )
    else:
        yield '<p class="soft">Nothing.</p>'
    yield "</section>\n"


def _said(row: Row) -> str:
    cluster, key = row
    worst = key.findings[0]
    items = "".join(f"<li><code>{one.code}</code> {shown(one.text)}</li>" for one in key.findings)
    cells = (
        f'<td data-v="{worst.rank[0] * 100 + worst.rank[1]}">{_pill(worst.severity)}</td>',
        _name(key),
        f'<td><ul class="said">{items}</ul></td>',
        *_whose(cluster, key),
        _end(cluster, key),
        _id(key),
    )
    return f'<tr data-codes="{_codes(key)}">{"".join(cells)}</tr>'


def _never(estate: Estate) -> Iterator[str]:
    rows = [(cluster, key) for cluster, key in estate.rows() if key.state == "active" and key.expiration is None]
    if not rows:
        return
    yield f"<section><h2>What never ends</h2>{_note_of_rest(rows, NEVER)}"
    yield from _table(
        "never", ("Name", "Owner", estate.noun.capitalize(), "Made", "Managed by", "Id"), map(_endless, rows[:NEVER])
    )
    yield "</section>\n"


def _endless(row: Row) -> str:
    cluster, key = row
    return f'<tr>{_name(key)}{"".join(_whose(cluster, key))}{_made(key)}<td class="who">{shown(key.managed_by or "")}</td>{_id(key)}</tr>'


def _clusters(estate: Estate) -> Iterator[str]:
    noun = estate.noun.capitalize()
    yield f"<section><h2>{noun}s</h2>"
    head = (noun, "Audited", "As", "Login ends", "#Active", "#Ended", "#Problems", "#Warnings", "Measured by")
    yield from _table("clusters", head, map(_counts, estate.clusters))
    yield "</section>\n"


def _counts(cluster: Cluster) -> str:
    counts = summary(cluster.api_keys)
    numbers = (
        *(counts["states"][state] for state in ("active", "expired")),
        *(counts["severities"][severity] for severity in (PROBLEM, WARNING)),
    )
    measures = "<br>".join(escape(visible(f"{name}: {_measure(value)}")) for name, value in cluster.policy.items())
    cells = (
        f'<td class="name">{shown(cluster.name)}<small>{PRODUCTS[cluster.kind]}</small></td>',
        f'<td class="when">{rendered(cluster.at)}</td>',
        f"<td>{shown(str(cluster.login.get('username') or ''))}</td>",
        _when(login_left(cluster), cluster.login_end),
        *(f'<td class="number" data-v="{number}">{number}</td>' for number in numbers),
        f"<td>{measures}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _measure(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _all(estate: Estate) -> Iterator[str]:
    rows = sorted(estate.rows(), key=lambda row: (row[0].name, row[1].name, row[1].id))
    yield f'<details class="all"><summary>All {_many(len(rows), "key")}</summary>{_tools("all", ())}'
    head = ("Name", "Owner", estate.noun.capitalize(), "State", "Type", "Made", "Ends in", "Managed by", "What", "Id")
    yield from _table("all", head, map(_whole, rows))
    yield "</details>\n"


def _whole(row: Row) -> str:
    cluster, key = row
    cells = (
        _name(key),
        *_whose(cluster, key),
        f"<td>{key.state}</td><td>{shown(key.type)}</td>",
        _made(key),
        _end(cluster, key),
        f'<td class="who">{shown(key.managed_by or "")}</td>',
        f"<td>{_codes(key)}</td>",
        _id(key),
    )
    return f'<tr data-codes="{_codes(key)}">{"".join(cells)}</tr>'


def _codes(key: Audited) -> str:
    return " ".join(finding.code for finding in key.findings)


def _pill(severity: str) -> str:
    return f'<span class="pill {severity}">{severity}</span>'


def _name(key: Audited, below: str = "") -> str:
    return f'<td class="name">{shown(key.name)}{below}</td>'


def _whose(cluster: Cluster, key: Audited) -> tuple[str, str]:
    realm = f"<small>{shown(key.owner.realm)}</small>" if key.owner and key.owner.realm else ""
    maker = f"<small>made by {shown(creator_of(key))}</small>" if creator_of(key) else ""
    return f'<td class="who">{shown(owner_of(key))}{realm}{maker}</td>', f'<td class="who">{shown(cluster.name)}</td>'


def _id(key: Audited) -> str:
    return f'<td class="id">{shown(key.id)}</td>'


def _made(key: Audited) -> str:
    date = "" if key.creation is None else rendered(key.creation)[:10]
    return f'<td class="when" data-v="{key.creation or 0}">{date}</td>'


def _end(cluster: Cluster, key: Audited) -> str:
    return _when(time_left(cluster, key), key.expiration)


def _when(left: str, end: int | None) -> str:
    # What has no end is sorted behind all others.
    at = 10**15 if end is None else end
    date = "" if end is None else f"<small>{rendered(end)[:16].replace('T', ' ')}</small>"
    return f'<td class="when" data-v="{at}">{left}{date}</td>'


def _note_of_rest(rows: Sequence[Row], most: int) -> str:
    if len(rows) <= most:
        return ""
    return f'<p class="soft">The first {most} of {len(rows)} keys; the others are in the list of all keys below.</p>'


def _tools(table: str, codes: Sequence[str]) -> str:
    buttons = "".join(
        f'<button type="button" aria-pressed="false" data-code="{code}">{code}</button>' for code in codes
    )
    field = '<input type="search" placeholder="Filter by any words" aria-label="Filter by any words">'
    return f'<div class="tools" data-table="{table}">{field}{buttons}<output class="soft"></output></div>'


def _table(name: str, head: Sequence[str], rows: Iterable[str]) -> Iterator[str]:
    cells = "".join(f'<th class="number">{one[1:]}</th>' if one.startswith("#") else f"<th>{one}</th>" for one in head)
    yield f'<div class="scroll"><table class="sorted" id="{name}"><thead><tr>{cells}</tr></thead><tbody>\n'
    yield from (f"{row}\n" for row in rows)
    yield "</tbody></table></div>"
