# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module that tells about the credential one is logged in with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._api.elasticsearch import check_product
from .._kinds.es_credential import OPTIONS, Credential, look_at_credential
from .._model.abilities import why_not
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .list_keys import login_window
from .options import ELASTICSEARCH
from .present import login_view, login_warning


def credential_spec() -> ArgumentSpec:
    """Return the argument spec of the module."""
    return ELASTICSEARCH + ArgumentSpec(OPTIONS)


def run_credential_info_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**credential_spec().arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module, report))


def _run(module: AnsibleModule, report: Report) -> None:
    options = module.params
    window = login_window(options)
    with connect(options, ELASTICSEARCH, report.scrubber, check_product, read_only=True) as client:
        credential = look_at_credential(client, options)
        warnings = list(client.warnings)
    # Elasticsearch tells its time only where keys can be searched, which not every login may.
    now = int(time.time() * 1000)
    soon = login_warning(credential.holder.login, now, window)
    for warning in (*warnings, *([] if soon is None else [soon])):
        report.warn(warning)
    report.succeed({"changed": False, **_view(credential, options, now)}, None)


def _view(credential: Credential, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    login, server = credential.holder.login, credential.holder.server
    reasons = why_not(credential.holder)
    return {
        "credential": {
            **login_view(login),
            "realm_type": login.realm_type,
            "roles": list(login.roles),
            "key_name": login.key_name,
            "managed_by": login.managed_by,
            "remaining_seconds": None if login.expiration is None else max(0, login.expiration - now) // 1000,
            "run_as": options.get("run_as"),
        },
        "privileges": {kind: credential.held.get(kind) or {} for kind in ("cluster", "index", "application")},
        "holds_all": credential.holds_all,
        "can": {name: reason is None for name, reason in reasons.items()},
        "why_not": {name: reason for name, reason in reasons.items() if reason is not None},
        "server": None
        if server is None
        else {"version": server.version, "flavor": server.flavor, "cluster_uuid": server.cluster},
    }
