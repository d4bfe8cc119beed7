# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Revoking keys of a user of Elastic Cloud Enterprise in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._api.cloud_keys import CloudKeysApi, check_service
from .._api.ece import current_user
from .._http.client import Client
from .._model.errors import OptionError, Refused, ServerError
from .._model.key import Key, Login
from .._model.key_text import is_cloud_key
from .._model.revocation import Revocation
from .cloud_keys import DELETE_PAUSE
from .cloud_revocation import CONDITIONS, OPTIONS, CloudRevocation, asked_of_cloud
from .ece_api_key import EceKeys, service
from .ece_api_key_listing import selection_of
from .revocation import Asked, RevocationKind

DELETE = "delete-api-key"


def asked_of(params: Mapping[str, Any]) -> Asked:
    """Return what the task asks for. Raises OptionError as ``asked_of_cloud`` does."""
    if is_cloud_key(params.get("secret")):
        raise OptionError(
            "secret",
            "secret is a key of Elastic Cloud (essu_...), which is none of Elastic Cloud Enterprise.",
            "Revoke it with the module ec_api_key_revoke.",
        )
    return asked_of_cloud(params, CONDITIONS, selection_of(params), "user_id")


class EceRevocation(CloudRevocation):
    """The keys of the user who is logged in, or for an administrator those of another one."""

    keys: EceKeys

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        self._client = client
        self._params = params
        super().__init__(self._keys_of(params.get("user_id")), params.get("own_key_id"))

    def _keys_of(self, user_id: str | None) -> EceKeys:
        # So that it is checked whether keys of others may be deleted.
        return service(self._client, {**self._params, "user_id": user_id, "state": "absent"})

    def check_whose(self, leaked: CloudKeysApi, shown: Sequence[Key]) -> None:
        """Find out whose the secret is, and look among that user's keys."""
        try:
            user = current_user(leaked.client).name
        except ServerError:
            return
        asked = self._params.get("user_id")
        if asked not in (None, user):
            raise Refused(
                f"secret is a key of {user}; user_id says {asked}.",
                "Correct user_id, or leave it out: the secret tells.",
            )
        if user != self.keys.user().name:
            self.keys = self._keys_of(user)

    def check_allowed(self, plan: Revocation, login: Login) -> None:
        """See ``RevocationService``; the service lists what its user may do."""
        self.keys.capabilities()
        permissions = self.keys.user().permissions
        if self.keys.own and permissions is not None and DELETE not in permissions:
            raise Refused(
                f"{login.owner.username} may delete no API keys: ECE does not list the permission {DELETE} for this user.",
                "Give the user a role with it, or log in as an administrator of the platform, with user_id.",
            )


def revocation(client: Client, params: Mapping[str, Any]) -> EceRevocation:
    """Return the revocation for a logged-in client."""
    return EceRevocation(client, params)


ECE_API_KEYS_REVOKED = RevocationKind(asked_of, revocation, check_service, OPTIONS, "ece", DELETE_PAUSE)
