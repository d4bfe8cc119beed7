# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, grant and clone."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.authentication import by_password, check_key, decode_key, run_as
from keysmith_emulator.elasticsearch.authorization import API_KEY_ACTION, MANAGE, require_cluster
from keysmith_emulator.elasticsearch.body import ObjectParser, read_body
from keysmith_emulator.elasticsearch.cloud_logins import creates_refused
from keysmith_emulator.elasticsearch.errors import Refusal, forbidden, illegal_argument, unauthenticated
from keysmith_emulator.elasticsearch.key_calls import OWN, answer_after_refresh, check_refresh, reader_of
from keysmith_emulator.elasticsearch.key_requests import check_metadata_fits
from keysmith_emulator.elasticsearch.key_views import show_created
from keysmith_emulator.elasticsearch.role_descriptors import is_empty
from keysmith_emulator.elasticsearch.routes import Call
from keysmith_emulator.elasticsearch.state import REST, KeyDocument, new_secret
from keysmith_emulator.elasticsearch.subjects import Subject
from keysmith_emulator.exchange import Answer


def create(call: Call) -> Answer:
    """POST or PUT /_security/api_key."""
    policy = check_refresh(call)
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
    policy = check_refresh(call)
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
    policy = check_refresh(call)
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
