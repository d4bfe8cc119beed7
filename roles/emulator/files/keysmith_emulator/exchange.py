# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer, as every service of the emulator sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Controls = dict[tuple[str, str], Callable[[Any], Any]]
"""Requests of the control API by method and path, with what answers them: it takes and gives JSON."""


@dataclass(frozen=True)
class Request:
    """An HTTP request; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    from_loopback: bool = True

    @property
    def path(self) -> str:
        """The path without query, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of one given twice the last counts."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class Answer:
    """An HTTP answer. ``payload`` is sent as JSON unless ``raw`` is given."""

    status: int
    payload: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    not_before: float = 0.0
    """The moment (``time.monotonic()``) before which the answer must not leave."""
    who: str | None = None
    """Who was authenticated, for the request log."""

    def content(self, pretty: bool = False) -> bytes:
        """The body as bytes."""
        if self.raw is not None:
            return self.raw
        if pretty:
            return (json.dumps(self.payload, indent=2, separators=(",", " : "), ensure_ascii=False) + "\n").encode()
        return json.dumps(self.payload, separators=(",", ":"), ensure_ascii=False).encode()
