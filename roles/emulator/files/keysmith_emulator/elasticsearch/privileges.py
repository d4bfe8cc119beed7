# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The named privileges and which of them imply which, as seen on servers 8.19.21 and 9.5.3."""

from __future__ import annotations

import fnmatch
import functools
import re

from keysmith_emulator.elasticsearch.versions import Version

# In the order in which the server lists them; a name that is not in every version has the first one that knows it.
CLUSTER_SINCE: dict[str, tuple[int, int]] = {
    "clone_api_key": (9, 4),
    "monitor_esql": (9, 1),
    "monitor_reindex": (9, 4),
    "manage_reindex": (9, 4),
    "read_project_routing": (9, 4),
    "manage_project_routing": (9, 4),
    "monitor_stats": (8, 17),
    "manage_data_stream_global_retention": (8, 15),
    "monitor_data_stream_global_retention": (8, 15),
    "cross_cluster_replication": (8, 9),
    "cross_cluster_search": (8, 9),
    "read_security": (8, 5),
    "manage_user_profile": (8, 2),
}
CLUSTER = [
    "manage_own_api_key",
    "manage_data_stream_global_retention",
    "monitor_data_stream_global_retention",
    "none",
    "cancel_task",
    "clone_api_key",
    "cross_cluster_replication",
    "cross_cluster_search",
    "delegate_pki",
    "grant_api_key",
    "manage_autoscaling",
    "manage_index_templates",
    "manage_logstash_pipelines",
    "manage_oidc",
    "manage_saml",
    "manage_search_application",
    "manage_search_query_rules",
    "manage_search_synonyms",
    "manage_service_account",
    "manage_token",
    "manage_user_profile",
    "monitor_connector",
    "monitor_enrich",
    "monitor_esql",
    "monitor_inference",
    "monitor_ml",
    "monitor_reindex",
    "monitor_rollup",
    "monitor_snapshot",
    "monitor_stats",
    "monitor_text_structure",
    "monitor_watcher",
    "post_behavioral_analytics_event",
    "read_ccr",
    "read_connector_secrets",
    "read_fleet_secrets",
    "read_ilm",
    "read_pipeline",
    "read_project_routing",
    "read_security",
    "read_slm",
    "transport_client",
    "write_connector_secrets",
    "write_fleet_secrets",
    "create_snapshot",
    "manage_behavioral_analytics",
    "manage_ccr",
    "manage_connector",
    "manage_enrich",
    "manage_ilm",
    "manage_inference",
    "manage_ml",
    "manage_project_routing",
    "manage_reindex",
    "manage_rollup",
    "manage_slm",
    "manage_watcher",
    "monitor_data_frame_transforms",
    "monitor_transform",
    "manage_ingest_pipelines",
    "manage_pipeline",
    "manage_api_key",
    "manage_data_frame_transforms",
    "manage_transform",
    "manage_security",
    "monitor",
    "manage",
    "all",
]
# Nobody lacks these: they cover no action of a cluster that is not serverless.
_CLUSTER_EMPTY = {"none", "manage_data_stream_global_retention", "monitor_data_stream_global_retention"}
_CLUSTER_IMPLIES: dict[str, str] = {
    "create_snapshot": "monitor_snapshot",
    "manage_behavioral_analytics": "post_behavioral_analytics_event",
    "manage_ccr": "read_ccr",
    "manage_connector": "monitor_connector",
    "manage_enrich": "monitor_enrich",
    "manage_ilm": "read_ilm",
    "manage_inference": "monitor_inference",
    "manage_ml": "monitor_ml",
    "manage_project_routing": "read_project_routing",
    "manage_reindex": "monitor_reindex",
    "manage_rollup": "monitor_rollup",
    "manage_slm": "read_slm",
    "manage_watcher": "monitor_watcher",
    "monitor_data_frame_transforms": "monitor_transform",
    "monitor_transform": "monitor_data_frame_transforms",
    "manage_ingest_pipelines": "manage_pipeline read_pipeline",
    "manage_pipeline": "manage_ingest_pipelines read_pipeline",
    "manage_api_key": "clone_api_key grant_api_key manage_own_api_key",
    "manage_data_frame_transforms": "manage_transform monitor_transform",
    "manage_transform": "manage_data_frame_transforms monitor_transform",
    "manage_security": "manage_api_key manage_oidc manage_service_account manage_token manage_user_profile read_security",
    "monitor": (
        "monitor_data_frame_transforms monitor_esql monitor_inference monitor_ml monitor_reindex monitor_rollup "
        "monitor_stats monitor_text_structure monitor_watcher read_project_routing transport_client"
    ),
    "manage": (
        "cancel_task create_snapshot cross_cluster_replication cross_cluster_search manage_autoscaling "
        "manage_behavioral_analytics manage_connector manage_transform manage_enrich manage_ilm "
        "manage_index_templates manage_inference manage_pipeline manage_logstash_pipelines manage_ml "
        "manage_project_routing manage_reindex manage_rollup manage_search_application manage_search_query_rules "
        "manage_search_synonyms manage_slm manage_watcher monitor read_connector_secrets read_fleet_secrets "
        "write_connector_secrets write_fleet_secrets"
    ),
    "all": "delegate_pki manage manage_ccr manage_saml manage_security",
}

