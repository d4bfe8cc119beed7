# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What must not be sent to Elasticsearch, because it would be swallowed, misread, or refused in words that do not help.

Everything else is sent as it is, unknown fields and privileges included: the server knows them better. The limits were found on
8.19 and 9.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import OptionError
from .key import MARK_KEY
from .node import ALIASES, name_of

NAME_UNITS = 256
USER_NAME_LENGTH = 507
METADATA_DEPTH = 20
METADATA_BYTES = 32_766

# Deeper than any sensible nesting of lists, and far below what stops the server (1,000) and Python.
_LISTS_DEPTH = 200

_LISTS = ("cluster", "run_as")
_ENTRY_LISTS = ("indices", "index", "applications", "application", "remote_indices", "remote_cluster")
_OBJECTS = ("metadata", "global", "restriction", "transient_metadata", "role_descriptors")
_FIELDS = frozenset((*_LISTS, *_ENTRY_LISTS, *_OBJECTS, "description")) - {"role_descriptors"}
_RIGHT = "It maps role names to role descriptors, such as {writer: {indices: [{names: ['logs-*'], privileges: [create_doc]}]}}."


def check_name(name: Any, option: str) -> None:
    """Refuse a name that Elasticsearch refuses.

    The server counts UTF-16 units (an emoji is two) and takes for white space what Java's trim does: all up to U+0020, but no U+00A0.

    :raises OptionError: empty, longer than 256, white space around it, or a leading underscore.
    """
    right = f"A name has 1 to {NAME_UNITS} characters, no white space around it and no underscore in front."
    if not isinstance(name, str) or not name:
        raise OptionError(option, f"{option} is {'empty' if name in (None, '') else 'not a text'}.", right)
    units = len(name.encode("utf-16-le", "surrogatepass")) // 2
    if units > NAME_UNITS:
        raise OptionError(option, f"{option} has {units} characters (UTF-16 units), which is too long.", right)
    if name[0] <= " " or name[-1] <= " ":
        raise OptionError(option, f"{option} begins or ends with white space.", right)
    if name[0] == "_":
        raise OptionError(option, f"{option} begins with an underscore.", right)


def check_not_empty(value: Any, option: str) -> None:
    """Refuse the empty text that a template gives for what is not there; None is an option that was left out.

    :raises OptionError: nothing but white space.
    """
    if isinstance(value, str) and not value.strip():
        raise OptionError(
            option,
            f"{option} is empty.",
            "Give its value, or leave the option out: {{ omit }} does that in a template.",
        )


def check_metadata(value: Any, option: str) -> None:
    """Refuse metadata that Elasticsearch refuses, or that is ours.

    :raises OptionError: not a mapping; the key ``keysmith`` or a leading underscore at the top; more than 20 mappings inside each other;
        a text that with its path makes more than 32,766 bytes; a value that JSON does not know.
    """
    if not isinstance(value, Mapping):
        raise OptionError(
            option,
            f"{option} is {_kind(value)}, not a mapping.",
            "Give a mapping of names to values, such as {team: search}.",
        )
    for key in map(name_of, value):
        if key == MARK_KEY:
            raise OptionError(
                option,
                f"{option}.{MARK_KEY} is reserved: this collection keeps its own mark there.",
                "Use another name.",
            )
        if key.startswith("_"):
            raise OptionError(
                option,
                f"{option}.{key} begins with an underscore, which Elasticsearch keeps for itself at the top level.",
                "Use another name.",
            )
    for path, depth, item in _walk(value, (), 0, 0):
        if isinstance(item, Mapping):
            _check_mapping(".".join((option, *path)), depth, item, option)
        else:
            _check_item(".".join((option, *path)), path, item, option)


def check_role_descriptors(value: Any, option: str) -> None:
    """Refuse role descriptors that the server would swallow or misread, or refuse in words that do not help.

    ``{}`` passes: whether all of the owner's rights are meant is not judged here.

    :raises OptionError: with the path of what is wrong.
    """
    if not isinstance(value, Mapping):
        raise OptionError(option, f"{option} is {_kind(value)}, not a mapping.", _RIGHT)
    for name, role in value.items():
        _check_nesting(name_of(name), role, option)
    for name, role in value.items():
        _check_role(role, f"{option}.{name_of(name)}", option)
    restricted = [name_of(name) for name, role in value.items() if role.get("restriction")]
    if restricted and len(value) > 1:
        raise OptionError(
            option,
            f"{option}.{restricted[0]} has a restriction, but there are {len(value)} roles.",
            "A key with a restriction can have one role only: put everything into that one.",
        )


