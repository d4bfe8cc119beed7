# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoking in bulk: every way to say which keys, what stays alive, who may, and what is told when not all of them die."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds import elasticsearch_keys
from ansible_collections.keysmith.elastic.plugins.modules import es_api_key_revoke
from support.admin import PASSWORD, Admin, UniqueNames, basic
from support.in_process import answer_of
from support.life import Litter
from support.own_emulator import own_emulator
from support.relay import Relay
from support.servers import Server

OWN = {"own": {"cluster": ["manage_own_api_key"]}}


class Bench:
    """A server with an owner, keys by the last word of their names, and runs of the module."""

    def __init__(self, admin: Admin, unique: UniqueNames, litter: Litter, relay: Relay) -> None:
        self.admin, self.unique, self.litter, self.relay = admin, unique, litter, relay
        self.owner = self.user("owner", "manage_own_api_key")
        self.ids: dict[str, str] = {}
        self.encoded: dict[str, str] = {}

    def user(self, what: str, *privileges: str) -> str:
        name = self.unique(what)
        self.admin.create_role(name, {"cluster": list(privileges)})
        self.admin.create_user(name, [name])
        self.litter.roles.append(name)
        self.litter.users.append(name)
        return name

    def make(self, what: str, owner: str | None = None, **body: Any) -> str:
        made = self.admin.create_key(
            self.unique(what), login=basic(owner or self.owner, PASSWORD), **{"role_descriptors": OWN, **body}
        )
        return self._note(what, made)

    def make_cross_cluster(self, what: str) -> str:
        body = {"name": self.unique(what), "access": {"search": [{"names": ["logs-*"]}]}}
        return self._note(what, self.admin.ok("POST", "/_security/cross_cluster/api_key", body))

    def _note(self, what: str, made: dict[str, Any]) -> str:
        self.ids[what], self.encoded[what] = made["id"], made["encoded"]
        self.litter.keys.append(made["id"])
        return str(made["id"])

    def run(
        self, *, user: str | None = None, check: bool = False, trouble: str = "plain", **options: Any
    ) -> dict[str, Any]:
        """As the owner, unless another user or key logs in; None leaves an option out."""
        login = {} if "api_key" in options else {"username": user or self.owner, "password": PASSWORD}
        given = {"url": self.relay.url(trouble), "retries": 0, **login, **options}
        return answer_of(es_api_key_revoke.main, {k: v for k, v in given.items() if v is not None}, check=check)

    def admin_login(self) -> dict[str, Any]:
        return {"username": self.admin.server.username, "password": self.admin.server.password}

    def names(self, keys: list[dict[str, Any]]) -> set[str]:
        return {what for what, key_id in self.ids.items() for key in keys if key["id"] == key_id}

    def alive(self) -> set[str]:
        now = time.time() * 1000
        return self.names(
            [key for key in self.admin.keys(self.unique.prefix, alive=True) if key.get("expiration", now + 9) > now]
        )

    def writes(self, run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], int]:
        """A run's result, and how often it wrote."""
        before = len(self.relay.writes())
        return run(), len(self.relay.writes()) - before


@pytest.fixture(scope="module")
def relay(server: Server) -> Iterator[Relay]:
    with Relay(server.url) as made:
        yield made


@pytest.fixture
def bench(admin: Admin, unique: UniqueNames, litter: Litter, relay: Relay) -> Bench:
    return Bench(admin, unique, litter, relay)


