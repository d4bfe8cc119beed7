# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run concludes from each state that an earlier run, a server or a person may have left behind.

First the state table of a key's life, row by row; then what was found out about real servers (`finding_N`), as far as the code
answers to it.
"""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from support.admin import PASSWORD, Admin, UniqueNames
from support.cross_life import CrossClusterLife
from support.life import NARROW, PASSED_ON, Life, Litter
from support.proxy import Proxy, after, answer, before, refuse_login, reset, rewrite

SEARCH = "_query/api_key"
AUTHENTICATE = "_authenticate"
KEY = "/_security/api_key"
DAY_MS = 24 * 3600 * 1000

# A key that may be used for nothing but one workflow answers everything else with 403.
RESTRICTED = {
    "search": {
        "indices": [{"names": ["logs-*"], "privileges": ["read"]}],
        "restriction": {"workflows": ["search_application_query"]},
    }
}


LIVES = (Life, CrossClusterLife)
# What only user keys know: grants, restrictions, rights that come from their owner.
user_keys = pytest.mark.parametrize("life", [Life], ids=["es_api_key"], indirect=True)


@pytest.fixture(params=LIVES, ids=[made.kind.name for made in LIVES])
def life(request: pytest.FixtureRequest, admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter) -> Life:
    made: Life = request.param(admin, unique, tmp_path, litter)
    return made


def assert_untouched(life: Life, proxy: Proxy, ran: Any, record: bytes, code: str) -> None:
    """Failed with this code, wrote nothing, left a stored secret that works."""
    assert ran.code == code, ran
    assert proxy.writes() == []
    assert life.path.read_bytes() == record
    assert life.works()


# Row 1: the stored secret answers 200 or 403, nothing is due.


def test_a_working_key_that_is_not_due_is_left_alone(life: Life, proxy: Proxy) -> None:
    life.begin()
    life.run(overlap="1h", **life.due())
    before_run = life.path.read_bytes()
    proxy.forget()
    assert not life.run().changed
    assert proxy.writes() == []
    assert life.path.read_bytes() == before_run


@user_keys
def test_403_proves_a_restricted_key(life: Life, proxy: Proxy) -> None:
    life.narrow({**NARROW, "indices": [{"names": ["logs-*"], "privileges": ["read"]}]})
    life.begin(role_descriptors=RESTRICTED)
    assert [one.status for one in proxy.log if one.method == "GET" and KEY in one.target] == [403]
    proxy.forget()
    assert not life.run(role_descriptors=RESTRICTED).changed
    assert proxy.writes() == []


# Row 2: an intent without a key.


def test_an_intent_without_a_key_is_left_where_nothing_is_due(life: Life, proxy: Proxy) -> None:
    life.begin()
    life.tamper(intent=[{"nonce": "n" * 32, "at": life.server_time()}])
    record = life.path.read_bytes()
    proxy.forget()
    assert not life.run().changed
    assert proxy.writes() == []
    assert life.path.read_bytes() == record


def test_an_intent_without_a_key_is_fenced_where_one_is_due(life: Life) -> None:
    first = life.begin()
    young, old = ({"nonce": name * 32, "at": life.server_time() - age} for name, age in (("y", 0), ("o", 2 * DAY_MS)))
    life.tamper(intent=[young, old])
    serial = life.record["serial"]
    assert life.run(**life.due()).changed
    assert life.record["serial"] > serial
    assert [intent["nonce"] for intent in life.record["intent"]] == [young["nonce"]], "given up after a day, not before"
    assert life.works()
    assert life.alive() == [first, life.current]


# Row 3: a key carries an intent's nonce and is neither current nor previous.


def test_the_key_of_an_intent_is_revoked_after_a_fence(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    orphan = life.make_key(metadata=life.mark("a" * 32))
    life.tamper(intent=[{"nonce": "a" * 32, "at": life.server_time()}])
    serial = life.record["serial"]
    serials: list[int] = []
    proxy.on("DELETE", KEY, before(lambda: serials.append(life.record["serial"])))
    ran = life.run()
    assert ran.changed
    assert "did not finish" in ran.reasons
    assert serials == [serial + 1], "the fence comes before the revocation"
    assert life.alive() == [first]
    assert not life.works(life.login_as(orphan))
    assert life.record["intent"] == []
    assert not life.run().changed


def test_an_orphan_of_a_first_creation_is_revoked_and_the_key_is_made(life: Life) -> None:
    life.begin()
    orphan = life.current
    nonce = life.admin.key(orphan)["metadata"]["keysmith"]["nonce"]
    life.tamper(current=None, intent=[{"nonce": nonce, "at": life.server_time()}])
    assert life.run().changed
    assert life.alive() == [life.current]
    assert life.current != orphan
    assert life.works()


# Row 4: a previous lives longer than its overlap.


def test_a_predecessor_that_was_not_retired_is_shortened(life: Life) -> None:
    current = life.begin()
    old = life.make_key(expiration="90d")
    life.tamper(previous=[{"id": old["id"], "ends": life.server_time() + 3600_000}])
    ran = life.run(overlap="2h")
    assert ran.changed
    assert ran.retired == {old["id"]: "expires"}
    assert 3500 < life.remaining(old["id"]) <= 3601, "the noted end is nearer than the overlap"
    assert life.current == current
    assert not life.run(overlap="2h").changed


def test_a_predecessor_whose_overlap_is_over_is_revoked(life: Life) -> None:
    life.begin()
    old = life.make_key()
    life.tamper(previous=[{"id": old["id"], "ends": life.server_time() - 1000}])
    assert life.run().retired == {old["id"]: "revoked"}
    assert life.alive() == [life.current]
    assert not life.run().changed


# Rows 5 to 8: what a 401 means depends on its words.


def test_an_expired_key_is_replaced(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    life.end(first)
    time.sleep(1.1)
    proxy.forget()
    ran = life.run()
    assert ran.changed
    assert "expired" in ran.reasons
    assert life.alive() == [life.current]
    assert life.works()
    assert [one.method for one in proxy.writes()] == ["POST"], "there is nothing to shorten"
    assert life.record["previous"] == []


def test_an_invalidated_key_is_replaced(life: Life, proxy: Proxy) -> None:
    life.admin.invalidate(life.begin())
    proxy.forget()
    ran = life.run()
    assert ran.changed
    assert "invalidated" in ran.reasons
    assert life.alive() == [life.current]
    assert life.works()
    assert [one.method for one in proxy.writes()] == ["POST"]


def test_a_key_that_is_gone_from_its_cluster_is_replaced(life: Life) -> None:
    first = life.begin()
    life.tamper(current={"id": "AAAAAAAAAAAAAAAAAAAA", "api_key": "x" * 22, "expiration": None})
    ran = life.run()
    assert ran.changed
    assert "unable to find apikey" in ran.reasons
    assert life.works()
    # By its mark it is known as made for this store: it gets its overlap.
    assert life.remaining(first) <= 24 * 3600


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_key_of_another_cluster_is_refused(life: Life, proxy: Proxy, state: str) -> None:
    life.begin()
    life.tamper(cluster_uuid="another", current={"id": "AAAAAAAAAAAAAAAAAAAA", "api_key": "x" * 22, "expiration": None})
    record = life.path.read_bytes()
    proxy.forget()
    ran = life.run(state=state)
    assert ran.code == "refused"
    assert "another cluster" in ran.words
    assert proxy.writes() == []
    assert life.path.read_bytes() == record


def test_a_corrupt_store_is_due_and_its_key_becomes_a_predecessor(life: Life) -> None:
    first = life.begin()
    right = life.stored
    life.tamper(current={**life.record["current"], "api_key": "x" * 22})
    ran = life.run(overlap="1h")
    assert ran.changed
    assert "corrupt" in ran.reasons
    assert life.works()
    assert [previous["id"] for previous in life.record["previous"]] == [first]
    assert life.works(right), "somebody may still use the secret that the store has lost"
    assert life.remaining(first) <= 3601


ENCOUNTERED = refuse_login("apikey authentication for id x encountered a failure")


@pytest.mark.parametrize(
    "fault",
    [ENCOUNTERED, refuse_login("words of a later release"), answer(401, {}), answer(500), answer(503), reset],
    ids=["encountered", "other-words", "no-words", "500", "503", "reset"],
)
def test_a_secret_that_is_neither_proven_nor_refuted_stops_the_run(life: Life, proxy: Proxy, fault: Any) -> None:
    life.begin()
    proxy.forget()
    proxy.on("GET", KEY, fault, login="ApiKey", times=None)
    ran = life.run(**life.due())
    assert_untouched(life, proxy, ran, life.path.read_bytes(), "answer_lost" if fault is reset else "unproven")


@pytest.mark.parametrize(("path", "code"), [(AUTHENTICATE, "unauthorized"), (SEARCH, "unauthorized")])
def test_a_login_that_is_refused_stops_the_run(life: Life, proxy: Proxy, path: str, code: str) -> None:
    life.admin.invalidate(life.begin())
    proxy.forget()
    proxy.on("", path, answer(401), login="Basic", times=None)
    record = life.path.read_bytes()
    assert life.run().code == code
    assert proxy.writes() == [], "even a secret that is refuted may not be believed without a login that works"
    assert life.path.read_bytes() == record


# Row 9: the secret works, but the search does not show the key.


def test_a_key_that_logs_in_exists_whatever_the_search_shows(life: Life, proxy: Proxy) -> None:
    life.begin()
    proxy.forget()
    proxy.on("POST", SEARCH, rewrite(lambda body: {**body, "total": 0, "count": 0, "api_keys": []}), times=None)
    assert not life.run().changed
    # A key made with refresh=false logs in at once and is found by its id a second later.
    proxy.on("GET", KEY, answer(404), login="ApiKey", times=None)
    assert not life.run().changed
    assert proxy.writes() == []


# Rows 10 and 11: our store's mark on a key that the record does not know.


def test_a_restored_store_is_due_and_its_lost_successor_is_shortened_not_revoked(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    backup = life.folder / "backup.json"
    shutil.copy(life.path, backup)
    life.run(overlap="1h", **life.due())
    second, second_login = life.current, life.stored
    shutil.copy(backup, life.path)
    proxy.forget()
    ran = life.run(overlap="30m")
    assert ran.changed
    assert "restored or overwritten" in ran.reasons
    assert life.current not in (first, second)
    assert life.works()
    assert life.works(second_login)
    assert life.remaining(second) <= 1801
    assert life.remaining(first) <= 1801
    assert [one.method for one in proxy.writes()][0] == "POST", "the successor comes first"
    assert {previous["id"] for previous in life.record["previous"]} == {first, second}
    assert not life.run(overlap="30m").changed


def test_a_lost_store_is_due_and_the_key_it_held_is_shortened_not_revoked(life: Life, proxy: Proxy) -> None:
    first, login = life.begin(), life.stored
    life.path.unlink()
    proxy.forget()
    ran = life.run(overlap="30m")
    assert ran.changed
    assert "the store was lost" in ran.reasons
    assert life.works()
    assert life.works(login)
    assert life.remaining(first) <= 1801
    assert [one.method for one in proxy.writes()] == ["POST", "PUT"]
    assert [previous["id"] for previous in life.record["previous"]] == [first]


# Row 12: the same name, no mark or another store's mark.


@pytest.mark.parametrize("duplicates", ["warn", "retire", "fail"])
def test_strangers_of_the_same_name(life: Life, proxy: Proxy, duplicates: str) -> None:
    """What somebody else uses is never cleaned up; what nobody marked goes only on demand."""
    current = life.begin()
    unmarked = life.make_key()["id"]
    another_host = life.make_key(metadata=life.mark(store="0123456789abcdef"))["id"]
    proxy.forget()
    ran = life.run(duplicates=duplicates, overlap="1h")
    if duplicates == "fail":
        assert ran.code == "refused"
    elif duplicates == "warn":
        assert not ran.changed
    else:
        assert ran.retired == {unmarked: "expires"}
        assert life.remaining(unmarked) <= 3601
    if duplicates != "retire":
        assert proxy.writes() == []
        assert unmarked in ran.told + ran.words
        assert life.remaining(unmarked) == float("inf")
    assert another_host in ran.told + ran.words
    assert life.remaining(another_host) == float("inf")
    assert life.current == current


# Row 13: a previous that this login cannot update.


@user_keys
def test_a_predecessor_that_cannot_be_updated_stays_listed_and_is_revoked_by_a_login_that_can(life: Life) -> None:
    keeper = life.make_user("keeper", {"cluster": ["monitor", "grant_api_key", "manage_api_key"]})
    grant = {"username": life.username, "password": PASSWORD}
    options: dict[str, Any] = {"username": keeper, "grant": grant, "overlap": "2s", "settle": "2s"}
    first = life.begin(**options)
    assert life.admin.key(first)["username"] == life.username
    ran = life.run(**options, **life.due())
    assert ran.retired == {first: "left"}
    assert "cannot be shortened by this login" in ran.told
    assert [previous["id"] for previous in life.record["previous"]] == [first]
    assert life.alive() == [first, life.current]
    time.sleep(2)
    assert life.run(**options).retired == {first: "revoked"}
    assert life.alive() == [life.current]
    assert not life.run(**options).changed


# What was found out about real servers.


def test_finding_01_a_node_that_starts_refuses_right_secrets_and_nobody_believes_it(life: Life, proxy: Proxy) -> None:
    life.begin()
    proxy.forget()
    proxy.on("", "", ENCOUNTERED, times=None)
    assert_untouched(life, proxy, life.run(force_rotate=True), life.path.read_bytes(), "unauthorized")


def test_finding_03_a_run_that_was_overtaken_stores_nothing_that_another_has_revoked(life: Life, proxy: Proxy) -> None:
    """The second run looks, fences and cleans up between the first one's create and its write to the store."""
    first = life.begin()
    due = life.due()
    direct = life.beside_the_proxy()
    others: list[Any] = []
    proxy.on("POST", life.creates, after(lambda: others.append(direct.run(**due))))
    ran = life.run(**due)
    assert others[0].changed
    assert ran.code == "taken_over", ran
    assert life.works()
    assert life.alive() == [first, life.current]


