# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The kind ``ece_api_key``: a key of a user of Elastic Cloud Enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import TYPE, check_service
from .._api.ece import EceKeysApi, User, current_user, keys_of
from .._http.auth import ApiKeyAuth
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.errors import Refused
from .._model.features import Capabilities
from .._model.found import PROVEN, Proof
from .._model.key import Key, Login, Mark, Owner
from .._model.key_text import id_in_ece_key
from .._model.plan import Issue
from .._model.rules import Rules
from .._model.secret import ApiKeySecret
from .._model.wanted import OwnerScope, Wanted
from .cloud_keys import KEY_OPTIONS, CloudKeys, wanted_of
from .kind import KeyKind, Made

OPTIONS = {**KEY_OPTIONS, "user_id": {"type": "str"}}

# What the service calls the permissions that are asked for before a write.
CREATE, DELETE_OF_OTHERS = "create-api-key", "delete-user-api-key"


def wanted_key(params: Mapping[str, Any]) -> Wanted:
    """Return what the task wants; every option of this kind is checked here, before anything is asked of the service."""
    user_id = params.get("user_id")
    check_not_empty(user_id, "user_id")
    return replace(wanted_of(params), scope=OwnerScope() if user_id is None else OwnerScope(Owner(user_id)))


def check_new(wanted: Wanted, spec: Mapping[str, Any]) -> None:
    """Let every new key be: it has its owner's rights, and nothing about it could be left out."""


def check_spec(wanted: Wanted, spec: Mapping[str, Any], capabilities: Capabilities) -> None:
    """Let every key be: there is nothing in it that an ECE could not take."""


def method(wanted: Wanted, login: Login, capabilities: Capabilities, predecessor: bool, changed: frozenset[str]) -> str:
    """Return the only way there is, for the login's own keys."""
    owner = wanted.scope.resolve(login)
    if owner is not None and not owner.matches(login.owner):
        raise Refused(
            f"A key for {owner.username} cannot be made by {login.owner.username}: ECE makes keys only for the user who is logged in.",
            f"Log in as {owner.username}, and leave user_id out.",
        )
    if not capabilities.holds([CREATE]):
        raise Refused(
            f"{login.owner.username} may make no API keys: ECE does not list the permission {CREATE} for this user.",
            "Give the user a role with it, or log in as another one.",
        )
    return "create"


class EceKeys(CloudKeys):
    """The keys of the user who is logged in, or for an administrator those of another one (``user_id``)."""

    flavor = "ece"
    api: EceKeysApi
    _user: User | None = None
    # How the service calls this user where it shows whose a key is.
    _ids: frozenset[str] = frozenset()

    def user(self) -> User:
        """Return who is logged in; asked once."""
        if self._user is None:
            self._user = current_user(self.api.client)
            self._ids = frozenset({self._user.name})
            if not self.own:
                self.api.path = keys_of(str(self._params["user_id"]))
        return self._user

    @property
    def own(self) -> bool:
        """Are the login's own keys meant?"""
        return self._params.get("user_id") in (None, self.user().name)

    def place(self, keys: Sequence[Key]) -> str:
        """Return the address: an ECE tells nobody which installation it is."""
        return self.api.client.address

    def login(self) -> Login:
        """Return who is logged in, as the service tells it, and by which key as far as that can be told."""
        if self._login is None:
            user = self.user()
            owner = Owner(user.name, user.realm)
            self._login = Login(owner, type="ece_user")
            if self.own:
                self._fresh = self.all_keys()
            if isinstance(self.api.client.auth, ApiKeyAuth):
                self._login = Login(owner, type="cloud_api_key", **self._own_key(self._fresh or ()))
        return self._login

    def _known_id(self, keys: Sequence[Key]) -> str | None:
        """Also tell the key by its own text, which holds its id where it has the form that is known."""
        auth = self.api.client.auth
        inside = id_in_ece_key(auth.encoded) if isinstance(auth, ApiKeyAuth) else None
        return super()._known_id(keys) or next((key.id for key in keys if key.id == inside), None)

    def all_keys(self) -> list[Key]:
        """Return every key that the login sees. What a built-in user is answered who asks for its keys, nobody knows; it has none."""
        return [] if self.user().builtin and self.own else super().all_keys()

    def capabilities(self) -> Capabilities:
        """Tell what the user may do; refuse what is certain to fail before anything is written."""
        user, absent = self.user(), self._params.get("state") == "absent"
        if user.builtin and self.own and not absent:
            raise Refused(
                f"The user {user.name} is built into ECE, and the built-in users admin and readonly can have no API keys.",
                "Log in as another user, such as one that an administrator makes in the Cloud UI under Users, with the roles that the "
                "key is to have.",
            )
        if absent and not self.own and user.permissions is not None and DELETE_OF_OTHERS not in user.permissions:
            raise Refused(
                f"{user.name} may not delete keys of {self._params['user_id']}: ECE does not list the permission {DELETE_OF_OTHERS} for "
                "this user.",
                "Log in as an administrator of the platform.",
            )
        permissions = frozenset({CREATE}) if user.permissions is None else user.permissions
        return Capabilities("", self.flavor, self.place(()), privileges=permissions)

    def _read(self, key: Key) -> Key:
        """Return a key with its owner: whom the service shows it to, unless it names somebody else."""
        read = super()._read(key)
        if not self.own:
            return replace(read, owner=Owner(str(self._params["user_id"])))
        if read.creator is None or read.creator in self._ids:
            return replace(read, owner=Owner(self.user().name, self.user().realm))
        return replace(read, owner=Owner(read.creator))

    def prove(self, secret: ApiKeySecret) -> Proof:
        """Also learn from a key that proves itself how the service calls this user, which in an external realm may be another name."""
        proof = super().prove(secret)
        if proof.verdict == PROVEN and proof.key is not None and self.own:
            return replace(proof, key=self._learn(proof.key))
        return proof

    def create(self, issue: Issue, wanted: Wanted, mark: Mark, source: ApiKeySecret | None) -> Made:
        """Also learn how the service calls this user, and tell where it knows no ends."""
        made = super().create(issue, wanted, mark, source)
        asked = issue.expiration is not None and not issue.expiration.never
        if asked and made.expiration is None:
            self.api.client.warnings.append(
                f"expiration was asked for, and key {made.secret.id} has no end: an ECE before 3.7 knows no ends, and its keys live "
                "until they are deleted."
            )
        return made if made.key is None else replace(made, key=self._learn(made.key))

    def _learn(self, key: Key) -> Key:
        if key.creator is not None:
            self._ids |= {key.creator}
        return self._read(key)


def service(client: Client, params: Mapping[str, Any]) -> EceKeys:
    """Return the service of a logged-in client."""
    return EceKeys(EceKeysApi(client), params)


RULES = Rules(
    noun="Elastic Cloud Enterprise API key",
    fields={},
    check_new=check_new,
    check_spec=check_spec,
    method=method,
    type=TYPE,
    keeps_end=False,
    heir_retires=True,
)

ECE_API_KEY = KeyKind("ece_api_key", RULES, wanted_key, service, check_service, OPTIONS, "ece")
