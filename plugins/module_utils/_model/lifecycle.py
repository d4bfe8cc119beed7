# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The life of a key: is it due, and why; who protects it; how its end compares with what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from .duration import Duration, humanize
from .key import CLOUD_TYPE, Key
from .wanted import Policy, Wanted

# An end that lies this much further away than a new key's would is the task's doing, not the clock's (ms).
END_TOLERANCE = 60_000

_HOUR = 3_600_000

# Elastic Cloud on Kubernetes marks its keys with metadata under this prefix.
ECK_PREFIX = "elasticsearch.k8s.elastic.co/"


def rendered(ms: int) -> str:
    """Return milliseconds since the epoch as ``2026-11-21T03:00:00Z``."""
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def protector(key: Key) -> str | None:
    """Return who manages this key, or None: such a key is never touched (law 8).

    Kibana's own rule is ``metadata.managed`` or, before 8.14, a name that begins with ``Alerting: ``; Fleet sets ``managed_by``;
    Elastic Cloud on Kubernetes has metadata of its own. None of them makes keys of Elastic Cloud or ECE, whose names people choose.
    """
    if key.type == CLOUD_TYPE:
        return None
    metadata = key.metadata
    managed = metadata.get("managed")
    if managed is True or (isinstance(managed, str) and managed.lower() == "true"):
        return str(metadata.get("managed_by") or "Kibana or another product (metadata.managed)")
    if key.name.startswith("Alerting: "):
        return "Kibana's alerting rules"
    if any(str(name).startswith(ECK_PREFIX) for name in metadata):
        return "Elastic Cloud on Kubernetes"
    return None


def threshold(key: Key, wanted: Wanted, policy: Policy) -> int | None:
    """Return how many ms before its end the key is due; None when it never ends.

    A share is taken of the shorter of the key's own life and the wanted one, so that neither an extension
    nor a new ``expiration`` in the task makes a key due too early.
    """
    if key.expiration is None:
        return None
    if isinstance(policy.renew_before, Duration):
        return policy.renew_before.ms
    lives = [life for life in (key.life(), _finite(wanted.expiration)) if life is not None]
    return policy.renew_before.of(min(lives)) if lives else None


def _finite(duration: Duration | None) -> int | None:
    return None if duration is None or duration.never else duration.ms


def ends_soon(key: Key, wanted: Wanted, policy: Policy, now: int) -> str | None:
    """Return why the key is due by its end, or None."""
    before, remaining = threshold(key, wanted, policy), key.remaining(now)
    if before is None or remaining is None or remaining >= before:
        return None
    return f"{humanize(remaining)} left, less than renew_before {policy.renew_before}"


def must_rotate(key: Key, policy: Policy) -> str | None:
    """Return why the key is to be rotated whatever its end is, or None."""
    if policy.force_rotate:
        return "force_rotate is set"
    if policy.created_before is not None and key.creation is not None and key.creation < policy.created_before:
        return f"made at {rendered(key.creation)}, before rotate_if_created_before {rendered(policy.created_before)}"
    return None


def end_drift(key: Key, wanted: Wanted, now: int) -> str | None:
    """Return how the key's end contradicts ``expiration``, or None.

    An expiration is a duration and is used up by the clock, so it is never compared with a date. What contradicts it is: no end
    where one is wanted, an end where none is wanted, an end further away than a new key's would be.
    """
    if wanted.expiration is None:
        return None
    if wanted.expiration.never:
        return None if key.expiration is None else "it ends, expiration is never"
    if key.expiration is None:
        return f"it never ends, expiration is {wanted.expiration}"
    left = key.expiration - now
    if left > wanted.expiration.ms + END_TOLERANCE:
        return f"{humanize(left)} left, more than expiration {wanted.expiration}"
    return None


def other_end(key: Key, asked: Duration | None) -> str | None:
    """Return how the end of a new key differs from what was asked for, or None; where nothing was asked, the service decides."""
    if asked is None:
        return None
    if asked.never or key.expiration is None:
        same = asked.never and key.expiration is None
    else:
        # What was asked in parts of an hour is sent in whole ones.
        tolerance = END_TOLERANCE + (_HOUR if asked.ms % _HOUR else 0)
        same = key.creation is None or abs(key.expiration - key.creation - asked.ms) <= tolerance
    if same:
        return None
    given = "never ends" if key.expiration is None else f"ends at {rendered(key.expiration)}"
    return f"it {given}, asked for was {asked if asked.never else f'an end after {asked}'}"


def summary(key: Key | None, now: int) -> str:
    """Return one line about a key for a table or a message."""
    if key is None:
        return "no key"
    left = key.remaining(now)
    end = "never ends" if left is None else f"ends {rendered(key.expiration or 0)}, in {humanize(left)}"
    return f"{key.id} {key.name!r}: {key.state(now)}, {end}"


def named(ids: Sequence[str]) -> str:
    """Return ``key a`` or ``keys a, b and 7 more`` for a message."""
    shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    return f"{'key' if len(ids) == 1 else 'keys'} {shown}"
