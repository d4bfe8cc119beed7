# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`_query/api_key`: filter, sort, page, aggregate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keysmith_emulator.elasticsearch.aggregations import Aggregator
from keysmith_emulator.elasticsearch.authorization import API_KEY_ACTION, MANAGE, has_cluster, require_cluster
from keysmith_emulator.elasticsearch.body import Body, ObjectParser, read_integer, read_optional_body, token
from keysmith_emulator.elasticsearch.errors import (
    Refusal,
    content_error,
    illegal_argument,
    shards_failed,
    validation_failed,
)
from keysmith_emulator.elasticsearch.key_calls import OWN
from keysmith_emulator.elasticsearch.key_fields import BOOLEANS, DATES, check_field, values_of
from keysmith_emulator.elasticsearch.key_views import show_key
from keysmith_emulator.elasticsearch.predicates import QueryCompiler
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import KeyDocument
from keysmith_emulator.elasticsearch.times import LONGEST_MS, format_date, parse_date
from keysmith_emulator.exchange import Answer

WINDOW = 10_000
_READ = ("read_security", *MANAGE)
_NAME = "query_api_key_request_payload"
# What the server finds wrong with a query or an aggregation as such is not wrapped by the parser of the body.
_UNWRAPPED = ("is not allowed for querying", "is not currently supported", "Unsupported API Keys agg")


@dataclass(frozen=True)
class SortField:
    """One criterion of a sort."""

    field: str
    descending: bool = False
    pattern: str | None = None
    missing_first: bool = False

    def value(self, key: KeyDocument, number: int) -> Any:
        """What a key is sorted by; ``None`` where it has nothing."""
        if self.field == "_doc":
            return number
        values = values_of(key, self.field)
        if not values:
            return None
        chosen = max(values) if self.descending else min(values)
        return int(chosen) if self.field in BOOLEANS else chosen

    def show(self, value: Any) -> Any:
        """The value in ``_sort``."""
        if self.field in DATES:
            if value is None:
                return -LONGEST_MS - 1 if self.missing_first != self.descending else LONGEST_MS
            return format_date(value, self.pattern) if self.pattern else value
        return value

    def read(self, shown: Any, now_ms: int) -> Any:
        """A value of ``search_after``."""
        if self.field in DATES:
            moment = parse_date(shown, now_ms, self.pattern)
            return None if abs(moment) >= LONGEST_MS else moment
        if shown is None or self.field == "_doc" or self.field in BOOLEANS:
            return shown
        return str(shown)

    def rank(self, value: Any) -> tuple[bool, Any]:
        """What to order by; a list sorted ``descending`` is to be reversed."""
        return (value is None) != (self.missing_first != self.descending), value

    def compare(self, one: Any, other: Any) -> int:
        """Which of two values comes first."""
        if one == other:
            return 0
        return (1 if self.rank(one) > self.rank(other) else -1) * (-1 if self.descending else 1)


def query(call: Call) -> Answer:
    """GET or POST /_security/_query/api_key."""
    limited, typed = call.flag("with_limited_by"), call.flag("typed_keys")
    call.flag("with_profile_uid")
    fields = _parse(call, _body(call))
    own_only = _authorize(call, limited)
    now = call.state.clock.now_ms()
    compiler = QueryCompiler(now)
    fits = _compile(call, compiler, fields.get("query"))
    specs = fields.get("aggs", fields.get("aggregations"))
    aggregator = Aggregator(compiler, now, typed)
    if specs:
        _unwrapped(lambda: aggregator.check(specs), "aggs")
    start, size = fields.get("from", 0), fields.get("size", 10)
    _check_window(call, start, size)
    found = [hit for hit in enumerate(_visible(call, own_only)) if fits(hit[1])]
    page, sorts = _page(call, found, fields, start, size, now)
    shown = [show_key(hit[1], call.version, limited) for hit in page]
    for item, values in zip(shown, sorts):
        item["_sort"] = values
    payload: dict[str, Any] = {"total": len(found), "count": len(shown), "api_keys": shown}
    if specs and found:
        payload["aggregations"] = aggregator.run([hit[1] for hit in found], specs)
    return Answer(200, payload)


def _body(call: Call) -> Body:
    if call.request.body.strip():
        return read_optional_body(call.request.body)
    source = call.query.get("source")
    if source is not None and "source_content_type" not in call.query:
        raise illegal_argument("source and source_content_type parameters are required")
    return read_optional_body((source or "").encode())


def _parse(call: Call, body: Body) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "query": ("object", _check_query),
        "from": ("integer", read_integer),
        "size": ("integer", read_integer),
        "sort": ("object or array", None),
        "search_after": ("array", None),
    }
    if call.version.has("aggregations"):
        spec.update(aggs=("object", None), aggregations=("object", None))
    parser = ObjectParser(_NAME, spec)
    fields = parser.parse(body)
    if "aggs" in fields and "aggregations" in fields:
        raise parser.build_failed(illegal_argument("Duplicate 'aggs' or 'aggregations' field"))
    fields["sort"] = _read_sorts(body, fields.get("sort", []))
    problems = [
        f"[{name}] parameter cannot be negative but was [{fields[name]}]"
        for name in ("from", "size")
        if fields.get(name, 0) < 0
    ]
    if fields.get("search_after") and fields.get("from", 0) > 0:
        problems.append("[from] parameter must be set to 0 when [search_after] is used")
    if problems:
        raise validation_failed(problems)
    return fields