def test_finding_03_absent_fences_before_it_revokes(life: Life, proxy: Proxy) -> None:
    """A rotation stores its key after the absent run has looked, and before that one revokes: what is stored stays alive."""
    life.begin()
    due = life.due()
    direct = life.beside_the_proxy()
    absent = life.options(state="absent")
    ended: list[Any] = []

    def end_it() -> None:
        # The rotation's key exists and is not stored yet; the other run looks, and is held up until it is stored.
        proxy.on("GET", "^/$", before(stored.wait))
        ended.append(threading.Thread(target=lambda: ended.append(life.run(**absent))))
        ended[0].start()
        looked.wait(10)

    looked, stored = threading.Event(), threading.Event()
    rotation_proxy = Proxy(life.admin.server.url)
    with rotation_proxy:
        direct.url = rotation_proxy.url
        rotation_proxy.on("POST", life.creates, after(end_it))
        proxy.on("POST", SEARCH, after(looked.set))
        ran = direct.run(**due)
        stored.set()
        ended[0].join(30)
    assert ran.changed, ran
    assert ended[1].code == "taken_over", ended[1]
    assert life.works()


def test_finding_06_a_key_that_no_search_shows_yet_is_revoked_all_the_same(life: Life, proxy: Proxy) -> None:
    """Behind a wrong load balancer the new key is unknown: it is undone, however often the server says 200 and does nothing."""
    proxy.on("GET", KEY, refuse_login("unable to find apikey with id x"), login="ApiKey")
    ran = life.run(refresh="false")
    assert ran.code == "unproven", ran
    time.sleep(1.1)
    assert life.alive() == []
    assert life.record["current"] is None
    assert life.record["intent"] == []


