# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The secret of a key in the forms that clients ask for, and the scrubber that keeps every secret out of every text."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus

from .errors import OptionError, Refused

MASK = "********"

# Elastic Cloud keys begin with it, Elasticsearch's never do.
_CLOUD_PREFIX = "essu_"

# An id and a secret as Elasticsearch makes them.
_PAIR = re.compile(r"[\w-]{20}:[\w-]{22}", re.ASCII)

# A user, an id and a secret as ECE makes them.
_ECE_PARTS = re.compile(r"[^:]+:([0-9a-f]{32}):\S{16,}")

_SCHEME = re.compile(r"apikey\s+", re.IGNORECASE)

# Values shorter than this are hidden only where they stand alone, see Scrubber.
_SHORT = 4

# Lines of a value of several lines are hidden by themselves from this length on; shorter ones would shred other texts.
_LINE = 8

_BASE64_RUN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


@dataclass(frozen=True, repr=False)
class ApiKeySecret:
    """An id and its secret. Neither ``repr`` nor ``str`` shows the secret. ``FORMS`` are the forms that a result shows."""

    FORMS: ClassVar[tuple[str, ...]] = ("id", "api_key", "encoded", "beats")

    id: str
    value: str

    @property
    def api_key(self) -> str:
        """Return the secret without the id."""
        return self.value

    @property
    def encoded(self) -> str:
        """Return base64 of ``id:value``, what most clients call the API key."""
        return basic_token(self.id, self.value)

    @property
    def beats(self) -> str:
        """Return ``id:value``, as Beats and Logstash want it."""
        return f"{self.id}:{self.value}"

    @property
    def header(self) -> str:
        """Return the value of the header ``Authorization``."""
        return f"ApiKey {self.encoded}"

    def forms(self) -> tuple[str, ...]:
        """Return every form in which the secret could appear in a text."""
        return (self.value, self.beats, self.encoded, self.header)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, value={MASK!r})"

    __str__ = __repr__


class OpaqueSecret(ApiKeySecret):
    """The secret of Elastic Cloud and ECE: one text that is sent as it is; the id stands beside it, not in it."""

    FORMS = ("id", "api_key", "encoded")

    @property
    def encoded(self) -> str:
        """Return the text itself."""
        return self.value

    @property
    def beats(self) -> str:
        """Refuse: Beats log in to Elasticsearch, which takes no such key in this form."""
        raise Refused(
            f"The key {self.id} is one of Elastic Cloud or ECE, which has no form for Beats and Logstash.",
            "Take encoded, which is the key as it is; for shippers make an Elasticsearch key.",
        )

    def forms(self) -> tuple[str, ...]:
        """Return every form in which the secret could appear in a text."""
        return (self.value, self.header)


# The kinds of key whose secret is one text.
OPAQUE_KINDS = frozenset({"ec_api_key", "ece_api_key"})


def secret_type(kind: str) -> type[ApiKeySecret]:
    """Return the type of the secrets of this kind of key."""
    return OpaqueSecret if kind in OPAQUE_KINDS else ApiKeySecret


def basic_token(username: str, password: str) -> str:
    """Return base64 of ``username:password`` (UTF-8), as the scheme Basic sends it."""
    return base64.b64encode(_utf8(f"{username}:{password}")).decode("ascii")


def is_cloud_key(text: Any) -> bool:
    """Is it the key of Elastic Cloud (``essu_...``) rather than of an Elasticsearch?"""
    return isinstance(text, str) and _without_scheme(text).startswith(_CLOUD_PREFIX)


def is_elasticsearch_key(text: Any) -> bool:
    """Is it a key with its secret as an Elasticsearch makes it, be it ``id:api_key`` or base64 of that?"""
    if not isinstance(text, str):
        return False
    bare = _without_scheme(text)
    if _PAIR.fullmatch(bare):
        return True
    try:
        pair = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return _PAIR.fullmatch(pair) is not None


