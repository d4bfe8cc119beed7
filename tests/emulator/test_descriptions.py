# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation of the Cloud APIs, held against the descriptions of them."""

from __future__ import annotations

from typing import Any

import pytest
from descriptions import CloudClient, Description
from emulator_client import basic

KEYS = "/users/auth/keys"
# By description and operation: what the emulator never answers at all, or not with its switches as they are at first.
NEVER = {
    "Elastic's elastic_cloud": set(),
    "own elastic_cloud": {
        ("list-projects", 404),
        ("get-project-roles", 404),
        ("delete-api-keys", 404),
        ("delete-api-key", 449),
    },
    "Elastic's ece": {
        ("saml-init", 302),
        ("saml-callback", 302),
        ("saml-callback", 401),
        ("saml-callback", 502),
        ("saml-init", 502),
    },
}


def _operations(client: CloudClient, key_id: str) -> None:
    """The five, with their refusals."""
    bad_login = {"Authorization": "ApiKey wrong"}
    named = {"description": "k", "expiration": "1d"}
    for path in (KEYS, f"{KEYS}/{key_id}"):
        client.ask("GET", path)
        client.ask("GET", path, headers=bad_login)
        client.ask("DELETE", path, {"keys": []} if path == KEYS else None, headers=bad_login)
    client.ask("POST", KEYS, named)
    client.ask("POST", KEYS, named, headers=bad_login)
    client.ask("POST", KEYS, {})
    client.ask("DELETE", KEYS, {"keys": [client.new_key()["id"]]})
    client.ask("DELETE", KEYS, {})
    client.ask("DELETE", f"{KEYS}/{client.new_key()['id']}")
    for method in ("GET", "DELETE"):
        client.ask(method, f"{KEYS}/nowhere")


def test_elastic_cloud(cloud: CloudClient, descriptions: dict[str, list[Description]]) -> None:
    """Every answer that Elastic describes."""
    _operations(cloud, cloud.new_key()["id"])
    for path in ("", "/1000000001"):
        cloud.ask("GET", f"/organizations{path}")
    cloud.ask("GET", "/serverless/projects/elasticsearch")
    cloud.ask("GET", "/serverless/projects/security/any/roles")
    _assert_complete(descriptions["elastic_cloud"])


def test_ece(ece: CloudClient, descriptions: dict[str, list[Description]]) -> None:
    """The same, with those of administrators and of sessions."""
    _operations(ece, ece.new_key()["id"])
    admin: dict[str, Any] = {"headers": {"Authorization": basic(("admin", "changeme"))}}
    keep, drop, also = (ece.new_key()["id"] for _attempt in range(3))
    ece.ask("GET", f"{KEYS}/_all", **admin)
    ece.ask("DELETE", f"{KEYS}/_all", {"user_api_keys": [{"user_id": "kim", "api_key_id": drop}]}, **admin)
    for path in ("/users/kim/auth/keys", "/users/nobody/auth/keys"):
        ece.ask("GET", path, **admin)
    for path in (f"/users/kim/auth/keys/{keep}", "/users/kim/auth/keys/nowhere"):
        ece.ask("GET", path, **admin)
        ece.ask("DELETE", path, **admin)
    login = {"username": "kim", "password": "kims-password"}
    token = ece.ask("POST", "/users/auth/_login", login).body["token"]
    ece.ask("POST", "/users/auth/_login", {**login, "login_state": {"path": "/"}})
    ece.ask("POST", "/users/auth/_login", {**login, "password": "wrong"})
    session: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}}
    ece.ask("POST", "/users/auth/_refresh")
    for method, path in (("POST", "_refresh"), ("GET", ""), ("GET", "methods"), ("POST", "_logout")):
        ece.ask(method, f"/users/auth/{path}".rstrip("/"), **session)
    for method, path in (("GET", "saml/_init"), ("POST", "saml/_callback")):
        ece.ask(method, f"/users/auth/{path}")
    ece.ask("GET", "/user")
    for path in ("/users/kim/auth/keys", "/users/nobody/auth/keys"):
        ece.ask("DELETE", path, **admin)
    assert also
    _assert_complete(descriptions["ece"])


def _assert_complete(descriptions: list[Description]) -> None:
    for description in descriptions:
        wanted = {(name, status) for name, status in description.documented() if status < 300}
        if not description.is_own:
            wanted = description.documented() - NEVER[description.name]
            # These two need a cluster that is missing or fails; test_ece.py has them.
            wanted = {(name, status) for name, status in wanted if status not in (501, 502)}
        assert not wanted - description.seen, description.name


@pytest.mark.parametrize("service", ["elastic_cloud", "ece"])
def test_the_own_description_knows_every_operation_of_elastics(
    descriptions: dict[str, list[Description]], service: str
) -> None:
    """Under the same name, and no other names for the same path."""
    if len(descriptions[service]) < 2:
        pytest.skip("Elastic's description is not at hand")
    own, elastics = descriptions[service]
    for place, operation in elastics.operations.items():
        assert own.operations[place].id == operation.id
