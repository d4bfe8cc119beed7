# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elasticsearch as a service that holds logins: users, their roles and passwords, for whoever is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._api.elasticsearch import ElasticsearchApi
from .._api.elasticsearch_users import UsersApi
from .._http.auth import BasicAuth
from .._http.client import Client
from .._model.errors import Refused, Unauthorized
from .._model.features import Capabilities
from .._model.found import PROVEN, UNKNOWN, WRONG_SECRET
from .._model.key import Login, Owner
from .._model.login import Account, LoginWanted, Role
from .elasticsearch_keys import ElasticsearchKeys


@dataclass(frozen=True)
class PasswordProof:
    """What using a password showed: a verdict, and who logged in."""

    verdict: str
    owner: Owner | None = None


class LoginService:
    """One user on one cluster. Where one is logged in as that very user, a change of its password takes this service along."""

    def __init__(self, client: Client, params: Mapping[str, Any], name: str) -> None:
        self.name = name
        self._keys = ElasticsearchKeys(ElasticsearchApi(client), params)
        self._go_on_with(client)

    def login(self) -> Login:
        """Return who is logged in; asked once. Raises Unauthorized in clear words."""
        return self._keys.login()

    def capabilities(self) -> Capabilities:
        """Return version, flavour, cluster and the login's privileges; asked once."""
        return self._keys.capabilities()

    def own_password(self) -> str | None:
        """Return the password that one is logged in with as this very user, else None."""
        own = self._own_login()
        return own.password if own is not None else None

    def _own_login(self) -> BasicAuth | None:
        auth = self._client.auth
        if not isinstance(auth, BasicAuth) or auth.username != self.name or self.login().owner.username != self.name:
            return None
        return auth

    def check(self, wanted: LoginWanted) -> None:
        """Refuse what this server cannot do, or what the login lacks the right for; before anything else is asked."""
        here = self.capabilities()
        here.require("users", "es_login")
        only_own_password = wanted.rights is None and wanted.state == "present" and self.own_password() is not None
        if not only_own_password and not here.holds({"manage_security"}):
            raise Refused(
                f"{self.login().owner} lacks the cluster privilege manage_security, without which nobody sees or changes users.",
                "Log in as somebody who has it. A user can change its own password without: leave rights out and log in as that user.",
                privileges=["manage_security"],
            )

    def account(self) -> Account | None:
        """Return the user, None where there is none."""
        if self.own_password() is not None and not self.capabilities().holds({"manage_security"}):
            return self._users.me()
        return self._users.user(self.name)

    def role(self, name: str) -> Role | None:
        """Return a role, None where there is none."""
        return self._users.role(name)

    def active_keys(self, now: int) -> tuple[str, ...]:
        """Return the ids of the user's keys that can still log in, oldest first."""
        alive = {"bool": {"filter": [{"term": {"username": self.name}}, {"term": {"invalidated": False}}]}}
        keys, told = self._keys.query(alive)
        return tuple(key.id for key in keys if key.active(told or now))

    def prove(self, password: str) -> PasswordProof:
        """Log in as the user. A refusal is believed only if the login of this run is let in right after it.

        A node that starts answers 401 to right passwords, too. Where one is logged in as this user, one goes on with what has worked.
        """
        own = self._own_login()
        client = self._client.login_as(BasicAuth(self.name, password))
        try:
            proof = PasswordProof(PROVEN, ElasticsearchApi(client).authenticate().owner)
        except Unauthorized:
            return self._refused()
        if own is not None:
            self._go_on_as(replace(own, password=password, pending=None))
        return proof

    def _refused(self) -> PasswordProof:
        try:
            ElasticsearchApi(self._client).authenticate()
        except Unauthorized:
            return PasswordProof(UNKNOWN)
        return PasswordProof(WRONG_SECRET)

    def lacks(self, password: str, privileges: frozenset[str]) -> frozenset[str]:
        """Return which of these cluster privileges the user does not hold, by the server's word."""
        client = self._client.login_as(BasicAuth(self.name, password))
        return privileges - ElasticsearchApi(client).held_privileges(privileges)

    def put_role(self, name: str, body: Mapping[str, Any]) -> None:
        """Make a role or replace it."""
        self._users.put_role(name, body)

    def put_user(self, body: Mapping[str, Any]) -> None:
        """Make the user (with a password) or update it."""
        self._users.put_user(self.name, body)

    def change_password(self, password: str) -> None:
        """Give the user another password. Its own login goes on with whichever of the two the server takes."""
        self.expect(password)
        self._users.change_password(self.name, password)

    def expect(self, password: str) -> None:
        """Where one is logged in as this user: be ready for the server to take this password instead."""
        own = self._own_login()
        if own is not None and own.password != password:
            self._go_on_as(replace(own, pending=password))

    def _go_on_as(self, own: BasicAuth) -> None:
        self._go_on_with(self._client.login_as(own))

    def _go_on_with(self, client: Client) -> None:
        self._client, self._users = client, UsersApi(client)

    def delete_user(self) -> None:
        """Remove the user."""
        self._users.delete_user(self.name)

    def delete_role(self, name: str) -> None:
        """Remove a role."""
        self._users.delete_role(name)
