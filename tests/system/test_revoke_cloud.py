# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoking keys of Elastic Cloud and ECE in bulk, on the emulated services: which keys, which key a secret is, and whose the login's is."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds import cloud_revocation
from support.cloud_life import KEYS, CloudLife, told

ADMIN = {"username": "admin", "password": "changeme"}
PAIR = f"{'i' * 20}:{'s' * 22}"
ECE_FORM = base64.b64encode(f"joe:{'a' * 32}:{'s' * 40}".encode()).decode()


class Bench:
    """A service with keys by the last word of their descriptions, and a login of a known key."""

    def __init__(self, life: CloudLife) -> None:
        self.life, self.service = life, life.service
        self.cloud = life.kind.service == "elastic_cloud"
        self.ids: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        # No other key ends when it does.
        self.make("login", expiration="400h")
        self.login = {"api_key": self.secrets["login"]}

    def make(self, what: str, key: str | None = None, **more: Any) -> str:
        made = self.service.make(f"leaked {what}", key, **more)
        self.ids[what], self.secrets[what] = made["id"], made["key"]
        return str(made["id"])

    def make_twin(self, what: str, of: str, expiration: str, **more: Any) -> None:
        """A key that was made in the same millisecond, and so ends in it."""
        made = self.service.call("GET", f"{KEYS}/{self.ids[of]}")[1]["creation_date"]
        created = round(datetime.fromisoformat(made.replace("Z", "+00:00")).timestamp() * 1000)
        twin = {"count": 1, "created": created, "expiration": expiration, "description": f"leaked {what}", **more}
        (self.ids[what],) = self.service.control("POST", "seed", twin)["ids"]

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        """As the key of the login, unless somebody else logs in; nobody is told a secret."""
        result = self.life.revoke(check=check, **({} if "username" in options else self.login), **options)
        shown = json.dumps({name: value for name, value in result.items() if name != "invocation"})
        assert not [secret for secret in self.secrets.values() if secret in shown]
        return result

    def names(self, keys: list[dict[str, Any]]) -> set[str]:
        return {what for what, key_id in self.ids.items() for key in keys if key["id"] == key_id}

    def alive(self) -> set[str]:
        living = self.service.keys()
        return {what for what, key_id in self.ids.items() if key_id in living}


@pytest.fixture
def bench(cloud_life: CloudLife) -> Bench:
    return Bench(cloud_life)


def test_every_way_to_say_which_keys(bench: Bench) -> None:
    """In check mode, so that one estate serves all of them; nothing is written."""
    bench.make("old", expiration="24h")
    bench.service.advance("2h")
    bench.make("new")
    bench.make("alerting")
    others = {"login", "old", "new", "alerting"}
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"id": [bench.ids["old"], bench.ids["new"]]}, {"old", "new"}),
        ({"name": ["leaked new", "leaked"]}, {"new"}),
        ({"description": ["leaked new"], "description_pattern": ["*old"]}, {"old", "new"}),
        ({"name_pattern": ["leaked ?e*"], "except_ids": [bench.ids["new"]]}, set()),
        ({"expiring_within": "2d"}, {"old"}),
        ({"expiring_within": "400d", "own_key": "last"}, {"old", "login"}),
        ({"description_pattern": ["leaked *"], "never_expires": True}, {"new", "alerting"}),
        ({"description_pattern": ["leaked *"], "created_before": "1h", "own_key": "last"}, {"old", "login"}),
        ({"description_pattern": ["leaked *"], "created_after": "1h"}, {"new", "alerting"}),
        ({"id": [bench.ids["old"]], "never_expires": True}, set()),
        ({"secret": bench.secrets["old"]}, {"old"}),
        ({"secret": f"ApiKey {bench.secrets['old']}\n"}, {"old"}),
        ({"secret": bench.secrets["login"]}, set()),
    ]
    if bench.cloud:
        creator = bench.service.call("GET", f"{KEYS}/{bench.ids['new']}")[1]["user_id"]
        cases += [
            ({"user_id": creator, "description_pattern": ["leaked*"]}, others - {"login"}),
            ({"user_id": "7"}, set()),
            ({"organization_id": "1000000001", "name": ["leaked new"]}, {"new"}),
        ]
    else:
        cases += [({"user_id": "joe"}, others - {"login"}), ({"user_id": "joe", **ADMIN}, others)]
    bench.service.forget()
    for options, expected in cases:
        result = bench.run(check=True, **options)
        assert not result.get("failed"), (options, result)
        assert bench.names(result["revoked"]) == expected, options
        assert result["changed"] == bool(expected)
        assert set(result["diff"]["before"]) == {bench.ids[name] for name in expected}
    assert bench.service.writes() == []
    spared = bench.run(check=True, id=[bench.ids["login"]])["kept"]
    assert [(one["id"], "the key of this login" in one["why"]) for one in spared] == [(bench.ids["login"], True)]


