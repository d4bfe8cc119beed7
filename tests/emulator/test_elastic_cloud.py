# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Elastic Cloud API: organizations and their keys."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
from descriptions import CloudClient
from emulator_client import Client

KEYS = "/users/auth/keys"
HOME = "1000000001"
ROLES_DENIED = "role_assignments.unauthorized_role_assignments"


def _add(cloud: CloudClient, name: str, **user: Any) -> str:
    """The first key of a new user."""
    return str(cloud.control("POST", "users", {"name": name, **user})["api_key"])


def test_the_life_of_a_key(cloud: CloudClient) -> None:
    """201 with the secret, which logs in and is never told again; gone when it is deleted."""
    made = cloud.new_key("shipper", expiration="3h")
    assert made["key"].startswith("essu_")
    assert made["organization_id"] == HOME
    path = f"{KEYS}/{made['id']}"
    expected = {name: value for name, value in made.items() if name != "key"}
    shown = cloud.ask("GET", path, key=made["key"])
    assert shown.body == expected
    assert shown.headers["X-Elastic-Api-Key-Expiration"] == made["expiration_date"]
    assert "X-Elastic-Api-Key-Expiration" not in cloud.ask("GET", path).headers
    assert int(shown.headers["x-ratelimit-remaining"]) < int(shown.headers["x-ratelimit-limit"])
    assert cloud.ask("DELETE", path).body == {}
    assert cloud.refused("api_keys.key_not_found", "GET", path) == (404, [])
    assert cloud.refused("api_keys.key_not_found", "DELETE", path) == (404, [])
    assert cloud.refused("root.unauthenticated", "GET", KEYS, key=made["key"]) == (401, [])


def test_an_expired_key_logs_in_no_more(cloud: CloudClient) -> None:
    """And vanishes, or by switch does not."""
    made = cloud.new_key("short", expiration="1h")
    cloud.control("POST", "clock", {"advance": "61m"})
    assert cloud.refused("root.unauthenticated", "GET", KEYS, key=made["key"])[0] == 401
    assert cloud.listed() == []
    assert cloud.ask("GET", f"{KEYS}/{made['id']}").status == 404
    cloud.switch(expired_keys="listed")
    assert cloud.listed() == ["short"]
    assert cloud.ask("DELETE", f"{KEYS}/{made['id']}").status == 200


@pytest.mark.parametrize(
    "authorization", [None, "Basic b3duZXI6cHc=", "Bearer x", "ApiKey essu_wrong", "essu_changeme"]
)
def test_only_a_key_logs_in(cloud: CloudClient, authorization: str | None) -> None:
    """401 for everything else."""
    headers = {} if authorization is None else {"Authorization": authorization}
    assert cloud.refused("root.unauthenticated", "GET", KEYS, headers=headers)[0] == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "description"),
        ({"description": ""}, "description"),
        ({"description": 1}, "description"),
        ({"description": "k", "expiration": "3M"}, "expiration"),
        ({"description": "k", "expiration": "90"}, "expiration"),
        ({"description": "k", "expiration": "30m"}, "expiration"),
        ({"description": "k", "expiration": 90}, "expiration"),
        ({"description": "k", "expiration": "0d"}, "expiration"),
        ({"description": "k", "expiration": "366d"}, "expiration"),
        ({"description": "k", "expiration": "9" * 40 + "d"}, "expiration"),
        ({"description": "k", "role_assignments": []}, "role_assignments"),
        ({"description": "k", "role_assignments": {"deployment": {}}}, "role_assignments.deployment"),
        ({"description": "k", "role_assignments": {"organization": [{}]}}, "role_assignments.organization.role_id"),
        (
            {
                "description": "k",
                "role_assignments": {"deployment": [{"role_id": "r", "all": True, "deployment_ids": []}]},
            },
            "role_assignments.deployment.deployment_ids",
        ),
        (
            {"description": "k", "role_assignments": {"project": {"security": [{"role_id": "r"}]}}},
            "role_assignments.project.security.project_ids",
        ),
    ],
)
def test_a_create_that_is_refused(cloud: CloudClient, body: dict[str, Any], field: str) -> None:
    """400 with the field, and nothing is made."""
    assert cloud.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, [f"body.{field}"])
    assert cloud.listed() == []


