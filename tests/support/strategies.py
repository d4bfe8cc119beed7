# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role descriptors and metadata that a real Elasticsearch takes, other spellings of the same, and single mutations of them.

Everything made here is sent to real servers by the system tests, so every rule about what is valid was learnt from them.
"""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import configuration, settings
from hypothesis import strategies as st

# Nothing is written into the checkout, and a slow machine is no failure.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "keysmith-hypothesis")
settings.register_profile("keysmith", database=None, deadline=None)
settings.load_profile("keysmith")

CLUSTER = ("monitor", "manage", "MONITOR", "manage_ilm", "read_ilm", "cluster:monitor/main", "all", "none")
INDEX = ("read", "write", "Create_Doc", "view_index_metadata", "auto_configure", "indices:data/read/get")
REMOTE_CLUSTER = ("monitor_enrich", "monitor_stats")
APPLICATION = ("all", "read", "feature_discover.all", "action:saved/*", "re*")

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_.*"
# Beside letters what is hard to carry: quotes, spaces, escapes, other alphabets, characters outside the BMP.
TRICKY = LETTERS + "ABC :;\"'\\/$%&{}[]<>\t\n\u00e4\u20ac\u65e5\U0001f600"

names = st.text(LETTERS, min_size=1, max_size=8)
tricky = st.text(TRICKY, max_size=8)
# A comma and "::" have a meaning in an index name, and slashes around it make it a regular expression.
index_names = st.one_of(
    names,
    st.text(TRICKY.replace(":", "").replace("/", ""), min_size=1, max_size=8),
    st.sampled_from(("/logs-[0-9]+/", "/a.*b/", "", "remote:logs")),
)
role_names = st.text("abcXYZ019 -_.,!$", min_size=1, max_size=12).filter(
    lambda name: name == name.strip() and name not in _FIELD_NAMES
)
numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), numbers, tricky, st.sampled_from(("1", "true", "null", ""))
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tricky, inner, max_size=3), max_leaves=8
)
json_objects = st.dictionaries(tricky, json_values, max_size=4)

_FIELD_NAMES = (
    "cluster",
    "index",
    "indices",
    "application",
    "applications",
    "run_as",
    "metadata",
    "global",
    "restriction",
)


def _some(
    values: st.SearchStrategy[str] | tuple[str, ...], least: int = 1, *, unique: bool = False
) -> st.SearchStrategy[list[str]]:
    if isinstance(values, tuple):
        values = st.sampled_from(values)
    # Most lists may hold a value twice, and the server keeps it twice; index privileges may not.
    return st.lists(values, min_size=least, max_size=4, unique_by=str.lower if unique else None)


def _mapping(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


field_security = _mapping({"grant": _some(names, 0)}, {"except": st.just([])}) | st.builds(
    # Exceptions must lie within what is granted.
    lambda grant, exceptions: {"grant": [*grant, "*"], "except": exceptions},
    _some(names),
    _some(names, 0),
)
queries = st.one_of(json_objects, json_objects.map(json.dumps), tricky)
index_entries = _mapping(
    {"names": _some(index_names), "privileges": _some(INDEX, unique=True)},
    {"query": queries, "field_security": field_security, "allow_restricted_indices": st.booleans()},
)
remote_entries = st.builds(lambda entry, clusters: {**entry, "clusters": clusters}, index_entries, _some(names))
application_entries = _mapping(
    {
        "application": st.sampled_from(("myapp", "kibana-.kibana", "other-*", "*")),
        "privileges": _some(APPLICATION),
        "resources": _some(tricky),
    },
    {},
)
global_privileges = _mapping(
    {},
    {
        "application": st.just({})
        | _some(names, 0).map(lambda applications: {"manage": {"applications": applications}}),
        "profile": st.just({}) | _some(names, 0).map(lambda applications: {"write": {"applications": applications}}),
        "role": st.just({}),
    },
)
metadata_names = tricky.filter(lambda name: not name.startswith("_") and name != "keysmith")
metadata = st.dictionaries(metadata_names, json_values, max_size=5)
roles = _mapping(
    {},
    {
        "cluster": _some(CLUSTER, 0),
        "indices": st.lists(index_entries, max_size=3),
        "applications": st.lists(application_entries, max_size=2),
        "run_as": _some(names, 0),
        "metadata": metadata,
        "remote_indices": st.lists(remote_entries, max_size=2),
        "remote_cluster": st.lists(
            _mapping({"privileges": _some(REMOTE_CLUSTER), "clusters": _some(names)}, {}), max_size=2
        ),
        "global": global_privileges,
    },
)
restricted_role = st.builds(lambda role: {**role, "restriction": {"workflows": ["search_application_query"]}}, roles)
role_descriptors = st.dictionaries(role_names, roles, max_size=3) | st.dictionaries(
    role_names, restricted_role, min_size=1, max_size=1
)
access = _mapping(
    {}, {"search": st.lists(index_entries, max_size=3), "replication": st.lists(index_entries, max_size=2)}
)


@st.composite
def respelled(draw: st.DrawFn, descriptors: dict[str, Any]) -> dict[str, Any]:
    """Other role descriptors that mean the same: another order, another alias, defaults said, strings instead of lists."""
    names_in_order = draw(st.permutations(list(descriptors)))
    return {name: _respelled_role(draw, descriptors[name]) for name in names_in_order}


def _respelled_role(draw: st.DrawFn, role: dict[str, Any]) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for name in draw(st.permutations(list(role))):
        value = copy.deepcopy(role[name])
        if name in ("indices", "applications", "remote_indices", "remote_cluster"):
            value = [_respelled_entry(draw, entry, name) for entry in draw(st.permutations(value))]
        elif name in ("cluster", "run_as"):
            value = _respelled_set(draw, value)
        elif name == "metadata":
            value = dict(draw(st.permutations(list(value.items()))))
        if name in ("indices", "applications") and draw(st.booleans()):
            name = {"indices": "index", "applications": "application"}[name]
        new[name] = value
    for name, default in (
        ("cluster", []),
        ("run_as", []),
        ("metadata", {}),
        ("transient_metadata", {"enabled": True}),
        ("global", {}),
    ):
        if name not in new and draw(st.booleans()):
            new[name] = default
    return new


def _respelled_entry(draw: st.DrawFn, entry: dict[str, Any], kind: str) -> dict[str, Any]:
    new = {name: entry[name] for name in draw(st.permutations(list(entry)))}
    for name in ("names", "clusters", "resources"):
        if name in new:
            new[name] = _respelled_set(draw, new[name])
    if kind in ("indices", "remote_indices"):
        new["privileges"] = draw(st.permutations(new["privileges"]))
        if len(new["names"]) == 1 and draw(st.booleans()):
            new["names"] = new["names"][0]
        if isinstance(new.get("query"), dict) and draw(st.booleans()):
            new["query"] = json.dumps(new["query"], indent=draw(st.sampled_from((None, 2))))
        if "query" not in new and draw(st.booleans()):
            new["query"] = draw(st.sampled_from((None, "")))
        new.setdefault("allow_restricted_indices", False)
    return new


def _respelled_set(draw: st.DrawFn, values: list[str]) -> list[str]:
    more = draw(st.lists(st.sampled_from(values), max_size=2)) if values else []
    return draw(st.permutations([*values, *more]))


@dataclass(frozen=True)
class Mutation:
    """A value that differs from another in one place; ``spelling`` where only a scalar's spelling differs."""

    path: str
    value: Any
    spelling: bool = False


