# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""``decide()``: from what is, what is wanted, the policy, the server's abilities and the time to a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .absence import plan_absence
from .case import Case
from .compare import Change
from .duration import Duration
from .errors import KeysmithError, Refused
from .features import Capabilities
from .found import Found
from .key import MARK_KEY, Key, Login
from .lifecycle import end_drift, ends_soon, must_rotate, named, protector
from .plan import Draft, Issue, Note, Plan, Sweep, Update
from .retirement import may_retire, owner_obstacle, plan_handover
from .rules import Rules
from .situation import classify, refuse_other_cluster
from .wanted import Policy, Wanted


def decide(rules: Rules, wanted: Wanted, policy: Policy, found: Found, capabilities: Capabilities | None) -> Plan:
    """Return the plan for one key.

    :param capabilities: None asks only whether there is something to do: nothing about the server is checked then, so that a run
        which changes nothing need not ask the server what it can do.
    :returns: a plan; what the laws forbid is its ``refusal``, and then it has no steps.
    """
    draft = Draft()
    try:
        case = Case(rules, wanted, policy, found, classify(wanted, found), capabilities)
        if capabilities is not None:
            refusal = refuse_other_cluster(found, capabilities.cluster, "The store")
            if refusal is not None:
                return draft.finish(refusal)
        if policy.state == "absent":
            plan_absence(case, draft)
        else:
            _Present(case, draft).plan()
    except KeysmithError as refusal:
        return draft.finish(refusal)
    return draft.finish()


