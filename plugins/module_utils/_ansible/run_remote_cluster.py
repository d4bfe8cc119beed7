# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module for a remote cluster: options to a job, a run, a result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._api.elasticsearch import ElasticsearchApi, check_product
from .._api.remote_clusters import RemoteClustersApi
from .._life.remote_cluster import Proving, RemoteJob, RemoteOutcome, World, run_remote_cluster
from .._model.checks import check_not_empty
from .._model.duration import parse_duration
from .._model.errors import OptionError
from .._model.remote_cluster import wanted_remote
from .argspec import ArgumentSpec
from .connect import address_of, connect
from .failure import Report, reported
from .options import ELASTICSEARCH

REMOTE_CLUSTER = ELASTICSEARCH + ArgumentSpec(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "required": True},
        "mode": {"type": "str", "choices": ["proxy", "sniff"], "default": "sniff"},
        "proxy_address": {"type": "str"},
        "server_name": {"type": "str"},
        "seeds": {"type": "list", "elements": "str"},
        "skip_unavailable": {"type": "bool"},
        "settings": {"type": "dict", "default": {}},
        "reload": {"type": "str", "choices": ["never", "on_failure", "always"], "default": "never"},
        "keystore_password": {"type": "str", "no_log": True},
        "remote_uuid": {"type": "str"},
        "search": {"type": "str"},
        "key_id": {"type": "str"},
        "wait": {"type": "str", "default": "30s"},
    }
)


def run_remote_cluster_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**REMOTE_CLUSTER.arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module, report))


def _run(module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    job = remote_job(options)
    report.scrubber.add(*[] if job.keystore_password is None else [job.keystore_password])
    with connect(options, ELASTICSEARCH, report.scrubber, check_product, read_only=check) as client:
        world = World(time.monotonic, time.sleep)
        outcome = run_remote_cluster(job, ElasticsearchApi(client), RemoteClustersApi(client), world, check=check)
        for warning in client.warnings:
            report.warn(warning)
    report.succeed(outcome_view(outcome, job), None)


def remote_job(options: Mapping[str, Any]) -> RemoteJob:
    """Return what the task wants.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    search = options["search"]
    if search is not None:
        check_not_empty(search, "search")
        if ":" in search:
            raise OptionError(
                "search", f"search: {search!r} names a cluster.", "Give the index as the remote cluster calls it."
            )
    wait = parse_duration(options["wait"], "wait", allow_never=False, allow_zero=True)
    return RemoteJob(
        wanted=wanted_remote(options),
        address=address_of(options, ELASTICSEARCH),
        reload=options["reload"],
        keystore_password=options["keystore_password"],
        remote_uuid=options["remote_uuid"],
        proving=Proving(wait.seconds, search, options["key_id"]),
    )


def outcome_view(outcome: RemoteOutcome, job: RemoteJob) -> dict[str, Any]:
    """Return the result; in check mode as it would be, but for ``remote``, which is as it is."""
    shown = outcome.remote
    return {
        "changed": outcome.changed,
        "remote": None if shown is None else {"name": job.wanted.alias, **shown},
        "cluster": {"uuid": outcome.cluster, "version": outcome.version, "license": outcome.license},
        "nodes": [{"id": node.id, "name": node.name} for node in outcome.nodes],
        "trust": dict(outcome.trust),
        "key_in_use": outcome.key_id,
        "documents": outcome.documents,
        "reasons": outcome.reasons,
        "diff": {
            "before": {change.path: change.before for change in outcome.changes},
            "after": {change.path: change.after for change in outcome.changes},
        },
    }