def test_nothing_goes_before_the_number_is_right(bench: Bench) -> None:
    for what in ("one", "two", "Alerting: three"):
        bench.make(what)
    chosen = {"description_pattern": ["leaked *"]}
    bench.service.forget()
    for expected in (None, 2, 4):
        refused = bench.run(**chosen, expected_count=expected)
        assert refused["failure"]["count"] == 3 and "expected_count: 3" in refused["msg"]
    assert bench.service.writes() == []
    done = bench.run(**chosen, expected_count=3)
    assert done["changed"] and bench.names(done["revoked"]) == {"one", "two", "Alerting: three"}
    assert bench.alive() == {"login"}
    again = bench.run(**chosen, expected_count=3)
    assert (again.get("failed"), again["changed"], again["revoked"], again["already_dead"]) == (None, False, [], None)
    assert [one["id"] for one in again["kept"]] == [bench.ids["login"]]
    ids = [bench.ids["one"], bench.ids["two"]]
    by_id = bench.run(id=ids, expected_count=2)
    assert (by_id["changed"], by_id["already_dead"]) == (False, 2)
    assert "no keys" in told(by_id) and all(key_id in told(by_id) for key_id in ids)
    typo = bench.run(name="nobody", expected_count=1)
    assert not typo["changed"] and "a mistake in the conditions look the same" in told(typo)


def test_a_leaked_secret(bench: Bench) -> None:
    """The login deletes its key; a dead one and one that never was are told, and change nothing."""
    bench.make("leaked", expiration="30h")
    bench.make("other", expiration="31h")
    leaked = {"secret": bench.secrets["leaked"], "expected_count": 1}
    done = bench.run(**leaked)
    assert done["changed"] and bench.names(done["revoked"]) == {"leaked"}
    assert bench.alive() == {"login", "other"}
    never = f"essu_{'x' * 60}" if bench.cloud else ECE_FORM
    for secret in (bench.secrets["leaked"], never):
        again = bench.run(secret=secret, expected_count=1)
        assert not again.get("failed") and not again["changed"] and "secret opens nothing" in told(again), again
    bench.service.fail("status", "GET", f"{KEYS}$", status=500, skip=1)
    unclear = bench.run(secret=bench.secrets["other"], expected_count=1)
    assert unclear["failure"]["code"] == "unproven" and bench.alive() == {"login", "other"}
    own = bench.run(secret=bench.secrets["login"], expected_count=1, own_key="last")
    assert own["changed"] and bench.alive() == {"other"}


def test_a_secret_that_names_no_key(bench: Bench) -> None:
    """Two keys that end at the same time, one that no login sees, one without an end."""
    if not bench.cloud:
        pytest.skip("a key of ECE names its id")
    bench.make("one", expiration="30h")
    bench.make_twin("two", "one", "30h")
    two = bench.run(secret=bench.secrets["one"], expected_count=1)
    assert set(two["failure"]["ids"]) == {bench.ids["one"], bench.ids["two"]}
    assert f"{bench.ids['one']} (leaked one)" in two["msg"] and "give its id" in two["msg"]
    assert bench.run(id=bench.ids["two"], expected_count=1)["changed"]
    assert bench.names(bench.run(secret=bench.secrets["one"], expected_count=1)["revoked"]) == {"one"}
    (endless,) = bench.run(secret="essu_changeme", check=True)["revoked"]
    assert endless["name"] == "first key of owner"
    poor = bench.service.user("poor", roles=["workload-credentials-owner"])
    hidden = bench.service.make("hidden", expiration="50h")
    blind = bench.life.revoke(api_key=poor, secret=hidden["key"], expected_count=1)
    assert "no key that this login sees ends at" in blind["msg"]
    bench.service.switch(expiration_header="absent")
    untold = bench.run(secret=hidden["key"], expected_count=1)
    assert untold["failed"] and "does not tell as which key" in untold["msg"]
    bench.service.switch(expiration_header="rfc3339")
    elsewhere = bench.service.user("stranger", organization="elsewhere", roles=["organization-admin"])
    theirs = bench.service.make("theirs", elsewhere, expiration="400h")
    refused = bench.run(secret=theirs["key"], expected_count=1)
    assert "secret logs in to the organization" in refused["msg"]
    assert bench.alive() == {"login"}


