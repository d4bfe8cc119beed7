# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, grant, clone, get, update and invalidate."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from keysmith_emulator.elasticsearch.authentication import by_password, check_key, decode_key, run_as
from keysmith_emulator.elasticsearch.authorization import (
    API_KEY_ACTION,
    MANAGE,
    has_cluster,
    is_restricted,
    require_cluster,
)
from keysmith_emulator.elasticsearch.body import (
    ObjectParser,
    canonical,
    read_body,
    read_boolean,
    read_optional_body,
    read_strings,
)
from keysmith_emulator.elasticsearch.cloud_logins import creates_refused
from keysmith_emulator.elasticsearch.errors import (
    Refusal,
    forbidden,
    illegal_argument,
    unauthenticated,
    validation_failed,
)
from keysmith_emulator.elasticsearch.key_requests import KeyRequestReader, check_metadata_fits
from keysmith_emulator.elasticsearch.key_views import show_created, show_key
from keysmith_emulator.elasticsearch.role_descriptors import Dialect, is_empty, same
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import CROSS_CLUSTER, REST, KeyDocument, invalidated, new_secret
from keysmith_emulator.elasticsearch.subjects import Subject
from keysmith_emulator.exchange import Answer

OWN = "manage_own_api_key"
_READ = ("read_security", *MANAGE)
_NOT_OWNED = "no API key owned by requesting user found for ID [{}]"


def reader_of(call: Call) -> KeyRequestReader:
    """The reader for the server that is emulated."""
    return KeyRequestReader(Dialect(call.version, call.state.settings.serverless))


def answer_after_refresh(call: Call, payload: Any, policy: str | None = None) -> Answer:
    """An answer that leaves when the write has become visible, as far as ``refresh`` asks for it."""
    if policy is None:
        policy = "true" if call.state.settings.serverless else "wait_for"
    if policy not in ("", "true", "false", "wait_for"):
        raise illegal_argument(f"Unknown value for refresh: [{policy}].")
    if policy in ("", "true"):
        call.state.keys.refresh()
    not_before = call.state.keys.next_refresh() if policy == "wait_for" else time.monotonic()
    return Answer(200, payload, not_before=not_before)


def _check_refresh(call: Call) -> str | None:
    policy = call.query.get("refresh")
    if policy is not None and policy not in ("", "true", "false", "wait_for"):
        raise illegal_argument(f"Unknown value for refresh: [{policy}].")
    return policy


def create(call: Call) -> Answer:
    """POST or PUT /_security/api_key."""
    policy = _check_refresh(call)
    reader = reader_of(call)
    fields = reader.create(read_body(call.request.body))
    reader.check_create(fields)
    require_cluster(call.subject, API_KEY_ACTION + "create", (OWN, *MANAGE), call.version)
    if call.subject.key is not None:
        _check_derived(fields)
    if call.subject.cloud is not None and not call.version.has("cloud_key_creates"):
        raise creates_refused()
    key = store_key(call, call.subject, fields)
    return answer_after_refresh(call, show_created(key, call.version), policy)


def _check_derived(fields: dict[str, Any]) -> None:
    roles = fields.get("role_descriptors") or {}
    if not roles or not all(is_empty(role) for role in roles.values()):
        raise illegal_argument(
            "creating derived api keys requires an explicit role descriptor that is empty (has no privileges)"
        )


def store_key(call: Call, maker: Subject, fields: dict[str, Any], **more: Any) -> KeyDocument:
    """Writes a new key; ``more`` overrides what a create would take from the fields and its maker."""
    state = call.state
    content: dict[str, Any] = {
        "expiration": state.expiry_after(fields.get("expiration")),
        "username": maker.username,
        "realm": maker.realm,
        "realm_type": maker.realm_type,
        "owner": maker.owner,
        "metadata": fields.get("metadata"),
        "role_descriptors": fields.get("role_descriptors") or {},
        "limited_by": maker.limited_by(),
        "type": REST,
        **more,
    }
    key = KeyDocument(
        id=state.new_id(), name=fields["name"], secret=new_secret(), creation=state.clock.now_ms(), **content
    )
    check_metadata_fits(key.metadata, key.id)
    state.keys.write(key)
    return key


