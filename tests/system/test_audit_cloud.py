# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auditing the keys of Elastic Cloud and ECE, and one report in which they stand beside Elasticsearch's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.keysmith.elastic.plugins.modules import key_report
from support import exposition
from support.admin import Admin
from support.cloud_life import CloudLife, CloudService, told
from support.cores import CORE_ON
from support.in_process import answer_of
from support.own_emulator import own_emulator, services_of
from support.places import CHECKOUT
from support.playbook import Stage
from support.servers import Server

README = (CHECKOUT / "roles" / "key_audit" / "README.md").read_text(encoding="utf-8")
OWNER = {"organization": [{"role_id": "organization-admin", "organization_id": "1000000001"}]}
ROLES: dict[str, dict[str, Any]] = {
    "owner": OWNER,
    "viewer": {"deployment": [{"role_id": "deployment-viewer", "organization_id": "1000000001", "all": True}]},
    "short": {
        "project": {
            "security": [
                {"role_id": "t1_analyst", "project_ids": ["p2", "p1"], "application_roles": ["b", "a"]},
            ]
        }
    },
}
ADMIN = {"username": "admin", "password": "changeme"}
OURS = {"description_pattern": ["t-*", "shipper"]}


@pytest.fixture
def life(cloud_life: CloudLife) -> CloudLife:
    """Here every key is one of those."""
    return cloud_life


def in_cloud(life: CloudLife) -> bool:
    return life.kind.service == "elastic_cloud"


def make(life: CloudLife, name: str, *, expiration: str | None = "60d", roles: str | None = "viewer") -> dict[str, Any]:
    """A key that the engine knows nothing of, in Elastic Cloud with these roles."""
    more: dict[str, Any] = {} if expiration is None else {"expiration": expiration}
    if in_cloud(life) and roles is not None:
        more["role_assignments"] = ROLES[roles]
    return life.service.make(name, **more)


def codes(answer: dict[str, Any]) -> dict[str, set[str]]:
    assert not answer.get("failed"), answer
    found: dict[str, set[str]] = {}
    for one in answer["findings"]:
        found.setdefault(one["name"], set()).add(one["code"])
    return found


def populate(life: CloudLife) -> tuple[str, str, list[str]]:
    """Keys that are called after their faults. Returns the ids of a leftover and its successor, and some secrets."""
    life.service.switch(expired_keys="listed")
    secrets = [make(life, "t-twin")["key"] for _each in range(2)]
    for name, end in (("t-soon", "20d"), ("t-endless", None), ("t-long", "200d"), ("t-brief", "1d")):
        make(life, name, expiration=end)
    life.ok(mark_description=True, expiration="60d")
    old = life.current
    life.ok(mark_description=True, expiration="60d", force_rotate=True)
    life.service.advance("8d")
    make(life, "t-good")
    make(life, "t-good")
    make(life, "t-owner", roles="owner")
    make(life, "t-all", roles=None)
    return old, life.current, [*secrets, *life.secrets()]


def test_every_fault_is_found_and_no_other(life: CloudLife, tmp_path: Path) -> None:
    old, new, secrets = populate(life)
    roles = {"forbidden_roles": ["Organization-Admin"]} if in_cloud(life) else {}
    policy = {"max_life": "100d", "max_age": "60d", **roles, **OURS}
    life.service.forget()
    report = tmp_path / "audit.json"
    assert life.audit(**policy, report=str(report), check=True)["changed"] and not report.exists()
    answer = life.audit(**policy, report=str(report))
    assert life.service.writes() == []
    expected = {
        "t-twin": {"duplicate_name"},
        "t-soon": {"ending_soon"},
        "t-endless": {"never_expires", "lives_too_long"},
        "t-long": {"lives_too_long"},
        "t-brief": {"expired"},
        "shipper": {"rotation_leftover"},
        **({"t-owner": {"forbidden_role"}, "t-all": {"roles_not_shown"}} if in_cloud(life) else {}),
    }
    assert codes(answer) == expected
    (leftover,) = [one for one in answer["findings"] if one["code"] == "rotation_leftover"]
    assert leftover["id"] == old and f"The key {new} was made for the same description" in leftover["text"]
    assert leftover["owner"] == ("1000000001" if in_cloud(life) else "joe") and leftover["creator"] is not None
    assert answer["violations"] == {"lives_too_long": 2, "old": 0, **({"forbidden_role": 1} if in_cloud(life) else {})}
    assert answer["summary"]["managers"]["collection"] == 2
    # Owners of whom nothing is told are no gap; that some keys could not be searched for roles is one.
    assert [answer["blind_spot"] is None, answer["users_unknown"]] == [in_cloud(life), None]
    assert ("roles of some keys" in told(answer)) == (answer["rights_unknown"] is not None) == in_cloud(life)
    again = life.audit(**policy, report=str(report))
    assert not again["changed"] and codes(again) == expected
    assert {name for name, what in codes(life.audit(max_age="7d", **OURS)).items() if "old" in what} == {
        "t-twin",
        "t-soon",
        "t-endless",
        "t-long",
        "shipper",
    }
    kept = report.read_text()
    assert not [secret for secret in secrets if secret in kept]
    (audited,) = json.loads(kept)["clusters"]
    assert audited["kind"] == life.kind.service


