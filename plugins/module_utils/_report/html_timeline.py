# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The timeline as a drawing (SVG) within the HTML page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .._model.lifecycle import rendered
from .timeline import KINDS, Bucket, Timeline

_WIDTH, _HEIGHT = 1180, 230
_LEFT, _BOTTOM, _TOP = 44, 28, 14

WORDS = {"fine": "nothing found", "warning": "warning", "problem": "problem"}


def drawing(line: Timeline) -> str:
    """Return the SVG; each bar says what it stands for when it is pointed at, and to screen readers."""
    highest = max((bucket.total for bucket in line.buckets), default=0)
    step = _step(highest)
    top = max(step, math.ceil(highest / step) * step)
    total = sum(bucket.total for bucket in line.buckets)
    title = f"{total} keys end within {len(line.buckets)} {line.unit}s, {line.later} later, {line.never} never."
    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">',
            *_grid(top, step),
            *_bars(line, top),
            "</svg>",
        )
    )


def _step(highest: int) -> int:
    """Return the distance of lines of the grid: 1, 2 or 5 times a power of ten, so that there are five at most."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * 5 >= highest:
                return digit * power
        power *= 10


def _y(count: int, top: int) -> float:
    return _HEIGHT - _BOTTOM - count / top * (_HEIGHT - _BOTTOM - _TOP)


def _grid(top: int, step: int) -> Iterator[str]:
    for count in range(0, top + 1, step):
        y = _y(count, top)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count}</text>'


def _bars(line: Timeline, top: int) -> Iterator[str]:
    # A few bars do not become wider than is good for the eye.
    room = min(60.0, (_WIDTH - _LEFT) / max(1, len(line.buckets)))
    every = max(1, math.ceil(74 / room))
    for place, bucket in enumerate(line.buckets):
        x = _LEFT + place * room
        if place % every == 0:
            yield f'<text x="{x:.1f}" y="{_HEIGHT - 8}">{rendered(bucket.start)[:10]}</text>'
        if bucket.total:
            yield f"<g><title>{_told(bucket)}</title>"
            yield from _stacked(bucket, x, room, top)
            yield "</g>"


def _stacked(bucket: Bucket, x: float, room: float, top: int) -> Iterator[str]:
    below = 0
    for kind in reversed(KINDS):
        count = bucket.counts[kind]
        if count:
            high, low = _y(below + count, top), _y(below, top)
            shape = f'x="{x + 1:.1f}" y="{high:.1f}" width="{max(1.0, room - 2):.1f}" height="{low - high:.1f}"'
            yield f'<rect class="f-{kind}" {shape}/>'
        below += count


def _told(bucket: Bucket) -> str:
    parts = ", ".join(f"{bucket.counts[kind]} {WORDS[kind]}" for kind in reversed(KINDS) if bucket.counts[kind])
    return f"{rendered(bucket.start)[:10]} to {rendered(bucket.end)[:10]}: {bucket.total} ({parts})"
