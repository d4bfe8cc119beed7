# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulated Elasticsearch: from a request to its answer."""

from __future__ import annotations

import threading
import traceback
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.elasticsearch import api_keys, cluster, cross_cluster, indices, key_query, remote_clusters, users
from keysmith_emulator.elasticsearch.authentication import authenticate
from keysmith_emulator.elasticsearch.cloud_logins import CloudLogins
from keysmith_emulator.elasticsearch.errors import CHALLENGE, PlainRefusal, Refusal
from keysmith_emulator.elasticsearch.response_filter import filter_answer
from keysmith_emulator.elasticsearch.routes import Call, Router
from keysmith_emulator.elasticsearch.seed import seed_keys
from keysmith_emulator.elasticsearch.state import Settings, State
from keysmith_emulator.elasticsearch.subjects import Subject, user_subject
from keysmith_emulator.exchange import Answer, Controls, Request

_PRODUCT = ("X-elastic-product", "Elasticsearch")


class ElasticsearchService:
    """A cluster of one node. Requests are carried out one after the other."""

    def __init__(self, settings: Settings, clock: Clock, cloud_logins: CloudLogins | None = None) -> None:
        """``cloud_logins`` are those of a serverless project."""
        self._settings = settings
        self._clock = clock
        self._cloud_logins = cloud_logins if settings.serverless else None
        self._lock = threading.Lock()
        self._router = Router(_routes(settings), settings.version, settings.serverless)
        self.state = self._fresh_state()

    def _fresh_state(self) -> State:
        state = State(self._settings, self._clock)
        users.add_configured(state)
        return state

    def reset(self) -> None:
        """A new, empty cluster."""
        with self._lock:
            self.state = self._fresh_state()

    def refresh(self) -> None:
        """Makes every write visible."""
        with self._lock:
            self.state.keys.refresh()

    def controls(self) -> Controls:
        """What the control API can do here beyond what it can do everywhere."""
        return {("POST", "/seed"): self._seed}

    def _seed(self, wanted: Any) -> Any:
        try:
            with self._lock:
                return seed_keys(self.state, wanted or {})
        except Refusal as refusal:
            raise ValueError(refusal.reason) from None

    def failure(self, status: int, reason: str) -> dict[str, Any]:
        """The body of an error that a fault asks for."""
        kind = {401: "security_exception", 500: "exception"}.get(status, "emulated_exception")
        return Refusal(status, kind, reason).body()

    def handle(self, request: Request) -> Answer:
        """The answer to a request."""
        with self._lock:
            answer = self._guarded(request)
        if answer.status != 401:
            answer.headers.append(_PRODUCT)
        return answer

    def _guarded(self, request: Request) -> Answer:
        who: str | None = None
        try:
            if remote_clusters.HEADER in request.headers:
                return remote_clusters.serve_cross_cluster(self.state, request)
            subject = self._subject(request)
            who = _short_name(subject)
            answer = self._dispatch(request, subject)
        except Refusal as refusal:
            answer = _refused(refusal)
        except Exception as error:
            # A flaw of the emulator's own must look like a server's error to the client, not like a lost connection.
            traceback.print_exc()
            answer = _refused(Refusal(500, "emulator_exception", f"{type(error).__name__} in the emulator"))
        answer.who = who
        if "filter_path" in request.query and answer.raw is None:
            answer.payload = filter_answer(answer.payload, request.query["filter_path"])
        return answer

    def _subject(self, request: Request) -> Subject:
        if self._settings.security:
            return authenticate(self.state, request, self._cloud_logins)
        return user_subject(self.state, self.state.users["elastic"])

    def _dispatch(self, request: Request, subject: Subject) -> Answer:
        route, variables = self._router.find(request)
        if ":" in variables.get("index", "") and route.path.endswith("/_search"):
            return remote_clusters.search_remote(
                Call(self.state, request, subject, variables, request.query), variables["index"]
            )
        route.check_parameters(request, self._settings.version)
        _check_media_type(request)
        return route.handler(Call(self.state, request, subject, variables, request.query))


def _routes(settings: Settings) -> list[Any]:
    modules = [api_keys, cross_cluster, key_query, users, cluster, remote_clusters, indices]
    routes = [route for module in modules for route in module.ROUTES]
    if not settings.security:
        # Without security its handlers are not registered at all.
        routes = [route for route in routes if not route.path.startswith("/_security")]
    return routes


def _check_media_type(request: Request) -> None:
    given = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if request.body and not ("json" in given or given == ""):
        # 406 and 405 are the two answers whose error is a plain string.
        raise PlainRefusal(406, f"Content-Type header [{request.headers['content-type']}] is not supported")


def _refused(refusal: Refusal) -> Answer:
    answer = Answer(refusal.status, refusal.body())
    if refusal.status == 401:
        answer.headers += [("WWW-Authenticate", value) for value in CHALLENGE]
    if isinstance(refusal, PlainRefusal) and refusal.allow:
        answer.headers.append(("Allow", ",".join(refusal.allow)))
    return answer


def _short_name(subject: Subject) -> str:
    if subject.key is not None:
        return f"api key {subject.key.id}"
    by = subject.authenticated_by
    return subject.username if by is None else f"{subject.username} (run as by {_short_name(by)})"
