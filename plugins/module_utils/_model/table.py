# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A table of text for a terminal: columns as wide as their widest cell, also where letters take two columns or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .visible import cut, padded, visible, width

_GAP = "  "


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widest: int = 40,
    limits: Mapping[str, int] | None = None,
    numbers: Collection[str] = (),
) -> list[str]:
    """Return the lines of a table: headings, a rule, the rows.

    :param widest: how many columns of the terminal a cell may take; the cells of the last column may take any number.
    :param limits: what holds for some columns instead, by their headings.
    :param numbers: the headings of the columns that are set to the right.
    """
    last, own = len(headings) - 1, limits or {}
    most = [own.get(name, None if place == last else widest) for place, name in enumerate(headings)]
    cells = [
        [visible(cell) if room is None else cut(visible(cell), room) for cell, room in zip(row, most)]
        for row in (headings, *rows)
    ]
    widths = [max(map(width, column)) for column in zip(*cells)]
    lines = [
        _GAP.join(
            " " * (room - width(cell)) + cell if name in numbers else padded(cell, room)
            for name, cell, room in zip(headings, row, widths)
        )
        for row in cells
    ]
    rule = _GAP.join("-" * min(room, widest) for room in widths)
    return [line.rstrip() for line in (lines[0], rule, *lines[1:])]