def test_when_the_login_ends_is_told_warned_of_and_reported(life: CloudLife, tmp_path: Path) -> None:
    login = make(life, "t-login", expiration="10d", roles="owner")
    report, metrics = tmp_path / "audit.json", tmp_path / "keys.prom"
    answer = life.audit(api_key=login["key"], cluster="here", report=str(report))
    assert answer["login"]["key_id"] == login["id"] and answer["login"]["expiration"].endswith("Z")
    assert f"The API key {login['id']} of this login ends in" in told(answer)
    assert "ends in" not in told(life.audit(api_key=login["key"], warn_login_expires="1d"))
    # However the service writes that it never ends.
    for never in ("", "never", "0"):
        life.service.switch(expiration_header_never=never)
        endless = life.audit(api_key=make(life, "t-endless", expiration=None, roles="owner")["key"])
        assert endless["login"]["expiration"] is None and "ends in" not in told(endless)
    done = answer_of(key_report.main, {"sources": [str(report)], "prometheus": str(metrics)})
    assert not done.get("failed"), done
    assert "LOGIN ENDS" in done["table"][0] and done["table"][2].split()[1] in ("9d", "10d")
    assert done["table"][0].startswith("ORGANIZATION" if in_cloud(life) else "INSTALLATION")
    (end,) = exposition.read(metrics.read_bytes())["keysmith_login_expiration_timestamp_seconds"].of(cluster="here")
    (key,) = [one for one in life.info()["api_keys"] if one["id"] == login["id"]]
    assert end == (pytest.approx(_seconds(key["expiration"]), abs=1))


def _seconds(text: str) -> float:
    moment: float = yaml.safe_load(text).timestamp()
    return moment


def test_whose_keys_are_audited(life: CloudLife) -> None:
    """In Elastic Cloud a user's by choice; in ECE an administrator sees everybody's, others their own and are told so."""
    own = make(life, "t-own")
    if in_cloud(life):
        stranger = life.service.user("stranger", roles=["organization-admin"])
        assert life.audit()["summary"]["api_keys"] == len(life.service.keys())
        assert life.audit(user_id=own["user_id"], **OURS)["summary"]["api_keys"] == 1
        life.service.make("t-other", stranger)
        both = life.audit(**OURS)
        assert both["summary"]["api_keys"] == 2 and both["summary"]["owners"] == 1
        assert both["cluster"] == "1000000001", "all organizations have one address"
        refused = life.audit(organization_id="7")
        assert "organization_id says 7" in refused["msg"]
        return
    jim = {"username": "jim", "password": "jims-pass"}
    life.service.control("POST", "users", {"name": "jim", "password": "jims-pass"})
    CloudService(life.service.url, jim).seed(1)
    everybody = life.audit(**ADMIN)
    assert everybody["summary"]["api_keys"] == 2 and everybody["summary"]["owners"] == 2
    assert everybody["blind_spot"] is None and everybody["cluster"] in life.service.url
    assert life.audit(user_id="joe", **ADMIN)["summary"]["api_keys"] == 1
    narrow = life.audit()
    assert narrow["summary"]["api_keys"] == 1 and "sees only the keys of joe" in told(narrow)
    assert life.audit(user_id="joe")["blind_spot"] is None
    # The list of all users' keys is to be removed one day; and a key without a user is nobody's.
    life.service.switch(absent_fields=["user_id"])
    assert life.audit(**ADMIN)["summary"]["owners"] == 1
    life.service.switch(list_of_all_users="removed")
    gone = life.audit(**ADMIN)
    assert gone["summary"]["api_keys"] == 0 and "sees only the keys of admin" in gone["blind_spot"]
    assert life.audit(user_id="joe", **ADMIN)["summary"]["api_keys"] == 1


