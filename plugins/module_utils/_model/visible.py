# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Text that others chose, such as names of keys, made fit to be seen: nothing hidden, nothing turned around, as wide as it looks."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of writing or cannot be seen; what joins letters and emojis is not among them.
_HIDDEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
# Control characters, halves of surrogates, separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return a text in which line breaks, control characters and marks of direction are written out, as ``\\n`` or ``\\u202e``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char not in _HIDDEN and unicodedata.category(char) not in _UNSEEN:
        return char
    return char.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, most: int) -> str:
    """Return a text that takes at most so many cells, its end replaced by an ellipsis where it was longer."""
    if width(text) <= most:
        return text
    kept, room = [], most - 1
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def padded(text: str, cells: int) -> str:
    """Return a text with blanks behind it, so that it takes so many cells."""
    return text + " " * (cells - width(text))
