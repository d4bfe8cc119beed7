# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README and CONTRIBUTING: their examples run, and what they name is there."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.admin import PASSWORD, Admin, UniqueNames
from support.cores import CORE_ON
from support.life import Litter
from support.places import CHECKOUT
from support.playbook import Run, Stage
from support.servers import Server

TEXTS = {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXTS["README.md"], re.MULTILINE | re.DOTALL)


def shippers(server: Server, user: str, folder: Path) -> dict[str, Any]:
    """The first example, with the address, the folders and the user of this test."""
    text = blocks("yaml")[0].replace("https://es.example.net:9200", server.url).replace("/etc/", f"{folder}/etc/")
    (play,) = yaml.safe_load(text)
    options = play["module_defaults"]["group/keysmith.elastic.elasticsearch"]
    # The servers here speak HTTP.
    del options["ca_path"]
    options["username"] = user
    for handler in play["handlers"]:
        handler.pop("ansible.builtin.service")
        handler["ansible.builtin.debug"] = {"msg": "restarted"}
    return {**play, "hosts": "localhost"}


@pytest.fixture
def play(server: Server, admin: Admin, unique: UniqueNames, litter: Litter, tmp_path: Path) -> dict[str, Any]:
    """For it a user with the role that README says is enough."""
    user = unique("keysmith")
    admin.create_user(user, [admin.create_role(user, json.loads(blocks("json")[0]))])
    litter.users.append(user)
    litter.roles.append(user)
    for folder in ("etc/keysmith/keys", "etc/filebeat"):
        (tmp_path / "root" / folder).mkdir(parents=True, mode=0o700)
    return shippers(server, user, tmp_path / "root")


def run(stage: Stage, play: dict[str, Any], *arguments: str) -> Run:
    quiet = {"ANSIBLE_DEPRECATION_WARNINGS": "False"}
    done = stage.run(play["tasks"], {"keysmith_password": PASSWORD}, *arguments, play=play, environment=quiet)
    assert done.status == 0, done.output
    assert "WARNING" not in done.output
    return done


def test_the_example_makes_a_key_delivers_it_and_then_changes_nothing(
    server: Server, play: dict[str, Any], admin: Admin, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, CORE_ON[server.name])
    first = run(stage, play)
    issued, delivered = (first.of(task["name"]).result["changed"] for task in play["tasks"][:2])
    assert issued
    assert delivered
    assert "restarted" in first.output
    pair = (tmp_path / "root/etc/filebeat/api_key").read_text()
    assert admin.call("GET", "/_security/_authenticate", login=header(pair)).status == 200
    second = run(stage, play)
    assert re.search(r"localhost +: ok=\d+ +changed=0 ", second.output)


def header(pair: str) -> str:
    return f"ApiKey {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize("core", ["2.16", "2.21"])
def test_the_example_without_a_cluster(core: str, tmp_path: Path) -> None:
    (tmp_path / "root" / "etc" / "keysmith" / "keys").mkdir(parents=True, mode=0o700)
    (play,) = yaml.safe_load(blocks("yaml")[1].replace("/etc/", f"{tmp_path}/root/etc/"))
    done = run(Stage(tmp_path, core), play)
    assert done.of("Make a key there").result["key"]["state"] == "active"
    assert not list((tmp_path / "home").rglob("emulator.json"))


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXTS[name])
    local = [link.partition("#")[0] for link in links if not link.startswith(("https://", "#"))]
    assert [link for link in local if not (CHECKOUT / link).exists()] == []


@pytest.mark.parametrize("name", TEXTS)
def test_targets_and_paths_that_are_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", TEXTS[name])) <= targets
    paths = re.findall(r"`((?:plugins|tests|roles|playbooks|meta|changelogs)/[\w./-]+)`", TEXTS[name])
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


def test_headings_that_are_linked_to_exist() -> None:
    for text in TEXTS.values():
        headings = {
            re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
            for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
