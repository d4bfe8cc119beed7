# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a login can do with keys, in the terms of this collection, and why it cannot do the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .errors import Refused
from .features import Capabilities
from .key import Login

# The cluster privileges that matter to keys. An old server does not know every one of them.
WATCHED = (
    *("manage_own_api_key", "manage_api_key", "manage_security", "read_security"),
    *("grant_api_key", "clone_api_key", "monitor"),
)

_ANY_OF_ALL = ("manage_api_key", "manage_security")

_KEYS_CANNOT = (
    "the login is an API key: Elasticsearch lets no key update a key, nor create one that has rights, "
    "cross-cluster keys or keys of others; log in as a user"
)

_CLOUD_KEYS_CANNOT = (
    "the login is an Elastic Cloud key, and up to 9.5 Elasticsearch lets none of them make or update keys; "
    "log in with the credentials of the project's admin"
)


@dataclass(frozen=True)
class Holder:
    """Whose abilities are judged: the login, the cluster privileges it holds, and the server; None where it may not ask for the version."""

    login: Login
    privileges: frozenset[str]
    server: Capabilities | None


def why_not(holder: Holder) -> dict[str, str | None]:
    """Return for each ability None, or in one sentence why the login lacks it."""
    return {name: judge(holder) for name, judge in _ABILITIES.items()}


def _needs(holder: Holder, *one_of: str) -> str | None:
    if not holder.privileges.isdisjoint(one_of):
        return None
    listed = one_of[0] if len(one_of) == 1 else f"{', '.join(one_of[:-1])} or {one_of[-1]}"
    return f"it needs the cluster privilege {listed}"


def _first(*problems: str | None) -> str | None:
    return next((problem for problem in problems if problem is not None), None)


def _writes(holder: Holder) -> str | None:
    """Without the version and the cluster's id nothing is written to a store or made."""
    return None if holder.server else "it may not ask for the server's version (GET /), which needs monitor"


def _as_user(holder: Holder) -> str | None:
    if not holder.login.by_key:
        return None
    return _CLOUD_KEYS_CANNOT if holder.login.by_cloud_key else _KEYS_CANNOT


def _feature(holder: Holder, feature: str) -> str | None:
    if holder.server is None:
        return None
    try:
        holder.server.require(feature, "this server")
    except Refused as refused:
        return refused.message.partition(": ")[2].rstrip(".")
    return None


def _own(holder: Holder) -> str | None:
    return _needs(holder, "manage_own_api_key", *_ANY_OF_ALL)


_ABILITIES: Mapping[str, Callable[[Holder], str | None]] = {
    "create_keys": lambda one: _first(_as_user(one), _own(one), _writes(one)),
    "update_keys": lambda one: _first(_as_user(one), _own(one), _feature(one, "update"), _writes(one)),
    "grant_keys": lambda one: _first(_feature(one, "grant"), _needs(one, "grant_api_key", *_ANY_OF_ALL), _writes(one)),
    "clone_keys": lambda one: _first(_feature(one, "clone"), _needs(one, "clone_api_key", *_ANY_OF_ALL), _writes(one)),
    "manage_cross_cluster_keys": lambda one: _first(
        _feature(one, "cross_cluster"), _as_user(one), _needs(one, "manage_security"), _writes(one)
    ),
    # A key may always read itself.
    "see_own_keys": lambda one: (
        None if one.login.by_key else _needs(one, "manage_own_api_key", "read_security", *_ANY_OF_ALL)
    ),
    "see_all_keys": lambda one: _needs(one, "read_security", *_ANY_OF_ALL),
    "revoke_own_keys": _own,
    "revoke_all_keys": lambda one: _needs(one, *_ANY_OF_ALL),
}
ABILITIES = tuple(_ABILITIES)
