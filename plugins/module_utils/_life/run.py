# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The one runner for every kind of key, over a list of wanted keys: look, decide, then carry out or predict."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from .._kinds.kind import KeyKind, KeyService
from .._model.decide import decide
from .._model.errors import KeysmithError
from .._model.found import Found
from .._model.plan import Confirm, Forget, Issue, Note, Plan, Sweep, Update, predicted
from .._stores.store import Store
from .execute import Execution, Tools
from .job import Job, Outcome
from .look import look


def local_clock() -> int:
    """Return the local time in ms since the epoch."""
    return int(time.time() * 1000)


def fresh_nonce() -> str:
    """Return 128 random bits, written for humans to compare."""
    return secrets.token_hex(16)


DEFAULT_TOOLS = Tools(local_clock, time.sleep, fresh_nonce)


def run_jobs(
    kind: KeyKind, service: KeyService, jobs: Sequence[Job], *, check: bool, tools: Tools = DEFAULT_TOOLS
) -> list[Outcome]:
    """See to a list of keys and return what became of each, in their order.

    :param check: predict only; nothing is written, and transport and stores are read-only besides.
    :raises KeysmithError: only what concerns every job (the login, the search). What concerns one job is its outcome's ``error``.
    """
    founds = look(kind, service, jobs, tools.clock)
    looked = time.monotonic()
    return [_run_one(kind, service, job, found, check, tools, looked) for job, found in zip(jobs, founds)]


def _run_one(
    kind: KeyKind, service: KeyService, job: Job, found: Found, check: bool, tools: Tools, looked: float
) -> Outcome:
    outcome = Outcome(job, found)
    try:
        plan = _plan(kind, service, job, found)
        outcome.plan, outcome.key, outcome.warnings = plan, plan.current, list(plan.warnings)
        if plan.refusal is not None:
            raise plan.refusal
        if job.store is not None and any(
            isinstance(step, (Sweep, Issue, Update, Note, Confirm, Forget)) for step in plan.steps
        ):
            outcome.warnings += job.store.check_writable()
        if check:
            owner = job.wanted.scope.resolve(found.login) or found.login.owner
            outcome.key = predicted(plan, found.now, owner, kind.rules.type, service.marks)
        elif plan.changed:
            warnings, execution = outcome.warnings, Execution(kind, service, job, found, plan, tools, looked)
            execution.outcome.warnings = warnings
            outcome = execution.outcome
            execution.perform()
        _see_to_attributes(outcome, check)
        _attach_secret(outcome)
    except KeysmithError as error:
        outcome.error = error
    return outcome


def _plan(kind: KeyKind, service: KeyService, job: Job, found: Found) -> Plan:
    """Ask the server what it can do only if there is something to do: a run that changes nothing must cost nothing."""
    plan = decide(kind.rules, job.wanted, job.policy, found, None)
    if plan.changed or plan.unsure:
        plan = decide(kind.rules, job.wanted, job.policy, found, service.capabilities())
    return plan


def _see_to_attributes(outcome: Outcome, check: bool) -> None:
    """A store that the plan does not write may still have other attributes than the task gives; a write sets them anyway."""
    store, found = outcome.job.store, outcome.found
    if store is None or found.record is None or outcome.stored or outcome.plan.step(Forget):
        return
    outcome.attributes = see_to_attributes(store, check)


def see_to_attributes(store: Store, check: bool) -> list[str]:
    """Give an existing record the asked attributes, unless only predicting; return what differed."""
    differing = store.attributes_differ()
    if differing and not check:
        store.apply_attributes()
    return differing


def _attach_secret(outcome: Outcome) -> None:
    """Attach the stored secret where the task wants it returned and no new one was made."""
    found = outcome.found
    stored = found.record.current if found.record is not None else None
    if (
        outcome.secret is None
        and stored is not None
        and outcome.job.policy.return_secret
        and not outcome.plan.step(Issue)
    ):
        outcome.secret = stored.secret
