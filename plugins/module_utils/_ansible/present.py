# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a run looks like to people and playbooks: the same result for every kind, and the only place where a secret leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._life.job import Outcome
from .._model.duration import Duration, humanize
from .._model.key import MARK_KEY, Key, Login
from .._model.lifecycle import protector, rendered
from .._model.plan import Confirm, Issue, Retire, Revoke, Update
from .._model.secret import ApiKeySecret


def time_view(ms: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC, None as None."""
    return None if ms is None else rendered(ms)


def key_view(key: Key, now: int) -> dict[str, Any]:
    """Return a key as modules and lookups show it, never its secret. A key that is only predicted has no id."""
    remaining = key.remaining(now)
    return {
        "id": key.id or None,
        "name": key.name,
        "type": key.type,
        "owner": key.owner.username if key.owner else None,
        "realm": key.owner.realm if key.owner else None,
        "state": key.state(now),
        "creation": time_view(key.creation),
        "expiration": time_view(key.expiration),
        "invalidation": time_view(key.invalidation),
        "remaining_seconds": None if remaining is None else remaining // 1000,
        "managed_by": "keysmith.elastic" if key.mark else protector(key),
        **{name: value for name, value in key.spec.items() if name != "metadata"},
        "metadata": {name: value for name, value in key.metadata.items() if name != MARK_KEY},
        **{name: value for name, value in key.extra.items() if not name.startswith("_")},
    }


def login_view(login: Login) -> dict[str, Any]:
    """Return who was logged in, and when that credential ends."""
    return {
        "username": login.owner.username,
        "realm": login.owner.realm,
        "type": login.type,
        "key_id": login.key_id,
        "expiration": time_view(login.expiration),
    }


def login_warning(login: Login, now: int, window: Duration) -> str | None:
    """Return the warning that the credential in use ends soon, or None (law 10)."""
    if login.expiration is None or login.expiration - now > window.ms:
        return None
    key = "The API key" if login.key_id is None else f"The API key {login.key_id}"
    return f"{key} of this login ends in {humanize(max(0, login.expiration - now))}, at {rendered(login.expiration)}."


def secret_view(
    secret: ApiKeySecret | None, check: bool, expected: type[ApiKeySecret] = ApiKeySecret
) -> dict[str, Any]:
    """Return a secret in its forms, those of the ``expected`` type; all null in check mode and where none is known."""
    if secret is None or check:
        return dict.fromkeys(expected.FORMS)
    return {form: getattr(secret, form) for form in secret.FORMS}


def outcome_view(outcome: Outcome, check: bool) -> dict[str, Any]:
    """Return the result of one key, without its secret."""
    now = outcome.found.now
    store = outcome.job.store
    revoke = outcome.plan.step(Revoke)
    ending = [key.id for key in _retired(outcome)] + (list(revoke.ids) if revoke else [])
    waiting = [{"id": key.id, "how": "waits", "ends": time_view(key.expiration)} for key in outcome.plan.waiting]
    predicted = [{"id": key_id, "how": None, "ends": None} for key_id in ending]
    done = [{"id": one.id, "how": one.how, "ends": time_view(one.ends)} for one in outcome.previous]
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "key": key_view(outcome.key, now) if outcome.key else None,
        "reasons": [*outcome.plan.reasons, *(f"store: {change}" for change in outcome.attributes)],
        "previous": [*(predicted if check else done), *waiting],
        "diff": diff_view(outcome, now),
    }
    if store is not None:
        changed = outcome.plan.stores if check else outcome.stored
        result["stored"] = {
            "changed": changed or bool(outcome.attributes),
            "type": store.kind,
            "location": store.location,
            "confirmed": _confirmed(outcome),
        }
    return result


def _confirmed(outcome: Outcome) -> bool:
    """Have the consumers of the stored secret taken it over, as far as anybody has to confirm that?"""
    plan, record = outcome.plan, outcome.found.record
    if plan.step(Issue):
        return outcome.job.policy.retire
    return plan.step(Confirm) is not None or record is None or record.handover is None


def _retired(outcome: Outcome) -> tuple[Key, ...]:
    step = outcome.plan.step(Retire)
    return step.keys if step else ()


def diff_view(outcome: Outcome, now: int) -> dict[str, Any]:
    """Return before and after, from the plan alone, so that check mode and a real run show the same."""
    plan, current = outcome.plan, outcome.plan.current
    before = (
        {}
        if current is None
        else {"id": current.id, "state": current.state(now), "expiration": time_view(current.expiration) or "never"}
    )
    after = dict(before)
    issue, update = plan.step(Issue), plan.step(Update)
    if issue is not None:
        after = {"id": "(new)", "state": "active", "expiration": _from_now(issue.expiration)}
    if update is not None and update.expiration is not None:
        after["expiration"] = _from_now(update.expiration)
    if issue is not None or update is not None:
        before.update((change.path, change.before) for change in plan.changes)
        after.update((change.path, change.after) for change in plan.changes)
    if plan.step(Revoke):
        after = {}
    _add_ends(outcome, before, after, now)
    return {"before": before, "after": after}


def _add_ends(outcome: Outcome, before: dict[str, Any], after: dict[str, Any], now: int) -> None:
    overlap = outcome.job.policy.overlap
    for key in _retired(outcome):
        name, left = f"predecessor {key.id}", key.remaining(now)
        before[name] = "never ends" if left is None else f"ends {rendered(key.expiration or 0)}"
        soon = left is not None and left <= overlap.ms
        after[name] = before[name] if soon else ("revoked" if overlap.seconds == 0 else f"ends within {overlap}")
    for change in outcome.attributes:
        what, _space, values = change.partition(" ")
        old, _arrow, new = values.partition(" -> ")
        before[f"store {what}"], after[f"store {what}"] = old, new


def _from_now(duration: Duration | None) -> str:
    return "never" if duration is None or duration.never else f"{duration} from then on"


def failure_view(outcome: Outcome | None, code: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a failed run tells beside its message."""
    planned = list(outcome.plan.reasons) if outcome is not None else []
    return {"failure": {"code": code, **fields, **({"planned": planned} if planned else {})}}
