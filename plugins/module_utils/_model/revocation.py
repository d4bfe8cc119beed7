# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Which keys a revocation in bulk hits, which it leaves and why, and whether it may begin: pure functions of what was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .duration import humanize
from .errors import Refused
from .key import Key, Login
from .lifecycle import named, protector, rendered
from .selection import Selection

# What becomes of the key that one is logged in with.
KEEP, LAST, FAIL = "keep", "last", "fail"
OWN_KEY = (KEEP, LAST, FAIL)

# From here on somebody who waits wants to know how long (s).
LONG = 30

ALL_KEYS = frozenset({"manage_api_key", "manage_security"})


@dataclass(frozen=True)
class Demand:
    """What is asked for. Only living keys are revoked, whatever the selection's states are.

    ``expected``: how many keys must be hit, None where it
    was not said.
    """

    selection: Selection
    except_ids: frozenset[str] = frozenset()
    own_key: str = KEEP
    expected: int | None = None

    @property
    def by_id(self) -> bool:
        """Is every key named by its id?"""
        return bool(self.selection.ids)


@dataclass(frozen=True)
class Seen:
    """What was seen before deciding, at the time ``now`` (ms).

    ``keys``: by id, everything that the login sees of these ids, dead keys and other owners' included; else the living keys that are
    selected. ``sees_all``: no key escapes this login, as far as anybody can tell. ``shows_dead``: the service still shows keys that were
    revoked. ``may_be_own``: ids of keys of which one is perhaps that of the login, where the service does not tell. ``warnings`` is what
    a user should know of all this.
    """

    login: Login
    now: int
    keys: tuple[Key, ...]
    sees_all: bool = True
    shows_dead: bool = True
    may_be_own: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A key that is meant and stays as it is. ``name`` is None where the key was not seen; ``dead``: there is nothing to revoke."""

    id: str
    name: str | None
    why: str
    dead: bool = False


@dataclass(frozen=True)
class Revocation:
    """The plan. ``hits`` are revoked in this order; ``own``, the key of the login, after all of them and by itself.

    ``doubtful`` are those of which one is perhaps the key of the login: they go after the hits, and then ``own`` is None.
    """

    hits: tuple[Key, ...] = ()
    doubtful: tuple[Key, ...] = ()
    own: Key | None = None
    kept: tuple[Kept, ...] = ()
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Key, ...]:
        """Return every key that goes, the login's own last."""
        return (*self.hits, *self.doubtful, *(() if self.own is None else (self.own,)))


def decide_revocation(demand: Demand, seen: Seen) -> Revocation:
    """Return the plan.

    :raises Refused: a key that was named by its id is another owner's, or may be there unseen; or ``own_key`` is ``fail`` and
        the key of the login is among those that are meant.
    """
    hits: list[Key] = []
    doubtful: list[Key] = []
    kept: list[Kept] = []
    own = None
    for key in seen.keys:
        why = _spared(key, demand, seen)
        if why is not None:
            kept.append(why)
        elif key.id == seen.login.key_id:
            own = key
        else:
            (doubtful if key.id in seen.may_be_own else hits).append(key)
    if demand.by_id:
        kept += _unseen(demand, seen)
    plan = Revocation(tuple(hits), tuple(doubtful), own, tuple(kept), _warnings(demand, seen))
    return replace(plan, reasons=_reasons(plan))


def _spared(key: Key, demand: Demand, seen: Seen) -> Kept | None:
    """Return why a key stays, None if it goes."""
    state = key.state(seen.now)
    if state != "active":
        at = key.invalidation if key.invalidated else key.expiration
        moment = "" if at is None else f" at {rendered(at)}"
        return Kept(key.id, key.name, f"{'revoked' if key.invalidated else 'ended'} already{moment}", dead=True)
    if key.id in demand.except_ids:
        return Kept(key.id, key.name, "it is one of except_ids")
    if not demand.selection.scope.includes(key, seen.login):
        raise Refused(
            f"Key {key.id} belongs to {key.owner}.",
            "Say whose key is meant: owner: any, or the owner's name; in Elastic Cloud organization_id.",
            ids=[key.id],
        )
    if not demand.selection.includes(key, seen.login, seen.now):
        return Kept(key.id, key.name, "it does not meet the other conditions")
    manager = protector(key)
    if manager is not None:
        return Kept(key.id, key.name, f"managed by {manager}: it is revoked there")
    return _spared_as_own(key, demand, seen)


def _spared_as_own(key: Key, demand: Demand, seen: Seen) -> Kept | None:
    """Return why the key of the login stays, and one that may be it; None if it goes, or is another one for certain."""
    certain = key.id == seen.login.key_id
    if demand.own_key == LAST or not (certain or key.id in seen.may_be_own):
        return None
    what = (
        "it is the key of this login" if certain else "it may be the key of this login, which the service does not tell"
    )
    if demand.own_key == FAIL:
        raise Refused(
            f"Key {key.id} is meant, and {what}.",
            "Log in otherwise, or say own_key: last to revoke it after all others, or own_key: keep"
            + ("." if certain else "; or name the key of the login in own_key_id."),
            ids=[key.id],
        )
    return Kept(key.id, key.name, f"{what} (own_key: keep{'' if certain else '; see own_key_id'})")


