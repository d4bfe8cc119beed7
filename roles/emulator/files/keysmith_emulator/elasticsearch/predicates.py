# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query language of `_query/api_key`, compiled to predicates over key documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument
from keysmith_emulator.elasticsearch.key_fields import (
    BOOLEANS,
    DATES,
    ON_INDEX,
    TEXTS,
    as_text,
    check_field,
    read_flag,
    values_of,
)
from keysmith_emulator.elasticsearch.state import KeyDocument
from keysmith_emulator.elasticsearch.times import parse_date

Predicate = Callable[[KeyDocument], bool]
_UNSUPPORTED = frozenset(
    [
        "regexp",
        "fuzzy",
        "query_string",
        "match_none",
        "match_phrase",
        "match_phrase_prefix",
        "match_bool_prefix",
        "multi_match",
        "combined_fields",
        "constant_score",
        "boosting",
        "dis_max",
        "function_score",
        "nested",
        "has_child",
        "has_parent",
        "parent_id",
        "knn",
        "geo_distance",
        "geo_bounding_box",
        "geo_shape",
        "script",
        "script_score",
        "more_like_this",
        "percolate",
        "rank_feature",
        "terms_set",
        "pinned",
        "wrapper",
        "intervals",
        "span_term",
        "span_near",
        "span_or",
        "span_not",
        "span_first",
        "span_multi",
        "exists_field",
        "semantic",
        "distance_feature",
        "shape",
        "geo_polygon",
        "rule",
        "sparse_vector",
    ]
)


