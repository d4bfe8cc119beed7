# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aggregations of `_query/api_key`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument
from keysmith_emulator.elasticsearch.key_fields import BOOLEANS, DATES, as_text, check_field, values_of
from keysmith_emulator.elasticsearch.predicates import QueryCompiler
from keysmith_emulator.elasticsearch.state import KeyDocument
from keysmith_emulator.elasticsearch.times import format_date, parse_date

_KNOWN_ELSEWHERE = frozenset(
    [
        "avg",
        "max",
        "min",
        "sum",
        "stats",
        "extended_stats",
        "percentiles",
        "percentile_ranks",
        "top_hits",
        "top_metrics",
        "histogram",
        "date_histogram",
        "auto_date_histogram",
        "significant_terms",
        "significant_text",
        "rare_terms",
        "multi_terms",
        "nested",
        "reverse_nested",
        "global",
        "sampler",
        "diversified_sampler",
        "scripted_metric",
        "geo_bounds",
        "geo_centroid",
        "ip_range",
        "adjacency_matrix",
        "median_absolute_deviation",
        "weighted_avg",
        "bucket_script",
        "bucket_selector",
        "bucket_sort",
        "cumulative_sum",
        "derivative",
        "matrix_stats",
        "boxplot",
        "string_stats",
        "t_test",
        "variable_width_histogram",
        "categorize_text",
    ]
)
_META = ("aggs", "aggregations", "meta")
Keys = list[KeyDocument]


