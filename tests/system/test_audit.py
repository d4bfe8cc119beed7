# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auditing on every server: what is found of a whole estate, what a login that sees little is told, and what ten thousand keys cost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_audit import SHOWN
from ansible_collections.keysmith.elastic.plugins.module_utils._model.finding import CODES
from ansible_collections.keysmith.elastic.plugins.module_utils._report.estate import NOUNS
from ansible_collections.keysmith.elastic.plugins.modules import es_api_key_audit, key_report
from support import exposition
from support.admin import PASSWORD, Admin, UniqueNames, api_key, basic
from support.cores import CORE_ON
from support.in_process import answer_of
from support.life import Litter
from support.own_emulator import own_emulator
from support.places import CHECKOUT
from support.playbook import Run, Stage
from support.proxy import Proxy
from support.servers import Server

RIGHTS = {"r": {"cluster": ["manage_own_api_key"]}}
README = (CHECKOUT / "roles" / "key_audit" / "README.md").read_text(encoding="utf-8")
# What the estate below is measured by; ages cannot be made on a real server, so they are short.
MEASURES: dict[str, Any] = {
    "warn_within": "3d",
    "leftover_after": "1s",
    "max_life": "60d",
    "required_metadata": ["team"],
    "forbidden_cluster_privileges": ["MANAGE_SECURITY"],
}
TEAM = {"team": "search"}


def mark(store: str, predecessor: str | None = None) -> dict[str, Any]:
    parts = {"nonce": "0" * 32, "store": store, "predecessor": predecessor}
    return {**TEAM, "keysmith": {name: value for name, value in parts.items() if value is not None}}


@dataclass
class Estate:
    """Keys with one fault each, by the last word of their names; twins and a rotation have two."""

    server: Server
    prefix: str
    ids: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    def audit(self, **options: Any) -> dict[str, Any]:
        login = {} if "api_key" in options else {"username": self.server.username, "password": self.server.password}
        check = options.pop("check", False)
        given = {"url": self.server.url, "name_pattern": [f"{self.prefix}-*"], **login, **MEASURES, **options}
        answer = answer_of(es_api_key_audit.main, {k: v for k, v in given.items() if v is not None}, check=check)
        assert not answer.get("failed"), answer
        return answer

    def codes(self, answer: dict[str, Any]) -> dict[str, set[str]]:
        names = {key_id: what for what, key_id in self.ids.items()}
        found: dict[str, set[str]] = {}
        for one in answer["findings"]:
            found.setdefault(names[one["id"]], set()).add(one["code"])
        return found


@pytest.fixture(scope="module")
def estate(server: Server) -> Iterator[Estate]:
    admin, unique = Admin(server), UniqueNames("audit")
    litter = Litter(admin)
    made = Estate(server, unique.prefix)
    try:
        for what in ("owner", "gone", "paused"):
            admin.create_role(unique(what), RIGHTS["r"])
            admin.create_user(unique(what), [unique(what)])
            litter.roles.append(unique(what))
            litter.users.append(unique(what))
            made.owners[what] = unique(what)
        populate(made, admin, unique, litter)
        yield made
    finally:
        litter.clear()


def populate(estate: Estate, admin: Admin, unique: UniqueNames, litter: Litter) -> None:
    def make(what: str, name: str | None = None, owner: str = "owner", **body: Any) -> str:
        body = {"expiration": "30d", "role_descriptors": RIGHTS, "metadata": TEAM, **body}
        body = {field: value for field, value in body.items() if value is not None}
        answer = admin.create_key(unique(name or what), login=basic(estate.owners[owner], PASSWORD), **body)
        estate.ids[what] = answer["id"]
        estate.secrets += [answer["api_key"], answer["encoded"]]
        litter.keys.append(answer["id"])
        return str(answer["id"])

    make("brief", expiration="1s")
    make("good")
    make("soon", expiration="2d")
    make("endless", expiration=None)
    make("whole", role_descriptors={})
    make("twin1", "twin")
    make("twin2", "twin")
    old = make("old", "rotated", metadata=mark("s"))
    make("new", "rotated", metadata=mark("s", old))
    make("long", expiration="61d")
    make("teamless", metadata={})
    make("mighty", role_descriptors={"r": {"cluster": ["manage_security"]}})
    make("orphaned", owner="gone")
    make("paused", owner="paused")
    make("managed", expiration=None, metadata={"managed": True, "managed_by": "fleet"})
    admin.ok("DELETE", f"/_security/user/{estate.owners['gone']}?refresh=true")
    told = {"roles": [estate.owners["paused"]], "enabled": False}
    admin.ok("PUT", f"/_security/user/{estate.owners['paused']}?refresh=true", told)
    time.sleep(1.1)


