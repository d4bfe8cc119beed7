# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asking: users, API keys, and users run as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keysmith_emulator.elasticsearch.role_descriptors import Descriptor, snapshot
from keysmith_emulator.elasticsearch.state import CloudLogin, KeyDocument, State, User

API_KEY_REALM = "_es_api_key"


@dataclass(frozen=True)
class Subject:
    """An authenticated user or API key."""

    username: str
    realm: str
    realm_type: str
    owner: dict[str, Any]
    role_names: tuple[str, ...]
    layers: tuple[dict[str, Descriptor], ...]
    """Sets of roles; a right is held when every set has it."""
    missing_roles: tuple[str, ...] = ()
    key: KeyDocument | None = None
    cloud: CloudLogin | None = None
    authenticated_by: Subject | None = None
    """With run-as: who gave the credentials."""

    @property
    def authentication(self) -> Subject:
        """Whose credentials were checked."""
        return self.authenticated_by or self

    def owns(self, key: KeyDocument) -> bool:
        """Whether a key belongs to this user, in this realm."""
        return key.username == self.username and key.realm == self.realm

    def limited_by(self) -> dict[str, Descriptor]:
        """The rights that a key made now keeps; a derived key has none."""
        return {} if self.key is not None else snapshot(self.layers[0])


def user_subject(state: State, user: User, authenticated_by: Subject | None = None) -> Subject:
    """A user with its roles as they are now."""
    realm = ("reserved", "reserved") if user.reserved else ("default_native", "native")
    return Subject(
        username=user.username,
        realm=realm[0],
        realm_type=realm[1],
        owner={"full_name": user.full_name, "email": user.email, "metadata": user.metadata},
        role_names=tuple(user.roles),
        layers=({name: state.roles[name] for name in user.roles if name in state.roles},),
        missing_roles=tuple(name for name in user.roles if name not in state.roles),
        authenticated_by=authenticated_by,
    )


def key_subject(key: KeyDocument) -> Subject:
    """An API key: what it was given, within what its owner had."""
    assigned = (key.role_descriptors,) if key.role_descriptors else ()
    return Subject(
        username=key.username,
        realm=API_KEY_REALM,
        realm_type=API_KEY_REALM,
        owner=key.owner,
        role_names=(),
        layers=(*assigned, key.limited_by or {}),
        key=key,
    )