class Aggregator:
    """Runs one request's aggregations; ``now`` is the same in all of them."""

    def __init__(self, compiler: QueryCompiler, now_ms: int, typed_keys: bool = False) -> None:
        self._compiler = compiler
        self._now = now_ms
        self._typed = typed_keys
        self._kinds: dict[str, Callable[[Keys, dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
            "terms": self._terms,
            "date_range": self._date_range,
            "range": self._range,
            "missing": self._missing,
            "cardinality": self._cardinality,
            "value_count": self._value_count,
            "composite": self._composite,
            "filter": self._filter,
            "filters": self._filters,
        }

    def check(self, specs: Any) -> None:
        """Refuses what the server refuses, before anything runs."""
        for name, spec in specs.items():
            kind = self._kind(name, spec)
            try:
                for field in self._fields(kind, spec[kind]):
                    check_field(field)
                self._kinds[kind]([], spec[kind], {})
            except (AttributeError, LookupError, TypeError, ValueError):
                raise Refusal(400, "parsing_exception", f"[{name}] of type [{kind}] is malformed") from None
            self.check(_inner(spec))

    def _kind(self, name: str, spec: dict[str, Any]) -> str:
        kinds = [kind for kind in spec if kind not in _META] if isinstance(spec, dict) else []
        if len(kinds) != 1:
            raise Refusal(400, "parsing_exception", f"Missing definition for aggregation [{name}]")
        kind = kinds[0]
        if kind in _KNOWN_ELSEWHERE:
            raise illegal_argument(f"Unsupported API Keys agg [{name}] of type [{kind}]")
        if kind not in self._kinds:
            cause = Refusal(400, "named_object_not_found_exception", f"unknown field [{kind}]")
            raise Refusal(400, "parsing_exception", f"Unknown aggregation type [{kind}]", cause)
        return kind

    def _fields(self, kind: str, options: dict[str, Any]) -> list[str]:
        if kind == "composite":
            return [source["terms"]["field"] for named in options["sources"] for source in named.values()]
        if kind in ("filter", "filters"):
            queries = [options] if kind == "filter" else _filter_list(options)
            for query in queries:
                self._compiler.compile(query)
            return []
        if "script" in options:
            raise illegal_argument("script is not supported for API Keys aggregations")
        return [options.get("field", "")]

    def run(self, keys: Keys, specs: dict[str, Any]) -> dict[str, Any]:
        """The results by name."""
        results = {}
        for name, spec in specs.items():
            kind = self._kind(name, spec)
            result = self._kinds[kind](keys, spec[kind], _inner(spec))
            if "meta" in spec:
                result = {"meta": spec["meta"], **result}
            results[f"{_type_name(kind, spec[kind])}#{name}" if self._typed else name] = result
        return results

    def _bucket(self, head: dict[str, Any], keys: Keys, inner: dict[str, Any]) -> dict[str, Any]:
        return {**head, "doc_count": len(keys), **self.run(keys, inner)}

    def _terms(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        field, size = options["field"], options.get("size", 10)
        counts = Counter(value for key in keys for value in set(values_of(key, field)))
        order = options.get("order", {"_count": "desc"})
        ranked = _rank(counts, order)
        buckets = []
        for value in ranked[:size]:
            members = [key for key in keys if value in values_of(key, field)]
            buckets.append(self._bucket(_term_head(field, value), members, inner))
        return {
            "doc_count_error_upper_bound": 0,
            "sum_other_doc_count": sum(counts[value] for value in ranked[size:]),
            "buckets": buckets,
        }

    def _date_range(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        return self._ranges(keys, options, inner, lambda value: parse_date(value, self._now, options.get("format")))

    def _range(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        return self._ranges(keys, options, inner, int)

    def _ranges(
        self, keys: Keys, options: dict[str, Any], inner: dict[str, Any], read: Callable[[Any], int]
    ) -> dict[str, Any]:
        pattern = options.get("format")
        named: dict[str, dict[str, Any]] = {}
        for limits in options["ranges"]:
            start, end = (read(limits[name]) if limits.get(name) is not None else None for name in ("from", "to"))
            inside = [
                key
                for key in keys
                for moment in values_of(key, options["field"])
                if (start is None or moment >= start) and (end is None or moment < end)
            ]
            shown = {name: format_date(at, pattern) for name, at in (("from", start), ("to", end)) if at is not None}
            head: dict[str, Any] = {}
            for name, at in (("from", start), ("to", end)):
                if at is not None:
                    head.update({name: float(at), f"{name}_as_string": shown[name]})
            label = limits.get("key", f"{shown.get('from', '*')}-{shown.get('to', '*')}")
            named[label] = self._bucket(head, inside, inner)
        if options.get("keyed"):
            return {"buckets": named}
        return {"buckets": [{"key": label, **bucket} for label, bucket in named.items()]}

    def _missing(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        return self._bucket({}, [key for key in keys if not values_of(key, options["field"])], inner)

    def _cardinality(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        return {"value": len({value for key in keys for value in values_of(key, options["field"])})}

    def _value_count(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        return {"value": sum(len(values_of(key, options["field"])) for key in keys)}

    def _filter(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        fits = self._compiler.compile(options)
        return self._bucket({}, [key for key in keys if fits(key)], inner)

    def _filters(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        given = options["filters"]
        if isinstance(given, list):
            return {"buckets": [self._filter(keys, query, inner) for query in given]}
        return {"buckets": {name: self._filter(keys, query, inner) for name, query in given.items()}}

    def _composite(self, keys: Keys, options: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
        sources = [(name, source["terms"]["field"]) for named in options["sources"] for name, source in named.items()]
        groups: dict[tuple[Any, ...], Keys] = {}
        for key in keys:
            values = [values_of(key, field) for name, field in sources]
            if all(values):
                groups.setdefault(tuple(held[0] for held in values), []).append(key)
        names = [name for name, field in sources]
        after = options.get("after")
        position = tuple(after[name] for name in names) if after else None
        ordered = [at for at in sorted(groups) if position is None or at > position][: options.get("size", 10)]
        buckets = [self._bucket({"key": dict(zip(names, at))}, groups[at], inner) for at in ordered]
        last = {"after_key": dict(zip(names, ordered[-1]))} if ordered else {}
        return {**last, "buckets": buckets}


def _inner(spec: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spec.get("aggs", spec.get("aggregations", {}))
    return found


def _filter_list(options: dict[str, Any]) -> list[Any]:
    given = options["filters"]
    return given if isinstance(given, list) else list(given.values())


def _rank(counts: Counter[Any], order: Any) -> list[Any]:
    by, direction = next(iter((order[0] if isinstance(order, list) else order).items()))
    if by == "_key":
        return sorted(counts, reverse=direction == "desc")
    return sorted(counts, key=lambda value: (counts[value] if direction == "asc" else -counts[value], value))


def _term_head(field: str, value: Any) -> dict[str, Any]:
    if field in BOOLEANS:
        return {"key": int(value), "key_as_string": as_text(value)}
    if field in DATES:
        return {"key": value, "key_as_string": str(value)}
    return {"key": value}


def _type_name(kind: str, options: dict[str, Any]) -> str:
    if kind != "terms":
        return kind
    return "lterms" if options["field"] in DATES | BOOLEANS else "sterms"
