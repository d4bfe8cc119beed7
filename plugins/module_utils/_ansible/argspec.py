# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""An argument spec as a value: options and the rules between them, merged from groups."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ArgumentSpec:
    """Options and rules of one group; ``a + b`` merges two. An option of two groups would be an error of ours."""

    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def __add__(self, other: ArgumentSpec) -> ArgumentSpec:
        twice = set(self.options) & set(other.options)
        if twice:
            raise ValueError(f"options in two groups: {sorted(twice)}")
        names = set(self.rules) | set(other.rules)
        rules = {name: (*self.rules.get(name, ()), *other.rules.get(name, ())) for name in names}
        return ArgumentSpec({**self.options, **other.options}, rules)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments that AnsibleModule takes."""
        rules = {name: list(values) for name, values in self.rules.items()}
        return {"argument_spec": deepcopy(dict(self.options)), **rules}
