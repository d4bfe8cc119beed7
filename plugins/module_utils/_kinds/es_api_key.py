# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The kind ``es_api_key``: an Elasticsearch user key, on the stack and on serverless projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .._api.elasticsearch import ElasticsearchApi, check_product
from .._http.client import Client
from .._model.canonical import canonical_metadata, canonical_role_descriptors
from .._model.checks import check_metadata, check_not_empty, check_role_descriptors
from .._model.compare import compare
from .._model.errors import OptionError, Refused
from .._model.features import Capabilities
from .._model.key import Login
from .._model.rules import Rules, SpecField
from .._model.wanted import OwnerScope, Wanted
from .elasticsearch_keys import KEY_OPTIONS, ElasticsearchKeys, owner_scope, wanted_of
from .kind import KeyKind

OPTIONS = {
    **KEY_OPTIONS,
    "role_descriptors": {"type": "dict"},
    "all_rights": {"type": "bool", "default": False},
    "grant": {
        "type": "dict",
        "options": {
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "access_token": {"type": "str", "no_log": True},
            "run_as": {"type": "str"},
        },
    },
    "method": {"type": "str", "choices": ["auto", "create", "grant", "clone"], "default": "auto"},
    "refresh": {"type": "str", "choices": ["true", "wait_for", "false"], "default": "true"},
}

# Parts of a role descriptor by the feature that they need; a part that says nothing needs nothing.
DESCRIPTOR_FEATURES = {
    "restriction": "restriction",
    "remote_indices": "remote_indices",
    "remote_cluster": "remote_cluster",
    "global": "global",
    "run_as": "run_as_privilege",
}


def wanted_key(params: Mapping[str, Any]) -> Wanted:
    """Return what the task wants; every option of this kind is checked here, before anything is asked of the server."""
    wanted = wanted_of(params, {"role_descriptors": check_role_descriptors, "metadata": check_metadata})
    if "role_descriptors" in wanted.spec:
        _check_all_rights(wanted.spec["role_descriptors"], bool(params.get("all_rights")))
    grant = params.get("grant")
    _check_grant(grant, str(params.get("method") or "auto"))
    return replace(
        wanted,
        scope=_scope(params, grant),
        extra={key: params.get(key) for key in ("all_rights", "grant", "method")},
    )


def _check_all_rights(descriptors: Mapping[str, Any], all_rights: bool) -> None:
    """``{}`` is every right of the owner, and a template's ``default({})`` looks the same; ``{role: {}}`` is no right at all."""
    if not descriptors and not all_rights:
        raise OptionError(
            "role_descriptors",
            "role_descriptors is empty, which gives the key every right of its owner.",
            "Say all_rights: true if that is meant, or role_descriptors: {none: {}} for a key without any right.",
        )
    if descriptors and all_rights:
        raise OptionError(
            "all_rights",
            "all_rights: true contradicts role_descriptors, which limit the key.",
            "Leave one of them out.",
        )


def _check_grant(grant: Mapping[str, Any] | None, method: str) -> None:
    if grant is None:
        if method == "grant":
            raise OptionError(
                "grant",
                "method: grant needs the option grant.",
                "It holds the credentials of the user who is to own the key.",
            )
        return
    for name, value in grant.items():
        check_not_empty(value, f"grant.{name}")
    by_password = grant.get("username") is not None and grant.get("password") is not None
    if by_password == (grant.get("access_token") is not None):
        raise OptionError(
            "grant",
            "grant does not hold the credentials of the user who is to own the key.",
            "It needs either username and password, or access_token.",
        )
    if method not in ("auto", "grant"):
        raise OptionError("method", f"method: {method} contradicts grant.", "Leave method out, or say method: grant.")


def _scope(params: Mapping[str, Any], grant: Mapping[str, Any] | None) -> OwnerScope:
    owner, realm = str(params.get("owner") or "self"), params.get("owner_realm")
    granted = (grant or {}).get("run_as") or (grant or {}).get("username")
    if granted is not None and owner == "self":
        owner = granted
    if owner == "self" and realm is None and grant is not None:
        raise OptionError(
            "owner", "grant by access_token does not tell whose key it will be.", "Name the token's user in owner."
        )
    return owner_scope(owner, realm)