def _check_query(query: dict[str, Any]) -> dict[str, Any]:
    """Complaints about the form of a query are the parser's; those about its fields come later."""
    try:
        QueryCompiler(0).compile(query)
    except Refusal as refusal:
        if refusal.kind == "parsing_exception" or "empty clause" in refusal.reason:
            raise
    return query


def _read_sorts(body: Body, given: Any) -> list[SortField]:
    sorts = []
    for entry in given if isinstance(given, list) else [given]:
        if not isinstance(entry, (str, dict)):
            raise _malformed_sort(body, entry)
        for field, options in ({entry: {}} if isinstance(entry, str) else entry).items():
            if isinstance(options, str) and isinstance(given, list):
                options = {"order": options}
            if not isinstance(options, dict):
                raise _malformed_sort(body, options)
            if field != "_doc":
                check_field(field)
            sorts.append(
                SortField(
                    field,
                    options.get("order") == "desc",
                    options.get("format"),
                    options.get("missing") == "_first",
                )
            )
    return sorts


def _malformed_sort(body: Body, value: Any) -> Refusal:
    cause = content_error(f"{body.place('sort')} [field_sort] Expected START_OBJECT but was: {token(value)}")
    return content_error(f"{body.place('sort')} [{_NAME}] failed to parse field [sort]", cause)


def _authorize(call: Call, limited: bool) -> bool:
    """Whether only one's own keys are shown."""
    action = API_KEY_ACTION + "query"
    if any(has_cluster(call.subject, name, call.version) for name in (*_READ, action)):
        return False
    own = limited is False or call.subject.key is None
    require_cluster(call.subject, action, (OWN, *_READ) if own else _READ, call.version)
    return True


def _visible(call: Call, own_only: bool) -> list[KeyDocument]:
    keys = call.state.keys.search()
    if not own_only:
        return keys
    if call.subject.key is not None:
        return [key for key in keys if key.id == call.subject.key.id]
    return [key for key in keys if call.subject.owns(key)]


def _compile(call: Call, compiler: QueryCompiler, spec: Any) -> Any:
    if spec is None:
        return lambda key: True
    try:
        return compiler.compile(spec)
    except Refusal as refusal:
        if refusal.kind == "illegal_argument_exception":
            raise
        root = refusal.root()
        raise shards_failed(refusal, root if root is not refusal else None, call.state.node_id) from None


def _unwrapped(check: Any, field: str) -> None:
    try:
        check()
    except Refusal as refusal:
        if any(text in refusal.reason for text in _UNWRAPPED):
            raise
        raise content_error(f"[1:1] [{_NAME}] failed to parse field [{field}]", refusal) from None


def _check_window(call: Call, start: int, size: int) -> None:
    if start + size <= WINDOW:
        return
    reason = illegal_argument(
        f"Result window is too large, from + size must be less than or equal to: [{WINDOW}] but was [{start + size}]. "
        "See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the "
        "[index.max_result_window] index level setting."
    )
    raise _shard_refusal(call, reason)


def _shard_refusal(call: Call, reason: Refusal) -> Refusal:
    again = Refusal(400, reason.kind, reason.reason, reason)
    return shards_failed(reason, again, call.state.node_id)


def _page(
    call: Call, found: list[tuple[int, KeyDocument]], fields: dict[str, Any], start: int, size: int, now: int
) -> tuple[list[tuple[int, KeyDocument]], list[list[Any]]]:
    sorts: list[SortField] = fields["sort"]
    after = fields.get("search_after")
    if after is not None:
        _check_search_after(call, sorts, after)
    if not sorts:
        return found[start : start + size], []
    rows = [([sort.value(key, number) for sort in sorts], (number, key)) for number, key in found]

    def compare(one: list[Any], other: list[Any]) -> int:
        return next((way for way in (s.compare(a, b) for s, a, b in zip(sorts, one, other)) if way), 0)

    if after is not None:
        try:
            position = [sort.read(value, now) for sort, value in zip(sorts, after)]
        except Refusal as refusal:
            raise shards_failed(refusal, None, call.state.node_id) from None
        rows = [row for row in rows if compare(row[0], position) > 0]
    for index, sort in reversed(list(enumerate(sorts))):
        rows.sort(key=lambda row: sort.rank(row[0][index]), reverse=sort.descending)
    rows = rows[start : start + size]
    return [row[1] for row in rows], [[s.show(v) for s, v in zip(sorts, row[0])] for row in rows]


def _check_search_after(call: Call, sorts: list[SortField], after: list[Any]) -> None:
    if not sorts:
        raise _shard_refusal(call, illegal_argument("Sort must contain at least one field."))
    if len(sorts) != len(after):
        raise _shard_refusal(
            call, illegal_argument(f"search_after has {len(after)} value(s) but sort has {len(sorts)}.")
        )


ROUTES = [
    Route(
        ("GET", "POST"),
        "/_security/_query/api_key",
        query,
        ("with_limited_by", "with_profile_uid", "typed_keys", "source", "source_content_type"),
        since="query",
        parameter_since={
            "with_limited_by": "limited_by",
            "with_profile_uid": "profile_uid",
            "typed_keys": "aggregations",
        },
    )
]
