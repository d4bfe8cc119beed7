# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets by value in whatever a run has written. It shares nothing with the collection's own scrubber, which it checks."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus

# A shorter one would be found by chance.
SHORTEST = 8


@dataclasses.dataclass(frozen=True)
class Leak:
    """Which secret was found in which form, where, and what stands around it."""

    secret: str
    form: str
    where: str
    around: str

    def __str__(self) -> str:
        return f"{self.secret} as {self.form} in {self.where}: ...{self.around}..."


class Secrets:
    """Values that must not appear anywhere, by the names that tests give them."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, str]] = {}

    def add(self, name: str, value: str) -> None:
        """A value of which no form may be seen."""
        if len(value) < SHORTEST:
            raise ValueError(f"{name} is too short to be told from other texts")
        for form, text in forms(value).items():
            self._forms.setdefault("".join(text.split()), (name, form))

    def add_login(self, name: str, username: str, password: str) -> None:
        """A password, and the token that a request makes of it."""
        self.add(name, password)
        self.add(f"{name}'s token", base64.b64encode(f"{username}:{password}".encode()).decode())

    def add_key(self, name: str, key_id: str, api_key: str) -> None:
        """A key's secret; its id may be seen."""
        self.add_login(name, key_id, api_key)

    def in_text(self, text: str, where: str) -> list[Leak]:
        """Every secret that a text holds, even where it was wrapped over several lines."""
        dense = "".join(text.split())
        found = []
        for value, (name, form) in self._forms.items():
            at = dense.find(value)
            if at >= 0:
                found.append(Leak(name, form, where, dense[max(0, at - 60) : at + len(value) + 20]))
        return found

    def in_folder(self, folder: Path, spared: Iterable[Path] = ()) -> list[Leak]:
        """Every secret in the names and contents of the files below a folder, but for those spared."""
        left_out = {path.resolve() for path in spared}
        found: list[Leak] = []
        for place, folders, files in os.walk(folder):
            here = Path(place)
            folders[:] = [name for name in folders if (here / name).resolve() not in left_out]
            for path in (here / name for name in files):
                found += self.in_text(str(path), f"the name of {path}")
                if path.resolve() not in left_out and path.is_file():
                    found += self.in_text(path.read_bytes().decode("utf-8", "replace"), str(path))
        return found


def forms(value: str) -> dict[str, str]:
    """A value as others may write it."""
    plain = {"itself": value, "hexadecimal": value.encode().hex(), **_base64_forms(value)}
    written = {}
    for name, text in plain.items():
        written |= {
            name: text,
            f"{name}, in JSON": json.dumps(text)[1:-1],
            f"{name}, in JSON with Unicode": json.dumps(text, ensure_ascii=False)[1:-1],
            f"{name}, in JSON within JSON": json.dumps(json.dumps(text))[3:-3],
            f"{name}, in a Python text": repr(text)[1:-1],
            f"{name}, in a URL": quote(text, safe=""),
            f"{name}, in a path": quote(text),
            f"{name}, in a form": quote_plus(text),
            f"{name}, in HTML": html.escape(text),
            f"{name}, in YAML": text.replace("'", "''"),
        }
    return written


def _base64_forms(value: str) -> dict[str, str]:
    """What of a value shows in the base64 of any text that holds it, by what stands before it."""
    found = {}
    for before, lost in ((0, 0), (1, 2), (2, 3)):
        raw = b"x" * before + value.encode()
        text = base64.b64encode(raw).decode().rstrip("=")
        core = text[lost : -1 if len(raw) % 3 else None]
        found[f"base64 after {before}"] = core
        found[f"base64 for URLs after {before}"] = core.translate(str.maketrans("+/", "-_"))
    return found
