# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of Elastic Cloud Enterprise: users, their sessions and their keys."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from descriptions import CloudClient
from emulator_client import basic

KEYS = "/users/auth/keys"
ADMIN = ("admin", "changeme")
KIM = {"username": "kim", "password": "kims-password"}


def _login(ece: CloudClient, **login: str) -> dict[str, str]:
    """The header of a new session."""
    body = ece.ask("POST", "/users/auth/_login", {**KIM, **login}).body
    return {"Authorization": f"Bearer {body['token']}"}


def test_the_life_of_a_key(ece: CloudClient) -> None:
    """Its text is made of the user, the id and a secret; its calls tell when it ends."""
    made = ece.new_key("ci", expiration="1d", role_assignments={"platform": [{"role_id": "r"}]})
    user, key_id, secret = base64.b64decode(made["key"]).decode().split(":")
    assert (user, key_id, len(key_id)) == ("kim", made["id"], 32)
    assert secret
    assert "role_assignments" not in made
    shown = ece.ask("GET", f"{KEYS}/{made['id']}", key=made["key"])
    assert shown.headers["X-Elastic-Api-Key-Expiration"] == made["expiration_date"]
    assert ece.ask("DELETE", f"{KEYS}/{made['id']}").body == {}
    assert ece.refused("root.unauthenticated", "GET", KEYS, key=made["key"])[0] == 401
    ece.switch(role_assignments="refused", unknown_fields="refused")
    body = {"description": "k", "role_assignments": {"platform": [{"role_id": "r"}]}}
    assert ece.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, ["body.role_assignments"])


def test_sessions(ece: CloudClient) -> None:
    """They end with the clock, are refreshed, and end with a logout."""
    first = _login(ece)
    info = ece.ask("GET", "/users/auth", headers=first).body
    assert info["refresh_token_url"] == "/api/v1/users/auth/_refresh"
    assert "expires_at" not in ece.ask("GET", "/users/auth").body
    ece.control("POST", "clock", {"advance": "50m"})
    second = {"Authorization": f"Bearer {ece.ask('POST', '/users/auth/_refresh', headers=first).body['token']}"}
    ece.control("POST", "clock", {"advance": "20m"})
    for path, method in ((KEYS, "GET"), ("/users/auth/_refresh", "POST")):
        assert ece.refused("root.unauthorized", method, path, headers=first)[0] == 401
    assert ece.refused("root.unauthorized", "POST", "/users/auth/_refresh")[0] == 401
    assert ece.ask("GET", KEYS, headers=second).status == 200
    assert ece.ask("POST", "/users/auth/_logout", headers=second).body == {}
    assert ece.refused("root.unauthorized", "GET", KEYS, headers=second)[0] == 401
    assert ece.refused("root.unauthenticated", "GET", KEYS, headers={"Authorization": "Bearer x"})[0] == 401
    ece.switch(session_end_told=False)
    assert set(ece.ask("POST", "/users/auth/_login", KIM, described=False).body) == {"token"}


def test_logins_that_fail(ece: CloudClient) -> None:
    """401 for a wrong password; 501 and 502 for a cluster that is missing or fails, but not for built-in users."""
    path = "/users/auth/_login"
    assert ece.refused("root.unauthenticated", "POST", path, {**KIM, "password": "x"})[0] == 401
    assert ece.refused("root.unauthenticated", "POST", path, {"username": "nobody", "password": "x"})[0] == 401
    assert ece.refused("api_keys.invalid_input", "POST", path, {"username": "kim"})[0] == 400
    assert ece.ask("GET", "/users/auth/methods").body["password"] is True
    redirect = ece.ask("POST", path, {**KIM, "login_state": {"path": "/console"}})
    assert (redirect.status, redirect.headers["Location"]) == (302, "/console")
    ece.switch(authentication_cluster="failing")
    assert ece.refused("authc.authentication_cluster_error", "POST", path, KIM)[0] == 502
    ece.switch(authentication_cluster="missing")
    assert ece.refused("authc.no_authentication_cluster", "POST", path, KIM)[0] == 501
    assert ece.ask("POST", path, {"username": "admin", "password": "changeme"}).status == 200
    assert ece.ask("GET", "/users/auth/methods").body["password"] is False


