# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides in docs/docsite, read from their files: blocks of code, tables, headings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DOCSITE = CHECKOUT / "docs" / "docsite"
BLOCK = re.compile(
    r"^\.\. code-block:: (?P<language>\S+)\n(?P<options>(?: +:\w+:.*\n)*)\n(?P<content>(?:(?: {3}.*)?\n)+)",
    re.MULTILINE,
)
CAPTION = re.compile(r":caption: (.+)")
HEADING = re.compile(r"^(?! )(.+)\n(?:-{4,}|={4,}|~{4,})$", re.MULTILINE)
FIRST_CELL = re.compile(r"^ {3}\* - (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code; the caption is the name of the file that it is."""

    language: str
    caption: str | None
    content: str

    @cached_property
    def value(self) -> Any:
        return yaml.safe_load(self.content)


@dataclass(frozen=True)
class Guide:
    name: str
    text: str

    def __str__(self) -> str:
        return self.name

    def blocks(self, *languages: str) -> Iterator[Block]:
        for found in BLOCK.finditer(self.text):
            if found["language"] in languages:
                caption = CAPTION.search(found["options"])
                yield Block(found["language"], caption and caption[1], textwrap.dedent(found["content"]).strip() + "\n")

    def headings(self) -> list[str]:
        """All of them, the title first."""
        return HEADING.findall(self.text)

    def table(self, before: str) -> str:
        """The table that follows on this text."""
        table = self.text.partition(before)[2].partition("list-table::")[2]
        return re.split(r"\n(?=\S)", table)[0]

    def first_cells(self, before: str) -> list[str]:
        """The first column of that table."""
        return FIRST_CELL.findall(self.table(before))


GUIDES = {
    path.stem.removeprefix("guide_"): Guide(path.stem, path.read_text(encoding="utf-8"))
    for path in sorted((DOCSITE / "rst").glob("guide_*.rst"))
}