INDEX_SINCE: dict[str, tuple[int, int]] = {
    "create_dataset": (9, 4),
    "create_view": (9, 3),
    "delete_dataset": (9, 4),
    "delete_view": (9, 3),
    "manage_dataset": (9, 4),
    "manage_view": (9, 3),
    "read_dataset_metadata": (9, 4),
    "read_view_metadata": (9, 3),
    "manage_failure_store": (8, 19),
    "read_failure_store": (8, 19),
    "manage_data_stream_lifecycle": (8, 8),
    "cross_cluster_replication": (8, 9),
    "cross_cluster_replication_internal": (8, 9),
}
INDEX = [
    "all",
    "auto_configure",
    "create",
    "create_dataset",
    "create_doc",
    "create_index",
    "create_view",
    "cross_cluster_replication",
    "cross_cluster_replication_internal",
    "delete",
    "delete_dataset",
    "delete_index",
    "delete_view",
    "index",
    "maintenance",
    "manage",
    "manage_data_stream_lifecycle",
    "manage_dataset",
    "manage_failure_store",
    "manage_follow_index",
    "manage_ilm",
    "manage_leader_index",
    "manage_view",
    "monitor",
    "none",
    "read",
    "read_cross_cluster",
    "read_dataset_metadata",
    "read_failure_store",
    "read_view_metadata",
    "view_index_metadata",
    "write",
]
_INDEX_IMPLIES: dict[str, str] = {
    "all": (
        "cross_cluster_replication cross_cluster_replication_internal manage manage_failure_store read "
        "read_cross_cluster read_failure_store write"
    ),
    "create": "create_doc",
    "index": "create",
    "manage": (
        "auto_configure create_index delete_index maintenance manage_data_stream_lifecycle manage_dataset "
        "manage_failure_store manage_follow_index manage_ilm manage_leader_index manage_view monitor "
        "view_index_metadata"
    ),
    "manage_dataset": "create_dataset delete_dataset read_dataset_metadata",
    "manage_failure_store": "manage",
    "manage_view": "create_view delete_view read_view_metadata",
    "write": "delete index",
}
READ_CROSS_CLUSTER_IN_READ_SINCE = (9, 0)

