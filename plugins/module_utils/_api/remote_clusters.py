# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a cluster is asked and told about remote clusters: settings, secure settings, connections, a search. Paths and shapes, no policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._http.client import Client
from .._model.errors import ServerError

_CLIENT_TLS = "xpack.security.remote_cluster_client.ssl."


@dataclass(frozen=True)
class NodeInfo:
    """A node that may connect to remote clusters. ``tls`` are its settings for that, by their last part."""

    id: str
    name: str
    tls: Mapping[str, Any]


class RemoteClustersApi:
    """One method per call; ``read`` and ``write`` say which of them change something."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def license(self) -> tuple[str, str]:
        """Return type and status of the cluster's licence."""
        shown = self.client.read("GET", "/_license").body["license"]
        return str(shown["type"]), str(shown["status"])

    def settings(self) -> Mapping[str, Any]:
        """Return the persistent settings of the cluster, flat."""
        body = self.client.read("GET", "/_cluster/settings", params={"flat_settings": True}).body
        persistent: Mapping[str, Any] = body["persistent"]
        return persistent

    def put_settings(self, settings: Mapping[str, Any]) -> None:
        """Set persistent settings by their whole names; None removes one."""
        self.client.write("PUT", "/_cluster/settings", body={"persistent": dict(settings)})

    def nodes(self) -> list[NodeInfo]:
        """Return the nodes that may connect to remote clusters, with the one that is asked first."""
        params = {"flat_settings": True}
        here = self.client.read("GET", "/_nodes/_local/settings", params=params).body["nodes"]
        every = self.client.read("GET", "/_nodes/settings", params=params).body["nodes"]
        return [
            NodeInfo(str(key), str(one.get("name")), _client_tls(one.get("settings") or {}))
            for key, one in {**here, **every}.items()
            if "remote_cluster_client" in (one.get("roles") or ())
        ]

    def certificates(self) -> list[Mapping[str, Any]]:
        """Return the certificates that the asked node has read from files, with ``path``, ``format`` and ``has_private_key``."""
        shown: list[Mapping[str, Any]] = self.client.read("GET", "/_ssl/certificates").body
        return shown

    def remote(self, alias: str) -> Mapping[str, Any] | None:
        """Return what the node that is asked says of its connection; None: there is no such remote cluster."""
        shown: Mapping[str, Any] | None = self.client.read("GET", "/_remote/info").body.get(alias)
        return shown

    def reload(self, password: str | None) -> Mapping[str, Any]:
        """Let every node read its keystore again; the answer is a mapping of nodes, each with what went wrong there."""
        body = None if password is None else {"secure_settings_password": password}
        nodes: Mapping[str, Any] = self.client.write("POST", "/_nodes/reload_secure_settings", body=body).body["nodes"]
        return nodes

    def search(self, alias: str, index: str) -> Any:
        """Return the answer to a search for one document of an index of the remote cluster, an error of the server's as well."""
        expression = ",".join(f"{alias}:{one}" for one in index.split(","))
        try:
            return self.client.read("GET", f"/{quote(expression, safe='')}/_search", params={"size": 1}).body
        except ServerError as refused:
            return refused.body if isinstance(refused.body, Mapping) else {"error": refused.reason or str(refused)}


def _client_tls(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(_CLIENT_TLS) :]: value for name, value in settings.items() if name.startswith(_CLIENT_TLS)}