EXPECTED = {
    "brief": {"expired"},
    "soon": {"ending_soon"},
    "endless": {"never_expires", "lives_too_long"},
    "whole": {"all_rights"},
    "twin1": {"duplicate_name"},
    "twin2": {"duplicate_name"},
    "old": {"rotation_leftover"},
    "long": {"lives_too_long"},
    "teamless": {"metadata_missing"},
    "mighty": {"forbidden_privilege"},
    "orphaned": {"owner_missing"},
    "paused": {"owner_disabled"},
}


def test_every_fault_is_found_and_no_other(estate: Estate) -> None:
    answer = estate.audit()
    assert estate.codes(answer) == EXPECTED
    # Keys of Elasticsearch have no roles of their own.
    of_roles = {"forbidden_role", "roles_not_shown"}
    assert {code for codes in EXPECTED.values() for code in codes} | {"old"} | of_roles == set(CODES)
    assert answer["changed"] is False
    assert answer["summary"]["api_keys"] == len(estate.ids)
    assert answer["summary"]["states"] == {"active": len(estate.ids) - 1, "expired": 1, "invalidated": 0}
    assert answer["summary"]["managers"] == {"collection": 2, "product": 1, "nobody": len(estate.ids) - 3}
    assert answer["violations"] == {"forbidden_privilege": 1, "lives_too_long": 2, "old": 0, "metadata_missing": 1}
    assert [answer[gap] for gap in ("blind_spot", "users_unknown", "rights_unknown")] == [None, None, None]
    assert answer["findings_left_out"] == 0
    assert estate.codes(estate.audit(max_age="1s"))["good"] == {"old"}


def test_keys_of_owners_that_are_gone_or_disabled_do_work(estate: Estate, admin: Admin) -> None:
    """Why the audit calls them a problem."""
    for what in ("orphaned", "paused"):
        place = list(estate.ids).index(what) * 2 + 1
        assert admin.authenticate(api_key(estate.secrets[place])).status == 200


def test_a_key_with_all_rights_has_the_privileges_of_its_owner(estate: Estate) -> None:
    found = estate.codes(estate.audit(forbidden_cluster_privileges=["manage_own_api_key"]))
    assert found["whole"] == {"all_rights", "forbidden_privilege"}
    assert found["good"] == {"forbidden_privilege"}


def test_managed_keys_are_judged_when_asked_for(estate: Estate) -> None:
    found = estate.codes(estate.audit(include_managed=True))
    assert found["managed"] == {"never_expires", "lives_too_long", "metadata_missing"}


def test_a_login_that_does_not_see_all_is_told_so(estate: Estate) -> None:
    seen = estate.audit(username=estate.owners["owner"], password=PASSWORD)
    assert f"sees only keys of {estate.owners['owner']}" in seen["blind_spot"]
    assert "may not read users" in seen["users_unknown"]
    assert {"orphaned", "paused"}.isdisjoint(estate.codes(seen))
    assert seen["summary"]["api_keys"] == len(estate.ids) - 2


def test_a_key_audits_itself_at_least(estate: Estate) -> None:
    """It may not read the rights of its owner, which the policy on privileges asks for."""
    good = estate.secrets[list(estate.ids).index("good") * 2 + 1]
    seen = estate.audit(api_key=good)
    assert seen["summary"]["api_keys"] == 1
    assert f"sees only the key {estate.ids['good']}" in seen["blind_spot"]
    assert "could not be read" in seen["rights_unknown"]
    assert seen["users_unknown"]
    # When it ends itself is told in the result and in every report.
    assert seen["login"]["key_id"] == estate.ids["good"] and seen["login"]["expiration"] is not None
    assert estate.audit()["login"]["expiration"] is None


