# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plugins say about themselves, read from their files: documentation with its fragments, examples, results."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"
COLLECTION = "keysmith.elastic"
FRAGMENTS = PLUGINS / "doc_fragments"


@dataclass(frozen=True)
class Documented:
    """One documented plugin: a module, a lookup, or (with a file beside the code) a filter or a test."""

    type: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @cached_property
    def texts(self) -> dict[str, Any]:
        if self.path.suffix == ".yml":
            return yaml.safe_load(self.path.read_text(encoding="utf-8"))
        return constants(ast.parse(self.path.read_text(encoding="utf-8")))

    @cached_property
    def own(self) -> dict[str, Any]:
        """The documentation without its fragments."""
        return loaded(self.texts["DOCUMENTATION"])

    @cached_property
    def fragments(self) -> list[dict[str, Any]]:
        return [fragment(name) for name in self.own.get("extends_documentation_fragment", [])]

    @cached_property
    def options(self) -> dict[str, Any]:
        """A variant of a fragment may add to what the fragment says of an option."""
        options: dict[str, Any] = {}
        for part in (*self.fragments, self.own):
            for name, option in (part.get("options") or {}).items():
                # As Ansible does it: the fragment's variant for lookups adds where values come from.
                options.setdefault(name, {}).update(option)
        return options

    @cached_property
    def attributes(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for part in (*self.fragments, self.own):
            for name, value in (part.get("attributes") or {}).items():
                found.setdefault(name, {}).update(value)
        return found

    @cached_property
    def examples(self) -> list[dict[str, Any]]:
        return loaded(self.texts["EXAMPLES"])

    @cached_property
    def results(self) -> dict[str, Any]:
        return loaded(self.texts["RETURN"])


def loaded(text: Any) -> Any:
    return yaml.safe_load(text) if isinstance(text, str) else text


def constants(tree: ast.Module | ast.ClassDef) -> dict[str, str]:
    """The texts that are assigned to names in capitals."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def fragment_texts(name: str) -> dict[str, str]:
    """All variants of the fragment in this file."""
    tree = ast.parse((FRAGMENTS / f"{name}.py").read_text(encoding="utf-8"))
    return next(constants(node) for node in tree.body if isinstance(node, ast.ClassDef))


def fragment(name: str) -> dict[str, Any]:
    """A fragment as documentation names it: keysmith.elastic.attributes.info is INFO in attributes.py."""
    file, _dot, variant = name.removeprefix(f"{COLLECTION}.").partition(".")
    return yaml.safe_load(fragment_texts(file)[variant.upper() or "DOCUMENTATION"])


def plugins(*types: str) -> list[Documented]:
    """Every documented plugin of these types: modules, lookup, filter, test."""
    suffix = {"filter": ".yml", "test": ".yml"}
    return [
        Documented(type_, path)
        for type_ in types
        for path in sorted((PLUGINS / type_).glob(f"*{suffix.get(type_, '.py')}"))
    ]


EVERYTHING = plugins("modules", "lookup", "filter", "test")


def tasks(examples: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every task, those in blocks as well."""
    for task in examples:
        yield task
        yield from tasks(task.get("block", []))


def all_options(options: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every option with its dotted path, suboptions included, of documentation or of an argument spec."""
    for name, option in options.items():
        yield f"{path}{name}", option
        inner = option.get("suboptions") or option.get("options") or {}
        yield from all_options(inner, f"{path}{name}.")


def paragraphs(description: Any) -> list[str]:
    return [description] if isinstance(description, str) else list(description or [])


def environment_names(description: Any) -> list[str]:
    """The environment variables that a description names."""
    return re.findall(r"\bE\((\w+)\)", " ".join(paragraphs(description)))
