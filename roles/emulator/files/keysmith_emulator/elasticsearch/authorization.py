# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May this subject do that: cluster and index privileges, and the wording of a refusal."""

from __future__ import annotations

from collections.abc import Iterable

from keysmith_emulator.elasticsearch import privileges
from keysmith_emulator.elasticsearch.errors import Refusal, forbidden
from keysmith_emulator.elasticsearch.role_descriptors import Descriptor
from keysmith_emulator.elasticsearch.subjects import Subject
from keysmith_emulator.elasticsearch.versions import Version

API_KEY_ACTION = "cluster:admin/xpack/security/api_key/"
MANAGE = ("manage_api_key", "manage_security", "all")


def who(subject: Subject) -> str:
    """A subject as the server's refusals call it."""
    if subject.key is not None:
        return f"API key id [{subject.key.id}] of user [{subject.username}]"
    text = f"user [{subject.username}]"
    if subject.authenticated_by is not None:
        by = subject.authenticated_by
        prefix = who(by) if by.key is not None else f"user [{by.username}]"
        text = f"{prefix} run as [{subject.username}]"
    text += f" with effective roles [{','.join(name for name in subject.role_names if name in subject.layers[0])}]"
    if subject.missing_roles:
        text += f" (assigned roles [{','.join(subject.missing_roles)}] were not found)"
    return text


def _unrestricted(role: Descriptor) -> bool:
    return not role.get("restriction")


def is_restricted(subject: Subject) -> bool:
    """Whether a workflow restricts the subject; such a key may not even look at itself."""
    return not all(_unrestricted(role) for layer in subject.layers for role in layer.values())


def _roles(layer: dict[str, Descriptor]) -> list[Descriptor]:
    # A role restricted to a workflow gives nothing outside of it, and none of the emulator's endpoints belongs to one.
    return [role for role in layer.values() if _unrestricted(role)]


def has_cluster(subject: Subject, privilege: str, version: Version) -> bool:
    """Whether every layer of the subject has a cluster privilege, by name or by action."""
    return all(
        any(privileges.grants(held, privilege, False, version) for role in _roles(layer) for held in role["cluster"])
        for layer in subject.layers
    )


def require_cluster(subject: Subject, action: str, granted_by: Iterable[str], version: Version) -> None:
    """403 unless one of the privileges, or the action itself, is held."""
    names = list(granted_by)
    if any(has_cluster(subject, name, version) for name in [*names, action]):
        return
    raise denied(subject, action, "cluster", names)


def denied(subject: Subject, action: str, kind: str, names: list[str], where: str = "") -> Refusal:
    """The refusal of an action."""
    return forbidden(
        f"action [{action}] is unauthorized for {who(subject)}{where}, this action is granted by the {kind} privileges "
        f"[{','.join(names)}]"
    )


def has_index(subject: Subject, index: str, privilege: str, version: Version, restricted: bool = False) -> bool:
    """Whether every layer of the subject has a privilege on an index or pattern."""
    closed = privileges.is_restricted(index) or restricted
    return all(
        any(
            privileges.grants(held, privilege, True, version)
            for role in _roles(layer)
            for entry in role["indices"]
            if entry["allow_restricted_indices"] or not closed
            if any(privileges.covers_name(pattern, index) for pattern in entry["names"])
            for held in entry["privileges"]
        )
        for layer in subject.layers
    )


def require_index(subject: Subject, index: str, action: str, granted_by: list[str], version: Version) -> None:
    """403 unless the action is allowed on the index."""
    if not any(has_index(subject, index, name, version) for name in [*granted_by, action]):
        raise denied(subject, action, "index", granted_by, f" on indices [{index}]")


def has_application(subject: Subject, application: str, privilege: str, resource: str) -> bool:
    """Whether every layer of the subject has an application privilege on a resource."""
    return all(
        any(
            privileges.covers_name(entry["application"], application)
            and any(privileges.covers_name(pattern, resource) for pattern in entry["resources"])
            and any(privileges.covers_name(pattern, privilege) for pattern in entry["privileges"])
            for role in _roles(layer)
            for entry in role["applications"]
        )
        for layer in subject.layers
    )


def may_run_as(subject: Subject, name: str) -> bool:
    """Whether every layer of the subject allows to run as a user."""
    return all(
        any(privileges.covers_name(pattern, name) for role in _roles(layer) for pattern in role["run_as"])
        for layer in subject.layers
    )