def test_bodies_that_are_no_objects(cloud: CloudClient) -> None:
    """400 for broken JSON, 415 for another media type."""
    login = {"Authorization": "ApiKey essu_changeme"}
    for raw in (b"{", b"[]", b"", b"\xff"):
        reply = cloud.call("POST", f"/api/v1{KEYS}", raw=raw, headers=login)
        assert (reply.status, reply.body["errors"][0]["code"]) == (400, "api_keys.invalid_input")
    form = {**login, "Content-Type": "application/x-www-form-urlencoded"}
    assert cloud.call("POST", f"/api/v1{KEYS}", raw=b"description=k", headers=form).status == 415


def test_who_sees_and_makes_what(cloud: CloudClient) -> None:
    """Owners see the organization, those of its workloads their own, others make none, and no one sees another's."""
    workload = _add(cloud, "w", roles=["workload-credentials-owner"])
    member = _add(cloud, "m")
    stranger = _add(cloud, "s", organization="another", roles=["organization-admin"])
    cloud.new_key("of-owner")
    own = cloud.new_key("of-workload", key=workload)
    cloud.new_key("of-stranger", key=stranger)
    assert cloud.listed() == ["of-owner", "of-workload"]
    assert cloud.listed(key=workload) == ["of-workload"]
    assert cloud.listed(key=member) == []
    assert cloud.listed(key=stranger) == ["of-stranger"]
    assert cloud.refused("root.permission_denied", "POST", KEYS, {"description": "k"}, key=member)[0] == 403
    for foreign in (member, stranger):
        assert cloud.refused("api_keys.key_not_found", "GET", f"{KEYS}/{own['id']}", key=foreign)[0] == 404
        assert cloud.ask("DELETE", KEYS, {"keys": [own["id"]]}, key=foreign).status == 200
    cloud.switch(foreign_keys="403")
    assert cloud.refused("root.permission_denied", "DELETE", f"{KEYS}/{own['id']}", key=stranger)[0] == 403
    assert cloud.refused("api_keys.key_not_found", "GET", f"{KEYS}/nowhere", key=stranger)[0] == 404
    # A key makes keys, and they belong to its user.
    assert cloud.new_key("child", key=own["key"])["user_id"] == own["user_id"]
    assert cloud.ask("DELETE", f"{KEYS}/{own['id']}").status == 200


def test_organizations(cloud: CloudClient) -> None:
    """One for each key."""
    shown = cloud.ask("GET", "/organizations").body["organizations"]
    assert [(each["id"], each["name"]) for each in shown] == [(HOME, "keysmith")]
    assert cloud.ask("GET", f"/organizations/{HOME}").body == shown[0]
    stranger = _add(cloud, "s", organization="another", roles=["organization-admin"])
    assert cloud.ask("GET", "/organizations", key=stranger).body["organizations"][0]["name"] == "another"
    assert cloud.refused("organization.not_found", "GET", f"/organizations/{HOME}", key=stranger)[0] == 404


def test_what_may_be_granted(cloud: CloudClient) -> None:
    """An owner grants what there is in the organization, others what they hold."""
    workload = _add(
        cloud,
        "w",
        roles=["workload-credentials-owner"],
        role_assignments={"deployment": [{"role_id": "deployment-viewer", "all": True}]},
    )

    def grant(role: str, ids: list[str], organization: str = HOME, key: str | None = None) -> int:
        entry = {"role_id": role, "organization_id": organization, "all": False, "deployment_ids": ids}
        body = {"description": "k", "role_assignments": {"deployment": [entry]}}
        reply = cloud.ask("POST", KEYS, body, key=key)
        assert reply.status == 201 or reply.body["errors"][0]["code"] == ROLES_DENIED
        return reply.status

    assert grant("deployment-admin", ["d1"]) == 201
    assert grant("deployment-viewer", ["d1"], key=workload) == 201
    assert grant("deployment-admin", ["d1"], key=workload) == 403
    assert grant("deployment-admin", ["d1"], organization="another") == 403
    cloud.switch(forbidden_resources=["stopped"])
    assert grant("deployment-admin", ["d1", "stopped"]) == 403
    platform = {"description": "k", "role_assignments": {"platform": [{"role_id": "r"}]}}
    assert cloud.refused(ROLES_DENIED, "POST", KEYS, platform)[0] == 403


