# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook revoke, as a user runs it: what is confirmed is revoked, on every cluster, and the leaked secret is seen nowhere."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import secrets
import select
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTIC_CLOUD
from ansible_collections.keysmith.elastic.plugins.modules import ec_api_key
from support.admin import Admin, UniqueNames, basic
from support.cloud_life import CloudService
from support.cores import CORES_ON
from support.in_process import answer_of
from support.leaks import Secrets
from support.life import Litter
from support.playbook import Run, Stage
from support.servers import Server
from support.watch import Watch

OWNER = {"api_key": "essu_changeme"}
PLAYBOOK = "keysmith.elastic.revoke"
PATIENCE = 120


class Scene:
    """Two clusters in an inventory, which are the same server with two logins, and a leaked key of each."""

    def __init__(self, server: Server, unique: UniqueNames, litter: Litter, folder: Path, core: str) -> None:
        self.admin, self.unique, self.litter = Admin(server), unique, litter
        self.stage = Stage(folder, core)
        # Of its own: others may be seen in the arguments of other tests' processes.
        self.password = f"password-{secrets.token_hex(8)}"
        self.secrets = Secrets()
        self.ids: dict[str, str] = {}
        self.encoded: dict[str, str] = {}
        hosts = {}
        for host in ("one", "two"):
            user = unique(host)
            role = {"cluster": ["manage_own_api_key", "monitor"]}
            litter.roles.append(self.admin.create_role(user, role))
            self.admin.create_user(user, [user], self.password)
            litter.users.append(user)
            connection = {"url": server.url, "username": user, "password": self.password}
            hosts[host] = {"revoke_connection": connection}
            self.make(host, user)
        self.hosts = hosts
        self.inventory = self.write("inventory.yml", {"all": {"hosts": hosts}})
        self.secrets.add("the password", self.password)

    def write(self, name: str, content: Any) -> Path:
        path = self.stage.given / name
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        return path

    def make(self, what: str, user: str) -> None:
        roles = {"none": {}}
        made = self.admin.create_key(
            self.unique(f"leaked-{what}"), login=basic(user, self.password), role_descriptors=roles
        )
        self.litter.keys.append(made["id"])
        self.secrets.add_key(f"the secret of {what}", made["id"], made["api_key"])
        self.ids[what], self.encoded[what] = made["id"], made["encoded"]

    def alive(self) -> set[str]:
        found = {key["id"] for key in self.admin.keys(self.unique.prefix, alive=True)}
        return {what for what, key_id in self.ids.items() if key_id in found}

    def run(self, *arguments: str, stdin: Path | None = None, **variables: Any) -> Run:
        given = ("-i", str(self.inventory), *arguments)
        return self.stage.run_playbook(PLAYBOOK, variables, *given, stdin=stdin)

    def assert_silent(self, run: Run, watch: Watch, module: str = "es_api_key_revoke") -> None:
        found = self.secrets.in_text(run.output, "output") + self.secrets.in_folder(run.home)
        for event in run.events:
            found += self.secrets.in_text(json.dumps(event.result), f"the event {event.event} of {event.task!r}")
        found += self.secrets.in_text("\n".join(watch.arguments), "the arguments of a process")
        assert any(f"AnsiballZ_{module}" in text for text in watch.arguments), "no module was seen"
        assert [str(leak) for leak in found] == []


@pytest.fixture(params=sorted({core for cores in CORES_ON.values() for core in cores}))
def scene(request: pytest.FixtureRequest, server: Server, unique: UniqueNames, litter: Litter, tmp_path: Path) -> Scene:
    if request.param not in CORES_ON[server.name]:
        pytest.skip(f"on {server.name} only core {', '.join(CORES_ON[server.name])}")
    return Scene(server, unique, litter, tmp_path, request.param)


def messages(run: Run, task: str) -> str:
    return json.dumps(
        [event.result.get("msg") for event in run.events if event.task == task and event.event != "skipped"]
    )


def test_a_leaked_secret_from_standard_input(scene: Scene) -> None:
    """Shown, refused without the number, revoked with it, and all that at -vvv without a word of the secret."""
    leak = scene.write("leak.yml", {"revoke_secret": scene.encoded["one"], "revoke_hosts": "one"})
    watch = Watch()
    with watch:
        refused = scene.run("-e", "@/dev/stdin", "-vvv", "--diff", stdin=leak)
        done = scene.run("-e", "@/dev/stdin", "-vvv", "--diff", stdin=leak, revoke_count=1)
    assert refused.status == 2, refused.output[-3000:]
    assert "1 keys would be revoked, and no number was confirmed" in refused.output
    assert "revoke_count: 1" in refused.output
    assert done.status == 0, done.output[-3000:]
    assert scene.ids["one"] in messages(done, "What is to be revoked")
    assert scene.alive() == {"two"}
    scene.assert_silent(refused, watch)
    scene.assert_silent(done, watch)


