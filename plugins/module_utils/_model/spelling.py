# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""How a text is written inside other texts: by JSON, Python, addresses and HTML, up to twice over."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus


def utf8(text: str) -> bytes:
    """Return a text as UTF-8, whatever is in it."""
    # A lone surrogate must not make the scrubber fail: it runs on the way out of every failure.
    return text.encode("utf-8", "surrogatepass")


def written(text: str) -> frozenset[str]:
    """Return a text as it is, and as others may write it inside theirs, up to twice over."""
    once = {text, *(write(text) for write in _WRITERS)}
    return frozenset(once | {write(form) for form in once for write in _WRITERS})


def url(text: str) -> str:
    """Return a text as a part of an address holds it, slashes included."""
    return quote(utf8(text), safe="")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_java(text: str) -> str:
    """Write as Java's Jackson does: the hex digits of an escape in upper case."""
    return re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match.group()[2:].upper(), _json_ascii(text))


def _slashed(text: str) -> str:
    """Write slashes as some do in JSON; it goes together with each of the JSON forms."""
    return text.replace("/", "\\/")


def _repr(text: str) -> str:
    return _quoted(text, "'", lambda part: repr(part)[1:-1])


def _repr_escaped(text: str) -> str:
    return _quoted(text, "\\'", lambda part: repr(part)[1:-1])


def _ascii(text: str) -> str:
    return _quoted(text, "'", lambda part: ascii(part)[1:-1])


def _ascii_escaped(text: str) -> str:
    return _quoted(text, "\\'", lambda part: ascii(part)[1:-1])


def _repr_bytes(text: str) -> str:
    return _quoted(text, "'", lambda part: repr(utf8(part))[2:-1])


def _repr_bytes_escaped(text: str) -> str:
    return _quoted(text, "\\'", lambda part: repr(utf8(part))[2:-1])


def _quoted(text: str, apostrophe: str, write: Callable[[str], str]) -> str:
    """Write a text as Python does; whether it escapes an apostrophe depends on the text around."""
    return apostrophe.join(map(write, text.split("'")))


def _url_path(text: str) -> str:
    return quote(utf8(text))


def _url_query(text: str) -> str:
    return quote_plus(utf8(text))


def _url_component(text: str) -> str:
    """Write as JavaScript's encodeURIComponent does."""
    return quote(utf8(text), safe="!'()*")


def _url_lower(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), url(text))


_WRITERS: tuple[Callable[[str], str], ...] = (
    _json,
    _json_ascii,
    _json_java,
    _slashed,
    _repr,
    _repr_escaped,
    _ascii,
    _ascii_escaped,
    _repr_bytes,
    _repr_bytes_escaped,
    url,
    _url_path,
    _url_query,
    _url_component,
    _url_lower,
    html.escape,
)