def test_every_way_to_say_which_keys(bench: Bench) -> None:
    """In check mode, so that one estate serves all of them; each predicts the same twice and writes nothing."""
    for what, more in (("one", {}), ("two", {"metadata": {"team": "a"}}), ("three", {"expiration": "1d"})):
        bench.make(what, **more)
    other = bench.user("other", "manage_own_api_key")
    bench.make("foreign", other)
    bench.make("managed", metadata={"managed": True, "managed_by": "fleet"})
    at, everyone = bench.unique, {**bench.admin_login(), "owner": "any"}
    mine = {"one", "two", "three"}
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"id": [bench.ids["one"], bench.ids["two"]]}, {"one", "two"}),
        ({"name": [at("one"), at("foreign")]}, {"one"}),
        ({"name": [at("one"), at("foreign")], **everyone}, {"one", "foreign"}),
        ({"name_pattern": [at("*")]}, mine),
        ({"name_pattern": ["*"], "owner": bench.owner}, mine),
        ({"name_pattern": [at("t*")], "except_ids": [bench.ids["two"]]}, {"three"}),
        ({"owner": "self"}, mine),
        ({"owner": bench.owner, "owner_realm": "default_native", **bench.admin_login()}, mine),
        ({"metadata": {"team": "a"}}, {"two"}),
        ({"expiring_within": "2d"}, {"three"}),
        ({"never_expires": True}, {"one", "two"}),
        ({"created_after": "1h", "type": "rest"}, mine),
        ({"created_before": "1h"}, set()),
        ({"managed_by": ["product"]}, set()),
        ({"secret": bench.encoded["foreign"], **bench.admin_login()}, {"foreign"}),
        ({"secret": f"ApiKey {bench.encoded['one']}\n"}, {"one"}),
    ]
    for options, expected in cases:
        result, wrote = bench.writes(lambda options=options: bench.run(check=True, **options))  # type: ignore[misc]
        assert not result.get("failed"), (options, result)
        assert bench.names(result["revoked"]) == expected, options
        assert result["changed"] == bool(expected)
        assert set(result["diff"]["before"]) == {bench.ids[name] for name in expected}
        assert wrote == 0
    spared = bench.run(check=True, owner="self")["kept"]
    assert [(one["id"], "fleet" in one["why"]) for one in spared] == [(bench.ids["managed"], True)]
    assert bench.alive() == set(bench.ids)


def test_nothing_goes_before_the_number_is_right(bench: Bench) -> None:
    for what in ("one", "two"):
        bench.make(what)
    for expected in (None, 1, 3):
        result, wrote = bench.writes(lambda expected=expected: bench.run(owner="self", expected_count=expected))  # type: ignore[misc]
        assert wrote == 0
        assert result["failure"]["code"] == "refused"
        assert result["failure"]["count"] == 2
        assert set(result["failure"]["ids"]) == set(bench.ids.values())
        assert "expected_count: 2" in result["msg"]
    assert bench.alive() == {"one", "two"}
    done = bench.run(owner="self", expected_count=2)
    assert done["changed"]
    assert bench.names(done["revoked"]) == {"one", "two"}
    assert all(key["state"] == "active" for key in done["revoked"]), "as they were before"
    assert bench.alive() == set()
    again, wrote = bench.writes(lambda: bench.run(owner="self", expected_count=2))
    assert (again["changed"], again["revoked"], again["already_dead"], wrote) == (False, [], 2, 0)
    assert "nothing to revoke" in again["reasons"][0]
    typo = bench.run(name=[bench.unique("nobody")], expected_count=2)
    assert "no dead ones" in typo["msg"]


def test_a_leaked_secret(bench: Bench) -> None:
    key_id = bench.make("leaked")
    wrong = bench.run(secret=f"{key_id}:{'x' * 22}", expected_count=1)
    assert "secret opens nothing" in wrong["msg"]
    assert key_id in wrong["msg"]
    assert bench.alive() == {"leaked"}
    done = bench.run(secret=bench.encoded["leaked"], expected_count=1)
    assert bench.names(done["revoked"]) == {"leaked"}
    assert bench.alive() == set()
    again = bench.run(secret=bench.encoded["leaked"], expected_count=1)
    assert not again["changed"]
    assert "revoked already" in again["kept"][0]["why"]
    gone = bench.run(secret=f"{'u' * 20}:{'x' * 22}", expected_count=1, **bench.admin_login())
    assert "the server knows no such key" in gone["msg"]