def test_the_file_holds_all_of_it_and_changes_only_with_the_picture(
    estate: Estate, tmp_path: Path, admin: Admin
) -> None:
    path = tmp_path / "audit.json"
    assert estate.audit(report=str(path), check=True)["changed"] is True
    assert not path.exists()
    assert estate.audit(report=str(path))["changed"] is True
    first = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    time.sleep(1.1)
    assert estate.audit(report=str(path))["changed"] is False
    assert path.read_bytes() != first, "the time of the audit has moved on"
    assert estate.audit(report=str(path), check=True, max_life="90d")["changed"] is True
    assert estate.audit(report=str(path), mode="0640")["changed"] is True
    told = json.loads(path.read_bytes())
    assert {row["id"] for row in told["clusters"][0]["api_keys"]} == set(estate.ids.values())
    assert not [secret for secret in estate.secrets if secret.encode() in path.read_bytes()]
    admin.invalidate(estate.ids.pop("good"))
    assert estate.audit(report=str(path), mode="0640")["changed"] is True


def playbook(estate: Estate, stage: Stage, folder: Path, *arguments: str, **variables: Any) -> Run:
    """The role over three clusters, of which two are the same, and one cannot be reached."""
    here = {"url": estate.server.url, "username": estate.server.username, "password": "{{ admin_password }}"}
    poor = {**here, "username": estate.owners["owner"], "password": PASSWORD}
    nowhere = {**here, "url": "http://127.0.0.1:1", "retries": 0}
    clusters = {"main": here, "poor": poor, **({"nowhere": nowhere} if variables.pop("nowhere", True) else {})}
    hosts = {name: {"key_audit_connection": connection} for name, connection in clusters.items()}
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    given = {f"key_audit_{name}": value for name, value in {**MEASURES, **variables}.items()}
    given |= {"key_audit_name_pattern": [f"{estate.prefix}-*"], "admin_password": estate.server.password}
    tasks = [{"name": "Audit", "ansible.builtin.import_role": {"name": "keysmith.elastic.key_audit"}}]
    # What the group has stays in force beside a host's own connection.
    defaults = {"group/keysmith.elastic.elasticsearch": {"connect_timeout": 5}}
    play = {"hosts": "all", "module_defaults": defaults}
    return stage.run(tasks, given, "-i", str(inventory), *arguments, play=play)


def test_the_role_reports_on_all_clusters_and_fails_at_its_end(estate: Estate, tmp_path: Path) -> None:
    stage, made = Stage(tmp_path, CORE_ON[estate.server.name]), tmp_path / "made"
    (made / "kept").mkdir(parents=True)
    outputs = {name: str(made / f"keys.{name}") for name in ("html", "markdown", "prometheus", "json")}
    outputs["directory"] = str(made / "kept")

    checked = playbook(estate, stage, tmp_path, "--check", "-vvv", **outputs)
    assert checked.status != 0
    assert [path for path in made.rglob("*") if path.is_file()] == []
    assert any(
        line.startswith("problem") for line in checked.of("keysmith.elastic.key_audit : Show the table").result["msg"]
    )

    first = playbook(estate, stage, tmp_path, fail_on=["never_expires", "old"], **outputs)
    assert first.status != 0
    ended = first.of(
        "keysmith.elastic.key_audit : Fail if a cluster was not audited, or something was found that must not be"
    )
    assert ended.message == "not audited: nowhere; never_expires: 2 keys"
    assert sorted(path.name for path in (made / "kept").iterdir()) == ["main.json", "poor.json"]
    table = "\n".join(first.of("keysmith.elastic.key_audit : Show the table").result["msg"])
    assert "nowhere was not audited: Nothing listens at 127.0.0.1:1" in table
    assert "poor: This login sees only keys of" in table
    page = Path(outputs["html"]).read_text(encoding="utf-8")
    assert "<b><bdi>nowhere</bdi> was not audited.</b>" in page
    read = exposition.read(Path(outputs["prometheus"]).read_bytes())
    assert read["keysmith_audit_success"].of(cluster="nowhere") == [0]
    assert read["keysmith_findings"].of(cluster="main", code="owner_missing") == [1]

    second = playbook(estate, stage, tmp_path, nowhere=False, **outputs)
    assert second.status == 0, second.output
    third = playbook(estate, stage, tmp_path, nowhere=False, **outputs)
    assert third.status == 0, third.output
    assert set(re.findall(r"changed=(\d+)", third.output)) == {"0"}
    for run in (checked, first, third):
        assert not [secret for secret in (*estate.secrets, PASSWORD) if secret in run.output]
    assert list(stage.home.rglob("key_audit.*")) == []


