# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What came back: an answer, and what an error answer says in the words of each service. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from .._model.errors import BadRequest, Forbidden, NotFound, ServerError, Unauthorized, Unavailable
from .._model.scrubber import Scrubber

# An unknown privilege is answered with the names of all known ones.
LONGEST_REASON = 600
# Numbers from here on are milliseconds since the epoch, smaller ones seconds (which reach it in the year 5138).
_LEAST_MILLISECONDS = 10**11

# A new key's or login's secret in a text that quotes the answer to a create, however that was written down.
# "key" and "token" are words of plain sentences, too, so that these count as names in JSON only, and before a long value.
_NEW_SECRET = re.compile(
    r"\b(?:api_key|encoded)\W{0,8}:\W{0,8}([\w+/=-]{6,})"
    r"|\b(?:key|token)\W{1,7}:\W{1,8}([\w+/=.-]{20,})"
    r"|(essu_[\w+/=-]{6,})"
)

_TYPES: dict[int, type[ServerError]] = {400: BadRequest, 403: Forbidden, 404: NotFound}


@dataclass(frozen=True)
class Answer:
    """A successful answer. ``body`` is the decoded JSON, None when empty; ``headers`` are found in any case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """What an error answer says: the service's error type, first and deepest reason, the credentials it tried."""

    type: str | None = None
    top: str | None = None
    deepest: str | None = None
    credentials: tuple[str, ...] = ()


def decoded(content: bytes) -> Any:
    """Return the JSON of a body, None of an empty one.

    :raises ValueError: it is not JSON.
    """
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def new_secrets(content: bytes) -> list[str]:
    """Return what the answer to a create or a login holds of the new secret, also where the answer was cut, wrapped or quoted."""
    try:
        body = decoded(content)
    except ValueError:
        body = None
    fields = (
        [body[name] for name in ("api_key", "encoded", "key", "token") if isinstance(body.get(name), str)]
        if isinstance(body, Mapping)
        else []
    )
    if fields:
        return fields
    text = html.unescape(content.decode("utf-8", "replace"))
    return ["".join(found) for found in _NEW_SECRET.findall(text)]


def describe_page(content: bytes, scrubber: Scrubber) -> str:
    """Return what a body is that is no JSON, with the title of an HTML page, scrubbed."""
    # Scrubbed whole: a cut could leave half a secret, which nobody recognises.
    text = scrubber.scrub(content.decode("utf-8", "replace"))
    if not re.search(r"<\s*(!doctype\s+html|html|head|title|body)\b", text, re.IGNORECASE):
        return f"{shortened(' '.join(text.split()), 200)!r}, which is not JSON"
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
    words = scrubber.scrub(" ".join(html.unescape(title.group(1)).split())) if title else ""
    return f"an HTML page, not JSON (a proxy?){f', titled {shortened(words, 200)!r}' if words else ''}"


def shortened(text: str, length: int = LONGEST_REASON) -> str:
    """Return a text cut after ``length`` characters, at a blank where there is one near."""
    if len(text) <= length:
        return text
    cut = text[:length]
    blank = cut.rfind(" ")
    return f"{cut[:blank] if blank > length * 0.8 else cut} ... ({len(text) - length} characters more)"


def read_error(body: Any) -> Said:
    """Return what an error answer says, in the shape of Elasticsearch, or of Elastic Cloud and ECE."""
    if not isinstance(body, Mapping):
        return Said()
    error = body.get("error")
    if isinstance(error, str):
        # 405 and 406 of Elasticsearch.
        return Said(top=error, deepest=error)
    if isinstance(error, Mapping):
        return _read_elasticsearch_error(error)
    errors = body.get("errors")
    if isinstance(errors, list):
        found = [entry for entry in errors if isinstance(entry, Mapping)]
        reason = "; ".join(_cloud_reason(entry) for entry in found) or None
        return Said(type=_text(found[0].get("code")) if found else None, top=reason, deepest=reason)
    reason = _text(body.get("message"))
    return Said(top=reason, deepest=reason)


def _read_elasticsearch_error(error: Mapping[str, Any]) -> Said:
    top = _text(error.get("reason"))
    deepest, cause = top, error.get("caused_by")
    while isinstance(cause, Mapping):
        deepest = _text(cause.get("reason")) or deepest
        cause = cause.get("caused_by")
    tried = error.get("additional_unsuccessful_credentials")
    # One reason is a string, several are a list.
    listed = tried if isinstance(tried, list) else [tried]
    return Said(_text(error.get("type")), top, deepest, tuple(text for text in map(_text, listed) if text))