# One after the other, each beside those before it.
SWITCHES: list[dict[str, Any]] = [
    {"page_size": 1, "order": "shuffled"},
    {"date_format": "offset"},
    {"expiration_header": "http_date"},
    {"expiration_header": "absent"},
    {"date_header": False},
    {"absent_fields": ["organization_id"]},
]
OF_ROLES: list[dict[str, Any]] = [
    {"assignments_entries": "split", "assignments_order": "shuffled"},
    {"assignments_entries": "merged", "assignments_filled": False},
    {"unused_categories": "null"},
    {"unused_categories": "empty"},
]


def test_whatever_is_unsure_of_the_service_comes_to_the_same(life: CloudLife) -> None:
    make(life, "t-soon", expiration="9d")
    make(life, "t-all", roles=None)
    make(life, "t-roles", roles="short")
    forbidden = {"forbidden_roles": ["security-t1-analyst", "organization-admin"]} if in_cloud(life) else {}
    expected = {"t-soon": {"ending_soon"}}
    expected |= {"t-roles": {"forbidden_role"}, "t-all": {"roles_not_shown"}} if in_cloud(life) else {}
    for switches in ({}, *SWITCHES, *(OF_ROLES if in_cloud(life) else [])):
        life.service.switch(**switches)
        assert codes(life.audit(**OURS, **forbidden)) == expected, switches
    if in_cloud(life):
        # Roles that a key has from its creator are its own as well, where the service shows them.
        life.service.switch(inherited_assignments="shown")
        shown = life.audit(**OURS, **forbidden)
        assert codes(shown) == {**expected, "t-all": {"forbidden_role"}} and shown["rights_unknown"] is None


def test_how_near_the_limit_an_organization_is(life: CloudLife) -> None:
    life.service.seed(450)
    answer = life.audit(**OURS)
    assert answer["summary"]["api_keys"] == 0
    near = (
        [f"This organization has {len(life.service.keys())} active keys; 500 is the limit."] if in_cloud(life) else []
    )
    assert answer["notes"] == near and ("500 is the limit" in told(answer)) == in_cloud(life)


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"warn_within": "never"}, "warn_within", "never"),
        ({"max_life": "0d"}, "max_life", "zero"),
        ({"cluster": ""}, "cluster", "empty"),
        ({"user_id": ""}, "user_id", "empty"),
        ({"description_pattern": [""]}, "description_pattern", "empty"),
        ({"report": "/nowhere/audit.json"}, "report", "does not exist"),
        ({"forbidden_roles": [" "]}, "forbidden_roles", "forbidden_roles"),
        ({"required_metadata": ["team"]}, None, "required_metadata"),
        ({"owner": "joe"}, None, "owner"),
    ],
    ids=str,
)
def test_bad_input_is_said_clearly(life: CloudLife, options: dict[str, Any], option: str | None, words: str) -> None:
    answer = life.audit(**options)
    assert answer.get("failed") and words in answer["msg"], answer
    if option is not None and (in_cloud(life) or option != "forbidden_roles"):
        assert answer["failure"]["option"] == option
    assert life.service.requests() == []


# What the table says of the hosts of the test below.
LINES = (
    r"^acme +Elastic Cloud +(9d 23h|10d) ",
    r"^frankfurt +Elastic Cloud Enterprise +-",
    r"^production +Elasticsearch +-",
    r"^problem +acme +auditor .* forbidden_role, ending_soon",
    r"^problem +production +endless .* metadata_missing, never_expires",
    r"^warning +frankfurt +joes key .* ending_soon",
    r"^nowhere was not audited: ",
    r"^acme: key_audit_required_metadata does not apply to keys of Elastic Cloud, which have neither metadata",
    r"^frankfurt: key_audit_required_metadata does not apply to keys of Elastic Cloud Enterprise, which",
)


