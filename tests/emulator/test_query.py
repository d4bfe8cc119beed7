# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search, sort, pages and aggregations of keys."""

from __future__ import annotations

import time
from typing import Any

import pytest
from emulator_client import Client

QUERY = "/_security/_query/api_key"


@pytest.fixture
def keys(es: Client) -> Client:
    """Three keys of three kinds."""
    es.create(name="a-1", metadata={"env": "prod", "n": 1, "deep": {"x": True}}, expiration="1d")
    es.create(name="a-2", metadata={"env": "dev", "n": 2, "tags": ["red", "green"]})
    es.create(name="b-1")
    return es


def _names(es: Client, query: dict[str, Any], **more: Any) -> list[str]:
    answer = es.call("POST", QUERY, {"query": query, "sort": ["name"], **more})
    assert answer.status == 200, answer
    return [key["name"] for key in answer.body["api_keys"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"match_all": {}}, ["a-1", "a-2", "b-1"]),
        ({"bool": {}}, ["a-1", "a-2", "b-1"]),
        ({"prefix": {"name": "a-"}}, ["a-1", "a-2"]),
        ({"prefix": {"name": {"value": "A-", "case_insensitive": True}}}, ["a-1", "a-2"]),
        ({"wildcard": {"name": "*-1"}}, ["a-1", "b-1"]),
        ({"wildcard": {"name": {"value": "?-2"}}}, ["a-2"]),
        ({"term": {"name": "a-1"}}, ["a-1"]),
        ({"match": {"name": {"query": "a-1 a-2"}}}, []),
        ({"terms": {"name": ["a-1", "b-1", "x"]}}, ["a-1", "b-1"]),
        ({"term": {"metadata.n": 1}}, ["a-1"]),
        ({"term": {"metadata.n": "1"}}, ["a-1"]),
        ({"terms": {"metadata.n": [1, 2]}}, ["a-1", "a-2"]),
        ({"term": {"metadata.deep.x": True}}, ["a-1"]),
        ({"term": {"metadata": "green"}}, ["a-2"]),
        ({"exists": {"field": "metadata.tags"}}, ["a-2"]),
        ({"exists": {"field": "expiration"}}, ["a-1"]),
        ({"range": {"expiration": {"gt": "now", "lte": "now+2d/d"}}}, ["a-1"]),
        ({"range": {"creation": {"lt": "now-1h"}}}, []),
        ({"range": {"creation": {"gte": "2020-01-01", "format": "strict_date_optional_time"}}}, ["a-1", "a-2", "b-1"]),
        ({"bool": {"must_not": {"prefix": {"name": "a"}}}}, ["b-1"]),
        ({"bool": {"should": [{"term": {"name": "a-1"}}, {"term": {"name": "b-1"}}]}}, ["a-1", "b-1"]),
        (
            {
                "bool": {
                    "filter": [{"term": {"invalidated": False}}],
                    "should": [{"term": {"name": "a-1"}}, {"term": {"metadata.n": 2}}],
                    "minimum_should_match": 1,
                }
            },
            ["a-1", "a-2"],
        ),
        ({"simple_query_string": {"query": "a-1 b-1", "fields": ["name"]}}, ["a-1", "b-1"]),
        ({"simple_query_string": {"query": "a* -a-1", "fields": ["name"]}}, ["a-2"]),
        ({"ids": {"values": ["nosuch"]}}, []),
    ],
)
def test_queries(keys: Client, query: dict[str, Any], expected: list[str]) -> None:
    """What each query finds."""
    assert _names(keys, query) == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"query": {"regexp": {"name": "x"}}}, "Query type [regexp] is not currently supported in this context"),
        ({"query": {"nonsense": {}}}, "unknown query [nonsense]"),
        ({"query": {"term": {"realm": "x"}}}, "Field [realm] is not allowed for querying or aggregation"),
        ({"sort": ["id"]}, "Field [id] is not allowed"),
        ({"aggs": {"a": {"max": {"field": "creation"}}}}, "Unsupported API Keys agg [a] of type [max]"),
        ({"from": 9_999, "size": 2}, "Result window is too large"),
        ({"search_after": ["x"]}, "Sort must contain at least one field."),
        ({"sort": ["name"], "search_after": ["a", "b"]}, "search_after has 2 value(s) but sort has 1."),
        ({"query": {"range": {"creation": {"gte": "2020-01-01"}}}}, "failed to parse date field [2020-01-01]"),
        ({"size": -1}, "[size] parameter cannot be negative"),
        ({"nonsense": 1}, "unknown field [nonsense]"),
    ],
)
def test_refused_searches(keys: Client, body: dict[str, Any], said: str) -> None:
    """400, with the reason."""
    answer = keys.call("POST", QUERY, body)
    assert answer.status == 400
    assert said in str(answer.body)