@user_keys
@pytest.mark.parametrize("all_rights", [False, True])
def test_finding_07_and_08_a_successor_of_a_narrowed_owner_is_revoked(
    life: Life, proxy: Proxy, all_rights: bool
) -> None:
    """It logs in, which proves no rights; and a predecessor that were shortened then would lose them, too."""
    options: dict[str, Any] = {"role_descriptors": None, "all_rights": True} if all_rights else {}
    first = life.begin(**options)
    life.narrow({"cluster": ["manage_own_api_key", "monitor"]})
    proxy.forget()
    ran = life.run(**options, **life.due())
    assert ran.code == "refused", ran
    assert "create_doc" in ran.words
    assert life.alive() == [first]
    assert life.current == first
    assert life.record["intent"] == []
    assert "PUT" not in [one.method for one in proxy.writes()], "a PUT would take the right from the predecessor"
    asked = {"index": [{"names": ["logs-a"], "privileges": ["create_doc"]}]}
    answered = life.admin.call("POST", "/_security/user/_has_privileges", asked, login=life.stored)
    assert answered.body["has_all_requested"] is True


@user_keys
def test_finding_07_a_successor_of_a_widened_owner_is_fine(life: Life) -> None:
    first = life.begin()
    life.narrow({**NARROW, "cluster": [*NARROW["cluster"], "manage_ilm"]})
    assert life.run(**life.due()).changed
    assert life.alive() == [first, life.current]


