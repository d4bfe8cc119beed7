# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing the keys of an Elastic Cloud organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.cloud_keys import check_service
from .._http.client import Client
from .._model.auditing import Auditing, of_roles
from .cloud_listing import MEASURES, CloudListing, selection_of
from .cloud_listing import OPTIONS as SHARED
from .ec_api_key import service
from .listing import ListingKind

AUDITING = Auditing(
    selecting=("description_pattern", "user_id", "organization_id", "state"),
    measures=(*MEASURES, "forbidden_roles", "forbidden_application_roles"),
    rights=of_roles,
    marks=False,
)

OPTIONS = {**SHARED, "organization_id": {"type": "str"}}


def listing(client: Client, params: Mapping[str, Any]) -> CloudListing:
    """Return the listing of a logged-in client."""
    return CloudListing(service(client, params))


EC_API_KEYS = ListingKind(selection_of, listing, check_service, AUDITING, OPTIONS, "elastic_cloud")
