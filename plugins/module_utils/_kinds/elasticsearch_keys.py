# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elasticsearch as a service that holds keys, user keys and cross-cluster keys alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.elasticsearch import ElasticsearchApi, ServerInfo
from .._http.auth import ApiKeyAuth
from .._model.canonical import for_serverless
from .._model.checks import check_name, check_not_empty
from .._model.duration import parse_duration
from .._model.errors import BadRequest, Forbidden, NotFound, OptionError, Refused, ServerError, Unauthorized
from .._model.features import SERVERLESS, Capabilities, parse_version
from .._model.found import EXPIRED, GONE, INVALIDATED, PROVEN, UNKNOWN, WRONG_SECRET, Proof
from .._model.key import MARK_KEY, Key, Login, Mark, Owner
from .._model.key_text import is_cloud_key
from .._model.lifecycle import named
from .._model.plan import Issue
from .._model.revocation import ALL_KEYS
from .._model.rights import askable, lost, same_rights
from .._model.secret import ApiKeySecret
from .._model.wanted import OwnerScope, Wanted
from .kind import Made, Search

# The server's own words for a refused secret; a 401 with other words proves nothing (a node that starts refuses right ones too).
REFUTATIONS = (
    ("is expired", EXPIRED),
    ("has been invalidated", INVALIDATED),
    ("unable to find apikey", GONE),
    ("invalid credentials for API key", WRONG_SECRET),
)

# What the server says to the right secret of a key that may only be used between clusters; to a wrong one it says
# "invalid credentials" (finding 2 of the rotation).
OF_ANOTHER_TYPE = "expected API key type of"

# The options of every key in Elasticsearch; the fragment elasticsearch_key documents them.
KEY_OPTIONS: Mapping[str, Any] = {
    "name": {"type": "str"},
    "id": {"type": "str"},
    "metadata": {"type": "dict"},
    "expiration": {"type": "str"},
    "owner": {"type": "str", "default": "self"},
    "owner_realm": {"type": "str"},
}

# How often an invalidation is repeated, a second apart, until the server says that the key is dead: a key made with
# refresh=false is invisible to it for about that long.
REVOKE_TRIES = 4

# How many keys one request invalidates: with more than 10,000 ids the server's own search for them fails.
REVOKED_AT_ONCE = 1000

# Only names that every supported server knows: one unknown name is a 400 for the whole question.
ASKED_PRIVILEGES = frozenset({"manage_own_api_key", "manage_api_key", "manage_security", "grant_api_key"})
ASKED_ON_SERVERLESS = frozenset({"manage_own_api_key", "manage_api_key"})


