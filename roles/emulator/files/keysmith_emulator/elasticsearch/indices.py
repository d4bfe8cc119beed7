# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of indices as shows that a key may write and read."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch import privileges
from keysmith_emulator.elasticsearch.authorization import has_index, require_index
from keysmith_emulator.elasticsearch.body import read_body
from keysmith_emulator.elasticsearch.errors import Refusal
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import State
from keysmith_emulator.exchange import Answer

_AUTO_CREATE = ["auto_configure", "create_index", "manage", "all"]
_WRITE = ["create_doc", "create", "index", "write", "all"]
_READ = ["read", "all"]


def add_document(call: Call) -> Answer:
    """POST /{index}/_doc."""
    index, state = call.variables["index"], call.state
    source = read_body(call.request.body).value
    if index not in state.indices:
        require_index(call.subject, index, "indices:admin/auto_create", _AUTO_CREATE, call.version)
    require_index(call.subject, index, "indices:data/write/index", _WRITE, call.version)
    documents = state.indices.setdefault(index, [])
    document_id = state.new_id()
    documents.append((document_id, source))
    shown: dict[str, Any] = {"_index": index, "_id": document_id, "_version": 1, "result": "created"}
    if call.query.get("refresh") in ("", "true"):
        shown["forced_refresh"] = True
    shown.update(_shards={"total": 2, "successful": 1, "failed": 0}, _seq_no=len(documents) - 1, _primary_term=1)
    return Answer(201, shown)


def search(call: Call) -> Answer:
    """GET or POST /{index}/_search: every document, whatever was asked for."""
    expression, state = call.variables["index"], call.state
    if "*" in expression:
        fitting = search_expression(state, expression)
        chosen = [name for name in fitting if has_index(call.subject, name, "read", call.version)]
    else:
        require_index(call.subject, expression, "indices:data/read/search", _READ, call.version)
        chosen = search_expression(state, expression)
    return found(state, chosen)


def search_expression(state: State, expression: str) -> list[str]:
    """The indices that an expression means; 404 where one that it names is not there."""
    if "*" in expression:
        return [name for name in state.indices if privileges.covers_name(expression, name)]
    if expression not in state.indices:
        raise _missing(expression)
    return [expression]


def found(state: State, chosen: list[str]) -> Answer:
    """Every document of these indices."""
    hits = [
        {"_index": name, "_id": document_id, "_score": 1.0, "_source": source}
        for name in chosen
        for document_id, source in state.indices[name]
    ]
    return Answer(
        200,
        {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": len(chosen), "successful": len(chosen), "skipped": 0, "failed": 0},
            "hits": {
                "total": {"value": len(hits), "relation": "eq"},
                "max_score": 1.0 if hits else None if chosen else 0.0,
                "hits": hits[:10],
            },
        },
    )


def delete_index(call: Call) -> Answer:
    """DELETE /{index}."""
    index = call.variables["index"]
    require_index(call.subject, index, "indices:admin/delete", ["delete_index", "manage", "all"], call.version)
    if call.state.indices.pop(index, None) is None:
        raise _missing(index)
    return Answer(200, {"acknowledged": True})


def _missing(index: str) -> Refusal:
    extra = {
        "resource.type": "index_or_alias",
        "resource.id": index,
        "index_uuid": "_na_",
        "index": index,
    }
    return Refusal(404, "index_not_found_exception", f"no such index [{index}]", extra=extra)


ROUTES = [
    Route(("POST",), "/{index}/_doc", add_document, ("refresh",)),
    Route(("GET", "POST"), "/{index}/_search", search, ("size", "from", "q", "ignore_unavailable", "allow_no_indices")),
    Route(("DELETE",), "/{index}", delete_index),
]