def test_finding_09_a_controller_whose_clock_is_behind_lengthens_nothing(life: Life, proxy: Proxy) -> None:
    slow = {"clock": lambda: int((time.time() - 7200) * 1000)}
    first = life.begin(expiration="23h", tools=slow)
    end = life.admin.key(first)["expiration"]
    proxy.forget()
    assert life.run(overlap="24h", tools=slow, **life.due()).retired == {first: "expires"}
    assert life.admin.key(first)["expiration"] == end
    assert [one.method for one in proxy.writes()] == ["POST"]
    assert not life.run(overlap="24h", tools=slow).changed


def test_finding_10_settle_is_the_least_overlap(life: Life, proxy: Proxy) -> None:
    """With an overlap of 0s the predecessor is revoked, but not before clients had time to come over."""
    first, old_login = life.begin(), life.stored
    seen: list[tuple[float, bool]] = []

    def look() -> None:
        seen.append((time.time() - life.path.stat().st_mtime, life.works(old_login)))

    proxy.on("DELETE", KEY, before(look))
    assert life.run(overlap="0s", settle="1s", **life.due()).retired == {first: "revoked"}
    ((waited, worked),) = seen
    assert worked
    assert waited >= 0.95
    assert not life.works(old_login)


def test_finding_10_an_overlap_shorter_than_settle_is_settle(life: Life) -> None:
    first = life.begin()
    life.run(overlap="1s", settle="1h", **life.due())
    assert 3500 < life.remaining(first) <= 3601


