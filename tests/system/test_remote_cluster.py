# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role remote_cluster, on two emulators and on pairs of real nodes: 8.19 with 8.19, 9.5 with 9.5, and 9.5 searching 8.19."""

from __future__ import annotations

import base64
import itertools
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.admin import api_key
from support.cores import CORE_ON
from support.leaks import Leak, Secrets
from support.playbook import Run, Stage
from support.remote_clusters import PAIRS, PASSWORD, Pair, emulated_pair, real_pair
from support.servers import Server, Unavailable, missing, required

LONG = bool(os.environ.get("KEYSMITH_LONG"))
ON = {
    "emulator": ["emulated"],
    "8.19.21": ["8.19"],
    "9.5.3": ["9.5", "9.5 searches 8.19"] if LONG else ["9.5 searches 8.19"],
}
PLAYBOOK = "keysmith.elastic.connect_remote_cluster"
ALIAS = "far"
KEY = "from-near"
STEPS = (
    "See to the key",
    "Put the key into the keystore of the node",
    "Let the nodes read their keystores, and set the remote cluster",
    "Search the remote cluster from every node",
    "Let the old key go",
)
# Each costs two runs; the ones between which the key is in the keystore and not in use, or in use and not confirmed.
MOST_TELLING = STEPS[1:3]


def start(name: str) -> Any:
    if name == "emulated":
        return emulated_pair()
    return real_pair(*PAIRS[name], password=PASSWORD if name.startswith("9.5") else None)


@pytest.fixture(scope="module", params=[name for names in ON.values() for name in names])
def pair(request: pytest.FixtureRequest, server: Server) -> Iterator[Pair]:
    if request.param not in ON[server.name]:
        pytest.skip("this pair is for another server")
    lacking = [reason for version in PAIRS.get(request.param, ()) if (reason := missing(version))]
    if lacking and not required():
        pytest.skip(lacking[0])
    try:
        with start(request.param) as made:
            for index in ("logs-1", "audit-1"):
                made.remote.ok("POST", f"/{index}/_doc?refresh=true", {"a": 1})
            yield made
    except Unavailable as reason:
        pytest.fail(str(reason))


class Clusters:
    """Runs of the role over a pair, each in a store of its own."""

    numbers = itertools.count(1)

    def __init__(self, pair: Pair, folder: Path, core: str) -> None:
        self.pair = pair
        self.stage = Stage(folder, core)
        self.store = folder / "far.json"
        self.name = f"{KEY}-{next(self.numbers)}"

    def variables(self, **key: Any) -> dict[str, Any]:
        own = {
            "name": self.name,
            "access": {"search": [{"names": ["logs-*"]}]},
            "expiration": "30d",
            "overlap": "0s",
            "settle": "1s",
            "store": {"type": "file", "path": str(self.store)},
        }
        return {
            "remote_cluster_name": ALIAS,
            "remote_cluster_mode": "proxy",
            "remote_cluster_proxy_address": self.pair.address,
            "remote_cluster_keystore_program": str(self.pair.program),
            "remote_cluster_become": False,
            **({"remote_cluster_keystore_password": self.pair.password} if self.pair.password else {}),
            "remote_cluster_key": {**own, **key},
        }

    def inventory(self, *nodes: dict[str, Any]) -> dict[str, Any]:
        def host(server: Server, **more: Any) -> dict[str, Any]:
            connection = {"url": server.url, "username": server.username, "password": server.password}
            return {"remote_cluster_connection": connection, "ansible_connection": "local", **more}

        near = {f"near{n}": host(self.pair.local.server, **more) for n, more in enumerate(nodes or [{}], 1)}
        groups = {"elasticsearch_remote": {"far1": host(self.pair.remote.server)}, "elasticsearch_local": near}
        return {"all": {"children": {name: {"hosts": hosts} for name, hosts in groups.items()}}}

    def run(self, *arguments: str, more: dict[str, Any] | None = None, **key: Any) -> Run:
        variables = {**self.variables(**key), **(more or {})}
        return self.stage.run_playbook(PLAYBOOK, variables, *arguments, inventory=self.inventory())

    def works(self, *arguments: str, more: dict[str, Any] | None = None, **key: Any) -> Run:
        ran = self.run(*arguments, more=more, **key)
        assert ran.status == 0, ran.output[-5000:]
        return ran

    def killed_after(self, step: str, **key: Any) -> None:
        inventory = self.stage._write(f"inventory-of-{self.name}.yml", self.inventory())
        tasks = [{"name": "The role", "ansible.builtin.import_role": {"name": "keysmith.elastic.remote_cluster"}}]
        play = {"hosts": "elasticsearch_local"}
        begun = self.stage.start(tasks, self.variables(**key), "--inventory", str(inventory), play=play)
        begun.wait_for(step)
        begun.kill()

    def alive(self) -> list[str]:
        return [key["id"] for key in self.pair.remote.keys(self.name, alive=True)]

    def refusal(self, encoded: str) -> str:
        """What the remote cluster says of a secret."""
        answer = self.pair.remote.authenticate(api_key(encoded))
        assert answer.status == 401
        error = answer.body["error"]
        return f"{error['reason']} {error.get('additional_unsuccessful_credentials', '')}"

    def leaks(self, *encoded: str) -> list[Leak]:
        """Where these keys stand in what the runs have written: output, logs, events, and files left behind."""
        secrets = Secrets()
        if self.pair.password:
            secrets.add("the keystore's password", self.pair.password)
        for one in encoded:
            secrets.add_key(one[:8], *base64.b64decode(one).decode().split(":"))
            secrets.add(f"{one[:8]} encoded", one)
        return [leak for name in ("home", "events") for leak in secrets.in_folder(self.store.parent / name)]

    def in_keystore(self) -> str:
        return self.pair.keystore("show", f"cluster.remote.{ALIAS}.credentials").stdout.strip()


