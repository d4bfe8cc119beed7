# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The audit of a cluster's keys: what is to be said of each. Pure; the time, the users and the policy are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .auditing import Auditing
from .duration import humanize
from .finding import INFO, OF_MANAGED, AuditPolicy, Finding, found
from .key import Key, Owner
from .kinship import Kin, Kinship, kinship
from .lifecycle import protector, rendered
from .selection import COLLECTION, PRODUCT, has_path, manager

# Whose users a cluster keeps itself. Before 8.14 only the realm's name tells, and these are the names that it gives by itself.
OWN_REALM_TYPES = frozenset({"native", "reserved"})
OWN_REALMS = frozenset({"default_native", "reserved"})

# The store of keys that we have marked where a mark has no room for one: what we made under one name was made for one place.
BY_NAME = ""

# What is known of a key's owner.
OWNER_STATES = EXISTS, DISABLED, MISSING, UNKNOWN = ("exists", "disabled", "missing", "unknown")


@dataclass(frozen=True)
class Audited:
    """One key and what is to be said of it; without its rights and metadata, so that many of them fit. Times in ms.

    ``creator`` is who made it, where that is not whose it is. ``manager`` is one of ``MANAGERS``, ``managed_by`` its name for people.
    ``successor`` is the id of the active key that took its place.
    """

    id: str
    name: str
    type: str
    owner: Owner | None
    owner_state: str
    state: str
    creation: int | None
    expiration: int | None
    manager: str
    managed_by: str | None
    creator: str | None = None
    successor: str | None = None
    findings: tuple[Finding, ...] = ()


def audit(
    keys: Iterable[Key], now: int, users: Mapping[str, bool] | None, policy: AuditPolicy, kind: Auditing
) -> Iterator[Audited]:
    """Judge keys, each by itself and all together; yields them in the order in which they came.

    :param keys: read once, and not kept.
    :param now: the time in ms.
    :param users: the cluster's own users, and whether each is enabled; None: not known.
    :param kind: what tells kinship and rights of these keys.
    """
    judged, kin = [], []
    for key in keys:
        judged.append(_judge(key, now, users, policy, kind))
        if key.active(now):
            kin.append(_kin(key, kind))
    # Without marks a rotation looks like two keys of one description, until it should be over.
    settled = None if kind.marks else now - policy.leftover_after.ms
    relations = kinship(kin, settled)
    for one in judged:
        yield _finished(one, now, policy, relations, kind)


def _kin(key: Key, kind: Auditing) -> Kin:
    owner = (key.owner.username, key.owner.realm) if key.owner else (None, None)
    mark = key.mark
    return Kin(
        key.id,
        key.name,
        key.type,
        owner,
        key.creation or 0,
        mark.store if mark and kind.marks else BY_NAME if mark else None,
        mark.predecessor if mark else None,
    )


def _judge(key: Key, now: int, users: Mapping[str, bool] | None, policy: AuditPolicy, kind: Auditing) -> Audited:
    """Judge a key by itself, but for its end, which depends on whether it has a successor."""
    state = key.state(now)
    owner_state = _owner_state(key, users)
    findings: list[Finding] = []
    if state == "expired":
        findings.append(found("expired", f"Ended at {rendered(key.expiration or 0)}."))
    elif state == "active":
        findings += _of_owner(key, owner_state)
        findings += kind.rights(key, policy)
        findings += _of_policy(key, now, policy)
    looked_after_by = manager(key)
    return Audited(
        id=key.id,
        name=key.name,
        type=key.type,
        owner=key.owner,
        owner_state=owner_state,
        state=state,
        creation=key.creation,
        expiration=key.expiration,
        creator=key.creator,
        manager=looked_after_by,
        managed_by="keysmith.elastic" if looked_after_by == COLLECTION else protector(key),
        findings=tuple(findings),
    )


def _owner_state(key: Key, users: Mapping[str, bool] | None) -> str:
    if users is None or key.owner is None:
        return UNKNOWN
    realm_type = key.extra.get("realm_type")
    own = realm_type in OWN_REALM_TYPES if realm_type is not None else key.owner.realm in OWN_REALMS
    if not own:
        return UNKNOWN
    enabled = users.get(key.owner.username)
    return MISSING if enabled is None else EXISTS if enabled else DISABLED


def _of_owner(key: Key, owner_state: str) -> Iterator[Finding]:
    """Seen on 8.19 and 9.5: the keys of a user that was deleted or disabled go on working."""
    if owner_state == MISSING:
        yield found("owner_missing", f"Its owner {key.owner} does not exist any more. The key still works.")
    elif owner_state == DISABLED:
        yield found("owner_disabled", f"Its owner {key.owner} is disabled. The key still works.")


def _of_policy(key: Key, now: int, policy: AuditPolicy) -> Iterator[Finding]:
    life = key.life()
    if key.expiration is None:
        yield found("never_expires", "Never ends.")
    if policy.max_life is not None and (life is None or life > policy.max_life.ms):
        how_long = "Has no end" if life is None else f"Lives {humanize(life)}"
        yield found("lives_too_long", f"{how_long}, and max_life is {policy.max_life}.")
    if policy.max_age is not None and key.creation is not None and now - key.creation > policy.max_age.ms:
        yield found("old", f"Was made at {rendered(key.creation)}, longer ago than max_age {policy.max_age}.")
    missing = [path for path in policy.required_metadata if not has_path(key.metadata, path)]
    if missing:
        yield found("metadata_missing", f"Its metadata lacks {', '.join(missing)}.")


def _finished(key: Audited, now: int, policy: AuditPolicy, relations: Kinship, kind: Auditing) -> Audited:
    """Add what an active key's kin and end say of it, and sort what is said."""
    findings = list(key.findings)
    successor = relations.successors.get(key.id)
    if key.state == "active":
        findings += _of_kin(key, now, policy, relations, kind)
        # A key that has a successor is meant to end.
        if successor is None and key.expiration is not None and key.expiration - now <= policy.warn_within.ms:
            soon = f"Ends at {rendered(key.expiration)}, within warn_within {policy.warn_within}."
            findings.append(found("ending_soon", soon))
    if key.manager == PRODUCT and not policy.include_managed:
        findings = [one._replace(severity=INFO) for one in findings if one.code in OF_MANAGED]
    ordered = tuple(sorted(findings, key=lambda one: one.rank))
    return replace(key, successor=successor.id if successor else None, findings=ordered)


def _of_kin(key: Audited, now: int, policy: AuditPolicy, relations: Kinship, kind: Auditing) -> Iterator[Finding]:
    successor = relations.successors.get(key.id)
    heir = successor or relations.siblings.get(key.id)
    if heir is not None and now - heir.creation > policy.leftover_after.ms:
        place = "store" if kind.marks else "description"
        what = "took its place" if successor else f"was made for the same {place}"
        since = f"longer ago than leftover_after {policy.leftover_after}"
        yield found("rotation_leftover", f"The key {heir.id} {what} at {rendered(heir.creation)}, {since}.")
    if key.id in relations.namesakes:
        many = relations.namesakes[key.id]
        if kind.marks:
            yield found("duplicate_name", f"Is one of {many} active keys of this name and owner.")
            return
        settled = f"made longer ago than leftover_after {policy.leftover_after}"
        yield found("duplicate_name", f"Is one of {many} active keys of this description, all {settled}.")
