# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key is meant, and whose: names that look like patterns, crowds of keys, others' keys, and every way to log in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._api import elasticsearch as api
from support.admin import PASSWORD, Admin, UniqueNames
from support.life import NARROW, PASSED_ON, Life, Litter
from support.other_emulator import emulator
from support.proxy import Proxy
from support.servers import Server

KEEPER = {"cluster": ["monitor", "manage_api_key", "grant_api_key"]}
CROWD = 10_050

NAMES = {
    "wildcards": "{}-a*b?c",
    "ends-with-star": "{}-*",
    "quotes": '{}-"it\'s" `so` \\ {{}} [x] (y) %20 &a=b /../ #',
    "unicode": "{}-ключ-鍵-🔑-é",
    "newline": "{}-a\nb\tc",
    "query": "{}-a AND b:c OR NOT d~",
    "longest": "{}-",
}


def neighbours_of(name: str) -> list[str]:
    """Names that a pattern, a prefix or a careless comparison would take for this one."""
    near = [name + "x", name[:-1], name.upper(), name.replace("*", "zz").replace("?", "z"), name.replace("\n", " ")]
    return sorted({one[:256].strip() for one in near} - {name})


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_means_itself_and_no_neighbour(life: Life, kind: str) -> None:
    life.name = NAMES[kind].format(life.name)
    if kind == "longest":
        life.name += "n" * (256 - len(life.name))
    neighbours = [life.make_key(name=name)["id"] for name in neighbours_of(life.name)]
    first = life.begin()
    assert life.admin.key(first)["name"] == life.name
    assert not life.run().changed
    assert not life.run(store=None).changed
    life.run(overlap="0s", settle="0s", **life.due())
    assert life.works()
    assert set(life.alive()) == {life.current, *neighbours}
    assert life.run(state="absent").changed
    assert set(life.alive()) == set(neighbours)
    assert not life.run(state="absent", store=None).changed


def test_a_name_that_is_too_long_is_refused_before_anything_is_asked(life: Life, proxy: Proxy) -> None:
    assert life.run(name="n" * 257).code == "bad_option"
    assert proxy.log == []


def test_many_dead_keys_of_the_name_do_not_matter(life: Life) -> None:
    dead = [life.make_key()["id"] for _dead in range(12)]
    life.admin.ok("DELETE", "/_security/api_key", {"ids": dead})
    assert life.run(store=None, return_secret=True).changed
    assert not life.run(store=None).changed
    assert len(life.alive()) == 1


def crowd(life: Life, count: int, step_ms: int = 1) -> None:
    """Many keys of this name and owner."""
    if life.admin.server.control:
        wanted = {"count": count, "name": life.name, "owner": life.username, "created": life.server_time() - 600_000}
        wanted["created_step_ms"] = step_ms
        life.admin.ok("POST", "/_emulator/seed", wanted)
        return
    body = {"name": life.name, "role_descriptors": {"writer": PASSED_ON}}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: life.call("POST", "/_security/api_key?refresh=false", body), range(count)))
    time.sleep(1.5)


def test_more_than_ten_thousand_keys(life: Life) -> None:
    """One key among them is found, and they are all counted, page by page; revoked too: one request takes 10,000 ids at most."""
    crowd(life, CROWD)
    first = life.begin()
    ran = life.run()
    assert not ran.changed
    assert f"and {CROWD - 5} more" in ran.told
    assert life.current == first
    assert life.run(state="absent", store=None).changed
    assert life.alive() == []