ENTRY = {"organization_id": HOME, "role_id": "elasticsearch-viewer"}
BOTH = {
    "project": {
        "elasticsearch": [{**ENTRY, "all": False, "project_ids": ["p1", "p2"], "application_roles": ["viewer"]}]
    }
}
TWO = {"deployment": [{**ENTRY, "all": False, "deployment_ids": [name]} for name in ("d1", "d2")]}
FILLED = {"deployment": [{**ENTRY, "all": True, "application_roles": []}]}


@pytest.mark.parametrize(
    ("switches", "given", "shown"),
    [
        ({}, {"deployment": [{"role_id": "r", "all": True}]}, {"deployment": [{"role_id": "r"}]}),
        (
            {"assignments_filled": False},
            {"deployment": [{**ENTRY, "all": True}]},
            {"deployment": [{**ENTRY, "all": True}]},
        ),
        ({}, {"deployment": [{**ENTRY, "all": True, "deployment_ids": None}], "project": None}, FILLED),
        ({"unused_categories": "null"}, FILLED, {**FILLED, "organization": None, "platform": None, "project": None}),
        ({"unused_categories": "empty"}, FILLED, {**FILLED, "organization": [], "platform": [], "project": {}}),
        (
            {"assignments_entries": "split"},
            BOTH,
            {"project": {"elasticsearch": [{"project_ids": ["p1"]}, {"project_ids": ["p2"]}]}},
        ),
        ({"assignments_entries": "merged"}, TWO, {"deployment": [{"deployment_ids": ["d1", "d2"]}]}),
        (
            {},
            {"project": {"security": [{"role_id": "t1_analyst", "all": True}]}},
            {"project": {"security": [{"role_id": "t1_analyst"}]}},
        ),
        (
            {"unprefixed_roles": "prefixed"},
            {"project": {"security": [{"role_id": "t1_analyst", "all": True}]}},
            {"project": {"security": [{"role_id": "security-t1-analyst", "organization_id": HOME}]}},
        ),
        (
            {},
            {"organization": [{**ENTRY, "application_roles": ["admin"]}]},
            {"organization": [{"application_roles": ["admin"]}]},
        ),
    ],
)
def test_the_forms_of_role_assignments(
    cloud: CloudClient, switches: dict[str, Any], given: dict[str, Any], shown: dict[str, Any]
) -> None:
    """What was left out is filled in, and entries come back split or merged; nothing is lost."""
    cloud.switch(**switches)
    reply = cloud.ask("POST", KEYS, {"description": "k", "role_assignments": given}, described=False)
    assert reply.status == 201, reply
    _assert_within(shown, reply.body["role_assignments"])
    # Nulls were seen on users, though no description has them.
    again = cloud.ask("GET", f"{KEYS}/{reply.body['id']}", described="null" not in switches.values())
    assert again.body["role_assignments"] == reply.body["role_assignments"]


def _assert_within(expected: Any, given: Any) -> None:
    if isinstance(expected, dict):
        for name, value in expected.items():
            _assert_within(value, given[name])
    elif isinstance(expected, list):
        assert len(expected) == len(given), given
        for part, other in zip(expected, given):
            _assert_within(part, other)
    else:
        assert expected == given


