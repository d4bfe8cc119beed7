# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The kind ``es_cross_cluster_key``: what one cluster gives another to search it or to follow its indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .._api.elasticsearch import ElasticsearchApi, check_product
from .._http.client import Client
from .._model.canonical import canonical_access, canonical_identity, canonical_metadata
from .._model.checks import check_access, check_metadata
from .._model.compare import compare
from .._model.decide import own_metadata
from .._model.errors import Refused
from .._model.features import Capabilities
from .._model.found import PROVEN, UNKNOWN, Proof
from .._model.key import Key, Login
from .._model.rules import Rules, SpecField
from .._model.secret import ApiKeySecret
from .._model.wanted import Wanted
from .elasticsearch_keys import KEY_OPTIONS, OF_ANOTHER_TYPE, ElasticsearchKeys, owner_scope, wanted_of
from .kind import KeyKind, Search

OPTIONS = {
    **KEY_OPTIONS,
    "access": {"type": "dict"},
    "certificate_identity": {"type": "str"},
}

# Seen on 8.19 with a basic licence: 403 "current license is non-compliant for [advanced-remote-cluster-security]".
LICENSES = ("enterprise", "trial")


def wanted_key(params: Mapping[str, Any]) -> Wanted:
    """Return what the task wants; every option of this kind is checked here, before anything is asked of the server."""
    wanted = wanted_of(params, {"access": check_access, "metadata": check_metadata, "certificate_identity": None})
    return replace(wanted, scope=owner_scope(str(params.get("owner") or "self"), params.get("owner_realm")))


def check_new(wanted: Wanted, spec: Mapping[str, Any]) -> None:
    """Refuse a new key that opens nothing: the server demands access."""
    if not canonical_access(spec.get("access")):
        raise Refused(
            f"A new cross-cluster key {wanted} needs access.",
            "Give access, such as {search: [{names: ['logs-*']}]}.",
        )


def check_spec(wanted: Wanted, spec: Mapping[str, Any], capabilities: Capabilities) -> None:
    """Refuse what this server's version, flavour or licence does not allow."""
    if spec.get("certificate_identity"):
        capabilities.require("certificate_identity", "certificate_identity")
    capabilities.require_license(LICENSES, "cross-cluster keys")


def method(wanted: Wanted, login: Login, capabilities: Capabilities, predecessor: bool, changed: frozenset[str]) -> str:
    """Return the only way to make such a key, or say why this login has none."""
    if login.by_key:
        raise Refused(
            f"The login is an API key ({login.key_id}), and Elasticsearch lets no API key make a cross-cluster key.",
            "Log in as a user with the cluster privilege manage_security.",
        )
    owner = wanted.scope.owner
    if owner is not None and not owner.matches(login.owner):
        raise Refused(
            f"{login.owner} cannot create a key for {owner}: cross-cluster keys cannot be granted.",
            "Use run_as, with the privilege to act as that user.",
        )
    return "create"


class CrossClusterKeys(ElasticsearchKeys):
    """The cross-cluster keys of a cluster; they log in between clusters only, and have rights of their own, not their owner's."""

    type = "cross_cluster"
    _licensed: Capabilities | None = None

    def find(self, searches: Sequence[Search]) -> tuple[list[Key], int | None]:
        """Search as for any key; without an identity the server shows no field of that name, where there is nothing to compare with."""
        keys, now = super().find(searches)
        return [replace(key, spec={"certificate_identity": None, **key.spec}) for key in keys], now

    def prove(self, secret: ApiKeySecret) -> Proof:
        """Use the secret over REST, where the server tells a right one from a wrong one, but not whether it has ended."""
        proof = super().prove(secret)
        if proof.verdict == UNKNOWN and OF_ANOTHER_TYPE in proof.words:
            return Proof(PROVEN)
        return proof

    def capabilities(self) -> Capabilities:
        """Ask for the licence as well, which must allow such keys.

        :raises Refused: this server has no such keys.
        """
        if self._licensed is None:
            here = super().capabilities()
            here.require("cross_cluster", "es_cross_cluster_key")
            self._licensed = replace(here, license=self.api.license())
        return self._licensed

    def _create(self, body: Mapping[str, Any], refresh: str) -> Any:
        # An empty text says "none" in a task; in a create that is the field left out.
        return self.api.create_cross_cluster({name: value for name, value in body.items() if value != ""})

    def update(self, key: Key, spec: Mapping[str, Any], seconds: int | None) -> None:
        """Change fields and end; the server takes no end alone, so the metadata goes with it as it is."""
        if not spec and "metadata" not in key.spec:
            raise Refused(
                f"Key {key.id} is not visible, so its end cannot be moved.", "Run again when the server shows it."
            )
        super().update(key, spec or {"metadata": own_metadata(key.metadata)}, seconds)

    def _update(self, key: Key, body: Mapping[str, Any]) -> None:
        cleared = {"certificate_identity": None} if body.get("certificate_identity") == "" else {}
        self.api.update_cross_cluster(key.id, {**body, **cleared})

    def lost_rights(
        self, old: Key, new: Key, old_secret: ApiKeySecret | None, new_secret: ApiKeySecret
    ) -> tuple[str, ...]:
        """Return nothing: such a key's rights are its access, whatever its owner may."""
        return ()


def service(client: Client, params: Mapping[str, Any]) -> CrossClusterKeys:
    """Return the service of a logged-in client."""
    return CrossClusterKeys(ElasticsearchApi(client), params)


RULES = Rules(
    noun="cross-cluster key",
    type=CrossClusterKeys.type,
    fields={
        "access": SpecField(partial(compare, "access", canonical=canonical_access), "update"),
        "metadata": SpecField(partial(compare, "metadata", canonical=canonical_metadata), "update"),
        "certificate_identity": SpecField(
            partial(compare, "certificate_identity", canonical=canonical_identity), "certificate_identity"
        ),
    },
    check_new=check_new,
    check_spec=check_spec,
    method=method,
    extend_feature="update_expiration",
    create_privileges=frozenset({"manage_security"}),
    see_all_privileges=frozenset({"manage_security"}),
)

ES_CROSS_CLUSTER_KEY = KeyKind("es_cross_cluster_key", RULES, wanted_key, service, check_product, OPTIONS)