def test_pages_of_keys_that_were_made_in_the_same_millisecond(
    life: Life, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    if admin.server.kind != "emulator":
        pytest.skip("no real server is that fast")
    crowd(life, 2_500, step_ms=0)
    life.begin()
    assert "and 2495 more" in life.run().told
    monkeypatch.setattr(api, "LARGEST_PAGE", 2_000)
    ran = life.run()
    assert ran.code == "refused", "no page is large enough, and nothing may be concluded from a part"
    assert "same millisecond" in ran.words


MANAGED = {
    "kibana": {"metadata": {"managed": True, "kibana": {"type": "alerting_rule"}}},
    "fleet": {"metadata": {"managed": True, "managed_by": "fleet", "type": "agent"}},
    "eck": {"metadata": {"elasticsearch.k8s.elastic.co/config-hash": "1"}},
}


@pytest.mark.parametrize("product", MANAGED)
def test_a_key_that_another_product_manages_is_never_touched(life: Life, proxy: Proxy, product: str) -> None:
    managed = life.make_key(**MANAGED[product])["id"]
    proxy.forget()
    for options in (
        {"store": None, "return_secret": True},
        {"store": None, "state": "absent"},
        {"store": None, "state": "absent", "name": None, "id": managed},
        {"store": None, "id": managed, "metadata": {"mine": "now"}},
    ):
        ran = life.run(**options)
        assert ran.code == "refused", options
        assert "managed" in ran.words
    assert proxy.writes() == []
    assert life.run(duplicates="retire", overlap="0s").changed
    assert not life.run(duplicates="retire", overlap="0s", settle="0s").changed
    assert life.run(store=None, state="absent", name=None, owner=life.username).changed
    assert life.alive() == [managed]
    assert life.remaining(managed) == float("inf")


def test_a_rule_of_kibana_is_told_by_its_name(life: Life, proxy: Proxy) -> None:
    life.name = f"Alerting: {life.name}"
    life.make_key()
    proxy.forget()
    assert life.run(store=None, state="absent").code == "refused"
    assert proxy.writes() == []


def test_somebody_elses_key_is_told_apart_from_a_missing_one(life: Life, proxy: Proxy) -> None:
    """The server answers 404 for both."""
    other = life.make_user("other", NARROW)
    theirs = life.admin.create_key(life.name, login=life.login_of(other))["id"]
    keeper = life.make_user("keeper", KEEPER)
    proxy.forget()
    by_id: dict[str, Any] = {"store": None, "name": None, "id": theirs}
    for state in ("present", "absent"):
        ran = life.run(username=keeper, state=state, **by_id)
        assert ran.code == "refused"
        assert other in ran.words, "a login that sees it says whose it is"
    ran = life.run(**by_id)
    assert ran.code == "refused"
    assert "can see" in ran.words
    ran = life.run(state="absent", **by_id)
    assert not ran.changed
    assert "sees only its own keys" in ran.told, "a login that cannot see it says so"
    missing = life.run(username=keeper, state="absent", **{**by_id, "id": "AAAAAAAAAAAAAAAAAAAA"})
    assert not missing.changed
    assert missing.told == "", "a login that sees everything says nothing"
    assert proxy.writes() == []
    assert life.alive(other) == [theirs]


def test_another_owners_key_of_the_same_name_is_another_key(life: Life) -> None:
    other = life.make_user("other", NARROW)
    theirs = life.admin.create_key(life.name, login=life.login_of(other))["id"]
    keeper = life.make_user("keeper", {"cluster": ["monitor", "manage_api_key"]})
    first = life.begin(username=keeper)
    assert life.alive(keeper) == [first]
    assert not life.run(username=keeper).changed
    ran = life.run(username=keeper, state="absent", owner=other, store=None)
    assert ran.changed
    assert life.alive(other) == []
    assert life.admin.key(theirs)["invalidated"]
    assert life.alive(keeper) == [first]


# Who logs in, and for whom.


def test_a_grant_by_password(life: Life) -> None:
    keeper = life.make_user("keeper", KEEPER)
    options: dict[str, Any] = {"username": keeper, "grant": {"username": life.username, "password": PASSWORD}}
    first = life.begin(**options)
    assert life.admin.key(first)["username"] == life.username
    assert not life.run(**options).changed
    assert life.run(**options, state="absent").changed
    assert life.alive() == []


def test_a_grant_with_run_as(life: Life) -> None:
    """The password is that of a user who may act as the owner."""
    actor = life.make_user("actor", {"cluster": [], "run_as": [life.username]})
    keeper = life.make_user("keeper", KEEPER)
    grant = {"username": actor, "password": PASSWORD, "run_as": life.username}
    first = life.begin(username=keeper, grant=grant)
    assert life.admin.key(first)["username"] == life.username
    assert not life.run(username=keeper, grant=grant).changed


def test_a_grant_with_a_wrong_password_leaves_nothing(life: Life) -> None:
    keeper = life.make_user("keeper", KEEPER)
    ran = life.run(username=keeper, grant={"username": life.username, "password": "not-the-one"})
    assert ran.error is not None
    assert "not-the-one" not in ran.words
    assert life.alive() == []
    assert life.record["intent"] == []


def test_running_as_the_owner(life: Life) -> None:
    actor = life.make_user("actor", {"cluster": ["monitor"], "run_as": [life.username]})
    options = {"username": actor, "run_as": life.username}
    first = life.begin(**options)
    assert life.admin.key(first)["username"] == life.username
    assert not life.run(**options).changed
    assert not life.run().changed, "the owner itself finds its own key"
    assert life.run(**options, overlap="1h", **life.due()).retired == {first: "expires"}


def test_a_login_by_api_key_cannot_make_keys_and_says_what_can(life: Life, proxy: Proxy) -> None:
    login = life.make_key(role_descriptors={"all": NARROW}, name=life.unique("login"))
    proxy.forget()
    ran = life.run(api_key=login["encoded"])
    assert ran.code == "refused"
    for alternative in ("user", "grant", "clone"):
        assert alternative in ran.words
    assert proxy.writes() == []
    assert not life.path.exists()


def test_a_login_by_api_key_does_not_revoke_itself(life: Life, proxy: Proxy) -> None:
    login = life.make_key(role_descriptors={"all": NARROW})
    proxy.forget()
    ran = life.run(api_key=login["encoded"], store=None, state="absent")
    assert ran.code == "refused"
    assert proxy.writes() == []
    assert life.works(life.login_as(login))


def test_finding_13_a_clone_succeeds_the_key_that_logs_in(life: Life, admin: Admin, proxy: Proxy) -> None:
    """The stored key makes its successor; the predecessor is invisible to it and ends itself, with the secret that the record keeps."""
    may_clone = {"cluster": ["monitor", "manage_own_api_key", "clone_api_key"]}
    if admin.server.version.startswith("8."):
        life.begin(role_descriptors={"own": NARROW})
        ran = life.run(api_key=life.encoded, method="clone", **life.due())
        assert ran.code == "refused"
        assert "9.4" in ran.words
        assert life.works()
        return
    life.narrow(may_clone)
    clone: dict[str, Any] = {"method": "clone", "role_descriptors": None, "expiration": "1h"}
    clone.update(overlap="2s", settle="1s")
    first = life.begin(role_descriptors={"own": may_clone}, expiration="1h")
    first_login = life.stored
    proxy.forget()
    ran = life.run(api_key=life.encoded, **clone, **life.due())
    assert ran.changed, ran
    assert life.current != first
    assert life.works()
    assert life.works(first_login)
    assert [previous["id"] for previous in life.record["previous"]] == [first]
    time.sleep(2.1)
    ran = life.run(api_key=life.encoded, **clone)
    assert ran.retired == {first: "revoked"}, ran
    assert not life.works(first_login)
    assert life.alive() == [life.current]
    assert not life.run(api_key=life.encoded, **clone).changed


# Other servers: each has an emulator of its own.


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, unique: UniqueNames, tmp_path: Path) -> Iterator[Life]:
    """A key's life on an emulator with these options, as its superuser."""
    with emulator(*request.param) as server:
        yield life_of_superuser(server, unique, tmp_path)


