# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A module that lists keys: options to a selection, the selected keys to a result."""

from __future__ import annotations

import time

from ansible.module_utils.basic import AnsibleModule

from .._kinds.listing import ListingKind
from .._model.duration import parse_duration
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .options import ELASTICSEARCH
from .present import key_view, login_view, login_warning


def listing_spec(kind: ListingKind) -> ArgumentSpec:
    """Return the argument spec of an info module."""
    return ELASTICSEARCH + ArgumentSpec(kind.options)


def run_info_module(kind: ListingKind) -> None:
    """Be the module that lists these keys: everything but its documentation."""
    module = AnsibleModule(**listing_spec(kind).arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(kind, module, report))


def _run(kind: ListingKind, module: AnsibleModule, report: Report) -> None:
    options = module.params
    selection = kind.selection(options)
    window = parse_duration(options["warn_login_expires"], "warn_login_expires", allow_never=False, allow_zero=True)
    with connect(options, report.scrubber, kind.check_answer, read_only=True) as client:
        listing = kind.listing(client, options)
        login = listing.login()
        keys, told = listing.select(selection)
        now = int(time.time() * 1000) if told is None else told
        for warning in (*client.warnings, listing.blind_spot(selection), login_warning(login, now, window)):
            if warning is not None:
                report.warn(warning)
    shown = [key_view(key, now) for key in keys]
    report.succeed({"changed": False, "api_keys": shown, "total": len(shown), "login": login_view(login)}, None)
