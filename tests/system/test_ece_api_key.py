# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only keys of Elastic Cloud Enterprise have: users and their sessions, keys of other users, old releases; and the lookups."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from support.cloud_life import KEYS, CloudLife, told

ADMIN = {"username": "admin", "password": "changeme"}
VIEWER = {"username": "readonly", "password": "changeme"}
LOGIN, LOGOUT = (f"POST /api/v1/users/auth/_{what}" for what in ("login", "logout"))


@pytest.fixture
def life(cloud_life: CloudLife) -> CloudLife:
    """The only kind of key that has users."""
    if cloud_life.kind.service != "ece":
        pytest.skip("keys of Elastic Cloud have an organization instead")
    return cloud_life


def of_joe(life: CloudLife, **options: Any) -> dict[str, Any]:
    """A run over a key of the user joe, by default without a store."""
    return life.run(**{"store": None, "expiration": None, "user_id": "joe", **options})


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_a_built_in_user_is_told_before_anything_is_written(life: CloudLife, check: bool) -> None:
    for login in (ADMIN, VIEWER):
        refused = life.run(check=check, **login)
        assert f"The user {login['username']} is built into ECE" in refused["msg"]
        assert "Log in as another user" in refused["msg"]
    assert life.service.writes() == [] and not life.path.exists()
    assert life.info(**ADMIN)["total"] == 0
    assert not life.ok(store=None, state="absent", **ADMIN)["changed"]


def test_a_session_is_one_login_and_ends_with_the_run(life: CloudLife) -> None:
    life.ok()
    asked = life.service.requests()
    assert asked.count(LOGIN) == 1 and asked[0] == LOGIN
    assert asked.count(LOGOUT) == 1 and asked[-1] == LOGOUT
    # A run that fails logs out, too.
    life.service.forget()
    assert life.run(duplicates="fail", id="x", store=None, force_rotate=True).get("failed")
    assert life.service.requests()[-1] == LOGOUT


def test_a_session_that_somebody_ended_is_followed_by_another(life: CloudLife) -> None:
    life.ok()
    life.service.forget()
    life.service.fail("status", "GET", f"{KEYS}$", status=401)
    assert not life.ok()["changed"]
    assert life.service.requests().count(LOGIN) == 2


def test_a_login_that_is_not_given(life: CloudLife) -> None:
    refused = life.run(username="joe", password="not-his-password")
    assert refused["failure"]["code"] == "unauthorized"
    assert "refused to the user joe" in refused["msg"] and "Check the login" in refused["msg"]
    assert "not-his-password" not in json.dumps({**refused, "invocation": None})
    for trouble in ("missing", "failing"):
        life.service.switch(authentication_cluster=trouble)
        assert "security deployment of ECE" in life.run()["msg"]
    life.service.switch(authentication_cluster="there")
    for action in ("echo500", "html"):
        life.service.fail(action, path="/_login$")
        spoilt = life.run()
        assert spoilt["failed"] and "joes-pass" not in json.dumps({**spoilt, "invocation": None})
    assert life.service.writes() == []


def test_an_administrator_sees_and_deletes_keys_of_others(life: CloudLife) -> None:
    one, two = (life.service.make(life.name)["id"] for _each in range(2))
    own = life.service.make("another")["id"]
    listed = life.info(user_id="joe", **VIEWER)
    assert {key["id"] for key in listed["api_keys"]} == {one, two, own}
    assert {key["owner"] for key in listed["api_keys"]} == {"joe"} and listed["login"]["username"] == "readonly"
    refused = of_joe(life, state="absent", **VIEWER)
    assert "readonly may not delete keys of joe" in refused["msg"] and "delete-user-api-key" in refused["msg"]
    by_id = of_joe(life, description=None, id=one, state="absent", **ADMIN)
    assert by_id["changed"] and life.living() == [two]
    assert of_joe(life, state="absent", **ADMIN)["changed"]
    assert set(life.service.keys()) == {own}
    assert not of_joe(life, state="absent", **ADMIN)["changed"]
    missing = of_joe(life, user_id="nobody", state="absent", **ADMIN)
    assert missing["failure"]["type"] == "api_keys.user_not_found" and "user_id" in missing["msg"]


def test_nobody_makes_keys_for_others(life: CloudLife) -> None:
    for check in (False, True):
        refused = of_joe(life, return_secret=True, check=check, **ADMIN)
        assert "cannot be made by admin" in refused["msg"] and "Log in as joe" in refused["msg"]
    assert life.living() == []
    # One's own name is no other user.
    assert of_joe(life, return_secret=True, **life.kind.login)["changed"]
    stranger = {"username": "jim", "password": "jims-pass"}
    life.service.control("POST", "users", {"name": "jim", "password": "jims-pass"})
    assert life.run(user_id="joe", state="absent", store=None, **stranger)["failure"]["code"] == "forbidden"
    assert not life.ok(state="absent", store=None, **stranger)["changed"], "each has names of their own"
    assert len(life.living()) == 1


