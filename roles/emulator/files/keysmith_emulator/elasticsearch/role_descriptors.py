# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role descriptors: read strictly, normalised as the server gives them back, and checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from keysmith_emulator.elasticsearch import privileges
from keysmith_emulator.elasticsearch.body import Body, canonical, token
from keysmith_emulator.elasticsearch.errors import Refusal, content_error, illegal_argument, parse_error
from keysmith_emulator.elasticsearch.versions import Version

Descriptor = dict[str, Any]
_WORKFLOWS = ("search_application_query",)
_ROLE_NAME = re.compile(r"[ -~]{1,1024}")
_ROLE_NAME_RULE = (
    "Role names must be at least 1 and no more than 1024 characters. They can contain alphanumeric characters "
    "(a-z, A-Z, 0-9), spaces, punctuation, and printable symbols in the Basic Latin (ASCII) block. Leading or trailing "
    "whitespace is not allowed."
)


@dataclass(frozen=True)
class Dialect:
    """What a descriptor may contain here."""

    version: Version
    serverless: bool = False
    description: bool = False
    """Roles may have a description, API keys may not."""


def read_role_descriptors(value: Any, body: Body, dialect: Dialect) -> dict[str, Descriptor]:
    """The ``role_descriptors`` of an API key."""
    if isinstance(value, list):
        raise illegal_argument("[role_descriptors] doesn't support arrays. Use a single object with multiple fields.")
    roles: dict[str, Descriptor] = {}
    for name, given in value.items():
        try:
            check_role_name(name)
            roles[name] = read_role(name, given, dialect)
        except Refusal as refusal:
            reason = f"{body.place(name)} [role_descriptors] failed to parse field [{name}]"
            raise content_error(reason, refusal) from None
    return roles


def check_role_name(name: str) -> None:
    """The rule for names of roles."""
    if not _ROLE_NAME.fullmatch(name) or name != name.strip():
        raise Refusal(400, "validation_exception", f"Validation Failed: 1: {_ROLE_NAME_RULE};")


def read_role(name: str, given: Any, dialect: Dialect) -> Descriptor:
    """One descriptor with every default filled in, in the order in which the server writes it."""
    if not isinstance(given, dict):
        raise parse_error(f"failed to parse role [{name}]. expected an object but found [{token(given)}] instead")
    reader = _RoleReader(name, dialect)
    fields = {_ALIASES.get(field, field): reader.read(field, value) for field, value in given.items()}
    role: Descriptor = {"cluster": fields.get("cluster", [])}
    if fields.get("global"):
        role["global"] = fields["global"]
    role.update(
        indices=fields.get("indices", []),
        applications=fields.get("applications", []),
        run_as=fields.get("run_as", []),
        metadata=fields.get("metadata", {}),
        transient_metadata={"enabled": True},
    )
    for optional in ("remote_indices", "remote_cluster", "restriction", "description"):
        if fields.get(optional):
            role[optional] = fields[optional]
    return role


_ALIASES = {"index": "indices", "application": "applications"}
_NOT_SERVERLESS = ("global", "remote_indices", "remote_cluster")
_FIELD_SINCE = {"remote_indices": "remote_indices", "remote_cluster": "remote_cluster", "restriction": "restriction"}


