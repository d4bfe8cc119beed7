# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Role descriptors, access, certificate identity and metadata in one form, whether a user wrote them or Elasticsearch returned them.

What the server adds, folds and drops was seen on 8.19 and 9.5. Everything that it fills in is left out here, so that nothing
needs to be known about defaults of versions to come. Fields that are not known are kept and compared as they are. These functions take
any value and never fail; what must not be sent is refused by ``checks``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .key import MARK_KEY
from .node import ALIASES, Metadata, Node, Query, Unordered, entries, name_of, opaque, strings, written

_NOTHING: tuple[Any, ...] = (None, {}, Unordered((), None))


def canonical_role_descriptors(value: Any) -> Node:
    """Return role descriptors by role name; None is what the server makes of it, ``{}`` (all of the owner's rights).

    ``{}`` and ``{"r": {}}`` (no rights at all) stay different.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return opaque(value)
    return {name_of(name): _role(role) for name, role in value.items()}


def for_serverless(descriptors: Mapping[str, Any]) -> dict[str, Any]:
    """Return role descriptors without ``allow_restricted_indices: false``: a project shows this default, and takes no such field."""
    return {
        role: {
            name: _entries_for_serverless(value) if name in ("indices", "index") else value
            for name, value in fields.items()
        }
        if isinstance(fields, Mapping)
        else fields
        for role, fields in descriptors.items()
    }


def _entries_for_serverless(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    default = ("allow_restricted_indices", False)
    return [
        {name: item for name, item in entry.items() if (name, item) != default} if isinstance(entry, Mapping) else entry
        for entry in value
    ]


def canonical_access(value: Any) -> Node:
    """Return the access of a cross-cluster key: ``search`` and ``replication``, where they are not empty."""
    if value is None:
        return {}
    return _fields(value, {"search": _entries, "replication": _entries})


def canonical_identity(value: Any) -> Node:
    """Return the certificate identity of a cross-cluster key; an empty text is none, as the server shows a cleared one."""
    return None if value in (None, "") else opaque(value)


def canonical_metadata(value: Any) -> Node:
    """Return a key's metadata without what is not the user's: our mark and the server's top-level fields with a leading ``_``."""
    if value is None:
        return Metadata()
    node = opaque(value)
    if not isinstance(node, dict):
        return node
    return Metadata({name: item for name, item in node.items() if name != MARK_KEY and not name.startswith("_")})


def _role(value: Any) -> Node:
    if not isinstance(value, Mapping):
        return opaque(value)
    folded = {ALIASES.get(name_of(name), name_of(name)): item for name, item in value.items()}
    # The server drops whatever was sent and always answers {"enabled": true}.
    folded.pop("transient_metadata", None)
    return _fields(folded, _ROLE)


def _fields(value: Any, converters: Mapping[str, Callable[[Any], Node]]) -> Node:
    """Return a mapping with its known fields converted, and left out where nothing is in them."""
    if not isinstance(value, Mapping):
        return opaque(value)
    fields = {name_of(name): item for name, item in value.items()}
    nodes = {name: converters.get(name, opaque)(item) for name, item in fields.items()}
    return {name: node for name, node in nodes.items() if name not in converters or node not in _NOTHING}


def _entries(value: Any) -> Node:
    return entries(value, lambda entry: _fields(entry, _ENTRY))


def _application_entries(value: Any) -> Node:
    return entries(value, lambda entry: _fields(entry, _APPLICATION))


def _texts(value: Any) -> Node:
    """Return a set of strings; in applications, and only there, the server makes strings of numbers and booleans."""
    return strings(value, lambda item: written(item) if isinstance(item, (bool, int, float)) else opaque(item))


def _restricted_allowed(value: Any) -> Node:
    return None if value is False else opaque(value)


def _field_security(value: Any) -> Node:
    node = _fields(value, {"except": strings})
    if isinstance(node, dict) and "grant" in node:
        # No field at all ([]) is not the same as no rule, so it is kept.
        node["grant"] = strings(value["grant"])
    return node


def _query(value: Any) -> Node:
    """Return a query; the server keeps a text as it was sent, even if it is no JSON, and drops an empty one."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return Query(opaque(value), value)
    try:
        return Query(opaque(json.loads(value)), value)
    except (ValueError, RecursionError):
        return Query(value, value)


def _global(value: Any) -> Node:
    """Return global privileges; the server fills in every category that it knows, with nothing in it."""
    if isinstance(value, Mapping):
        nodes = {name_of(name): _global(item) for name, item in value.items()}
        return {name: node for name, node in nodes.items() if node not in _NOTHING}
    if isinstance(value, (list, tuple)):
        if all(isinstance(item, str) for item in value):
            return strings(value)
        return entries(value, _global)
    return opaque(value)


def _role_metadata(value: Any) -> Node:
    node = opaque(value)
    return Metadata(node) if isinstance(node, dict) else node


_ENTRY: Mapping[str, Callable[[Any], Node]] = {
    "names": strings,
    "privileges": strings,
    "clusters": strings,
    "query": _query,
    "field_security": _field_security,
    "allow_restricted_indices": _restricted_allowed,
}

_APPLICATION: Mapping[str, Callable[[Any], Node]] = {"privileges": _texts, "resources": _texts}

_ROLE: Mapping[str, Callable[[Any], Node]] = {
    "cluster": strings,
    "indices": _entries,
    "applications": _application_entries,
    "run_as": strings,
    "metadata": _role_metadata,
    "remote_indices": _entries,
    "remote_cluster": _entries,
    "global": _global,
    "restriction": lambda value: _fields(value, {"workflows": strings}),
}
