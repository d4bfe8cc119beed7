# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Revoking keys of an Elastic Cloud organization in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import CloudKeysApi, check_service
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.errors import Refused
from .._model.key import Key
from .._model.wanted import OwnerScope
from .cloud_keys import DELETE_PAUSE
from .cloud_listing import selection_of
from .cloud_revocation import CONDITIONS as SHARED_CONDITIONS
from .cloud_revocation import OPTIONS as SHARED
from .cloud_revocation import CloudRevocation, asked_of_cloud
from .ec_api_key import service
from .revocation import Asked, RevocationKind

OPTIONS = {**SHARED, "organization_id": {"type": "str"}}
CONDITIONS = (*SHARED_CONDITIONS, "user_id")


def asked_of(params: Mapping[str, Any]) -> Asked:
    """Return what the task asks for. Raises OptionError as ``asked_of_cloud`` does."""
    check_not_empty(params.get("organization_id"), "organization_id")
    # Of the login's own organization, whichever else it sees.
    return asked_of_cloud(params, CONDITIONS, replace(selection_of(params), scope=OwnerScope()))


class ElasticCloudRevocation(CloudRevocation):
    """The keys of the organization that the login belongs to."""

    def check_whose(self, leaked: CloudKeysApi, shown: Sequence[Key]) -> None:
        """Refuse the secret of another organization: a key of it may end at the same time as one of ours."""
        own = self.keys.login().owner.username
        others = sorted({key.owner.username for key in shown if key.owner is not None})
        if others and own not in others:
            raise Refused(
                f"secret logs in to the organization {', '.join(others)}, and this login to {own}.",
                "Log in with a key of that organization.",
            )


def revocation(client: Client, params: Mapping[str, Any]) -> ElasticCloudRevocation:
    """Return the revocation for a logged-in client."""
    return ElasticCloudRevocation(service(client, params), params.get("own_key_id"))


EC_API_KEYS_REVOKED = RevocationKind(asked_of, revocation, check_service, OPTIONS, "elastic_cloud", DELETE_PAUSE)
