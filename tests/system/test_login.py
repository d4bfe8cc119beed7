# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The automation's login: made, proven, kept as described, changed and removed; nobody else's is touched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from support.admin import PASSWORD, Admin, UniqueNames, api_key, basic
from support.life import Litter
from support.login import HOUR, RIGHTS, LoginUnderTest
from support.own_emulator import own_emulator
from support.proxy import Proxy, answer, lost, reset
from support.servers import Server

USER = "/_security/user/"


@pytest.fixture
def login(admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter) -> LoginUnderTest:
    return LoginUnderTest(admin, unique, tmp_path, litter)


@pytest.fixture
def watched(login: LoginUnderTest) -> Iterator[Proxy]:
    """Between the module and the server."""
    with Proxy(login.url) as proxy:
        login.url = proxy.url
        yield proxy


def as_it_would_be(login: LoginUnderTest, **given: Any) -> dict[str, Any]:
    """Run in check mode, then for real: the same but for the time of the password; returns the real result."""
    before = login.everything()
    predicted = login.run(check=True, **given)
    assert login.everything() == before
    done = login.ok(**given)
    since = done["login_made"].pop("password_since") if done["login_made"] else None
    if predicted["login_made"]:
        told = predicted["login_made"].pop("password_since")
        assert told == (None if "password" in done["diff"]["after"] else since)
    for name in ("changed", "login_made", "reasons", "stored", "diff", "login"):
        assert predicted[name] == done[name], name
    return done


def test_from_a_superuser_to_a_narrow_login(login: LoginUnderTest) -> None:
    made = as_it_would_be(login)
    assert made["changed"]
    assert made["stored"] == {"changed": True, "type": "file", "location": str(login.path)}
    assert made["login_made"] == {"username": login.name, "role": login.name}
    assert made["reasons"] == [
        f"role {login.name} is made",
        f"user {login.name} is made",
        "password: the user is new",
    ]
    user, role, record = login.user(), login.role(), login.record
    assert user is not None
    assert role is not None
    assert user["roles"] == [login.name]
    assert sorted(role["cluster"]) == ["manage_own_api_key", "monitor"]
    assert role["metadata"] == user["metadata"]
    assert len(login.password) == 40
    assert login.password.isalnum()
    assert record["pending"] is None
    assert record["realm"] == "default_native"
    assert login.password not in str(made)
    assert login.logs_in()
    again = as_it_would_be(login)
    assert not again["changed"]
    assert again["reasons"] == []


def test_what_others_changed_of_role_and_user_is_put_right(login: LoginUnderTest) -> None:
    login.ok()
    password = login.password
    login.admin.ok("PUT", f"/_security/role/{login.name}", {**(login.role() or {}), "cluster": ["all"]})
    body = {**(login.user() or {}), "roles": [login.name, "superuser"], "full_name": "A B", "email": "a@b.c"}
    body["metadata"]["team"] = "x"
    login.admin.ok("PUT", USER + login.name, body)
    ran = as_it_would_be(login)
    assert ran["reasons"] == [
        f"role {login.name} drifted",
        f"user {login.name} had the role superuser, which the task does not give it",
    ]
    assert not ran["stored"]["changed"]
    assert f"role.{login.name}.cluster" in ran["diff"]["before"]
    user = login.user()
    assert user is not None
    assert user["roles"] == [login.name]
    assert (user["full_name"], user["email"], user["metadata"]["team"]) == ("A B", "a@b.c", "x")
    assert sorted((login.role() or {})["cluster"]) == ["manage_own_api_key", "monitor"]
    assert login.password == password
    assert login.logs_in()
    assert not login.ok()["changed"]
    # Other rights in the task are the same kind of difference.
    assert login.ok(rights={**RIGHTS, "cluster": ["manage_ilm"]}, extra_roles=["viewer"])["changed"]
    assert sorted((login.role() or {})["cluster"]) == ["manage_ilm", "manage_own_api_key", "monitor"]
    assert (login.user() or {})["roles"] == [login.name, "viewer"]


def test_a_user_or_role_that_is_gone_is_made_again(login: LoginUnderTest) -> None:
    login.ok()
    first = login.password
    login.admin.ok("DELETE", USER + login.name)
    assert as_it_would_be(login)["changed"]
    assert login.password != first
    login.admin.ok("DELETE", f"/_security/role/{login.name}")
    assert as_it_would_be(login)["reasons"] == [f"role {login.name} is made"]
    assert login.logs_in()


def test_a_login_changes_its_own_password_without_any_privilege(login: LoginUnderTest) -> None:
    login.ok()
    first = login.password
    assert not login.own(max_age="1h")["changed"]
    login.age(HOUR + 60_000)
    ran = login.own(max_age="1h")
    assert ran["reasons"] == ["password: 1h 1m old, more than max_age 1h"]
    assert ran["login_made"]["role"] is None
    second = login.password
    assert not login.lets_in(first)
    assert login.logs_in()
    assert login.own(force_rotate=True)["stored"]["changed"]
    assert login.password not in (first, second)
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    login.age(HOUR)
    assert login.own(rotate_if_created_before=before)["changed"]
    assert not login.own(rotate_if_created_before=before)["changed"]
    assert (login.user() or {})["roles"] == [login.name]
    # Logged in as itself by name and password it is the same.
    own = {"username": login.name, "password": login.password, "rights": None}
    assert login.ok(**own, force_rotate=True)["changed"]
    assert login.logs_in()


