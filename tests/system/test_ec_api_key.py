# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only keys of Elastic Cloud have: roles, organizations, a limit; and the lookup that finds them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from support.cloud_life import CloudLife, told

ROLES: dict[str, Any] = {
    "organization": [{"role_id": "billing-admin"}],
    "deployment": [{"role_id": "viewer", "deployment_ids": ["d1", "d2"]}, {"role_id": "deployment-admin", "all": True}],
    "project": {
        "elasticsearch": [
            {"role_id": "developer", "project_ids": ["p2"], "application_roles": ["developer", "viewer"]},
            {"role_id": "elasticsearch-viewer", "project_ids": ["p1", "p3"]},
        ]
    },
}


@pytest.fixture
def life(cloud_life: CloudLife) -> CloudLife:
    """The only kind of key that has roles."""
    if cloud_life.kind.service != "elastic_cloud":
        pytest.skip("keys of ECE have neither roles nor an organization")
    return cloud_life


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"assignments_entries": "split", "assignments_order": "shuffled"},
        {"assignments_entries": "merged", "assignments_filled": False},
        {"unused_categories": "null", "unprefixed_roles": "refused"},
        {"unused_categories": "empty", "unprefixed_roles": "prefixed"},
        {"missing_organization_id": "refused", "order": "shuffled", "page_size": 1},
        {"inherited_assignments": "shown"},
    ],
    ids=str,
)
def test_however_the_service_shows_roles_they_are_the_same(life: CloudLife, switches: dict[str, Any]) -> None:
    life.service.switch(**switches)
    made = life.ok(role_assignments=ROLES)
    assert made["changed"] and told(made) == ""
    assert not life.ok(role_assignments=ROLES)["changed"]
    fewer = {**ROLES, "deployment": [{"role_id": "viewer", "deployment_ids": ["d1"]}]}
    differs = life.ok(role_assignments=fewer, check=True)
    assert "role_assignments.deployment.deployment-viewer.d2 differs" in differs["reasons"][0]
    # What the task leaves open a successor has from its predecessor.
    assert life.ok(role_assignments=None, force_rotate=True, overlap="0s")["changed"]
    assert not life.ok(role_assignments=ROLES)["changed"]


def test_every_right_of_the_creator_has_to_be_said(life: CloudLife) -> None:
    refused = life.run(role_assignments=None)
    assert "every right of its creator" in refused["msg"] and "all_rights" in refused["msg"]
    assert life.living() == []
    assert life.ok(role_assignments=None, all_rights=True)["changed"]
    assert "contradicts role_assignments" in life.run(all_rights=True)["msg"]


def test_roles_that_open_less_than_they_seem_to_are_warned_of(life: CloudLife) -> None:
    hosted = {"deployment": [{"role_id": "viewer", "all": True, "application_roles": ["viewer"]}]}
    assert "es_api_key" in told(life.ok(role_assignments=hosted, check=True))
    unknown = {"project": {"timeseries": [{"role_id": "x", "all": True}]}}
    assert "does not know" in told(life.ok(role_assignments=unknown, check=True))


def test_roles_that_the_login_may_not_give(life: CloudLife) -> None:
    life.service.switch(forbidden_resources=["d9"])
    refused = life.run(role_assignments={"deployment": [{"role_id": "viewer", "deployment_ids": ["d9"]}]})
    assert refused["failure"]["type"] == "role_assignments.unauthorized_role_assignments"
    assert "owner of the organization" in refused["msg"]
    assert life.living() == [] and life.record["current"] is None and life.record["intent"] == []


def test_a_login_that_may_not_make_keys(life: CloudLife) -> None:
    poor = life.service.user("reader", roles=["billing-admin"])
    refused = life.run(api_key=poor)
    assert refused["failure"]["code"] == "forbidden" and "owner of the organization" in refused["msg"]
    assert life.living() == []


def test_keys_of_others_are_nobody_s_to_touch(life: CloudLife) -> None:
    stranger = life.service.user("stranger", organization="elsewhere", roles=["organization-admin"])
    theirs = life.service.make(life.name, stranger)["id"]
    found = life.ok(store=None, description=None, role_assignments=None, expiration=None, id=theirs, state="absent")
    assert not found["changed"]
    life.service.switch(foreign_keys="403")
    refused = life.run(store=None, description=None, role_assignments=None, expiration=None, id=theirs, state="absent")
    assert "may not read it" in refused["msg"]
    assert life.service.call("GET", f"/api/v1/users/auth/keys/{theirs}", key=stranger)[0] == 200
    life.ok()
    other = life.run(api_key=stranger)
    assert "this run would make keys of" in other["msg"] and life.works()


def test_the_organization_is_found_or_has_to_fit(life: CloudLife) -> None:
    made = life.ok()
    own = made["login"]["username"]
    assert made["key"]["organization_id"] == own
    assert not life.ok(organization_id=own)["changed"]
    assert f"belongs to the organization {own}; organization_id says 7" in life.run(organization_id="7")["msg"]
    # Where the keys do not tell, the service is asked.
    life.service.switch(absent_fields=["organization_id"])
    life.service.forget()
    assert not life.ok()["changed"]
    assert "GET /api/v1/organizations" in life.service.requests()


def test_the_limit_of_the_organization(life: CloudLife) -> None:
    life.ok()
    life.service.seed(450)
    many = life.ok(force_rotate=True, overlap="0s")
    assert "452 active keys; 500 is the limit" in told(many)
    life.service.seed(500 - len(life.service.keys()))
    assert not life.ok()["changed"]
    full = life.run(force_rotate=True)
    assert "has 500 active keys, and 500 is the limit" in full["msg"]
    assert life.works() and len(life.living()) == 1


def test_the_lookup(life: CloudLife) -> None:
    made = life.ok(role_assignments=ROLES)["key"]
    connection = {"url": life.service.url, **life.kind.login}

    def look(*terms: str, **options: Any) -> list[Any]:
        found: list[Any] = lookup_loader.get("keysmith.elastic.ec_api_key").run(
            list(terms), {}, **{**connection, **options}
        )
        return found

    (found,) = look(life.name)
    assert {**found, "remaining_seconds": 0} == {**made, "remaining_seconds": 0, "login_expiration": None}
    ending = life.service.make("login", expiration="10d")
    (seen,) = look(life.name, api_key=ending["key"])
    assert seen["login_expiration"][:19] == ending["expiration_date"][:19]
    assert look(made["id"], "nothing", by="id", on_missing="skip")[0]["name"] == life.name
    with pytest.raises(AnsibleError, match="No active key described as 'nothing'"):
        look("nothing")
    assert look("nothing", on_missing="skip", organization_id=made["organization_id"]) == []
    with pytest.raises(AnsibleError, match="Elasticsearch API key"):
        look(life.name, api_key="VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==")