def test_role_assignments_that_are_refused_or_hidden_by_switch(cloud: CloudClient) -> None:
    """The organization may be wanted, the prefix too, and inherited roles may be shown."""
    entry = {"role_id": "viewer", "all": True}
    project = {"description": "k", "role_assignments": {"project": {"security": [entry]}}}
    cloud.switch(unprefixed_roles="refused")
    assert cloud.refused("api_keys.invalid_input", "POST", KEYS, project)[0] == 400
    cloud.switch(missing_organization_id="refused")
    deployment = {"description": "k", "role_assignments": {"deployment": [entry]}}
    fields = ["body.role_assignments.deployment.organization_id"]
    assert cloud.refused("api_keys.invalid_input", "POST", KEYS, deployment) == (400, fields)
    assert "role_assignments" not in cloud.new_key()
    cloud.switch(inherited_assignments="shown")
    assert cloud.new_key()["role_assignments"]["organization"][0]["role_id"] == "organization-admin"


def test_shuffled_assignments_are_the_same_ones(cloud: CloudClient) -> None:
    """In another order now and then."""
    ids = [f"d{number}" for number in range(8)]
    entry = {**ENTRY, "all": False, "deployment_ids": ids}
    made = cloud.new_key(role_assignments={"deployment": [entry]})
    cloud.switch(assignments_order="shuffled")
    seen = [
        cloud.ask("GET", f"{KEYS}/{made['id']}").body["role_assignments"]["deployment"][0]["deployment_ids"]
        for _attempt in range(5)
    ]
    assert any(each != ids for each in seen)
    assert all(sorted(each) == ids for each in seen)


def test_the_limit_of_active_keys(cloud: CloudClient) -> None:
    """500 in an organization; expired ones do not count, and another organization has its own."""
    cloud.control("POST", "seed", {"count": 499, "expiration": "1d"})
    assert cloud.refused("api_keys.invalid_input", "POST", KEYS, {"description": "one more"})[0] == 400
    stranger = _add(cloud, "s", organization="another", roles=["organization-admin"])
    cloud.new_key(key=stranger)
    cloud.control("POST", "clock", {"advance": "25h"})
    cloud.new_key()
    assert len(cloud.listed()) == 1


def test_pages(cloud: CloudClient) -> None:
    """Every key once, in any order, even when those of the page before are deleted meanwhile."""
    ids = cloud.control("POST", "seed", {"count": 25, "description": "k-{n}"})["ids"]
    expected = [f"k-{number}" for number in range(25)]
    for order, check in (("oldest_first", expected), ("newest_first", expected[::-1])):
        cloud.switch(page_size=10, order=order)
        assert cloud.listed() == check
    cloud.switch(order="shuffled", page_size=1)
    listed = cloud.listed()
    assert listed != expected and sorted(listed) == sorted(expected)
    cloud.switch(order="oldest_first", page_size=10)
    first = cloud.ask("GET", KEYS).body
    cloud.ask("DELETE", KEYS, {"keys": ids[:9]})
    second = cloud.ask("GET", f"{KEYS}?next_page={first['next_page']}").body
    assert second["keys"][0]["description"] == "k-9"
    cloud.switch(page_size=None)
    assert "next_page" not in cloud.ask("GET", KEYS).body
    cloud.switch(page_size=3)
    assert cloud.refused("api_keys.invalid_input", "GET", f"{KEYS}?next_page=%C3%A4")[0] == 400


