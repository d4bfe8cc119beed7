# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulated Elastic Cloud."""

from __future__ import annotations

import secrets
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.cloud_keys.errors import CloudError, unauthenticated
from keysmith_emulator.cloud_keys.keys import Caller, Key
from keysmith_emulator.cloud_keys.moments import duration_ms
from keysmith_emulator.cloud_keys.operations import KeyOperations
from keysmith_emulator.cloud_keys.routes import Call, Route
from keysmith_emulator.cloud_keys.seed import seed_keys
from keysmith_emulator.cloud_keys.service import CloudService
from keysmith_emulator.cloud_keys.switches import choice, duration, flag, number, status, words
from keysmith_emulator.elastic_cloud import role_assignments
from keysmith_emulator.elastic_cloud.organizations import Member, Organization, Organizations
from keysmith_emulator.exchange import Answer, Controls, Request

SWITCHES = {
    "assignments_entries": choice("kept", "split", "merged"),
    "assignments_filled": flag(True),
    "assignments_order": choice("kept", "shuffled"),
    "forbidden_resources": words(),
    "inherited_assignments": choice("absent", "shown"),
    "key_limit": number(500),
    "key_limit_status": status(400),
    "longest_life": duration("365d"),
    "missing_organization_id": choice("filled_in", "refused"),
    "page_size": number(100, least=1),
    "rate_limit": number(10_000, least=1),
    "rate_interval": duration("60s", optional=False),
    "unprefixed_roles": choice("kept", "prefixed", "refused"),
    "unused_categories": choice("absent", "null", "empty"),
}
DEFAULT_ORGANIZATION = {"id": "1000000001", "name": "keysmith"}
# The project that the Elasticsearch of the same process is when it is serverless.
PROJECT_ID = "5e7c0a91d6f84b0f9a3c2d1e8b7f6a50"
DEFAULT_OWNER = {"name": "owner", "roles": [role_assignments.OWNER], "api_key": "essu_changeme"}
_APPLICATION_ROLES = ("admin", "developer", "editor", "viewer")


