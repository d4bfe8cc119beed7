# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is sent, the emulator answers as a server would: never with an error of its own."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_client import Client

SCALARS: list[Any] = [
    None,
    True,
    1,
    1.5,
    "x",
    "",
    [],
    {},
    [1],
    ["a"],
    [None],
    [{}],
    {"a": 1},
    {"a": [{}]},
    {"r": {}},
    {"r": []},
]
QUERIES: list[Any] = [
    *({kind: value} for kind in ("term", "terms", "prefix", "wildcard", "range", "exists", "ids") for value in SCALARS),
    *(
        {kind: {"name": value}}
        for kind in ("term", "terms", "prefix", "wildcard", "range", "match")
        for value in SCALARS
    ),
    *({"bool": {part: value}} for part in ("must", "should", "must_not", "minimum_should_match") for value in SCALARS),
    *({"simple_query_string": value} for value in (*SCALARS, {"query": 1}, {"query": "x", "fields": 1})),
    {"bool": []},
]
KINDS = ("terms", "date_range", "range", "missing", "cardinality", "value_count", "composite", "filter", "filters")
AGGREGATIONS: list[Any] = [
    *({"a": value} for value in SCALARS),
    *({"a": {kind: value}} for kind in KINDS for value in SCALARS),
    *({"a": {kind: {"field": "creation", "ranges": value}}} for kind in ("date_range", "range") for value in SCALARS),
    *({"a": {"composite": {"sources": value}}} for value in SCALARS),
]
ENTRY = {"names": ["a"], "privileges": ["read"], "clusters": ["c"]}
APPLICATION = {"application": "a", "privileges": ["x"], "resources": ["*"]}
ROLES: list[Any] = [
    *(
        {field: value}
        for field in (
            *("cluster", "indices", "applications", "run_as", "metadata", "transient_metadata"),
            *("remote_indices", "remote_cluster", "global", "restriction"),
        )
        for value in SCALARS
    ),
    *(
        {field: [{**ENTRY, part: value}]}
        for field in ("indices", "remote_indices", "remote_cluster")
        for part in (*ENTRY, "query", "field_security", "allow_restricted_indices")
        for value in SCALARS
    ),
    *({"applications": [{**APPLICATION, part: value}]} for part in APPLICATION for value in SCALARS),
]
CROSS_CLUSTER = {"name": "c", "access": {"search": [{"names": ["a"]}]}}
GRANT = {"grant_type": "password", "username": "elastic", "password": "changeme", "api_key": {"name": "k"}}


def _with(base: dict[str, Any], *fields: str) -> list[Any]:
    return [{**base, field: value} for field in fields for value in SCALARS]


REQUESTS: dict[str, tuple[str, str, list[Any]]] = {
    "create": (
        "POST",
        "/_security/api_key",
        _with({"name": "k"}, "name", "expiration", "metadata", "role_descriptors"),
    ),
    "roles of a key": ("POST", "/_security/api_key", [{"name": "k", "role_descriptors": {"r": r}} for r in ROLES]),
    "role": ("PUT", "/_security/role/r", ROLES),
    "bulk": ("POST", "/_security/api_key/_bulk_update", _with({"ids": ["x"]}, "ids", "metadata", "expiration")),
    "delete": ("DELETE", "/_security/api_key", _with({}, "ids", "name", "owner", "username")),
    "grant": ("POST", "/_security/api_key/grant", _with(GRANT, *GRANT, "run_as")),
    "clone": ("POST", "/_security/api_key/clone", _with({"name": "k"}, "name", "api_key", "expiration", "metadata")),
    "cross-cluster": (
        "POST",
        "/_security/cross_cluster/api_key",
        [
            *_with(CROSS_CLUSTER, "name", "access", "metadata", "expiration", "certificate_identity"),
            *({"name": "c", "access": access} for access in _with({}, "search", "replication")),
        ],
    ),
    "user": ("PUT", "/_security/user/u", _with({"password": "abcdef"}, "password", "roles", "metadata", "full_name")),
    "privileges": (
        "POST",
        "/_security/user/_has_privileges",
        [
            *_with({}, "cluster", "index", "application"),
            *({"application": [{**APPLICATION, "resources": value}]} for value in SCALARS),
        ],
    ),
    "query": ("POST", "/_security/_query/api_key", [{"query": query} for query in QUERIES]),
    "aggregation": ("POST", "/_security/_query/api_key", [{"aggs": aggregation} for aggregation in AGGREGATIONS]),
    "sort": (
        "POST",
        "/_security/_query/api_key",
        [
            *({"sort": [value]} for value in SCALARS),
            *_with({"sort": ["name", "creation"]}, "sort", "from", "size", "search_after"),
            *({"sort": ["name", "creation"], "search_after": [value, value]} for value in SCALARS),
        ],
    ),
    "document": ("POST", "/i/_doc", SCALARS),
}


@pytest.mark.parametrize("kind", list(REQUESTS))
def test_no_request_is_too_strange(es: Client, kind: str) -> None:
    """Bodies of every wrong form."""
    method, path, bodies = REQUESTS[kind]
    es.create(metadata={"a": 1}, expiration="1d")
    failed = [body for body in bodies if es.call(method, path, body).status >= 500]
    assert not failed


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/_security/api_key",
        "/_security/role/r",
        "/_security/user/u",
        "/_security/user/u/_password",
        "/_security/_query/api_key",
    ],
)
def test_no_body_is_too_strange(es: Client, method: str, path: str) -> None:
    """Even where it is no object."""
    assert all(es.call(method, path, body).status < 500 for body in SCALARS)