def check_access(value: Any, option: str) -> None:
    """Refuse the access of a cross-cluster key that the server would refuse in words that do not help, or that opens nothing.

    Seen on 8.19 and 9.5: privileges come by themselves, and replication goes with neither document nor field level security.

    :raises OptionError: with the path of what is wrong.
    """
    right = "Give {search: [{names: ['logs-*']}]}, {replication: [{names: ['orders']}]}, or both."
    if not isinstance(value, Mapping):
        raise OptionError(option, f"{option} is {_kind(value)}, not a mapping.", right)
    for part in ("search", "replication"):
        _check_entries(value.get(part, ()), f"{option}.{part}", part, option)
        for index, entry in enumerate(value.get(part, ())):
            _check_opening(entry, f"{option}.{part}[{index}]", bool(value.get("replication")), option)
    if not value.get("search") and not value.get("replication"):
        raise OptionError(option, f"{option} opens nothing: both search and replication are empty.", right)


def _check_opening(entry: Mapping[str, Any], here: str, replicated: bool, option: str) -> None:
    if "privileges" in entry:
        hint = "Leave it out: searching and replicating have privileges of their own."
        raise OptionError(option, f"{here}.privileges is not possible in the access of a cross-cluster key.", hint)
    if not entry.get("names"):
        raise OptionError(option, f"{here} has no names.", "Name the indices, such as names: ['logs-*'].")
    for part in ("query", "field_security"):
        if replicated and entry.get(part):
            raise OptionError(
                option,
                f"{here}.{part} is not possible in a key that has replication: what is replicated is copied whole.",
                "Make a key of its own for searching.",
            )


def check_rights(value: Any, option: str) -> None:
    """Refuse rights that are no role descriptor, or hold what a role cannot have or what is ours.

    :raises OptionError: with the path of what is wrong.
    """
    right = "Give a role descriptor, such as {indices: [{names: ['logs-*'], privileges: [create_doc]}]}."
    if not isinstance(value, Mapping):
        raise OptionError(option, f"{option} is {_kind(value)}, not a mapping.", right)
    for field in map(name_of, value):
        if field in ("metadata", "restriction", "description"):
            raise OptionError(option, f"{option}.{field} is no right that can be passed on.", "Leave it out.")
        if isinstance(value[field], Mapping) and field not in _OBJECTS and field not in _FIELDS:
            raise OptionError(
                option, f"{option}.{field} is a mapping: rights are one role descriptor, without a name.", right
            )
    _check_role(value, option, option)


def check_user_name(name: Any, option: str) -> None:
    """Refuse a name that Elasticsearch refuses for a user or a role, or that basic authentication cannot carry.

    :raises OptionError: empty, longer than 507, not printable ASCII, white space around it, or a colon in it.
    """
    right = f"Give 1 to {USER_NAME_LENGTH} printable ASCII characters, no blank at either end and no colon."
    if not isinstance(name, str) or not name:
        raise OptionError(option, f"{option} is {'empty' if name in (None, '') else 'not a text'}.", right)
    if len(name) > USER_NAME_LENGTH or name != name.strip() or any(not " " <= c <= "~" or c == ":" for c in name):
        raise OptionError(option, f"{option} {name[:60]!r} is no name that a user or a role can have.", right)


def _walk(value: Any, path: tuple[str, ...], mappings: int, lists: int) -> Iterator[tuple[tuple[str, ...], int, Any]]:
    """Yield every mapping and scalar with its path and the number of mappings it is in, itself included; lists lengthen no path.

    A list is yielded only where it is too deep.
    """
    if isinstance(value, Mapping):
        yield path, mappings + 1, value
        for key, item in value.items():
            yield from _walk(item, (*path, name_of(key)), mappings + 1, lists)
    elif isinstance(value, (list, tuple)) and lists < _LISTS_DEPTH:
        for item in value:
            yield from _walk(item, path, mappings, lists + 1)
    else:
        yield path, mappings, value


def _check_mapping(where: str, depth: int, item: Mapping[Any, Any], option: str) -> None:
    if depth > METADATA_DEPTH:
        problem = f"{option} has more than {METADATA_DEPTH} mappings inside each other, at {where[:200]}."
        raise OptionError(option, problem, "Elasticsearch allows no more.")
    if any("\0" in name_of(key) for key in item):
        raise OptionError(
            option, f"{where[:200]} has a name with a NUL character in it.", "Elasticsearch does not allow it in names."
        )


def _check_item(where: str, path: tuple[str, ...], item: Any, option: str) -> None:
    if isinstance(item, (list, tuple)):
        raise OptionError(
            option, f"{where[:200]} has more than {_LISTS_DEPTH} lists inside each other.", "Give a flatter list."
        )
    if item is None or isinstance(item, (bool, int)):
        return
    if isinstance(item, float):
        if not math.isfinite(item):
            raise OptionError(option, f"{where[:200]} is {item}, which JSON cannot say.", "Give it as a text.")
        return
    if not isinstance(item, str):
        raise OptionError(option, f"{where[:200]} is {_kind(item)}, which JSON does not know.", "Put it in quotes.")
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in (".".join(path), "\0", item))
    if size > METADATA_BYTES:
        raise OptionError(
            option,
            f"{where[:200]} takes {size} bytes with its path, more than Elasticsearch can index.",
            f"{METADATA_BYTES} bytes is the most; split it, or keep it elsewhere.",
        )


