# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module for a login: options to what is wanted, a run, a result. No password is ever in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._api.elasticsearch import check_product
from .._kinds.es_login import LoginService
from .._life.login import LoginOutcome, run_login
from .._model.checks import check_rights, check_user_name
from .._model.decide_login import DeleteRole, DeleteUser, PutRole, SetPassword
from .._model.duration import Duration, parse_duration
from .._model.errors import OptionError
from .._model.login import LoginWanted
from .._model.login_record import LoginRecord
from .._stores.store import STORE_OPTIONS, Store, open_store
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .options import ELASTICSEARCH
from .policy import past_time
from .present import login_view, login_warning, time_view

LOGIN_SPEC = ELASTICSEARCH + ArgumentSpec(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "required": True},
        "rights": {"type": "dict"},
        "role": {"type": "str"},
        "extra_roles": {"type": "list", "elements": "str", "default": []},
        "max_age": {"type": "str"},
        "force_rotate": {"type": "bool", "default": False},
        "rotate_if_created_before": {"type": "str"},
        "adopt": {"type": "bool", "default": False},
        "leave_keys": {"type": "bool", "default": False},
        "store": {"type": "dict", "options": STORE_OPTIONS},
    }
)


def run_login_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**LOGIN_SPEC.arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module, report))


def wanted_login(params: Mapping[str, Any]) -> LoginWanted:
    """Return what the task wants.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    name, role, rights = params["name"], params["role"], params["rights"]
    check_user_name(name, "name")
    for other in [] if role is None else [role]:
        check_user_name(other, "role")
    for other in params["extra_roles"]:
        check_user_name(other, "extra_roles")
    if rights is not None:
        check_rights(rights, "rights")
    elif params["state"] == "present":
        for option in ("role", "extra_roles"):
            if params[option]:
                raise OptionError(
                    option, f"{option} is given without rights, but then no role is touched.", "Give rights, too."
                )
    return LoginWanted(
        name=name,
        role=name if role is None else role,
        rights=rights,
        extra_roles=tuple(params["extra_roles"]),
        state=params["state"],
        max_age=_max_age(params["max_age"]),
        force_rotate=params["force_rotate"],
        created_before=past_time(params["rotate_if_created_before"]),
        adopt=params["adopt"],
        leave_keys=params["leave_keys"],
    )


def _max_age(text: str | None) -> Duration | None:
    if text is None:
        return None
    age = parse_duration(text, "max_age", allow_never=False, allow_zero=True)
    if age.seconds == 0:
        raise OptionError("max_age", "max_age is zero: every run would change the password.", "Give one such as 90d.")
    return age


def _run(module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    wanted = wanted_login(options)
    window = parse_duration(options["warn_login_expires"], "warn_login_expires", allow_never=False, allow_zero=True)
    if options["store"] is None:
        raise OptionError("store", "store is missing: the password would live nowhere.", "Give type and path.")
    store = open_store(options["store"], read_only=check)

    def learn(record: LoginRecord) -> None:
        for password in record.passwords():
            report.scrubber.add_login(record.owner.username, password)

    with connect(options, ELASTICSEARCH, report.scrubber, check_product, read_only=check) as client:
        service = LoginService(client, options, wanted.name)
        outcome = run_login(wanted, service, store, learn, check=check)
        login = service.login()
        for warning in (*client.warnings, *outcome.warnings, login_warning(login, outcome.found.now, window)):
            if warning is not None:
                report.warn(warning)
    report.succeed({**outcome_view(outcome, store, check), "login": login_view(login)}, None)


def outcome_view(outcome: LoginOutcome, store: Store, check: bool) -> dict[str, Any]:
    """Return the result of one login; in check mode as it would be."""
    wanted, plan, record = outcome.wanted, outcome.plan, outcome.record
    gone = wanted.state == "absent"
    since = record.current.since if record is not None and record.current is not None else None
    made = {
        "username": wanted.name,
        "role": wanted.role if wanted.rights is not None else None,
        "password_since": None if check and plan.step(SetPassword) else time_view(since),
    }
    return {
        "changed": outcome.changed,
        "login_made": None if gone else made,
        "reasons": [*plan.reasons, *(f"store: {change}" for change in outcome.attributes)],
        "stored": {
            "changed": plan.stores or bool(outcome.attributes),
            "type": store.kind,
            "location": store.location,
        },
        "diff": diff_view(outcome),
    }


def diff_view(outcome: LoginOutcome) -> dict[str, Any]:
    """Return before and after, from the plan alone; of a password only that it changes."""
    plan, found = outcome.plan, outcome.found
    before: dict[str, Any] = {change.path: change.before for change in plan.changes}
    after: dict[str, Any] = {change.path: change.after for change in plan.changes}
    if plan.step(PutRole) or plan.step(DeleteRole):
        before["role"] = "present" if found.role else "absent"
        after["role"] = "absent" if plan.step(DeleteRole) else "present"
    if found.account is None or plan.step(DeleteUser):
        before["user"] = "present" if found.account else "absent"
        after["user"] = "absent" if outcome.wanted.state == "absent" else "present"
    if plan.step(SetPassword):
        before["password"], after["password"] = "as it was", "changed"
    for change in outcome.attributes:
        what, _space, values = change.partition(" ")
        before[f"store {what}"], _arrow, after[f"store {what}"] = values.partition(" -> ")
    return {"before": before, "after": after}
