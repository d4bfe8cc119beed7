# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What of the Elastic Cloud API is no matter of keys: organizations."""

from __future__ import annotations

from collections.abc import Mapping

from .._http.client import Client
from .cloud_keys import BASE, HINTS, explained


def organizations(client: Client) -> list[str]:
    """Return the ids of the organizations that the login sees; a key sees one, as far as is known."""
    found: dict[str, None] = {}
    cursor: str | None = None
    cursors: set[str] = set()
    while True:
        with explained(HINTS):
            body = client.read("GET", f"{BASE}/organizations", params={"next_page": cursor}).body
        body = body if isinstance(body, Mapping) else {}
        found.update((str(one["id"]), None) for one in body.get("organizations") or () if one.get("id"))
        following = body.get("next_page")
        if not isinstance(following, str) or not following or following in cursors:
            return list(found)
        cursors.add(following)
        cursor = following
