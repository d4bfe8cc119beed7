# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two emulators, one of which searches the other; the answers are those of 8.19.21 and 9.5.3."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from emulator_client import PACKAGE, Client

CREDENTIALS = "cluster.remote.far.credentials"
SETTINGS, RELOAD = "/_cluster/settings", "/_nodes/reload_secure_settings"


class Pair:
    def __init__(self, far: Client, near: Client, folder: Path) -> None:
        self.far, self.near, self.folder = far, near, folder
        self.address = urlsplit(far.url).netloc
        self.tool("create")
        far.call("POST", "/logs-1/_doc?refresh=true", {"a": 1})

    def tool(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PACKAGE / "keystore_tool.py"), *arguments]
        told = {"ES_PATH_CONF": str(self.folder)}
        return subprocess.run(command, input=given, capture_output=True, text=True, env=told, check=False)

    def key(self) -> dict[str, Any]:
        access = {"search": [{"names": ["logs*"]}]}
        return dict(self.far.call("POST", "/_security/cross_cluster/api_key", {"name": "k", "access": access}).body)

    def load(self, encoded: str) -> dict[str, Any]:
        self.tool("add", "-x", "-f", CREDENTIALS, given=f"{encoded}\n")
        (node,) = self.near.call("POST", RELOAD).body["nodes"].values()
        return dict(node)

    def put(self, **settings: Any) -> Any:
        return self.near.call("PUT", SETTINGS, {"persistent": {"cluster": {"remote": {"far": settings}}}})

    def why(self, index: str = "logs*") -> dict[str, Any]:
        """The reason for which a search was skipped."""
        answer = self.near.call("GET", f"/far:{index}/_search")
        assert answer.status == 200
        detail = answer.body["_clusters"]["details"]["far"]
        assert detail["status"] == "skipped"
        return dict(detail["failures"][0]["reason"])


@pytest.fixture
def pair(emulate: Callable[..., Client], tmp_path: Path) -> Pair:
    return Pair(emulate(), emulate(keystore=str(tmp_path / "elasticsearch.keystore")), tmp_path)


def connected(pair: Pair) -> dict[str, Any]:
    key = pair.key()
    pair.load(key["encoded"])
    assert pair.put(mode="proxy", proxy_address=pair.address).body["acknowledged"] is True
    return key


def test_a_search_goes_to_the_other_and_comes_back(pair: Pair) -> None:
    connected(pair)
    answer = pair.near.call("GET", "/far:logs*/_search").body
    assert answer["_clusters"]["details"]["far"]["status"] == "successful"
    assert [hit["_index"] for hit in answer["hits"]["hits"]] == ["far:logs-1"]
    assert pair.near.call("GET", "/_remote/info").body["far"] == {
        "connected": True,
        "mode": "proxy",
        "proxy_address": pair.address,
        "server_name": "",
        "num_proxy_sockets_connected": 18,
        "max_proxy_socket_connections": 18,
        "initial_connect_timeout": "30s",
        "skip_unavailable": True,
        "cluster_credentials": "::es_redacted::",
    }


def test_a_connection_says_nothing_of_the_key(pair: Pair) -> None:
    key = connected(pair)
    assert f"authenticated by API key id [{key['id']}] of user [elastic]" in pair.why("other")["reason"]
    pair.far.call("DELETE", "/_security/api_key", {"ids": [key["id"]]})
    assert pair.why()["additional_unsuccessful_credentials"] == f"API key: api key [{key['id']}] has been invalidated"
    assert pair.near.call("GET", "/_remote/info").body["far"]["connected"] is True
    pair.near.call("POST", "/_license/start_basic?acknowledge=true")
    assert "non-compliant" in pair.why()["reason"]


def test_what_cannot_be_reached(pair: Pair) -> None:
    connected(pair)
    pair.put(proxy_address="127.0.0.1:9")
    assert pair.why() == {"type": "connect_transport_exception", "reason": "Unable to connect to [far]"}
    assert pair.near.call("GET", "/_remote/info").body["far"]["connected"] is False
    pair.put(skip_unavailable=False)
    assert pair.near.call("GET", "/far:logs*/_search").status == 502
    assert pair.near.call("GET", "/nowhere:logs*/_search").status == 404


def test_settings_come_and_go(pair: Pair) -> None:
    connected(pair)
    flat = pair.near.call("GET", f"{SETTINGS}?flat_settings=true").body["persistent"]
    assert flat == {"cluster.remote.far.mode": "proxy", "cluster.remote.far.proxy_address": pair.address}
    refused = pair.put(seeds=["a:1"])
    assert refused.status == 400
    assert "[required=SNIFF, configured=PROXY]" in refused.body["error"]["reason"]
    assert pair.put(nonsense="x").body["error"]["reason"] == (
        "persistent setting [cluster.remote.far.nonsense], not recognized"
    )
    assert "found [noport] instead" in pair.put(proxy_address="noport").body["error"]["reason"]
    pair.put(mode=None, proxy_address=None)
    assert pair.near.call("GET", SETTINGS).body == {"persistent": {}, "transient": {}}
    assert pair.near.call("GET", "/_remote/info").body == {}


def test_a_keystore_with_a_password(pair: Pair) -> None:
    pair.tool("passwd", given="pass-word\n")
    (node,) = pair.near.call("POST", RELOAD, {"secure_settings_password": "wrong"}).body["nodes"].values()
    assert node["reload_exception"]["reason"] == "Provided keystore password was incorrect"
    (node,) = pair.near.call("POST", RELOAD, {"secure_settings_password": "pass-word"}).body["nodes"].values()
    assert node["secure_setting_names"] == ["keystore.seed"]
    assert pair.tool("list", given="wrong\n").returncode == 65
    assert pair.tool("list", given="pass-word\n").stdout == "keystore.seed\n"


def test_8_19_tells_nothing_of_what_it_reloads(emulate: Callable[..., Client], tmp_path: Path) -> None:
    pair = Pair(emulate(), emulate(keystore=str(tmp_path / "elasticsearch.keystore"), version="8.19.21"), tmp_path)
    assert pair.load(pair.key()["encoded"]) == {"name": "node-1"}
    answer = pair.near.call("GET", "/far:logs*/_search")
    assert answer.status == 403
    assert answer.body["error"]["caused_by"]["reason"] == "no such remote cluster: [far]"
    assert json.loads((tmp_path / "elasticsearch.keystore").read_text())["settings"][CREDENTIALS]
