# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing the keys of a user of Elastic Cloud Enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.cloud_keys import check_service
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.selection import Selection
from .cloud_listing import OPTIONS, CloudListing
from .cloud_listing import selection_of as shared_selection
from .ece_api_key import service
from .listing import ListingKind


def selection_of(params: Mapping[str, Any]) -> Selection:
    """Return what the task selects; ``user_id`` says whose keys are listed, and selects none of them.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    check_not_empty(params.get("user_id"), "user_id")
    return shared_selection({**params, "user_id": None})


def listing(client: Client, params: Mapping[str, Any]) -> CloudListing:
    """Return the listing of a logged-in client."""
    return CloudListing(service(client, params))


ECE_API_KEYS = ListingKind(selection_of, listing, check_service, OPTIONS, "ece")
