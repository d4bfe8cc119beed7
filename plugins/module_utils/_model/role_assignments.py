# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Role assignments of an Elastic Cloud key: checked, completed for the API, and in one form in which equal means equal.

The service keeps no order, may split entries or merge them, leaves out what is empty or shows it as null, and fills in the
organization; so what is compared is who may do what on which resource, piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from .compare import Change, compare
from .errors import OptionError
from .node import Node, name_of, opaque, strings

OPTION = "role_assignments"
CATEGORIES = ("platform", "organization", "deployment", "project")
# Types of project whose role ids are known to begin with the type; others are taken as they are.
PROJECT_TYPES = ("elasticsearch", "observability", "security")

# Every resource there is and will be.
EVERYTHING = "*"

_KNOWN = frozenset({"role_id", "organization_id", "all", "deployment_ids", "project_ids", "application_roles"})


def each(assignments: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield every entry with its category and, of projects, their type."""
    if not isinstance(assignments, Mapping):
        return
    for category in ("platform", "organization", "deployment"):
        for entry in assignments.get(category) or ():
            yield category, "", entry
    projects = assignments.get("project")
    for kind, entries in (projects if isinstance(projects, Mapping) else {}).items():
        for entry in entries or ():
            yield "project", name_of(kind), entry


def check_role_assignments(value: Any) -> None:
    """Refuse what the API does not take, or what would not mean what it seems to.

    :raises OptionError: naming the entry.
    """
    if not isinstance(value, Mapping):
        raise OptionError(OPTION, f"{OPTION} is not a mapping.", f"Its parts are {', '.join(CATEGORIES)}.")
    unknown = sorted(name_of(name) for name in value if name_of(name) not in CATEGORIES)
    if unknown:
        raise OptionError(OPTION, f"{OPTION} has no part {unknown[0]}.", f"Its parts are {', '.join(CATEGORIES)}.")
    projects = value.get("project")
    if projects is not None and not isinstance(projects, Mapping):
        raise OptionError(
            OPTION, f"{OPTION}.project is not a mapping.", f"Its parts are types, such as {PROJECT_TYPES[0]}."
        )
    lists = [(name_of(name), part) for name, part in value.items() if name != "project"]
    lists += [(f"project.{name_of(name)}", part) for name, part in (projects or {}).items()]
    for path, part in lists:
        if part is not None and not isinstance(part, (list, tuple)):
            raise OptionError(OPTION, f"{OPTION}.{path} is not a list.", "Give a list of mappings with role_id.")
        for number, entry in enumerate(part or ()):
            _check_entry(entry, path, f"{OPTION}.{path}[{number}]")
    if not any(True for _entry in each(value)):
        raise OptionError(
            OPTION,
            f"{OPTION} is empty, which gives the key every right of its creator.",
            "Give at least one role, or leave it out and say all_rights: true if that is meant.",
        )


def _check_entry(entry: Any, path: str, where: str) -> None:
    if not isinstance(entry, Mapping):
        raise OptionError(OPTION, f"{where} is not a mapping.", "Give role_id and what it is for.")
    for name in ("role_id", "organization_id"):
        text = entry.get(name)
        if (text is not None or name == "role_id") and (not isinstance(text, str) or not text.strip()):
            raise OptionError(OPTION, f"{where}.{name} is missing, empty or not a text.", "Give an id as a text.")
    ids = _ids_name(path)
    for name in ("application_roles", *([] if ids is None else [ids])):
        texts = entry.get(name)
        if texts is not None and not (isinstance(texts, (list, tuple)) and all(isinstance(one, str) for one in texts)):
            raise OptionError(OPTION, f"{where}.{name} is not a list of texts.", "Quote ids of digits alone.")
    if ids is None:
        return
    everything = entry.get("all")
    if everything is not None and not isinstance(everything, bool):
        raise OptionError(OPTION, f"{where}.all is neither true nor false.", "Give true, or leave it out.")
    if everything and entry.get(ids):
        raise OptionError(OPTION, f"{where} has all: true together with {ids}.", "Give one of them.")
    if not everything and not entry.get(ids):
        raise OptionError(OPTION, f"{where} is for nothing.", f"Give {ids}, or all: true.")


def _ids_name(path: str) -> str | None:
    """Return the field that names the resources of an entry; None where there are none."""
    if path == "deployment":
        return "deployment_ids"
    return "project_ids" if path.startswith("project") else None


def doubts(assignments: Any) -> tuple[str, ...]:
    """Return a sentence for each thing that is allowed and may not do what its author expects."""
    told: dict[str, None] = {}
    for category, kind, entry in each(assignments):
        roles = entry.get("application_roles")
        if category == "deployment" and roles:
            told[
                f"{OPTION}.deployment has application_roles, but no Elastic Cloud key ever opens the Elasticsearch or Kibana of a "
                "hosted deployment. For these make an Elasticsearch key with es_api_key."
            ] = None
        if category == "project" and kind not in PROJECT_TYPES:
            told[
                f"{OPTION}.project.{kind} is a type of project that this release does not know; it is sent as it is."
            ] = None
        if category == "project" and roles is not None and not roles:
            told[
                f"{OPTION}.project.{kind} has empty application_roles: the key opens the Elastic Cloud API alone, not the "
                "project's Elasticsearch and Kibana."
            ] = None
    return tuple(told)


def completed(assignments: Mapping[str, Any], organization: str) -> dict[str, Any]:
    """Return assignments as they are sent: every entry with its organization and the whole id of its role, nothing empty."""
    sent: dict[str, Any] = {}
    for category, kind, entry in each(assignments):
        whole = {name: value for name, value in entry.items() if value is not None}
        whole["role_id"] = _role_id(category, kind, entry, PROJECT_TYPES)
        if category != "platform":
            whole.setdefault("organization_id", organization)
        place = sent.setdefault("project", {}) if category == "project" else sent
        place.setdefault(kind or category, []).append(whole)
    return sent


def differences(wanted: Any, found: Any) -> tuple[Change, ...]:
    """Return where two assignments differ in what they allow. An entry without organization is of the key's own."""
    organization = _only_organization(found) or _only_organization(wanted) or ""
    return compare(OPTION, wanted, found, canonical=partial(canonical, organization=organization))


def canonical(assignments: Any, organization: str) -> Node:
    """Return assignments as roles by category, of these the resources, of these what else is granted there.

    :param organization: what an entry without one belongs to.
    """
    if assignments is not None and not isinstance(assignments, Mapping):
        return opaque(assignments)
    granted: dict[str, Any] = {}
    for category, kind, entry in each(assignments):
        if not isinstance(entry, Mapping):
            return opaque(assignments)
        place = granted.setdefault(category, {})
        place = place.setdefault(kind, {}) if category == "project" else place
        role, other = _role_id(category, kind, entry, None), entry.get("organization_id") or organization
        place = place.setdefault(role if other == organization else f"{role} of {other}", {})
        for resource in _resources(f"{category}.{kind}" if kind else category, entry):
            _merge(place if resource is None else place.setdefault(resource, {}), entry)
    return granted


def named_roles(assignments: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the roles and the application roles that assignments name, in lower case; roles by their whole ids and as they are written."""
    roles: set[str] = set()
    application_roles: set[str] = set()
    for category, kind, entry in each(assignments):
        if isinstance(entry, Mapping):
            roles |= {_role_id(category, kind, entry, None).lower(), str(entry.get("role_id")).lower()}
            named = entry.get("application_roles")
            application_roles |= {name_of(one).lower() for one in (named if isinstance(named, list) else ())}
    return frozenset(roles), frozenset(application_roles)


def _resources(path: str, entry: Mapping[str, Any]) -> list[str | None]:
    ids = _ids_name(path)
    if ids is None:
        return [None]
    return [EVERYTHING] if entry.get("all") else [name_of(one) for one in entry.get(ids) or ()]


def _merge(node: dict[str, Any], entry: Mapping[str, Any]) -> None:
    """Add what an entry grants on a resource: entries of one role and resource add up, and unknown fields are kept."""
    roles = entry.get("application_roles")
    if roles:
        known = node.get("application_roles")
        node["application_roles"] = strings([*(known.items if known else ()), *roles])
    node.update({name_of(name): opaque(value) for name, value in entry.items() if name not in _KNOWN})


def _role_id(category: str, kind: str, entry: Mapping[str, Any], known: tuple[str, ...] | None) -> str:
    """Return a role's whole id: on deployments and projects it begins with what it is for.

    :param known: the types of project for which that is certain; None: all.
    """
    role, prefix = str(entry.get("role_id")), kind or category
    prefixed = category == "deployment" or (category == "project" and (known is None or kind in known))
    return f"{prefix}-{role.replace('_', '-')}" if prefixed and not role.startswith(f"{prefix}-") else role


def _only_organization(assignments: Any) -> str | None:
    named = {
        entry["organization_id"]
        for _category, _kind, entry in each(assignments)
        if isinstance(entry, Mapping) and entry.get("organization_id")
    }
    return str(next(iter(named))) if len(named) == 1 else None
