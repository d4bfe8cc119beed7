# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is logged in: users, keys with and without rights, one that acts as another; and the lookup es_api_key beside the listing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleError
from ansible.module_utils.basic import AnsibleModule
from ansible.plugins.loader import lookup_loader
from ansible_collections.keysmith.elastic.plugins.modules import es_api_key_info, es_credential_info
from support.admin import PASSWORD, Admin, UniqueNames, basic
from support.documentation import plugins
from support.in_process import answer_of
from support.life import Litter
from support.own_emulator import own_emulator
from support.servers import Server

DOCUMENTED = next(plugin for plugin in plugins("modules") if plugin.name == "es_credential_info")


class Logins:
    """A user with a narrow role, its key, a key without any right, and somebody without roles."""

    def __init__(self, admin: Admin, unique: UniqueNames, litter: Litter) -> None:
        self.admin, self.unique, self.litter = admin, unique, litter
        role = {
            "cluster": ["manage_own_api_key", "monitor"],
            "indices": [{"names": ["logs-*"], "privileges": ["read"]}],
        }
        self.user, self.poor = self._user("user", role), self._user("poor")
        self.name = unique("key")
        self.key = self.make(self.name, {"own": {"cluster": ["manage_own_api_key"]}}, expiration="2d")
        self.powerless = self.make(unique("powerless"), {"none": {}})

    def _user(self, what: str, role: dict[str, Any] | None = None) -> str:
        name = self.unique(what)
        if role is not None:
            self.litter.roles.append(self.admin.create_role(name, role))
        self.admin.create_user(name, [name] if role is not None else [])
        self.litter.users.append(name)
        return name

    def make(self, name: str, roles: dict[str, Any], **more: Any) -> dict[str, Any]:
        login = basic(self.user, PASSWORD)
        made = self.admin.create_key(name, login=login, role_descriptors=roles, **more)
        self.litter.keys.append(made["id"])
        return made

    def warnings(self, **options: Any) -> str:
        told: list[str] = []
        with mock.patch.object(AnsibleModule, "warn", lambda _self, text: told.append(text)):
            assert not self.who(**options).get("failed")
        return " ".join(told)

    def of_user(self) -> dict[str, Any]:
        return {"username": self.user, "password": PASSWORD}

    def of_admin(self) -> dict[str, Any]:
        return {"username": self.admin.server.username, "password": self.admin.server.password}

    def who(self, **options: Any) -> dict[str, Any]:
        return answer_of(es_credential_info.main, {"url": self.admin.server.url, "retries": 0, **options})

    def look(self, *terms: str, **options: Any) -> list[Any]:
        lookup = lookup_loader.get("keysmith.elastic.es_api_key")
        found: list[Any] = lookup.run(list(terms), variables={}, url=self.admin.server.url, **options)
        return found


@pytest.fixture(scope="module")
def logins(server: Server) -> Iterator[Logins]:
    admin = Admin(server)
    litter = Litter(admin)
    try:
        yield Logins(admin, UniqueNames("credential"), litter)
    finally:
        litter.clear()


def test_a_user(logins: Logins) -> None:
    me = logins.who(**logins.of_user())
    assert set(me) <= {*DOCUMENTED.results, "changed", "invocation"}
    assert set(me["credential"]) == set(DOCUMENTED.results["credential"]["contains"])
    assert set(me["can"]) == set(DOCUMENTED.results["can"]["contains"])
    told = {
        name: me["credential"][name]
        for name in ("username", "realm", "realm_type", "type", "roles", "key_id", "run_as")
    }
    assert told == {
        **{"username": logins.user, "realm": "default_native", "realm_type": "native", "type": "realm"},
        **{"roles": [logins.user], "key_id": None, "run_as": None},
    }
    assert me["privileges"]["cluster"]["manage_own_api_key"] is True
    assert me["privileges"]["cluster"]["manage_security"] is False
    assert ("clone_api_key" in me["privileges"]["cluster"]) == (logins.admin.server.name != "8.19.21")
    assert me["holds_all"] is None
    assert (me["can"]["create_keys"], me["can"]["see_all_keys"]) == (True, False)
    assert set(me["why_not"]) == {name for name, can in me["can"].items() if not can}
    assert me["server"]["version"] == logins.admin.server.version


def test_a_key(logins: Logins) -> None:
    me = logins.who(api_key=logins.key["encoded"])
    assert me["credential"]["key_id"] == logins.key["id"]
    assert me["credential"]["key_name"] == logins.name
    assert (me["credential"]["username"], me["credential"]["realm"]) == (logins.user, "default_native")
    assert 2 * 86_400 - 600 < me["credential"]["remaining_seconds"] <= 2 * 86_400
    assert me["can"]["revoke_own_keys"]
    assert "log in as a user" in me["why_not"]["create_keys"]
    assert f"The API key {logins.key['id']} of this login ends in" in logins.warnings(api_key=logins.key["encoded"])
    assert logins.warnings(api_key=logins.key["encoded"], warn_login_expires="1d") == ""


def test_logins_without_rights(logins: Logins) -> None:
    for login in ({"api_key": logins.powerless["encoded"]}, {"username": logins.poor, "password": PASSWORD}):
        me = logins.who(**login)
        assert not me.get("failed"), me
        assert not any(me["privileges"]["cluster"].values())
        assert [name for name, can in me["can"].items() if can] == (["see_own_keys"] if "api_key" in login else [])