def test_a_cross_cluster_key(bench: Bench) -> None:
    bench.make_cross_cluster("crossing")
    poor = bench.user("poor", "manage_api_key")
    refused, wrote = bench.writes(lambda: bench.run(secret=bench.encoded["crossing"], expected_count=1, user=poor))
    assert wrote == 0
    assert "Only manage_security revokes cross-cluster keys" in refused["msg"]
    assert refused["failure"]["privileges"] == ["manage_security"]
    wrong = bench.run(secret=f"{bench.ids['crossing']}:{'x' * 22}", expected_count=1, **bench.admin_login())
    assert "secret opens nothing" in wrong["msg"]
    done = bench.run(secret=bench.encoded["crossing"], expected_count=1, **bench.admin_login())
    assert [key["type"] for key in done["revoked"]] == ["cross_cluster"]
    assert bench.alive() == set()


def test_the_key_of_the_login(bench: Bench) -> None:
    login = bench.make("login")
    bench.make("other")
    as_key = {"api_key": bench.encoded["login"]}
    kept = bench.run(id=[login], expected_count=0, **as_key)
    assert "own_key: keep" in kept["kept"][0]["why"]
    assert "own_key: last" in bench.run(id=[login], expected_count=1, own_key="fail", **as_key)["msg"]
    # It sees nothing but itself, so it cannot tell what else is there.
    assert "sees only" in bench.run(owner="self", expected_count=1, own_key="last", **as_key)["msg"]
    assert "sees only its own key" in bench.run(id=[bench.ids["other"]], expected_count=1, **as_key)["msg"]
    assert bench.alive() == {"login", "other"}
    done = bench.run(secret=bench.encoded["login"], expected_count=1, own_key="last", **as_key)
    assert bench.names(done["revoked"]) == {"login"}
    assert bench.alive() == {"other"}


def test_the_key_of_a_mighty_login_goes_last(bench: Bench) -> None:
    mighty = bench.user("mighty", "manage_api_key", "manage_own_api_key")
    bench.make("login", mighty, role_descriptors={"all": {"cluster": ["manage_api_key"]}})
    bench.make("other", mighty)
    before = len(bench.relay.writes())
    done = bench.run(api_key=bench.encoded["login"], name_pattern=[bench.unique("*")], expected_count=2, own_key="last")
    assert done["changed"], done
    assert [key["id"] for key in done["revoked"]] == [bench.ids["other"], bench.ids["login"]]
    sent = [exchange.sent for exchange in bench.relay.writes()[before:]]
    assert [bench.ids["login"].encode() in body for body in sent] == [False, True]
    assert bench.alive() == set()


def test_who_may_and_who_sees(bench: Bench) -> None:
    other = bench.user("other", "manage_own_api_key")
    foreign = bench.make("foreign", other)
    reader = bench.user("reader", "read_security", "manage_own_api_key")
    nobody = bench.user("nobody")
    cases = [
        ({"id": [foreign], "owner": "any"}, None, "No key"),
        ({"secret": bench.encoded["foreign"]}, None, "sees only its own keys"),
        ({"owner": "any", "name": [bench.unique("foreign")]}, None, "other keys may exist"),
        ({"id": [foreign]}, reader, f"belongs to {other}"),
        ({"id": [foreign], "owner": "any"}, reader, "may revoke only its own keys"),
        ({"owner": "self"}, nobody, "unauthorized for user"),
        ({"id": [foreign], "type": "cross_cluster", "owner": "any"}, reader, "does not meet the other conditions"),
    ]
    for options, user, words in cases:
        result, wrote = bench.writes(lambda o=options, u=user: bench.run(user=u, expected_count=1, **o))  # type: ignore[misc]
        assert result["failed"], options
        assert words in result["msg"], (options, result["msg"])
        assert wrote == 0
    assert bench.alive() == {"foreign"}


