# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing the keys of an Elasticsearch, user keys and cross-cluster keys: the service sorts out what it can, we the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._api.elasticsearch import ElasticsearchApi, check_product
from .._http.client import Client
from .._model.auditing import Auditing, of_privileges
from .._model.checks import check_not_empty
from .._model.duration import parse_duration
from .._model.errors import BadRequest, Forbidden, OptionError, ServerError
from .._model.key import MARK_KEY, Key, Login, Owner
from .._model.moment import Moment, parse_moment
from .._model.selection import COLLECTION, MANAGERS, STATES, Selection, leaves, spellings
from .._model.wanted import OwnerScope
from .elasticsearch_keys import ElasticsearchKeys
from .listing import ListingKind, time_of_service

# What every module asks that selects keys; whose they are by default, and in which state, each says itself.
SELECTION = {
    "name": {"type": "list", "elements": "str"},
    "name_pattern": {"type": "list", "elements": "str"},
    "id": {"type": "list", "elements": "str"},
    "owner_realm": {"type": "str"},
    "type": {"type": "str", "choices": ["rest", "cross_cluster", "any"], "default": "any"},
    "metadata": {"type": "dict"},
    "expiring_within": {"type": "str"},
    "never_expires": {"type": "bool"},
    "created_before": {"type": "str"},
    "created_after": {"type": "str"},
    "managed_by": {"type": "list", "elements": "str", "choices": [*MANAGERS]},
}
OPTIONS = {
    **SELECTION,
    "owner": {"type": "str", "default": "any"},
    "state": {"type": "list", "elements": "str", "choices": [*STATES, "any"], "default": ["active"]},
    "with_limited_by": {"type": "bool", "default": False},
}

# Older servers do not know the first, and an unknown name is a 400 for the whole question.
SEES_ALL = (("read_security", "manage_api_key"), ("manage_api_key",))


def selection_of(params: Mapping[str, Any]) -> Selection:
    """Return what the task selects.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    within = params.get("expiring_within")
    if within is not None and params.get("never_expires"):
        raise OptionError(
            "never_expires", "never_expires: true contradicts expiring_within.", "Leave one of them out, or ask twice."
        )
    for option in ("name", "name_pattern", "id"):
        for text in params.get(option) or ():
            check_not_empty(text, option)
    for option in ("owner", "owner_realm"):
        check_not_empty(params.get(option), option)
    states = params.get("state") or ["active"]
    return Selection(
        names=tuple(params.get("name") or ()),
        patterns=tuple(params.get("name_pattern") or ()),
        ids=tuple(params.get("id") or ()),
        scope=_scope(str(params.get("owner") or "any"), params.get("owner_realm")),
        type=None if params.get("type") in (None, "any") else params["type"],
        states=() if "any" in states else tuple(states),
        metadata=params.get("metadata") or {},
        ends_within=None
        if within is None
        else parse_duration(within, "expiring_within", allow_never=False, allow_zero=True),
        never_expires=params.get("never_expires"),
        created_before=_moment(params, "created_before"),
        created_after=_moment(params, "created_after"),
        managers=tuple(params.get("managed_by") or ()),
    )


def _moment(params: Mapping[str, Any], option: str) -> Moment | None:
    return None if params.get(option) is None else parse_moment(params[option], option)


def _scope(owner: str, realm: str | None) -> OwnerScope:
    if owner in ("any", "self") and realm is not None:
        raise OptionError("owner_realm", "owner_realm needs owner: the user whose realm it is.", "Give owner, too.")
    if owner == "any":
        return OwnerScope(anybody=True)
    return OwnerScope() if owner == "self" else OwnerScope(Owner(owner, realm))


def query_of(selection: Selection, login: Login) -> dict[str, Any]:
    """Return the server's query for a selection; it may find more than is selected, never less.

    The type is left to us: the server computes that field by a script, and a cluster may allow none.
    """
    clauses = [*_identity(selection, login), *_times(selection), *_metadata(selection)]
    return {"bool": {"filter": clauses}} if clauses else {"match_all": {}}


def _identity(selection: Selection, login: Login) -> Iterator[dict[str, Any]]:
    if selection.ids:
        yield {"ids": {"values": list(selection.ids)}}
    named: list[dict[str, Any]] = [{"terms": {"name": list(selection.names)}}] if selection.names else []
    named += [{"wildcard": {"name": pattern}} for pattern in selection.patterns]
    if named:
        yield _one_of(named)
    owner = selection.scope.resolve(login)
    if owner is not None:
        yield {"term": {"username": owner.username}}
        if owner.realm is not None:
            yield {"term": {"realm_name": owner.realm}}
    # Not the type: the server works it out by a script, which a cluster may forbid, and before 8.10 does not know it.
    if selection.states:
        yield _one_of([_state(state) for state in selection.states])


def _one_of(clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def _state(state: str) -> dict[str, Any]:
    if state == "invalidated":
        return {"term": {"invalidated": True}}
    valid, ended = {"term": {"invalidated": False}}, {"range": {"expiration": {"lte": "now"}}}
    if state == "expired":
        return {"bool": {"filter": [valid, ended]}}
    return {"bool": {"filter": [valid], "must_not": [ended]}}


def _times(selection: Selection) -> Iterator[dict[str, Any]]:
    """Times are left to the server's clock wherever they are relative."""
    if selection.ends_within is not None:
        yield {"range": {"expiration": {"lte": f"now+{selection.ends_within.seconds}s"}}}
    if selection.never_expires is not None:
        ends = {"exists": {"field": "expiration"}}
        yield {"bool": {"must_not": [ends]}} if selection.never_expires else ends
    if selection.created_before is not None:
        yield {"range": {"creation": {"lt": _bound(selection.created_before)}}}
    if selection.created_after is not None:
        yield {"range": {"creation": {"gte": _bound(selection.created_after)}}}