def life_of_superuser(server: Server, unique: UniqueNames, folder: Path) -> Life:
    admin = Admin(server)
    life = Life.__new__(Life)
    life.admin, life.unique, life.litter = admin, unique, Litter(admin)
    life.url, life.name, life.folder, life.path = server.url, unique("key"), folder, folder / "key.json"
    life.username, life.password, life.login = server.username, server.password, admin.login
    return life


@pytest.mark.parametrize("elsewhere", [["--flavor", "serverless"]], indirect=True, ids=["serverless"])
def test_serverless(elsewhere: Life) -> None:
    """The same life with what is public there; the rest is refused by name, before anything is written."""
    life = elsewhere
    first = life.begin(expiration="1h")
    assert not life.run(expiration="1h").changed
    assert life.run(expiration="2h", renew_before="90m", on_due="extend").changed
    assert life.current == first
    assert life.run(overlap="30m", **life.due()).retired == {first: "expires"}
    remote = {"writer": {"remote_indices": [{"names": ["a"], "privileges": ["read"], "clusters": ["b"]}]}}
    grant = {"username": "somebody", "password": PASSWORD}
    for options, named in (
        ({"role_descriptors": remote}, "remote_indices"),
        ({"grant": grant, "store": None}, "grant"),
    ):
        ran = life.run(return_secret=True, **options)
        assert ran.code == "refused", ran
        assert named in ran.words
        assert "serverless" in ran.words
    assert life.run(state="absent").changed
    assert life.alive() == []


@pytest.mark.parametrize("elsewhere", [["--version", "8.12.0"]], indirect=True, ids=["8.12"])
def test_before_8_13_a_predecessor_is_left_and_revoked_by_a_later_run(elsewhere: Life) -> None:
    life = elsewhere
    first = life.begin()
    ran = life.run(overlap="2s", settle="1s", **life.due_by(life.admin.key(first)["creation"]))
    assert ran.retired == {first: "left"}
    assert [previous["id"] for previous in life.record["previous"]] == [first]
    assert life.alive() == [first, life.current]
    time.sleep(2)
    assert life.run(overlap="2s", settle="1s").retired == {first: "revoked"}
    assert life.alive() == [life.current]
    ran = life.run(expiration="2h", renew_before="1h", on_due="extend", state="present")
    assert ran.code == "refused"
    assert "8.13" in ran.words
