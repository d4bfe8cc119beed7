# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The scrubber, which keeps every secret out of every text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .secret import MASK, ApiKeySecret
from .spelling import url, utf8, written

# Values shorter than this are hidden only where they stand alone, see Scrubber.
_SHORT = 4

# Lines of a value of several lines are hidden by themselves from this length on; shorter ones would shred other texts.
_LINE = 8

_BASE64_RUN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


class Scrubber:
    """Replaces every registered secret, in every form in which it could appear, by ``********``.

    A secret is found raw, in base64 (also inside a longer base64 text, at each of the three alignments; the whole base64 word
    around it goes), and both of these as JSON, ``repr``, a URL or HTML write them, up to twice over: a server quotes JSON inside JSON.
    A value of several lines is also hidden line by line.

    Values shorter than four characters would shred every text, so they are hidden only where they stand alone, not as a part
    of a longer word: there they tell nothing. Their Basic token and ``user:password`` are hidden like everything else.
    A longer value is hidden everywhere, even if it is an ordinary word and makes the text hard to read.
    """

    def __init__(self) -> None:
        self._plain: set[str] = set()
        self._base64: set[str] = set()
        self._alone: dict[str, re.Pattern[str]] = {}
        self._raw: set[str] = set()

    def __repr__(self) -> str:
        return f"Scrubber({len(self._raw)} values)"

    def add(self, *values: str | None) -> None:
        """Register secrets; None and the empty text are passed over."""
        for value in values:
            if value and value not in self._raw:
                self._raw.add(value)
                self._register(value)

    def add_secret(self, secret: ApiKeySecret) -> None:
        """Register a key's secret in all its forms; its id alone is no secret."""
        self.add(*secret.forms())

    def add_login(self, username: str, password: str) -> None:
        """Register a password, and what a request makes of it together with the user name."""
        # requests encodes a text as Latin-1 for Basic, Elasticsearch and we as UTF-8.
        tokens = {base64.b64encode(raw).decode("ascii") for raw in _encodings(f"{username}:{password}")}
        self.add(password, f"{username}:{password}", f"{url(username)}:{url(password)}", *sorted(tokens))

    def scrub(self, text: str) -> str:
        """Return the text with every registered secret masked."""
        spans = sorted(self._spans(text))
        if not spans:
            return text
        parts: list[str] = []
        done = 0
        for start, end in _merged(spans):
            parts += (text[done:start], MASK)
            done = end
        return "".join((*parts, text[done:]))

    def scrub_deep(self, value: Any) -> Any:
        """Return the value with every text in it masked: in mappings (keys, too), lists, tuples, sets and bytes.

        A number that equals a registered secret (a password of digits that YAML made an integer) is masked, too.
        """
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, Mapping):
            return {self.scrub_deep(key): self.scrub_deep(item) for key, item in value.items()}
        if isinstance(value, (list, set, frozenset)):
            return type(value)(self.scrub_deep(item) for item in value)
        if isinstance(value, tuple):
            return tuple(self.scrub_deep(item) for item in value)
        if isinstance(value, bytes):
            return self.scrub(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return MASK if len(str(value)) >= _SHORT and str(value) in self._raw else value
        return value

    def _register(self, value: str) -> None:
        if len(value) < _SHORT:
            for form in written(value):
                self._alone[form] = _standing_alone(form)
            return
        self._plain.update(written(value))
        self._plain.update(form for line in _lines(value) for form in written(line))
        for raw in _encodings(value):
            for core in _base64_cores(raw):
                self._base64.update(written(core))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for form in self._plain:
            yield from _occurrences(text, form)
        for core in self._base64:
            for start, end in _occurrences(text, core):
                yield _widened(text, start, end)
        for pattern in self._alone.values():
            for match in pattern.finditer(text):
                yield match.span()


def _occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    """Yield where a form stands, overlapping ones, too."""
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the whole base64 word around a part of it: its neighbours still hold bits of the secret."""
    while start > 0 and text[start - 1] in _BASE64_RUN:
        start -= 1
    while end < len(text) and text[end] in _BASE64_RUN:
        end += 1
    return start, end


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted spans with overlapping ones made one, so that no rest of the longer one stays behind."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current and start < current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current


def _standing_alone(form: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if re.match(r"\w", form) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", form) else ""
    return re.compile(before + re.escape(form) + after)


def _lines(value: str) -> Iterator[str]:
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= _LINE)


def _encodings(value: str) -> tuple[bytes, ...]:
    """Return the bytes that a client may have made of a text."""
    try:
        return (utf8(value), value.encode("latin-1"))
    except UnicodeEncodeError:
        return (utf8(value),)


def _base64_cores(raw: bytes) -> Iterator[str]:
    """Yield what any base64 text holds that encodes these bytes somewhere, per alignment and alphabet.

    With k bytes before them in their group of three, the first ceil(8k/6) characters depend on those bytes as well, and the last
    character on what follows, unless it ends on a whole one.
    """
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode("ascii")
        core = text[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