def test_two_clusters_one_number(scene: Scene) -> None:
    if scene.stage.core != CORES_ON[scene.admin.server.name][-1]:
        pytest.skip("once is enough")
    pattern = {"revoke_name_pattern": scene.unique("leaked-*")}
    shown = scene.run("--check", **pattern)
    assert shown.status == 0, shown.output[-3000:]
    table = messages(shown, "What is to be revoked")
    assert all(key_id in table for key_id in scene.ids.values())
    assert "2 keys to be revoked." in table
    wrong = scene.run(**pattern, revoke_count=1)
    assert wrong.status == 2
    assert "2 keys would be revoked, confirmed were 1" in wrong.output
    assert scene.alive() == {"one", "two"}
    done = scene.run(**pattern, revoke_count=2)
    assert done.status == 0, done.output[-3000:]
    assert scene.alive() == set()
    again = scene.run(**pattern, revoke_count=2)
    assert again.status == 0, again.output[-3000:]
    assert "changed=0" in again.stdout
    assert "0 keys to be revoked, 2 dead already." in messages(again, "What is to be revoked")
    typo = scene.run(revoke_name=scene.unique("nobody"), revoke_count=2)
    assert typo.status == 2
    assert "as many keys have never been there" in typo.output


def test_successors_first(scene: Scene) -> None:
    """Of the keys in a list of the role rotate; a list that cannot be narrowed down leaves everything alive."""
    if scene.stage.core != CORES_ON[scene.admin.server.name][-1]:
        pytest.skip("once is enough")
    store = scene.stage.given / "key.json"
    login = scene.hosts["one"]["revoke_connection"]
    key = {
        "name": scene.unique("leaked-stored"),
        "role_descriptors": {"none": {}},
        "expiration": "9d",
        "overlap": "0s",
        "settle": "0s",
    }
    other = {**key, "name": scene.unique("healthy"), "store": {"type": "file", "path": f"{store}.other"}}
    keys = [{**key, "store": {"type": "file", "path": str(store)}}, other]
    web = {"rotate_keys": keys, "rotate_connection": login, "ansible_connection": "local"}
    scene.inventory = scene.write("inventory.yml", {"all": {"hosts": {**scene.hosts, "web": web}}})
    made = scene.stage.run_playbook("keysmith.elastic.rotate", {"rotate_hosts": "web"}, "-i", str(scene.inventory))
    assert made.status == 0, made.output[-3000:]
    before, healthy = json.loads(store.read_text())["current"], Path(f"{store}.other").read_text()
    given = {
        "revoke_hosts": "one",
        "revoke_name_pattern": scene.unique("leaked-*"),
        "revoke_successors": True,
        "revoke_count": 2,
    }
    blocked = scene.run(**given, revoke_successor_hosts="web", rotate_keys=keys)
    assert blocked.status == 2
    assert "got no successor, and nothing was revoked" in blocked.output
    assert "one" in scene.alive()
    done = scene.run(**given)
    assert done.status == 0, done.output[-3000:]
    after = json.loads(store.read_text())["current"]
    assert after["id"] != before["id"]
    assert scene.admin.key(before["id"])["invalidated"]
    assert not scene.admin.key(after["id"])["invalidated"]
    assert Path(f"{store}.other").read_text() == healthy
    assert "one" not in scene.alive()


class Mixed:
    """Beside the clusters an organization of Elastic Cloud and an ECE with a leaked key each, and the machine that keeps the former."""

    def __init__(self, scene: Scene, services: dict[str, str]) -> None:
        joe = {"username": "joe", "password": scene.password}
        self.cloud, self.ece = CloudService(services["elastic_cloud"], OWNER), CloudService(services["ece"], joe)
        self.cloud.reset(OWNER)
        self.ece.reset(joe)
        self._path = scene.stage.given / "cloud.json"
        connection = {"url": self.cloud.url, "api_key": self.cloud.make("login", expiration="400h")["key"]}
        store = {"type": "file", "path": str(self._path)}
        key = {"description": scene.unique("leaked-key"), "all_rights": True, "expiration": "30h", "store": store}
        answer_of(ec_api_key.main, {**connection, **key}, group=ELASTIC_CLOUD)
        self.in_cloud, self.in_ece = self.stored, self.ece.make(scene.unique("leaked-key"))
        for what, text in (("login", connection["api_key"]), ("ECE", self.in_ece["key"])):
            scene.secrets.add(f"the key of {what}", text)
        scene.secrets.add("the key of Cloud", self.in_cloud["api_key"])
        hosts = {
            "one": scene.hosts["one"],
            # What a host's kind does not have keeps that host from being asked, and no other.
            "two": {**scene.hosts["two"], "revoke_user_id": "7"},
            "cloud": {"revoke_kind": "elastic_cloud", "revoke_connection": connection},
            "enterprise": {"revoke_kind": "ece", "revoke_connection": {"url": self.ece.url, **joe}},
            "web": {
                "rotate_keys": [{"kind": "ec_api_key", "settle": "0s", **key}],
                "rotate_connection": connection,
                "ansible_connection": "local",
            },
        }
        scene.inventory = scene.write("inventory.yml", {"all": {"hosts": hosts}})

    @property
    def stored(self) -> dict[str, Any]:
        """The key that the machine has now."""
        return dict(json.loads(self._path.read_text())["current"])

    def alive(self) -> set[str]:
        """The ids of all keys of both services."""
        return {*self.cloud.keys(), *self.ece.keys()}


