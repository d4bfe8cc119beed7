# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys at once, for tests of paging."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.cloud_keys.moments import duration_ms
from keysmith_emulator.cloud_keys.operations import KeyOperations

_FIELDS = {"count", "description", "owner", "expiration", "created", "created_step_ms", "start"}


def seed_keys(
    operations: KeyOperations, wanted: dict[str, Any], properties: dict[str, Any], now_ms: int
) -> dict[str, Any]:
    """Makes ``count`` keys of one user; ``{n}`` in the description is replaced by the key's number."""
    unknown = sorted(set(wanted) - _FIELDS)
    if unknown:
        raise ValueError(f"unknown fields {unknown}; known are {sorted(_FIELDS)}")
    life = None
    if wanted.get("expiration") is not None:
        life = duration_ms(wanted["expiration"])
        if life is None:
            raise ValueError("expiration is a duration such as 90d")
    first, start = wanted.get("created", now_ms), wanted.get("start", 0)
    keys = [
        operations.add(
            str(wanted.get("description", "seed-{n}")).replace("{n}", str(number)),
            life,
            {**properties, "creation": first + number * wanted.get("created_step_ms", 0)},
        )
        for number in range(start, start + wanted.get("count", 1))
    ]
    return {"count": len(keys), "ids": [key.id for key in keys]}