def test_a_release_without_ends(life: CloudLife) -> None:
    life.service.switch(release="3.6.2")
    strict = life.run(strict_expiration=True)
    assert "another end" in strict["msg"] and life.living() == [] and life.record["current"] is None
    life.path.unlink()
    made = life.ok()
    assert "an ECE before 3.7 knows no ends" in told(made) and life.record["current"]["expiration"] is None
    first = life.current
    again = life.ok()
    assert not again["changed"] and "a successor might get such an end, too" in told(again)
    # With the update come ends, and what is stored keeps working.
    life.service.switch(release="3.8.0")
    assert life.ok(force_rotate=True, overlap="0s")["changed"]
    assert life.record["current"]["expiration"] is not None and life.living() == [life.current] != [first]


@pytest.mark.parametrize(("release", "words"), [("3.6.2", "second factor"), ("2.5.1", "before 2.6")])
def test_a_release_that_wants_more_than_a_login(life: CloudLife, release: str, words: str) -> None:
    life.service.switch(release=release, elevation="required" if release == "3.6.2" else "not_required")
    refused = life.run()
    assert words in refused["msg"]
    assert life.living() == [] and life.record["current"] is None and life.record["intent"] == []


def test_a_record_belongs_to_one_installation(life: CloudLife) -> None:
    life.ok()
    port = urlsplit(life.service.url).port
    refused = life.run(url=f"http://localhost:{port}", force_rotate=True)
    assert "of another cluster" in refused["msg"] and life.works()
    assert not life.ok(url=[life.service.url, f"http://localhost:{port}"])["changed"]


def test_a_key_tells_its_id_by_its_own_text(life: CloudLife) -> None:
    login = life.service.make("login", expiration="10d")
    life.service.make("twin", expiration="10d")
    life.service.switch(expiration_header="absent")
    made = life.ok(api_key=login["key"])
    assert (made["login"]["key_id"], made["login"]["type"]) == (login["id"], "cloud_api_key")
    refused = life.run(api_key=login["key"], store=None, description=None, id=login["id"], state="absent")
    assert "is the one of this login" in refused["msg"]
    assert "description holds an API key" in life.run(description=login["key"])["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"user_id": ""}, ("user_id is empty",)),
        ({"username": "joe"}, ("username without password",)),
        ({"username": "", "password": "x"}, ("username is empty",)),
        ({"username": "joe", "password": ""}, ("password is empty",)),
        ({"token": "x", "username": "joe", "password": "x"}, ("two logins",)),
        ({"token": "with a blank"}, ("token holds a blank",)),
        ({"url": None}, ("No url is given", "https://ece.example.net:12443", "KEYSMITH_ECE_URL")),
        ({"username": None}, ("No login is given", "username and password", "KEYSMITH_ECE_API_KEY")),
        ({"role_assignments": {}}, ("role_assignments",)),
    ],
    ids=str,
)
def test_bad_input_is_said_clearly(life: CloudLife, options: dict[str, Any], words: tuple[str, ...]) -> None:
    result = life.run(**options)
    assert result.get("failed") and all(word in result["msg"] for word in words), result
    assert life.service.requests() == [] and not life.path.exists()


def look(life: CloudLife, plugin: str, *terms: str, **options: Any) -> list[Any]:
    connection = {"url": [life.service.url], **({} if "token" in options else life.kind.login), "retries": 0}
    found: list[Any] = lookup_loader.get(f"keysmith.elastic.{plugin}").run(list(terms), {}, **{**connection, **options})
    return found


def test_the_lookup_of_a_key(life: CloudLife) -> None:
    made = life.ok()["key"]
    (found,) = look(life, "ece_api_key", life.name)
    assert {**found, "remaining_seconds": 0} == {**made, "remaining_seconds": 0, "login_expiration": None}
    assert look(life, "ece_api_key", made["id"], "nothing", by="id", on_missing="skip")[0]["name"] == life.name
    assert look(life, "ece_api_key", life.name, user_id="joe", **ADMIN)[0]["id"] == made["id"]
    with pytest.raises(AnsibleError, match="No active key described as 'nothing' is there of user joe"):
        look(life, "ece_api_key", "nothing")


def test_the_lookup_of_a_token(life: CloudLife) -> None:
    (token,) = look(life, "ece_token")
    assert [token] == look(life, "ece_token"), "the same session"
    assert life.service.requests() == [LOGIN]
    made = life.run(token=token)
    assert (
        made["changed"] and made["login"]["type"] == "ece_user" and token not in json.dumps({**made, "invocation": 0})
    )
    assert life.run(token=token)["changed"] is False, "it goes on after the run"
    with pytest.raises(AnsibleError, match="takes no terms"):
        look(life, "ece_token", "x")
    with pytest.raises(
        AnsibleError, match=r"was given a bearer token to log in with\. Give username and password"
    ) as refused:
        look(life, "ece_token", token=token)
    assert token not in str(refused.value)
