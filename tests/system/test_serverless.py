# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A serverless project: what its admin may and what an Elastic Cloud key may, by requests that are public there and no others.

Projects are nowhere to be had, so this runs once, on an emulated one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTIC_CLOUD
from ansible_collections.keysmith.elastic.plugins.modules import (
    ec_api_key,
    es_api_key,
    es_api_key_audit,
    es_api_key_info,
    es_api_key_revoke,
    es_credential_info,
    es_cross_cluster_key,
    es_login,
    es_remote_cluster,
)
from support.admin import Admin
from support.in_process import answer_of
from support.own_emulator import own_emulator, services_of

# What Elastic's API reference for serverless has of all that this collection sends.
PUBLIC = re.compile(
    r"GET /"
    r"|GET /_security/_authenticate"
    r"|POST /_security/user/_has_privileges"
    r"|POST /_security/_query/api_key"
    r"|(GET|POST|DELETE) /_security/api_key"
    r"|PUT /_security/api_key/[\w-]{20}"
)
READER = {"reader": {"indices": [{"names": ["products-*"], "privileges": ["read"]}]}}
WIDER = {"reader": {"indices": [{"names": ["products-*", "prices-*"], "privileges": ["read"]}]}}


class Project:
    """An emulated project, runs of modules against it, and what they sent."""

    def __init__(self, admin: Admin, cloud: str, folder: Path) -> None:
        self.admin, self.cloud, self.folder = admin, cloud, folder
        self.credentials = {"username": admin.server.username, "password": admin.server.password}
        self._cloud_keys: dict[tuple[str, ...], str] = {}

    def store(self, name: str) -> dict[str, str]:
        return {"type": "file", "path": str(self.folder / f"{name}.json")}

    def run(self, module: Callable[[], None], **options: Any) -> dict[str, Any]:
        """One run, as the project's admin unless another login is given; only what is public is sent."""
        login = {} if "api_key" in options else self.credentials
        self.admin.ok("DELETE", "/_emulator/requests")
        result = answer_of(module, {"url": [self.admin.server.url], "retries": 0, **login, **options})
        assert [one for one in self.sent() if not PUBLIC.fullmatch(one)] == []
        return result

    def ok(self, module: Callable[[], None], **options: Any) -> dict[str, Any]:
        result = self.run(module, **options)
        assert not result.get("failed"), result
        return result

    def refused(self, module: Callable[[], None], **options: Any) -> str:
        """The sentence that refuses a run; nothing was written."""
        result = self.run(module, **options)
        assert result.get("failed"), result
        assert [one for one in self.sent() if one.startswith(("PUT", "DELETE", "POST /_security/api_key"))] == []
        return str(result["msg"])

    def sent(self) -> list[str]:
        log = self.admin.ok("GET", "/_emulator/requests")
        return [f"{one['method']} {one['path'].partition('?')[0]}" for one in log]

    def living(self) -> list[str]:
        query = {"query": {"term": {"invalidated": False}}}
        return sorted(key["id"] for key in self.admin.ok("POST", "/_security/_query/api_key", query)["api_keys"])

    def cloud_key(self, *application_roles: str) -> dict[str, str]:
        """The login with a key of the organization that has these roles in all of its projects."""
        if application_roles not in self._cloud_keys:
            entry: dict[str, Any] = {"role_id": "admin", "all": True}
            if application_roles:
                entry["application_roles"] = list(application_roles)
            options = {
                "url": self.cloud,
                "api_key": "essu_changeme",
                "description": f"for {application_roles}",
                "role_assignments": {"project": {"elasticsearch": [entry]}},
                "expiration": "24h",
                "return_secret": True,
            }
            made = answer_of(ec_api_key.main, options, group=ELASTIC_CLOUD)
            assert not made.get("failed"), made
            self._cloud_keys[application_roles] = made["secret"]["encoded"]
        return {"api_key": self._cloud_keys[application_roles]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("serverless")
    with own_emulator(folder, "--flavor", "serverless") as server:
        yield Project(Admin(server), services_of(folder)["elastic_cloud"], folder)


def test_the_admin_of_a_project_gives_a_key_its_life(project: Project) -> None:
    plain = {"name": "shop", "expiration": "30d", "store": project.store("shop")}
    assert project.ok(es_api_key.main, role_descriptors=READER, **plain)["changed"]
    assert not project.ok(es_api_key.main, role_descriptors=READER, **plain)["changed"]
    updated = project.ok(es_api_key.main, role_descriptors=WIDER, metadata={"team": "shop"}, **plain)
    assert "updated in place" in updated["reasons"][0]
    rotated = project.ok(es_api_key.main, force_rotate=True, overlap="1h", **plain)
    assert [(one["id"], one["how"]) for one in rotated["previous"]] == [(updated["key"]["id"], "expires")]
    extended = project.ok(es_api_key.main, **{**plain, "expiration": "60d"}, renew_before="45d", on_due="extend")
    assert extended["key"]["id"] == rotated["key"]["id"] and extended["key"]["role_descriptors"].keys() == {"reader"}
    assert {key["name"] for key in project.ok(es_api_key_info.main)["api_keys"]} == {"shop"}
    audited = project.ok(es_api_key_audit.main, forbidden_cluster_privileges=["all"])
    assert audited["summary"]["states"]["active"] == 2
    assert "does not tell its users" in audited["users_unknown"]
    who = project.ok(es_credential_info.main)
    assert who["server"]["flavor"] == "serverless"
    assert {name for name, can in who["can"].items() if not can} == {
        *("grant_keys", "clone_keys", "manage_cross_cluster_keys")
    }
    leaked = project.admin.create_key("leaked", role_descriptors=READER)
    revoked = project.ok(es_api_key_revoke.main, secret=leaked["encoded"], expected_count=1)
    assert [key["id"] for key in revoked["revoked"]] == [leaked["id"]]
    assert project.ok(es_api_key.main, name="shop", state="absent", store=project.store("shop"))["changed"]
    assert project.living() == []


def test_an_elastic_cloud_key_lists_and_revokes_and_is_told_why_it_makes_no_keys(project: Project) -> None:
    admin = project.cloud_key("admin")
    ours = project.admin.create_key("ours", role_descriptors=READER)["id"]
    assert [key["id"] for key in project.ok(es_api_key_info.main, **admin)["api_keys"]] == [ours]
    assert not project.ok(es_api_key.main, name="ours", owner="any", **admin)["changed"]
    assert project.ok(es_api_key_audit.main, **admin)["summary"]["api_keys"] == 1
    who = project.ok(es_credential_info.main, **admin)
    assert who["can"]["revoke_all_keys"] and "Elastic Cloud key" in who["why_not"]["create_keys"]

    new = {"name": "new", "role_descriptors": READER, "expiration": "30d", "store": project.store("new"), **admin}
    assert project.run(es_api_key.main, **new)["msg"].endswith(
        "an Elastic Cloud API key cannot be used to create Elasticsearch API keys. "
        "Up to 9.5 Elasticsearch lets no Elastic Cloud key make keys; log in with the credentials of the project's admin."
    )
    assert project.living() == [ours]
    assert project.ok(es_api_key.main, **{**new, **project.credentials, "api_key": None})["changed"]
    assert project.ok(es_api_key.main, name="new", owner="any", state="absent", **admin)["changed"]

    assert project.ok(es_api_key.main, id=ours, owner="any", state="absent", **admin)["changed"]
    leaked = project.admin.create_key("leaked", role_descriptors=READER)["id"]
    revoked = project.ok(es_api_key_revoke.main, id=[leaked], owner="any", expected_count=1, **admin)
    assert [key["id"] for key in revoked["revoked"]] == [leaked]
    assert project.living() == []


def test_an_elastic_cloud_key_with_less_is_told_what_it_lacks(project: Project) -> None:
    theirs = project.admin.create_key("theirs", role_descriptors=READER)["id"]
    developer, viewer = project.cloud_key("developer"), project.cloud_key("viewer")
    assert "sees only" in project.refused(es_api_key.main, id=theirs, owner="any", state="absent", **developer)
    assert "sees only" in project.ok(es_api_key_audit.main, **developer)["blind_spot"]
    assert "cluster privileges" in project.refused(es_api_key_info.main, **viewer)
    assert "has no application role in this project" in project.refused(es_api_key_info.main, **project.cloud_key())
    assert project.living() == [theirs]
    project.admin.ok("DELETE", "/_security/api_key", {"ids": [theirs]})


def test_what_is_not_offered_there_is_refused_by_name(project: Project) -> None:
    key = {"name": "x", "role_descriptors": READER, "expiration": "7d", "store": project.store("x")}
    remote = {"writer": {"remote_indices": [{"names": ["a"], "privileges": ["read"], "clusters": ["b"]}]}}
    crossing = {"name": "x", "access": {"search": [{"names": ["a"]}]}, "store": project.store("x")}
    user = {"name": "automation", "store": project.store("x")}
    cases: list[tuple[Callable[[], None], str, dict[str, Any]]] = [
        (es_api_key.main, "method: clone", {**key, "method": "clone"}),
        (es_api_key.main, "grant", {**key, "grant": {"username": "somebody", "password": "a-password"}}),
        (es_api_key.main, "role_descriptors.writer.remote_indices", {**key, "role_descriptors": remote}),
        (es_api_key.main, "run_as", {**key, "run_as": "somebody"}),
        (es_api_key_info.main, "run_as", {"run_as": "somebody"}),
        (es_cross_cluster_key.main, "es_cross_cluster_key", crossing),
        (es_login.main, "es_login", {**user, "rights": {"cluster": ["manage_own_api_key"]}}),
        (es_login.main, "es_login", {**user, "state": "absent"}),
        (es_remote_cluster.main, "es_remote_cluster", {"name": "far", "seeds": ["far.example.net:9443"]}),
        (es_remote_cluster.main, "es_remote_cluster", {"name": "far", "state": "absent"}),
    ]
    logins: list[dict[str, Any]] = [{}, project.cloud_key("admin")]
    for module, named, options in cases:
        for login in logins:
            words = project.refused(module, **options, **login)
            assert words.startswith(f"{named}: Elastic Cloud serverless does not offer "), words
            assert not Path(project.store("x")["path"]).exists()
    # Of what cannot be there nothing is to be removed.
    assert not project.ok(es_cross_cluster_key.main, name="x", state="absent")["changed"]
