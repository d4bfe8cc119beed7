# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote clusters: their settings, the secure settings of a keystore file, and searches that another emulator answers.

The other emulator is reached at its HTTP address, since an emulator has no other; a header tells it that the search comes from a cluster.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from keysmith_emulator.elasticsearch import privileges
from keysmith_emulator.elasticsearch.authentication import check_key, decode_key
from keysmith_emulator.elasticsearch.authorization import require_cluster
from keysmith_emulator.elasticsearch.body import read_body
from keysmith_emulator.elasticsearch.errors import Refusal, forbidden, illegal_argument, unauthenticated
from keysmith_emulator.elasticsearch.indices import found, search_expression
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import CROSS_CLUSTER, State
from keysmith_emulator.exchange import Answer, Request

HEADER = "x-keysmith-cross-cluster"
_FEATURE = "advanced-remote-cluster-security"
_ACTION = "indices:data/read/search"
_SECONDS = 5.0
_MONITOR, _MANAGE = ("monitor", "manage", "all"), ("manage", "all")
_KNOWN = re.compile(
    r"cluster\.remote\.([^.]+)\.(mode|proxy_address|server_name|proxy_socket_connections|seeds|node_connections|skip_unavailable"
    r"|transport\.(?:compress|compression_scheme|ping_schedule))"
)
_OF_MODE = {"proxy_address": "PROXY", "server_name": "PROXY", "seeds": "SNIFF", "node_connections": "SNIFF"}


def get_settings(call: Call) -> Answer:
    """GET /_cluster/settings."""
    require_cluster(call.subject, "cluster:monitor/settings", _MONITOR, call.version)
    return Answer(200, {"persistent": _shown(call, call.state.cluster_settings), "transient": {}})


def put_settings(call: Call) -> Answer:
    """PUT /_cluster/settings: those of remote clusters."""
    require_cluster(call.subject, "cluster:admin/settings/update", _MANAGE, call.version)
    given = _flat(read_body(call.request.body).value.get("persistent") or {})
    for name in given:
        if _KNOWN.fullmatch(name) is None:
            raise illegal_argument(f"persistent setting [{name}], not recognized")
    after = {**call.state.cluster_settings, **{name: _written(value) for name, value in given.items()}}
    after = {name: value for name, value in after.items() if value is not None}
    _check(after)
    call.state.cluster_settings = after
    changed = {name: _written(value) for name, value in given.items() if value is not None}
    return Answer(200, {"acknowledged": True, "persistent": _shown(call, changed), "transient": {}})


def remote_info(call: Call) -> Answer:
    """GET /_remote/info."""
    require_cluster(call.subject, "cluster:monitor/remote/info", _MONITOR, call.version)
    return Answer(200, {alias: _info(call.state, alias) for alias in _aliases(call.state)})


def reload_secure_settings(call: Call) -> Answer:
    """POST /_nodes/reload_secure_settings."""
    require_cluster(call.subject, "cluster:admin/nodes/reload_secure_settings", _MANAGE, call.version)
    given = read_body(call.request.body).value if call.request.body.strip() else {}
    state = call.state
    node: dict[str, Any] = {"name": state.settings.node_name, **_reloaded(state, given.get("secure_settings_password"))}
    return Answer(200, {**_nodes_header(state), "nodes": {state.node_id: node}})


def node_settings(call: Call) -> Answer:
    """GET /_nodes/settings, of the one node that there is."""
    require_cluster(call.subject, "cluster:monitor/nodes/info", _MONITOR, call.version)
    state = call.state
    node = {
        "name": state.settings.node_name,
        "version": str(state.settings.version),
        "roles": ["data", "ingest", "master", "remote_cluster_client"],
        "settings": _shown(
            call,
            {
                "cluster.name": state.settings.cluster_name,
                "node.name": state.settings.node_name,
                # Between emulators there is no TLS.
                "xpack.security.remote_cluster_client.ssl.enabled": "false",
            },
        ),
    }
    return Answer(200, {**_nodes_header(state), "nodes": {state.node_id: node}})


def certificates(call: Call) -> Answer:
    """GET /_ssl/certificates: the node has read none."""
    require_cluster(call.subject, "cluster:monitor/xpack/ssl/certificates/get", _MONITOR, call.version)
    return Answer(200, [])


