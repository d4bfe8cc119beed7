# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a revocation on many services at once asks of one of them: nothing that was given is left out without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .key_text import id_in_ece_key, is_cloud_key, is_elasticsearch_key

ELASTICSEARCH, ELASTIC_CLOUD, ECE = "elasticsearch", "elastic_cloud", "ece"

_TITLES = {ELASTICSEARCH: "Elasticsearch", ELASTIC_CLOUD: "Elastic Cloud", ECE: "Elastic Cloud Enterprise"}
_SHARED = frozenset(
    {"secret", "id", "name", "name_pattern", "created_before", "created_after", "except_ids", "own_key"}
)
_KNOWN = {
    ELASTICSEARCH: _SHARED | {"owner", "owner_realm", "type", "metadata"},
    ELASTIC_CLOUD: _SHARED | {"user_id", "organization_id", "own_key_id"},
    ECE: _SHARED | {"user_id", "own_key_id"},
}
# What stays as it is where keys are named by their ids.
_BESIDE_IDS = {
    ELASTICSEARCH: ("own_key",),
    ELASTIC_CLOUD: ("own_key", "own_key_id", "organization_id"),
    ECE: ("own_key", "own_key_id", "user_id"),
}


def revocation_task(
    given: Mapping[str, Any], kind: str, found: Mapping[str, Any] | None = None, prefix: str = ""
) -> dict[str, Any]:
    """Return the ``options`` of the kind's module, or in their stead a ``problem`` or why the service is ``not_asked``.

    :param given: what all services are asked, by the options' names; None is what was left out.
    :param kind: what kind of service this one is, ``elasticsearch``, ``elastic_cloud`` or ``ece``.
    :param found: the module's result in check mode, once that is confirmed: its keys are then named by their ids.
    :param prefix: what the names of the variables begin with that the values are from, for messages.
    """
    asked = {option: value for option, value in given.items() if value is not None}
    if kind not in _TITLES:
        return _result(problem=f"{prefix}kind {kind!r} is not known. Known are: {', '.join(_TITLES)}.")
    foreign = sorted(set(asked) - _KNOWN[kind])
    if foreign:
        return _result(
            problem=f"{prefix}{foreign[0]} cannot be said of keys of {_TITLES[kind]}. Give it in the variables of the hosts that it is "
            f"for, or leave hosts of other kinds out."
        )
    form = _form_of(asked.get("secret"))
    if form not in (None, kind):
        return _result(not_asked=f"{prefix}secret is a key of {_TITLES[str(form)]}")
    return _result(options=asked if found is None else _confirmed(asked, kind, found))


def _result(**known: Any) -> dict[str, Any]:
    return {"options": None, "problem": None, "not_asked": None, **known}


def _form_of(secret: Any) -> str | None:
    """Return the kind of service whose keys look like that, None where the form tells nothing."""
    if is_cloud_key(secret):
        return ELASTIC_CLOUD
    if is_elasticsearch_key(secret):
        return ELASTICSEARCH
    return ECE if isinstance(secret, str) and id_in_ece_key(secret) else None


def _confirmed(asked: Mapping[str, Any], kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
    count = {"expected_count": len(found["revoked"])}
    # There it also tells whose its key is, and that it is not the login's.
    if "secret" in asked and kind != ELASTICSEARCH:
        return {**asked, **count}
    beside = {option: asked[option] for option in _BESIDE_IDS[kind] if option in asked}
    whose = {"owner": "any"} if kind == ELASTICSEARCH else {}
    return {"id": [key["id"] for key in found["revoked"]], **whose, **beside, **count}
