# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The one runner for logins: look, decide, then carry out or predict."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .._kinds.es_login import LoginService
from .._model.decide_login import LoginPlan, decide_login
from .._model.errors import Refused, TakenOver
from .._model.found import NO_SECRET, PROVEN, WRONG_SECRET
from .._model.login import LoginFound, LoginWanted
from .._model.login_record import LoginRecord
from .._model.stored import as_login
from .._stores.store import Store
from .login_change import LoginChange
from .run import local_clock, see_to_attributes

PASSWORD_LENGTH = 40


@dataclass(frozen=True)
class LoginTools:
    """What carrying out needs from outside: the local clock in ms, sleep in seconds, and fresh passwords."""

    clock: Callable[[], int]
    sleep: Callable[[float], None]
    password: Callable[[], str]


def fresh_password() -> str:
    """Return 40 random letters and digits: 238 bits, and nothing that a shell, a URL or a YAML file reads in a way of its own."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(PASSWORD_LENGTH))


DEFAULT_LOGIN_TOOLS = LoginTools(local_clock, time.sleep, fresh_password)


@dataclass
class LoginOutcome:
    """What a run came to. ``attributes`` says what differed of the store's own attributes (a file's mode and owner)."""

    wanted: LoginWanted
    found: LoginFound
    plan: LoginPlan
    record: LoginRecord | None
    warnings: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Was anything changed, or would it be?"""
        return self.plan.changed or bool(self.attributes)


def run_login(
    wanted: LoginWanted,
    service: LoginService,
    store: Store,
    learn: Callable[[LoginRecord], None],
    *,
    check: bool,
    tools: LoginTools = DEFAULT_LOGIN_TOOLS,
) -> LoginOutcome:
    """See to one login.

    :param learn: is given each record before its passwords are used, so that no text ever shows one.
    :param check: predict only; nothing is written, and transport and store are read-only besides.
    :raises KeysmithError: it could not be done; the store holds a password that works, if it held one before.
    """
    found = look(wanted, service, store, learn, tools.clock)
    plan = decide_login(wanted, found)
    outcome = LoginOutcome(wanted, found, plan, found.record, list(plan.warnings))
    if plan.stores:
        outcome.warnings += store.check_writable()
    if not check and plan.changed:
        outcome.record = LoginChange(wanted, service, store, found, plan, learn, tools).perform()
    if found.record is not None and not plan.stores:
        outcome.attributes = see_to_attributes(store, check)
    return outcome


def look(
    wanted: LoginWanted,
    service: LoginService,
    store: Store,
    learn: Callable[[LoginRecord], None],
    clock: Callable[[], int],
) -> LoginFound:
    """Return what is there. The login of this run comes first: only one that works makes a refused password believable.

    :raises Refused: the store is another login's or another cluster's, or this run's login may not do what is asked.
    """
    record = as_login(store.read(), store.location)
    if record is not None:
        learn(record)
        if record.name != wanted.name:
            raise Refused(
                f"{store.location} holds the login {record.name!r}, name says {wanted.name!r}.",
                "Give this login a store of its own.",
            )
    service.login()
    service.check(wanted)
    cluster = service.capabilities().cluster
    if record is not None and record.cluster != cluster:
        raise Refused(
            f"{store.location} holds a login of another cluster (cluster_uuid {record.cluster}); url leads to cluster_uuid {cluster}.",
            "Nothing was written: correct url, or give this cluster's login a store of its own.",
            code_detail="other_cluster",
        )
    absent, now = wanted.state == "absent", clock()
    passwords = (record.current, record.pending) if record is not None and not absent else (None, None)
    current, pending = (service.prove(one.value).verdict if one is not None else NO_SECRET for one in passwords)
    if WRONG_SECRET in (current, pending) and PROVEN not in (current, pending):
        _check_unchanged(store, record)
    itself = service.own_password() is not None
    account = service.account()
    return LoginFound(
        now=now,
        store=store.fingerprint(),
        record=record,
        account=account,
        role=service.role(wanted.role) if wanted.rights is not None or absent else None,
        current=current,
        pending=pending,
        itself=itself,
        keys=service.active_keys(now) if absent and account is not None else (),
    )


def _check_unchanged(store: Store, record: LoginRecord | None) -> None:
    """Refuse to conclude anything from a password that another run has just changed.

    :raises TakenOver: the record is not the one whose passwords were tried.
    """
    now = as_login(store.read(), store.location)
    if now is None or record is None or now.serial != record.serial:
        raise TakenOver(
            f"Another run changed the record in {store.location} in between.",
            "That run goes on with it; run again if something is left to do.",
        )
