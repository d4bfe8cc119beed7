# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalidate."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.authorization import API_KEY_ACTION, MANAGE, has_cluster, require_cluster
from keysmith_emulator.elasticsearch.body import ObjectParser, read_body, read_boolean, read_strings
from keysmith_emulator.elasticsearch.errors import validation_failed
from keysmith_emulator.elasticsearch.key_calls import OWN, answer_after_refresh
from keysmith_emulator.elasticsearch.key_listing import select_keys
from keysmith_emulator.elasticsearch.routes import Call
from keysmith_emulator.elasticsearch.state import CROSS_CLUSTER, KeyDocument, invalidated
from keysmith_emulator.exchange import Answer


def invalidate(call: Call) -> Answer:
    """DELETE /_security/api_key."""
    parser = ObjectParser(
        "invalidate_api_key",
        {
            "ids": ("strings", read_strings),
            "name": ("string", None),
            "username": ("string", None),
            "realm_name": ("string", None),
            "owner": ("boolean", read_boolean),
        },
    )
    fields = parser.parse(read_body(call.request.body))
    wanted = {name: fields.get(name) or None for name in ("name", "username", "realm_name")}
    ids, owner = fields.get("ids"), fields.get("owner", False)
    _check_invalidation(parser, ids, wanted, owner)
    _authorize_invalidation(call, ids, wanted, owner)
    return _invalidate(call, [key for key in select_keys(call, ids, wanted, owner) if not key.invalidated])


def _check_invalidation(parser: ObjectParser, ids: list[str] | None, wanted: dict[str, Any], owner: bool) -> None:
    if ids is not None:
        if not ids:
            raise parser.build_failed(validation_failed(["Field [ids] cannot be an empty array"]))
        blank = [str(index) for index, key_id in enumerate(ids) if not key_id.strip()]
        if blank:
            raise parser.build_failed(
                validation_failed(
                    [f"Field [ids] must not contain blank id, but got blank id at index position: [{', '.join(blank)}]"]
                )
            )
    problems = []
    by_user = wanted["username"] or wanted["realm_name"]
    if not (ids or wanted["name"] or by_user or owner):
        problems.append(
            "One of [api key id(s), api key name, username, realm name] must be specified if [owner] flag is false"
        )
    if (ids or wanted["name"]) and by_user:
        problems.append(
            "username or realm name must not be specified when the api key id(s) or api key name are specified"
        )
    if owner and by_user:
        problems.append("neither username nor realm-name may be specified when invalidating owned API keys")
    if ids and wanted["name"]:
        problems.append("only one of [api key id(s), api key name] can be specified")
    if problems:
        raise validation_failed(problems)


def _authorize_invalidation(call: Call, ids: list[str] | None, wanted: dict[str, Any], owner: bool) -> None:
    subject, action = call.subject, API_KEY_ACTION + "invalidate"
    if subject.key is not None:
        own = ids == [subject.key.id] and not owner
    else:
        own = owner or (wanted["username"] == subject.username and wanted["realm_name"] == subject.realm)
    require_cluster(subject, action, (OWN, *MANAGE) if own else MANAGE, call.version)


def _invalidate(call: Call, keys: list[KeyDocument]) -> Answer:
    may_cross_cluster = has_cluster(call.subject, "manage_security", call.version)
    done, problems = [], []
    for key in keys:
        if key.type == CROSS_CLUSTER and not may_cross_cluster:
            problems.append(
                f"Cannot invalidate cross-cluster API key [{key.id}]. This requires [manage_security] cluster privilege "
                "or higher"
            )
            continue
        current = call.state.keys.get(key.id) or key
        call.state.keys.write(invalidated(current, call.state.clock.now_ms()))
        done.append(key.id)
    payload: dict[str, Any] = {
        "invalidated_api_keys": done,
        "previously_invalidated_api_keys": [],
        "error_count": len(problems),
    }
    if problems:
        payload["error_details"] = [{"type": "security_exception", "reason": problem} for problem in problems]
    answer = answer_after_refresh(call, payload, None if done else "false")
    call.state.remove_dead_keys()
    return answer