def _unseen(demand: Demand, seen: Seen) -> list[Kept]:
    """Return the ids that no visible key has; to a login that sees only its own, somebody else's key looks the same."""
    missing = sorted(set(demand.selection.ids) - {key.id for key in seen.keys})
    if missing and not seen.sees_all:
        only = "its own key" if seen.login.by_key else "its own keys"
        raise Refused(
            f"No {named(missing)} can be seen, but {seen.login.owner} sees only {only}.",
            "Log in with manage_api_key, or as the owner. A key that holds manage_own_api_key can also end itself: "
            "log in with it, and say own_key: last.",
            ids=missing,
        )
    if seen.shows_dead:
        return [Kept(key_id, None, "the server knows no such key") for key_id in missing]
    return [Kept(key_id, None, "the service shows no such key", dead=True) for key_id in missing]


def _warnings(demand: Demand, seen: Seen) -> tuple[str, ...]:
    strangers = sorted(demand.except_ids - {key.id for key in seen.keys})
    told = f"Of except_ids, {named(strangers)} would not have been hit anyway: is it the right id?"
    return (*seen.warnings, *([told] if strangers else []))


def _reasons(plan: Revocation) -> tuple[str, ...]:
    told = [f"revoked: {named([key.id for key in plan.all])}"] if plan.all else []
    told += ["nothing to revoke: no living key is meant"] if not plan.all else []
    if plan.own is not None:
        told.append(f"key {plan.own.id} is the one of this login and goes last")
    if plan.doubtful:
        told.append(
            f"one of {named([key.id for key in plan.doubtful])} may be the one of this login, so that they go last"
        )
    return tuple(told)


def warning_of_time(plan: Revocation, pause: float) -> str | None:
    """Return how long it takes to revoke the keys, if that is long.

    :param pause: what the service wants between two of them (s).
    """
    seconds = len(plan.all) * pause
    if seconds < LONG:
        return None
    return (
        f"To revoke {len(plan.all)} keys takes {humanize(int(seconds * 1000))} or more, because the service wants a pause after each. "
        "Nothing is shown meanwhile."
    )


def check_count(demand: Demand, plan: Revocation, dead: int | None, *, check: bool) -> None:
    """Refuse a number of keys that was not expected.

    :param dead: how many keys that are meant are dead already; only looked at where none is to be revoked, so that a second run
        is content, and a selection that finds nothing at all is not. None: the service does not tell, and a second run is content.
    :param check: a prediction may do without ``expected_count``.
    :raises Refused: with ``count`` and ``ids``.
    """
    ids = [key.id for key in plan.all]
    count, expected = len(ids), demand.expected
    finished = not count and expected is not None and (dead is None or dead >= expected)
    if (expected is None and check) or expected == count or finished:
        return
    would = f"{count} {'key' if count == 1 else 'keys'} would be revoked" + (f" ({named(ids)})" if ids else "")
    if expected is not None and not count:
        would = f"no living key is meant, and {dead or 'no'} dead {'one' if dead == 1 else 'ones'}"
    left = [f"{one.id}, {one.why}" for one in plan.kept if not one.dead][:3]
    raise Refused(
        f"{'expected_count is missing: ' if expected is None else f'expected_count is {expected}, but '}{would}"
        + (f"; left out: {'; '.join(left)}." if left else "."),
        f"Look at them in check mode, and if they are meant, repeat with expected_count: {count}."
        if count or expected is None
        else "Look at the conditions and at url: nothing was revoked.",
        count=count,
        ids=ids,
    )


def check_allowed(plan: Revocation, login: Login, privileges: frozenset[str]) -> None:
    """Refuse what this login may not revoke, before the first key is (law 11).

    :param privileges: the cluster privileges over keys that the server confirms for the login.
    :raises Refused: with the privilege that is missing.
    """
    crossing = [key.id for key in plan.all if key.type == "cross_cluster"]
    if crossing and "manage_security" not in privileges:
        raise Refused(
            f"Only manage_security revokes cross-cluster keys, here {named(crossing)}, and {login.owner} lacks it.",
            "Log in with it, or say type: rest to leave them out.",
            ids=crossing,
            privileges=["manage_security"],
        )
    if privileges & ALL_KEYS:
        return
    own = {plan.own.id} if plan.own is not None else set()
    foreign = [key.id for key in plan.all if key.id not in own and (login.by_key or not login.owner.matches(key.owner))]
    if foreign:
        whose = "This API key may revoke only itself" if login.by_key else f"{login.owner} may revoke only its own keys"
        raise Refused(
            f"{whose}, not {named(foreign)}.",
            "Grant manage_api_key to the login's role, or log in as their owner.",
            ids=foreign,
            privileges=["manage_api_key"],
        )
    if plan.all and "manage_own_api_key" not in privileges:
        raise Refused(
            f"{login.owner} may revoke no keys.",
            "Grant manage_own_api_key, or for others' keys manage_api_key.",
            ids=[key.id for key in plan.all],
            privileges=["manage_own_api_key"],
        )