def search_remote(call: Call, expression: str) -> Answer:
    """A search whose index names a remote cluster; of several clusters only the first is asked."""
    alias, index = expression.split(":", 1)
    index = index.replace(f"{alias}:", "")
    if alias not in _aliases(call.state):
        raise _no_such_cluster(call, alias)
    answer = _asked(call.state, alias, index)
    if "error" not in answer:
        hits = answer["hits"]
        for hit in hits["hits"]:
            hit["_index"] = f"{alias}:{hit['_index']}"
        return Answer(200, _whole("successful", alias, index, hits, answer["_shards"]))
    if not _skips(call.state, alias):
        return Answer(answer["status"], answer)
    nothing = {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []}
    failure = {"shard": -1, "index": None, "reason": {k: v for k, v in answer["error"].items() if k != "root_cause"}}
    shards = {"total": 0, "successful": 0, "skipped": 0, "failed": 0}
    body = _whole("skipped", alias, index, nothing, shards)
    body["_clusters"]["details"][alias]["failures"] = [failure]
    return Answer(200, body)


def serve_cross_cluster(state: State, request: Request) -> Answer:
    """Answer a search that comes from another cluster, whose key is in the header."""
    _check_license(state)
    index = request.path.strip("/").split("/")[0]
    encoded = request.headers[HEADER]
    try:
        key_id, secret = decode_key(encoded)
    except Refusal:
        raise unauthenticated("error attempting to authenticate request") from None
    try:
        key = check_key(state, key_id, secret, CROSS_CLUSTER)
    except Refusal as refusal:
        raise unauthenticated(
            f"unable to authenticate user [{key_id}] for action [{_ACTION}]", f"API key: {refusal.reason}"
        ) from None
    patterns = [
        pattern
        for entries in (key.access or {}).values()
        for entry in entries
        for pattern in ([entry["names"]] if isinstance(entry["names"], str) else entry["names"])
    ]

    def covered(name: str) -> bool:
        return any(privileges.covers_name(pattern, name) for pattern in patterns)

    if "*" not in index and not covered(index):
        raise forbidden(
            f"action [{_ACTION}] towards remote cluster is unauthorized for user [elastic] with assigned roles [superuser] "
            f"authenticated by API key id [{key.id}] of user [{key.username}] on indices [{index}], this action is granted by "
            "the index privileges [read,all]"
        )
    return found(state, [name for name in search_expression(state, index) if covered(name)])


def _asked(state: State, alias: str, index: str) -> dict[str, Any]:
    try:
        _check_license(state)
    except Refusal as refusal:
        return refusal.body()
    address, credentials = _address(state, alias), state.secure_settings.get(f"cluster.remote.{alias}.credentials", "")
    try:
        return _exchange(address, f"/{quote(index, safe='*,')}/_search", {HEADER: credentials})
    except (OSError, ValueError, http.client.HTTPException):
        reason = f"Unable to connect to [{alias}]"
        if f"cluster.remote.{alias}.seeds" in state.cluster_settings:
            reason = f"[][{address}] connect_exception"
        return Refusal(502, "connect_transport_exception", reason).body()


