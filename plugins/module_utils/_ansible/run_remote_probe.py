# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module that tries a remote cluster's addresses from the machine of a node. It changes nothing."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._http.probe import Probe, probe
from .._model.errors import OptionError
from .._model.remote_cluster import split_address
from .argspec import ArgumentSpec
from .failure import Report, reported

PROBE = ArgumentSpec(
    {
        "addresses": {"type": "list", "elements": "str", "required": True},
        "tls": {"type": "bool", "default": True},
        "ca_paths": {"type": "list", "elements": "path", "default": []},
        "verification": {"type": "str", "choices": ["full", "certificate", "none"], "default": "full"},
        "server_name": {"type": "str"},
        "connect_timeout": {"type": "float", "default": 10},
    }
)


def run_remote_probe_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**PROBE.arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module.params, report))


def _run(options: dict[str, Any], report: Report) -> None:
    if not options["addresses"]:
        raise OptionError("addresses", "addresses is an empty list.", "Give at least one, such as es.example.net:9443.")
    for host, port in [split_address(one, "addresses") for one in options["addresses"]]:
        probe(
            Probe(
                host,
                port,
                tls=options["tls"],
                authorities=tuple(options["ca_paths"]),
                verification=options["verification"],
                server_name=options["server_name"],
                seconds=options["connect_timeout"],
            )
        )
    report.succeed({"changed": False, "reached": options["addresses"]}, None)