class ElasticCloudService(CloudService):
    """Organizations and their keys."""

    def __init__(self, configuration: dict[str, Any], clock: Clock) -> None:
        unknown = sorted(set(configuration) - {"organizations", "users", "switches"})
        if unknown:
            raise ValueError(f"unknown settings {unknown} of Elastic Cloud; known are organizations, users, switches")
        super().__init__(clock, SWITCHES, configuration.get("switches"))
        self._configuration = configuration
        self.accounts = Organizations(self.book, self.switches)
        self.operations = KeyOperations(self.book, self.accounts, self.switches, clock)
        self._requests: list[int] = []
        self._routes = [
            *self.operations.routes(),
            Route("GET", "/organizations", self._list_organizations, "list-organizations"),
            Route("GET", "/organizations/{organization_id}", self._get_organization, "get-organization"),
            Route("GET", "/serverless/projects/{type}", self._list_projects, "list-projects"),
            Route("GET", "/serverless/projects/{type}/{id}/roles", self._list_project_roles, "get-project-roles"),
        ]
        self.start_anew()

    def routes(self) -> list[Route]:
        """Every operation."""
        return self._routes

    def start_anew(self) -> None:
        """The organizations and users of the configuration, and an owner."""
        self.book.clear()
        self.accounts.clear()
        self.operations.reset()
        self._requests.clear()
        for given in [DEFAULT_ORGANIZATION, *(self._configuration.get("organizations") or [])]:
            self.accounts.add_organization(str(given.get("name", given["id"])), str(given["id"]))
        users = self._configuration.get("users") or []
        if not any(user.get("name") == DEFAULT_OWNER["name"] for user in users):
            users = [DEFAULT_OWNER, *users]
        for user in users:
            self._add_user(user)

    def controls(self) -> Controls:
        """New users and many keys at once."""
        return {
            **super().controls(),
            ("POST", "/users"): self._add_user_now,
            ("POST", "/seed"): self._seed,
        }

    def _add_user_now(self, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return self._add_user(given)

    def _add_user(self, given: dict[str, Any]) -> dict[str, Any]:
        """A member of an organization, which is made when it is missing, with a first key."""
        known = {"name", "organization", "roles", "role_assignments", "api_key", "expiration"}
        if set(given) - known or not isinstance(given.get("name"), str):
            raise ValueError(f"a user has a name, and of the rest {sorted(known - {'name'})}")
        organization = self._organization_named(given.get("organization"))
        assignments = role_assignments.read(given.get("role_assignments") or {}, organization.id, self.switches)
        entries = [{"role_id": role, "organization_id": organization.id} for role in given.get("roles") or []]
        if entries:
            assignments["organization"] = [*assignments.get("organization", []), *entries]
        member = Member(str(10**9 + secrets.randbelow(9 * 10**9)), given["name"], organization.id, assignments)
        secret = given.get("api_key")
        if secret is not None and self.book.by_secret(secret) is not None:
            raise ValueError("another user has this api_key")
        self.accounts.add_member(member)
        life = given.get("expiration")
        properties = self._properties_of(member)
        key = self.operations.add(
            f"first key of {member.name}",
            None if life is None else duration_ms(life),
            {**properties, **({} if secret is None else {"secret": secret})},
        )
        return {"user_id": member.id, "organization_id": organization.id, "id": key.id, "api_key": key.secret}

    def _properties_of(self, member: Member) -> dict[str, Any]:
        return {
            "user_id": member.id,
            "organization_id": member.organization_id,
            "role_assignments": member.role_assignments,
            "inherits": True,
        }

    def _organization_named(self, wanted: str | None) -> Organization:
        if wanted is None:
            return self.accounts.organizations[DEFAULT_ORGANIZATION["id"]]
        named = [each for each in self.accounts.organizations.values() if wanted in (each.id, each.name)]
        return named[0] if named else self.accounts.add_organization(wanted)

    def _seed(self, wanted: Any) -> dict[str, Any]:
        given = wanted or {}
        name = given.get("owner", DEFAULT_OWNER["name"])
        members = [member for member in self.accounts.members.values() if member.name == name]
        if not members:
            raise ValueError(f"there is no user [{name}]")
        with self._lock:
            return seed_keys(self.operations, given, self._properties_of(members[-1]), self.clock.now_ms())

    def authenticate(self, request: Request) -> Caller:
        """The user of a living key; nothing else logs in here."""
        scheme, _space, value = request.headers.get("authorization", "").partition(" ")
        key = self.living_key(value.strip()) if scheme.lower() == "apikey" else None
        if key is None:
            raise unauthenticated()
        return Caller(key.user_id, key)

    def living_key(self, secret: str) -> Key | None:
        """The key that this text logs in with, if it has not expired."""
        key = self.book.by_secret(secret)
        return None if key is None or key.is_expired(self.clock.now_ms()) else key

    def project_login(self, secret: str) -> tuple[Key, tuple[str, ...]] | None:
        """A living key and the application roles that it has in the organization's serverless project."""
        key = self.living_key(secret)
        if key is None or key.organization_id != DEFAULT_ORGANIZATION["id"]:
            return None
        entries = role_assignments.each(key.role_assignments or {})
        reaching = [
            entry
            for kind, entry in entries
            if kind == "organization"
            or (
                kind == "elasticsearch"
                and {PROJECT_ID, role_assignments.EVERYTHING} & set(role_assignments.resources(entry))
            )
        ]
        roles = [role for entry in reaching for role in entry.get("application_roles") or []]
        return key, tuple(dict.fromkeys(roles))

    def authorize(self, caller: Caller, route: Route) -> None:
        """Nobody sends more requests than the limit within an interval."""
        now, interval = self.clock.now_ms(), duration_ms(self.switches["rate_interval"]) or 0
        self._requests = [moment for moment in self._requests if 0 <= now - moment < interval]
        limit = self.switches["rate_limit"]
        if limit is not None and len(self._requests) >= limit:
            wait = str(-(-(interval - now + self._requests[0]) // 1000))
            headers = [("Retry-After", wait)] if self.switches["retry_after"] else []
            raise CloudError(429, "root.too_many_requests", "The rate limit is exceeded.", headers=headers)
        self._requests.append(now)

    def headers_for(self, caller: Caller | None) -> list[tuple[str, str]]:
        """How much of the rate limit is left."""
        limit = self.switches["rate_limit"]
        if limit is None:
            return []
        return [
            ("x-ratelimit-limit", str(limit)),
            ("x-ratelimit-remaining", str(max(0, limit - len(self._requests)))),
            ("x-ratelimit-interval", str((duration_ms(self.switches["rate_interval"]) or 0) // 1000)),
        ]

    def _list_organizations(self, call: Call) -> Answer:
        own = self.accounts.organizations[self.accounts.organization_of(call.caller)]
        return Answer(200, {"organizations": [_show_organization(own)]})

    def _get_organization(self, call: Call) -> Answer:
        wanted = call.variables["organization_id"]
        if wanted != self.accounts.organization_of(call.caller):
            raise CloudError(404, "organization.not_found", f"Organization [{wanted}] was not found.")
        return Answer(200, _show_organization(self.accounts.organizations[wanted]))

    def _list_projects(self, call: Call) -> Answer:
        is_home = self.accounts.organization_of(call.caller) == DEFAULT_ORGANIZATION["id"]
        _check_project_type(call.variables["type"])
        project = {"id": PROJECT_ID, "name": "keysmith", "type": "elasticsearch", "region_id": "emulator"}
        return Answer(200, {"items": [project] if is_home and call.variables["type"] == "elasticsearch" else []})

    def _list_project_roles(self, call: Call) -> Answer:
        _check_project_type(call.variables["type"])
        roles = [{"name": name, "description": f"The predefined role {name}."} for name in _APPLICATION_ROLES]
        return Answer(200, {"predefined": {"roles": roles}})


def _check_project_type(name: str) -> None:
    if name not in role_assignments.PROJECT_TYPES:
        raise CloudError(404, "root.resource_not_found", "The requested resource could not be found")


def _show_organization(organization: Organization) -> dict[str, Any]:
    return {
        "id": organization.id,
        "name": organization.name,
        "default_disk_usage_alerts_enabled": True,
        "notifications_allowed_email_domains": [],
        "billing_contacts": [],
        "operational_contacts": [],
    }
