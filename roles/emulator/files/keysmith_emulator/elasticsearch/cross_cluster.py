# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cross-cluster keys: create and update."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.authorization import require_cluster
from keysmith_emulator.elasticsearch.body import read_body
from keysmith_emulator.elasticsearch.errors import forbidden, illegal_argument
from keysmith_emulator.elasticsearch.key_calls import answer_after_refresh, reader_of
from keysmith_emulator.elasticsearch.key_creation import store_key
from keysmith_emulator.elasticsearch.key_requests import cross_cluster_role
from keysmith_emulator.elasticsearch.key_update import apply_update, owned_key, require_user
from keysmith_emulator.elasticsearch.key_views import show_created
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import CROSS_CLUSTER
from keysmith_emulator.exchange import Answer

_FEATURE = "advanced-remote-cluster-security"
_ACTION = "cluster:admin/xpack/security/cross_cluster/api_key/"
_GRANTED_BY = ("manage_security", "all")


def _check_license(call: Call) -> None:
    if call.state.license_type not in ("trial", "enterprise"):
        raise forbidden(
            f"current license is non-compliant for [{_FEATURE}]", extra={"license.expired.feature": _FEATURE}
        )


def _derived(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    if "access" not in fields:
        return {}
    return {"role_descriptors": cross_cluster_role(fields["access"], call.version.has("enrich_in_search_access"))}


def create(call: Call) -> Answer:
    """POST /_security/cross_cluster/api_key."""
    _check_license(call)
    fields = reader_of(call).cross_cluster_create(read_body(call.request.body))
    require_cluster(call.subject, _ACTION + "create", _GRANTED_BY, call.version)
    if call.subject.key is not None:
        raise illegal_argument(
            "authentication via API key not supported: An API key cannot be used to create a cross-cluster API key"
        )
    key = store_key(
        call,
        call.subject,
        {**fields, **_derived(call, fields)},
        type=CROSS_CLUSTER,
        access=fields["access"],
        limited_by=None,
        certificate_identity=fields.get("certificate_identity"),
    )
    return answer_after_refresh(call, show_created(key, call.version))


def update(call: Call) -> Answer:
    """PUT /_security/cross_cluster/api_key/{id}."""
    _check_license(call)
    fields = reader_of(call).cross_cluster_update(read_body(call.request.body))
    require_cluster(call.subject, _ACTION + "update", _GRANTED_BY, call.version)
    require_user(call)
    key = owned_key(call, call.variables["id"], CROSS_CLUSTER)
    changed = apply_update(call, key, {**fields, **_derived(call, fields)})
    return answer_after_refresh(call, {"updated": changed}, None if changed else "false")


ROUTES = [
    Route(("POST",), "/_security/cross_cluster/api_key", create, since="cross_cluster", serverless=False),
    Route(("PUT",), "/_security/cross_cluster/api_key/{id}", update, since="cross_cluster", serverless=False),
]
