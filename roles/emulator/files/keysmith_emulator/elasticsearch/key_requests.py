# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of the requests that create and update keys, read and checked."""

from __future__ import annotations

import re
from typing import Any

from keysmith_emulator.elasticsearch.body import Body, ObjectParser, canonical, read_strings
from keysmith_emulator.elasticsearch.errors import Refusal, illegal_argument, validation_failed
from keysmith_emulator.elasticsearch.role_descriptors import (
    Descriptor,
    Dialect,
    check_restrictions,
    index_name_problems,
    problems_of,
    read_access_entry,
    read_role_descriptors,
)
from keysmith_emulator.elasticsearch.times import duration_ms

_LONGEST_TERM_BYTES = 32_766
_DEEPEST_METADATA = 20


def name_problems(name: str) -> list[str]:
    """Why a key may not have this name."""
    if not name:
        return ["api key name is required"]
    problems = []
    if len(name) > 256:
        problems.append("api key name may not be more than 256 characters long")
    if name != name.strip():
        problems.append("api key name may not begin or end with whitespace")
    elif name.startswith("_"):
        problems.append("api key name may not begin with an underscore")
    return problems


def metadata_problems(metadata: dict[str, Any] | None) -> list[str]:
    """Why a key may not have this metadata."""
    if any(key.startswith("_") for key in metadata or {}):
        return ["API key metadata keys may not start with [_]"]
    return []


def check_metadata_fits(metadata: dict[str, Any] | None, key_id: str) -> None:
    """The limits of the index below: found only when the document is written."""
    cause = _too_long(metadata) or _too_deep(metadata, 0)
    if cause is None:
        return
    reason = (
        "[1:1] failed to parse field [metadata_flattened] of type [flattened] in document with id "
        f"'{key_id}'. Preview of field's value: '{canonical(metadata)[:60]}'"
    )
    raise Refusal(400, "document_parsing_exception", reason, illegal_argument(cause))


def _too_long(value: Any) -> str | None:
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return next((found for found in map(_too_long, inner) if found), None)
    if isinstance(value, str) and len(value.encode()) > _LONGEST_TERM_BYTES:
        return (
            "Flattened field [metadata_flattened] contains one immense field whose keyed encoding is longer than the "
            f"allowed max length of {_LONGEST_TERM_BYTES} bytes."
        )
    return None


def _too_deep(value: Any, depth: int) -> str | None:
    if not isinstance(value, (dict, list)):
        return None
    depth += isinstance(value, dict)
    if depth > _DEEPEST_METADATA:
        return (
            "The provided [flattened] field [metadata_flattened] exceeds the maximum depth limit of "
            f"[{_DEEPEST_METADATA}]."
        )
    inner = value.values() if isinstance(value, dict) else value
    return next((found for found in (_too_deep(item, depth) for item in inner) if found), None)


