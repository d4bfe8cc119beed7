# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role and the playbook bootstrap: from the superuser's password to a stored login, twice, and no output holds a password."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from support.admin import Admin, UniqueNames
from support.cloud_life import CloudService
from support.cores import CORE_ON
from support.leaks import Leak, Secrets
from support.life import Litter
from support.login import RIGHTS, LoginUnderTest
from support.own_emulator import own_emulator, services_of
from support.places import CHECKOUT
from support.playbook import Run, Stage
from support.servers import Server

README = (CHECKOUT / "roles" / "bootstrap" / "README.md").read_text(encoding="utf-8")
PLAYBOOK = "keysmith.elastic.bootstrap"
FIRST_PASSWORD = "the-first-credential's-pässword"


class Cluster:
    """A cluster whose superuser, here one of the test's own, is to be replaced by a login."""

    def __init__(self, admin: Admin, unique: UniqueNames, folder: Path, litter: Litter, core: str) -> None:
        self.stage, self.litter = Stage(folder, core), litter
        self.stores = self.stage.given / "stores"
        self.stores.mkdir(mode=0o700)
        self.first = LoginUnderTest(admin, unique, self.stores, litter, "first")
        self.automation = LoginUnderTest(admin, unique, self.stores, litter, "automation")
        admin.create_user(self.first.name, ["superuser"], FIRST_PASSWORD)
        self.secrets = Secrets()
        self.secrets.add_login("the first password", self.first.name, FIRST_PASSWORD)

    def variables(self, **more: Any) -> dict[str, Any]:
        return {
            "bootstrap_username": self.first.name,
            "bootstrap_connection": {"url": self.first.url, "retries": 1},
            "bootstrap_login": {"name": self.automation.name, "rights": RIGHTS},
            "bootstrap_store": str(self.automation.path),
            **more,
        }

    def run(self, hosts: dict[str, Any], *arguments: str, password: str | None = FIRST_PASSWORD) -> Run:
        """Run the playbook for hosts by their variables, with this password in the environment."""
        told = {} if password is None else {"ELASTIC_PASSWORD": password}
        inventory = {"clusters": {"hosts": hosts}}
        return self.stage.run_playbook(
            PLAYBOOK, {}, "-vvv", "--diff", *arguments, inventory=inventory, environment=told
        )

    def leaks(self, *runs: Run) -> list[Leak]:
        for login in (self.first, self.automation):
            if login.path.exists():
                self.secrets.add_login(f"the password of {login.name}", login.name, login.password)
        found = self.secrets.in_folder(self.stage.home)
        for run in runs:
            found += self.secrets.in_text(run.output, "the output")
            for event in run.events:
                found += self.secrets.in_text(json.dumps(event.result), f"the event {event.event} of {event.task!r}")
        return found


@pytest.fixture
def cluster(server: Server, admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter) -> Cluster:
    return Cluster(admin, unique, tmp_path, litter, CORE_ON[server.name])


def assert_changed(run: Run, host: str, count: int) -> None:
    assert re.search(rf"{host} +: ok=\d+ +changed={count} +unreachable=0 +failed=0 ", run.output), run.output[-3000:]


def test_from_the_superusers_password_to_a_stored_login(cluster: Cluster) -> None:
    """The password is known from the environment in the first run, and from its new store in the second."""
    variables = cluster.variables(bootstrap_first_credential="change", bootstrap_first_store=str(cluster.first.path))
    predicted = cluster.run({"logs": variables}, "--check")
    assert_changed(predicted, "logs", 2)
    assert not cluster.automation.path.exists()
    made = cluster.run({"logs": variables})
    assert_changed(made, "logs", 2)
    said = made.of("keysmith.elastic.bootstrap : Say what is there and how to use it").message
    assert f"{cluster.automation.name} logs in at logs with login_store: {cluster.automation.path}" in said
    assert str(cluster.first.path) in said
    assert cluster.automation.logs_in()
    assert not cluster.first.lets_in(FIRST_PASSWORD)
    assert cluster.first.logs_in()
    again = cluster.run({"logs": variables}, password=None)
    assert_changed(again, "logs", 0)
    assert [str(leak) for leak in cluster.leaks(predicted, made, again)] == []