# What serverless projects offer to their users; the rest exists but is refused.
SERVERLESS_CLUSTER = frozenset(
    [
        "all",
        "cancel_task",
        "create_snapshot",
        "manage",
        "manage_api_key",
        "manage_connector",
        "manage_data_stream_global_retention",
        "manage_enrich",
        "manage_index_templates",
        "manage_inference",
        "manage_ingest_pipelines",
        "manage_logstash_pipelines",
        "manage_ml",
        "manage_own_api_key",
        "manage_pipeline",
        "manage_search_application",
        "manage_search_query_rules",
        "manage_search_synonyms",
        "manage_security",
        "manage_transform",
        "monitor",
        "monitor_connector",
        "monitor_data_stream_global_retention",
        "monitor_enrich",
        "monitor_inference",
        "monitor_ml",
        "monitor_transform",
        "none",
        "post_behavioral_analytics_event",
        "read_pipeline",
        "read_security",
        "manage_behavioral_analytics",
        "monitor_stats",
    ]
)
SERVERLESS_INDEX = frozenset(
    [
        "all",
        "auto_configure",
        "create",
        "create_doc",
        "create_index",
        "cross_cluster_replication_internal",
        "delete",
        "delete_index",
        "index",
        "maintenance",
        "manage",
        "manage_data_stream_lifecycle",
        "monitor",
        "none",
        "read",
        "read_cross_cluster",
        "view_index_metadata",
        "write",
        "manage_failure_store",
        "read_failure_store",
    ]
)


def cluster_names(version: Version) -> list[str]:
    """The cluster privileges that a version knows."""
    return _known(CLUSTER, CLUSTER_SINCE, version)


def index_names(version: Version) -> list[str]:
    """The index privileges that a version knows."""
    return _known(INDEX, INDEX_SINCE, version)


def _known(names: list[str], since: dict[str, tuple[int, int]], version: Version) -> list[str]:
    return [name for name in names if (version.major, version.minor) >= since.get(name, (0, 0))]


@functools.cache
def _closure(name: str, of_index: bool, version: Version) -> frozenset[str]:
    table = _INDEX_IMPLIES if of_index else _CLUSTER_IMPLIES
    reached, open_names = {name}, [name]
    while open_names:
        for implied in table.get(open_names.pop(), "").split():
            if implied not in reached:
                reached.add(implied)
                open_names.append(implied)
    if of_index and "read" in reached and (version.major, version.minor) >= READ_CROSS_CLUSTER_IN_READ_SINCE:
        reached.add("read_cross_cluster")
    return frozenset(reached)


def is_cluster_action(name: str) -> bool:
    """Whether a privilege is a pattern over cluster actions instead of a name."""
    return name.startswith(("cluster:", "indices:admin/template/", "indices:admin/index_template/"))


def is_index_action(name: str) -> bool:
    """Whether a privilege is a pattern over index actions instead of a name."""
    return name.startswith(("indices:", "internal:"))


# The actions behind the names that the emulator's own endpoints need; for any other, only patterns and `all` count.
_ACTIONS: dict[str, str] = {
    "monitor": "cluster:monitor/*",
    "manage": "cluster:*",
    "manage_security": "cluster:admin/xpack/security/*",
    "read": "indices:data/read/*",
    "write": "indices:data/write/*",
}


def grants(held: str, wanted: str, of_index: bool, version: Version) -> bool:
    """Whether one privilege that is held covers one that is wanted."""
    held, wanted = held.lower(), wanted.lower()
    if held == wanted or held == "all":
        return True
    if wanted == "none" or (not of_index and wanted in _CLUSTER_EMPTY):
        return True
    if ":" not in held and ":" not in wanted:
        return wanted in _closure(held, of_index, version)
    if ":" not in wanted:
        return False
    if ":" in held:
        return fnmatch.fnmatchcase(wanted, held)
    if not of_index and wanted.startswith("cluster:admin/xpack/security/") and held == "manage":
        return False
    return any(
        fnmatch.fnmatchcase(wanted, _ACTIONS[name]) for name in _closure(held, of_index, version) if name in _ACTIONS
    )


def covers_name(pattern: str, name: str) -> bool:
    """Whether an index pattern of a role covers a name or a narrower pattern."""
    if pattern.startswith("/") and pattern.endswith("/") and len(pattern) > 1:
        return re.fullmatch(pattern[1:-1], name) is not None
    expression = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(expression, name, re.DOTALL) is not None


def is_restricted(name: str) -> bool:
    """Whether an index is one that only `allow_restricted_indices` opens."""
    return covers_name(".security*", name)
