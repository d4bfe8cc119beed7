# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every plugin works: they are run as they are, one plugin's after the other as a play.

What has to be adapted to run them here, by rule and never by example:

- addresses of example.net and elastic.cloud become the server's, and ca_path goes, since the server speaks HTTP;
- paths in /etc lie below the test's own folder, in folders that exist;
- the users that examples name become users of the test;
- variables that examples do not set, and handlers that they notify, are there;
- the connection of tasks without one comes from the environment, as examples say that it may;
- what a name says about versions is obeyed: "(Elasticsearch 9.4 and newer)", and "(serverless)" runs on an emulated project.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.admin import PASSWORD, Admin, UniqueNames
from support.cloud_life import CloudService
from support.cores import CORE_ON
from support.documentation import COLLECTION, EVERYTHING, Documented, tasks
from support.life import Litter
from support.own_emulator import own_emulator, services_of
from support.playbook import Run, Stage
from support.servers import Server
from support.world import World

USERS = ("keysmith", "svc_indexer", "svc_reports", "elastic")
# What an example makes itself.
MADE = ("automation",)
NEEDS = re.compile(r"\(Elasticsearch (\d+)\.(\d+) and newer\)")
SERVERLESS = "(serverless)"

# What Ansible adds to a result by itself.
ANSIBLE_ADDS = {"changed", "failed", "diff", "warnings", "deprecations", "invocation", "censored"}


@pytest.fixture
def world(admin: Admin, unique: UniqueNames, litter: Litter, tmp_path: Path) -> World:
    users = {name: unique(name) for name in (*USERS, *MADE)}
    for name, user in users.items():
        if name in USERS:
            admin.create_user(user, ["superuser"])
        litter.users.append(user)
        litter.roles.append(user)
    return World(admin.server.url, tmp_path / "root", users)


def runs_on(server: Server) -> Callable[[dict[str, Any]], bool]:
    version = tuple(int(part) for part in server.version.split("-")[0].split(".")[:2])

    def check(task: dict[str, Any]) -> bool:
        needed = NEEDS.search(task["name"])
        return SERVERLESS not in task["name"] and (not needed or version >= tuple(map(int, needed.groups())))

    return check


A_STORED_KEY = {
    "name": "A stored key",
    f"{COLLECTION}.es_api_key": {
        "name": "web1",
        "role_descriptors": {"agent": {"cluster": ["manage_own_api_key"]}},
        "expiration": "30d",
        "store": {"type": "file", "path": "/etc/keysmith/keys/web1.json"},
    },
}

OWN = "modules es_api_key"
# Those of another service than Elasticsearch, which only the emulator is.
CLOUD = [plugin for plugin in EVERYTHING if plugin.name.startswith(("ec_", "ece_"))]
# What runs as one play. The examples of a key's own module make what they use; all others find a stored key.
PLAYS = {
    OWN: [plugin for plugin in EVERYTHING if str(plugin) == OWN],
    "everything else": [plugin for plugin in EVERYTHING if str(plugin) != OWN and plugin not in CLOUD],
}


def play(
    stage: Stage,
    world: World,
    examples: list[dict[str, Any]],
    environment: dict[str, str] | None = None,
    passwords: dict[str, str] | None = None,
) -> Run:
    notified = sorted({task["notify"] for task in tasks(examples) if "notify" in task})
    handlers = [{"name": name, "ansible.builtin.debug": {"msg": name}} for name in notified]
    variables = passwords or dict.fromkeys((f"{user}_password" for user in USERS), PASSWORD)
    told = environment or world.environment()
    return stage.run(world.adapted(examples), variables, "--diff", play={"handlers": handlers}, environment=told)


def test_every_example_is_in_a_play() -> None:
    played = [plugin for plugins in (*PLAYS.values(), CLOUD) for plugin in plugins]
    assert sorted(map(str, played)) == sorted(map(str, EVERYTHING))


@pytest.mark.parametrize("plugins", PLAYS.values(), ids=PLAYS)
def test_examples_run(plugins: list[Documented], server: Server, world: World, tmp_path: Path) -> None:
    examples = [task for plugin in plugins for task in plugin.examples]
    chosen = [*([] if plugins is PLAYS[OWN] else [A_STORED_KEY]), *filter(runs_on(server), examples)]
    assert_ran(play(Stage(tmp_path, CORE_ON[server.name]), world, chosen), chosen)


