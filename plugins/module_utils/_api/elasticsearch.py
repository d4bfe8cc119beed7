# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elasticsearch's security API: paths and JSON shapes, no policy.

Every rule about a path or a field was checked on live servers, 8.19.21 and 9.5.3; where their specification differs, the server is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._http.answer import Answer
from .._http.client import Client
from .._model.errors import NotElasticsearch, NotFound, Refused, ServerError
from .._model.features import License
from .._model.key import Key, Login, Owner
from .._model.secret import ApiKeySecret

# Large enough for ten thousand keys in seven requests, small enough for a page (2 to 3 MB) to be no burden on either side.
PAGE = 1500
# The server's window: a page can never be larger than this.
LARGEST_PAGE = 10_000

# What of an answer is a comparable part of a key; the rest is kept as it came.
SPEC_FIELDS = ("role_descriptors", "metadata", "access", "certificate_identity")
KNOWN_FIELDS = frozenset(
    {
        "id",
        "name",
        "type",
        "username",
        "realm",
        "creation",
        "expiration",
        "invalidated",
        "invalidation",
        "_sort",
        *SPEC_FIELDS,
    }
)


@dataclass(frozen=True)
class Created:
    """The only answer that ever holds a secret. ``expiration`` in ms, None: never."""

    secret: ApiKeySecret
    expiration: int | None


@dataclass(frozen=True)
class Invalidated:
    """Which ids the server says it has just invalidated, and what it says of those that it could not."""

    ids: frozenset[str]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class ServerInfo:
    """``GET /``: ``flavor`` is ``default`` or ``serverless``."""

    version: str
    flavor: str
    cluster: str


def check_product(answer: Answer) -> None:
    """Raise NotElasticsearch for an answer without the product header that every Elasticsearch since 7.14 sends."""
    if answer.headers.get("X-elastic-product") != "Elasticsearch":
        raise NotElasticsearch(
            "The server at url answered, but it is not Elasticsearch (no X-elastic-product header).",
            "Check url: Kibana, a proxy's own page or another service may be listening there.",
        )


def key_from_json(raw: Mapping[str, Any]) -> Key:
    """Return a key as the server showed it; ``type`` is missing before 8.10 and then means ``rest``."""
    username = raw.get("username")
    return Key(
        id=str(raw["id"]),
        name=str(raw.get("name") or ""),
        type=str(raw.get("type") or "rest"),
        owner=Owner(str(username), raw.get("realm")) if username is not None else None,
        creation=raw.get("creation"),
        expiration=raw.get("expiration"),
        invalidated=bool(raw.get("invalidated")),
        invalidation=raw.get("invalidation"),
        spec={name: raw[name] for name in SPEC_FIELDS if name in raw},
        extra={name: value for name, value in raw.items() if name not in KNOWN_FIELDS},
    )