@dataclass(frozen=True)
class Estate:
    """An emulator's three services with a key or two each, and the documented inventory for them, with a host that is not there."""

    hosts: dict[str, Any]
    secrets: list[str]
    variables: dict[str, Any]

    @classmethod
    def of(cls, cluster: Server, urls: dict[str, str]) -> Estate:
        cloud, joe = (
            CloudService(urls["elastic_cloud"], {"api_key": "essu_changeme"}),
            {"username": "joe", "password": "joes-pass"},
        )
        ece = CloudService(urls["ece"], joe)
        ece.reset(joe)
        secrets = [
            cloud.make("auditor", role_assignments=OWNER, expiration="10d")["key"],
            ece.make("joes key", expiration="5d")["key"],
        ]
        Admin(cluster).create_key("endless", role_descriptors={"r": {"cluster": ["monitor"]}})
        (text,) = [
            one for one in re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL) if "frankfurt" in one
        ]
        hosts = yaml.safe_load(text)["all"]["hosts"]
        hosts["production"]["key_audit_connection"].update(url=cluster.url, username="elastic")
        hosts["acme"]["key_audit_connection"]["url"] = cloud.url
        hosts["frankfurt"]["key_audit_connection"]["url"] = ece.url
        nothing = {"url": "http://127.0.0.1:1", "token": "a-token-of-nowhere", "retries": 0}
        hosts["nowhere"] = {**hosts["frankfurt"], "key_audit_connection": nothing}
        logins = {
            "auditor_password": cluster.password,
            "auditor_cloud_key": secrets[0],
            "auditor_ece_password": "changeme",
        }
        return cls(hosts, secrets, logins)


def test_one_report_of_all_three(server: Server, tmp_path: Path) -> None:
    """The role over the inventory of its documentation, with one variable that is set for all and does not apply to all."""
    if server.kind != "emulator":
        pytest.skip("Elastic Cloud and ECE are emulated, whatever Elasticsearch is beside them")
    folder, inventory = tmp_path / "emulator", tmp_path / "inventory.json"
    folder.mkdir()
    made = {name: tmp_path / f"keys.{name}" for name in ("html", "markdown", "prometheus", "json")}
    with own_emulator(folder) as cluster:
        estate = Estate.of(cluster, services_of(folder))
        inventory.write_text(json.dumps({"all": {"hosts": estate.hosts}}))
        paths = {f"key_audit_{name}": str(path) for name, path in made.items()}
        given = {**estate.variables, **paths, "key_audit_required_metadata": ["team"]}
        role = [{"name": "Audit", "ansible.builtin.import_role": {"name": "keysmith.elastic.key_audit"}}]
        # The newest core: it is the strictest about what a template returns.
        ran = Stage(tmp_path / "stage", CORE_ON["9.5.3"]).run(role, given, "-i", str(inventory), play={"hosts": "all"})
    ended = "keysmith.elastic.key_audit : Fail if a cluster was not audited, or something was found that must not be"
    assert ran.of(ended).message == "not audited: nowhere", ran.output[-4000:]
    table = "\n".join(ran.of("keysmith.elastic.key_audit : Show the table").result["msg"])
    for words in LINES:
        assert re.search(words, table, re.MULTILINE), f"{words}\n{table}"
    assert "production: key_audit" not in table
    said = [event for event in ran.events if event.task.endswith("Tell what is set and does not apply to these keys")]
    assert sorted(event.event for event in said) == ["ok", "ok", "ok", "skipped"]
    read = exposition.read(made["prometheus"].read_bytes())
    assert sorted(dict(labels)["cluster"] for labels in read["keysmith_audit_success"].samples) == sorted(estate.hosts)
    assert read["keysmith_findings"].of(cluster="acme", code="forbidden_role") == [1]
    assert len(read["keysmith_login_expiration_timestamp_seconds"].samples) == 1
    for path in made.values():
        assert "frankfurt" in path.read_text() and not [one for one in estate.secrets if one in path.read_text()]
    assert not [one for one in estate.secrets if one in ran.output]
