# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Carry a login's plan out, so that at every moment the store holds a password that works.

A password is refused as soon as there is another, so the other is stored before: written beside the present one, given to the user,
proven by logging in with it, and then committed. Both writes are compare-and-set, so that of two runs only one announces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .._kinds.es_login import LoginService, PasswordProof
from .._model.decide_login import DeleteRole, DeleteUser, LoginPlan, LoginStep, PutRole, PutUser, SetPassword
from .._model.errors import AnswerLost, KeysmithError, Refused, StoreError, TakenOver, Unavailable, Unproven
from .._model.found import PROVEN, WRONG_SECRET
from .._model.key import Owner
from .._model.login import LoginFound, LoginWanted
from .._model.login_record import LoginRecord, PendingPassword, StoredPassword
from .._model.stored import as_login
from .._stores.store import Store

if TYPE_CHECKING:
    from .login import LoginTools

# How often a password is sent and tried, a second apart, before nothing more is concluded.
TRIES = 3


class LoginChange:
    """The carrying out of one plan. Every write of the store goes through ``_save``, which is compare-and-set."""

    def __init__(
        self,
        wanted: LoginWanted,
        service: LoginService,
        store: Store,
        found: LoginFound,
        plan: LoginPlan,
        learn: Callable[[LoginRecord], None],
        tools: LoginTools,
    ) -> None:
        self.wanted, self.service, self.store, self.plan, self.tools = wanted, service, store, plan, tools
        self.found, self.learn, self.record = found, learn, found.record

    def perform(self) -> LoginRecord | None:
        """Take every step; return the record as it is then, None where it is gone."""
        if self.wanted.state == "absent" and self.record is not None:
            # The fence: no other run can store a password any more for what is about to be removed.
            self._save(self.record)
        for step in self.plan.steps:
            self._take(step)
        if self.wanted.state == "present" and self.wanted.rights is not None:
            self._check_own_privilege()
        return self.record

    def _take(self, step: LoginStep) -> None:
        if isinstance(step, PutRole):
            self.service.put_role(step.name, step.body)
        elif isinstance(step, PutUser):
            self.service.put_user(step.body)
        elif isinstance(step, SetPassword):
            self._set_password(step)
        elif isinstance(step, DeleteUser):
            self.service.delete_user()
        elif isinstance(step, DeleteRole):
            self.service.delete_role(step.name)
        elif self.record is not None:
            self.store.delete(self.record.serial)
            self.record = None

    def _save(self, record: LoginRecord) -> None:
        expected = None if self.record is None else self.record.serial
        self.record = self.store.write(record, expected)

    def _set_password(self, step: SetPassword) -> None:
        record = self._known_passwords()
        if step.fresh:
            record = record.announce(PendingPassword(self.tools.password(), self.tools.clock()))
            self.learn(record)
            self._save(record)
        elif record != self.record:
            self._save(record)
        if record.pending is None:
            raise Unproven("The pending password is gone from the record.", "Nothing was changed; run again.")
        self._commit(record.pending.value, self._deliver(step, record.pending.value))

    def _known_passwords(self) -> LoginRecord:
        """Return the record to start from; whoever changes his own password knows the present one, and it is stored first."""
        record, wanted = self.record, self.wanted
        if record is None:
            record = LoginRecord(wanted.name, self.service.capabilities().cluster, Owner(wanted.name))
        own = self.service.own_password()
        if own is not None and own not in record.passwords():
            record = replace(record, current=StoredPassword(own))
        return record

    def _deliver(self, step: SetPassword, password: str) -> Owner:
        """Give the user this password until it is proven; return who logged in with it. Sending it twice is sending it once.

        :raises AnswerLost, Unavailable, Unproven: it is not proven; the record holds it as pending, and the next run goes on.
        """
        self.service.expect(password)
        lost: KeysmithError | None = None
        for attempt in range(TRIES):
            if attempt:
                self.tools.sleep(1.0)
            if attempt == 0 or lost is not None:
                lost = self._send(step, password)
            proof: PasswordProof = self.service.prove(password)
            if proof.verdict == PROVEN and proof.owner is not None:
                return proof.owner
        if lost is not None and proof.verdict == WRONG_SECRET:
            raise lost
        raise Unproven(
            f"The new password of {self.wanted.name} was set, but the server does not let it in yet.",
            f"{self.store.location} holds it as pending beside the old one; run again, and the change is finished.",
        )

    def _send(self, step: SetPassword, password: str) -> KeysmithError | None:
        """Send the password; return the error after which nobody knows whether it has arrived."""
        try:
            if step.create is not None:
                self.service.put_user({**step.create, "password": password})
            else:
                self.service.change_password(password)
        except (AnswerLost, Unavailable) as problem:
            return problem
        return None

    def _commit(self, password: str, owner: Owner) -> None:
        """Make the proven password the current one and read it back; another run may have finished the same change meanwhile."""
        if self.record is None:
            raise StoreError("The record is gone.", "Nothing was committed; run again.")
        try:
            self._save(self.record.commit(owner))
        except TakenOver:
            if not self._read_back(password):
                raise
            return
        if not self._read_back(password):
            raise StoreError(
                f"{self.store.location} does not give back what was just stored in it.",
                "Run again, as somebody who may set the user's password.",
            )

    def _read_back(self, password: str) -> bool:
        """Read the store; is this password the current one there, with nothing pending?"""
        back = as_login(self.store.read(), self.store.location)
        if back is None or back.current is None or back.current.value != password or back.pending is not None:
            return False
        self.record = back
        return True

    def _check_own_privilege(self) -> None:
        """Ask the server whether the login, as it is now, may manage its own keys: that is what it is for.

        :raises Refused: it may not. The login stays as it is, and its password is stored.
        """
        current = self.record.current if self.record is not None else None
        if current is not None and self.service.lacks(current.value, frozenset({"manage_own_api_key"})):
            raise Refused(
                f"{self.wanted.name} logs in, but the server says that it lacks manage_own_api_key.",
                f"Look at the role {self.wanted.role}: something else may have changed it meanwhile.",
                privileges=["manage_own_api_key"],
            )