def grant(call: Call) -> Answer:
    """POST or PUT /_security/api_key/grant."""
    policy = _check_refresh(call)
    reader = reader_of(call)
    body = read_body(call.request.body)
    parser = ObjectParser(
        "grant_api_key_request",
        {
            "grant_type": ("string", None),
            "username": ("string", None),
            "password": ("string", None),
            "access_token": ("string", None),
            "run_as": ("string", None),
            "client_authentication": ("object", None),
            "api_key": ("object", lambda value: reader.create(body, value, inside=True)),
        },
    )
    fields = parser.parse(body)
    wanted = fields.get("api_key", {})
    reader.check_create(wanted, _grant_problems(fields))
    action = API_KEY_ACTION + "grant"
    require_cluster(call.subject, action, ("grant_api_key", *MANAGE), call.version)
    owner = _granted_owner(call, fields, action)
    if "run_as" in fields:
        owner = run_as(call.state, owner, fields["run_as"])
    key = store_key(call, owner, wanted)
    return answer_after_refresh(call, show_created(key, call.version), policy)


_GRANT_FIELDS = {"password": ("username", "password"), "access_token": ("access_token",)}


def _grant_problems(fields: dict[str, Any]) -> list[str]:
    kind = fields.get("grant_type")
    if kind is None:
        return ["[grant_type] is required"]
    if kind not in _GRANT_FIELDS:
        return [f"grant_type [{kind}] is not supported"]
    every = ("username", "password", "access_token")
    missing = [f"[{name}] is required for grant_type [{kind}]" for name in _GRANT_FIELDS[kind] if not fields.get(name)]
    extra = [
        f"[{name}] is not supported for grant_type [{kind}]"
        for name in every
        if name in fields and name not in _GRANT_FIELDS[kind]
    ]
    return missing + extra


def _granted_owner(call: Call, fields: dict[str, Any], action: str) -> Subject:
    owner = by_password(call.state, fields.get("username", ""), fields.get("password", ""))
    if owner is not None:
        return owner
    token = fields["grant_type"] == "access_token"
    name = "_bearer_token" if token else fields["username"]
    cause = unauthenticated(
        f"unable to authenticate user [{name}] for action [{action}]", "oauth2 token: invalid token" if token else None
    )
    raise forbidden("Failed to authenticate api key grant", cause)


def clone(call: Call) -> Answer:
    """POST or PUT /_security/api_key/clone."""
    policy = _check_refresh(call)
    fields = reader_of(call).clone(read_body(call.request.body))
    require_cluster(call.subject, API_KEY_ACTION + "clone", ("clone_api_key", *MANAGE), call.version)
    try:
        key_id, secret = decode_key(fields["api_key"])
    except Refusal as refusal:
        reason = f"invalid API key credential: {refusal.reason}"
        raise Refusal(400, "status_exception", reason, refusal) from None
    try:
        source = check_key(call.state, key_id, secret)
    except Refusal as refusal:
        # The cause is said without what a login's refusal adds.
        raise forbidden("Failed to clone API key", forbidden(refusal.reason)) from None
    expiration = call.state.expiry_after(fields["expiration"]) if "expiration" in fields else source.expiration
    key = store_key(
        call,
        call.subject,
        fields,
        expiration=expiration,
        username=source.username,
        realm=source.realm,
        realm_type=source.realm_type,
        owner=source.owner,
        metadata={**fields.get("metadata", source.metadata or {}), "_cloned_from": source.id},
        role_descriptors=source.role_descriptors,
        limited_by=source.limited_by,
    )
    return answer_after_refresh(call, show_created(key, call.version), policy)