class _RoleReader:
    """Reads the fields of one role; the role's name stands in every complaint."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        self._name = name
        self._dialect = dialect

    def read(self, field: str, value: Any) -> Any:
        name = _ALIASES.get(field, field)
        since = _FIELD_SINCE.get(name)
        known = since is None or self._dialect.version.has(since)
        readers = {
            "cluster": self._string_list,
            "run_as": self._string_list,
            "indices": self._indices,
            "applications": self._applications,
            "remote_indices": self._remote_indices,
            "remote_cluster": self._remote_cluster,
            "global": self._global,
            "metadata": self._object,
            "transient_metadata": self._object,
            "restriction": self._restriction,
        }
        if self._dialect.description:
            readers["description"] = self._text
        if name not in readers or not known:
            raise parse_error(f"failed to parse role [{self._name}]. unexpected field [{field}]")
        self._check_serverless(name, value)
        return readers[name](name, value)

    def _check_serverless(self, field: str, value: Any) -> None:
        if self._dialect.serverless and (field in _NOT_SERVERLESS or (field == "run_as" and value)):
            raise parse_error(
                f"failed to parse role [{self._name}]. field [{field}] is not supported when running in serverless mode"
            )

    def _indices_complaint(self, complaint: str, what: str = "indices privileges") -> Refusal:
        return parse_error(f"failed to parse {what} for role [{self._name}]. {complaint}")

    def _string_list(self, field: str, value: Any) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list):
            reason = (
                f"could not parse [{field}] field. expected a string array but found [{token(value)}] value instead"
            )
            raise parse_error(f"failed to parse role [{self._name}]", parse_error(reason))
        for item in value:
            if not isinstance(item, str):
                reason = f"could not parse [{field}] field. expected a string value but found [{token(item)}] instead"
                raise parse_error(f"failed to parse role [{self._name}]", parse_error(reason))
        return list(value)

    def _object(self, field: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise parse_error(f"expected field [{field}] to be of type object, but found [{token(value)}] instead")
        return value

    def _text(self, field: str, value: Any) -> str:
        if not isinstance(value, str):
            raise parse_error(f"failed to parse role [{self._name}]. unexpected value of [{field}]")
        return value

    def _entries(self, field: str, value: Any, what: str = "indices privileges") -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise self._indices_complaint(
                f"expected field [{field}] value to be an array, but found [{token(value)}] instead", what
            )
        for entry in value:
            if not isinstance(entry, dict):
                raise self._indices_complaint(
                    f"expected field [{field}] value to be an array of objects, but found an array element of type "
                    f"[{token(entry)}]",
                    what,
                )
        return value

    def _indices(self, field: str, value: Any) -> list[Descriptor]:
        return [self.index_entry(entry) for entry in self._entries(field, value)]

    def _remote_indices(self, field: str, value: Any) -> list[Descriptor]:
        return [self.index_entry(entry, remote=True) for entry in self._entries(field, value)]

    def index_entry(self, entry: dict[str, Any], remote: bool = False, privileged: bool = True) -> Descriptor:
        """One entry of ``indices``; of a cross-cluster key's access when it is not ``privileged``."""
        known = {"names", "privileges", "field_security", "query", "allow_restricted_indices"}
        for field in entry:
            if field not in known | ({"clusters"} if remote else set()):
                raise self._indices_complaint(f"unexpected field [{field}]")
        if not privileged and "privileges" in entry:
            raise self._indices_complaint("field [privileges] must not present")
        if self._dialect.serverless and "allow_restricted_indices" in entry:
            raise self._indices_complaint(
                "field [allow_restricted_indices] is not supported when running in serverless mode"
            )
        read: Descriptor = {"names": self._names(entry)}
        if privileged:
            read["privileges"] = self._privileges(entry)
        if "field_security" in entry:
            read["field_security"] = self._field_security(entry["field_security"])
        query = self._query(entry.get("query"))
        if query:
            read["query"] = query
        read["allow_restricted_indices"] = self._flag(entry.get("allow_restricted_indices", False))
        if remote:
            read["clusters"] = self._clusters(entry, "remote indices")
        return read

    def _names(self, entry: dict[str, Any]) -> list[str]:
        if "names" not in entry:
            raise self._indices_complaint("missing required [names] field")
        names = entry["names"]
        if isinstance(names, str):
            return [names]
        read = self._string_list("names", names)
        if not read:
            raise self._indices_complaint("[names] cannot be an empty array")
        return read

    def _privileges(self, entry: dict[str, Any]) -> list[str]:
        if "privileges" not in entry:
            raise self._indices_complaint("missing required [privileges] field")
        read = self._string_list("privileges", entry["privileges"])
        if not read:
            raise illegal_argument("indices privileges must define at least one privilege")
        return read

    def _clusters(self, entry: dict[str, Any], what: str) -> list[str]:
        if "clusters" not in entry:
            raise self._indices_complaint("missing required [clusters] field", what)
        read = self._string_list("clusters", entry["clusters"])
        if not read:
            raise self._indices_complaint("[clusters] cannot be an empty array", what)
        return read

    def _field_security(self, value: Any) -> dict[str, list[str]]:
        if not isinstance(value, dict):
            raise self._indices_complaint(f'expected START_OBJECT but got {token(value)} in "field_security".')
        if not value:
            raise self._indices_complaint('"field_security" must not be empty.')
        for field in value:
            if field not in ("grant", "except"):
                raise self._indices_complaint(
                    f'"field_security" only accepts options grant and except, but got {field}'
                )
        if "grant" not in value:
            raise self._indices_complaint("field_security requires grant if except is given")
        return {field: self._string_list(field, value[field]) for field in ("grant", "except") if field in value}

    def _query(self, value: Any) -> str | None:
        if isinstance(value, (dict, list)):
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if value is None or isinstance(value, str):
            return value
        raise self._indices_complaint(
            f"expected field [query] value to be null, a string, an array, or an object, but found [{token(value)}] instead"
        )

    def _flag(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._indices_complaint(
                f"expected field [allow_restricted_indices] value to be a boolean, but found [{token(value)}] instead"
            )
        return value

    def _applications(self, field: str, value: Any) -> list[Descriptor]:
        what = "application privileges"
        read = []
        for entry in self._entries(field, value, what):
            for required in ("application", "privileges", "resources"):
                if required not in entry:
                    raise self._indices_complaint(f"missing required [{required}] field", what)
            for known in entry:
                if known not in ("application", "privileges", "resources"):
                    raise self._indices_complaint(f"unexpected field [{known}]", what)
            if not isinstance(entry["application"], str):
                raise self._indices_complaint("expected field [application] value to be a string", what)
            lists = {
                name: self._string_list(name, entry[name] if isinstance(entry[name], list) else [entry[name]])
                for name in ("privileges", "resources")
            }
            read.append({"application": entry["application"], **lists})
        return read

    def _remote_cluster(self, field: str, value: Any) -> list[Descriptor]:
        allowed = ["monitor_enrich"] + (["monitor_stats"] if self._dialect.version.has("monitor_stats") else [])
        read = []
        for entry in self._entries(field, value, field):
            held = self._string_list("privileges", entry.get("privileges", []))
            for privilege in held:
                if privilege not in allowed:
                    raise self._indices_complaint(
                        f"[{', '.join(allowed)}] are the only values allowed for [privileges] within [remote_cluster]. "
                        f"Found [{privilege}]",
                        field,
                    )
            read.append({"privileges": held, "clusters": self._clusters(entry, field)})
        return read

    def _global(self, field: str, value: Any) -> Descriptor:
        given = self._object(field, value)
        known: Descriptor = {"application": {}, "profile": {}, "role": {}}
        if self._dialect.version.has("data_source"):
            known["data_source"] = []
        for category in given:
            if category not in known:
                raise parse_error(f"failed to parse global privileges. unexpected category [{category}]")
        return {**known, **given} if given else {}

    def _restriction(self, field: str, value: Any) -> Descriptor:
        given = self._object(field, value)
        for name in given:
            if name != "workflows":
                raise parse_error(f"failed to parse restriction for role [{self._name}]. unexpected field [{name}]")
        workflows = self._string_list("workflows", given.get("workflows", []))
        return {"workflows": workflows} if workflows else {}


def read_access_entry(entry: Any, dialect: Dialect) -> Descriptor:
    """One entry of a cross-cluster key's access."""
    reader = _RoleReader("cross_cluster", dialect)
    if not isinstance(entry, dict):
        raise parse_error(
            f"failed to parse indices privileges for role [cross_cluster]. expected field [indices] value to be an array "
            f"of objects, but found an array element of type [{token(entry)}]"
        )
    return reader.index_entry(entry, privileged=False)


def problems_of(roles: dict[str, Descriptor], dialect: Dialect) -> list[str]:
    """Everything that the server's validation finds in descriptors that could be read."""
    problems: list[str] = []
    for role in roles.values():
        problems += _cluster_problems(role, dialect)
        for entry in role["indices"] + role.get("remote_indices", []):
            problems += _index_problems(entry, dialect)
        problems += _application_problems(role)
        if any(key.startswith("_") for key in role["metadata"]):
            problems.append("role descriptor metadata keys may not start with [_]")
        for workflow in role.get("restriction", {}).get("workflows", []):
            if workflow not in _WORKFLOWS:
                names = ",".join(_WORKFLOWS)
                problems.append(
                    f"Unknown workflow [{workflow}]. A workflow must be one of the predefined workflow names [{names}]."
                )
    return problems


def _cluster_problems(role: Descriptor, dialect: Dialect) -> list[str]:
    problems = []
    for name in role["cluster"]:
        problem = cluster_privilege_problem(name, dialect)
        if problem:
            problems.append(problem)
    return problems


def cluster_privilege_problem(name: str, dialect: Dialect) -> str | None:
    """Why a cluster privilege is refused."""
    known = privileges.cluster_names(dialect.version)
    if dialect.serverless and name.lower() in known and name.lower() not in privileges.SERVERLESS_CLUSTER:
        return f"cluster privilege [{name}] exists but is not supported when running in serverless mode"
    if name.lower() in known or privileges.is_cluster_action(name):
        return None
    if not dialect.version.has("privilege_names_checked"):
        return None
    return (
        f"unknown cluster privilege [{name.lower()}]. a privilege must be either one of the predefined cluster privilege "
        f"names [{','.join(known)}] or a pattern over one of the available cluster actions"
    )


def index_privilege_problem(name: str, dialect: Dialect) -> str | None:
    """Why an index privilege is refused."""
    known = privileges.index_names(dialect.version)
    if dialect.serverless and name.lower() in known and name.lower() not in privileges.SERVERLESS_INDEX:
        return f"index privilege [{name}] exists but is not supported when running in serverless mode"
    if name.lower() in known or privileges.is_index_action(name):
        return None
    if not dialect.version.has("privilege_names_checked"):
        return None
    return (
        f"unknown index privilege [{name.lower()}]. a privilege must be either one of the predefined fixed indices "
        f"privileges [{','.join(known)}] or a pattern over one of the available index actions"
    )


def _index_problems(entry: Descriptor, dialect: Dialect) -> list[str]:
    problems = []
    seen: set[str] = set()
    for name in entry["privileges"]:
        if name in seen:
            return [f"duplicate element: {name}"]
        seen.add(name)
        problem = index_privilege_problem(name, dialect)
        if problem:
            problems.append(problem)
    return problems + index_name_problems(entry["names"])


def index_name_problems(names: list[str]) -> list[str]:
    """Why names of indices are refused."""
    problems = []
    for name in names:
        if "," in name:
            problems.append(f"commas [,] are not allowed in the index name expression [{name}]")
        if "::" in name:
            problems.append(f"selectors [::] are not allowed in the index name expression [{name}]")
    return problems


def _application_problems(role: Descriptor) -> list[str]:
    problems = []
    for entry in role["applications"]:
        prefix = entry["application"].split("-", 1)[0].rstrip("*")
        if entry["application"] != "*" and not re.fullmatch(r"[a-z][A-Za-z0-9]*", prefix):
            problems.append(
                f"An application name prefix must match the pattern ^[a-z][A-Za-z0-9]*$ (found '{entry['application']}')"
            )
    return problems


def check_restrictions(roles: dict[str, Descriptor]) -> None:
    """A restriction stands alone or not at all."""
    restricted = [role for role in roles.values() if role.get("restriction")]
    if restricted and len(roles) > 1:
        raise illegal_argument("combining role descriptors with and without restriction is not supported")


def is_empty(role: Descriptor) -> bool:
    """Whether a descriptor gives nothing at all, as a derived key's must."""
    return not any(value for field, value in role.items() if field != "transient_metadata")


def same(one: dict[str, Descriptor], other: dict[str, Descriptor]) -> bool:
    """The server's equality: the order of roles is free, unless one of them has a ``remote_cluster``."""
    if any("remote_cluster" in role for role in one.values()) and list(one) != list(other):
        return False
    return canonical(one) == canonical(other)


def snapshot(roles: dict[str, Descriptor]) -> dict[str, Descriptor]:
    """What a key keeps of its owner's roles."""
    kept = {}
    for name, role in roles.items():
        kept[name] = {field: value for field, value in role.items() if field != "description"}
        kept[name]["transient_metadata"] = {"enabled": True}
    return kept


def for_roles(dialect: Dialect) -> Dialect:
    """The dialect of ``_security/role``."""
    return replace(dialect, description=True)
