# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module that revokes keys in bulk: options to a plan, the plan carried out key by key, what became of each to a result."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._kinds.revocation import RevocationKind, RevocationService
from .._model.errors import KeysmithError, NotRevoked
from .._model.key import Key
from .._model.lifecycle import named
from .._model.revocation import Revocation, Seen, check_count, decide_revocation, warning_of_time
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .list_keys import login_window
from .options import GROUPS
from .present import key_view, login_view, login_warning, time_view


def revocation_spec(kind: RevocationKind) -> ArgumentSpec:
    """Return the argument spec of the module."""
    return GROUPS[kind.group] + ArgumentSpec(kind.options)


def run_revocation_module(kind: RevocationKind) -> None:
    """Be the module that revokes these keys: everything but its documentation."""
    module = AnsibleModule(**revocation_spec(kind).arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(kind, module, report))


def _run(kind: RevocationKind, module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    asked = kind.asked(options)
    if asked.secret is not None:
        report.scrubber.add_secret(asked.secret)
    window = login_window(options)
    with connect(options, GROUPS[kind.group], report.scrubber, kind.check_answer, read_only=check) as client:
        work = kind.service(client, options)
        demand, seen = work.look(asked)
        plan = decide_revocation(demand, seen)
        slow = warning_of_time(plan, kind.pause)
        for warning in (*client.warnings, *plan.warnings, slow, login_warning(seen.login, seen.now, window)):
            if warning is not None:
                report.warn(warning)
        dead: int | None = 0
        if plan.all:
            work.check_allowed(plan, seen.login)
        else:
            dead = work.count_dead(demand, plan)
        check_count(demand, plan, dead, check=check)
        result = {**_view(plan, seen), "already_dead": dead, "login": login_view(seen.login)}
        if not check:
            _carry_out(plan, work, report, result)
    report.succeed(result, None)


def _view(plan: Revocation, seen: Seen) -> dict[str, Any]:
    shown = [key_view(key, seen.now) for key in plan.all]
    before = {key.id: f"{key.name} of {key.owner}, ends {time_view(key.expiration) or 'never'}" for key in plan.all}
    return {
        "changed": bool(plan.all),
        "revoked": shown,
        "kept": [{"id": one.id, "name": one.name, "why": one.why} for one in plan.kept],
        "reasons": list(plan.reasons),
        "diff": {"before": before, "after": {}},
    }


def _carry_out(plan: Revocation, work: RevocationService, report: Report, result: dict[str, Any]) -> None:
    """Revoke, and fail with a result that tells the dead from the living if not all are dead."""
    living: list[Key] = []
    problem: KeysmithError | None = None
    # What may be the login's own key goes after the others, and only when nothing is left that it could still be needed for.
    for keys in (plan.hits, plan.doubtful):
        dead, trouble = work.revoke(keys) if keys and not living else (frozenset(), None)
        problem = problem or trouble
        living += [key for key in keys if key.id not in dead]
    if plan.own is not None and (living or not work.revoke_own(plan.own)):
        living.append(plan.own)
    if living:
        report.done = _partial(result, plan, living)
        raise _not_revoked(living, len(plan.all), problem)


def _partial(result: dict[str, Any], plan: Revocation, living: list[Key]) -> dict[str, Any]:
    alive = {key.id for key in living}
    shown, before = result["revoked"], result["diff"]["before"]
    return {
        **result,
        "changed": len(living) < len(plan.all),
        "revoked": [key for key in shown if key["id"] not in alive],
        "not_revoked": [key for key in shown if key["id"] in alive],
        "reasons": [f"revoked: {len(plan.all) - len(living)} of {len(plan.all)} keys"],
        "diff": {"before": before, "after": {key_id: line for key_id, line in before.items() if key_id in alive}},
    }


def _not_revoked(living: list[Key], count: int, problem: KeysmithError | None) -> NotRevoked:
    ids = [key.id for key in living]
    why = "the server did not confirm it" if problem is None else problem.message.rstrip(".")
    return NotRevoked(
        f"{len(ids)} of {count} keys may live on, {named(ids)}: {why}.",
        "What is dead is in revoked, what is not in not_revoked. Run it again with that number as expected_count.",
        ids=ids,
    )