class KeyRequestReader:
    """Reads the bodies for one emulated server."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._version = dialect.version

    def create(self, body: Body, value: Any = None, inside: bool = False) -> dict[str, Any]:
        """The body of a create; with ``inside`` the ``api_key`` object of a grant."""
        parser = self._rest_parser("api_key_request", body, {"name": ("string", None), "expiration": ("string", None)})
        fields = parser.parse(body, value, inside)
        if "name" not in fields and not inside:
            raise illegal_argument("Required [name]")
        self._read_expiration(parser, fields)
        return fields

    def update(self, body: Body) -> dict[str, Any]:
        """The body of an update of one key."""
        parser = self._rest_parser("update_api_key_request_payload", body, self._expiration_field())
        fields = parser.parse(body)
        self._read_expiration(parser, fields)
        self._check_update(fields)
        return fields

    def bulk_update(self, body: Body) -> dict[str, Any]:
        """The body of an update of many."""
        more: dict[str, Any] = {"ids": ("strings", read_strings), **self._expiration_field()}
        if self._version.has("certificate_identity"):
            more["certificate_identity"] = ("nullable string", None)
        parser = self._rest_parser("bulk_update_api_key_request", body, more, required=("ids",))
        fields = parser.parse(body)
        self._read_expiration(parser, fields)
        self._check_update(fields, [] if fields["ids"] else ["Field [ids] cannot be empty"])
        return fields

    def clone(self, body: Body) -> dict[str, Any]:
        """The body of a clone."""
        parser = ObjectParser(
            "clone_api_key_request",
            {
                "api_key": ("string", None),
                "name": ("string", None),
                "expiration": ("nullable string", None),
                "metadata": ("object", None),
            },
        )
        fields = parser.parse(body)
        self._read_expiration(parser, fields)
        problems = [] if fields.get("api_key") else ["api key credential is required"]
        raise_problems(problems + name_problems(fields.get("name", "")) + metadata_problems(fields.get("metadata")))
        return fields

    def cross_cluster_create(self, body: Body) -> dict[str, Any]:
        """The body of a create of a cross-cluster key."""
        fields = self._cross_cluster(
            "cross_cluster_api_key_request", body, {"name": ("string", None)}, ("name", "access"), "string"
        )
        raise_problems(name_problems(fields["name"]) + self._cross_cluster_problems(fields))
        return fields

    def cross_cluster_update(self, body: Body) -> dict[str, Any]:
        """The body of an update of a cross-cluster key."""
        name = "update_cross_cluster_api_key_request_payload"
        fields = self._cross_cluster(name, body, {}, (), "nullable string")
        problems = [] if {"access", "metadata", "certificate_identity"} & set(fields) else [self._must_update()]
        raise_problems(problems + self._expiration_problems(fields) + self._cross_cluster_problems(fields))
        return fields

    def _must_update(self) -> str:
        if self._version.has("certificate_identity"):
            return "must update [access], [metadata], or [certificate_identity] for cross-cluster API keys"
        return "must update either [access] or [metadata] for cross-cluster API keys"

    def _rest_parser(self, name: str, body: Body, more: dict[str, Any], required: tuple[str, ...] = ()) -> ObjectParser:
        fields: dict[str, Any] = {
            "role_descriptors": ("object or array", lambda value: read_role_descriptors(value, body, self.dialect)),
            **more,
        }
        if self._version.has("metadata"):
            fields["metadata"] = ("object", None)
        return ObjectParser(name, fields, required)

    def _expiration_field(self) -> dict[str, Any]:
        return {"expiration": ("string", None)} if self._version.has("update_expiration") else {}

    def _read_expiration(self, parser: ObjectParser, fields: dict[str, Any]) -> None:
        if fields.get("expiration") is None:
            return
        try:
            fields["expiration"] = duration_ms(fields["expiration"])
        except Refusal as refusal:
            raise parser.build_failed(refusal) from None

    def _expiration_problems(self, fields: dict[str, Any]) -> list[str]:
        if fields.get("expiration", 1) <= 0:
            return ["API key expiration must be in the future"]
        return []

    def _check_update(self, fields: dict[str, Any], problems: list[str] | None = None) -> None:
        roles: dict[str, Descriptor] = fields.get("role_descriptors", {})
        found = (problems or []) + self._expiration_problems(fields) + metadata_problems(fields.get("metadata"))
        raise_problems(found + problems_of(roles, self.dialect))
        check_restrictions(roles)

    def check_create(self, fields: dict[str, Any], problems: list[str] | None = None) -> None:
        """What a create must fulfil beyond its form."""
        roles: dict[str, Descriptor] = fields.get("role_descriptors", {})
        found = (problems or []) + name_problems(fields.get("name", "")) + metadata_problems(fields.get("metadata"))
        raise_problems(found + problems_of(roles, self.dialect))
        check_restrictions(roles)

    def _cross_cluster(
        self, name: str, body: Body, more: dict[str, Any], required: tuple[str, ...], identity_kind: str
    ) -> dict[str, Any]:
        spec: dict[str, Any] = {
            **more,
            "access": ("object", lambda value: self._read_access(name, body, value)),
            "metadata": ("object", None),
        }
        spec.update({"expiration": ("string", None)} if "name" in more else self._expiration_field())
        if self._version.has("certificate_identity"):
            spec["certificate_identity"] = (identity_kind, _read_identity)
        parser = ObjectParser(name, spec, required)
        fields = parser.parse(body)
        self._read_expiration(parser, fields)
        if "access" in fields:
            try:
                self._check_access(fields["access"])
            except Refusal as refusal:
                raise parser.build_failed(refusal) from None
        return fields

    def _read_access(self, name: str, body: Body, value: dict[str, Any]) -> dict[str, Any]:
        def entries(given: list[Any]) -> list[Descriptor]:
            return [read_access_entry(entry, self.dialect) for entry in given]

        parser = ObjectParser(f"{name}_access", {"search": ("array", entries), "replication": ("array", entries)})
        access = parser.parse(body, value, inside=True)
        return {part: access[part] for part in ("search", "replication") if access.get(part)}

    def _check_access(self, access: dict[str, Any]) -> None:
        if not access:
            raise illegal_argument("must specify non-empty access for either [search] or [replication]")
        if any(_narrows_documents(entry) for entry in access.get("replication", [])):
            raise illegal_argument("replication does not support document or field level security")
        if (
            self._version.has("replication_without_dls")
            and "replication" in access
            and any(_narrows_documents(entry) for entry in access.get("search", []))
        ):
            raise illegal_argument(
                "search does not support document or field level security if replication is assigned"
            )

    def _cross_cluster_problems(self, fields: dict[str, Any]) -> list[str]:
        problems = metadata_problems(fields.get("metadata"))
        for part in fields.get("access", {}).values():
            for entry in part:
                problems += index_name_problems(entry["names"])
        return problems


def raise_problems(problems: list[str]) -> None:
    """400 with everything that is wrong."""
    if problems:
        raise validation_failed(problems)


def _narrows_documents(entry: Descriptor) -> bool:
    security = entry.get("field_security", {})
    # A grant of everything without exception does not count as field level security.
    return "query" in entry or bool(security.get("except")) or security.get("grant", ["*"]) != ["*"]


def _read_identity(value: str | None) -> str | None:
    if value:
        try:
            re.compile(value)
        except re.error as error:
            cause = Refusal(400, "pattern_syntax_exception", f"{error.msg} near index {error.pos}\n{value}")
            reason = f"Invalid certificate_identity format: [{value}]. Must be a valid regex."
            raise Refusal(400, "illegal_argument_exception", reason, cause) from None
    return value


def cross_cluster_role(access: dict[str, Any], with_enrich: bool) -> dict[str, Descriptor]:
    """The role that the server derives from a cross-cluster key's access."""
    cluster: list[str] = []
    indices: list[Descriptor] = []
    if "search" in access:
        cluster += ["cross_cluster_search"] + (["monitor_enrich"] if with_enrich else [])
        indices += _privileged(access["search"], ["read", "read_cross_cluster", "view_index_metadata"])
    if "replication" in access:
        cluster.append("cross_cluster_replication")
        held = ["cross_cluster_replication", "cross_cluster_replication_internal"]
        indices += _privileged(access["replication"], held)
    return {
        "cross_cluster": {
            "cluster": cluster,
            "indices": indices,
            "applications": [],
            "run_as": [],
            "metadata": {},
            "transient_metadata": {"enabled": True},
        }
    }


def _privileged(entries: list[Descriptor], held: list[str]) -> list[Descriptor]:
    return [
        {"names": entry["names"], "privileges": list(held), **{k: v for k, v in entry.items() if k != "names"}}
        for entry in entries
    ]