def test_who_one_is_and_what_one_may(ece: CloudClient) -> None:
    """Built-in users have no keys and say so; permissions are the operations that are allowed."""
    kim = ece.ask("GET", "/user").body
    assert (kim["user_name"], kim["builtin"], kim["security"]["roles"]) == ("kim", False, ["ece_deployment_viewer"])
    assert "create-api-key" in kim["security"]["permissions"]
    assert "get-user-api-keys" not in kim["security"]["permissions"]
    assert ece.refused("root.unauthorized.rbac", "GET", f"{KEYS}/_all")[0] == 403
    admin = ece.ask("GET", "/user", user=ADMIN).body
    assert admin["builtin"] is True
    assert "create-api-key" not in admin["security"]["permissions"]
    assert ece.refused("root.unauthorized.rbac", "POST", KEYS, {"description": "k"}, user=ADMIN)[0] == 403
    readonly = ("readonly", "changeme")
    assert ece.ask("GET", f"{KEYS}/_all", user=readonly).status == 200
    assert ece.refused("root.unauthorized.rbac", "DELETE", "/users/kim/auth/keys", user=readonly)[0] == 403


def test_passwords_in_each_request_are_for_built_in_users(ece: CloudClient) -> None:
    """By switch for others too."""
    user = ("kim", "kims-password")
    assert ece.refused("root.unauthenticated", "GET", KEYS, user=user)[0] == 401
    ece.switch(basic_logins="all")
    assert ece.ask("GET", KEYS, user=user).status == 200
    for header in (basic(("kim", "wrong")), "Basic x", "Negotiate x", ""):
        assert ece.refused("root.unauthenticated", "GET", KEYS, headers={"Authorization": header})[0] == 401


def test_keys_of_other_users(ece: CloudClient) -> None:
    """An administrator sees and deletes them by user; what is named with the wrong user stays."""
    ece.control("POST", "users", {"name": "lee", "password": "lees-password", "roles": ["ece_platform_admin"]})
    header = _login(ece, username="lee", password="lees-password")
    lee = ece.ask("POST", KEYS, {"description": "of lee"}, headers=header).body["key"]
    made = [ece.new_key(name) for name in ("a", "b", "c", "d")]
    assert ece.listed(key=lee, path="/users/kim/auth/keys") == ["a", "b", "c", "d"]
    assert sorted(ece.listed(key=lee, path=f"{KEYS}/_all")) == ["a", "b", "c", "d", "of lee"]
    assert ece.listed(key=lee) == ["of lee"]
    assert ece.refused("api_keys.key_not_found", "GET", f"{KEYS}/{made[0]['id']}", key=lee)[0] == 404
    one = f"/users/kim/auth/keys/{made[0]['id']}"
    assert ece.ask("GET", one, key=lee).body["user_id"] == "kim"
    assert ece.ask("DELETE", one, key=lee).body == {}
    assert ece.refused("api_keys.key_not_found", "GET", one, key=lee)[0] == 404
    assert ece.refused("api_keys.key_not_found", "DELETE", f"/users/lee/auth/keys/{made[1]['id']}", key=lee)[0] == 404
    named = [{"user_id": user, "api_key_id": key["id"]} for user, key in (("kim", made[1]), ("lee", made[2]))]
    assert ece.ask("DELETE", f"{KEYS}/_all", {"user_api_keys": named}, key=lee).body == {}
    assert ece.listed() == ["c", "d"]
    wrong = {"user_api_keys": [{"user_id": "kim"}]}
    assert ece.refused("api_keys.invalid_input", "DELETE", f"{KEYS}/_all", wrong, key=lee)[0] == 400
    for method in ("GET", "DELETE"):
        assert ece.refused("api_keys.user_not_found", method, "/users/nobody/auth/keys", key=lee)[0] == 404
    assert ece.ask("DELETE", "/users/kim/auth/keys", key=lee).body == {}
    assert ece.refused("root.unauthenticated", "GET", KEYS)[0] == 401
    ece.switch(list_of_all_users="removed")
    assert ece.ask("GET", f"{KEYS}/_all", key=lee, described=False).status == 405


def test_no_single_sign_on(ece: CloudClient) -> None:
    """It is a browser's."""
    for method, path in (("GET", "/users/auth/saml/_init"), ("POST", "/users/auth/saml/_callback")):
        assert ece.refused("authc.no_authentication_cluster", method, path)[0] == 501


