# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of keys at once, for tests of paging."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.errors import illegal_argument
from keysmith_emulator.elasticsearch.role_descriptors import Dialect, problems_of, read_role, snapshot
from keysmith_emulator.elasticsearch.state import REST, KeyDocument, State, new_secret
from keysmith_emulator.elasticsearch.subjects import user_subject
from keysmith_emulator.elasticsearch.times import duration_ms

_FIELDS = {
    "count",
    "name",
    "owner",
    "metadata",
    "role_descriptors",
    "expiration",
    "created",
    "created_step_ms",
    "start",
}


def seed_keys(state: State, wanted: dict[str, Any]) -> dict[str, Any]:
    """Makes ``count`` keys; ``{n}`` in names and in texts of the metadata is replaced by the key's number."""
    unknown = sorted(set(wanted) - _FIELDS)
    if unknown:
        raise ValueError(f"unknown fields {unknown}; known are {sorted(_FIELDS)}")
    owner = state.users.get(wanted.get("owner", "elastic"))
    if owner is None:
        raise ValueError(f"there is no user [{wanted['owner']}]")
    subject = user_subject(state, owner)
    dialect = Dialect(state.settings.version, state.settings.serverless)
    roles = {name: read_role(name, role, dialect) for name, role in wanted.get("role_descriptors", {}).items()}
    for problem in problems_of(roles, dialect):
        raise illegal_argument(problem)
    first = wanted.get("created", state.clock.now_ms())
    life = duration_ms(wanted["expiration"]) if wanted.get("expiration") else None
    limited_by = snapshot(subject.layers[0])
    keys = []
    for number in range(wanted.get("start", 0), wanted.get("start", 0) + wanted.get("count", 1)):
        creation = first + number * wanted.get("created_step_ms", 0)
        keys.append(
            KeyDocument(
                id=state.new_id(),
                name=_numbered(wanted.get("name", "seed-{n}"), number),
                secret=new_secret(),
                type=REST,
                creation=creation,
                expiration=None if life is None else creation + life // 1000 * 1000,
                username=subject.username,
                realm=subject.realm,
                realm_type=subject.realm_type,
                owner=subject.owner,
                metadata=_numbered(wanted.get("metadata"), number),
                role_descriptors=roles,
                limited_by=limited_by,
            )
        )
    state.keys.write_many(keys)
    return {"count": len(keys), "ids": [key.id for key in keys]}


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {name: _numbered(item, number) for name, item in value.items()}
    return value
