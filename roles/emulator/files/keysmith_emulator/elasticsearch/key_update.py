# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Update, one key or many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from keysmith_emulator.elasticsearch.authorization import API_KEY_ACTION, MANAGE, require_cluster
from keysmith_emulator.elasticsearch.body import canonical, read_body, read_optional_body
from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument
from keysmith_emulator.elasticsearch.key_calls import OWN, answer_after_refresh, reader_of
from keysmith_emulator.elasticsearch.key_requests import check_metadata_fits
from keysmith_emulator.elasticsearch.role_descriptors import same
from keysmith_emulator.elasticsearch.routes import Call
from keysmith_emulator.elasticsearch.state import REST, KeyDocument
from keysmith_emulator.exchange import Answer

_NOT_OWNED = "no API key owned by requesting user found for ID [{}]"


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