@pytest.mark.parametrize(("release", "needed"), [("2.5.1", True), ("2.13.0", False), ("3.0.0", None)])
def test_the_password_once_more(ece: CloudClient, release: str, needed: bool | None) -> None:
    """Up to 2.5 a create needed a token for it, up to 2.13 it could be given."""
    ece.switch(release=release)
    body: dict[str, Any] = {"description": "k"}
    path = "/users/auth/reauthenticate"
    if needed is None:
        assert ece.refused("root.resource_not_found", "POST", path, {"password": "x"})[0] == 404
    elif needed:
        assert ece.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, ["body.authentication_token"])
    if needed is not None:
        wrong = {"password": "wrong"}
        assert ece.refused("api_keys.invalid_re_auth_credentials", "POST", path, wrong)[0] == 400
        token = ece.ask("POST", path, {"password": "kims-password"}).body["security_token"]
        bad = {**body, "authentication_token": "x"}
        assert ece.refused("api_keys.invalid_input", "POST", KEYS, bad)[0] == 400
        body["authentication_token"] = token
    assert ece.ask("POST", KEYS, body).status == 201


def test_old_releases_know_no_expiration(ece: CloudClient) -> None:
    """It is ignored, or by switch refused; nor do they tell the end of a session."""
    ece.switch(release="3.5.2")
    assert "expiration_date" not in ece.new_key(expiration="1d")
    assert set(ece.ask("POST", "/users/auth/_login", KIM, described=False).body) == {"token"}
    ece.switch(unknown_fields="refused")
    body = {"description": "k", "expiration": "1d"}
    assert ece.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, ["body.expiration"])


def test_elevated_permissions(ece: CloudClient) -> None:
    """Old releases wanted a second factor before a create or a delete; new ones have no such thing."""
    code = "root.unauthorized.rbac.elevated_permissions_required"
    made = ece.new_key()
    ece.switch(release="3.5.2", elevation="required")
    assert ece.refused(code, "POST", KEYS, {"description": "k"})[0] == 449
    assert ece.refused(code, "DELETE", f"{KEYS}/{made['id']}")[0] == 449
    assert ece.ask("GET", f"{KEYS}/{made['id']}").status == 200
    assert ece.ask("POST", "/users/auth/_elevate", {}).status == 400
    assert ece.ask("POST", "/users/auth/_elevate", {"token": "123456"}).status == 200
    assert ece.ask("GET", "/users/auth").body["has_elevated_permissions"] is True
    assert ece.ask("DELETE", f"{KEYS}/{made['id']}").status == 200
    assert ece.ask("DELETE", "/users/auth/_elevate").status == 200
    assert ece.refused(code, "POST", KEYS, {"description": "k"})[0] == 449
    ece.switch(release="3.8.0")
    ece.new_key()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_deletes_that_are_too_fast(ece: CloudClient, status: int) -> None:
    """Refused, until the pause has passed; deleting many at once is no matter."""
    ids = [ece.new_key()["id"] for _attempt in range(4)]
    ece.switch(delete_pause="1s", delete_pause_status=status)
    assert ece.ask("DELETE", f"{KEYS}/{ids[0]}").status == 200
    refused = ece.ask("DELETE", f"{KEYS}/{ids[1]}", described=False)
    assert (refused.status, refused.headers["Retry-After"]) == (status, None if status == 500 else "1")
    ece.control("POST", "clock", {"advance": "1s"})
    assert ece.ask("DELETE", f"{KEYS}/{ids[1]}").status == 200
    assert ece.ask("DELETE", KEYS, {"keys": ids[2:]}).status == 200
    assert ece.listed() == []


def test_users_that_cannot_be_made(ece: CloudClient) -> None:
    """The control API says why."""
    for given, why in (
        ({"name": "x"}, "password"),
        ({"name": "admin", "password": "x"}, "built-in"),
        ({"name": "x", "password": "x", "roles": ["superuser"]}, "superuser"),
    ):
        reply = ece.call("POST", "/_emulator/users", given, user=None)
        assert reply.status == 400
        assert why in reply.body["error"]
    assert ece.call("POST", "/_emulator/seed", {"owner": "nobody"}, user=None).status == 400


def test_seeded_keys(ece: CloudClient) -> None:
    """Of a user, with numbers and times."""
    now = ece.control("GET", "clock")["now"]
    seed = {
        "count": 3,
        "owner": "kim",
        "description": "k-{n}",
        "created": now - 5 * 3_600_000,
        "created_step_ms": 3_600_000,
        "expiration": "4h",
    }
    ece.control("POST", "seed", {**seed, "start": 1})
    assert ece.listed() == ["k-2", "k-3"]
