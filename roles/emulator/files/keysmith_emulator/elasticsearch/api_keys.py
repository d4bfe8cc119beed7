# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of keys."""

from __future__ import annotations

from keysmith_emulator.elasticsearch.authorization import require_cluster
from keysmith_emulator.elasticsearch.key_creation import clone, create, grant
from keysmith_emulator.elasticsearch.key_invalidation import invalidate
from keysmith_emulator.elasticsearch.key_listing import get
from keysmith_emulator.elasticsearch.key_update import bulk_update, update
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.exchange import Answer


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
