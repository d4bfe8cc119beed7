# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a key may do, as far as the server can be asked: a login alone proves no rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .canonical import canonical_role_descriptors
from .node import ALIASES, sort_key


def askable(descriptors: Any) -> dict[str, list[Any]]:
    """Return the body of a ``_has_privileges`` request that asks for everything these role descriptors name.

    :param descriptors: role descriptors by role name, or a list of such, as ``limited_by`` is.

    What the server cannot be asked about is left out, for it would refuse the whole question (400): queries, fields, remote
    clusters, global privileges, ``run_as``, applications with a wildcard in their name, resources that are regular expressions.
    If nothing is left, all three lists are empty, which it refuses as well. An index that is named with and without restricted
    ones is asked for with them: the answer has one line for it.
    """
    roles = [role for group in _groups(descriptors) for role in group.values() if isinstance(role, Mapping)]
    return {
        "cluster": sorted({name for role in roles for name in _texts(role.get("cluster"))}),
        "index": _index_questions(roles),
        "application": _application_questions(roles),
    }


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the first ``_has_privileges`` answer grants and the second does not, in words.

    What the second does not mention is lost, too.
    """
    held = set(_held(after))
    return tuple(_worded(right) for right in sorted(set(_held(before)) - held))


def named_privileges(descriptors: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the cluster and the index privileges that role descriptors name, in lower case: the server minds no case there.

    :param descriptors: role descriptors by role name, or a list of such, as ``limited_by`` is.

    Those on remote clusters and their indices are among them.
    """
    roles = [role for group in _groups(descriptors) for role in group.values() if isinstance(role, Mapping)]
    cluster = [_texts(role.get("cluster")) for role in roles]
    cluster += [_texts(entry.get("privileges")) for entry in _entries(roles, "remote_cluster")]
    index = [
        _texts(entry.get("privileges")) for field in ("indices", "remote_indices") for entry in _entries(roles, field)
    ]
    return _lowered(cluster), _lowered(index)


def _lowered(texts: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(text.lower() for some in texts for text in some)


def same_rights(limited_by_a: Any, limited_by_b: Any) -> bool:
    """Do two snapshots of an owner's rights (role descriptors by name, or lists of such) grant the same?

    Role names and role metadata grant nothing, and two equal roles no more than one.
    """
    return _grants(limited_by_a) == _grants(limited_by_b)


def _grants(descriptors: Any) -> set[str]:
    grants: set[str] = set()
    for group in _groups(descriptors):
        roles = canonical_role_descriptors(group)
        for role in roles.values() if isinstance(roles, dict) else ():
            rights = (
                {name: node for name, node in role.items() if name != "metadata"} if isinstance(role, dict) else role
            )
            if rights:
                grants.add(sort_key(rights))
    return grants


def _groups(descriptors: Any) -> list[Mapping[str, Any]]:
    groups = descriptors if isinstance(descriptors, (list, tuple)) else [descriptors]
    return [group for group in groups if isinstance(group, Mapping)]


def _index_questions(roles: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    restricted: dict[tuple[str, str], bool] = {}
    for entry in _entries(roles, "indices"):
        allowed = entry.get("allow_restricted_indices") is True
        for name in _texts(entry.get("names")):
            for privilege in _texts(entry.get("privileges")):
                restricted[name, privilege] = restricted.get((name, privilege), False) or allowed
    by_name: dict[tuple[str, bool], list[str]] = {}
    for (name, privilege), allowed in sorted(restricted.items()):
        by_name.setdefault((name, allowed), []).append(privilege)
    questions: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for (name, allowed), privileges in sorted(by_name.items()):
        questions.setdefault((tuple(privileges), allowed), []).append(name)
    return [
        {"names": names, "privileges": list(privileges), "allow_restricted_indices": allowed}
        for (privileges, allowed), names in sorted(questions.items())
    ]


def _application_questions(roles: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    asked: dict[tuple[str, str], set[str]] = {}
    for entry in _entries(roles, "applications"):
        application = entry.get("application")
        if isinstance(application, str) and "*" not in application:
            for resource in _texts(entry.get("resources")):
                # A key may hold a regular expression that is none; asked about it, the server refuses the whole question.
                if not resource.startswith("/"):
                    asked.setdefault((application, resource), set()).update(_texts(entry.get("privileges")))
    questions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (application, resource), privileges in sorted(asked.items()):
        questions.setdefault((application, tuple(sorted(privileges))), []).append(resource)
    return [
        {"application": application, "privileges": list(privileges), "resources": resources}
        for (application, privileges), resources in sorted(questions.items())
        if privileges
    ]


def _entries(roles: Iterable[Mapping[str, Any]], field: str) -> Iterator[Mapping[str, Any]]:
    for role in roles:
        for name, entries in role.items():
            if ALIASES.get(name, name) == field and isinstance(entries, (list, tuple)):
                yield from (entry for entry in entries if isinstance(entry, Mapping))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []


def _held(answer: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the rights that an answer grants: (section, [application,] what, privilege)."""
    yield from (("cluster", name) for name, held in (answer.get("cluster") or {}).items() if held is True)
    for index, privileges in (answer.get("index") or {}).items():
        yield from (("index", index, name) for name, held in privileges.items() if held is True)
    for application, resources in (answer.get("application") or {}).items():
        for resource, privileges in resources.items():
            yield from (
                ("application", application, resource, name) for name, held in privileges.items() if held is True
            )


def _worded(right: tuple[str, ...]) -> str:
    if right[0] == "cluster":
        return f"cluster privilege {right[1]}"
    if right[0] == "index":
        return f"{right[2]} on index {right[1]}"
    return f"{right[3]} on {right[2]} of application {right[1]}"
