# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a key document that queries, sorts and aggregations may name."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument
from keysmith_emulator.elasticsearch.state import KeyDocument

DATES = frozenset({"creation", "expiration", "invalidation"})
BOOLEANS = frozenset({"invalidated"})
_PLAIN = {"username": "username", "realm_name": "realm", "name": "name", "type": "type"}
TEXTS = tuple(_PLAIN)
ON_INDEX = {"index_uuid": "_na_", "index": ".security-7"}
"""Where a query failed, as the server tells it."""


def check_field(field: str) -> str:
    """The field, if it may be named."""
    if field in _PLAIN or field in DATES | BOOLEANS or field == "metadata" or field.startswith("metadata."):
        return field
    raise illegal_argument(f"Field [{field}] is not allowed for querying or aggregation")


def values_of(key: KeyDocument, field: str) -> list[Any]:
    """What a key holds in a field: metadata as text, everything else as it is."""
    if field in _PLAIN:
        return [getattr(key, _PLAIN[field])]
    if field in DATES:
        moment = getattr(key, field)
        return [] if moment is None else [moment]
    if field in BOOLEANS:
        return [key.invalidated]
    path = "" if field == "metadata" else field[len("metadata.") :]
    return [text for at, text in _leaves(key.metadata or {}, "") if not path or at == path]


def _leaves(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        inner = ((f"{path}.{name}" if path else name, item) for name, item in value.items())
        return [leaf for at, item in inner for leaf in _leaves(item, at)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item, path)]
    return [] if value is None else [(path, as_text(value))]


def as_text(value: Any) -> str:
    """A scalar as a keyword."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_flag(value: Any) -> bool:
    """A boolean of a query."""
    if value in (True, "true"):
        return True
    if value in (False, "false", ""):
        return False
    complaint = f"Can't parse boolean value [{value}], expected [true] or [false]"
    cause = illegal_argument(complaint)
    raise Refusal(400, "query_shard_exception", f"failed to create query: {complaint}", cause, extra=ON_INDEX)
