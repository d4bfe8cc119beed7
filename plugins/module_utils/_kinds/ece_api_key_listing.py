# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Listing the keys of a user of Elastic Cloud Enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import check_service
from .._api.ece import KEYS_OF_ALL, EceKeysApi
from .._http.client import Client
from .._model.auditing import Auditing, of_nothing
from .._model.checks import check_not_empty
from .._model.errors import ServerError, Unauthorized, Unavailable
from .._model.key import Key
from .._model.selection import Selection
from .cloud_listing import MEASURES, OPTIONS, CloudListing
from .cloud_listing import selection_of as shared_selection
from .ece_api_key import EceKeys, service
from .listing import ListingKind

# What the service calls the permission to list the keys of all users.
LIST_ALL = "get-users-api-keys"

AUDITING = Auditing(
    selecting=("description_pattern", "user_id", "state"), measures=MEASURES, rights=of_nothing, marks=False
)


def selection_of(params: Mapping[str, Any]) -> Selection:
    """Return what the task selects; ``user_id`` says whose keys are listed, and selects none of them.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    check_not_empty(params.get("user_id"), "user_id")
    return shared_selection({**params, "user_id": None})


class AllUsersKeys(EceKeys):
    """The keys of all users, as far as the service lists them to this login; with ``user_id`` those of that user."""

    _sees_all = False

    def all_keys(self) -> list[Key]:
        """Return what is listed; without the right to more, or where the list was taken out of the service, the login's own."""
        permissions = self.user().permissions
        if self._params.get("user_id") is not None or (permissions is not None and LIST_ALL not in permissions):
            return super().all_keys()
        own, self.api.path, self._sees_all = self.api.path, KEYS_OF_ALL, True
        try:
            return [self._read(key) for page in self.api.pages() for key in page]
        except (Unauthorized, Unavailable):
            raise
        except ServerError:
            self._sees_all = False
        finally:
            self.api.path = own
        return super().all_keys()

    def _read(self, key: Key) -> Key:
        read = super()._read(key)
        return replace(read, owner=None) if self._sees_all and read.creator is None else read

    def blind_spot(self) -> str | None:
        """Tell that there may be keys of others."""
        if self._sees_all or self._params.get("user_id") is not None:
            return None
        return (
            f"This login sees only the keys of {self.user().name}; other users may have keys, too. An administrator of the platform sees "
            f"those of all users (permission {LIST_ALL}), or with user_id those of one."
        )


def listing(client: Client, params: Mapping[str, Any]) -> CloudListing:
    """Return the listing of a logged-in client."""
    return CloudListing(service(client, params))


def listing_of_all(client: Client, params: Mapping[str, Any]) -> CloudListing:
    """Return the listing of a logged-in client, by default of all users."""
    return CloudListing(AllUsersKeys(EceKeysApi(client), params))


ECE_API_KEYS = ListingKind(selection_of, listing, check_service, AUDITING, OPTIONS, "ece")
ECE_API_KEYS_OF_ALL = replace(ECE_API_KEYS, listing=listing_of_all)