def test_three_kinds_in_one_inventory(scene: Scene, services: dict[str, str]) -> None:
    """A secret goes to the service whose form it has, and its key gets a successor; a pattern goes to all, and one number is for all."""
    if scene.stage.core != CORES_ON[scene.admin.server.name][-1]:
        pytest.skip("once is enough")
    mixed = Mixed(scene, services)
    secret = {"revoke_secret": mixed.in_cloud["api_key"], "revoke_hosts": "all:!web", "revoke_successors": True}
    leak = scene.write("leak.yml", secret)
    with Watch() as watch:
        by_secret = scene.run("-e", "@/dev/stdin", "-vvv", "--diff", stdin=leak, revoke_count=1)
    shown = messages(by_secret, "What is to be revoked")
    assert by_secret.status == 2 and "revoke_user_id cannot be said of keys of Elasticsearch" in shown
    assert mixed.in_cloud["id"] in shown and "one was not asked: revoke_secret is a key of Elastic Cloud." in shown
    successor = mixed.stored
    scene.secrets.add("the successor", successor["api_key"])
    assert mixed.in_cloud["id"] not in mixed.alive()
    assert {mixed.in_ece["id"], successor["id"]} <= mixed.alive()
    scene.assert_silent(by_secret, watch, "ec_api_key_revoke")
    pattern = {"revoke_name_pattern": scene.unique("leaked-*"), "revoke_except_ids": successor["id"]}
    given = {"revoke_hosts": "all:!two:!web", **pattern, "revoke_count": 2}
    for changed in (True, False):
        done = scene.run(**given)
        assert done.status == 0, done.output[-3000:]
        assert scene.alive() == {"two"} and mixed.in_ece["id"] not in mixed.alive()
        shown = messages(done, "What is to be revoked")
        assert f"{2 if changed else 0} keys to be revoked" in shown and "cloud shows no deleted keys" in shown
    assert successor["id"] in mixed.alive()
    elsewhere = scene.write("elsewhere.yml", {"revoke_secret": scene.encoded["two"], "revoke_hosts": "cloud"})
    foreign = scene.run("-e", f"@{elsewhere}", revoke_count=1)
    assert foreign.status == 2 and "no host that was looked at is of that kind" in foreign.output


def test_a_terminal_is_asked(scene: Scene) -> None:
    """For the secret, which is not shown, and for the number."""
    if scene.admin.server.kind != "emulator":
        pytest.skip("a terminal is the same on every server")
    terminal = Terminal(scene, {"revoke_secret": "prompt", "revoke_hosts": "one"})
    terminal.answer("The leaked secret", scene.encoded["one"])
    terminal.answer("type how many they are", "1")
    assert terminal.end() == 0, terminal.shown[-3000:]
    assert scene.alive() == {"two"}
    assert scene.secrets.in_text(terminal.shown, "the terminal") == []
    assert scene.secrets.in_folder(scene.stage.home) == []


class Terminal:
    """A run of the playbook on a terminal, and somebody who types."""

    def __init__(self, scene: Scene, variables: dict[str, Any]) -> None:
        self._leader, follower = pty.openpty()
        values = scene.write("typed.yml", {"ansible_python_interpreter": scene.stage.python, **variables})
        program = str(Path(scene.stage.python).with_name("ansible-playbook"))
        self._process = subprocess.Popen(
            [program, "-vvv", "-i", str(scene.inventory), "-e", f"@{values}", PLAYBOOK],
            cwd=scene.stage.given,
            env={**scene.stage.variables(), "RECORD_EVENTS": str(scene.stage.home / "events.jsonl")},
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            # Ansible asks whoever controls the terminal, and nobody else.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(follower)
        self.shown = ""

    def answer(self, question: str, text: str) -> None:
        seen = len(self.shown)
        self._read(lambda: question in self.shown[seen:])
        # What is typed before the prompt reads it is thrown away.
        time.sleep(1)
        os.write(self._leader, f"{text}\r".encode())

    def end(self) -> int:
        self._read(lambda: self._process.poll() is not None)
        os.close(self._leader)
        return self._process.wait(PATIENCE)

    def _read(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            assert time.monotonic() < deadline, self.shown[-3000:]
            ready, _writable, _broken = select.select([self._leader], [], [], 0.2)
            if ready:
                try:
                    self.shown += os.read(self._leader, 65536).decode("utf-8", "replace")
                except OSError:
                    # The other end is closed.
                    return
