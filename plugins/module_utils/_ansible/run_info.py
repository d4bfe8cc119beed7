# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A module that lists keys: options to a selection, the selected keys to a result."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._kinds.listing import ListingKind
from .argspec import ArgumentSpec
from .failure import Report, reported
from .list_keys import list_keys
from .options import GROUPS
from .present import key_view, login_view


def listing_spec(kind: ListingKind) -> ArgumentSpec:
    """Return the argument spec of an info module."""
    return GROUPS[kind.group] + ArgumentSpec(kind.options)


def run_info_module(kind: ListingKind) -> None:
    """Be the module that lists these keys: everything but its documentation."""
    module = AnsibleModule(**listing_spec(kind).arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(kind, module, report))


def _run(kind: ListingKind, module: AnsibleModule, report: Report) -> None:
    listed = list_keys(kind, module.params, report.scrubber)
    for warning in (*listed.warnings, *([] if listed.blind_spot is None else [listed.blind_spot])):
        report.warn(warning)
    shown = [key_view(key, listed.now) for key in listed.keys]
    report.succeed({"changed": False, "api_keys": shown, "total": len(shown), "login": login_view(listed.login)}, None)