def test_a_change_under_way_is_finished_and_never_begun_anew(login: LoginUnderTest) -> None:
    login.ok()
    first, announced = login.password, "a-password-that-was-announced"
    for arrived in (False, True):
        login.tamper(pending={"password": announced, "at": 1_700_000_000_000})
        if arrived:
            login.admin.ok("POST", f"{USER}{login.name}/_password", {"password": announced})
            assert not login.lets_in(first)
        assert login.logs_in()
        ran = login.own(force_rotate=True)
        assert ran["reasons"] == ["password: the change begun at 2023-11-14T22:13:20Z is finished"]
        assert login.password == announced
        assert login.record["pending"] is None
        assert login.logs_in()
        # It is as old as its announcement.
        assert login.own(max_age="1h")["changed"]
        first = login.password
    login.tamper(pending={"password": announced, "at": 1_700_000_000_000})
    assert len(login.own(rotate_if_created_before="2024-01-01")["reasons"]) == 2
    assert login.password not in (first, announced)
    assert login.logs_in()


def test_a_lookup_asks_which_password_of_a_change_is_right(
    login: LoginUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    login.ok()
    first, announced = login.password, "a-password-that-was-announced"
    login.tamper(pending={"password": announced, "at": 1_700_000_000_000})
    # Neither a login of the environment nor one of variables has any business here.
    monkeypatch.setenv("KEYSMITH_ES_API_KEY", "nonsense")
    variables = {"keysmith_es_url": login.url, "keysmith_es_run_as": "nobody", "keysmith_es_token": "nonsense"}

    def look() -> list[Any]:
        lookup = lookup_loader.get("keysmith.elastic.stored_key", loader=DataLoader(), templar=Templar(None))
        return lookup.run([str(login.path)], variables=variables, form="password")

    assert look() == [first]
    login.admin.ok("POST", f"{USER}{login.name}/_password", {"password": announced})
    assert look() == [announced]
    login.admin.ok("POST", f"{USER}{login.name}/_password", {"password": PASSWORD})
    with pytest.raises(AnsibleError, match="refuses every password") as refused:
        look()
    assert announced not in str(refused.value)


def test_a_password_that_was_changed_elsewhere(login: LoginUnderTest) -> None:
    """Our mark says whose the user is; without one nobody knows who is locked out by another password."""
    login.ok()
    login.admin.ok("POST", f"{USER}{login.name}/_password", {"password": PASSWORD})
    assert not login.logs_in()
    assert "password: the server refuses the stored one" in login.ok()["reasons"]
    assert login.logs_in()
    login.admin.create_user(login.name, [login.name])
    assert "adopt: true" in login.refused()
    assert login.ok(adopt=True)["changed"]
    assert login.logs_in()


def test_what_is_somebody_elses_is_refused(login: LoginUnderTest, unique: UniqueNames) -> None:
    admin = login.admin
    admin.create_user(login.name, ["viewer"])
    assert "exists already" in login.refused()
    assert "exists already" in login.refused(rights=None)
    admin.create_role(login.name, {"cluster": ["all"]})
    admin.ok("DELETE", USER + login.name)
    assert f"The role {login.name} exists already" in login.refused()
    assert "reserved role" in login.refused(role="superuser")
    assert "reserved user" in login.refused(name="elastic", adopt=True)
    assert "There is no user" in login.refused(rights=None)
    assert login.ok(adopt=True)["changed"]
    assert (login.role() or {})["metadata"]["keysmith"]
    admin.ok("PUT", f"{USER}{login.name}/_disable")
    assert "_enable" in login.refused()
    admin.ok("PUT", f"{USER}{login.name}/_enable")
    moved = {"type": "file", "path": str(login.path) + "-elsewhere"}
    assert "another store of this collection" in login.refused(store=moved)
    # The record itself may move: its password proves whose it is.
    login.path.rename(moved["path"])
    login.store, login.path = moved, Path(moved["path"])
    assert login.ok()["changed"]
    assert not login.ok()["changed"]


def test_stores_of_others_are_refused(login: LoginUnderTest, unique: UniqueNames) -> None:
    login.ok()
    assert "name says" in login.refused(name=unique("another"))
    cluster = login.record["cluster_uuid"]
    login.tamper(cluster_uuid="another")
    assert "another cluster" in login.refused()
    login.tamper(cluster_uuid=cluster, kind="es_api_key", current=None, previous=[], intent=[])
    assert "holds a key" in login.refused()


def test_without_the_privilege_nothing_is_begun(login: LoginUnderTest, unique: UniqueNames, litter: Litter) -> None:
    poor = unique("poor")
    litter.users.append(poor)
    litter.roles.append(poor)
    login.admin.create_role(poor, {"cluster": ["monitor"]})
    login.admin.create_user(poor, [poor])
    assert "manage_security" in login.refused(username=poor, password=PASSWORD)
    login.ok()
    assert "leave rights out" in login.refused(login_store=str(login.path))


def test_a_login_that_is_gone(login: LoginUnderTest) -> None:
    login.ok()
    key = login.admin.create_key(f"{login.name}-key", login=basic(login.name, login.password), expiration="1h")
    assert key["id"] in login.refused(state="absent")
    login.admin.invalidate(key["id"])
    gone = as_it_would_be(login, state="absent", rights=None)
    assert gone["changed"]
    assert gone["login_made"] is None
    assert login.everything() == (None, None, None)
    assert not as_it_would_be(login, state="absent", rights=None)["changed"]


def test_keys_of_a_removed_login_live_on_where_that_is_said(login: LoginUnderTest) -> None:
    login.ok()
    key = login.admin.create_key(f"{login.name}-key", login=basic(login.name, login.password), expiration="1h")
    login.ok(state="absent", leave_keys=True)
    assert login.admin.authenticate(api_key(key["encoded"])).status == 200
    assert login.everything() == (None, None, None)
    login.admin.invalidate(key["id"])


def test_nobody_removes_the_login_in_use(login: LoginUnderTest) -> None:
    login.ok(rights={"cluster": ["manage_security"]})
    assert "logged in as" in login.refused(state="absent", login_store=str(login.path))


def test_only_its_own_is_removed(login: LoginUnderTest) -> None:
    login.admin.create_user(login.name, [])
    login.admin.create_role(login.name, {"cluster": ["monitor"]})
    assert "was not made by this module" in login.refused(state="absent")
    assert login.ok(state="absent", adopt=True)["changed"]
    assert login.user() is None
    assert login.role() is not None


@pytest.mark.parametrize("fault", [lost, reset, answer(503)], ids=["lost", "reset", "503"])
def test_a_password_whose_answer_is_lost_is_proven(login: LoginUnderTest, watched: Proxy, fault: Any) -> None:
    """At the creation, at a change by somebody else and at one's own change; the client repeats once by itself."""
    for times, run in ((1, login.ok), (2, login.ok), (1, login.own), (2, login.own)):
        watched.forget()
        watched.on("PUT" if not login.path.exists() else "POST", USER, fault, body='"password"', times=times)
        ran = run(force_rotate=True)
        assert ran["changed"]
        sent = {one.body["password"] for one in watched.writes() if "password" in (one.body or {})}
        assert sent == {login.password}
        assert login.record["pending"] is None
        assert login.logs_in()


def test_a_password_that_never_arrives_stays_pending(login: LoginUnderTest, watched: Proxy) -> None:
    login.ok()
    first = login.password
    watched.on("POST", "/_password", reset, times=None)
    ran = login.run(force_rotate=True)
    assert ran["failure"]["code"] == "answer_lost"
    assert login.password == first
    pending = login.record["pending"]["password"]
    assert pending not in str(ran)
    assert login.logs_in()
    watched.forget()
    assert login.ok()["changed"]
    assert login.password == pending


def test_a_node_that_refuses_everybody_proves_nothing(login: LoginUnderTest, watched: Proxy) -> None:
    login.ok()
    before = login.everything()
    watched.on("GET", "_authenticate", answer(401), skip=1, times=None)
    ran = login.run()
    assert ran["failure"]["code"] == "unproven"
    assert login.everything() == before


def test_the_password_of_the_first_credential_itself(tmp_path: Path, unique: UniqueNames, server: Server) -> None:
    """On an emulator of its own: nobody else may notice. The known password is stored first, so that no crash locks anybody out."""
    if server.kind != "emulator":
        pytest.skip("the superuser of a shared server stays as it is")
    with own_emulator(tmp_path) as own, Proxy(own.url) as proxy:
        elastic = LoginUnderTest(Admin(own), unique, tmp_path, Litter(Admin(own)))
        elastic.name, elastic.url = "elastic", proxy.url
        assert "adopt: true" in str(elastic.run(rights=None))
        proxy.on("POST", "/_password", reset, times=None)
        assert elastic.run(rights=None, adopt=True)["failed"]
        assert elastic.password == own.password
        assert elastic.logs_in()
        proxy.forget()
        assert elastic.own()["changed"]
        assert not elastic.lets_in(own.password)
        assert elastic.logs_in()
        assert not elastic.own()["changed"]
        assert elastic.own(max_age="1h", force_rotate=True)["changed"]
        assert elastic.logs_in()


def test_another_superusers_password(login: LoginUnderTest) -> None:
    """What is done to elastic, on every server."""
    login.admin.create_user(login.name, ["superuser"])
    own = {"username": login.name, "password": PASSWORD, "rights": None}
    assert login.ok(**own, adopt=True)["reasons"] == ["password: the store holds none yet"]
    assert not login.lets_in(PASSWORD)
    assert login.logs_in()
    assert not login.own(adopt=True)["changed"]
    assert "keysmith" not in (login.user() or {})["metadata"]
