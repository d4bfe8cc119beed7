# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a version can do: the version matrix as data."""

from __future__ import annotations

import re
from dataclasses import dataclass

SINCE: dict[str, tuple[int, int]] = {
    "metadata": (7, 13),
    "query": (7, 15),
    "encoded": (7, 16),
    "privilege_names_checked": (8, 1),
    "update": (8, 4),
    "role_descriptors_shown": (8, 5),
    "limited_by": (8, 5),
    "bulk_update": (8, 5),
    "restriction": (8, 9),
    "cross_cluster": (8, 10),
    "type": (8, 10),
    "active_only": (8, 10),
    "remote_indices": (8, 10),
    "invalidation": (8, 12),
    "update_expiration": (8, 13),
    "aggregations": (8, 13),
    "realm_type": (8, 14),
    "profile_uid": (8, 14),
    "replication_without_dls": (8, 14),
    "enrich_in_search_access": (8, 14),
    "remote_cluster": (8, 15),
    "monitor_stats": (8, 17),
    "managed_by": (9, 1),
    "certificate_identity": (9, 3),
    "clone": (9, 4),
    "data_source": (9, 5),
    # Seen on 9.5, not on 8.19.
    "secure_settings_shown": (9, 5),
    "cloud_key_creates": (9, 6),
}


@dataclass(frozen=True, order=True)
class Version:
    """A server version."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """``9.5.3`` or, for its first patch, ``8.10``."""
        match = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
        if match is None:
            raise ValueError(f"[{text}] is no version such as 9.5.3")
        return cls(*(int(part or 0) for part in match.groups()))

    def has(self, feature: str) -> bool:
        """Whether this version knows a feature of ``SINCE``."""
        return (self.major, self.minor) >= SINCE[feature]

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
