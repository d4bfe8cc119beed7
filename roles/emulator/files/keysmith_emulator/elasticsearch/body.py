# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading of JSON bodies, with the complaints that Elasticsearch's object parsers make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal, content_error, illegal_argument, parse_error

Reader = Callable[[Any], Any]


def token(value: Any) -> str:
    """What Elasticsearch calls the JSON token of a value."""
    if value is None:
        return "VALUE_NULL"
    if isinstance(value, bool):
        return "VALUE_BOOLEAN"
    if isinstance(value, (int, float)):
        return "VALUE_NUMBER"
    if isinstance(value, str):
        return "VALUE_STRING"
    return "START_ARRAY" if isinstance(value, list) else "START_OBJECT"


class Body:
    """A JSON body together with its text, so that complaints can name a place.

    The place is where the field's name stands first; in a body that repeats a name the server's own is more exact.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.value = _load(text)

    def place(self, field: str, of_value: bool = True) -> str:
        """``[line:column]`` of a field's value or name."""
        match = re.search(re.escape(json.dumps(field, ensure_ascii=False)) + r"\s*:\s*", self.text)
        offset = 0 if match is None else match.end() if of_value else match.start()
        line = self.text.count("\n", 0, offset) + 1
        return f"[{line}:{offset - self.text.rfind(chr(10), 0, offset)}]"


def read_body(raw: bytes, missing: str = "request body is required") -> Body:
    """The body of a request; an empty one is refused."""
    text = raw.decode("utf-8", "replace")
    if not text.strip():
        raise parse_error(missing)
    return Body(text)


def read_optional_body(raw: bytes) -> Body:
    """The body of a request; an empty one counts as ``{}``."""
    return Body(raw.decode("utf-8", "replace") if raw.strip() else "{}")


def _load(text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in pairs:
            if name in result:
                raise _broken(text, f"Duplicate field '{name}'", text.rfind(f'"{name}"') + len(name) + 2)
            result[name] = value
        return result

    try:
        return json.loads(text, object_pairs_hook=unique)
    except RecursionError:
        raise content_error("[1:1] the document is nested too deeply") from None
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip():
            cause = Refusal(400, "json_e_o_f_exception", "Unexpected end-of-input")
            place = f"[{error.lineno}:{len(text)}]"
            raise Refusal(400, "x_content_e_o_f_exception", f"{place} Unexpected end of file", cause) from None
        raise _broken(text, "Unexpected character", error.pos) from None


def _broken(text: str, complaint: str, offset: int) -> Refusal:
    place = f"[{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}]"
    return content_error(f"{place} {complaint}", Refusal(400, "json_parse_exception", complaint))


class ObjectParser:
    """Reads an object of known fields; each has the kinds of JSON value it takes, and perhaps a reader."""

    def __init__(self, name: str, fields: dict[str, tuple[str, Reader | None]], required: Iterable[str] = ()) -> None:
        self.name = name
        self._fields = fields
        self._required = tuple(required)

    def parse(self, body: Body, value: Any = None, inside: bool = False) -> dict[str, Any]:
        """The fields that were given, read."""
        source = value if inside else body.value
        if not isinstance(source, dict):
            raise content_error(f"[1:1] [{self.name}] Expected START_OBJECT but was: {token(source)}")
        parsed = {field: self._parse_field(body, field, given) for field, given in source.items()}
        missing = [field for field in self._required if field not in parsed]
        if missing:
            raise illegal_argument(f"Required [{', '.join(missing)}]")
        return parsed

    def _parse_field(self, body: Body, field: str, given: Any) -> Any:
        if field not in self._fields:
            hint = " did you mean [ids]?" if field == "id" and "ids" in self._fields else ""
            raise content_error(f"{body.place(field, False)} [{self.name}] unknown field [{field}]{hint}")
        kinds, reader = self._fields[field]
        if token(given) not in _KINDS[kinds]:
            raise content_error(
                f"{body.place(field)} [{self.name}] {field} doesn't support values of type: {token(given)}"
            )
        if reader is None:
            return given
        try:
            return reader(given)
        except Refusal as refusal:
            raise content_error(f"{body.place(field)} [{self.name}] failed to parse field [{field}]", refusal) from None

    def build_failed(self, cause: Refusal) -> Refusal:
        """What the parser says when the fields are right and the object is not."""
        return content_error(f"Failed to build [{self.name}] after last required field arrived", cause)


_KINDS = {
    "string": {"VALUE_STRING"},
    "nullable string": {"VALUE_STRING", "VALUE_NULL"},
    "object": {"START_OBJECT"},
    "object or array": {"START_OBJECT", "START_ARRAY"},
    "array": {"START_ARRAY"},
    "strings": {"START_ARRAY", "VALUE_STRING"},
    "boolean": {"VALUE_BOOLEAN", "VALUE_STRING"},
    "integer": {"VALUE_NUMBER", "VALUE_STRING"},
}


def read_integer(value: Any) -> int:
    """A whole number, perhaps as text."""
    try:
        return int(value)
    except ValueError:
        raise Refusal(400, "number_format_exception", f'For input string: "{value}"') from None


def read_boolean(value: Any) -> bool:
    """A boolean, perhaps as text."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise illegal_argument(f"Failed to parse value [{value}] as only [true] or [false] are allowed.")


def read_strings(value: Any) -> list[str]:
    """A list of strings; a single one counts as a list."""
    return [str(item) for item in value] if isinstance(value, list) else [value]


def canonical(value: Any) -> str:
    """A text that is equal for equal JSON: key order is free, ``1``, ``1.0`` and ``true`` are different."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
