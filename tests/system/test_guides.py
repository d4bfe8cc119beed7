# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The YAML of the guides runs, one guide after the other from top to bottom, each on an emulator of its own.

- A list of plays or of tasks is run. Tasks find the connection in the environment, as the guides say that they may.
- What has a caption is written into a file of that name beside the playbook: tasks that a play includes, variables of groups.
- Addresses and paths in /etc are the test's (support/world.py), and a handler's service is only named.
- The rest (credential types, definitions of images and pods) cannot run here; it is YAML, at least.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.admin import PASSWORD
from support.cloud_life import CloudService
from support.documentation import tasks
from support.guides import GUIDES, Block, Guide
from support.life import Life
from support.own_emulator import own_emulator, services_of
from support.playbook import Run, Stage
from support.servers import Server
from support.world import World

CORE = "2.19"
# Guides that have something to run.
RUN = ("authentication", "rotation", "remote_clusters", "elastic_cloud", "stores", "awx", "migration")
# What else the Elasticsearch of a guide is told to be.
IS = {"elastic_cloud": ("--flavor", "serverless")}
ECE_ADDRESS = "https://ece.example.net:12443"


@pytest.fixture
def world(name: str, server: Server, tmp_path: Path) -> Iterator[World]:
    """A fresh cluster: with elastic, a keysmith of the role that the guide shows, and a user to run as; Elastic Cloud and an ECE."""
    if server.kind != "emulator":
        pytest.skip("once is enough: the examples of the plugins, which these are made of, run on every server")
    (role, *_others) = (block.content for block in GUIDES["authentication"].blocks("json"))
    with own_emulator(
        tmp_path,
        *("--role", f"narrow:{json.dumps(json.loads(role))}"),
        *("--user", f"keysmith:{PASSWORD}:narrow"),
        *("--user", f"svc_reports:{PASSWORD}:superuser"),
        # Nothing here depends on how long a write stays invisible, and the default is as long as on real servers.
        *("--refresh-interval", "0.05"),
        *IS.get(name, ()),
    ) as fresh:
        yield GuideWorld(fresh, services_of(tmp_path), tmp_path / "root")


class GuideWorld(World):
    def __init__(self, server: Server, services: dict[str, str], folder: Path) -> None:
        super().__init__(server.url, folder, {"keysmith": "keysmith"})
        self.services = services
        ece = CloudService(services["ece"], {"username": "automation", "password": PASSWORD})
        for user in ("automation", "leaver"):
            ece.control("POST", "users", {"name": user, "password": PASSWORD})
        self.variables = {
            "keysmith_password": PASSWORD,
            "elastic_password": server.password,
            "project_username": server.username,
            "project_password": server.password,
            "owners_key": "essu_changeme",
            "automation_password": PASSWORD,
            "ece_admin_password": "changeme",
        }

    def adapted(self, value: Any) -> Any:
        return super().adapted(value.replace(ECE_ADDRESS, self.services["ece"]) if isinstance(value, str) else value)

    def environment(self) -> dict[str, str]:
        cloud = {"KEYSMITH_EC_URL": self.services["elastic_cloud"], "KEYSMITH_EC_API_KEY": "essu_changeme"}
        return {**super().environment(), **cloud}


def is_run(block: Block) -> bool:
    """A list of plays, or of tasks that are no file of tasks."""
    return isinstance(block.value, list) and (block.caption is None or is_play(block.value[0]))


def is_play(item: dict[str, Any]) -> bool:
    return "hosts" in item or "ansible.builtin.import_playbook" in item


def plays(guide: Guide, world: World) -> list[dict[str, Any]]:
    """The whole guide as one playbook; tasks that follow one another are one play."""
    playbook: list[dict[str, Any]] = []
    for block in filter(is_run, guide.blocks("yaml")):
        for item in world.adapted(block.value):
            if is_play(item):
                for handler in item.get("handlers", []):
                    handler["ansible.builtin.debug"] = {"msg": handler.pop("ansible.builtin.service")}
                playbook.append(item)
            elif playbook and playbook[-1].get("name") == guide.name:
                playbook[-1]["tasks"].append(item)
            else:
                playbook.append({"name": guide.name, "hosts": "localhost", "gather_facts": False, "tasks": [item]})
    return playbook


def run(guide: Guide, world: GuideWorld, folder: Path) -> Run:
    stage = Stage(folder, CORE)
    for block in guide.blocks("yaml"):
        if block.caption and not is_run(block):
            # The inventory lies in the same folder as the playbook.
            place = stage.given / block.caption.removeprefix("inventory/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(yaml.safe_dump(world.adapted(block.value)))
    playbook = stage.given / "guide.yml"
    playbook.write_text(json.dumps(plays(guide, world)))
    inventory = {"beats": {"hosts": {"web1": {"ansible_connection": "local"}}}}
    return stage.run_playbook(
        str(playbook),
        world.variables,
        inventory=inventory,
        environment=world.environment(),
    )


@pytest.mark.parametrize("name", RUN)
def test_what_a_guide_shows_runs(name: str, world: GuideWorld, tmp_path: Path) -> None:
    ran = run(GUIDES[name], world, tmp_path)
    assert ran.status == 0, ran.output[-6000:]
    assert [event.task for event in ran.events if event.event == "failed"] == []
    shown = {task["name"] for play in plays(GUIDES[name], world) for task in tasks(play.get("tasks", []))}
    ended = {event.task for event in ran.events if event.event in ("ok", "skipped")}
    assert shown - ended <= {
        task["name"] for play in plays(GUIDES[name], world) for task in play.get("tasks", []) if "block" in task
    }


def test_every_guide_with_something_to_run_is_run() -> None:
    assert {name for name, guide in GUIDES.items() if any(map(is_run, guide.blocks("yaml")))} == set(RUN)


def test_a_store_that_is_there_works_under_another_host_name(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    first = life.begin()
    monkeypatch.setattr(socket, "gethostname", lambda: "another-container")
    assert not life.run().changed
    life.run(overlap="1h", **life.due())
    assert life.current != first
    assert not life.run().changed


def test_a_lost_store_is_not_recognized_under_another_host_name(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the guide to AWX says; its old key is told of, and stays."""
    first = life.begin()
    life.path.unlink()
    monkeypatch.setattr(socket, "gethostname", lambda: "another-container")
    ran = life.run()
    assert ran.changed
    assert first in ran.told
    assert "not its predecessors" in ran.told
    assert life.alive() == [first, life.current]