def test_failures_are_told_and_tell_no_password(cluster: Cluster, unique: UniqueNames) -> None:
    """A host for each mistake, beside two that make none; where the first credential is kept, it works on."""
    wrong = "a-wrong-first-password"
    cluster.secrets.add_login("the wrong password", cluster.first.name, wrong)
    name = unique("second")
    second = LoginUnderTest(cluster.first.admin, unique, cluster.stores, cluster.litter, "second")
    well = {
        "logs": cluster.variables(),
        "given": cluster.variables(
            bootstrap_password=FIRST_PASSWORD,
            bootstrap_password_env="KEYSMITH_NO_SUCH",
            bootstrap_login={"name": second.name, "rights": RIGHTS},
            bootstrap_store={"type": "file", "path": str(second.path)},
        ),
    }
    mistakes = {
        "set the environment variable KEYSMITH_NO_SUCH": {"bootstrap_password_env": "KEYSMITH_NO_SUCH"},
        "refused the login": {"bootstrap_password": wrong},
        "needs bootstrap_first_store": {"bootstrap_first_credential": "change"},
        "rights.cluster": {"bootstrap_login": {"name": name, "rights": {"cluster": "all"}}},
    }
    unmade = {"bootstrap_login": {"name": name, "rights": RIGHTS}, "bootstrap_store": str(cluster.stores / "unmade")}
    ill = {f"ill-{number}": cluster.variables(**{**unmade, **one}) for number, one in enumerate(mistakes.values())}
    run = cluster.run({**well, **ill})
    for host in well:
        assert_changed(run, host, 1)
    failed = [event.message for event in run.events if event.event == "failed"]
    assert len(failed) == len(mistakes)
    for words in mistakes:
        assert any(words in message for message in failed), (words, failed)
    assert cluster.first.lets_in(FIRST_PASSWORD)
    assert cluster.automation.logs_in()
    assert second.logs_in()
    assert not (cluster.stores / "unmade").exists()
    cluster.secrets.add_login("the second password", second.name, second.password)
    assert [str(leak) for leak in cluster.leaks(run)] == []


def test_each_host_of_the_inventory_is_a_cluster(
    server: Server, unique: UniqueNames, litter: Litter, tmp_path: Path
) -> None:
    """As README has it, for two clusters whose superusers have one password."""
    if server.kind != "emulator":
        pytest.skip("it takes two clusters of its own")
    variables = yaml.safe_load(block("variables.yml").replace("/etc/keysmith", str(tmp_path / "stores")))
    (tmp_path / "stores").mkdir(mode=0o700)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    stage = Stage(tmp_path, CORE_ON[server.name])
    with own_emulator(tmp_path / "one") as one, own_emulator(tmp_path / "two") as two:
        inventory = yaml.safe_load(block("inventory.yml"))
        hosts = {name: {"bootstrap_connection": {"url": each.url}} for name, each in (("logs", one), ("metrics", two))}
        assert set(inventory["clusters"]["hosts"]["logs"]) == set(hosts["logs"])
        inventory["clusters"]["hosts"] = hosts
        told = {"ELASTIC_PASSWORD": one.password}
        first = stage.run_playbook(PLAYBOOK, variables, inventory=inventory, environment=told)
        again = stage.run_playbook(PLAYBOOK, variables, inventory=inventory)
    for name in hosts:
        assert re.search(rf"{name} +: ok=\d+ +changed=2 ", first.output), first.output[-2000:]
        assert re.search(rf"{name} +: ok=\d+ +changed=0 ", again.output), again.output[-2000:]


def block(name: str) -> str:
    """The example of README that begins with this file's name."""
    return next(text for text in re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL) if name in text)


class CloudEstate:
    """README's organization and ECE, as services of one emulator, and what is wrong with the hosts beside them."""

    MISTAKES: ClassVar[dict[str, dict[str, Any]]] = {
        "set the environment variable KEYSMITH_NO_SUCH": {"bootstrap_api_key_env": "KEYSMITH_NO_SUCH"},
        "bootstrap_key is missing: the key to make, with options of ec_api_key": {"bootstrap_key": None},
        "bootstrap_first_credential: change are for Elasticsearch": {"bootstrap_first_credential": "change"},
        "without role_assignments would have every right": {"bootstrap_key": {"description": "automation"}},
    }
    FIRST: ClassVar[dict[str, str]] = {"EC_API_KEY": "essu_changeme", "ECE_PASSWORD": "the-automation's-pass"}

    def __init__(self, stage: Stage, folder: Path, urls: dict[str, str]) -> None:
        self.stage, self.stores = stage, folder / "stores"
        self.stores.mkdir(mode=0o700)
        user = {"username": "automation", "password": self.FIRST["ECE_PASSWORD"]}
        self.services = {
            "organization": CloudService(urls["elastic_cloud"], {"api_key": self.FIRST["EC_API_KEY"]}),
            "enterprise": CloudService(urls["ece"], user),
        }
        self.services["enterprise"].reset(user)
        self.inventory = yaml.safe_load(block("estate.yml").replace("/etc/keysmith", str(self.stores)))
        self.hosts = self.inventory["all"]["hosts"]
        for host, service in self.services.items():
            self.hosts[host]["bootstrap_connection"] = {"url": service.url}
        self.secrets = Secrets()
        for name, value in self.FIRST.items():
            self.secrets.add(name, value)

    def run(self, *arguments: str, first: bool = False, ill: bool = False) -> Run:
        """Run the playbook, with the first credentials or without them, perhaps with hosts that are wrong."""
        wrong = {
            f"ill-{number}": {
                name: value
                for name, value in {
                    **self.hosts["organization"],
                    "bootstrap_store": str(self.stores / "ill.json"),
                    **one,
                }.items()
                if value is not None
            }
            for number, one in enumerate(self.MISTAKES.values())
        }
        inventory = {"all": {"hosts": {**self.hosts, **(wrong if ill else {})}}}
        ran = self.stage.run_playbook(
            PLAYBOOK, {}, "-vvv", *arguments, inventory=inventory, environment=self.FIRST if first else {}
        )
        for host in self.services:
            if Path(self.hosts[host]["bootstrap_store"]).exists():
                self.secrets.add(f"the key of {host}", self.stored(host))
        return ran

    def stored(self, host: str) -> str:
        return str(json.loads(Path(self.hosts[host]["bootstrap_store"]).read_text())["current"]["api_key"])

    def advance(self, duration: str) -> None:
        # One clock for both.
        self.services["enterprise"].advance(duration)