def test_finding_11_another_owner_with_the_same_store_is_refused(life: Life, proxy: Proxy) -> None:
    """Its predecessor would be invisible to that login, and live on."""
    life.begin()
    other = life.make_user("other", NARROW)
    proxy.forget()
    ran = life.run(username=other, force_rotate=True)
    assert_untouched(life, proxy, ran, life.path.read_bytes(), "refused")
    assert life.username in ran.words
    assert other in ran.words


@user_keys
def test_finding_11_a_deleted_owner_leaves_keys_that_another_login_retires(life: Life) -> None:
    life.begin()
    keeper = life.make_user("keeper", {"cluster": ["monitor", "manage_api_key"]})
    life.admin.ok("DELETE", f"/_security/user/{life.username}")
    assert life.works()
    assert life.run(username=keeper, owner=life.username, state="absent").changed
    assert life.alive() == []
    assert not life.path.exists()


@user_keys
def test_finding_12_a_grant_that_could_not_be_seen_or_revoked_is_refused(life: Life, proxy: Proxy) -> None:
    granter = life.make_user("granter", {"cluster": ["monitor", "grant_api_key", "manage_own_api_key"]})
    ran = life.run(username=granter, grant={"username": life.username, "password": PASSWORD})
    assert ran.code == "refused"
    assert "manage_api_key" in ran.words
    assert proxy.writes() == []
    assert not life.path.exists()


@user_keys
def test_finding_16_what_is_due_and_differs_is_rotated_once(life: Life, proxy: Proxy) -> None:
    first = life.begin()
    shown = life.admin.key(first)["role_descriptors"]
    wanted = {"reader": {"cluster": ["monitor"]}}
    proxy.forget()
    assert life.run(role_descriptors=wanted, **life.due()).changed
    assert len(proxy.creates()) == 1
    assert life.admin.key(life.current)["role_descriptors"].keys() == wanted.keys()
    assert life.admin.key(first)["role_descriptors"] == shown, "its secret keeps its rights until its end"


@user_keys
def test_finding_17_shortening_is_exact(life: Life) -> None:
    life.begin()
    old_login = life.stored
    life.run(overlap="2s", settle="1s", **life.due())
    assert life.works(old_login)
    deadline = time.monotonic() + 3
    while life.works(old_login) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not life.works(old_login)
    assert life.works()
    assert not life.run().changed


@user_keys
def test_finding_17_running_as_the_owner_shortens_a_granted_key(life: Life) -> None:
    keeper = life.make_user(
        "keeper", {"cluster": ["monitor", "grant_api_key", "manage_api_key"], "run_as": [life.username]}
    )
    first = life.begin(username=keeper, grant={"username": life.username, "password": PASSWORD})
    ran = life.run(username=keeper, run_as=life.username, overlap="1h", **life.due())
    assert ran.retired == {first: "expires"}, ran
    assert life.remaining(first) <= 3601
    assert life.alive() == [first, life.current]


def test_a_key_is_due_by_its_end(life: Life) -> None:
    first = life.begin(expiration="1h", renew_before="20%")
    time.sleep(1.1)
    ran = life.run(expiration="1h", renew_before="3599s")
    assert ran.changed
    assert "renew_before" in ran.reasons
    assert life.alive() == [first, life.current]


@user_keys
def test_what_the_login_passes_on_is_enough_for_all_of_it(life: Life) -> None:
    """The narrow role of these tests: no other privilege is needed."""
    assert life.admin.ok("GET", f"/_security/role/{life.username}")[life.username]["cluster"] == NARROW["cluster"]
    assert life.begin()
    assert life.admin.key(life.current)["role_descriptors"]["writer"]["cluster"] == PASSED_ON["cluster"]