def id_in_ece_key(text: str) -> str | None:
    """Return the id in the text of an ECE key, which is base64 of ``user:id:secret`` as far as its form is known; None for other texts."""
    try:
        parts = base64.b64decode(_without_scheme(text), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    found = _ECE_PARTS.fullmatch(parts)
    return found[1] if found else None


def parse_opaque_key(text: Any, option: str) -> str:
    """Read a key of Elastic Cloud or ECE, which is sent as it is; white space around it and a leading ``ApiKey`` are tolerated.

    Not every such key begins with ``essu_``, so only what certainly is something else is refused.

    :raises OptionError: it is no text, empty, or the key of an Elasticsearch; the message never shows what was given.
    """
    right = "Give the key as the service issued it; one of Elastic Cloud begins with essu_."
    if not isinstance(text, str):
        raise OptionError(option, f"{option} is not a text.", right)
    bare = _without_scheme(text)
    if bare[:1] in ("{", "["):
        raise OptionError(
            option, f"{option} holds a whole JSON answer instead of a key.", "Give only the value of its field 'key'."
        )
    if is_elasticsearch_key(bare):
        raise OptionError(option, f"{option} is an Elasticsearch API key, which this service does not take.", right)
    return bare


def parse_api_key(text: Any, option: str) -> ApiKeySecret:
    """Read an API key as users have it at hand.

    :param text: base64 of ``id:api_key`` (the field ``encoded``), or ``id:api_key`` itself; white space around it and a
        leading ``ApiKey`` are tolerated, as is missing base64 padding (Elasticsearch tolerates it, too).
    :param option: the option's name for messages.
    :raises OptionError: it is neither; the message never shows what was given.
    """
    right = "Give the field 'encoded' of the create answer, or 'id:api_key'."
    if not isinstance(text, str):
        raise OptionError(option, f"{option} is not a text.", right)
    bare = _without_scheme(text)
    if not bare:
        raise OptionError(option, f"{option} is empty.", right)
    if bare[0] in "{[":
        raise OptionError(
            option,
            f"{option} holds a whole JSON answer instead of a key.",
            "Give only the value of its field 'encoded'.",
        )
    if is_cloud_key(bare):
        raise OptionError(
            option,
            f"{option} is an Elastic Cloud key (essu_...), which opens no Elasticsearch deployment.",
            "Use it with the modules of this collection whose names begin with ec_, and give an Elasticsearch key or user here.",
        )
    id_, _colon, value = _pair(bare, option, right).partition(":")
    if not id_ or not value or any(not "!" <= char <= "~" for char in id_ + value):
        raise OptionError(option, f"{option} does not hold an id and a secret with a colon in between.", right)
    return ApiKeySecret(id_, value)


def _without_scheme(text: str) -> str:
    """Return the key without white space around it and without the scheme of a pasted header."""
    return _SCHEME.sub("", text.strip(), count=1) if _SCHEME.match(text.strip()) else text.strip()


def _pair(bare: str, option: str, right: str) -> str:
    """Return ``id:secret`` from either form."""
    if ":" in bare:
        return bare
    try:
        pair = base64.b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        pair = ""
    if ":" in pair:
        return pair
    if re.fullmatch(r"[A-Za-z0-9_-]{22}", bare):
        raise OptionError(option, f"{option} looks like the field 'api_key' alone, without the id.", right)
    what = "is base64 of something without a colon" if pair else "is neither base64 of 'id:api_key' nor 'id:api_key'"
    raise OptionError(option, f"{option} {what}.", right)


def _utf8(text: str) -> bytes:
    # A lone surrogate must not make the scrubber fail: it runs on the way out of every failure.
    return text.encode("utf-8", "surrogatepass")


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
        self.add(password, f"{username}:{password}", f"{_url(username)}:{_url(password)}", *sorted(tokens))

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
            for form in _written(value):
                self._alone[form] = _standing_alone(form)
            return
        self._plain.update(_written(value))
        self._plain.update(form for line in _lines(value) for form in _written(line))
        for raw in _encodings(value):
            for core in _base64_cores(raw):
                self._base64.update(_written(core))

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
        return (_utf8(value), value.encode("latin-1"))
    except UnicodeEncodeError:
        return (_utf8(value),)


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


def _written(text: str) -> frozenset[str]:
    """Return a text as it is, and as others may write it inside theirs, up to twice over."""
    once = {text, *(write(text) for write in _WRITERS)}
    return frozenset(once | {write(form) for form in once for write in _WRITERS})


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
    return _quoted(text, "'", lambda part: repr(_utf8(part))[2:-1])


def _repr_bytes_escaped(text: str) -> str:
    return _quoted(text, "\\'", lambda part: repr(_utf8(part))[2:-1])


def _quoted(text: str, apostrophe: str, write: Callable[[str], str]) -> str:
    """Write a text as Python does; whether it escapes an apostrophe depends on the text around."""
    return apostrophe.join(map(write, text.split("'")))


def _url(text: str) -> str:
    return quote(_utf8(text), safe="")


def _url_path(text: str) -> str:
    return quote(_utf8(text))


def _url_query(text: str) -> str:
    return quote_plus(_utf8(text))


def _url_component(text: str) -> str:
    """Write as JavaScript's encodeURIComponent does."""
    return quote(_utf8(text), safe="!'()*")


def _url_lower(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), _url(text))


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
    _url,
    _url_path,
    _url_query,
    _url_component,
    _url_lower,
    html.escape,
)
