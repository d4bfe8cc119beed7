# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Revoking keys of Elastic Cloud and ECE in bulk: one by one, from a list that shows no dead ones, and by a secret that names no key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import CloudKeysApi
from .._http.auth import ApiKeyAuth, check_header_text
from .._model.checks import check_not_empty
from .._model.errors import Forbidden, KeysmithError, OptionError, Refused, ServerError, Unauthorized, Unproven
from .._model.key import Key, Login
from .._model.key_text import id_in_ece_key, is_elasticsearch_key, parse_opaque_key
from .._model.leaked_key import Clues, key_of_secret
from .._model.lifecycle import named
from .._model.revocation import Demand, Revocation, Seen
from .._model.secret import OpaqueSecret
from .._model.selection import Selection
from .cloud_keys import CloudKeys
from .cloud_listing import OPTIONS as LISTING
from .cloud_listing import CloudListing, in_order
from .kind import Search
from .listing import time_of_service
from .revocation import DEMAND, Asked, asked_for, check_condition, check_demand

OPTIONS: Mapping[str, Any] = {
    # Only living keys are revoked.
    **{name: option for name, option in LISTING.items() if name != "state"},
    **DEMAND,
    "own_key_id": {"type": "str"},
}

# Conditions that tell some keys from the others.
CONDITIONS = (
    *("id", "description", "description_pattern"),
    *("expiring_within", "never_expires", "created_before", "created_after"),
)

# So many refusals, and no key dead: the login may delete none at all.
REFUSALS = 3

# How often it is looked whether a secret is refused, once its key is deleted.
LOOKS = 5

REMEDY = "Give secret, id, description, description_pattern, a time, or the user_id whose keys are all to go."


def asked_of_cloud(
    params: Mapping[str, Any], conditions: Sequence[str], selection: Selection, whose: str | None = None
) -> Asked:
    """Return what the task asks for.

    :param conditions: the options that tell some keys from the others.
    :param whose: an option that says whose keys are meant, and suffices by itself.
    :raises OptionError: an option is malformed, contradicts another, or there is no condition that tells keys apart.
    """
    check_demand(params, conditions)
    check_not_empty(params.get("own_key_id"), "own_key_id")
    secret = _secret_of(params.get("secret"))
    if secret is None and (whose is None or params.get(whose) is None):
        check_condition(params, conditions, "description_pattern", REMEDY)
    return asked_for(params, selection, secret)


def _secret_of(text: str | None) -> OpaqueSecret | None:
    if text is None:
        return None
    check_not_empty(text, "secret")
    if is_elasticsearch_key(text):
        raise OptionError(
            "secret",
            "secret is a key of an Elasticsearch, which is none of this service.",
            "Revoke it with the module es_api_key_revoke.",
        )
    bare = parse_opaque_key(text, "secret")
    check_header_text("secret", bare)
    return OpaqueSecret("", bare)


