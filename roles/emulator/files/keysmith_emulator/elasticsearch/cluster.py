# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster says about itself: root, health, licence, and services that are switched off."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.clock import iso
from keysmith_emulator.elasticsearch.authorization import require_cluster
from keysmith_emulator.elasticsearch.errors import Refusal
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import DAY_MS
from keysmith_emulator.exchange import Answer

_MONITOR = ("monitor", "manage", "all")
_SERVERLESS_NUMBER = "8.11.0"


def root(call: Call) -> Answer:
    """GET /."""
    require_cluster(call.subject, "cluster:monitor/main", _MONITOR, call.version)
    settings = call.state.settings
    number = _SERVERLESS_NUMBER if settings.serverless else str(settings.version)
    oldest = f"{settings.version.major - 1}.0.0"
    return Answer(
        200,
        {
            "name": settings.node_name,
            "cluster_name": settings.cluster_name,
            "cluster_uuid": call.state.cluster_uuid,
            "version": {
                "number": number,
                "build_flavor": "serverless" if settings.serverless else "default",
                "build_type": "docker",
                "build_hash": "00000000",
                "build_date": "2024-01-01T00:00:00.000Z",
                "build_snapshot": False,
                "lucene_version": "10.0.0" if settings.version.major > 8 else "9.12.0",
                "minimum_wire_compatibility_version": oldest,
                "minimum_index_compatibility_version": oldest,
            },
            "tagline": "You Know, for Search",
        },
    )


def health(call: Call) -> Answer:
    """GET /_cluster/health."""
    require_cluster(call.subject, "cluster:monitor/health", _MONITOR, call.version)
    counts = [
        "relocating_shards",
        "initializing_shards",
        "unassigned_shards",
        "unassigned_primary_shards",
        "delayed_unassigned_shards",
        "number_of_pending_tasks",
        "number_of_in_flight_fetch",
        "task_max_waiting_in_queue_millis",
    ]
    shards = 1 + len(call.state.indices)
    return Answer(
        200,
        {
            "cluster_name": call.state.settings.cluster_name,
            "status": "green",
            "timed_out": False,
            "number_of_nodes": 1,
            "number_of_data_nodes": 1,
            "active_primary_shards": shards,
            "active_shards": shards,
            **dict.fromkeys(counts, 0),
            "active_shards_percent_as_number": 100.0,
        },
    )


def license_(call: Call) -> Answer:
    """GET /_license."""
    require_cluster(call.subject, "cluster:monitor/xpack/license/get", _MONITOR, call.version)
    state, issued = call.state, call.state.started_ms
    shown: dict[str, Any] = {
        "status": "active",
        "uid": state.license_uid,
        "type": state.license_type,
        "issue_date": iso(issued),
        "issue_date_in_millis": issued,
    }
    if state.license_type != "basic":
        expiry = issued + 30 * DAY_MS
        shown.update(expiry_date=iso(expiry), expiry_date_in_millis=expiry)
    shown.update(
        max_nodes=1000,
        max_resource_units=None,
        issued_to=state.settings.cluster_name,
        issuer="elasticsearch",
        start_date_in_millis=-1,
    )
    return Answer(200, {"license": shown})


def start_trial(call: Call) -> Answer:
    """POST /_license/start_trial."""
    require_cluster(call.subject, "cluster:admin/xpack/license/start_trial", ("manage", "all"), call.version)
    if not call.flag("acknowledge"):
        return Answer(
            200,
            {
                "acknowledged": False,
                "trial_was_started": False,
                "error_message": "Operation failed: Needs acknowledgement.",
                "acknowledge": {"message": "Call start_trial again and specify the acknowledge=true parameter."},
            },
        )
    if call.state.license_type != "basic":
        message = "Operation failed: Trial was already activated."
        return Answer(403, {"acknowledged": True, "trial_was_started": False, "error_message": message})
    call.state.license_type = "trial"
    return Answer(200, {"acknowledged": True, "trial_was_started": True, "type": "trial"})


def start_basic(call: Call) -> Answer:
    """POST /_license/start_basic."""
    require_cluster(call.subject, "cluster:admin/xpack/license/start_basic", ("manage", "all"), call.version)
    if not call.flag("acknowledge") and call.state.license_type != "basic":
        return Answer(
            200,
            {
                "acknowledged": False,
                "basic_was_started": False,
                "error_message": "Operation failed: Needs acknowledgement.",
            },
        )
    call.state.license_type = "basic"
    return Answer(200, {"acknowledged": True, "basic_was_started": True})


def token(call: Call) -> Answer:
    """POST /_security/oauth2/token: the token service is off, as it is without TLS."""
    raise Refusal(
        400,
        "feature_not_enabled_exception",
        "security tokens are not enabled",
        extra={"disabled.feature": "security_tokens"},
    )


ROUTES = [
    Route(("GET", "HEAD"), "/", root),
    Route(("GET",), "/_cluster/health", health, ("wait_for_status", "timeout", "local"), serverless=False),
    Route(("GET",), "/_license", license_, ("local", "accept_enterprise"), serverless=False),
    Route(("POST",), "/_license/start_trial", start_trial, ("acknowledge", "type"), serverless=False),
    Route(("POST",), "/_license/start_basic", start_basic, ("acknowledge",), serverless=False),
    Route(("POST",), "/_security/oauth2/token", token, serverless=False),
]