def test_acting_as_another(logins: Logins) -> None:
    """By a user, and by a key, which then is none any more."""
    able = {"able": {"run_as": [logins.poor], "cluster": ["monitor"]}}
    as_admin = basic(logins.admin.server.username, logins.admin.server.password)
    key = logins.admin.create_key(logins.unique("runner"), login=as_admin, role_descriptors=able)
    logins.litter.keys.append(key["id"])
    for login in (logins.of_admin(), {"api_key": key["encoded"]}):
        me = logins.who(run_as=logins.poor, **login)
        assert not me.get("failed"), me
        assert (me["credential"]["username"], me["credential"]["realm"]) == (logins.poor, "default_native")
        assert me["credential"]["run_as"] == logins.poor
        assert me["credential"]["key_id"] is None


def test_privileges_that_are_asked_about(logins: Logins) -> None:
    index = {"names": ["logs-a", "other"], "privileges": ["read"]}
    application = {"application": "kibana-.kibana", "privileges": ["feature_x.read"]}
    asked = {"cluster": ["manage_ilm"], "index": [index], "application": [application]}
    me = logins.who(privileges=asked, **logins.of_user())
    assert me["holds_all"] is False
    assert me["privileges"]["cluster"]["manage_ilm"] is False
    assert me["privileges"]["index"] == {"logs-a": {"read": True}, "other": {"read": False}}
    assert me["privileges"]["application"] == {"kibana-.kibana": {"*": {"feature_x.read": False}}}
    assert logins.who(privileges=asked, **logins.of_admin())["holds_all"] is True
    held = {"cluster": ["monitor"], "index": [{"names": ["logs-*"], "privileges": ["read"]}]}
    assert logins.who(privileges=held, **logins.of_user())["holds_all"] is True


@pytest.mark.parametrize(
    ("asked", "option", "words"),
    [
        (
            {"cluster": ["monitor", "manage_sekurity"]},
            "privileges.cluster",
            "'manage_sekurity'. Did you mean manage_security?",
        ),
        ({"index": [{"names": ["a"], "privileges": ["create_docs"]}]}, "privileges.index", "Did you mean create_doc?"),
        ({"cluster": ["xyzzy"]}, "privileges.cluster", "one unknown name spoils the whole question"),
        ({"cluster": [""]}, "privileges.cluster", "empty"),
        ({"index": [{"names": [], "privileges": ["read"]}]}, "privileges.index.names", "empty list"),
        ({"application": [{"application": "KIB*", "privileges": ["x"]}]}, "privileges", "may not contain"),
    ],
)
def test_questions_that_cannot_be_answered(logins: Logins, asked: dict[str, Any], option: str, words: str) -> None:
    answer = logins.who(privileges=asked, **logins.of_user())
    assert answer["failed"]
    assert answer["failure"]["option"] == option
    assert words in answer["msg"]


def test_a_login_that_is_refused(logins: Logins) -> None:
    answer = logins.who(username=logins.user, password="wrong-password")
    assert answer["failure"]["code"] == "unauthorized"
    assert "refused the login" in answer["msg"]


def test_without_monitor_the_server_stays_unknown(logins: Logins) -> None:
    """The real nodes here answer GET / for everybody: it is a stand-in."""
    me = logins.who(username=logins.poor, password=PASSWORD)
    if logins.admin.server.kind == "emulator":
        assert me["server"] is None
        clerk = logins.unique("clerk")
        logins.litter.roles.append(logins.admin.create_role(clerk, {"cluster": ["manage_own_api_key"]}))
        logins.admin.create_user(clerk, [clerk])
        logins.litter.users.append(clerk)
        assert "needs monitor" in logins.who(username=clerk, password=PASSWORD)["why_not"]["create_keys"]


def test_older_servers_and_serverless(tmp_path: Path) -> None:
    for folder, arguments, unknown in (
        ("old", ("--version", "8.4.0"), {"clone_api_key", "read_security"}),
        ("project", ("--flavor", "serverless"), {"clone_api_key"}),
    ):
        (tmp_path / folder).mkdir()
        with own_emulator(tmp_path / folder, *arguments) as server:
            login = {"url": server.url, "username": server.username, "password": server.password}
            me = answer_of(es_credential_info.main, login)
            assert not me.get("failed"), me
            assert not unknown & {name for name, held in me["privileges"]["cluster"].items() if held}
            assert me["can"]["create_keys"]
            assert not me["can"]["clone_keys"]


def test_the_lookup_shows_what_the_listing_shows(logins: Logins) -> None:
    twin = logins.make(logins.name, {"own": {"cluster": ["manage_own_api_key"]}})
    listed = answer_of(
        es_api_key_info.main, {"url": logins.admin.server.url, "name": [logins.name], **logins.of_user()}
    )["api_keys"]
    (newest,) = logins.look(logins.name, **logins.of_user())
    assert newest["id"] == twin["id"] == listed[-1]["id"]
    assert {**newest, "remaining_seconds": 0} == {**listed[-1], "remaining_seconds": 0}
    logins.admin.invalidate(twin["id"])
    (dead,) = logins.look(twin["id"], by="id", **logins.of_user())
    assert dead["state"] == "invalidated"
    (itself,) = logins.look(logins.name, api_key=logins.key["encoded"])
    assert itself["id"] == logins.key["id"]


def test_the_lookup_tells_what_it_cannot_see(logins: Logins) -> None:
    with pytest.raises(AnsibleError, match="sees only the key"):
        logins.look(logins.unique("powerless"), api_key=logins.key["encoded"])
    with pytest.raises(AnsibleError, match="refused the login"):
        logins.look("x", username=logins.user, password="wrong-password")
    assert logins.look(logins.name, owner="self", on_missing="skip", **logins.of_admin()) == []
    assert [key["id"] for key in logins.look(logins.name, owner=logins.user, **logins.of_admin())] == [logins.key["id"]]