class _Present:
    """state: present, question by question. Pure; an object only because the questions share so much."""

    def __init__(self, case: Case, draft: Draft) -> None:
        self.case, self.draft = case, draft
        self.rules, self.wanted, self.policy, self.found = case.rules, case.wanted, case.policy, case.found
        self.situation, self.capabilities = case.situation, case.capabilities
        self.current = case.situation.current

    def plan(self) -> None:
        """Fill the draft: orphans are swept first, predecessors retired last."""
        self._check_current()
        self._look_at_strangers()
        self.drift = self._drift()
        if self.situation.orphans:
            ids = tuple(key.id for key in self.situation.orphans)
            self.draft.steps.append(Sweep(ids))
            self.draft.reasons.append(f"{named(ids)} left behind by a run that did not finish: revoked")
        issue = self._why_issue()
        if not issue and self.current is not None:
            issue = self._look_at_drift_and_end(self.current)
        if issue:
            self._issue(issue)
        else:
            self._note_end()
        plan_handover(self.case, self.draft)

    def _check_current(self) -> None:
        current = self.draft.current = self.current
        if current is None:
            return
        who = protector(current)
        if who is not None:
            raise Refused(
                f"Key {current.id} ({current.name!r}) is managed by {who} and is never touched.",
                "Choose another name.",
                ids=[current.id],
            )
        if not self.wanted.scope.includes(current, self.found.login):
            raise Refused(
                f"Key {current.id} belongs to {current.owner}, not to {self.wanted.scope.resolve(self.found.login)}.",
                "Say owner: any, or the owner's name, if that key is meant.",
                ids=[current.id],
            )
        if self.wanted.id and self.wanted.name is not None and current.name != self.wanted.name:
            raise Refused(
                f"Key {current.id} is named {current.name!r}, name says {self.wanted.name!r}.",
                "A key's name can never be changed.",
            )

    def _look_at_strangers(self) -> None:
        """Living keys that merely have the name: by ``duplicates`` warned about, refused or retired."""
        strangers = [key for key in self.situation.strangers if protector(key) is None]
        if not strangers:
            return
        ids = [key.id for key in strangers]
        text = f"{named(ids)} of the same name and owner live beside this one and are not its predecessors"
        if self.policy.duplicates == "fail":
            raise Refused(
                f"{text}.", "Remove them with state: absent and id, or say duplicates: warn or retire.", ids=ids
            )
        kept = [key.id for key in strangers if not may_retire(key, self.found)]
        if self.policy.duplicates == "warn":
            self.draft.warnings.append(f"{text}. Remove them with state: absent and id, or say duplicates: retire.")
        elif kept:
            self.draft.warnings.append(
                f"{named(kept)} of the same name and owner were made for another store and stay: somebody uses them."
            )

    def _why_issue(self) -> list[str]:
        """Return the reasons that make a new key necessary whatever it looks like, else nothing."""
        if self.situation.lost:
            return [self.situation.lost]
        if self.current is None:
            return [self._why_absent()]
        forced = must_rotate(self.current, self.policy)
        return [forced] if forced else []

    def _why_absent(self) -> str:
        if self.situation.siblings:
            return f"the store has no record, but {named([key.id for key in self.situation.siblings])} made for it live: the store was lost"
        if self.found.store is not None:
            return "the store holds no key yet"
        return (
            f"no active {self.rules.noun} {self.wanted} of {self.wanted.scope.resolve(self.found.login) or 'anybody'}"
        )

    def _look_at_drift_and_end(self, current: Key) -> list[str]:
        """Compare spec and end; plan an update, or return the reasons for a rotation. One rotation serves both."""
        drift, spelling = self.drift
        end = self._end_drift(current)
        soon = ends_soon(current, self.wanted, self.policy, self.found.now)
        real = [*drift, *([end] if end else [])]
        if real and self.policy.on_drift == "fail":
            text = f"Key {current.id} of {self.wanted} differs: {'; '.join(real)}."
            raise Refused(text, "on_drift says fail.", ids=[current.id])
        if soon and self.policy.on_due == "rotate":
            return [soon, *drift]
        if soon and self.policy.on_due == "fail":
            raise Refused(f"Key {current.id} of {self.wanted} is due: {soon}.", "on_due says fail.", ids=[current.id])
        if soon and self.policy.on_due == "warn":
            self.draft.warnings.append(f"Key {current.id} of {self.wanted} is due: {soon} (on_due: warn).")
        extend = soon if self.policy.on_due == "extend" else None
        if not (real or spelling or extend):
            return []
        if real and self.policy.on_drift == "rotate":
            return real
        return self._update(current, real, spelling, end, extend)

    def _end_drift(self, current: Key) -> str | None:
        """Return how the end contradicts the task, unless a successor would get such an end again."""
        end = end_drift(current, self.wanted, self.found.now)
        if end is None or self.rules.keeps_end:
            return end
        stored = self.found.record.current if self.found.record else None
        expiration = self.wanted.expiration
        # Without a store nobody knows what this key was made with.
        again = self.found.store is None or (
            stored is not None
            and stored.asked is not None
            and expiration is not None
            and (stored.asked == str(expiration) or not (expiration.never or stored.asked == "never"))
        )
        if again:
            self.draft.warnings.append(
                f"Key {current.id} of {self.wanted}: {end}, and a successor might get such an end, too."
            )
        return None if again else end

    def _note_end(self) -> None:
        """The record must tell when its key ends: a run that died between moving an end and noting it leaves another one there."""
        stored = self.found.record.current if self.found.record else None
        if stored is None or self.current is None or any(isinstance(step, Update) for step in self.draft.steps):
            return
        if stored.expiration != self.current.expiration:
            self.draft.steps.append(Note(self.current))
            self.draft.reasons.append(f"the store notes another end of key {self.current.id} than the server shows")

    def _drift(self) -> tuple[list[str], list[str]]:
        """Return what differs and what is only spelled differently, as sentences; notes the changes."""
        changes: list[Change] = []
        if self.current is None:
            return [], []
        for name, value in self.wanted.spec.items():
            if name not in self.current.spec:
                # Before 8.5 no role descriptors are shown, and a key that the search does not show yet has nothing to compare.
                self.draft.warnings.append(
                    f"{name} of key {self.current.id} is not shown by the server and was not compared."
                )
                continue
            changes.extend(self.rules.fields[name].differences(value, self.current.spec.get(name)))
        self.draft.changes = tuple(changes)
        drift = [f"{change.path} differs" for change in changes if not change.spelling]
        spelling = [f"{change.path} is spelled differently" for change in changes if change.spelling]
        return drift, spelling

    def _update(
        self, current: Key, real: list[str], spelling: list[str], end: str | None, extend: str | None
    ) -> list[str]:
        """Plan one update for all of it, or return the reasons for the rotation that has to stand in for it."""
        drift, _spelling = self.drift
        obstacle = self._obstacle(current, bool(drift or spelling), bool(end or extend))
        if obstacle is None:
            spec = {name: self.wanted.spec[name] for name in self._changed_fields()}
            if spec and self.capabilities is not None:
                self.rules.check_spec(self.wanted, spec, self.capabilities)
            moved = self.wanted.expiration if end or extend else None
            self.draft.steps.append(Update(current, spec, moved))
            done = [f"updated in place: {', '.join([*drift, *spelling])}"] if drift or spelling else []
            self.draft.reasons += done + ([f"expiration set to {moved} from now: {end or extend}"] if moved else [])
            return []
        if extend:
            raise Refused(
                f"on_due: extend cannot serve key {current.id} ({extend}): {obstacle}.",
                "Say on_due: rotate.",
                ids=[current.id],
            )
        if not real:
            self.draft.warnings.append(f"{'; '.join(spelling)}; left as it is: {obstacle}.")
            return []
        if self.policy.on_drift == "update" or not self.policy.secret_has_somewhere_to_go:
            raise Refused(
                f"Key {current.id} of {self.wanted} differs ({'; '.join(real)}) and cannot be updated in place: {obstacle}.",
                "Remove the obstacle, or give a store and say on_drift: rotate, for a successor.",
                ids=[current.id],
            )
        return [f"{'; '.join(real)}; not updated in place: {obstacle}"]

    def _changed_fields(self) -> list[str]:
        paths = [change.path for change in self.draft.changes]
        return [
            name
            for name in self.wanted.spec
            if any(path == name or path.startswith((f"{name}.", f"{name}[")) for path in paths)
        ]

    def _obstacle(self, current: Key, fields: bool, expiration: bool) -> str | None:
        """Return why the current key cannot be changed in place, or None."""
        if expiration and self.rules.extend_feature is None:
            return f"the service cannot move the expiration of an {self.rules.noun}"
        if expiration and self.wanted.expiration is None:
            return "no expiration is given"
        if expiration and self.wanted.expiration is not None and self.wanted.expiration.never:
            return "the service can never remove an end"
        features = {self.rules.fields[name].feature for name in self._changed_fields()} if fields else set()
        if None in features:
            return f"the service cannot update an {self.rules.noun}"
        if expiration:
            features.add(self.rules.extend_feature)
        return self._no_feature(features) or owner_obstacle(current, self.found.login)

    def _no_feature(self, features: set[str | None]) -> str | None:
        if self.capabilities is None:
            return None
        for feature in sorted(feature for feature in features if feature):
            try:
                self.capabilities.require(feature, "in place")
            except Refused as missing:
                return missing.message[len("in place: ") :].rstrip(".")
        return None

    def _issue(self, reasons: list[str]) -> None:
        """Plan a new key; every law about creating is checked here, before anything is written."""
        wanted, policy, current = self.wanted, self.policy, self.current
        if wanted.id is not None:
            missing = current is None
            raise Refused(
                f"There is no active key with id {wanted.id} that {self.found.login.owner} can see." if missing
                else f"Key {wanted.id} would have to be replaced ({'; '.join(reasons)}), and a new key has a new id.",
                "Address the key by name to let it be made or rotated.",
                ids=[wanted.id],
            )  # fmt: skip
        if not policy.secret_has_somewhere_to_go:
            raise Refused(
                f"A new secret for {wanted} would be lost ({'; '.join(reasons)}): neither store nor return_secret: true is given.",
                "Give a store, or return_secret: true and keep what is registered.",
            )
        replaces = self._replaces()
        model = current or self.situation.model or (replaces[0] if replaces else None)
        spec = self._successor_spec(model)
        self.rules.check_new(wanted, spec)
        method = "create"
        if self.capabilities is not None:
            changed = frozenset(self._changed_fields())
            method = self.rules.method(wanted, self.found.login, self.capabilities, current is not None, changed)
            refuse_blind_create(self.rules, wanted, self.found.login, self.capabilities, method)
            self.rules.check_spec(wanted, spec, self.capabilities)
            self._refuse_what_cannot_be_extended()
        expiration = wanted.expiration if wanted.expiration is not None else _life_of(model)
        self.draft.steps.append(Issue(wanted.name or "", spec, expiration, method, replaces))
        self.draft.reasons.append(f"{'rotated' if model else 'created'}: {'; '.join(reasons)}")

    def _refuse_what_cannot_be_extended(self) -> None:
        """Said when the key is made, not months later when it is due."""
        if self.policy.on_due != "extend":
            return
        feature = self.rules.extend_feature
        missing = f"no {self.rules.noun} can be extended" if feature is None else self._no_feature({feature})
        if missing is not None:
            raise Refused(f"on_due: extend is not possible here: {missing}.", "Say on_due: rotate.")

    def _replaces(self) -> tuple[Key, ...]:
        """Return the living keys that a new one succeeds, the nearest first."""
        ours = [self.current] if self.current is not None else []
        return (*ours, *sorted(self.situation.siblings, key=lambda key: -(key.creation or 0)))

    def _successor_spec(self, model: Key | None) -> dict[str, Any]:
        """Carry over whole what the task leaves open (law 5); our mark and the server's own additions are made anew."""
        spec: dict[str, Any] = {}
        if model is not None:
            spec = {name: value for name, value in model.spec.items() if name in self.rules.fields}
        if isinstance(spec.get("metadata"), Mapping):
            spec["metadata"] = own_metadata(spec["metadata"])
        spec.update(self.wanted.spec)
        return spec


def refuse_blind_create(rules: Rules, wanted: Wanted, login: Login, capabilities: Capabilities, method: str) -> None:
    """Raise Refused unless the login could have seen and could revoke the key that it is about to make (law 3).

    With ``grant_api_key`` and ``manage_own_api_key`` alone a granted key is invisible and cannot be revoked (finding 12).
    """
    needed = rules.see_all_privileges if method == "grant" else rules.create_privileges
    if method == "clone" or not needed:
        return
    if not capabilities.holds(needed):
        raise Refused(
            f"{login.owner} lacks the cluster privilege to make and revoke {wanted}: one of {', '.join(sorted(needed))}.",
            "Grant it to the login's role; without it a key could be made that nobody here sees.",
            privileges=sorted(needed),
        )


def own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata without our mark and without what the server reserves to itself (``_...``)."""
    return {name: value for name, value in metadata.items() if name != MARK_KEY and not str(name).startswith("_")}


def _life_of(model: Key | None) -> Duration | None:
    """Return a predecessor's whole life in whole seconds; None when it never ended or there was none."""
    life = model.life() if model is not None else None
    return None if life is None else Duration(max(1, round(life / 1000)))
