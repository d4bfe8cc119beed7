# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What can be found wrong with a key in an audit, how bad it is, and by what measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .duration import Duration

# The worst first.
SEVERITIES = PROBLEM, WARNING, INFO = ("problem", "warning", "info")

# Every code and its severity, in the order in which findings are shown. What somebody has set a policy for is a problem.
CODES: dict[str, str] = {
    "owner_missing": PROBLEM,
    "owner_disabled": PROBLEM,
    "all_rights": PROBLEM,
    "forbidden_privilege": PROBLEM,
    "forbidden_role": PROBLEM,
    "rotation_leftover": PROBLEM,
    "lives_too_long": PROBLEM,
    "old": PROBLEM,
    "metadata_missing": PROBLEM,
    "ending_soon": WARNING,
    "never_expires": WARNING,
    "duplicate_name": WARNING,
    "roles_not_shown": WARNING,
    "expired": INFO,
}

# The codes that only a policy brings about, and the options that set it.
POLICIES: dict[str, tuple[str, ...]] = {
    "forbidden_privilege": ("forbidden_cluster_privileges", "forbidden_index_privileges"),
    "forbidden_role": ("forbidden_roles", "forbidden_application_roles"),
    "lives_too_long": ("max_life",),
    "old": ("max_age",),
    "metadata_missing": ("required_metadata",),
}

# What is said of a key that another product manages, and never as more than an information: that product answers for the rest.
OF_MANAGED = frozenset({"owner_missing", "owner_disabled", "ending_soon", "expired"})

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_ORDER = {code: place for place, code in enumerate(CODES)}


class Finding(NamedTuple):
    """One thing that is to be said of a key.

    ``text`` is one sentence, and the same as long as the key is the same: it holds no age and no time left.
    """

    code: str
    severity: str
    text: str

    @property
    def rank(self) -> tuple[int, int]:
        """Return what findings are sorted by, the worst first."""
        return _RANK[self.severity], _ORDER[self.code]


def found(code: str, text: str) -> Finding:
    """Return a finding of this code's own severity."""
    return Finding(code, CODES[code], text)


@dataclass(frozen=True)
class AuditPolicy:
    """By what measure keys are judged.

    ``warn_within``: a key that ends within it ends soon. ``leftover_after``: how long a predecessor may live beside its successor.
    ``max_life`` and ``max_age``: None is no limit. ``required_metadata``: dotted paths. Privileges and roles are names in
    lower case. ``include_managed``: judge keys that another product manages like all others.
    """

    warn_within: Duration
    leftover_after: Duration
    max_life: Duration | None = None
    max_age: Duration | None = None
    required_metadata: tuple[str, ...] = ()
    forbidden_cluster: frozenset[str] = frozenset()
    forbidden_index: frozenset[str] = frozenset()
    forbidden_roles: frozenset[str] = frozenset()
    forbidden_application_roles: frozenset[str] = frozenset()
    include_managed: bool = False

    @property
    def forbids(self) -> bool:
        """Is any privilege forbidden?"""
        return bool(self.forbidden_cluster or self.forbidden_index)

    @property
    def forbids_roles(self) -> bool:
        """Is any role forbidden?"""
        return bool(self.forbidden_roles or self.forbidden_application_roles)