class ElasticsearchApi:
    """One method per call; ``read`` and ``write`` say which of them change something."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def info(self) -> ServerInfo:
        """Return version, flavour and cluster (``GET /``)."""
        body = self.client.read("GET", "/").body
        try:
            version = body["version"]
            return ServerInfo(
                str(version["number"]), str(version.get("build_flavor", "default")), str(body["cluster_uuid"])
            )
        except (KeyError, TypeError):
            raise NotElasticsearch(
                "The server's answer to GET / has no version and cluster_uuid.", "Check url."
            ) from None

    def authenticate(self) -> Login:
        """Return who is logged in (``GET _security/_authenticate``). A run-as user is shown as itself, by its lookup realm."""
        body = self._authenticate_body()
        by = body.get("api_key") or {}
        realm = body.get("lookup_realm") or body.get("authentication_realm") or {}
        return Login(
            # An API key's realm here is the artificial _es_api_key, not its owner's.
            owner=Owner(str(body.get("username")), None if by else realm.get("name")),
            type=str(body.get("authentication_type") or "realm"),
            key_id=by.get("id"),
            key_name=by.get("name"),
            managed_by=by.get("managed_by"),
            roles=tuple(str(role) for role in body.get("roles") or ()),
            realm_type=None if by else realm.get("type"),
        )

    def _authenticate_body(self) -> Mapping[str, Any]:
        try:
            body = self.client.read("GET", "/_security/_authenticate").body
        except ServerError as problem:
            # Seen on 9.5.3 with security switched off: 400 "no handler found for uri [/_security/_authenticate] and method [GET]".
            if problem.status in (400, 405) and "[/_security/_authenticate]" in (problem.reason or ""):
                raise NotElasticsearch(
                    "Security is switched off on this Elasticsearch (xpack.security.enabled: false): it has no API keys.",
                    "Switch it on, or correct url.",
                ) from None
            raise
        if not isinstance(body, Mapping) or "username" not in body:
            raise NotElasticsearch("The answer to _security/_authenticate names no user.", "Check url.")
        return body

    def held_privileges(self, cluster: Iterable[str]) -> frozenset[str]:
        """Return those of these cluster privileges that the login has; an unknown name is a 400 for the whole call."""
        answer = self.has_privileges({"cluster": sorted(cluster)})
        return frozenset(name for name, held in answer["cluster"].items() if held)

    def has_privileges(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the server's word on ``{cluster, index, application}`` for whoever is logged in."""
        body: Mapping[str, Any] = self.client.read("POST", "/_security/user/_has_privileges", body=request).body
        return body

    def get(self, key_id: str, *, with_limited_by: bool = False) -> Key | None:
        """Return one key by id, None if the server shows none (404). A key may always get itself, without ``with_limited_by``."""
        params = {"id": key_id, **({"with_limited_by": "true"} if with_limited_by else {})}
        try:
            found = self.client.read("GET", "/_security/api_key", params=params).body["api_keys"]
        except NotFound:
            return None
        return key_from_json(found[0]) if found else None

    def pages(
        self, query: Mapping[str, Any], *, clock: bool = False, with_limited_by: bool = False
    ) -> Iterator[tuple[list[Key], int | None]]:
        """Yield the keys that a query finds, sorted by creation, page by page, each key once; the first page with the server's time in ms.

        The time is the upper end of a ``date_range`` up to ``now`` (there is no ``Date`` header); None before 8.13 (``clock`` false)
        and where nothing was found. Pages go on from the last creation time and drop what they have seen, because
        creation is the only unique-enough sort that the server offers and ties would be skipped.
        """
        params = {"with_limited_by": "true"} if with_limited_by else None
        # Only keys of the time at which a page goes on are seen twice.
        seen: set[str] = set()
        size, after = PAGE, None
        while True:
            body: dict[str, Any] = {"query": query, "size": size, "sort": [{"creation": {"order": "asc"}}]}
            if clock and after is None:
                body["aggs"] = {"now": {"date_range": {"field": "creation", "ranges": [{"to": "now"}]}}}
            if after is not None:
                body["search_after"] = [after - 1]
            answer = self.client.read("POST", "/_security/_query/api_key", params=params, body=body).body
            page = [key_from_json(raw) for raw in answer["api_keys"]]
            fresh = [key for key in page if key.id not in seen]
            yield fresh, _clock(answer)
            if len(page) < size:
                return
            last = page[-1].creation
            if page[0].creation == last:
                size = _larger(size)
            seen = (seen if last == after else set()) | {key.id for key in page if key.creation == last}
            after = last
            # Two pages at once would be twice the memory.
            del answer, page, fresh

    def users(self) -> dict[str, bool]:
        """Return the users that the cluster itself keeps (native and reserved ones), and whether each is enabled."""
        answer: Mapping[str, Any] = self.client.read("GET", "/_security/user").body
        return {name: bool(user.get("enabled", True)) for name, user in answer.items()}

    def get_by_name(self, name: str) -> list[Key]:
        """Return the keys of this exact name (before 7.15, where nothing can be queried)."""
        answer = self.client.read("GET", "/_security/api_key", params={"name": name}).body
        return [key for key in map(key_from_json, answer["api_keys"]) if key.name == name]

    def create(self, body: Mapping[str, Any], refresh: str) -> Created:
        """Create a key; sent once."""
        return self._made("/_security/api_key", body, refresh)

    def create_cross_cluster(self, body: Mapping[str, Any]) -> Created:
        """Create a cross-cluster key; sent once. It has no ``refresh``: the answer comes when a search can see the key."""
        return self._made("/_security/cross_cluster/api_key", body, None)

    def grant(self, body: Mapping[str, Any], refresh: str) -> Created:
        """Create a key for the user whose password or token is in the body; sent once."""
        return self._made("/_security/api_key/grant", body, refresh)

    def clone(self, body: Mapping[str, Any], refresh: str) -> Created:
        """Create a key with the rights of the one whose secret is in the body (9.4+); sent once."""
        return self._made("/_security/api_key/clone", body, refresh)

    def _made(self, path: str, body: Mapping[str, Any], refresh: str | None) -> Created:
        params = None if refresh is None else {"refresh": refresh}
        answer = self.client.write("POST", path, params=params, body=body, once=True).body
        return Created(ApiKeySecret(str(answer["id"]), str(answer["api_key"])), answer.get("expiration"))

    def update(self, key_id: str, body: Mapping[str, Any]) -> bool:
        """Change a key in place; returns the server's ``updated``, which minds the order of lists. Takes about a second."""
        answer = self.client.write("PUT", f"/_security/api_key/{quote(key_id, safe='')}", body=body).body
        return bool(answer["updated"])

    def update_cross_cluster(self, key_id: str, body: Mapping[str, Any]) -> bool:
        """Change a cross-cluster key in place; an expiration is taken only together with another field."""
        answer = self.client.write("PUT", f"/_security/cross_cluster/api_key/{quote(key_id, safe='')}", body=body).body
        return bool(answer["updated"])

    def license(self) -> License:
        """Return the cluster's licence (``GET _license``, which wants the privilege ``monitor``)."""
        shown = self.client.read("GET", "/_license").body["license"]
        return License(str(shown["type"]), shown.get("status") == "active")

    def invalidate(self, ids: Sequence[str], *, own: bool) -> Invalidated:
        """Invalidate keys by id, never by name (a name is a prefix and hits namesakes). Takes about a second.

        :param own: say ``owner: true``, which ``manage_own_api_key`` demands; an API key that revokes itself must not say it.
        The status is 200 even if something failed, and ids that are unknown or already dead appear nowhere.
        """
        body: dict[str, Any] = {"ids": list(ids), **({"owner": True} if own else {})}
        answer = self.client.write("DELETE", "/_security/api_key", body=body).body
        problems = tuple(str(problem.get("reason")) for problem in answer.get("error_details") or ())
        return Invalidated(frozenset(answer["invalidated_api_keys"]), problems)


def _larger(size: int) -> int:
    """Return the size of the page after one that is full with keys of one millisecond: only a larger one gets beyond them."""
    if size == LARGEST_PAGE:
        raise Refused(f"More than {LARGEST_PAGE} keys were made in the same millisecond; no search gets beyond them.")
    return min(size * 2, LARGEST_PAGE)


def _clock(answer: Mapping[str, Any]) -> int | None:
    buckets = ((answer.get("aggregations") or {}).get("now") or {}).get("buckets") or ()
    return int(buckets[0]["to"]) if buckets else None
