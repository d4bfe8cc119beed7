# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What an audit goes by for one kind of key: which options it has, what tells kinship, and what is to be said of rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .finding import AuditPolicy, Finding, found
from .key import Key
from .rights import named_privileges
from .role_assignments import each, named_roles


def of_privileges(key: Key, policy: AuditPolicy) -> Iterator[Finding]:
    """Say what is to be said of a key's role descriptors."""
    descriptors = key.spec.get("role_descriptors")
    whole = key.type == "rest" and descriptors == {}
    if whole:
        yield found("all_rights", "Has all the rights of its owner (role_descriptors: {}).")
    if not policy.forbids:
        return
    # Of a key with all rights only the owner's tell what they are.
    cluster, index = named_privileges(key.extra.get("limited_by") if whole else descriptors)
    forbidden = _listed(("cluster", cluster & policy.forbidden_cluster), ("index", index & policy.forbidden_index))
    if forbidden:
        source = ", by its owner's rights" if whole else ""
        yield found("forbidden_privilege", f"Has forbidden privileges{source}: {forbidden}.")


def of_roles(key: Key, policy: AuditPolicy) -> Iterator[Finding]:
    """Say what is to be said of a key's role assignments. What the service shows of a key that was made without any is not documented."""
    assignments = key.spec.get("role_assignments")
    if not any(True for _entry in each(assignments)):
        yield found(
            "roles_not_shown",
            "The service shows no roles of it. If it was made without role_assignments, it has every right of its creator.",
        )
    roles, application_roles = named_roles(assignments)
    forbidden = _listed(
        ("role", roles & policy.forbidden_roles),
        ("application role", application_roles & policy.forbidden_application_roles),
    )
    if forbidden:
        yield found("forbidden_role", f"Has forbidden roles: {forbidden}.")


def of_nothing(key: Key, policy: AuditPolicy) -> Iterator[Finding]:
    """Say nothing: such keys have no rights of their own."""
    return iter(())


def _listed(*parts: tuple[str, frozenset[str]]) -> str:
    return "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in parts if names)


@dataclass(frozen=True)
class Auditing:
    """What an audit goes by.

    ``selecting`` are those of the listing's options that an audit has, too, ``measures`` the options by which keys are judged.
    ``defaults`` are what an audit has for a default where it differs. ``rights`` says what is to be said of a key's rights. ``marks``:
    the metadata of these keys has room for our whole mark, so that it tells predecessors from namesakes.
    """

    selecting: tuple[str, ...]
    measures: tuple[str, ...]
    rights: Callable[[Key, AuditPolicy], Iterator[Finding]]
    marks: bool = True
    defaults: Mapping[str, Any] = field(default_factory=lambda: {"state": ["active", "expired"]})
