# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Prometheus's text exposition (version 0.0.4) as strictly as its specification is written: what is not allowed fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


@dataclass
class Family:
    help: str | None = None
    type: str | None = None
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    def of(self, **labels: str) -> list[float]:
        """The values of the samples that have these labels."""
        return [value for key, value in self.samples.items() if labels.items() <= dict(key).items()]


def read(raw: bytes) -> dict[str, Family]:
    text = raw.decode("utf-8")
    assert text.endswith("\n"), "the last line ends with a line feed"
    families: dict[str, Family] = {}
    closed: set[str] = set()
    current = None
    for line in text[:-1].split("\n"):
        name = told(line, families) if line.startswith("#") else sampled(line, families)
        if name is not None and name != current:
            assert name not in closed, f"{name} is in two places"
            closed.add(name)
            current = name
    return families


def told(line: str, families: dict[str, Family]) -> str | None:
    parts = line.split(" ", 3)
    if len(parts) < 2 or parts[1] not in ("HELP", "TYPE"):
        return None
    name = parts[2]
    assert NAME.fullmatch(name)
    family = families.setdefault(name, Family())
    assert not family.samples, "told before the samples"
    if parts[1] == "HELP":
        assert family.help is None
        family.help = parts[3]
    else:
        assert family.type is None
        assert parts[3] in TYPES
        family.type = parts[3]
    return name


def sampled(line: str, families: dict[str, Family]) -> str:
    match = NAME.match(line)
    assert match, f"no sample: {line!r}"
    name, rest = match[0], line[match.end() :]
    labels: list[tuple[str, str]] = []
    if rest.startswith("{"):
        labels, rest = labelled(rest[1:])
    assert rest.startswith(" ")
    values = rest.split()
    assert len(values) == 1
    family = families[name]
    assert family.type is not None, "a metric without a type"
    key = tuple(sorted(labels))
    assert len(dict(key)) == len(key), "a label twice"
    assert key not in family.samples, f"a series twice: {line}"
    family.samples[key] = float(values[0])
    return name


def labelled(rest: str) -> tuple[list[tuple[str, str]], str]:
    labels = []
    while not rest.startswith("}"):
        match = LABEL.match(rest)
        assert match
        assert rest[match.end() :].startswith('="')
        value, rest = quoted(rest[match.end() + 2 :])
        labels.append((match[0], value))
        assert rest[0] in ",}"
        rest = rest.removeprefix(",")
    return labels, rest[1:]


def quoted(rest: str) -> tuple[str, str]:
    """The text up to the closing quote, and what follows."""
    found = []
    place = 0
    while rest[place] != '"':
        char = rest[place]
        if char == "\\":
            place += 1
            char = {"\\": "\\", '"': '"', "n": "\n"}[rest[place]]
        found.append(char)
        place += 1
    return "".join(found), rest[place + 1 :]