class CloudRevocation:
    """Looks for keys and revokes them, for whoever is logged in."""

    def __init__(self, keys: CloudKeys, own_key_id: str | None) -> None:
        self.keys = keys
        self._own_key_id = own_key_id
        # The service as a leaked secret sees it.
        self._leaked: CloudKeysApi | None = None

    def look(self, asked: Asked) -> tuple[Demand, Seen]:
        """See ``RevocationService``."""
        self.keys.login()
        if asked.secret is not None:
            return self._look_for_secret(asked.demand, asked.secret.value)
        return asked.demand, self._seen(asked.demand)

    def _seen(self, demand: Demand, *warnings: str) -> Seen:
        told = list(warnings)
        if demand.by_id:
            found, _time = self.keys.find([Search(ids=demand.selection.ids)])
            keys = in_order(found)
            missing = sorted(set(demand.selection.ids) - {key.id for key in keys})
            if missing and not warnings:
                told.append(
                    f"The service shows no {named(missing)} to this login: deleted, never there, or somebody else's whom it does not see."
                )
        else:
            keys, _time = CloudListing(self.keys).select(demand.selection)
            if not keys:
                told.append(
                    "No living key meets the conditions. The service does not show deleted ones, so that keys which were revoked before "
                    "and a mistake in the conditions look the same."
                )
        login, may_be_own = self._login()
        return self._with(keys, login, may_be_own, told)

    def _with(self, keys: Sequence[Key], login: Login, may_be_own: frozenset[str], warnings: Sequence[str]) -> Seen:
        return Seen(login, self._now(), tuple(keys), shows_dead=False, may_be_own=may_be_own, warnings=tuple(warnings))

    def _now(self) -> int:
        return time_of_service(self.keys.api.time)

    def _login(self) -> tuple[Login, frozenset[str]]:
        """Return who is logged in, and the keys of which one is perhaps the login's; own_key_id tells which of them it is."""
        login, may_be, own = self.keys.login(), self.keys.may_be_own, self._own_key_id
        if own is None or own == login.key_id:
            return login, may_be
        if login.key_id is not None or (may_be and own not in may_be):
            right = (
                f"It is key {login.key_id}." if login.key_id is not None else f"It is one of {named(sorted(may_be))}."
            )
            raise OptionError("own_key_id", f"own_key_id says {own}, which is not the key of this login.", right)
        return replace(login, key_id=own), frozenset()

    def _look_for_secret(self, demand: Demand, text: str) -> tuple[Demand, Seen]:
        """Let the secret log in: the service tells when its key ends, and that tells which one it is."""
        leaked = CloudKeysApi(self.keys.api.client.login_as(ApiKeyAuth(text)))
        try:
            shown = next(leaked.pages(), [])
        except Forbidden:
            # Somebody was recognised.
            shown = []
        except Unauthorized:
            return self._look_for_refused(demand, text)
        except ServerError as unclear:
            raise Unproven(
                f"secret could be neither proven nor refuted: {unclear.message.rstrip('.')}.",
                "Nothing was revoked; try again.",
            ) from None
        self.check_whose(leaked, shown)
        (login, _may_be), end = self._login(), leaked.client.key_expiration
        listed, now, auth = self.keys.listed(), self._now(), self.keys.api.client.auth
        itself = isinstance(auth, ApiKeyAuth) and auth.encoded == text
        living = [key for key in listed if key.active(now) and (itself or key.id != login.key_id)]
        clues = Clues(id_in_ece_key(text), end, self.keys.api.client.key_expiration is not None)
        key = key_of_secret(living, clues)
        if shown and _hides(leaked, key):
            raise Refused(
                f"secret logs in, and does not see key {key.id} ({key.name}), the only one that fits, so that it is that of another key.",
                "Log in as somebody who sees that key, or give its id.",
                ids=[key.id],
            )
        self._leaked = leaked
        own = replace(login, key_id=key.id) if itself else login
        # Any other text than the login's belongs to another key.
        return _by_id(demand, key.id), self._with([key], own, frozenset(), ())

    def check_whose(self, leaked: CloudKeysApi, shown: Sequence[Key]) -> None:
        """Refuse the secret of a key that is not among those that the login is about.

        :param leaked: the service as the secret sees it, ``shown`` the first of the keys that it sees.
        :raises Refused:
        """

    def _look_for_refused(self, demand: Demand, text: str) -> tuple[Demand, Seen]:
        """A secret that is refused opens nothing, and there is nothing to revoke; unless it names a key that lives."""
        told = (
            "secret opens nothing: the service refuses it, so its key is dead, or it never was a key of this service. If it may be one of "
            "another service or installation, look there."
        )
        inside = id_in_ece_key(text)
        if inside is None:
            return demand, self._with([], self.keys.login(), frozenset(), [told])
        named_ = _by_id(demand, inside)
        seen = self._seen(named_, told)
        if any(key.active(seen.now) for key in seen.keys):
            raise Refused(
                f"secret opens nothing: key {inside}, which it names, has another secret.",
                "Whoever holds this text cannot log in with it. If that key is to go all the same, give its id instead.",
                ids=[inside],
            )
        return named_, seen

    def check_allowed(self, plan: Revocation, login: Login) -> None:
        """Let it be tried: nobody tells beforehand."""

    def count_dead(self, demand: Demand, plan: Revocation) -> int | None:
        """See ``RevocationService``; of single ids the service says that there are no such keys, else it shows no dead ones."""
        return sum(one.dead for one in plan.kept) if demand.by_id else None

    def revoke(self, keys: tuple[Key, ...]) -> tuple[frozenset[str], KeysmithError | None]:
        """See ``RevocationService``; a refusal may concern one key alone, but not many at the start, and everything else ends it."""
        dead: set[str] = set()
        refusals = 0
        problem: KeysmithError | None = None
        for key in keys:
            try:
                dead |= self.keys.revoke([key.id])
            except KeysmithError as error:
                if self._is_gone(key):
                    dead.add(key.id)
                    continue
                problem, refusals = problem or error, refusals + 1
                if not isinstance(error, Forbidden) or (not dead and refusals == REFUSALS):
                    break
        if problem is None and self._still_logs_in():
            return frozenset(), Refused(
                "secret still logs in, so that it is that of another key than this one, which is dead"
            )
        return frozenset(dead), problem

    def _still_logs_in(self) -> bool:
        """Does a leaked secret open anything after its key was deleted? A service may take a moment to forget it."""
        if self._leaked is None:
            return False
        for _look in range(LOOKS):
            self.keys.pause()
            try:
                next(self._leaked.pages(), [])
            except Forbidden:
                continue
            except KeysmithError:
                # Refused, or nobody knows.
                return False
        return True

    def _is_gone(self, key: Key) -> bool:
        """Ask what became of a key. Where even that fails nothing is certain, and it counts as living."""
        try:
            return self.keys.api.get(key.id) is None
        except KeysmithError:
            return False

    def revoke_own(self, key: Key) -> bool:
        """See ``RevocationService``."""
        dead, _problem = self.revoke((key,))
        return key.id in dead


def _hides(api: CloudKeysApi, key: Key) -> bool:
    """Does the service say to whoever is logged in that there is no such key?"""
    try:
        return api.get(key.id) is None
    except ServerError:
        return False


def _by_id(demand: Demand, key_id: str) -> Demand:
    return replace(demand, selection=replace(demand.selection, ids=(key_id,)))
