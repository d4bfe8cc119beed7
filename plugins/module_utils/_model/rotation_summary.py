# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What became of each key of a rotation: one entry per key, for a table and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .scrubber import Scrubber
from .table import table

FAILED, UNCHANGED = "failed", "unchanged"

# What a key's first reason begins with, and the word for what was done.
_DONE = (
    ("created:", "created"),
    ("rotated:", "rotated"),
    ("updated in place:", "updated"),
    ("expiration set", "extended"),
)
_WITHOUT_A_WORD = "tidied"
HEADINGS = ("HOST", "KEY", "WHAT", "BEFORE", "AFTER", "OLD ONE ENDS", "WHY")


def entry_of(
    host: str,
    name: str,
    kind: str,
    issued: Mapping[str, Any],
    retired: Mapping[str, Any],
    failure: Mapping[str, Any],
    scrubber: Scrubber,
) -> dict[str, Any]:
    """Return the entry of one key.

    :param issued: the result of the module that saw to the key; empty if it did not come to that.
    :param retired: the result of the run that let the predecessors go; empty if there was none.
    :param failure: ``{task, result}`` of what failed, empty if nothing did. Its text is scrubbed: a consumer's task may show the secret.
    """
    ok = {} if issued.get("failed") else issued
    diff = ok.get("diff") or {}
    previous = [*(retired.get("previous") or ok.get("previous") or [])]
    reasons = [*(ok.get("reasons") or []), *(retired.get("reasons") or [])]
    entry: dict[str, Any] = {
        "host": host,
        "key": name,
        "kind": kind,
        "what": FAILED if failure else _what(ok, reasons),
        "before": (diff.get("before") or {}).get("id"),
        "after": (ok.get("key") or {}).get("id"),
        "previous": previous,
        "confirmed": bool(retired) or bool((ok.get("stored") or {}).get("confirmed", True)),
        "reasons": reasons,
        "failure": None,
    }
    if failure:
        text = scrubber.scrub(_text_of(failure.get("result") or {}))
        entry["failure"] = {"task": str(failure.get("task") or ""), "msg": text}
    return entry


def _what(issued: Mapping[str, Any], reasons: Sequence[str]) -> str:
    for reason in reasons:
        for beginning, word in _DONE:
            if reason.startswith(beginning):
                return word
    return _WITHOUT_A_WORD if reasons or issued.get("changed") else UNCHANGED


def _text_of(result: Mapping[str, Any]) -> str:
    """Return what a failed task says; of a loop, what its failed items say."""
    items = [item for item in result.get("results") or () if isinstance(item, Mapping) and item.get("failed")]
    texts = [_text_of(item) for item in items] or [
        str(result[name]) for name in ("msg", "stderr", "reason") if result.get(name)
    ][:1]
    return "; ".join(dict.fromkeys(texts)) or "it says nothing"


def table_of(entries: Sequence[Mapping[str, Any]], widest: int = 40) -> list[str]:
    """Return the lines of the table of all entries."""
    return table(HEADINGS, [_row(entry) for entry in entries], widest)


def _row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    why = _why(entry["reasons"])
    failure = entry["failure"]
    if failure:
        why = f"{failure['task']}: {failure['msg']}"
    return (
        entry["host"],
        entry["key"],
        entry["what"],
        entry["before"] or "-",
        entry["after"] or ("(new)" if entry["what"] in ("created", "rotated") else "-"),
        _end_of(entry["previous"]),
        why or "-",
    )


def _why(reasons: Sequence[str]) -> str:
    """Return what led to a change; that predecessors end stands in a column of its own."""
    for reason in reasons:
        for beginning, _word in _DONE:
            if reason.startswith(beginning):
                return reason[len(beginning) :].strip() if beginning.endswith(":") else reason
    return "; ".join(reasons)


def _end_of(previous: Sequence[Mapping[str, Any]]) -> str:
    if not previous:
        return "-"
    first = previous[0]
    words = {"waits": "waits for its consumers", "revoked": "revoked", "left": "must be revoked later"}
    text = words.get(first["how"] or "") or first["ends"] or "by its overlap"
    return text if len(previous) == 1 else f"{text} (and {len(previous) - 1} more)"