def test_the_example_of_the_role_runs(estate: Estate, tmp_path: Path) -> None:
    """With the address, the folders, the user and the names of this test."""
    inventory_text, play_text = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[:2]
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(re.sub(r"https://\S+", estate.server.url, inventory_text))
    (play,) = yaml.safe_load(play_text.replace("/etc/keysmith", f"{tmp_path}/etc"))
    (tmp_path / "etc" / "reports").mkdir(parents=True)
    del play["module_defaults"]["group/keysmith.elastic.elasticsearch"]["ca_path"]
    play["module_defaults"]["group/keysmith.elastic.elasticsearch"]["username"] = estate.server.username
    given = {"auditor_password": estate.server.password, "key_audit_name_pattern": [f"{estate.prefix}-*"]}
    ran = Stage(tmp_path, CORE_ON[estate.server.name]).run(play["tasks"], given, "-i", str(inventory), play=play)
    assert "owner_missing: 2 keys" in ran.output
    assert (tmp_path / "etc" / "reports" / "keys.html").exists()


def test_every_variable_of_the_role_is_told() -> None:
    role = CHECKOUT / "roles" / "key_audit"
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    assert {name: option["default"] for name, option in specs.items()} == defaults
    assert {name for name in specs if f"`{name}`" not in README} == set()
    assert set(specs["key_audit_kind"]["choices"]) == set(NOUNS)
    assert set(specs["key_audit_fail_on"]["choices"]) == {"problem", "warning", "info", *CODES}


def test_the_role_knows_which_variable_is_for_which_kind() -> None:
    """What it tells to be left out is what the task of that kind does not pass on."""
    role = CHECKOUT / "roles" / "key_audit"
    told = yaml.safe_load((role / "vars" / "main.yml").read_text())
    known = {kind: set(names) for kind, names in told["key_audit__known"].items()}
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    limited = set().union(*known.values())
    # These values are taken for what nobody has set.
    assert all(defaults[f"key_audit_{name}"] in ("", "any", [], {}, False) for name in limited)
    assert set(known) == set(told["key_audit__lacking"]) == set(NOUNS)
    shared = []
    for kind, names in known.items():
        passed = set(re.findall(r"key_audit_(\w+)", (role / "tasks" / f"audit_{kind}.yml").read_text()))
        assert passed & limited == names
        shared.append(passed - limited)
    assert all(passed == shared[0] for passed in shared)


@pytest.fixture
def crowd(server: Server, tmp_path: Path, unique: UniqueNames) -> Iterator[Server]:
    """Ten thousand keys: on an emulator of its own; on a real server, where it takes a minute, only when time does not matter."""
    if server.control:
        with own_emulator(tmp_path) as own:
            Admin(own).ok("POST", "/_emulator/seed", {**CROWDED, "count": 10_000, "name": f"{unique.prefix}-{{n}}"})
            yield own
        return
    if not os.environ.get("KEYSMITH_LONG"):
        pytest.skip("KEYSMITH_LONG is not set")
    admin = Admin(server)
    body = {"role_descriptors": CROWDED["role_descriptors"], "metadata": CROWDED["metadata"], "expiration": "90d"}
    create: Callable[[int], dict[str, Any]] = lambda number: admin.ok(  # noqa: E731
        "POST", "/_security/api_key?refresh=false", {**body, "name": f"{unique.prefix}-{number}"}
    )
    with ThreadPoolExecutor(8) as pool:
        ids = [made["id"] for made in pool.map(create, range(10_000))]
    time.sleep(1.5)
    yield server
    for start in range(0, len(ids), 1000):
        admin.ok("DELETE", "/_security/api_key", {"ids": ids[start : start + 1000]})