def _exchange(address: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(address, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        body: dict[str, Any] = json.loads(connection.getresponse().read())
        return body
    finally:
        connection.close()


def _reloaded(state: State, password: str | None) -> dict[str, Any]:
    path = Path(state.settings.keystore) if state.settings.keystore else None
    # A node makes itself a keystore where it finds none.
    raw = path.read_bytes() if path is not None and path.exists() else b'{"settings": {"keystore.seed": "seed"}}'
    content = json.loads(raw)
    if content.get("password") and content["password"] != password:
        cause = {"type": "a_e_a_d_bad_tag_exception", "reason": "Tag mismatch"}
        return {
            "reload_exception": {
                "type": "security_exception",
                "reason": "Provided keystore password was incorrect",
                "caused_by": {
                    "type": "i_o_exception",
                    "reason": "javax.crypto.AEADBadTagException: Tag mismatch",
                    "caused_by": cause,
                },
            }
        }
    state.secure_settings = dict(content["settings"])
    if not state.settings.version.has("secure_settings_shown"):
        return {}
    return {
        "secure_setting_names": sorted(content["settings"]),
        "keystore_path": str(path or "elasticsearch.keystore"),
        "keystore_digest": hashlib.sha256(raw).hexdigest(),
    }


def _info(state: State, alias: str) -> dict[str, Any]:
    own = {
        name.split(".", 3)[3]: value
        for name, value in state.cluster_settings.items()
        if name.startswith(f"cluster.remote.{alias}.")
    }
    connected = _is_there(_address(state, alias))
    shown: dict[str, Any] = {"connected": connected, "mode": own.get("mode", "sniff")}
    if shown["mode"] == "proxy":
        most = int(own.get("proxy_socket_connections", 18))
        shown.update(proxy_address=own["proxy_address"], server_name=own.get("server_name", ""))
        shown.update(num_proxy_sockets_connected=most if connected else 0, max_proxy_socket_connections=most)
    else:
        shown.update(seeds=own["seeds"], num_nodes_connected=int(connected))
        shown.update(max_connections_per_cluster=int(own.get("node_connections", 3)))
    shown.update(initial_connect_timeout="30s", skip_unavailable=_skips(state, alias))
    if f"cluster.remote.{alias}.credentials" in state.secure_settings:
        shown["cluster_credentials"] = "::es_redacted::"
    return shown


def _is_there(address: str) -> bool:
    try:
        _exchange(address, "/_emulator/clock", {})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return True


def _address(state: State, alias: str) -> str:
    proxy = state.cluster_settings.get(f"cluster.remote.{alias}.proxy_address")
    return str(proxy or state.cluster_settings[f"cluster.remote.{alias}.seeds"][0])


def _aliases(state: State) -> list[str]:
    """A remote cluster is one as soon as it has an address."""
    fitting = [_KNOWN.fullmatch(name) for name in state.cluster_settings]
    return sorted({match[1] for match in fitting if match and match[2] in ("proxy_address", "seeds")})


def _skips(state: State, alias: str) -> bool:
    return state.cluster_settings.get(f"cluster.remote.{alias}.skip_unavailable", "true") == "true"


def _check(settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        match = _KNOWN.fullmatch(name)
        alias, last = match.groups() if match else ("", "")
        mode = str(settings.get(f"cluster.remote.{alias}.mode", "sniff")).upper()
        if mode not in ("PROXY", "SNIFF"):
            kind = "org.elasticsearch.transport.RemoteConnectionStrategy.ConnectionStrategy"
            raise illegal_argument(f"No enum constant {kind}.{mode}")
        needed = _OF_MODE.get(last, mode)
        if needed != mode:
            raise illegal_argument(
                f'Setting "{name}" cannot be used with the configured "cluster.remote.{alias}.mode" '
                f"[required={needed}, configured={mode}]"
            )
        for address in {"proxy_address": [value], "seeds": value}.get(last, []):
            if not re.fullmatch(r".+:\d+", address):
                raise illegal_argument(f"remote hosts need to be configured as [host:port], found [{address}] instead")


def _check_license(state: State) -> None:
    if state.license_type not in ("trial", "enterprise"):
        text = f"current license is non-compliant for [{_FEATURE}]"
        raise forbidden(text, extra={"license.expired.feature": _FEATURE})


def _no_such_cluster(call: Call, alias: str) -> Refusal:
    missing = Refusal(404, "no_such_remote_cluster_exception", f"no such remote cluster: [{alias}]")
    if call.version.major > 8:
        return missing
    return forbidden(
        f"action [{_ACTION}] is unauthorized for user [{call.subject.username}] with effective roles "
        f"[{','.join(call.subject.role_names)}], this action is granted by the index privileges [read,all]",
        missing,
    )


def _whole(status: str, alias: str, index: str, hits: dict[str, Any], shards: dict[str, int]) -> dict[str, Any]:
    states = ["successful", "skipped", "running", "partial", "failed"]
    detail = {"status": status, "indices": index, "timed_out": False}
    if status == "successful":
        detail["_shards"] = shards
    return {
        "took": 1,
        "timed_out": False,
        "_shards": shards,
        "_clusters": {"total": 1, **{one: int(one == status) for one in states}, "details": {alias: detail}},
        "hits": hits,
    }


def _nodes_header(state: State) -> dict[str, Any]:
    counts = {"total": 1, "successful": 1, "failed": 0}
    return {"_nodes": counts, "cluster_name": state.settings.cluster_name}


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def _flat(given: dict[str, Any], start: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in given.items():
        flat.update(_flat(value, f"{start}{name}.") if isinstance(value, dict) else {start + name: value})
    return flat


def _shown(call: Call, settings: dict[str, Any]) -> dict[str, Any]:
    if call.flag("flat_settings"):
        return dict(sorted(settings.items()))
    nested: dict[str, Any] = {}
    for name, value in settings.items():
        *path, last = name.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return nested


ROUTES = [
    Route(("GET",), "/_cluster/settings", get_settings, ("flat_settings", "include_defaults"), serverless=False),
    Route(("PUT",), "/_cluster/settings", put_settings, ("flat_settings",), serverless=False),
    Route(("GET",), "/_remote/info", remote_info, serverless=False),
    Route(("POST",), "/_nodes/reload_secure_settings", reload_secure_settings, ("timeout",), serverless=False),
    Route(("GET",), "/_ssl/certificates", certificates, serverless=False),
    Route(("GET",), "/_nodes/settings", node_settings, ("flat_settings",), serverless=False),
    Route(("GET",), "/_nodes/_local/settings", node_settings, ("flat_settings",), serverless=False),
]