class Load(threading.Thread):
    """A client that searches every 50 ms."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair, self.searches, self.failed, self._ended = pair, 0, [], threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.05):
            found = self.pair.search(ALIAS, "logs-*")
            self.searches += 1
            if found["status"] != "successful" or found["found"] != 1:
                self.failed.append(found)

    def __enter__(self) -> Load:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


@pytest.fixture
def clusters(pair: Pair, server: Server, tmp_path: Path) -> Clusters:
    return Clusters(pair, tmp_path, CORE_ON[server.name])


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_from_nothing_to_a_rotation_under_load(clusters: Clusters) -> None:
    """One run connects, the second changes nothing, a rotation fails no search, and a changed access takes effect in its run."""
    pair = clusters.pair
    clusters.works()
    assert pair.local.ok("GET", "/_remote/info")[ALIAS]["connected"] is True
    assert pair.search(ALIAS, "logs-*")["found"] == 1
    (first,) = clusters.alive()
    old = clusters.in_keystore()
    again = clusters.works()
    assert {event.task: event.result for event in again.events if event.result.get("changed")} == {}
    time.sleep(1.1)
    with Load(pair) as load:
        rotated = clusters.works("--diff", "-vv", rotate_if_created_before=now())
    assert load.searches > 20
    assert load.failed == []
    print(f"{load.searches} searches during the rotation, none failed")
    (second,) = clusters.alive()
    assert second != first
    assert "has been invalidated" in clusters.refusal(old)
    assert clusters.leaks(old, clusters.in_keystore()) == []
    assert rotated.events
    both = {"search": [{"names": ["logs-*", "audit-*"]}]}
    clusters.works(access=both)
    assert pair.search(ALIAS, "audit-1")["found"] == 1
    clusters.works(access={"search": [{"names": ["logs-*"]}]})
    assert pair.search(ALIAS, "audit-1")["status"] != "successful"
    assert clusters.alive() == [second]


@pytest.mark.parametrize("step", STEPS if LONG else MOST_TELLING)
def test_a_run_that_was_killed_is_finished_by_the_next(clusters: Clusters, step: str) -> None:
    if not LONG and clusters.pair.local.server.kind != "emulator":
        pytest.skip("KEYSMITH_LONG is not set")
    clusters.works()
    (first,) = clusters.alive()
    time.sleep(1.1)
    wanted = {"rotate_if_created_before": now()}
    clusters.killed_after(step, **wanted)
    assert clusters.leaks(clusters.in_keystore()) == []
    assert clusters.pair.search(ALIAS, "logs-*")["found"] == 1
    clusters.works(**wanted)
    (second,) = clusters.alive()
    assert second != first
    assert clusters.pair.search(ALIAS, "logs-*")["found"] == 1


def test_the_nodes_are_connected_together_or_not_at_all(clusters: Clusters) -> None:
    if clusters.pair.local.server.kind != "emulator":
        pytest.skip("what is done with hosts is the same everywhere")

    def run(*arguments: str, program: object, **key: Any) -> Run:
        variables = clusters.variables(**key)
        del variables["remote_cluster_keystore_program"]
        nodes = [{"remote_cluster_keystore_program": str(one)} for one in (clusters.pair.program, program)]
        inventory = clusters.inventory(*nodes)
        return clusters.stage.run_playbook(PLAYBOOK, variables, *arguments, inventory=inventory)

    left_out = run("--limit", "near1", program=clusters.pair.program)
    assert "near2 of the group elasticsearch_local is not among the hosts" in left_out.output
    assert clusters.alive() == []
    both = run(program=clusters.pair.program)
    assert both.status == 0, both.output[-3000:]
    assert "from 2 nodes" in both.output
    first = clusters.alive()
    time.sleep(1.1)
    failed = run(program="/nowhere/elasticsearch-keystore", rotate_if_created_before=now())
    assert failed.status != 0
    assert clusters.alive() == first
    assert clusters.pair.search(ALIAS, "logs-*")["found"] == 1


def refuse(clusters: Clusters, *words: str, more: dict[str, Any] | None = None, **key: Any) -> None:
    """A run fails with one sentence, and has made no key."""
    ran = clusters.run(more=more, **key)
    failed = [event.message for event in ran.events if event.event == "failed"]
    assert ran.status != 0
    assert len(failed) == 1, ran.output[-3000:]
    assert all(word in failed[0] for word in words), failed[0]
    assert clusters.alive() == []


def test_what_is_wrong_is_said_before_a_key_is_made(clusters: Clusters) -> None:
    pair = clusters.pair
    if not LONG and pair.local.server.kind != "emulator":
        pytest.skip("KEYSMITH_LONG is not set")
    local = {"url": pair.remote.server.url, "username": "elastic", "password": pair.remote.server.password}
    refuse(clusters, "is the remote cluster itself", more={"remote_cluster_local_connection": local})
    refuse(clusters, "127.0.0.1:9 cannot be reached", more={"remote_cluster_proxy_address": "127.0.0.1:9"})
    refuse(clusters, "program", more={"remote_cluster_keystore_program": "/nowhere/elasticsearch-keystore"})
    refuse(clusters, "force_rotate is not for it", force_rotate=True)
    refuse(clusters, "privileges", access={"search": [{"names": ["logs-*"], "privileges": ["read"]}]})
    pair.local.ok("POST", "/_license/start_basic?acknowledge=true")
    refuse(clusters, "is basic", "Enterprise")


CLIENT, SERVER = (f"xpack.security.remote_cluster_{side}.ssl." for side in ("client", "server"))


@pytest.mark.skipif(not LONG, reason="KEYSMITH_LONG is not set")
@pytest.mark.parametrize("trusted", [True, False])
def test_tls_between_the_clusters(server: Server, tmp_path: Path, trusted: bool) -> None:
    """A certificate that the node would not trust is told of before a key is made; with one that it trusts it connects."""
    if server.kind == "emulator":
        pytest.skip("there is no TLS between emulators")
    authority, other = trustme.CA(), trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    for name, blob in (("key", leaf.private_key_pem), ("cert", leaf.cert_chain_pems[0]), ("ca", authority.cert_pem)):
        blob.write_to_path(str(tmp_path / f"{name}.pem"))
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    far = {
        f"{SERVER}key": str(tmp_path / "key.pem"),
        f"{SERVER}certificate": str(tmp_path / "cert.pem"),
        f"{SERVER}client_authentication": "none",
    }
    near = {f"{CLIENT}certificate_authorities": str(tmp_path / ("ca.pem" if trusted else "other.pem"))}
    with real_pair(server.name, server.name, far, near) as pair:
        pair.remote.ok("POST", "/logs-1/_doc?refresh=true", {"a": 1})
        clusters = Clusters(pair, tmp_path / "clusters", CORE_ON[server.name])
        if trusted:
            clusters.works()
            assert pair.search(ALIAS, "logs-*")["found"] == 1
        else:
            refuse(clusters, "is not trusted by", "other.pem")
