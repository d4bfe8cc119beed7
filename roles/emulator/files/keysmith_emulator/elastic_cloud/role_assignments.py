# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role assignments: reading them, what they grant, and the forms in which they come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keysmith_emulator.cloud_keys.errors import CloudError, invalid_input
from keysmith_emulator.cloud_keys.switches import Switches
from keysmith_emulator.faults import shuffled

OWNER = "organization-admin"
# The role is documented, its id is not.
WORKLOAD_OWNER = "workload-credentials-owner"
PROJECT_TYPES = ("elasticsearch", "observability", "security", "workplaceai", "vectordb")
_CATEGORIES = ("platform", "organization", "deployment", "project")
_ENTRY_FIELDS = {"role_id", "organization_id", "all", "deployment_ids", "project_ids", "application_roles"}
EVERYTHING = "*"


def read(given: Any, organization_id: str, switches: Switches) -> dict[str, Any]:
    """The assignments of a create, with what was left out filled in."""
    if not isinstance(given, dict):
        raise invalid_input("The role assignments are no object.", "role_assignments")
    _check_names(given, _CATEGORIES, "role_assignments", switches)
    result: dict[str, Any] = {}
    for category in ("platform", "organization", "deployment"):
        entries = _entries(given.get(category), category, f"role_assignments.{category}", organization_id, switches)
        if entries:
            result[category] = entries
    project = {} if given.get("project") is None else given["project"]
    if not isinstance(project, dict):
        raise invalid_input("The project role assignments are no object.", "role_assignments.project")
    _check_names(project, PROJECT_TYPES, "role_assignments.project", switches)
    for kind in PROJECT_TYPES:
        entries = _entries(project.get(kind), kind, f"role_assignments.project.{kind}", organization_id, switches)
        if entries:
            result.setdefault("project", {})[kind] = entries
    return result


def _check_names(given: dict[str, Any], known: tuple[str, ...], place: str, switches: Switches) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown and switches["unknown_fields"] == "refused":
        raise invalid_input("There are no such role assignments.", *(f"{place}.{name}" for name in unknown))


def _entries(given: Any, kind: str, place: str, organization_id: str, switches: Switches) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise invalid_input("Role assignments are a list of objects.", place)
    return [_entry(entry, kind, place, organization_id, switches) for entry in given]


def _entry(given: dict[str, Any], kind: str, place: str, organization_id: str, switches: Switches) -> dict[str, Any]:
    unknown = sorted(set(given) - _ENTRY_FIELDS)
    if unknown and switches["unknown_fields"] == "refused":
        raise invalid_input("A role assignment has unknown fields.", *(f"{place}.{name}" for name in unknown))
    entry: dict[str, Any] = {"role_id": _role_id(given.get("role_id"), kind, place, switches)}
    if kind == "platform":
        return entry
    organization = given.get("organization_id")
    if organization is None and switches["missing_organization_id"] == "filled_in":
        organization = organization_id
    if not isinstance(organization, str):
        raise invalid_input("A role assignment needs an organization_id.", f"{place}.organization_id")
    entry["organization_id"] = organization
    if kind != "organization":
        entry.update(_scope(given, "deployment_ids" if kind == "deployment" else "project_ids", place))
    roles = given.get("application_roles")
    if roles is not None:
        entry["application_roles"] = _texts(roles, f"{place}.application_roles")
    return entry


def _role_id(given: Any, kind: str, place: str, switches: Switches) -> str:
    if not isinstance(given, str) or not given:
        raise invalid_input("A role assignment needs a role_id.", f"{place}.role_id")
    if kind in PROJECT_TYPES and not given.startswith(f"{kind}-"):
        if switches["unprefixed_roles"] == "refused":
            raise invalid_input(f"There is no role [{given}] for projects of this type.", f"{place}.role_id")
        if switches["unprefixed_roles"] == "prefixed":
            return f"{kind}-{given.replace('_', '-')}"
    return given


