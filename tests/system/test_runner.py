# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation as AWX runs it, on a worker by ansible-runner: it does its work, and tells no secret in whatever AWX keeps of it.

Some secrets are ansible-runner's own to carry. The payload holds the files that AWX has written the login and the passwords to;
the answer begins with the worker's whole environment and repeats it in a file `command`. A test holds that it is no more.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from gates.environments import DEVELOPER
from support.admin import Admin, UniqueNames
from support.estate import Estate
from support.leaks import Secrets
from support.life import Litter
from support.relay import Relay
from support.runner import Job, Runner
from support.servers import Server
from support.watch import Watch

CORE = "2.20"  # What ansible-runner's own environment has; the estate's stage only lends its home and its variables.
RESTART = "Restart the consumer"
CHECK = [
    {
        "name": "The consumer works",
        "ansible.builtin.uri": {
            "url": "{{ address }}/_security/_authenticate",
            "headers": {"Authorization": "{{ rotate_secret | keysmith.elastic.api_key_header }}"},
            # One that refuses is played by a status that never comes.
            "status_code": "{{ 418 if inventory_hostname == refusing else 200 }}",
            "use_proxy": False,
        },
        "no_log": True,
    }
]


@dataclasses.dataclass
class Scene:
    """An estate of two hosts with two keys each, whose server is reached through a relay, and jobs over it."""

    estate: Estate
    relay: Relay
    runner: Runner
    login: dict[str, str]
    vault_password: str

    def run(self, name: str, play: dict[str, Any], *arguments: str, **env: dict[str, Any]) -> Job:
        variables = {"address": self.estate.admin.server.url, "ansible_python_interpreter": DEVELOPER.program("python")}
        files = {
            # Facts would be gathered in the controller's environment, with the login in it, because the hosts are this machine.
            "project/play.yml": [{"hosts": "all", "gather_facts": False, **play}],
            "project/check.yml": CHECK,
            "inventory/hosts.json": {
                "all": {"hosts": dict.fromkeys(self.estate.hosts, {"ansible_connection": "local"})}
            },
            "env/settings": {"fact_cache_type": "jsonfile", "idle_timeout": 200},
            "env/passwords": {r"^Vault password:\s*$": self.vault_password},
            "env/envvars": {"ANSIBLE_NOCOLOR": "1", **env.get("envvars", {})},
            "env/extravars": {**variables, **env.get("extravars", {})},
        }
        return self.runner.run(name, files, "-vvv", "--cmdline=--ask-vault-pass", *arguments)

    def rotation(self, connection: dict[str, str], **defaults: Any) -> dict[str, Any]:
        """The play: the role over all keys, with a check and a handler."""
        more = {"notify": [RESTART], "check_tasks": "check.yml"}
        keys = [self.estate.key(f"key{number}", **more) for number in range(self.estate.each)]
        variables = self.estate.variables(**defaults)
        return {
            # Something for the cache of facts.
            "pre_tasks": [{"ansible.builtin.set_fact": {"seen": True, "cacheable": True}}],
            "vars": {**variables, "rotate_connection": connection, "rotate_keys": keys},
            "roles": ["keysmith.elastic.rotate"],
            "handlers": [{"name": RESTART, "ansible.builtin.debug": {"msg": "restarted"}}],
        }

    def secrets(self) -> Secrets:
        known = Secrets()
        known.add_login("the login", self.login["username"], self.login["password"])
        known.add("the vault password", self.vault_password)
        for key in self.relay.made():
            known.add_key("a key", key["id"], key["api_key"])
        return known