class ElasticsearchKeys:
    """The keys of one type on one cluster, for whoever is logged in."""

    marks = True
    shows_dead = True
    type = "rest"

    def __init__(
        self, api: ElasticsearchApi, params: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api = api
        self._params = params
        self._sleep = sleep
        self._login: Login | None = None
        self._capabilities: Capabilities | None = None
        self._privileges: frozenset[str] | None = None
        # Aggregations came with 8.13; whether they are there is found out by the first search.
        self._clock = True

    def login(self) -> Login:
        """Return who is logged in; a login that is an API key also tells when it ends, by reading itself."""
        if self._login is None:
            login = self._authenticated()
            if login.by_key and login.key_id and not login.by_cloud_key:
                own = self.api.get(login.key_id)
                if own is not None:
                    login = replace(
                        login,
                        owner=own.owner or login.owner,
                        expiration=own.expiration,
                        realm_type=own.extra.get("realm_type"),
                    )
            self._login = login
        return self._login

    def _authenticated(self) -> Login:
        """Ask who is logged in. Where nobody may act as another user the server refuses it, or takes the login for what it is."""
        run_as = self._params.get("run_as")
        try:
            login = self.api.authenticate()
        except Unauthorized as refused:
            raise self._explained(refused) from None
        except Forbidden:
            if run_as is not None:
                self._refuse_run_as_on_serverless()
            raise
        if run_as is not None and login.owner.username.casefold() != run_as.casefold():
            self._refuse_run_as_on_serverless()
            raise Refused(
                f"run_as: the server does not act as {run_as}, it took the login for {login.owner.username}.",
                "Switch it on there (xpack.security.authc.run_as.enabled), or log in as that user and leave run_as out.",
            )
        return login

    def _refuse_run_as_on_serverless(self) -> None:
        try:
            # As the login itself, who may ask.
            info = ElasticsearchApi(self.api.client.login_as(self.api.client.auth)).info()
        except Forbidden:
            return
        Capabilities(info.version, info.flavor, info.cluster).require("run_as", "run_as")

    def _explained(self, refused: Unauthorized) -> Unauthorized:
        auth = self.api.client.auth
        hint = f"The login was {auth.describe()}."
        if isinstance(auth, ApiKeyAuth) and is_cloud_key(auth.encoded):
            hint = (
                "api_key is an Elastic Cloud key (essu_...); it opens the Elastic Cloud API and serverless projects that its application "
                "roles name, never the Elasticsearch of a deployment. Use an Elasticsearch API key or a user."
            )
        words = "; ".join(refused.credentials) or refused.reason or "no reason given"
        return Unauthorized(
            f"Elasticsearch refused the login: {words}.",
            hint,
            status=refused.status,
            type=refused.type,
            reason=refused.reason,
            credentials=refused.credentials,
        )

    def find(self, searches: Sequence[Search]) -> tuple[list[Key], int | None]:
        """Search in one query, over all pages, with the server's clock where it has one."""
        query = {
            "bool": {
                "should": [branch for search in searches for branch in _branches(search)],
                "minimum_should_match": 1,
            }
        }
        keys, now = self.query(query)
        return [key for key in keys if key.type == self.type], now

    def query(self, query: Mapping[str, Any], **more: Any) -> tuple[list[Key], int | None]:
        """Return what a query of the server's own kind finds, over all pages, and the server's time in ms where it tells it."""
        found: list[Key] = []
        now = None
        for page, told in self.pages(query, **more):
            found += page
            now = told or now
        return found, now

    def pages(self, query: Mapping[str, Any], **more: Any) -> Iterator[tuple[list[Key], int | None]]:
        """Yield the same page by page; the first one comes with the time."""
        if self._clock:
            try:
                yield from self.api.pages(query, clock=True, **more)
                return
            except BadRequest as refused:
                # Only the first page asks for the time, so nothing was yielded yet.
                if "agg" not in str(refused):
                    raise
                self._clock = False
        yield from self.api.pages(query, **more)

    def prove(self, secret: ApiKeySecret) -> Proof:
        """Let a key read itself: proof and state in one. 403 is proof too (a restricted key), and so is a 404 (the search lags)."""
        client = self.api.client.login_as(ApiKeyAuth(secret.encoded))
        try:
            return Proof(PROVEN, key=ElasticsearchApi(client).get(secret.id))
        except Forbidden:
            return Proof(PROVEN)
        except Unauthorized as refused:
            words = "; ".join(refused.credentials) or refused.reason or "401 without a reason"
            verdict = next((verdict for part, verdict in REFUTATIONS if part in words), UNKNOWN)
            return Proof(verdict, words)
        except (ServerError, NotFound) as unclear:
            return Proof(UNKNOWN, unclear.message)

    def capabilities(self) -> Capabilities:
        """Ask ``GET /`` and the login's privileges, once."""
        if self._capabilities is None:
            info = self._info()
            here = Capabilities(info.version, info.flavor, info.cluster)
            asked = ASKED_ON_SERVERLESS if here.serverless else ASKED_PRIVILEGES
            if not here.serverless and parse_version(info.version) >= (9, 4):
                asked |= {"clone_api_key"}
            self._capabilities = replace(here, privileges=self.api.held_privileges(asked))
        return self._capabilities

    def privileges(self) -> frozenset[str]:
        """Return which of the privileges over keys the login has, without asking for the version, which not everybody may."""
        if self._capabilities is not None:
            return self._capabilities.privileges
        if self._privileges is None:
            try:
                self._privileges = self.api.held_privileges(ASKED_PRIVILEGES)
            except BadRequest:
                self._privileges = self.api.held_privileges(ASKED_ON_SERVERLESS)
        return self._privileges

    def serverless(self) -> bool:
        """Is it a serverless project? False where the login may not ask."""
        try:
            return self.api.info().flavor == SERVERLESS
        except Forbidden:
            return False

    def _info(self) -> ServerInfo:
        try:
            return self.api.info()
        except Forbidden:
            raise Refused(
                f"{self.login().owner} may not ask for the server's version (GET /), without which nothing is written.",
                "Grant the cluster privilege monitor to the login's role.",
                privileges=["monitor"],
            ) from None

    def create(self, issue: Issue, wanted: Wanted, mark: Mark, source: ApiKeySecret | None) -> Made:
        """Create, grant or clone, as the plan says."""
        refresh = str(self._params.get("refresh") or "true")
        body = self._create_body(issue, mark)
        if issue.method == "grant":
            made = self.api.grant({**grant_body(self._params["grant"]), "api_key": body}, refresh)
        elif issue.method == "clone":
            if source is None:
                raise Refused(
                    "method: clone needs the predecessor's secret in a store.", "Use another method for the first key."
                )
            body.pop("role_descriptors", None)
            made = self.api.clone({**body, "api_key": source.encoded}, refresh)
        else:
            made = self._create(body, refresh)
        return Made(made.secret, made.expiration)

    def _create(self, body: Mapping[str, Any], refresh: str) -> Any:
        try:
            return self.api.create(body, refresh)
        except BadRequest as refused:
            if self.login().by_cloud_key:
                # Newer ones let it, and a project does not tell how new it is: only the server knows.
                refused.hint = (
                    "Up to 9.5 Elasticsearch lets no Elastic Cloud key make keys; "
                    "log in with the credentials of the project's admin."
                )
            raise

    def _create_body(self, issue: Issue, mark: Mark) -> dict[str, Any]:
        body = self._sent({name: value for name, value in issue.spec.items() if value is not None})
        body["name"] = issue.name
        body["metadata"] = {**(issue.spec.get("metadata") or {}), MARK_KEY: mark.to_metadata()}
        if issue.expiration is not None and not issue.expiration.never:
            body["expiration"] = issue.expiration.to_server()
        elif issue.method == "clone":
            # Without it a clone ends when its source does; null is the server's word for never.
            body["expiration"] = None
        return body

    def _sent(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a create or update; a successor's are as the server showed those of its predecessor."""
        if spec.get("role_descriptors") and self.capabilities().serverless:
            return {**spec, "role_descriptors": for_serverless(spec["role_descriptors"])}
        return dict(spec)

    def update(self, key: Key, spec: Mapping[str, Any], seconds: int | None) -> None:
        """Change whole fields; metadata keeps our mark, which the task does not know."""
        body = self._sent(spec)
        if "metadata" in body and MARK_KEY in key.metadata:
            body["metadata"] = {**(body["metadata"] or {}), MARK_KEY: key.metadata[MARK_KEY]}
        if seconds is not None:
            body["expiration"] = f"{seconds}s"
        self._update(key, body)

    def _update(self, key: Key, body: Mapping[str, Any]) -> None:
        self.api.update(key.id, body)

    def revoke(self, ids: Sequence[str]) -> frozenset[str]:
        """Invalidate by id until the server confirms each one, or shows it dead."""
        wanted = sorted(set(ids))
        parts = [wanted[start : start + REVOKED_AT_ONCE] for start in range(0, len(wanted), REVOKED_AT_ONCE)]
        dead: set[str] = set()
        refusals: list[Refused] = []
        for part in parts:
            try:
                dead |= self._revoke_some(part)
            except Refused as refused:
                # After a leak as many as possible have to go: what the server refuses for one part says nothing of the next.
                refusals.append(refused)
        if refusals:
            raise refusals[0]
        return frozenset(dead)

    def _revoke_some(self, ids: Sequence[str]) -> set[str]:
        pending: set[str] = set(ids)
        dead: set[str] = set()
        own = not self.login().by_key and self.privileges().isdisjoint(ALL_KEYS)
        problems: tuple[str, ...] = ()
        for attempt in range(REVOKE_TRIES):
            if attempt:
                self._sleep(1.0)
            answer = self.api.invalidate(sorted(pending), own=own)
            problems = answer.problems
            dead |= answer.ids
            pending -= answer.ids
            if pending:
                dead |= {key.id for key in self._by_ids(pending) if key.invalidated}
                pending -= dead
            if not pending:
                break
        if problems and pending:
            raise Refused(f"Elasticsearch did not revoke {named(sorted(pending))}: {problems[0]}", ids=sorted(pending))
        return dead

    def _by_ids(self, ids: set[str]) -> list[Key]:
        return self.query({"ids": {"values": sorted(ids)}})[0]

    def revoke_as(self, secret: ApiKeySecret, key_id: str) -> bool:
        """See ``KeyService``. Most keys may invalidate only themselves, and only by their own id."""
        client = self.api.client.login_as(ApiKeyAuth(secret.encoded))
        try:
            return key_id in ElasticsearchApi(client).invalidate([key_id], own=False).ids
        except Forbidden:
            # Only a key that holds manage_own_api_key may end itself.
            return False
        except Unauthorized as refused:
            # What is wrong with one key says nothing of another.
            return key_id == secret.id and any(
                part in word
                for word in refused.credentials
                for part in ("is expired", "has been invalidated", "unable to find")
            )

    def lost_rights(
        self, old: Key, new: Key, old_secret: ApiKeySecret | None, new_secret: ApiKeySecret
    ) -> tuple[str, ...]:
        """Compare what both keys may really do; a login proves no rights (findings 7 and 8).

        The owner's snapshots (``limited_by``) are compared first. Where they differ, the server itself is asked with both secrets
        about everything that the role descriptors name. Without the old secret only differing snapshots of a key
        with all of its owner's rights can be judged.
        """
        seen = self._with_limits(old, new)
        if new.id not in seen:
            # Made with refresh=false: a search shows it a second later.
            self._sleep(1.1)
            seen = self._with_limits(old, new)
        before, after = (seen[key.id].extra.get("limited_by") if key.id in seen else None for key in (old, new))
        if before is None or after is None or same_rights(before, after):
            return ()
        named = new.spec.get("role_descriptors") or {}
        question = askable(named or before)
        if (old_secret is None and named) or not any(question.values()):
            return ()
        try:
            had = self._rights_of(old_secret, question) if old_secret else _all_held(question)
            return lost(had, self._rights_of(new_secret, question))
        except (Forbidden, Unauthorized, BadRequest):
            # A restricted key may not even ask.
            return ()

    def _with_limits(self, *keys: Key) -> dict[str, Key]:
        found, _now = self.query({"ids": {"values": [key.id for key in keys]}}, with_limited_by=True)
        return {key.id: key for key in found}

    def _rights_of(self, secret: ApiKeySecret, question: Mapping[str, Any]) -> Mapping[str, Any]:
        return ElasticsearchApi(self.api.client.login_as(ApiKeyAuth(secret.encoded))).has_privileges(question)


def _branches(search: Search) -> list[dict[str, Any]]:
    """Return the query's branches: dead keys of a name do not matter and would only fill pages; a listed id matters dead or alive."""
    branches: list[dict[str, Any]] = []
    living: list[dict[str, Any]] = [{"term": {"invalidated": False}}]
    if search.name is not None or (search.owner is not None and not search.ids):
        terms = [*living]
        if search.name is not None:
            terms.append({"term": {"name": search.name}})
        if search.owner is not None:
            terms.append({"term": {"username": search.owner.username}})
        branches.append({"bool": {"filter": terms, "must_not": [{"range": {"expiration": {"lte": "now"}}}]}})
    if search.ids:
        branches.append({"ids": {"values": sorted(search.ids)}})
    if search.nonces:
        branches.append(
            {"bool": {"filter": [*living, {"terms": {f"metadata.{MARK_KEY}.nonce": sorted(search.nonces)}}]}}
        )
    return branches


def _all_held(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer that a key gives which holds everything it is asked about."""
    index: dict[str, dict[str, bool]] = {}
    for entry in question["index"]:
        for name in entry["names"]:
            index.setdefault(name, {}).update(dict.fromkeys(entry["privileges"], True))
    application: dict[str, dict[str, dict[str, bool]]] = {}
    for entry in question["application"]:
        for resource in entry["resources"]:
            resources = application.setdefault(entry["application"], {})
            resources.setdefault(resource, {}).update(dict.fromkeys(entry["privileges"], True))
    return {"cluster": dict.fromkeys(question["cluster"], True), "index": index, "application": application}


def wanted_of(params: Mapping[str, Any], checks: Mapping[str, Callable[[Any, str], None] | None]) -> Wanted:
    """Return what a task wants of any key in Elasticsearch, but for whose it is.

    ``checks`` names the fields of the spec with what refuses a malformed one; None takes every value.

    :raises OptionError: one of these options is malformed.
    """
    for option in ("id", "owner", "owner_realm"):
        check_not_empty(params.get(option), option)
    if params.get("name") is not None:
        check_name(params["name"], "name")
    spec = {option: params[option] for option in checks if params.get(option) is not None}
    for option, value in spec.items():
        check = checks[option]
        if check is not None:
            check(value, option)
    expiration = params.get("expiration")
    return Wanted(
        name=params.get("name"),
        id=params.get("id"),
        spec=spec,
        expiration=None if expiration is None else parse_duration(expiration, "expiration"),
    )


def owner_scope(owner: str, realm: str | None) -> OwnerScope:
    """Return whose keys the options ``owner`` and ``owner_realm`` mean. Raises OptionError for a realm of nobody."""
    if owner == "any":
        return OwnerScope(anybody=True)
    if owner != "self":
        return OwnerScope(Owner(owner, realm))
    if realm is not None:
        raise OptionError("owner_realm", "owner_realm needs owner: the user whose realm it is.")
    return OwnerScope()


def grant_body(grant: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a grant's body that says for whom, from the option ``grant``."""
    given = {
        name: grant[name] for name in ("username", "password", "access_token", "run_as") if grant.get(name) is not None
    }
    return {"grant_type": "access_token" if "access_token" in given else "password", **given}