def test_a_key_that_ends_when_that_of_a_secret_does(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret's own key is hidden from the login, and another one fits: not taken for it, and where it could not be known, told."""
    if not bench.cloud:
        pytest.skip("a key of ECE names its id")
    role = ["workload-credentials-owner"]
    mine, theirs = (bench.service.user(name, roles=role) for name in ("mine", "theirs"))
    bench.make("hidden", theirs, expiration="50h")
    bench.make_twin("twin", "hidden", "50h", owner="mine")
    leaked = {"api_key": mine, "secret": bench.secrets["hidden"], "expected_count": 1}
    refused = bench.life.revoke(**leaked)
    assert f"does not see key {bench.ids['twin']}" in refused["msg"] and "give its id" in refused["msg"]
    assert bench.alive() == {"login", "hidden", "twin"}
    # A key that may see none at all says nothing of that.
    monkeypatch.setattr(cloud_revocation, "_hides", lambda _api, _key: False)
    mistaken = bench.life.revoke(**leaked)
    assert mistaken["failure"]["code"] == "not_revoked" and "secret still logs in" in mistaken["msg"]
    assert bench.alive() == {"login", "hidden"}


def test_a_secret_of_another_user(bench: Bench) -> None:
    if bench.cloud:
        pytest.skip("Elastic Cloud has no other users' keys apart")
    bench.make("one")
    bench.service.control("POST", "users", {"name": "jim", "password": "jims-pass"})
    secret = {"secret": bench.secrets["one"], "expected_count": 1}
    jim = {"username": "jim", "password": "jims-pass"}
    assert bench.run(**secret, **jim)["failed"] and bench.alive() == {"login", "one"}
    assert "secret is a key of joe; user_id says jim" in bench.run(**secret, user_id="jim", **ADMIN)["msg"]
    viewer = {"username": "readonly", "password": "changeme"}
    assert "readonly may not delete keys of joe" in bench.run(**secret, **viewer, check=True)["msg"]
    changed = base64.b64decode(bench.secrets["one"])[:-6] + b"xxxxxx"
    wrong = bench.run(secret=base64.b64encode(changed).decode(), user_id="joe", expected_count=1, **ADMIN)
    assert f"key {bench.ids['one']}, which it names, has another secret" in wrong["msg"]
    done = bench.run(**secret, **ADMIN)
    assert done["changed"] and bench.names(done["revoked"]) == {"one"} and bench.alive() == {"login"}


def test_the_key_of_the_login(bench: Bench) -> None:
    bench.make("other", expiration="30h")
    both = {"description_pattern": ["leaked *"]}
    assert "own_key: last" in bench.run(**both, expected_count=2, own_key="fail")["msg"]
    wrong = bench.run(**both, expected_count=2, own_key_id=bench.ids["other"])
    assert wrong["failure"]["option"] == "own_key_id" and bench.ids["login"] in wrong["msg"]
    bench.service.forget()
    done = bench.run(**both, expected_count=2, own_key="last")
    assert done["changed"], done
    assert [one.rsplit("/", 1)[1] for one in bench.service.writes()] == [bench.ids["other"], bench.ids["login"]]


def test_a_login_whose_key_cannot_be_told(bench: Bench) -> None:
    """None of those that it may be is deleted unless somebody says which one it is, or that it may go."""
    if not bench.cloud:
        pytest.skip("a key of ECE names its id")
    bench.make_twin("twin", "login", "400h")
    bench.make("other")
    chosen = {"description_pattern": ["leaked *"]}
    looked = bench.run(check=True, **chosen)
    assert bench.names(looked["revoked"]) == {"other"}
    assert {one["id"]: "may be the key of this login" in one["why"] for one in looked["kept"]} == {
        bench.ids["login"]: True,
        bench.ids["twin"]: True,
    }
    by_id = bench.run(id=bench.ids["twin"], expected_count=1)
    assert "it may be the key of this login" in by_id["msg"] and "own_key_id" in by_id["msg"]
    assert "own_key_id" in bench.run(**chosen, own_key="fail", expected_count=3)["msg"]
    assert "It is one of keys" in bench.run(**chosen, own_key_id=bench.ids["other"], expected_count=1)["msg"]
    assert bench.alive() == {"login", "twin", "other"}
    # A secret that is not the login's is of another key.
    bench.make("third", expiration="500h")
    assert bench.run(secret=bench.secrets["third"], expected_count=1)["changed"]
    done = bench.run(**chosen, own_key_id=bench.ids["login"], expected_count=2)
    assert bench.names(done["revoked"]) == {"twin", "other"} and bench.alive() == {"login"}
    bench.make_twin("twin", "login", "400h")
    rest = bench.run(**chosen, own_key="last", expected_count=2)
    assert bench.alive() == set() or rest["failure"]["code"] == "not_revoked"
    assert bench.names(rest.get("not_revoked") or []) == bench.alive()


def test_without_an_end_every_key_without_one_may_be_the_login_s(bench: Bench) -> None:
    bench.make("endless")
    bench.make("ending", expiration="30h")
    if not bench.cloud:
        pytest.skip("a key of ECE names its id")
    looked = bench.life.revoke(description_pattern=["leaked *"], check=True)
    assert bench.names(looked["revoked"]) == {"ending", "login"} and bench.names(looked["kept"]) == {"endless"}


def test_not_all_of_them_die(bench: Bench) -> None:
    for what in ("one", "two", "three"):
        bench.make(what)
    chosen = {"description_pattern": ["leaked *"], "expected_count": 3}
    bench.service.fail("status", "DELETE", f"{KEYS}/{bench.ids['one']}", status=403)
    refused = bench.run(**chosen)
    assert refused["failed"] and refused["changed"] and refused["failure"]["code"] == "not_revoked"
    assert "1 of 3 keys may live on" in refused["msg"]
    assert bench.names(refused["revoked"]) == {"two", "three"}
    assert bench.names(refused["not_revoked"]) == {"one"} == bench.alive() - {"login"}
    # The answer is lost, the key is dead, and that is found out.
    bench.make("four")
    bench.service.fail("lost_answer", "DELETE", f"{KEYS}/{bench.ids['one']}")
    rest = bench.run(description_pattern=["leaked *"], expected_count=2)
    assert not rest.get("failed") and bench.alive() == {"login"}
    more = {"five", "six", "seven", "eight"}
    for what in more:
        bench.make(what)
    # One that is no refusal of a single key, and so many of these that the login may delete none.
    for status, tries in ((400, 1), (403, 3)):
        bench.service.fail("status", "DELETE", f"{KEYS}/", status=status, times=tries)
        bench.service.forget()
        stopped = bench.run(description_pattern=["leaked *"], expected_count=4)
        assert bench.names(stopped["not_revoked"]) == more == bench.alive() - {"login"}
        assert not stopped["changed"] and stopped["reasons"] == ["revoked: 0 of 4 keys"]
        assert len(bench.service.writes()) == tries


def test_who_may(bench: Bench) -> None:
    if bench.cloud:
        reader = bench.service.user("reader", roles=["billing-admin"])
        unseen = bench.life.revoke(api_key=reader, id=bench.ids["login"], expected_count=1)
        assert not unseen["changed"] and "whom it does not see" in told(unseen)
        bench.service.switch(foreign_keys="403")
        refused = bench.life.revoke(api_key=reader, id=bench.ids["login"], expected_count=1)
        assert "may not read it" in refused["msg"]
    else:
        viewer = {"username": "readonly", "password": "changeme"}
        refused = bench.run(user_id="joe", expected_count=1, **viewer)
        assert "delete-user-api-key" in refused["msg"]
    assert bench.alive() == {"login"}


def test_hundreds_take_their_time_and_say_so(bench: Bench) -> None:
    bench.service.seed(35)
    result = bench.run(description_pattern=["seed-*"], own_key_id=bench.ids["login"], check=True)
    assert len(result["revoked"]) == 35
    assert "To revoke 35 keys takes 35s or more" in told(result)


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_bad_input_is_said_clearly(bench: Bench, check: bool) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "description", "No condition says which keys are meant"),
        ({"name_pattern": ["**"]}, "description", "No condition"),
        ({"id": []}, "id", "given, but empty"),
        ({"id": [""]}, "id", "id is empty"),
        ({"name": "x", "expected_count": -1}, "expected_count", "less than 0"),
        ({"name": "x", "except_ids": [""]}, "except_ids", "except_ids is empty"),
        ({"name": "x", "own_key_id": ""}, "own_key_id", "own_key_id is empty"),
        ({"name": "x", "created_before": "yesterday"}, "created_before", "2026-11-21"),
        ({"secret": "x", "name": "x"}, "description", "secret and description are both given"),
        ({"secret": ""}, "secret", "secret is empty"),
        ({"secret": PAIR}, "secret", "es_api_key_revoke"),
        ({"secret": "with a blank"}, "secret", "holds a blank"),
        ({"user_id": ""}, "user_id", "user_id is empty"),
        ({"id": PAIR}, "id", "holds an API key"),
    ]
    if bench.cloud:
        cases.append(({"organization_id": "1"}, "description", "No condition"))
    else:
        cases.append(({"secret": f"essu_{'x' * 60}"}, "secret", "ec_api_key_revoke"))
    bench.service.forget()
    for options, option, words in cases:
        answer = bench.run(check=check, **{"expected_count": 1, **options})
        assert answer["failure"].get("option") == option and words in answer["msg"], (options, answer)
    assert bench.service.requests() == []