def assert_ran(ran: Run, chosen: list[dict[str, Any]]) -> None:
    """Every task succeeded, and returned what is documented."""
    assert ran.status == 0, ran.output[-6000:]
    assert [event.task for event in ran.events if event.event == "failed"] == []
    names = {event.task for event in ran.events if event.event in ("ok", "skipped")}
    assert {task["name"] for task in tasks(chosen) if "block" not in task} <= names
    told = {f"{COLLECTION}.{one.name}": one for one in EVERYTHING if one.type == "modules"}
    for task in tasks(chosen):
        for name in set(task) & set(told):
            assert_documented(ran.of(task["name"]).result, told[name].results)


def assert_documented(result: dict[str, Any], documented: dict[str, Any]) -> None:
    """Nothing is returned that is not documented, and nothing left out that is promised."""
    if "censored" in result:
        return
    here = {name: value for name, value in result.items() if name not in ANSIBLE_ADDS and not name.startswith("_")}
    check_against(here, documented, "")
    promised = {name for name, one in documented.items() if one["returned"] in ("success", "always")}
    assert promised <= set(here)


def check_against(found: dict[str, Any], documented: dict[str, Any], path: str) -> None:
    assert set(found) <= set(documented), f"{path} is not documented: {set(found) - set(documented)}"
    for name, value in found.items():
        inner = documented[name].get("contains")
        for one in value if isinstance(value, list) else [value]:
            if inner and isinstance(one, dict):
                check_against(one, inner, f"{path}{name}.")
                always = {key for key, facts in inner.items() if facts["returned"] == "always"}
                assert always <= set(one), f"{path}{name} lacks {always - set(one)}"


A_CLOUD_KEY = {
    "name": "A key of Elastic Cloud that is an admin of its projects",
    f"{COLLECTION}.ec_api_key": {
        "description": "shop-automation",
        "role_assignments": {
            "project": {"elasticsearch": [{"role_id": "admin", "all": True, "application_roles": ["admin"]}]}
        },
        "store": {"type": "file", "path": "/etc/keysmith/keys/shop-automation.json"},
    },
}


def test_examples_for_serverless_run(tmp_path: Path) -> None:
    chosen = [A_CLOUD_KEY, *(task for one in EVERYTHING for task in one.examples if SERVERLESS in task["name"])]
    with own_emulator(tmp_path, "--flavor", "serverless") as project:
        world = World(project.url, tmp_path / "root", dict.fromkeys(USERS, project.username))
        told = {
            **world.environment(),
            "KEYSMITH_ES_PASSWORD": project.password,
            "KEYSMITH_EC_URL": services_of(tmp_path)["elastic_cloud"],
            "KEYSMITH_EC_API_KEY": "essu_changeme",
        }
        ran = Stage(tmp_path, CORE_ON["9.5.3"]).run(world.adapted(chosen), {}, environment=told)
    assert ran.status == 0, ran.output[-6000:]
    assert [event.result["changed"] for event in ran.events] == [True] * len(chosen)


def test_examples_for_elastic_cloud_run(server: Server, tmp_path: Path) -> None:
    if server.kind != "emulator":
        pytest.skip("Elastic Cloud and ECE are emulated, whatever Elasticsearch is beside them")
    # A lookup finds what the module has made.
    chosen = [task for plugin in CLOUD for task in plugin.examples]
    folder = tmp_path / "emulator"
    folder.mkdir()
    with own_emulator(folder):
        urls = services_of(folder)
        world = World(urls["ece"], tmp_path / "root", {})
        users = {"username": "automation", "password": PASSWORD}
        ece = CloudService(urls["ece"], users)
        ece.reset(users)
        ece.control("POST", "users", {"name": "leaver", "password": PASSWORD})
        told = {
            "KEYSMITH_EC_URL": urls["elastic_cloud"],
            "KEYSMITH_EC_API_KEY": "essu_changeme",
            "KEYSMITH_ECE_URL": urls["ece"],
            **{f"KEYSMITH_ECE_{name.upper()}": value for name, value in users.items()},
        }
        cloud = CloudService(urls["elastic_cloud"], {"api_key": "essu_changeme"})
        passwords = {
            **{"automation_password": PASSWORD, "admin_password": "changeme"},
            **{
                f"leaked_{one}_key": service.make("leaked", expiration="5h")["key"]
                for one, service in (("cloud", cloud), ("ece", ece))
            },
        }
        assert_ran(play(Stage(tmp_path, CORE_ON[server.name]), world, chosen, told, passwords), chosen)