def check_new(wanted: Wanted, spec: Mapping[str, Any]) -> None:
    """Refuse a key with all of its owner's rights unless the task says so (also one that merely leaves the descriptors out)."""
    if (
        not spec.get("role_descriptors")
        and not wanted.extra.get("all_rights")
        and wanted.extra.get("method") != "clone"
    ):
        raise Refused(
            f"A new key {wanted} without role_descriptors would have every right of its owner.",
            "Give role_descriptors, or say all_rights: true if that is meant.",
        )


def check_spec(wanted: Wanted, spec: Mapping[str, Any], capabilities: Capabilities) -> None:
    """Refuse what this server's version or flavour does not know, by the path of the option."""
    for role, descriptor in (spec.get("role_descriptors") or {}).items():
        for part, feature in DESCRIPTOR_FEATURES.items():
            if (descriptor or {}).get(part):
                capabilities.require(feature, f"role_descriptors.{role}.{part}")
        for entry in (descriptor or {}).get("indices") or (descriptor or {}).get("index") or ():
            if isinstance(entry, Mapping) and entry.get("allow_restricted_indices"):
                capabilities.require(
                    "allow_restricted_indices", f"role_descriptors.{role}.indices.allow_restricted_indices"
                )


def method(wanted: Wanted, login: Login, capabilities: Capabilities, predecessor: bool, changed: frozenset[str]) -> str:
    """Choose among create, grant and clone what this login can do, or say what is missing before anything is sent.

    Run-as needs no method of its own: the whole run is then that user's. An API key can only make derived keys without rights.
    """
    asked, grant = str(wanted.extra.get("method") or "auto"), wanted.extra.get("grant")
    if asked == "clone":
        return _clone(wanted, capabilities, predecessor, changed)
    if grant is not None:
        capabilities.require("grant", "grant")
        return "grant"
    if login.by_key and not login.by_cloud_key:
        raise Refused(
            f"The login is an API key ({login.key_id}), and a key that is made by a key is a derived one without any right.",
            "Log in as a user, or give grant; from Elasticsearch 9.4 on method: clone lets a stored key make its own successor.",
        )
    scope = wanted.scope
    if scope.owner is not None and not scope.owner.matches(login.owner):
        raise Refused(
            f"{login.owner} cannot create a key for {scope.owner}.",
            "Give grant (that user's password or token), or run_as: with the privilege to act as that user.",
        )
    return "create"


def _clone(wanted: Wanted, capabilities: Capabilities, predecessor: bool, changed: frozenset[str]) -> str:
    capabilities.require("clone", "method: clone")
    if not predecessor:
        raise Refused(
            "method: clone makes a successor out of a living key, and there is none.",
            "Make the first key with another method.",
        )
    if "role_descriptors" in changed:
        raise Refused(
            "role_descriptors differ, and a clone always has its source's.", "Log in as the key's owner to change them."
        )
    if wanted.expiration is None or wanted.expiration.never:
        raise Refused(
            "method: clone needs a finite expiration: a clone whose answer is lost is found by nobody, so it must end by itself.",
            "Give expiration, the shorter the better.",
        )
    if not capabilities.holds({"clone_api_key", "manage_api_key", "manage_security"}):
        raise Refused(
            "The login lacks the cluster privilege clone_api_key.",
            "Grant it; manage_own_api_key is not enough for a clone.",
        )
    return "clone"


def service(client: Client, params: Mapping[str, Any]) -> ElasticsearchKeys:
    """Return the service of a logged-in client."""
    return ElasticsearchKeys(ElasticsearchApi(client), params)


RULES = Rules(
    noun="Elasticsearch API key",
    fields={
        "role_descriptors": SpecField(
            partial(compare, "role_descriptors", canonical=canonical_role_descriptors), "update"
        ),
        "metadata": SpecField(partial(compare, "metadata", canonical=canonical_metadata), "update"),
    },
    check_new=check_new,
    check_spec=check_spec,
    method=method,
    extend_feature="update_expiration",
    create_privileges=frozenset({"manage_own_api_key", "manage_api_key", "manage_security"}),
    see_all_privileges=frozenset({"manage_api_key", "manage_security"}),
)

ES_API_KEY = KeyKind("es_api_key", RULES, wanted_key, service, check_product, OPTIONS)
