# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What is reported: keys with what was found, the clusters they are of, and those that could not be audited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._model.audit import Audited
from .._model.duration import humanize
from .._model.finding import CODES, SEVERITIES
from .._model.moment import parse_time
from .._model.selection import MANAGERS, STATES

# What is audited, by the name of its connection options, and what it is called when nothing else is reported.
NOUNS = {"elasticsearch": "cluster", "elastic_cloud": "organization", "ece": "installation"}
PRODUCTS = {
    "elasticsearch": "Elasticsearch",
    "elastic_cloud": "Elastic Cloud",
    "ece": "Elastic Cloud Enterprise",
}


class Cluster(NamedTuple):
    """One audited cluster, organization of Elastic Cloud or installation of Elastic Cloud Enterprise, by its ``kind`` one of ``NOUNS``.

    ``at`` is the time of the audit in ms, by the cluster's clock where it tells it.
    ``blind_spot`` says which keys the login could not see, ``users_unknown`` why owners could not be judged, ``rights_unknown`` why keys
    with all the rights of their owner could not be searched for forbidden privileges; None: all is known. ``notes`` are sentences about
    all of its keys together, and about the audit.
    """

    name: str
    kind: str
    at: int
    login: Mapping[str, Any]
    blind_spot: str | None
    users_unknown: str | None
    rights_unknown: str | None
    notes: Sequence[str]
    policy: Mapping[str, Any]
    api_keys: Sequence[Audited]

    @property
    def gaps(self) -> list[str]:
        """Return in sentences what the audit could not find out."""
        return [gap for gap in (self.blind_spot, self.users_unknown, self.rights_unknown) if gap is not None]

    @property
    def login_end(self) -> int | None:
        """Return when the credential of the login ends, in ms; None: never, or nobody told it."""
        told = self.login.get("expiration")
        return None if told is None else parse_time(told, "expiration")


class Unaudited(NamedTuple):
    """A cluster that could not be audited, and why; ``kind`` as of ``Cluster``."""

    name: str
    reason: str
    kind: str = "elasticsearch"


class Estate(NamedTuple):
    """Everything that one report is about."""

    clusters: tuple[Cluster, ...]
    unaudited: tuple[Unaudited, ...] = ()

    @property
    def at(self) -> int:
        """Return the time of the latest audit in ms, 0 without any."""
        return max((cluster.at for cluster in self.clusters), default=0)

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of what is reported."""
        return frozenset([one.kind for one in self.clusters] + [one.kind for one in self.unaudited])

    @property
    def noun(self) -> str:
        """Return the word for one of what is reported, which fits all of it."""
        kinds = self.kinds or {"elasticsearch"}
        return NOUNS[next(iter(kinds))] if len(kinds) == 1 else "service"

    @property
    def mixed(self) -> bool:
        """Are there several kinds, so that each has to be told?"""
        return len(self.kinds) > 1

    def rows(self) -> Iterator[tuple[Cluster, Audited]]:
        """Yield every key with its cluster."""
        for cluster in self.clusters:
            for key in cluster.api_keys:
                yield cluster, key


def summary(keys: Iterable[Audited]) -> dict[str, Any]:
    """Return how many keys there are of what; ``severities`` counts each key once, by the worst that is said of it."""
    states, managers = dict.fromkeys(STATES, 0), dict.fromkeys(MANAGERS, 0)
    severities, codes = dict.fromkeys(SEVERITIES, 0), dict.fromkeys(CODES, 0)
    types: dict[str, int] = {}
    owners: dict[str, int] = {}
    total = 0
    for key in keys:
        total += 1
        states[key.state] += 1
        managers[key.manager] += 1
        types[key.type] = types.get(key.type, 0) + 1
        owner = str(key.owner) if key.owner else ""
        owners[owner] = owners.get(owner, 0) + 1
        for finding in key.findings:
            codes[finding.code] += 1
        if key.findings:
            severities[key.findings[0].severity] += 1
    return {
        "api_keys": total,
        "states": states,
        "types": types,
        "managers": managers,
        "owners": len(owners),
        "severities": severities,
        "codes": codes,
    }


def worst_first(estate: Estate) -> list[tuple[Cluster, Audited]]:
    """Return the keys of which something is said, the worst and then the soonest to end first."""
    said = [(cluster, key) for cluster, key in estate.rows() if key.findings]
    return sorted(said, key=lambda row: (row[1].findings[0].rank, _end(row[1]), row[1].name, row[1].id))


def ending_next(estate: Estate) -> list[tuple[Cluster, Audited]]:
    """Return the active keys that end, the soonest first."""
    ending = [(cluster, key) for cluster, key in estate.rows() if key.state == "active" and key.expiration is not None]
    return sorted(ending, key=lambda row: (_end(row[1]), row[1].name, row[1].id))


def owner_of(key: Audited) -> str:
    """Return the name of the key's owner, empty where it has none."""
    return key.owner.username if key.owner else ""


def creator_of(key: Audited) -> str:
    """Return who made the key, empty where that is not told, or is its owner."""
    return "" if key.creator is None or key.creator == owner_of(key) else key.creator


def login_left(cluster: Cluster) -> str:
    """Return how long the credential of the audit's login lived on from it, for people; empty where it has no end, or nobody told it."""
    return "" if cluster.login_end is None else humanize(max(0, cluster.login_end - cluster.at))


def time_left(cluster: Cluster, key: Audited) -> str:
    """Return how long the key lived on from the audit, for people."""
    if key.state != "active":
        return "revoked" if key.state == "invalidated" else "ended"
    return "never" if key.expiration is None else humanize(max(0, key.expiration - cluster.at))


def _end(key: Audited) -> float:
    return float("inf") if key.expiration is None else key.expiration