def get(call: Call) -> Answer:
    """GET /_security/api_key."""
    wanted = {name: call.query.get(name) or None for name in ("id", "name", "username", "realm_name")}
    owner, limited = call.flag("owner"), call.flag("with_limited_by")
    active_only = call.flag("active_only")
    call.flag("with_profile_uid")
    _check_selection(wanted, owner)
    _authorize_get(call, wanted, owner, limited)
    now = call.state.clock.now_ms()
    found = [
        key
        for key in _select(call, [wanted["id"]] if wanted["id"] else None, wanted, owner)
        if not active_only or not (key.invalidated or key.is_expired(now))
    ]
    shown = [show_key(key, call.version, limited) for key in found]
    return Answer(404 if wanted["id"] and not shown else 200, {"api_keys": shown})


def _check_selection(wanted: dict[str, Any], owner: bool) -> None:
    problems = []
    by_user = wanted["username"] or wanted["realm_name"]
    if (wanted["id"] or wanted["name"]) and by_user:
        problems.append("username or realm name must not be specified when the api key id or api key name is specified")
    if owner and by_user:
        problems.append("neither username nor realm-name may be specified when retrieving owned API keys")
    if wanted["id"] and wanted["name"]:
        problems.append("only one of [api key id, api key name] can be specified")
    if problems:
        raise validation_failed(problems)


def _authorize_get(call: Call, wanted: dict[str, Any], owner: bool, limited: bool) -> None:
    subject, action = call.subject, API_KEY_ACTION + "get"
    if subject.key is not None:
        if wanted["id"] == subject.key.id and not limited and not owner and not is_restricted(subject):
            return
        own = False
    else:
        own = owner or (wanted["username"] == subject.username and wanted["realm_name"] == subject.realm)
    require_cluster(subject, action, (OWN, *_READ) if own else _READ, call.version)


def _select(call: Call, ids: list[str] | None, wanted: dict[str, Any], owner: bool) -> list[KeyDocument]:
    """The keys that a search finds, by ids or by the fields that GET and DELETE share."""
    if ids is not None:
        found = [key for key in map(call.state.keys.find, dict.fromkeys(ids)) if key is not None]
    else:
        found = call.state.keys.search()
    if owner:
        found = [key for key in found if call.subject.owns(key)]
    if wanted["username"]:
        found = [key for key in found if key.username == wanted["username"]]
    if wanted["realm_name"]:
        found = [key for key in found if key.realm == wanted["realm_name"]]
    name = wanted["name"]
    if name and name.endswith("*"):
        return [key for key in found if key.name.startswith(name[:-1])]
    return [key for key in found if key.name == name] if name else found


def update(call: Call) -> Answer:
    """PUT /_security/api_key/{id}."""
    fields = reader_of(call).update(read_optional_body(call.request.body))
    require_cluster(call.subject, API_KEY_ACTION + "update", (OWN, *MANAGE), call.version)
    require_user(call)
    changed = apply_update(call, owned_key(call, call.variables["id"], REST), fields)
    return answer_after_refresh(call, {"updated": changed}, None if changed else "false")


def require_user(call: Call) -> None:
    """400 for an API key: it cannot update keys."""
    if call.subject.key is not None:
        raise illegal_argument("authentication via API key not supported: only the owner user can update an API key")


def owned_key(call: Call, key_id: str, expected_type: str) -> KeyDocument:
    """A key of one's own that can be updated; somebody else's looks as if it were missing."""
    found = call.state.keys.find(key_id)
    if found is None or not call.subject.owns(found):
        raise Refusal(404, "resource_not_found_exception", _NOT_OWNED.format(key_id))
    key = call.state.keys.get(key_id) or found
    if key.invalidated:
        raise illegal_argument(f"cannot update invalidated API key [{key_id}]")
    if key.is_expired(call.state.clock.now_ms()):
        raise illegal_argument(f"cannot update expired API key [{key_id}]")
    if key.type != expected_type:
        raise illegal_argument(f"cannot update API key of type [{key.type}] while expected type is [{expected_type}]")
    return key