def test_not_all_of_them_die(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The privilege over one of two batches goes between looking and revoking; what is dead and what lives is told."""
    monkeypatch.setattr(elasticsearch_keys, "REVOKED_AT_ONCE", 1)
    monkeypatch.setattr(elasticsearch_keys, "REVOKE_TRIES", 1)
    for what in ("one", "two", "three"):
        bench.make(what)
    invalidate = elasticsearch_keys.ElasticsearchApi.invalidate

    def spoiled(self: Any, ids: Any, *, own: bool) -> Any:
        if bench.ids["two"] in ids:
            answer = invalidate(self, ["nobody-of-this-id"], own=own)
            return type(answer)(answer.ids, ("it is Tuesday",))
        return invalidate(self, ids, own=own)

    monkeypatch.setattr(elasticsearch_keys.ElasticsearchApi, "invalidate", spoiled)
    result = bench.run(name_pattern=[bench.unique("*")], expected_count=3)
    assert result["failed"]
    assert result["failure"] == {"code": "not_revoked", "ids": [bench.ids["two"]]}
    assert "1 of 3 keys may live on" in result["msg"]
    assert "it is Tuesday" in result["msg"]
    assert result["changed"]
    assert bench.names(result["revoked"]) == {"one", "three"}
    assert bench.names(result["not_revoked"]) == {"two"} == bench.alive()
    assert result["reasons"] == ["revoked: 2 of 3 keys"]
    monkeypatch.undo()
    assert bench.run(name_pattern=[bench.unique("*")], expected_count=1)["changed"]
    assert bench.alive() == set()


def test_a_lost_answer(bench: Bench) -> None:
    """The server did it and nobody was told: the keys are asked what became of them."""
    for what in ("one", "two"):
        bench.make(what)
    real = elasticsearch_keys.ElasticsearchApi.invalidate
    lost = elasticsearch_keys.Refused("the answer was lost")

    def lose(self: Any, ids: Any, *, own: bool) -> Any:
        real(self, ids, own=own)
        raise lost

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elasticsearch_keys.ElasticsearchApi, "invalidate", lose)
        result = bench.run(owner="self", expected_count=2)
    assert not result.get("failed"), result
    assert bench.names(result["revoked"]) == {"one", "two"}
    assert bench.alive() == set()


def test_run_as_the_owner(bench: Bench, admin: Admin) -> None:
    bench.make("one")
    done = bench.run(run_as=bench.owner, owner="self", expected_count=1, **bench.admin_login())
    assert done["changed"], done
    assert bench.alive() == set()


def test_thousands(tmp_path: Path) -> None:
    """3000 keys: as few requests as the server allows, and one second run."""
    with own_emulator(tmp_path) as server, Relay(server.url) as relay:
        admin = Admin(server)
        admin.ok(
            "POST",
            "/_emulator/seed",
            {"count": 3000, "name": "leaked-{n}", "created": 1_795_230_000_000, "created_step_ms": 1},
        )
        login = {"url": relay.url("plain"), "username": server.username, "password": server.password}
        options = {**login, "name_pattern": ["leaked-*"], "owner": "any", "expected_count": 3000}
        started = time.monotonic()
        result = answer_of(es_api_key_revoke.main, options)
        assert time.monotonic() - started < 60
        assert len(result["revoked"]) == 3000, result.get("msg")
        assert len(relay.writes()) == 3
        assert admin.ok("POST", "/_security/_query/api_key", {"query": {"term": {"invalidated": False}}})["total"] == 0
        again = answer_of(es_api_key_revoke.main, options)
        assert (again["changed"], again["already_dead"]) == (False, 3000)


def test_serverless(tmp_path: Path) -> None:
    """A project knows fewer privileges, and one unknown name spoils the question."""
    with own_emulator(tmp_path, "--flavor", "serverless") as project:
        made = Admin(project).create_key("leaked", role_descriptors=OWN)
        login = {"url": project.url, "username": project.username, "password": project.password}
        done = answer_of(es_api_key_revoke.main, {**login, "secret": made["encoded"], "expected_count": 1})
        assert done["changed"], done