def test_a_key_for_the_serverless_project(cloud: CloudClient, project: Client) -> None:
    """With an application role it logs in there, and makes no keys of Elasticsearch's; without one it does not."""
    found = cloud.ask("GET", "/serverless/projects/elasticsearch").body["items"][0]["id"]
    entry = {"role_id": "elasticsearch-viewer", "organization_id": HOME, "all": False, "project_ids": [found]}

    def key_with(**fields: Any) -> str:
        return str(cloud.new_key("p", role_assignments={"project": {"elasticsearch": [{**entry, **fields}]}})["key"])

    admin = key_with(application_roles=["admin"])
    who = project.call("GET", "/_security/_authenticate", key=admin)
    assert (who.body["authentication_type"], who.body["roles"]) == ("api_key", ["admin"])
    assert (who.body["api_key"]["managed_by"], who.body["api_key"]["name"]) == ("cloud", "p")
    refused = project.call("POST", "/_security/api_key", {"name": "k"}, key=admin)
    assert (refused.status, refused.body["error"]["type"]) == (400, "illegal_argument_exception")
    assert project.call("POST", "/_security/api_key/grant", {}, key=admin).status == 410
    assert project.call("POST", "/_security/api_key", {"name": "k"}).status == 200
    assert project.call("GET", "/", key=key_with()).status == 403
    assert project.call("GET", "/", key=key_with(project_ids=["other"], application_roles=["admin"])).status == 403
    assert project.call("GET", "/", key="essu_wrong").status == 401
    stranger = _add(cloud, "s", organization="another", roles=["organization-admin"])
    assert project.call("GET", "/", key=stranger).status == 401
    roles = cloud.ask("GET", f"/serverless/projects/elasticsearch/{found}/roles").body
    assert "admin" in {role["name"] for group in roles.values() for role in group["roles"]}
    cloud.control("POST", "clock", {"advance": "1d"})
    assert project.call("GET", "/", key=admin).status == 200


def test_faults(cloud: CloudClient) -> None:
    """The same ones as for Elasticsearch, in this service's words, and none for the other services."""
    match = {"method": "POST", "path": "^/api/v1/users/auth/keys$"}
    cloud.control("POST", "faults", {"match": match, "action": "lost_answer"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        cloud.ask("POST", KEYS, {"description": "lost"})
    assert cloud.listed() == ["lost"]
    for rule in ({"status": 429, "retry_after": 7}, {"status": 429}, {"status": 503}):
        cloud.control("POST", "faults", {"match": match, "action": "status", **rule})
        reply = cloud.ask("POST", KEYS, {"description": "k"}, described=False)
        assert (reply.status, reply.headers["Retry-After"]) == (rule["status"], rule.get("retry_after") and "7")
        assert reply.body["errors"][0]["message"] == "a fault on request"
    cloud.control("POST", "faults", {"action": "html"})
    assert cloud.call("GET", f"/api/v1{KEYS}").body.startswith("<html>")
    for action in ("echo500", "encountered_failure"):
        cloud.control("POST", "faults", {"action": action})
        assert cloud.call("GET", f"/api/v1{KEYS}").body["errors"]
    cloud.control("POST", "faults", {"action": "reset"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        cloud.ask("GET", KEYS)
    assert cloud.listed() == ["lost"]


def test_the_log_says_who(cloud: CloudClient) -> None:
    """And never a secret."""
    cloud.ask("GET", KEYS)
    entry = cloud.control("GET", "requests")[-1]
    assert (entry["path"], entry["status"]) == (f"/api/v1{KEYS}", 200)
    assert "by api key" in entry["who"]
    assert "essu_" not in str(entry)


def test_paths_and_methods_that_are_not_there(cloud: CloudClient) -> None:
    """404 and 405, in the same form."""
    assert cloud.refused("root.resource_not_found", "GET", "/users/auth/nothing")[0] == 404
    assert cloud.refused("root.resource_not_found", "GET", "/serverless/projects/odd")[0] == 404
    reply = cloud.ask("PUT", KEYS, {})
    assert (reply.status, reply.headers["Allow"]) == (405, "DELETE, GET, POST")


def test_the_rate_limit(cloud: CloudClient) -> None:
    """Windowed; the interval passes with the emulated clock."""
    cloud.switch(rate_limit=2, rate_interval="10s")
    statuses = [cloud.ask("GET", KEYS).status for _attempt in range(3)]
    assert statuses == [200, 200, 429]
    assert 0 < int(cloud.ask("GET", KEYS).headers["Retry-After"]) <= 10
    cloud.switch(retry_after=False)
    assert "Retry-After" not in cloud.ask("GET", KEYS).headers
    cloud.control("POST", "clock", {"advance": "11s"})
    assert cloud.ask("GET", KEYS).status == 200