def _check_nesting(name: str, role: Any, option: str) -> None:
    """Refuse the shapes in which a role's name is missing, or there is a level too many."""
    if name == "role_descriptors":
        raise OptionError(
            option, f"{option} holds role_descriptors once more.", f"Take one of the two levels away. {_RIGHT}"
        )
    if name in _OBJECTS:
        # A mapping here would be taken for a role of that name, and an empty one make a key without any right.
        raise OptionError(
            option, f"{option}.{name} is a field of a role descriptor where a role's name belongs.", _RIGHT
        )
    if name in _FIELDS and not (isinstance(role, Mapping) and _FIELDS.issuperset(role)):
        raise OptionError(
            option, f"{option}.{name} is a field of a role descriptor where a role's name belongs.", _RIGHT
        )
    if isinstance(role, Mapping):
        return
    hint = f"Say '{name}: {{}}' for a role without any right." if role is None else _RIGHT
    raise OptionError(option, f"{option}.{name} is {_kind(role)}, not a role descriptor.", hint)


def _check_role(role: Mapping[str, Any], where: str, option: str) -> None:
    _check_lost_fields(role, where, option)
    for field in _LISTS:
        if role.get(field) is not None:
            _check_texts(role[field], f"{where}.{field}", option)
    for field in _ENTRY_LISTS:
        if field in role:
            _check_entries(role[field], f"{where}.{field}", field, option)
    restriction = role.get("restriction", {})
    if not isinstance(restriction, Mapping):
        right = "Give a mapping such as {workflows: [search_application_query]}."
        raise OptionError(option, f"{where}.restriction is {_kind(restriction)}, not a mapping.", right)
    if "workflows" in restriction:
        _check_texts(restriction["workflows"], f"{where}.restriction.workflows", option)


def _check_lost_fields(role: Mapping[str, Any], where: str, option: str) -> None:
    """Refuse fields of which the server keeps nothing, or that no API key can have."""
    if "description" in role:
        problem = (
            f"{where}.description is not possible: Elasticsearch allows no description in the roles of an API key."
        )
        raise OptionError(option, problem, "Use metadata.")
    for old, new in ALIASES.items():
        if old in role and new in role:
            hint = f"They are the same field, and the server would drop one of them: use {new}."
            raise OptionError(option, f"{where} has both {old} and {new}.", hint)
    if role.get("transient_metadata", {}) not in ({}, {"enabled": True}):
        raise OptionError(option, f"{where}.transient_metadata would be dropped by Elasticsearch.", "Use metadata.")


def _check_entries(value: Any, where: str, field: str, option: str) -> None:
    if not isinstance(value, (list, tuple)):
        raise OptionError(
            option,
            f"{where} is {_kind(value)}, not a list of mappings.",
            "Begin each entry with '- '." if isinstance(value, Mapping) else None,
        )
    for index, entry in enumerate(value):
        here = f"{where}[{index}]"
        if not isinstance(entry, Mapping):
            raise OptionError(option, f"{here} is {_kind(entry)}, not a mapping.")
        if field in ("applications", "application"):
            continue
        for part in ("privileges", "clusters"):
            if part in entry:
                _check_texts(entry[part], f"{here}.{part}", option)
        _check_names(entry.get("names", "-"), f"{here}.names", option)
        _check_filters(entry, here, option)


def _check_names(value: Any, where: str, option: str) -> None:
    if not isinstance(value, str):
        _check_texts(value, where, option)
    for name in [value] if isinstance(value, str) else value:
        if "," in name:
            raise OptionError(option, f"{where} has a comma in {name!r}.", "Give the names as a list, one each.")


def _check_filters(entry: Mapping[str, Any], here: str, option: str) -> None:
    query, rule = entry.get("query"), entry.get("field_security")
    if query is not None and not isinstance(query, (str, Mapping)):
        raise OptionError(
            option,
            f"{here}.query is {_kind(query)}, not a query.",
            "Give a mapping such as {term: {team: search}}, or its JSON as a text.",
        )
    if isinstance(rule, Mapping):
        for part in ("grant", "except"):
            if part in rule:
                _check_texts(rule[part], f"{here}.field_security.{part}", option)


def _check_texts(value: Any, where: str, option: str) -> None:
    if not isinstance(value, (list, tuple)):
        hint = f"Write it in brackets: [{value}]." if isinstance(value, str) and len(value) < 80 else None
        raise OptionError(option, f"{where} is {_kind(value)}, not a list.", hint)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise OptionError(option, f"{where}[{index}] is {_kind(item)}, not a text.", "Put it in quotes.")


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean"
    for types, word in (((int, float), "a number"), (str, "a text"), ((list, tuple), "a list"), (Mapping, "a mapping")):
        if isinstance(value, types):
            return word
    return f"a {type(value).__name__}"
