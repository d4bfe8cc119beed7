# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Elastic Cloud that log in to a serverless project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal, forbidden, illegal_argument
from keysmith_emulator.elasticsearch.role_descriptors import Descriptor
from keysmith_emulator.elasticsearch.state import CloudLogin, State
from keysmith_emulator.elasticsearch.subjects import Subject

PREFIX = "essu_"
_REALM = "_cloud_api_key"
CloudLogins = Callable[[str], "CloudLogin | None"]
"""From the text of a key to what Elastic Cloud knows of it; ``None`` for a key that is wrong or expired."""


def _role(cluster: list[str], index: list[str]) -> Descriptor:
    entry: dict[str, Any] = {"names": ["*"], "privileges": index, "allow_restricted_indices": False}
    return {"cluster": cluster, "indices": [entry], "applications": [], "run_as": []}


_PREDEFINED = {
    "admin": _role(["all"], ["all"]),
    "developer": _role(["manage_own_api_key", "monitor"], ["all"]),
    "editor": _role(["monitor"], ["read", "view_index_metadata"]),
    "viewer": _role(["monitor"], ["read", "view_index_metadata"]),
}


def cloud_subject(state: State, login: CloudLogin) -> Subject:
    """The key with its application roles, predefined ones and those of the project; 403 without any."""
    if not login.application_roles:
        raise forbidden(f"the Elastic Cloud API key [{login.key_id}] has no application role in this project")
    known = {**state.roles, **_PREDEFINED}
    return Subject(
        username=login.key_id,
        realm=_REALM,
        realm_type=_REALM,
        owner={"full_name": None, "email": None, "metadata": {}},
        role_names=login.application_roles,
        layers=({name: known[name] for name in login.application_roles if name in known},),
        missing_roles=tuple(name for name in login.application_roles if name not in known),
        cloud=login,
    )


def creates_refused() -> Refusal:
    """400: up to 9.5 such a key makes no keys of Elasticsearch's own."""
    return illegal_argument("an Elastic Cloud API key cannot be used to create Elasticsearch API keys")
