# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A remote cluster from what is there to a search that was answered: look, decide, carry out, prove.

Secure settings come before the settings: a node that has these without a key would connect with certificates, as before 8.10. And a
connection proves nothing: a node whose key was revoked, or whose licence has ended, says "connected" of it. Only a search tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._api.elasticsearch import ElasticsearchApi
from .._api.remote_clusters import NodeInfo, RemoteClustersApi
from .._model.compare import Change
from .._model.errors import KeysmithError, Refused
from .._model.features import Capabilities
from .._model.remote_cluster import (
    UNCOVERED,
    RemoteWanted,
    differences,
    hint_for,
    key_in_use,
    not_reloaded,
    refuse_license,
    search_problem,
    trust_of,
)

NEVER, ON_FAILURE, ALWAYS = "never", "on_failure", "always"
_PAUSE = 0.5
# How long to wait for an answer, before the keystores are suspected.
_PATIENCE = 5.0


class NotConnected(KeysmithError):
    """The remote cluster did not answer a search, or is not connected; ``reason`` holds the server's words."""

    code = "not_connected"


class NotReloaded(KeysmithError):
    """A node did not take its secure settings over; ``nodes`` tells of each."""

    code = "not_reloaded"


@dataclass(frozen=True)
class Proving:
    """How to prove the connection: what to search (None: it is enough to be connected), for how many seconds, with which key."""

    seconds: float
    search: str | None = None
    key_id: str | None = None


@dataclass(frozen=True)
class RemoteJob:
    """One remote cluster, as a task wants it. ``address`` is a name for the cluster, ``reload`` says when to read keystores again."""

    wanted: RemoteWanted
    address: str
    reload: str
    keystore_password: str | None
    remote_uuid: str | None
    proving: Proving


@dataclass
class RemoteOutcome:
    """What was found, planned and proven."""

    version: str
    cluster: str
    license: str
    nodes: list[NodeInfo]
    trust: Mapping[str, Any]
    changes: list[Change]
    reload: bool
    remote: Mapping[str, Any] | None = None
    key_id: str | None = None
    documents: int | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Was, or in check mode would be, anything written or reloaded?"""
        return self.reload or bool(self.changes)


@dataclass(frozen=True)
class World:
    """The clock, in seconds, and the way to wait."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]


def run_remote_cluster(
    job: RemoteJob, security: ElasticsearchApi, api: RemoteClustersApi, world: World, *, check: bool
) -> RemoteOutcome:
    """Bring the remote cluster to what the job wants, and prove that it answers.

    :raises Refused: the licence, a privilege or the cluster itself forbids it; nothing was written.
    :raises NotReloaded: before the settings are written.
    :raises NotConnected: after they are.
    """
    outcome = _look(job, security, api)
    if check:
        return outcome
    if outcome.reload:
        _reload(job, api)
    if outcome.changes:
        api.put_settings({change.path: change.after for change in outcome.changes})
    if job.wanted.present and job.proving.seconds > 0:
        _prove(job, api, outcome, world)
    else:
        outcome.remote = api.remote(job.wanted.alias)
    return outcome


def _look(job: RemoteJob, security: ElasticsearchApi, api: RemoteClustersApi) -> RemoteOutcome:
    info = security.info()
    Capabilities(info.version, info.flavor, info.cluster).require("remote_clusters", "es_remote_cluster")
    if job.remote_uuid == info.cluster:
        raise Refused(
            f"The cluster at {job.address} is the remote cluster itself: both have the cluster_uuid {info.cluster}.",
            "Give each side its own url.",
        )
    if "manage" not in security.held_privileges(["manage"]):
        raise Refused(
            f"The login at {job.address} lacks the cluster privilege manage, without which nobody changes settings or reloads keystores.",
            "Give its role manage.",
        )
    kind, status = api.license()
    if job.wanted.present:
        refuse_license(kind, status, job.address)
    nodes = api.nodes()
    outcome = RemoteOutcome(
        version=info.version,
        cluster=info.cluster,
        license=kind,
        nodes=nodes,
        trust=trust_of(nodes[0].tls if nodes else {}, api.certificates()),
        changes=differences(job.wanted, api.settings()),
        reload=job.reload == ALWAYS,
        remote=api.remote(job.wanted.alias),
    )
    outcome.reasons += ["the secure settings are read again"] if outcome.reload else []
    outcome.reasons += [f"settings differ: {change}" for change in outcome.changes]
    return outcome


def _reload(job: RemoteJob, api: RemoteClustersApi) -> None:
    problems = not_reloaded(api.reload(job.keystore_password), job.wanted.credential if job.wanted.present else None)
    if problems:
        raise NotReloaded(
            f"Not every node of the cluster at {job.address} took its secure settings over: {'; '.join(problems)}.",
            "Every node needs the key in its keystore, and keystore_password where it has one.",
            nodes=problems,
        )


def _prove(job: RemoteJob, api: RemoteClustersApi, outcome: RemoteOutcome, world: World) -> None:
    """Search until it is answered; the connection is made in the background, and a node may first wait for another's."""
    seconds = job.proving.seconds
    problem = _wait(job, api, outcome, world, min(seconds, _PATIENCE) if job.reload == ON_FAILURE else seconds)
    if problem is not None and job.reload == ON_FAILURE:
        _reload(job, api)
        outcome.reload = True
        outcome.reasons.append(f"the secure settings are read again: {problem}")
        problem = _wait(job, api, outcome, world, seconds)
    if problem is None:
        return
    shown = outcome.remote or {}
    where = shown.get("proxy_address") or shown.get("seeds") or ()
    raise NotConnected(
        f"The cluster at {job.address} cannot use the remote cluster {job.wanted.alias}: {problem.rstrip('.')}.",
        hint_for(problem, [where] if isinstance(where, str) else list(where)),
        reason=problem,
    )


def _wait(job: RemoteJob, api: RemoteClustersApi, outcome: RemoteOutcome, world: World, seconds: float) -> str | None:
    """Return None as soon as it answers, or what was wrong in the end."""
    end = world.clock() + seconds
    while True:
        problem = _attempt(job, api, outcome)
        if problem is None or world.clock() >= end:
            return problem
        world.sleep(_PAUSE)


def _attempt(job: RemoteJob, api: RemoteClustersApi, outcome: RemoteOutcome) -> str | None:
    alias, proving = job.wanted.alias, job.proving
    if proving.search is not None:
        body = api.search(alias, proving.search)
        problem = search_problem(alias, body)
        if problem is None:
            outcome.documents = int(body["hits"]["total"]["value"])
    else:
        problem = None
    outcome.remote = api.remote(alias)
    if problem is None and not (outcome.remote or {}).get("connected"):
        problem = f"Unable to connect to [{alias}]"
    if problem is None and proving.key_id is not None:
        outcome.key_id = key_in_use(search_problem(alias, api.search(alias, UNCOVERED)))
        if outcome.key_id not in (None, proving.key_id):
            problem = f"the node still uses the API key {outcome.key_id}, and not {proving.key_id}"
    return problem