CROWDED: dict[str, Any] = {
    "expiration": "90d",
    "created_step_ms": 1,
    "metadata": {"team": "platform", "host": "host-{n}"},
    "role_descriptors": {
        "writer": {
            "cluster": ["monitor"],
            "indices": [
                {"names": ["logs-*", "metrics-*"], "privileges": ["create_doc", "auto_configure"]},
                {"names": ["traces-*"], "privileges": ["create_doc"]},
            ],
        }
    },
}

# Runs a module with the options of a file, and says at the end how much memory it has needed at most, in KiB.
MEASURED = """
import json, resource, sys, time
sys.path.insert(0, {tests!r})
from support import collection
collection.install()
from support.in_process import answer_of
from ansible_collections.keysmith.elastic.plugins.modules import es_api_key_audit, key_report
module = {{"audit": es_api_key_audit, "report": key_report}}[sys.argv[1]]
answer = answer_of(module.main, json.loads(sys.argv[2]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"peak": peak, "cpu": time.process_time(), "answer": answer}}))
"""


def measured(module: str, options: dict[str, Any]) -> dict[str, Any]:
    program = MEASURED.format(tests=str(CHECKOUT / "tests"))
    begun = time.monotonic()
    command = [sys.executable, "-c", program, module, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    told: dict[str, Any] = json.loads(done.stdout)
    assert not told["answer"].get("failed"), told["answer"]
    told["seconds"] = time.monotonic() - begun
    return told


def test_what_ten_thousand_keys_cost(crowd: Server, unique: UniqueNames, tmp_path: Path) -> None:
    audit, page = tmp_path / "audit.json", tmp_path / "keys.html"
    policy = {"forbidden_cluster_privileges": ["all"], "required_metadata": ["owner"], "max_life": "30d"}
    login = {"username": crowd.username, "password": crowd.password, "name_pattern": [f"{unique.prefix}-*"]}
    with Proxy(crowd.url) as proxy:
        told = measured("audit", {"url": proxy.url, **login, **policy, "report": str(audit)})
        assert len(proxy.log) <= 15
    answer = told["answer"]
    assert answer["summary"]["api_keys"] == 10_000
    assert answer["violations"]["metadata_missing"] == answer["violations"]["lives_too_long"] == 10_000
    assert (len(answer["findings"]), answer["findings_left_out"]) == (SHOWN, 20_000 - SHOWN)
    assert told["peak"] < 200 * 1024
    reported = measured(
        "report", {"sources": [str(audit)], "html": str(page), "prometheus": str(tmp_path / "keys.prom")}
    )
    assert reported["peak"] < 200 * 1024
    print(crowd.name, len(proxy.log), "requests")
    for what, one in (("audit", told), ("report", reported)):
        print(f"{what}: {one['seconds']:.1f} s, {one['cpu']:.1f} s of them ours, {one['peak'] // 1024} MiB")
    # Of the time on the wall only our part can be answered for: this machine may be busy, and the emulator is no measure.
    assert told["cpu"] < 5


def test_reports_are_refused_in_clear_words(tmp_path: Path) -> None:
    """Before anything is written."""
    (tmp_path / "no.json").write_text("{}")
    for options, code, words in (
        ({"sources": [str(tmp_path / "missing.json")]}, "store", "is not there"),
        ({"sources": [str(tmp_path / "no.json")]}, "bad_audit", "is no audit of this collection"),
        ({"html": str(tmp_path / "x"), "markdown": str(tmp_path / "x")}, "bad_option", "are the same file"),
        ({"html": str(tmp_path / "nowhere" / "x")}, "store", "does not exist"),
        ({"html": str(tmp_path / "x"), "mode": "0602"}, "bad_option", "mode"),
        ({"title": ""}, "bad_option", "title is empty"),
        ({"unaudited": [{"cluster": "a", "reason": "b"}] * 2}, "bad_option", "two audits of 'a'"),
    ):
        answer = answer_of(key_report.main, options)
        assert answer["failed"], options
        assert answer["failure"]["code"] == code
        assert words in answer["msg"]
    assert [path.name for path in tmp_path.iterdir()] == ["no.json"]
