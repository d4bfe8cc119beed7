# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys as the server shows them."""

from __future__ import annotations

import base64
from typing import Any

from keysmith_emulator.elasticsearch.state import KeyDocument
from keysmith_emulator.elasticsearch.versions import Version


def show_key(key: KeyDocument, version: Version, with_limited_by: bool = False) -> dict[str, Any]:
    """A key in GET and query; what a version does not know yet is left out."""
    shown: dict[str, Any] = {"id": key.id, "name": key.name}
    if version.has("type"):
        shown["type"] = key.type
    shown["creation"] = key.creation
    if key.expiration is not None:
        shown["expiration"] = key.expiration
    shown["invalidated"] = key.invalidated
    if key.invalidated and version.has("invalidation"):
        shown["invalidation"] = key.invalidation
    shown.update(username=key.username, realm=key.realm)
    if version.has("realm_type"):
        shown["realm_type"] = key.realm_type
    if version.has("metadata"):
        shown["metadata"] = key.metadata or {}
    if version.has("role_descriptors_shown"):
        shown["role_descriptors"] = key.role_descriptors
    if with_limited_by and key.limited_by is not None:
        shown["limited_by"] = [key.limited_by]
    if key.access is not None:
        shown["access"] = key.access
    if key.certificate_identity is not None:
        shown["certificate_identity"] = key.certificate_identity
    return shown


def show_created(key: KeyDocument, version: Version) -> dict[str, Any]:
    """The answer to a create, the only one that has the secret."""
    shown: dict[str, Any] = {"id": key.id, "name": key.name}
    if key.expiration is not None:
        shown["expiration"] = key.expiration
    shown["api_key"] = key.secret
    if version.has("encoded"):
        shown["encoded"] = base64.b64encode(f"{key.id}:{key.secret}".encode()).decode()
    return shown