def _cloud_reason(entry: Mapping[str, Any]) -> str:
    words = _text(entry.get("message")) or _text(entry.get("code")) or "no reason given"
    fields = entry.get("fields")
    return f"{words} ({', '.join(map(str, fields))})" if isinstance(fields, list) and fields else words


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def error_of(status: int, content: bytes, request: str, login: str, scrubber: Scrubber) -> ServerError:
    """Return the typed error for an error answer, scrubbed.

    :param request: what was asked of whom, ``GET /path of https://host``.
    :param login: who asked (``Auth.describe``).
    """
    try:
        body = decoded(content)
        said = read_error(body)
        page = None if isinstance(body, (Mapping, list)) or body is None else describe_page(content, scrubber)
    except ValueError:
        body, said, page = None, Said(), describe_page(content, scrubber)
    top, deepest = (reason and shortened(scrubber.scrub(reason)) for reason in (said.top, said.deepest))
    credentials = tuple(shortened(scrubber.scrub(text)) for text in said.credentials)
    words = page or _sentence(top, deepest, credentials)
    known: dict[str, Any] = {
        "status": status,
        "type": said.type,
        "reason": deepest or page,
        "body": scrubber.scrub_deep(body),
    }
    if status == 401:
        message = f"{request} was refused to {scrubber.scrub(login)} with status 401: {words}."
        return Unauthorized(
            message,
            "Check the login, and that url leads to the service it belongs to.",
            credentials=credentials,
            **known,
        )
    message = f"{request} was answered with status {status}: {words}."
    if status == 429 or status >= 500:
        return Unavailable(message, **known)
    # Elasticsearch names the privileges that would do.
    hint = "Give the login's role one of these privileges." if status == 403 and "granted by" in message else None
    return _TYPES.get(status, ServerError)(message, hint, **known)


def _sentence(top: str | None, deepest: str | None, credentials: tuple[str, ...]) -> str:
    parts = [part for part in (top, deepest if deepest != top else None) if part]
    if credentials:
        parts.append("; ".join(credentials))
    return ": ".join(part.rstrip(".; ") for part in parts) or "no reason given"


def redirected(status: int, location: str | None, request: str, scrubber: Scrubber) -> ServerError:
    """Return the error for a redirect, which is never followed: the login must not reach another host."""
    target = "to nowhere"
    if location:
        try:
            parts = urlsplit(location)
            # Neither its user information nor its query, which may hold a one-time secret.
            host = parts.netloc.rpartition("@")[2]
            target = f"to {parts.scheme}://{host}" if host and parts.scheme else f"to {host or parts.path or 'itself'}"
        except ValueError:
            target = "to something unreadable"
    return ServerError(
        scrubber.scrub(f"{request} was answered with status {status}, a redirect {target}, which is not followed."),
        "Put the address of the service itself into url.",
        status=status,
        reason=scrubber.scrub(f"redirect {target}"),
    )


def expiration_of(text: str | None) -> int | None:
    """Return the milliseconds since the epoch that a header names.

    RFC 3339, RFC 1123, or a number of seconds or milliseconds: the format of ``X-Elastic-Api-Key-Expiration`` is not
    documented, so each is tried; None where none fits.
    """
    text = (text or "").strip()
    if re.fullmatch(r"\d{1,15}", text):
        number = int(text)
        # Zero is how some programs write "no time".
        return (number if number >= _LEAST_MILLISECONDS else number * 1000) or None
    try:
        moment = _rfc3339(text) or parsedate_to_datetime(text)
        milliseconds = round((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
    # The year 1 is how some programs write "no time".
    return milliseconds if milliseconds > 0 else None


def _rfc3339(text: str) -> datetime | None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?\s*([Zz]|[+-]\d\d:?\d\d)?", text)
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    # Before Python 3.11 fromisoformat() takes neither Z nor any number of digits after the point.
    offset = "+00:00" if zone in (None, "Z", "z") else f"{zone[:3]}:{zone[-2:]}"
    return datetime.fromisoformat(f"{day}T{clock}{(fraction or '.0')[:7]:0<7}{offset}")