def test_sort_with_missing_values(keys: Client) -> None:
    """Keys without an end come last both ways, unless asked otherwise."""
    for order in ("asc", "desc"):
        assert (
            keys.call("POST", QUERY, {"sort": [{"expiration": {"order": order}}]}).body["api_keys"][0]["name"] == "a-1"
        )
    last = keys.call("POST", QUERY, {"sort": [{"expiration": {"missing": "_first"}}]}).body["api_keys"][-1]
    assert last["name"] == "a-1"


def test_aggregations(keys: Client) -> None:
    """Buckets inside buckets, and types in the names."""
    aggs = {
        "env": {"terms": {"field": "metadata.env"}, "aggs": {"ends": {"missing": {"field": "expiration"}}}},
        "kinds": {"filters": {"filters": {"a": {"prefix": {"name": "a"}}, "b": {"prefix": {"name": "b"}}}}},
        "names": {"cardinality": {"field": "name"}},
        "pages": {"composite": {"sources": [{"n": {"terms": {"field": "name"}}}], "size": 2}},
        "dead": {"filter": {"term": {"invalidated": True}}},
        "ends": {"value_count": {"field": "expiration"}},
    }
    found = keys.call("POST", QUERY + "?typed_keys=true", {"size": 0, "aggs": aggs}).body["aggregations"]
    assert [(b["key"], b["doc_count"], b["missing#ends"]["doc_count"]) for b in found["sterms#env"]["buckets"]] == [
        ("dev", 1, 1),
        ("prod", 1, 0),
    ]
    assert {name: b["doc_count"] for name, b in found["filters#kinds"]["buckets"].items()} == {"a": 2, "b": 1}
    assert found["cardinality#names"]["value"] == 3
    assert found["composite#pages"]["after_key"] == {"n": "a-2"}
    assert found["filter#dead"]["doc_count"] == 0
    assert found["value_count#ends"]["value"] == 1


def test_ten_thousand_keys_page_by_page(es: Client) -> None:
    """Seeded, sorted by two fields, every page, in a few seconds."""
    seed = {
        "count": 10_500,
        "name": "host-{n}",
        "metadata": {"host": "{n}", "managed": False},
        "created": 1_700_000_000_000,
        "created_step_ms": 1,
        "expiration": "3650d",
    }
    began = time.monotonic()
    assert es.control("POST", "seed", seed)["count"] == 10_500
    seen: list[str] = []
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "query": {"bool": {"filter": [{"prefix": {"name": "host-"}}, {"term": {"invalidated": False}}]}},
            "sort": ["creation", "name"],
            "size": 1000,
        }
        if after is not None:
            body["search_after"] = after
        page = es.call("POST", QUERY, body).body
        assert page["total"] == 10_500
        if not page["api_keys"]:
            break
        seen += [key["id"] for key in page["api_keys"]]
        after = page["api_keys"][-1]["_sort"]
    assert len(set(seen)) == len(seen) == 10_500
    assert len(es.call("GET", "/_security/api_key?name=host-*").body["api_keys"]) == 10_500
    assert time.monotonic() - began < 20


def test_seeded_keys_have_an_owner(es: Client) -> None:
    """And only a user that exists can be one."""
    es.add_user("owner", "manage_own_api_key")
    made = es.control(
        "POST", "seed", {"count": 2, "owner": "owner", "role_descriptors": {"r": {"cluster": ["monitor"]}}}
    )
    shown = es.call("GET", f"/_security/api_key?id={made['ids'][1]}").body["api_keys"][0]
    assert (shown["name"], shown["username"], shown["realm"]) == ("seed-1", "owner", "default_native")
    for wrong in ({"owner": "nobody"}, {"counts": 2}, {"role_descriptors": {"r": {"cluster": ["bogus"]}}}):
        assert es.call("POST", "/_emulator/seed", wrong).status == 400