def _bound(moment: Moment) -> Any:
    return moment.ms if moment.ago is None else f"now-{moment.ago.seconds}s"


def _metadata(selection: Selection) -> Iterator[dict[str, Any]]:
    """The server compares text, but knows no null; and it writes fractions in its own way."""
    for path, wanted in selection.metadata.items():
        for dotted, value in leaves(wanted, f"metadata.{path}"):
            if value is not None and not isinstance(value, float) and "*" not in dotted:
                yield {"terms": {dotted: list(spellings(value))}}
    if selection.managers == (COLLECTION,):
        yield {"exists": {"field": f"metadata.{MARK_KEY}.nonce"}}


class ElasticsearchListing:
    """The keys of a cluster, for whoever is logged in."""

    def __init__(self, keys: ElasticsearchKeys, *, with_limited_by: bool) -> None:
        self._keys = keys
        self._with_limited_by = with_limited_by

    def login(self) -> Login:
        """See ``Listing``."""
        return self._keys.login()

    def name(self) -> str:
        """Return the address."""
        return self._keys.api.client.address

    def blind_spot(self, selection: Selection) -> str | None:
        """Without the right to read all, the server leaves out others' keys in silence, and for an API key all but itself."""
        login = self.login()
        owner = selection.scope.resolve(login)
        if (owner is not None and owner.matches(login.owner) and not login.by_key) or self.sees_all():
            return None
        seen = f"the key {login.key_id} of this login itself" if login.by_key else f"keys of {login.owner}"
        return (
            f"This login sees only {seen}; other keys may exist. "
            "To see all keys it needs the cluster privilege read_security or manage_api_key."
        )

    def sees_all(self) -> bool:
        """May this login see every key?"""
        for names in SEES_ALL:
            try:
                return bool(self._keys.api.held_privileges(names))
            except BadRequest:
                continue
        return False

    def select(self, selection: Selection) -> tuple[list[Key], int | None]:
        """See ``Listing``; every page is read."""
        found: list[Key] = []
        now = None
        for page, told in self.pages(selection):
            found += page
            now = told or now
        return found, now

    def pages(self, selection: Selection) -> Iterator[tuple[list[Key], int | None]]:
        """See ``Listing``."""
        login = self.login()
        now = None
        for page, told in self._found(selection, login):
            now = told or now
            # Only where nothing was found, or before 8.13, does the server not tell its time.
            at = time_of_service(now)
            yield [key for key in page if selection.includes(key, login, at)], told

    def _found(self, selection: Selection, login: Login) -> Iterator[tuple[list[Key], int | None]]:
        begun = False
        try:
            for page in self._keys.pages(query_of(selection, login), with_limited_by=self._with_limited_by):
                begun = True
                yield page
        except Forbidden:
            # A key that may not search may still read itself.
            own = self._keys.api.get(login.key_id, with_limited_by=self._with_limited_by) if login.key_id else None
            if begun or own is None:
                raise
            yield [own], None

    def users(self) -> Mapping[str, bool]:
        """Return the cluster's own users, and whether each is enabled.

        :raises ServerError: this login may not read them (it needs read_security or manage_security), or this service keeps none.
        """
        if self._keys.serverless():
            raise ServerError("Elastic Cloud serverless does not tell its users.", status=404)
        return self._keys.api.users()

    def notes(self) -> list[str]:
        """Return nothing: each key has been spoken of."""
        return []


def listing(client: Client, params: Mapping[str, Any]) -> ElasticsearchListing:
    """Return the listing of a logged-in client."""
    keys = ElasticsearchKeys(ElasticsearchApi(client), params)
    return ElasticsearchListing(keys, with_limited_by=bool(params.get("with_limited_by")))


AUDITING = Auditing(
    selecting=("name_pattern", "owner", "owner_realm", "type", "state", "metadata", "managed_by"),
    measures=(
        "warn_within",
        "leftover_after",
        "max_life",
        "max_age",
        "required_metadata",
        "forbidden_cluster_privileges",
        "forbidden_index_privileges",
        "include_managed",
    ),
    rights=of_privileges,
)

ES_API_KEYS = ListingKind(selection_of, listing, check_product, AUDITING, OPTIONS)