@pytest.fixture(scope="module")
def scene(server: Server, litter: Litter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    admin, folder = Admin(server), tmp_path_factory.mktemp("runner")
    estate = Estate(admin, UniqueNames("runner"), litter, folder, CORE, hosts=2, each=2)
    password = f"p\"w's+{secrets.token_hex(6)}"
    admin.create_user(estate.username, [estate.username], password)
    lent = {name: value for name, value in estate.stage.variables().items() if "CALLBACK" not in name}
    with Relay(server.url) as relay:
        login = {"url": relay.url("plain"), "username": estate.username, "password": password}
        runner = Runner(folder, estate.stage.home, lent)
        yield Scene(estate, relay, runner, login, f"vault-{secrets.token_hex(6)}")


@dataclasses.dataclass(frozen=True)
class Ran:
    scene: Scene
    created: Job
    rotated: Job
    watch: Watch
    before: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ran(scene: Scene) -> Ran:
    """A job that makes the keys, its login in environment variables; one that rotates them, its login in extra variables.

    In the second one the consumers of a host refuse the new secrets.
    """
    estate, login = scene.estate, scene.login
    with Watch() as watch:
        told = {f"KEYSMITH_ES_{name.upper()}": value for name, value in login.items()}
        created = scene.run("create", scene.rotation({}), envvars=told, extravars={"refusing": "none"})
        assert created.status == "successful", created.told
        before = estate.records()
        hidden = {"es_password": login["password"], "refusing": "host0"}
        connection = {**login, "password": "{{ es_password }}"}
        play = scene.rotation(connection, rotate_if_created_before=estate.after_all())
        rotated = scene.run("rotate", play, extravars=hidden)
    return Ran(scene, created, rotated, watch, before)


def test_it_makes_keys_and_rotates_them(ran: Ran) -> None:
    estate = ran.scene.estate
    assert len(ran.before) == 4
    assert ran.rotated.status == "failed", ran.rotated.told
    assert estate.told() == {
        "host0 key0": "failed", "host0 key1": "failed", "host1 key0": "rotated", "host1 key1": "rotated",
    }  # fmt: skip
    failures = {one["failure"]["task"] for one in estate.report if one["failure"]}
    assert failures == {"The consumer works"}
    after = estate.records()
    for name, record in after.items():
        assert record["current"]["id"] != ran.before[name]["current"]["id"]
        assert estate.log_in(estate.encoded(estate.stores / f"{name}.json")).status == 200
        assert (estate.delivered / name).read_text() == estate.encoded(estate.stores / f"{name}.json")
    for job in (ran.created, ran.rotated):
        assert {event["event_data"].get("host") for event in job.events if _restarts(event)} == {"host0", "host1"}


def _restarts(event: dict[str, Any]) -> bool:
    return event["event"] == "runner_on_ok" and event["event_data"].get("task") == RESTART


def test_awx_keeps_no_secret(ran: Ran) -> None:
    known = ran.scene.secrets()
    assert len(ran.scene.relay.made()) == 8
    carried = {
        "create": {
            ("payload: env/passwords", "the vault password"),
            ("payload: env/envvars", "the login"),
            ("answer: status starting", "the login"),
            ("answer: command", "the login"),
            ("out: artifacts/command", "the login"),
        },
        "rotate": {("payload: env/passwords", "the vault password"), ("payload: env/extravars", "the login")},
    }
    for name, job in (("create", ran.created), ("rotate", ran.rotated)):
        leaks = {(leak.where, leak.secret): str(leak) for leak in job.leaks(known)}
        assert set(leaks) == carried[name], "\n".join(leaks.values())
        kept = {path.parent.name for path in job.out.rglob("*") if path.is_file()}
        assert kept >= {"artifacts", "job_events", "fact_cache"}
    assert [str(leak) for leak in known.in_folder(ran.scene.runner.home)] == []


def test_no_process_shows_a_secret(ran: Ran) -> None:
    assert any("AnsiballZ_es_api_key" in text for text in ran.watch.arguments), "no module was seen"
    assert any("ansible-runner" in text for text in ran.watch.arguments), "no runner was seen"
    shown = ran.scene.secrets().in_text("\n".join(ran.watch.arguments), "the arguments of a process")
    assert [str(leak) for leak in shown] == []


def test_a_secret_that_is_told_is_found(scene: Scene) -> None:
    """The control: what a task shows is found in the answer, on standard output, in the event and among the facts."""
    if scene.estate.admin.server.kind != "emulator":
        pytest.skip("the search is the same on every server")
    fact = {"planted": "{{ es_password }}", "cacheable": True}
    tasks = [
        {"ansible.builtin.debug": {"msg": "{{ es_password }}"}},
        {"ansible.builtin.set_fact": fact},
    ]
    job = scene.run("control", {"tasks": tasks}, extravars={"es_password": scene.login["password"]})
    found = {leak.where for leak in job.leaks(scene.secrets()) if leak.secret == "the login"}
    event = next(event for event in job.events if event["event"] == "runner_on_ok" and "planted" in str(event))
    assert {"answer: event runner_on_ok", "out: artifacts/stdout", "out: artifacts/fact_cache/s1_host0"} <= found
    assert f"out: artifacts/job_events/{event['counter']}-{event['uuid']}.json" in found
