# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elasticsearch's users and roles: paths and JSON shapes, no policy. Checked on live servers, 8.19.21 and 9.5.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._http.client import Client
from .._model.errors import NotFound
from .._model.login import Account, Role


def account_from_json(raw: Mapping[str, Any]) -> Account:
    """Return a user as ``GET _security/user`` or ``_authenticate`` shows it."""
    return Account(
        username=str(raw["username"]),
        roles=tuple(map(str, raw.get("roles") or ())),
        enabled=bool(raw.get("enabled", True)),
        metadata=raw.get("metadata") or {},
        full_name=raw.get("full_name"),
        email=raw.get("email"),
    )


class UsersApi:
    """One method per call. Every write may be sent twice: doing it twice is doing it once."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def me(self) -> Account:
        """Return who is logged in; everybody may ask that."""
        return account_from_json(self.client.read("GET", "/_security/_authenticate").body)

    def user(self, name: str) -> Account | None:
        """Return a native or reserved user, None where there is none."""
        raw = self._one("user", name)
        return None if raw is None else account_from_json(raw)

    def role(self, name: str) -> Role | None:
        """Return a role, None where there is none."""
        raw = self._one("role", name)
        return None if raw is None else Role(name, raw)

    def _one(self, what: str, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self.client.read("GET", _path(what, name)).body
        except NotFound:
            return None
        return found.get(name)

    def put_role(self, name: str, body: Mapping[str, Any]) -> None:
        """Make a role or replace it as a whole."""
        self.client.write("PUT", _path("role", name), body=body)

    def put_user(self, name: str, body: Mapping[str, Any]) -> None:
        """Make a user (with a password) or update it (without one the password stays; roles, names and e-mail are replaced)."""
        self.client.write("PUT", _path("user", name), body=body)

    def change_password(self, name: str, password: str) -> None:
        """Give a user another password; the old one is refused at once. One's own may be changed by everybody."""
        self.client.write("POST", f"{_path('user', name)}/_password", body={"password": password})

    def delete_user(self, name: str) -> None:
        """Remove a user, if it is there; its keys live on."""
        self._delete("user", name)

    def delete_role(self, name: str) -> None:
        """Remove a role, if it is there."""
        self._delete("role", name)

    def _delete(self, what: str, name: str) -> None:
        try:
            self.client.write("DELETE", _path(what, name))
        except NotFound:
            return


def _path(what: str, name: str) -> str:
    return f"/_security/{what}/{quote(name, safe='')}"