def apply_update(call: Call, key: KeyDocument, fields: dict[str, Any]) -> bool:
    """Writes what an update changes, the owner's snapshot included; says whether that was anything."""
    changes: dict[str, Any] = {"owner": call.subject.owner}
    if key.type == REST:
        changes["limited_by"] = call.subject.limited_by()
    for name in ("metadata", "role_descriptors", "access", "certificate_identity"):
        if name in fields:
            changes[name] = fields[name]
    if "expiration" in fields:
        changes["expiration"] = call.state.expiry_after(fields["expiration"])
    updated = replace(key, **changes)
    # Any expiration counts as a change, even one that leads to the same end.
    if "expiration" not in fields and _unchanged(key, updated):
        return False
    check_metadata_fits(updated.metadata, key.id)
    call.state.keys.write(updated)
    return True


def _unchanged(key: KeyDocument, updated: KeyDocument) -> bool:
    return (
        canonical([key.metadata, key.owner, key.access, key.certificate_identity])
        == canonical([updated.metadata, updated.owner, updated.access, updated.certificate_identity])
        and same(key.role_descriptors, updated.role_descriptors)
        and same(key.limited_by or {}, updated.limited_by or {})
    )


def bulk_update(call: Call) -> Answer:
    """POST /_security/api_key/_bulk_update."""
    fields = reader_of(call).bulk_update(read_body(call.request.body))
    require_cluster(call.subject, API_KEY_ACTION + "bulk_update", (OWN, *MANAGE), call.version)
    require_user(call)
    # Taken by the newer servers' parser and then ignored.
    fields.pop("certificate_identity", None)
    updated: list[str] = []
    noops: list[str] = []
    details: dict[str, Any] = {}
    for key_id in dict.fromkeys(fields["ids"]):
        try:
            changed = apply_update(call, owned_key(call, key_id, REST), fields)
        except Refusal as refusal:
            details[key_id] = {"type": refusal.kind, "reason": refusal.reason}
            continue
        (updated if changed else noops).append(key_id)
    payload: dict[str, Any] = {"updated": updated, "noops": noops}
    if details:
        payload["errors"] = {"count": len(details), "details": details}
    return answer_after_refresh(call, payload, None if updated else "false")


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
    return _invalidate(call, [key for key in _select(call, ids, wanted, owner) if not key.invalidated])


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


def clear_cache(call: Call) -> Answer:
    """POST /_security/api_key/{ids}/_clear_cache."""
    require_cluster(
        call.subject, "cluster:admin/xpack/security/api_key/cache/clear", ("manage_security", "all"), call.version
    )
    state = call.state
    return Answer(
        200,
        {
            "_nodes": {"total": 1, "successful": 1, "failed": 0},
            "cluster_name": state.settings.cluster_name,
            "nodes": {state.node_id: {"name": state.settings.node_name}},
        },
    )


ROUTES = [
    Route(("POST", "PUT"), "/_security/api_key", create, ("refresh",)),
    Route(
        ("GET",),
        "/_security/api_key",
        get,
        (
            *("id", "name", "owner", "realm_name", "username"),
            *("with_limited_by", "active_only", "with_profile_uid"),
        ),
        parameter_since={
            "with_limited_by": "limited_by",
            "active_only": "active_only",
            "with_profile_uid": "profile_uid",
        },
    ),
    Route(("DELETE",), "/_security/api_key", invalidate),
    Route(("POST", "PUT"), "/_security/api_key/grant", grant, ("refresh",), serverless=False),
    Route(("POST", "PUT"), "/_security/api_key/clone", clone, ("refresh",), since="clone", serverless=False),
    Route(("POST",), "/_security/api_key/_bulk_update", bulk_update, since="bulk_update", serverless=False),
    Route(("PUT",), "/_security/api_key/{id}", update, since="update"),
    Route(("POST",), "/_security/api_key/{ids}/_clear_cache", clear_cache, serverless=False),
]