def test_from_a_first_credential_to_keys_of_elastic_cloud_and_ece(server: Server, tmp_path: Path) -> None:
    """As README has it: made, left alone, and when they are due renewed by themselves; and a host for each mistake."""
    if server.kind != "emulator":
        pytest.skip("Elastic Cloud is emulated, whatever Elasticsearch is beside it")
    (tmp_path / "emulator").mkdir()
    with own_emulator(tmp_path / "emulator"):
        estate = CloudEstate(Stage(tmp_path, CORE_ON[server.name]), tmp_path, services_of(tmp_path / "emulator"))
        predicted = estate.run("--check", first=True)
        assert not list(estate.stores.iterdir())
        made = estate.run(first=True, ill=True)
        failed = [event.message for event in made.events if event.event == "failed"]
        assert len(failed) == len(estate.MISTAKES)
        assert all(any(words in one for one in failed) for words in estate.MISTAKES), failed
        again = estate.run()
        estate.advance("21d")
        due = estate.run()
        estate.advance("2d")
        both = {host: len(service.keys("automation")) for host, service in estate.services.items()}
        retired = estate.run()
        for host, service in estate.services.items():
            for ran, changes in ((predicted, 1), (made, 1), (again, 0), (due, 1), (retired, 1)):
                assert_changed(ran, host, changes)
            assert both[host] == 2 and len(service.keys("automation")) == 1
            assert service.works(estate.stored(host))
    found = [
        leak for one in (predicted, made, again, due, retired) for leak in estate.secrets.in_text(one.output, "it")
    ]
    assert [str(leak) for leak in [*found, *estate.secrets.in_folder(estate.stage.home)]] == []


def test_a_key_that_needs_no_user(
    server: Server, admin: Admin, unique: UniqueNames, litter: Litter, tmp_path: Path
) -> None:
    """README's alternative: the first key by the superuser, its successor by itself."""
    if tuple(map(int, server.version.split(".")[:2])) < (9, 4):
        pytest.skip("clone came with 9.4")
    name, user = unique("automation"), unique("first")
    admin.create_user(user, ["superuser"], FIRST_PASSWORD)
    litter.users.append(user)
    stores = tmp_path / "stores"
    stores.mkdir(mode=0o700)
    text = block("A key that needs no user").replace("https://es.example.net:9200", server.url)
    text = text.replace("/etc/keysmith", str(stores)).replace("name: automation\n", f"name: {name}\n")
    (play,) = yaml.safe_load(text.replace("username: elastic", f"username: {user}"))
    del play["module_defaults"]["group/keysmith.elastic.elasticsearch"]["ca_path"]
    stage = Stage(tmp_path, CORE_ON[server.name])
    ids = []
    for force, password in (({}, FIRST_PASSWORD), ({}, ""), ({"force_rotate": True}, "")):
        play["tasks"][-1]["keysmith.elastic.es_api_key"].update(force)
        ran = stage.run(play["tasks"], {}, play=play, environment={"ELASTIC_PASSWORD": password})
        assert ran.status == 0, ran.output[-4000:]
        renewed = ran.of("From then on it renews itself").result
        assert renewed["changed"] == bool(force)
        ids.append(renewed["key"]["id"])
    assert ids[0] == ids[1] != ids[2]
    stored = json.loads((stores / "automation-key.json").read_text())["current"]
    assert stored["id"] == ids[2]
    assert {one["id"] for one in admin.keys(name, alive=True)} >= {ids[2]}