class QueryCompiler:
    """Compiles one request's queries; ``now`` is the same in all of them."""

    def __init__(self, now_ms: int) -> None:
        self._now = now_ms
        self._kinds: dict[str, Callable[[Any], Predicate]] = {
            "match_all": lambda spec: lambda key: True,
            "bool": self._bool,
            "term": lambda spec: self._single(spec, "term", "value", self._equals),
            "match": lambda spec: self._single(spec, "match", "query", self._equals),
            "terms": self._terms,
            "ids": self._ids,
            "prefix": lambda spec: self._single(spec, "prefix", "value", self._prefix),
            "wildcard": lambda spec: self._single(spec, "wildcard", "value", self._wildcard),
            "exists": self._exists,
            "range": self._range,
            "simple_query_string": self._simple_query_string,
        }

    def compile(self, query: Any) -> Predicate:
        """The predicate of a query."""
        if not isinstance(query, dict):
            raise Refusal(400, "parsing_exception", "[_na] query malformed, must start with start_object")
        if not query:
            raise illegal_argument("query malformed, empty clause found")
        kind, spec = next(iter(query.items()))
        if kind in _UNSUPPORTED:
            raise unsupported_query(kind)
        if kind not in self._kinds:
            cause = Refusal(400, "named_object_not_found_exception", f"unknown field [{kind}]")
            raise Refusal(400, "parsing_exception", f"unknown query [{kind}]", cause)
        if len(query) > 1:
            raise Refusal(
                400, "parsing_exception", f"[{kind}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]"
            )
        try:
            return self._kinds[kind](spec)
        except (AttributeError, LookupError, TypeError, ValueError):
            raise Refusal(400, "parsing_exception", f"[{kind}] query malformed") from None

    def _bool(self, spec: dict[str, Any]) -> Predicate:
        known = {
            "must",
            "filter",
            "should",
            "must_not",
            "minimum_should_match",
            "boost",
            "_name",
            "adjust_pure_negative",
        }
        for name in spec:
            if name not in known:
                raise Refusal(400, "parsing_exception", f"[bool] query does not support [{name}]")
        needed = self._clauses(spec, "must") + self._clauses(spec, "filter")
        banned = self._clauses(spec, "must_not")
        optional = self._clauses(spec, "should")
        least = _minimum(spec.get("minimum_should_match"), len(optional), bool(needed))

        def matches(key: KeyDocument) -> bool:
            return (
                all(clause(key) for clause in needed)
                and not any(clause(key) for clause in banned)
                and (least <= 0 or sum(clause(key) for clause in optional) >= least)
            )

        return matches

    def _clauses(self, spec: dict[str, Any], name: str) -> list[Predicate]:
        given = spec.get(name, [])
        return [self.compile(query) for query in (given if isinstance(given, list) else [given])]

    def _single(
        self, spec: Any, kind: str, option: str, build: Callable[[str, Any, dict[str, Any]], Predicate]
    ) -> Predicate:
        """A query of one field, whose value stands alone or beside options."""
        fields = [name for name in spec if name not in ("boost", "_name")] if isinstance(spec, dict) else []
        if len(fields) != 1:
            raise Refusal(400, "parsing_exception", f"[{kind}] query doesn't support multiple fields")
        value = spec[fields[0]]
        options: dict[str, Any] = value if isinstance(value, dict) else {option: value}
        given = options.get(option, options.get("wildcard"))
        if given is None or isinstance(given, list):
            raise illegal_argument(
                "value cannot be null" if given is None else f"[{kind}] query does not support array of values"
            )
        return build(check_field(fields[0]), given, options)

    def _equals(self, field: str, value: Any, options: dict[str, Any]) -> Predicate:
        if field in DATES:
            try:
                moment = parse_date(value, self._now)
            except Refusal as refusal:
                raise Refusal(
                    400, "query_shard_exception", f"failed to create query: {refusal.reason}", refusal, extra=ON_INDEX
                ) from None
            return lambda key: moment in values_of(key, field)
        if field in BOOLEANS:
            flag = read_flag(value)
            return lambda key: key.invalidated is flag
        text = as_text(value)
        if options.get("case_insensitive"):
            return lambda key: any(held.lower() == text.lower() for held in values_of(key, field))
        return lambda key: text in values_of(key, field)

    def _terms(self, spec: dict[str, Any]) -> Predicate:
        fields = [name for name in spec if name not in ("boost", "_name")]
        if len(fields) != 1 or not isinstance(spec[fields[0]], list):
            raise Refusal(400, "parsing_exception", f"[terms] query does not support [{fields[0] if fields else ''}]")
        field = check_field(fields[0])
        if field in TEXTS or field.startswith("metadata"):
            wanted = {as_text(value) for value in spec[field]}
            return lambda key: any(held in wanted for held in values_of(key, field))
        alternatives = [self._equals(field, value, {}) for value in spec[field]]
        return lambda key: any(alternative(key) for alternative in alternatives)

    def _ids(self, spec: dict[str, Any]) -> Predicate:
        given = spec.get("values", [])
        wanted = set(given if isinstance(given, list) else [given])
        return lambda key: key.id in wanted

    def _prefix(self, field: str, value: Any, options: dict[str, Any]) -> Predicate:
        return self._pattern(field, re.escape(as_text(value)) + ".*", "prefix", options)

    def _wildcard(self, field: str, value: Any, options: dict[str, Any]) -> Predicate:
        # A backslash takes the meaning from the character after it.
        parts = re.findall(r"\\.|.", as_text(value), re.DOTALL)
        expression = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)
        return self._pattern(field, expression, "wildcard", options)

    def _pattern(self, field: str, expression: str, kind: str, options: dict[str, Any]) -> Predicate:
        if field in DATES | BOOLEANS:
            raise Refusal(
                400,
                "query_shard_exception",
                f"Can only use {kind} queries on keyword, text and wildcard fields - not on [{field}]",
                extra=ON_INDEX,
            )
        flags = re.DOTALL | (re.IGNORECASE if options.get("case_insensitive") else 0)
        fits = re.compile(expression, flags).fullmatch
        return lambda key: any(fits(held) for held in values_of(key, field))

    def _exists(self, spec: dict[str, Any]) -> Predicate:
        field = check_field(spec.get("field", ""))
        return lambda key: bool(values_of(key, field))

    def _range(self, spec: dict[str, Any]) -> Predicate:
        fields = list(spec)
        if len(fields) != 1 or not isinstance(spec[fields[0]], dict):
            raise Refusal(400, "parsing_exception", "[range] query malformed, no start_object after query name")
        field, limits = check_field(fields[0]), spec[fields[0]]
        for name in limits:
            if name not in ("gt", "gte", "lt", "lte", "format", "time_zone", "boost", "relation", "_name"):
                raise Refusal(400, "parsing_exception", f"[range] query does not support [{name}]")

        def limit(name: str) -> Any:
            value = limits.get(name)
            if value is None:
                return None
            return parse_date(value, self._now, limits.get("format")) if field in DATES else as_text(value)

        above, at_least, below, at_most = (limit(name) for name in ("gt", "gte", "lt", "lte"))

        def inside(value: Any) -> bool:
            value = value if field in DATES else as_text(value)
            return (
                (above is None or value > above)
                and (at_least is None or value >= at_least)
                and (below is None or value < below)
                and (at_most is None or value <= at_most)
            )

        return lambda key: any(inside(value) for value in values_of(key, field))

    def _simple_query_string(self, spec: dict[str, Any]) -> Predicate:
        fields = [check_field(name.split("^")[0]) for name in spec.get("fields", TEXTS)]
        every = str(spec.get("default_operator", "or")).lower() == "and"
        words = re.findall(r'[-+]?"[^"]*"\*?|[^\s|]+', spec.get("query", ""))
        needed: list[Predicate] = []
        banned: list[Predicate] = []
        optional: list[Predicate] = []
        for word in words:
            target = needed if every or word.startswith("+") else optional
            (banned if word.startswith("-") else target).append(_word_predicate(word, fields))

        def matches(key: KeyDocument) -> bool:
            return (
                all(word(key) for word in needed)
                and not any(word(key) for word in banned)
                and (not optional or bool(needed) or any(word(key) for word in optional))
            )

        return matches


def _word_predicate(word: str, fields: list[str]) -> Predicate:
    bare = word.lstrip("+-")
    is_prefix = bare.endswith("*")
    text = bare.rstrip("*").strip('"')

    def matches(key: KeyDocument) -> bool:
        held = (as_text(value) for field in fields for value in values_of(key, field))
        return any(value.startswith(text) if is_prefix else value == text for value in held)

    return matches


def _minimum(given: Any, optional: int, has_needed: bool) -> int:
    """How many optional clauses must match."""
    if not optional:
        return 0
    if given is None:
        return 0 if has_needed else 1
    text = str(given)
    number = optional * int(text[:-1]) // 100 if text.endswith("%") else int(text)
    return number if number >= 0 else optional + number


def unsupported_query(kind: str) -> Refusal:
    """400 for a query that exists, but not here."""
    return illegal_argument(f"Query type [{kind}] is not currently supported in this context")
