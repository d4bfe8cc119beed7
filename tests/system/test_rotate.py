# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate: consumers are told and checked before old keys go, and one that fails loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from gates import environments
from support.admin import PASSWORD, Admin, UniqueNames
from support.estate import Estate
from support.life import Litter
from support.places import CHECKOUT
from support.servers import Server
from support.world import World

README = (CHECKOUT / "roles" / "rotate" / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def estate(server: Server, admin: Admin, unique: UniqueNames, litter: Litter, tmp_path: Path) -> Estate:
    return Estate(admin, unique, litter, tmp_path, environments.OLDEST, hosts=2)


def tasks_file(folder: Path, name: str, *tasks: dict[str, Any]) -> str:
    path = folder / name
    path.write_text(yaml.safe_dump(list(tasks)))
    return str(path)


def test_the_example_of_the_readme(
    server: Server, admin: Admin, unique: UniqueNames, litter: Litter, tmp_path: Path
) -> None:
    play, check = (yaml.safe_load(part.split("```")[0]) for part in README.split("```yaml\n")[1:])
    estate = Estate(admin, unique, litter, tmp_path, environments.OLDEST, hosts=2)
    world = World(admin.server.url, tmp_path / "root", {"keysmith": estate.username})
    (play,) = world.adapted(play)
    play["handlers"] = [{"name": "Restart filebeat", "ansible.builtin.debug": {"msg": "restarted"}}]
    # One file of the delivery for each host, which are all this machine.
    delivered = play["vars"]["rotate_keys"][0]["deliver"][0]
    delivered["dest"] += "-{{ inventory_hostname }}"
    estate.stage.given.joinpath("check_filebeat.yml").write_text(yaml.safe_dump(world.adapted(check)))
    play["hosts"] = "all"
    runs = [
        estate.stage.run(
            [],
            {"keysmith_password": PASSWORD, "rotate_json": str(tmp_path / "report.json")},
            "-i",
            str(estate.inventory),
            play=play,
        )
        for _run in range(2)
    ]
    assert [run.status for run in runs] == [0, 0], runs[0].output + runs[1].output
    assert runs[0].output.count("restarted") == 2
    assert "changed=0" in runs[1].stdout
    assert set(estate.told().values()) == {"unchanged"}
    assert all(f"changed={number}" not in runs[1].stdout for number in range(1, 10))


def test_a_consumer_that_fails_keeps_its_old_secret_and_is_asked_again(estate: Estate) -> None:
    broken = estate.folder / "broken"
    broken.touch()
    check = tasks_file(
        estate.folder,
        "check.yml",
        {
            "name": "Does it work?",
            "ansible.builtin.fail": {
                "msg": "no, not with a secret of {{ rotate_secret | keysmith.elastic.api_key_encode | length }} characters"
            },
            "when": f"inventory_hostname == 'host0' and '{broken}' is exists",
        },
    )
    keys = [estate.key("checked", check_tasks=check, notify=["Restart it"]), estate.key("other")]
    handlers = [{"name": "Restart it", "ansible.builtin.debug": {"msg": "restarted"}}]
    broken.unlink()
    first = estate.rotate(rotate_keys=keys, play={"handlers": handlers})
    assert first.status == 0, first.output
    before, secrets = estate.records(), {path.stem: estate.encoded(path) for path in estate.paths()}
    broken.touch()
    defaults = {**estate.variables()["rotate_defaults"], "rotate_if_created_before": estate.after_all()}
    failed = estate.rotate(rotate_keys=keys, rotate_defaults=defaults, play={"handlers": handlers})
    assert failed.status != 0
    assert estate.told() == {
        "host0 checked": "failed", "host0 other": "rotated", "host1 checked": "rotated", "host1 other": "rotated",
    }  # fmt: skip
    assert "Does it work?: no, not with a secret of 60 characters" in failed.stdout
    shown = [path.stem for path in estate.paths() if estate.encoded(path) in failed.output]
    assert shown == [], failed.output
    record, old = estate.records()["host0-checked"], before["host0-checked"]["current"]["id"]
    assert [one["id"] for one in record["previous"]] == [old]
    assert estate.log_in(secrets["host0-checked"]).status == 200
    assert estate.admin.key(old)["expiration"] == before["host0-checked"]["current"]["expiration"], "it was shortened"
    broken.unlink()
    again = estate.rotate(rotate_keys=keys, rotate_defaults=defaults, play={"handlers": handlers})
    assert again.status == 0, again.output
    assert estate.told()["host0 checked"] == "tidied"
    assert again.output.count('"msg": "restarted"') == 1, "the consumer of the unfinished key is told again, no other"
    assert estate.admin.key(old)["expiration"] < before["host0-checked"]["current"]["expiration"]


def test_check_mode_shows_the_plan_and_writes_nothing(estate: Estate) -> None:
    predicted = estate.rotate("--check")
    assert predicted.status == 0, predicted.output
    assert estate.paths() == []
    assert estate.alive() == set()
    assert len(predicted.of("keysmith.elastic.rotate : What would be done").result["msg"]) == 2 + len(estate.hosts)
    assert "created" in predicted.stdout


def test_a_key_can_be_made_on_its_host(estate: Estate) -> None:
    keys = [estate.key("own", delegate_to="{{ inventory_hostname }}")]
    done = estate.rotate(rotate_keys=keys)
    assert done.status == 0, done.output
    for host in estate.hosts:
        assert (estate.delivered / f"{host}-own").read_text() == estate.encoded(estate.stores / f"{host}-own.json")


def test_a_lost_file_is_delivered_again(estate: Estate) -> None:
    assert estate.rotate().status == 0
    lost = estate.delivered / "host1-key0"
    lost.unlink()
    assert estate.rotate().status == 0
    assert lost.read_text() == estate.encoded(estate.stores / "host1-key0.json")
    assert set(estate.told().values()) == {"unchanged"}


def test_what_is_wrong_in_the_list_is_said_before_anything_is_made(estate: Estate) -> None:
    wrong = [
        {"name": f"{estate.prefix}-good", "store": {"path": f"{estate.stores}/{{{{ inventory_hostname }}}}.json"}},
        {"name": f"{estate.prefix}-bad", "store": {"path": f"{estate.stores}/bad.json"}, "renew_before": "90d"},
    ]
    refused = estate.rotate(rotate_keys=wrong)
    assert refused.status != 0
    assert "renew_before 90d is not shorter than expiration 90d" in refused.stdout
    shared = estate.rotate(
        rotate_keys=[{"name": f"{estate.prefix}-shared", "store": {"path": f"{estate.stores}/shared.json"}}]
    )
    assert shared.status != 0
    assert "host1 keep keys in the same store as host0" in shared.stdout
    assert estate.paths() == []
    assert estate.alive() == set()


def test_a_batch_that_fails_stops_the_batches_after_it(estate: Estate) -> None:
    check = tasks_file(estate.folder, "check.yml", {"name": "Never", "ansible.builtin.fail": {"msg": "it never works"}})
    batches = {"serial": 1, "max_fail_percentage": 0}
    failed = estate.rotate(rotate_keys=[estate.key("batch", check_tasks=check)], play=batches)
    assert failed.status != 0
    assert "batch: Never: it never works" in failed.stdout
    assert [path.name for path in estate.paths()] == ["host0-batch.json"], "the second batch was begun"
    assert estate.log_in(estate.encoded(estate.paths()[0])).status == 200
