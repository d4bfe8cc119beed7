# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a server can do, by version, flavour and the login's privileges; asked before anything is written (law 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .errors import Refused

Version = tuple[int, ...]

SERVERLESS = "serverless"


@dataclass(frozen=True)
class Feature:
    """One ability of the service: since which release, and whether serverless offers it publicly; if not, what to do there ``instead``."""

    what: str
    since: Version
    serverless: bool = True
    instead: str = "Leave it out there."


_AS_THAT_USER = "Log in as that user."
_BETWEEN_CLUSTERS = "Only clusters and deployments connect to one another."

# Sources: the version matrix of the API reference, checked against the servers' own answers on 8.19.21 and 9.5.3.
FEATURES = {
    "query": Feature("searching keys (_query/api_key)", (7, 15)),
    "grant": Feature("creating a key for another user (grant)", (7, 9), serverless=False, instead=_AS_THAT_USER),
    "metadata": Feature("key metadata, which holds the mark of this collection", (7, 13)),
    "update": Feature("updating a key in place", (8, 4)),
    "update_expiration": Feature("moving a key's expiration", (8, 13)),
    "server_clock": Feature("aggregations over keys, which tell the server's time", (8, 13)),
    "clone": Feature(
        "cloning a key", (9, 4), serverless=False, instead="Log in with the credentials of the project's admin."
    ),
    "restriction": Feature("role_descriptors.*.restriction", (8, 9)),
    "remote_indices": Feature("role_descriptors.*.remote_indices", (8, 10), serverless=False),
    "remote_cluster": Feature("role_descriptors.*.remote_cluster", (8, 15), serverless=False),
    "global": Feature("role_descriptors.*.global", (6, 7), serverless=False),
    "run_as_privilege": Feature("role_descriptors.*.run_as", (6, 7), serverless=False),
    "allow_restricted_indices": Feature(
        "role_descriptors.*.indices[].allow_restricted_indices", (6, 7), serverless=False
    ),
    "users": Feature(
        "native users and their roles",
        (6, 7),
        serverless=False,
        instead="Log in there with the credentials of the project's admin, or with a key that ec_api_key makes.",
    ),
    "run_as": Feature("acting as another user (run_as)", (6, 7), serverless=False, instead=_AS_THAT_USER),
    "cross_cluster": Feature("cross-cluster keys", (8, 10), serverless=False, instead=_BETWEEN_CLUSTERS),
    "remote_clusters": Feature("remote clusters", (6, 7), serverless=False, instead=_BETWEEN_CLUSTERS),
    "certificate_identity": Feature("certificate_identity", (9, 3), serverless=False),
}


def parse_version(text: str) -> Version:
    """Return ``8.19.21`` or ``9.5.0-SNAPSHOT`` as numbers; an unreadable part counts as 0."""
    parts = text.split("-", 1)[0].split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in parts[:3])


@dataclass(frozen=True)
class License:
    """A cluster's licence: ``type`` is ``basic``, ``trial``, ``enterprise``, ...; one that has ended is not active."""

    type: str
    active: bool = True


@dataclass(frozen=True)
class Capabilities:
    """What this server and this login can do.

    ``privileges`` are the cluster privileges that the server itself confirmed for the login. ``license`` is the type of the cluster's
    licence, and whether it is active; None: nobody asked. ``room`` is how many more keys the service takes; None: no limit is known.
    """

    version: str
    flavor: str
    cluster: str
    privileges: frozenset[str] = field(default_factory=frozenset)
    room: int | None = None
    license: License | None = None

    @property
    def serverless(self) -> bool:
        """Is it a serverless project? Its version number says nothing about features."""
        return self.flavor == SERVERLESS

    def can(self, feature: str) -> bool:
        """Does the server have this feature (a name in ``FEATURES``)?"""
        wanted = FEATURES[feature]
        return wanted.serverless if self.serverless else parse_version(self.version) >= wanted.since

    def require(self, feature: str, asked_by: str) -> None:
        """Raise Refused unless the server has the feature; ``asked_by`` names the option that needs it."""
        if self.can(feature):
            return
        wanted = FEATURES[feature]
        if self.serverless:
            raise Refused(
                f"{asked_by}: Elastic Cloud serverless does not offer {wanted.what}.",
                wanted.instead,
                feature=feature,
            )
        since = ".".join(str(part) for part in wanted.since)
        raise Refused(
            f"{asked_by}: {wanted.what} needs Elasticsearch {since} or newer; this server is {self.version}.",
            feature=feature,
            version=self.version,
        )

    def holds(self, privileges: Iterable[str]) -> bool:
        """Has the login at least one of these cluster privileges?"""
        return not self.privileges.isdisjoint(privileges)

    def require_license(self, types: Iterable[str], what: str) -> None:
        """Raise Refused unless the cluster's licence is active and one of these types; ``what`` is what needs it."""
        needed = " or ".join(types)
        if self.license is None or (self.license.active and self.license.type in types):
            return
        state = "" if self.license.active else ", and it has ended"
        raise Refused(
            f"{what} need an {needed} licence; the licence of this cluster is {self.license.type}{state}.",
            "Start a trial with POST /_license/start_trial, or install a licence that allows them.",
            license=self.license.type,
        )