def mutations_of_descriptors(descriptors: dict[str, Any]) -> list[Mutation]:
    """Every mutation that the role descriptors offer; there is at least one."""
    field = "role_descriptors"
    found = [Mutation(part(field, "mutant"), {**descriptors, "mutant": {"cluster": ["monitor"]}})]
    for name, role in descriptors.items():
        path = part(field, name)
        found.append(Mutation(path, {other: role for other, role in descriptors.items() if other != name}))
        found += [_within(descriptors, name, mutation) for mutation in _mutations_of_role(role, path)]
    if any("restriction" in role for role in descriptors.values()):
        # Beside a role with a restriction there cannot be another one.
        found = found[1:]
    return found


def mutations_of_metadata(value: dict[str, Any], field: str = "metadata") -> list[Mutation]:
    """Every mutation that the metadata offer; there is at least one."""
    found = [Mutation(part(field, "mutant"), {**value, "mutant": 1})]
    for name, item in value.items():
        found.append(Mutation(part(field, name), {other: item for other, item in value.items() if other != name}))
        found += [_within(value, name, mutation) for mutation in _mutations_of_json(item, part(field, name))]
    return found


def part(path: str, name: str) -> str:
    """The path of a name below a path: quoted where it would be hard to read."""
    return f"{path}.{name}" if name and not re.search(r"[\s.\[\]'\"]", name) else f"{path}[{name!r}]"


