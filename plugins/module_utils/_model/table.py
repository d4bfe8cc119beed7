# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A table of text for a terminal: columns as wide as their widest cell, also where letters take two columns or none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_WIDE = frozenset("WF")
# Marks that join the letter before them, and what steers a terminal or the direction of writing.
_WITHOUT_WIDTH = frozenset(("Mn", "Me", "Cf", "Cc", "Cs"))


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def printable(text: str) -> str:
    """Return a text on one line, with what would steer a terminal shown as an escape: names of keys are other people's text."""
    return "".join(
        char if char == " " or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else ascii(char)[1:-1]
        for char in text
    )


def cut(text: str, columns: int) -> str:
    """Return a text that takes at most so many columns; what was cut off is an ellipsis."""
    if width_of(text) <= columns:
        return text
    kept, taken = [], 1
    for char in text:
        taken += _width(char)
        if taken > columns:
            break
        kept.append(char)
    return "".join(kept) + "…"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], widest: int = 40) -> list[str]:
    """Return the lines of a table: headings, a rule, the rows.

    :param widest: how many columns a cell may take; the cells of the last column may take any number.
    """
    last = len(headings) - 1
    cells = [
        [printable(cell) if place == last else cut(printable(cell), widest) for place, cell in enumerate(row)]
        for row in (headings, *rows)
    ]
    widths = [max(width_of(row[place]) for row in cells) for place in range(len(headings))]
    lines = ["  ".join(cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths)) for row in cells]
    rule = "  ".join("-" * min(width, widest) for width in widths)
    return [line.rstrip() for line in (lines[0], rule, *lines[1:])]
