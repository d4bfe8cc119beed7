# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organizations, their members, and what these may do with keys."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from keysmith_emulator.cloud_keys.errors import CloudError
from keysmith_emulator.cloud_keys.keys import Caller, Key, KeyBook
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.elastic_cloud import role_assignments
from keysmith_emulator.elastic_cloud.role_assignments import OWNER, WORKLOAD_OWNER


@dataclass(frozen=True)
class Organization:
    """An organization."""

    id: str
    name: str


@dataclass(frozen=True)
class Member:
    """A user of one organization."""

    id: str
    name: str
    organization_id: str
    role_assignments: dict[str, Any]


class Organizations:
    """Who there is; and, for the operations on keys, who may do what."""

    create_fields = frozenset({"description", "expiration", "role_assignments"})

    def __init__(self, book: KeyBook, switches: Switches) -> None:
        self._book = book
        self._switches = switches
        self.organizations: dict[str, Organization] = {}
        self.members: dict[str, Member] = {}

    def clear(self) -> None:
        """Nobody is left."""
        self.organizations.clear()
        self.members.clear()

    def add_organization(self, name: str, organization_id: str | None = None) -> Organization:
        """A new one, or the one of that id."""
        organization = Organization(organization_id or str(10**9 + secrets.randbelow(9 * 10**9)), name)
        return self.organizations.setdefault(organization.id, organization)

    def add_member(self, member: Member) -> None:
        """A new user."""
        self.members[member.id] = member

    def held(self, caller: Caller) -> dict[str, Any]:
        """The roles that count for a caller: those of its key."""
        assert caller.key is not None
        return caller.key.role_assignments or {}

    def organization_of(self, caller: Caller) -> str:
        """The id of the caller's organization."""
        assert caller.key is not None
        return str(caller.key.organization_id)

    def sees(self, caller: Caller, key: Key) -> bool:
        """Owners see every key of the organization, everybody else what they made."""
        if key.organization_id != self.organization_of(caller):
            return False
        return key.user_id == caller.user_id or OWNER in role_assignments.organization_roles(self.held(caller))

    def denied(self) -> CloudError:
        """403 in this service's words."""
        return CloudError(403, "root.permission_denied", "You do not have permission to do this.")

    def admit(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """Owners of the organization, and those of its workloads' credentials, may create."""
        if not {OWNER, WORKLOAD_OWNER} & role_assignments.organization_roles(self.held(caller)):
            raise self.denied()
        return body

    def properties(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """Whose the key is, and its roles: those of its creator when none are asked for."""
        organization_id, own = self.organization_of(caller), self.held(caller)
        given = body.get("role_assignments")
        wanted = own
        if given is not None:
            wanted = role_assignments.read(given, organization_id, self._switches)
            role_assignments.check_grant(wanted, own, organization_id, self._switches)
        return {
            "user_id": caller.user_id,
            "organization_id": organization_id,
            "role_assignments": wanted,
            "inherits": given is None,
        }

    def new_credentials(self, user_id: str) -> tuple[str, str]:
        """The id tells nothing; the secret can be told by its beginning."""
        secret = base64.b64encode(secrets.token_bytes(48)).decode()
        return secrets.token_urlsafe(15), f"essu_{secret}"

    def rivals(self, properties: dict[str, Any]) -> list[Key]:
        """The keys of one organization."""
        return [key for key in self._book if key.organization_id == properties["organization_id"]]

    def complete(self, key: Key, shown: dict[str, Any]) -> None:
        """The organization, and the roles unless they are only inherited."""
        shown["organization_id"] = key.organization_id
        if not key.inherits or self._switches["inherited_assignments"] == "shown":
            shown["role_assignments"] = role_assignments.shown(key.role_assignments or {}, self._switches)
