# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A module for one key of any kind: options to a job, a run, a result."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._kinds.kind import KeyKind, KeyService
from .._life.job import Job, Outcome
from .._life.run import run_jobs
from .._model.duration import Duration
from .._model.secret import secret_type
from .._stores.store import open_store
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .list_keys import login_window
from .options import GROUPS, LIFECYCLE
from .policy import policy_of
from .present import login_view, login_warning, outcome_view, secret_view


def key_spec(kind: KeyKind) -> ArgumentSpec:
    """Return the argument spec of a key module."""
    return GROUPS[kind.group] + LIFECYCLE + ArgumentSpec(kind.options)


def run_key_module(kind: KeyKind) -> None:
    """Be the module of this kind: everything but its documentation."""
    module = AnsibleModule(**key_spec(kind).arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(kind, module, report))


def _run(kind: KeyKind, module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    wanted = kind.wanted(options)
    policy = policy_of(options, wanted)
    window = login_window(options)
    store = open_store(options["store"], read_only=check) if policy.stored else None
    with connect(options, GROUPS[kind.group], report.scrubber, kind.check_answer, read_only=check) as client:
        service = kind.service(client, options)
        (outcome,) = run_jobs(kind, service, [Job(wanted, policy, store)], check=check)
        report.outcome = outcome
        for secret in outcome.known_secrets():
            report.scrubber.add_secret(secret)
        for warning in (*wanted.warnings, *client.warnings, *outcome.warnings):
            report.warn(warning)
        _finish(kind, report, outcome, service, window, check)


def _finish(
    kind: KeyKind, report: Report, outcome: Outcome, service: KeyService, window: Duration, check: bool
) -> None:
    if outcome.error is not None:
        raise outcome.error
    login = service.login()
    soon = login_warning(login, outcome.found.now, window)
    if soon:
        report.warn(soon)
    result = {**outcome_view(outcome, check), "login": login_view(login)}
    wants_secret = outcome.job.policy.return_secret and outcome.job.policy.state == "present"
    report.succeed(result, secret_view(outcome.secret, check, secret_type(kind.name)) if wants_secret else None)
