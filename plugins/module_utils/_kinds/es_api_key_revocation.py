# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Revoking keys of an Elasticsearch in bulk: what is asked for, what is there, and the revocation itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._api.elasticsearch import ElasticsearchApi, check_product
from .._http.auth import ApiKeyAuth
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.errors import KeysmithError, OptionError, Refused, Unproven
from .._model.found import UNKNOWN, WRONG_SECRET
from .._model.key import Key, Login
from .._model.key_text import id_in_ece_key, is_cloud_key, parse_api_key
from .._model.revocation import Demand, Revocation, Seen, check_allowed
from .._model.secret import ApiKeySecret
from .._model.selection import Selection
from .elasticsearch_keys import OF_ANOTHER_TYPE, ElasticsearchKeys
from .es_api_key_listing import SELECTION, ElasticsearchListing, selection_of
from .listing import time_of_service
from .revocation import DEMAND, Asked, RevocationKind, asked_for, check_condition, check_demand

OPTIONS = {**SELECTION, "owner": {"type": "str"}, **DEMAND}

# Conditions that tell some keys from the others; the type alone does not, nor whose they are unless it is somebody's.
CONDITIONS = (
    *("id", "name", "name_pattern", "metadata"),
    *("expiring_within", "never_expires", "created_before", "created_after", "managed_by"),
)


def asked_of(params: Mapping[str, Any]) -> Asked:
    """Return what the task asks for.

    :raises OptionError: an option is malformed, contradicts another, or there is no condition that tells keys apart.
    """
    check_demand(params, CONDITIONS)
    secret = _secret_of(params)
    # Who holds the secret need not say whose the key is.
    owner = params.get("owner") or ("self" if secret is None else "any")
    check_not_empty(params.get("owner"), "owner")
    selection = selection_of({**params, "owner": owner})
    if secret is not None:
        selection = replace(selection, ids=(secret.id,))
    elif params.get("owner") is None or selection.scope.anybody:
        check_condition(
            params,
            CONDITIONS,
            "name_pattern",
            "Give secret, id, name, name_pattern, metadata, a time, or the owner whose keys are all to go.",
        )
    return asked_for(params, selection, secret)


def _secret_of(params: Mapping[str, Any]) -> ApiKeySecret | None:
    text = params.get("secret")
    if text is None:
        return None
    if is_cloud_key(text):
        raise OptionError(
            "secret",
            "secret is an Elastic Cloud key (essu_...), which is no key of an Elasticsearch.",
            "Revoke it with the module ec_api_key_revoke.",
        )
    if id_in_ece_key(text) is not None:
        raise OptionError(
            "secret",
            "secret is a key of Elastic Cloud Enterprise, which is no key of an Elasticsearch.",
            "Revoke it with the module ece_api_key_revoke.",
        )
    return parse_api_key(text, "secret")


class ElasticsearchRevocation:
    """Looks for keys and revokes them, for whoever is logged in."""

    def __init__(self, keys: ElasticsearchKeys) -> None:
        self.keys = keys
        self._listing = ElasticsearchListing(keys, with_limited_by=False)

    def look(self, asked: Asked) -> tuple[Demand, Seen]:
        """See ``RevocationService``."""
        return asked.demand, self._seen(asked)

    def _seen(self, asked: Asked) -> Seen:
        login = self.keys.login()
        if asked.secret is not None:
            self._check_secret(asked.secret)
        selection = asked.demand.selection
        if asked.demand.by_id:
            # Every id is accounted for, whatever became of it and whosever it is.
            keys, told = self._listing.select(Selection(ids=selection.ids, states=()))
            itself = {login.key_id} == set(selection.ids)
            sees_all = len(keys) == len(set(selection.ids)) or itself or self._listing.sees_all()
            return Seen(login, time_of_service(told), tuple(keys), sees_all)
        blind = self._listing.blind_spot(selection)
        if blind is not None:
            raise Refused(blind, "Nothing was revoked: name the keys by id, or their owner as the login.")
        keys, told = self._listing.select(selection)
        return Seen(login, time_of_service(told), tuple(keys), True)

    def check_allowed(self, plan: Revocation, login: Login) -> None:
        """See ``RevocationService``; the server confirms privileges."""
        check_allowed(plan, login, self.keys.privileges())

    def count_dead(self, demand: Demand, plan: Revocation) -> int | None:
        """See ``RevocationService``; dead keys are shown for a week or longer."""
        if demand.by_id:
            return sum(one.dead for one in plan.kept)
        keys, _told = self._listing.select(replace(demand.selection, states=("expired", "invalidated")))
        return len(keys)

    def _check_secret(self, secret: ApiKeySecret) -> None:
        proof = self.keys.prove(secret)
        if proof.verdict == WRONG_SECRET:
            raise Refused(
                f"secret opens nothing: key {secret.id}, which it names, has another secret.",
                "Whoever holds this text cannot log in with it. If that key is to go all the same, give its id instead.",
                ids=[secret.id],
            )
        if proof.verdict == UNKNOWN and OF_ANOTHER_TYPE not in proof.words:
            raise Unproven(
                f"secret could be neither proven nor refuted: {proof.words}.", "Nothing was revoked; try again."
            )

    def revoke(self, keys: tuple[Key, ...]) -> tuple[frozenset[str], KeysmithError | None]:
        """See ``RevocationService``; a thousand at once."""
        ids = [key.id for key in keys]
        problem: KeysmithError | None = None
        try:
            dead = self.keys.revoke(ids)
            if len(dead) == len(ids):
                return dead, None
        except KeysmithError as error:
            problem = error
        return self._dead_of(ids), problem

    def _dead_of(self, ids: list[str]) -> frozenset[str]:
        """Ask what became of keys. Where even that fails nothing is certain, and every key counts as living."""
        try:
            found, _told = self._listing.select(Selection(ids=tuple(ids), states=("invalidated",)))
        except KeysmithError:
            return frozenset()
        return frozenset(key.id for key in found)

    def revoke_own(self, key: Key) -> bool:
        """See ``RevocationService``."""
        auth = self.keys.api.client.auth
        if not isinstance(auth, ApiKeyAuth):
            return False
        return self.keys.revoke_as(parse_api_key(auth.encoded, "api_key"), key.id)


def revocation(client: Client, params: Mapping[str, Any]) -> ElasticsearchRevocation:
    """Return the revocation for a logged-in client."""
    return ElasticsearchRevocation(ElasticsearchKeys(ElasticsearchApi(client), params))


ES_API_KEYS_REVOKED = RevocationKind(asked_of, revocation, check_product, OPTIONS)