def _scope(given: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    everything, ids = given.get("all"), given.get(name)
    if everything is not None and not isinstance(everything, bool):
        raise invalid_input("In a role assignment, all is true or false.", f"{place}.all")
    if everything:
        if ids is not None:
            raise invalid_input(f"With all, {name} must be absent.", f"{place}.{name}")
        return {"all": True}
    if not ids:
        raise invalid_input(f"Without all, {name} must be present.", f"{place}.{name}")
    return {"all": False, name: _texts(ids, f"{place}.{name}")}


def _texts(given: Any, place: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise invalid_input("A list of texts is needed.", place)
    return list(dict.fromkeys(given))


def each(assignments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry, with its category or its type of project."""
    for category in ("platform", "organization", "deployment"):
        for entry in assignments.get(category) or []:
            yield category, entry
    for kind, entries in (assignments.get("project") or {}).items():
        for entry in entries or []:
            yield kind, entry


def resources(entry: dict[str, Any]) -> list[str]:
    """The ids that an entry is about; ``*`` for all of them."""
    return entry.get("deployment_ids") or entry.get("project_ids") or [EVERYTHING]


def units(assignments: dict[str, Any]) -> set[tuple[str, ...]]:
    """What is granted, piece by piece: kind, organization, role, resource, application role."""
    return {
        (kind, entry.get("organization_id", ""), entry["role_id"], resource, application_role)
        for kind, entry in each(assignments)
        for resource in resources(entry)
        for application_role in ["", *(entry.get("application_roles") or [])]
    }


def organization_roles(assignments: dict[str, Any]) -> set[str]:
    """The roles in the organization itself."""
    return {entry["role_id"] for entry in assignments.get("organization") or []}


def check_grant(wanted: dict[str, Any], own: dict[str, Any], organization_id: str, switches: Switches) -> None:
    """403 for what the caller may not grant: an owner grants what there is, anybody else what they hold."""
    forbidden = set(switches["forbidden_resources"])
    is_owner, held = OWNER in organization_roles(own), units(own)
    for unit in units(wanted):
        kind, organization, _role, resource, _application_role = unit
        foreign = kind == "platform" or organization != organization_id
        covered = is_owner or unit in held or (*unit[:3], EVERYTHING, unit[4]) in held
        if foreign or resource in forbidden or not covered:
            message = "You are not authorized to make these role assignments."
            raise CloudError(403, "role_assignments.unauthorized_role_assignments", message)


def shown(assignments: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """Assignments in the form that the switches ask for."""
    arranged = {
        category: _arranged(assignments.get(category) or [], switches)
        for category in ("platform", "organization", "deployment")
    }
    kinds = {kind: _arranged(entries, switches) for kind, entries in (assignments.get("project") or {}).items()}
    result: dict[str, Any] = {**arranged, "project": kinds}
    unused = [category for category, entries in result.items() if not entries]
    for category in unused:
        if switches["unused_categories"] == "absent":
            del result[category]
        elif switches["unused_categories"] == "null":
            result[category] = None
    return dict(shuffled(result)) if switches["assignments_order"] == "shuffled" else result


def _arranged(entries: list[dict[str, Any]], switches: Switches) -> list[dict[str, Any]]:
    if switches["assignments_entries"] == "split":
        entries = _split(entries)
    elif switches["assignments_entries"] == "merged":
        entries = _merged(entries)
    return [_filled(entry) if switches["assignments_filled"] else _bare(entry) for entry in entries]


def _split(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    result = []
    for entry in entries:
        name = _ids_of(entry)
        result += [entry] if name is None else [{**entry, name: [resource]} for resource in entry[name]]
    return result


def _merged(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    result: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in entries:
        name = _ids_of(entry)
        roles = frozenset(entry.get("application_roles") or [])
        same = (entry["role_id"], entry.get("organization_id"), name, roles)
        if name is not None and same in result:
            entry = {**entry, name: list(dict.fromkeys(result[same][name] + entry[name]))}
        result[same] = entry
    return list(result.values())


def _ids_of(entry: dict[str, Any]) -> str | None:
    return next((name for name in ("deployment_ids", "project_ids") if name in entry), None)


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "application_roles": entry.get("application_roles") or []} if "all" in entry else dict(entry)


def _bare(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value not in (False, [])}