def _within(parent: dict[str, Any], name: str, mutation: Mutation) -> Mutation:
    return Mutation(mutation.path, {**parent, name: mutation.value}, mutation.spelling)


def _within_list(parent: list[Any], index: int, mutation: Mutation) -> Mutation:
    return Mutation(mutation.path, [*parent[:index], mutation.value, *parent[index + 1 :]], mutation.spelling)


def _mutations_of_role(role: dict[str, Any], path: str) -> Iterator[Mutation]:
    for name in ("cluster", "run_as"):
        change = "manage_security" if name == "cluster" else "mutant"
        yield Mutation(part(path, name), {**role, name: [*role.get(name, []), change]})
        if role.get(name):
            yield Mutation(part(path, name), {**role, name: []})
    for mutation in mutations_of_metadata(role.get("metadata", {}), part(path, "metadata")):
        if role.get("metadata"):
            whole = len(mutation.value) == 0
            yield Mutation(
                part(path, "metadata") if whole else mutation.path,
                {**role, "metadata": mutation.value},
                mutation.spelling,
            )
    for name in ("indices", "remote_indices"):
        for index, entry in enumerate(role.get(name, [])):
            for mutation in _mutations_of_entry(entry, f"{part(path, name)}[{index}]"):
                yield _within(role, name, _within_list(role[name], index, mutation))
        if role.get(name):
            added = {
                "names": ["mutant"],
                "privileges": ["read"],
                **({"clusters": ["c"]} if name == "remote_indices" else {}),
            }
            yield Mutation(f"{part(path, name)}[{len(role[name])}]", {**role, name: [*role[name], added]})
    if len(role.get("indices", [])) > 1:
        yield Mutation(f"{part(path, 'indices')}[{len(role['indices']) - 1}]", {**role, "indices": role["indices"][1:]})


def _mutations_of_entry(entry: dict[str, Any], path: str) -> Iterator[Mutation]:
    yield Mutation(f"{path}.names", {**entry, "names": [*entry["names"], "mutant"]})
    yield Mutation(f"{path}.privileges", {**entry, "privileges": [*entry["privileges"], "delete"]})
    yield Mutation(f"{path}.query", {**entry, "query": {"term": {"mutant": True}}})
    restricted = not entry.get("allow_restricted_indices", False)
    yield Mutation(f"{path}.allow_restricted_indices", {**entry, "allow_restricted_indices": restricted})
    if "field_security" in entry:
        rule = entry["field_security"]
        yield Mutation(
            f"{path}.field_security.grant", {**entry, "field_security": {**rule, "grant": [*rule["grant"], "mutant"]}}
        )
    if "clusters" in entry:
        yield Mutation(f"{path}.clusters", {**entry, "clusters": [*entry["clusters"], "mutant"]})


def _mutations_of_json(value: Any, path: str) -> Iterator[Mutation]:
    if isinstance(value, dict):
        yield Mutation(part(path, "mutant"), {**value, "mutant": [1]})
        for name, item in value.items():
            yield from (_within(value, name, mutation) for mutation in _mutations_of_json(item, part(path, name)))
    elif isinstance(value, list):
        yield Mutation(path, [*value, "mutant"])
        for index, item in enumerate(value):
            yield from (
                _within_list(value, index, mutation) for mutation in _mutations_of_json(item, f"{path}[{index}]")
            )
    elif isinstance(value, bool):
        yield Mutation(path, int(value))
        yield Mutation(path, str(value).lower(), spelling=True)
    elif isinstance(value, int):
        yield Mutation(path, str(value), spelling=True)
        yield Mutation(path, value + 1)
        if abs(value) < 2**53:
            yield Mutation(path, float(value))
    elif value is None:
        yield Mutation(path, "", spelling=True)
        yield Mutation(path, False)
    elif isinstance(value, str):
        yield Mutation(path, value + "x")


Mutator = Callable[[dict[str, Any]], list[Mutation]]


@st.composite
def mutated(
    draw: st.DrawFn, base: st.SearchStrategy[dict[str, Any]], mutations: Mutator
) -> tuple[dict[str, Any], Mutation]:
    """A value, and one mutation of it."""
    value = draw(base)
    return value, draw(st.sampled_from(mutations(value)))
