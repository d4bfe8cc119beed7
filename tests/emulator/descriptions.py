# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions of the Cloud APIs, and exchanges held against them: the emulator's own and, where they are at hand, Elastic's."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import yaml
from emulator_client import REPOSITORY, Client, Reply

BASE = "/api/v1"
OWN = REPOSITORY / "roles" / "emulator" / "files" / "openapi"
# Elastic's descriptions are not the project's to hand on, so they lie beside a checkout or are named.
CONTRACTS = Path(os.environ.get("KEYSMITH_CONTRACTS") or REPOSITORY.parent / "shared" / "contracts")


def load(path: Path) -> dict[str, Any]:
    """A description with every reference replaced by what it refers to."""
    documents: dict[Path, Any] = {}

    def document(file: Path) -> Any:
        if file not in documents:
            text = file.read_text()
            documents[file] = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        return documents[file]

    def inline(node: Any, file: Path) -> Any:
        if isinstance(node, list):
            return [inline(item, file) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            name, _hash, pointer = node["$ref"].partition("#")
            there = file.with_name(name) if name else file
            target = document(there)
            for step in pointer.strip("/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            return inline(target, there)
        return {key: inline(item, file) for key, item in node.items()}

    whole: dict[str, Any] = inline(document(path), path)
    return whole


@dataclass
class Operation:
    """What is described of one operation."""

    id: str
    request: dict[str, Any] | None
    answers: dict[int, tuple[dict[str, Any] | None, dict[str, Any]]]
    """By status: the schema of the body, and the headers."""


@dataclass
class Description:
    """The operations of one service, and which of their answers were seen."""

    name: str
    operations: dict[tuple[str, str], Operation]
    is_own: bool
    seen: set[tuple[str, int]] = field(default_factory=set)

    def documented(self) -> set[tuple[str, int]]:
        """Every operation with every status that is described."""
        return {(operation.id, status) for operation in self.operations.values() for status in operation.answers}

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a request; a literal path goes before one with a variable."""
        given = urlsplit(path).path.split("/")
        fitting = []
        for (known, template), operation in self.operations.items():
            expected = template.split("/")
            if known == method and len(expected) == len(given):
                variables = [part for part, value in zip(expected, given) if part != value]
                if all(part.startswith("{") for part in variables):
                    fitting.append((len(variables), operation))
        return min(fitting, key=lambda match: match[0])[1] if fitting else None

    def check(self, method: str, path: str, body: Any, reply: Reply) -> None:
        """Fails when an exchange is not as described."""
        operation = self.find(method, path)
        if operation is None:
            return
        where = f"{self.name}: {method} {path} {reply.status}"
        if reply.status < 400 and operation.request is not None:
            self._validate(body, operation.request, f"{where}, request")
        if reply.status not in operation.answers:
            assert reply.status >= 400 and not self.is_own, f"{where}: no such status is described"
            return
        self.seen.add((operation.id, reply.status))
        schema, headers = operation.answers[reply.status]
        assert reply.headers["content-type"] == "application/json", where
        if schema is not None:
            self._validate(reply.body, schema, where)
        for name, header in headers.items():
            value = reply.headers.get(name)
            assert value is not None or not header.get("required"), f"{where}: without the header {name}"
            assert value is None or value in header.get("enum", [value]), f"{where}: {name}: {value}"
        if reply.status >= 400:
            codes = {error["code"] for error in reply.body["errors"]}
            assert reply.headers["x-cloud-error-codes"] in codes, where

    def _validate(self, value: Any, schema: dict[str, Any], where: str) -> None:
        validator = jsonschema.Draft202012Validator if self.is_own else jsonschema.Draft4Validator
        problems = [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(value)]
        assert not problems, f"{where}: {problems}"


def own_description(service: str) -> Description:
    """The project's own, of `elastic_cloud` or `ece`."""
    operations = {}
    for path, item in load(OWN / f"{service}.yml")["paths"].items():
        for method in ("get", "post", "put", "delete"):
            if method in item:
                operations[method.upper(), BASE + path] = _own_operation(item[method])
    return Description(f"own {service}", operations, is_own=True)


def _own_operation(described: dict[str, Any]) -> Operation:
    def schema(content: dict[str, Any]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = content.get("content", {}).get("application/json", {}).get("schema")
        return found

    answers = {
        int(status): (schema(answer), answer.get("headers", {})) for status, answer in described["responses"].items()
    }
    return Operation(described["operationId"], schema(described.get("requestBody", {})), answers)


def elastics_description(service: str) -> Description | None:
    """Elastic's, where it is at hand."""
    path = CONTRACTS / {"elastic_cloud": "elastic-cloud-keys.json", "ece": "ece-keys.json"}[service]
    if not path.exists():
        return None
    operations = {}
    for template, item in load(path)["paths"].items():
        for method, described in item.items():
            bodies = [given["schema"] for given in described.get("parameters", []) if given["in"] == "body"]
            answers = {
                int(status): (
                    answer.get("schema"),
                    {name: {**header, "required": True} for name, header in answer.get("headers", {}).items()},
                )
                for status, answer in described["responses"].items()
            }
            operation = Operation(described["operationId"], bodies[0] if bodies else None, answers)
            operations[method.upper(), BASE + template] = operation
    return Description(f"Elastic's {service}", operations, is_own=False)


class CloudClient(Client):
    """A client of one of the Cloud APIs whose exchanges are held against every description of it."""

    def __init__(self, url: str, descriptions: list[Description], key: str | None = None) -> None:
        super().__init__(url)
        self._descriptions = descriptions
        self.key = key

    def ask(
        self, method: str, path: str, body: Any = None, key: str | None = None, described: bool = True, **more: Any
    ) -> Reply:
        """One request below the base path, with `key` or else the client's own; or with other `headers`."""
        login = None if "headers" in more or "user" in more else (key or self.key)
        reply = self.call(method, BASE + path, body, key=login, **{"user": None, **more})
        if described:
            for description in self._descriptions:
                description.check(method, BASE + path, body, reply)
        return reply

    def new_key(self, description: str = "k", key: str | None = None, **fields: Any) -> dict[str, Any]:
        """A key that was just made."""
        reply = self.ask("POST", "/users/auth/keys", {"description": description, **fields}, key=key)
        assert reply.status == 201, reply
        return dict(reply.body)

    def listed(self, key: str | None = None, path: str = "/users/auth/keys") -> list[str]:
        """The descriptions of the keys that one sees, without those that were there from the beginning; of every page."""
        found: list[str] = []
        page = ""
        while True:
            body = self.ask("GET", path + page, key=key).body
            found += [each["description"] for each in body["keys"]]
            if "next_page" not in body:
                return [description for description in found if not description.startswith("first key of ")]
            page = f"?next_page={body['next_page']}"

    def switch(self, **values: Any) -> None:
        """Sets switches."""
        self.control("POST", "switches", values)

    def refused(self, code: str, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, list[str]]:
        """Status and fields of a request that is refused with this code."""
        reply = self.ask(method, path, body, **more)
        assert reply.status >= 400, reply
        error = reply.body["errors"][0]
        assert error["code"] == code == reply.headers["x-cloud-error-codes"], reply
        return reply.status, error.get("fields", [])
