# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of key of Elastic Cloud and ECE keeps the laws, on the emulated services; by enumeration (support/cloud_life.py).

Their services are nowhere to be had, so this runs once, and not beside every Elasticsearch.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from support.cloud_life import KEYS, CloudLife, told


@pytest.fixture
def life(cloud_life: CloudLife) -> CloudLife:
    """Here every key is one of those."""
    return cloud_life


def test_a_key_comes_stays_and_goes(life: CloudLife) -> None:
    predicted = life.ok(check=True)
    assert predicted["changed"] and predicted["key"]["id"] is None
    assert life.service.writes() == []
    assert life.living() == [] and not life.path.exists()
    made = life.ok()
    assert made["changed"] and made["reasons"] == predicted["reasons"] and made["diff"] == predicted["diff"]
    same = ("name", "type", "owner", "realm", "state", "managed_by", "metadata", "invalidation")
    assert {name: made["key"][name] for name in same} == {name: predicted["key"][name] for name in same}
    assert life.living() == [made["key"]["id"]] == [life.current]
    assert life.works()
    life.service.forget()
    for check in (False, True):
        again = life.ok(check=check)
        assert not again["changed"] and again["diff"]["before"] == again["diff"]["after"]
    assert len(life.service.requests()) == 2 * (2 + life.kind.asks), "the proof and the list, each time"
    gone = life.ok(state="absent")
    assert gone["changed"] and gone["key"] is None
    assert life.living() == [] and not life.path.exists()
    assert not life.ok(state="absent")["changed"]


def test_a_secret_is_returned_only_where_it_is_wanted(life: CloudLife) -> None:
    made = life.ok(store=None, return_secret=True)
    secret = made["secret"]
    assert set(secret) == {"id", "api_key", "encoded"}
    assert secret["api_key"] == secret["encoded"] and life.service.works(secret["encoded"])
    again = life.ok(store=None, return_secret=True)
    assert not again["changed"] and again["secret"] == dict.fromkeys(secret)
    refused = life.run(store=None, description="another")
    assert "would be lost" in refused["msg"]


def test_what_differs_gets_a_successor_and_a_later_run_revokes_the_predecessor(life: CloudLife) -> None:
    if life.kind.changed is None:
        pytest.skip("such keys have nothing that could differ")
    life.ok()
    first, old = life.current, life.secrets()[0]
    predicted = life.ok(check=True, **life.kind.changed)
    rotated = life.ok(**life.kind.changed)
    assert rotated["reasons"] == predicted["reasons"]
    assert "cannot update" in rotated["reasons"][0] and "a run after that revokes it" in rotated["reasons"][1]
    assert [(one["id"], one["how"]) for one in rotated["previous"]] == [(first, "left")]
    assert life.current != first and life.works() and life.service.works(old)
    assert [one["id"] for one in life.record["previous"]] == [first]
    assert not life.ok(**life.kind.changed)["changed"], "its overlap is not over yet"
    life.service.advance("25h")
    later = life.ok(**life.kind.changed)
    assert later["changed"] and [(one["id"], one["how"]) for one in later["previous"]] == [(first, "revoked")]
    assert life.living() == [life.current] and life.works() and not life.service.works(old)
    assert not life.ok(**life.kind.changed)["changed"]


def test_what_is_due_gets_a_successor(life: CloudLife) -> None:
    life.ok(expiration="10d", renew_before="2d")
    first = life.current
    life.service.advance("7d")
    assert not life.ok(expiration="10d", renew_before="2d")["changed"]
    life.service.advance("2d")
    rotated = life.ok(expiration="10d", renew_before="2d", overlap="0s")
    assert "less than renew_before 2d" in rotated["reasons"][0]
    assert [one["how"] for one in rotated["previous"]] == ["revoked"]
    assert life.living() == [life.current] != [first]


def test_handover_waits_for_its_confirmation(life: CloudLife) -> None:
    life.ok()
    first = life.current
    waiting = life.ok(force_rotate=True, retire=False, overlap="0s")
    assert [(one["id"], one["how"]) for one in waiting["previous"]] == [(first, "waits")]
    assert waiting["stored"]["confirmed"] is False and len(life.living()) == 2
    confirmed = life.ok(overlap="0s")
    assert confirmed["stored"]["confirmed"] is True
    assert life.living() == [life.current]


def test_nothing_can_be_done_in_place(life: CloudLife) -> None:
    life.ok()
    assert f"no {life.kind.kind.rules.noun} can be extended" in life.run(on_due="extend", force_rotate=True)["msg"]
    if life.kind.changed is not None:
        assert "cannot be updated in place" in life.run(on_drift="update", **life.kind.changed)["msg"]
    assert life.living() == [life.current]


@pytest.mark.parametrize("expired_keys", ["hidden", "listed"])
def test_a_dead_key_is_replaced(life: CloudLife, expired_keys: str) -> None:
    life.service.switch(expired_keys=expired_keys)
    life.ok(expiration="1d")
    first = life.current
    life.service.advance("2d")
    expired = life.ok(expiration="1d")
    assert "is dead" in expired["reasons"][0] and life.works()
    second = life.current
    assert life.service.call("DELETE", f"{KEYS}/{second}")[0] == 200
    gone = life.ok(expiration="1d")
    assert f"the stored key {second} is dead" in gone["reasons"][0] and "there is no key" in gone["reasons"][0]
    assert life.works() and not {first, second} & set(life.living()) - {first}
    assert not life.ok(expiration="1d")["changed"]


def test_a_refused_secret_of_a_living_key_proves_nothing(life: CloudLife) -> None:
    life.ok()
    life.tamper(api_key="essu_something-else")
    before = life.path.read_text()
    refused = life.run()
    assert refused["failure"]["code"] == "unproven" and "shown as a living one" in refused["msg"]
    assert life.path.read_text() == before and len(life.living()) == 1


def test_a_service_that_fails_proves_nothing(life: CloudLife) -> None:
    life.ok()
    before, keys = life.path.read_text(), life.living()
    life.service.fail("status", "GET", f"{KEYS}/", status=500)
    assert life.run()["failure"]["code"] == "unproven"
    life.service.fail("html", "GET", f"{KEYS}$", status=502)
    assert life.run()["failed"]
    assert life.path.read_text() == before and life.living() == keys


def test_a_login_that_is_refused(life: CloudLife) -> None:
    refused = life.run(api_key="essu_nobody")
    assert refused["failure"]["code"] == "unauthorized" and "Check the login" in refused["msg"]
    assert life.living() == [] and not life.path.exists()


def test_others_of_the_same_description(life: CloudLife) -> None:
    other = life.service.make(life.name)["id"]
    life.ok()
    warned = life.ok()
    assert not warned["changed"] and other in told(warned)
    assert other in life.run(duplicates="fail")["msg"]
    assert life.ok(duplicates="retire", overlap="0s")["changed"]
    assert life.living() == [life.current]
    assert life.service.make("shipper-2")["id"] in life.service.keys("shipper-2")
    life.ok(state="absent")
    assert len(life.service.keys("shipper-2")) == 1, "a description is no prefix"


def test_one_key_by_its_id(life: CloudLife) -> None:
    one, two = (life.service.make(life.name)["id"] for _each in range(2))
    by_id = {"store": None, "description": None, **dict.fromkeys(life.kind.opens)}
    found = life.ok(**by_id, id=one, expiration=None)
    assert not found["changed"] and found["key"]["id"] == one
    assert "a new key has a new id" in life.run(**by_id, id=one, expiration=None, force_rotate=True)["msg"]
    assert life.ok(**by_id, id=one, state="absent")["changed"]
    assert life.living() == [two]
    assert not life.ok(**by_id, id=one, state="absent")["changed"]


@pytest.mark.parametrize("mark", [False, True], ids=["plain", "marked"])
def test_a_create_that_loses_its_answer(life: CloudLife, mark: bool) -> None:
    life.service.fail("lost_answer")
    made = life.ok(mark_description=mark)
    assert "answer to a create was lost" in told(made) and "revoked" in told(made)
    assert life.living() == [life.current] and life.works()
    assert not life.ok(mark_description=mark)["changed"]


def test_a_create_that_times_out_after_the_key_was_made(life: CloudLife) -> None:
    life.service.fail("timeout", seconds=1.5)
    made = life.ok(timeout=0.5)
    assert "answer to a create was lost" in told(made) and "revoked" in told(made)
    assert life.living() == [life.current] and life.works()


@pytest.mark.parametrize("mark", [False, True], ids=["plain", "marked"])
def test_a_create_that_arrives_after_everybody_has_looked(life: CloudLife, mark: bool) -> None:
    """No search of that run can find it: the next one says what it is, or knows it by the mark."""
    # By a key: a session would have ended when the request arrives.
    login = life.service.make("login")["key"]
    # With a mark it looks twice.
    life.service.fail("late", seconds=2.5 if mark else 0.5)
    made = life.ok(mark_description=mark, api_key=login)
    assert "no key of the lost one was found" in told(made)
    deadline = time.monotonic() + 10
    while len(life.living()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    (orphan,) = set(life.living()) - {life.current}
    later = life.ok(mark_description=mark)
    assert life.works()
    if mark:
        assert orphan in " ".join(later["reasons"]) and life.living() == [life.current]
    else:
        assert orphan in told(later) and not later["changed"] and orphan in life.living()


def test_slow_and_shuffled_answers_change_nothing(life: CloudLife) -> None:
    life.service.fail("slow", seconds=0.3, times=1)
    life.service.fail("shuffle", method="GET", times=-1)
    life.ok()
    assert not life.ok()["changed"] and life.works()


def test_a_redirect_is_not_followed(life: CloudLife) -> None:
    """A key would be sent to whoever is named there."""
    life.service.fail("redirect", method="GET", location="http://127.0.0.1:9/elsewhere")
    refused = life.run()
    assert "redirect" in refused["msg"] and life.living() == [] and not life.path.exists()


@pytest.mark.parametrize("mark", [False, True], ids=["plain", "marked"])
def test_a_create_that_was_never_carried_out(life: CloudLife, mark: bool) -> None:
    life.service.fail("reset")
    life.ok(mark_description=mark)
    assert life.living() == [life.current] and life.works()
    assert not life.ok(mark_description=mark)["changed"]


@pytest.mark.parametrize("doubt", ["a stranger", "no time", "no creator", "no store"])
def test_what_is_not_certainly_ours_is_named_and_lives(life: CloudLife, doubt: str) -> None:
    stranger = [life.service.make(life.name)["id"]] if doubt == "a stranger" else []
    life.service.switch(date_header=doubt != "no time", absent_fields=["user_id"] if doubt == "no creator" else [])
    life.service.fail("lost_answer")
    where = {"store": None, "return_secret": True} if doubt == "no store" else {}
    made = life.ok(**where, **({"force_rotate": True} if stranger else {}))
    (orphan,) = set(life.living()) - {made["key"]["id"], *stranger}
    assert orphan in told(made) and "somebody else's" in told(made)
    assert set(stranger) <= set(life.living())


def test_with_the_mark_it_is_certain_all_the_same(life: CloudLife) -> None:
    stranger = life.service.make(life.name)["id"]
    life.service.switch(date_header=False, absent_fields=["user_id"])
    life.service.fail("lost_answer")
    life.ok(mark_description=True)
    assert set(life.living()) == {stranger, life.current}
    assert life.service.keys()[life.current].startswith("shipper [ks:")


def test_a_marked_orphan_of_a_run_that_died_goes_in_the_next(life: CloudLife) -> None:
    life.ok(mark_description=True)
    nonce = "0123456789ab" + "c" * 20
    orphan = life.service.make(f"{life.name} [ks:0123456789ab]")["id"]
    record = life.record
    life.path.write_text(json.dumps({**record, "intent": [{"nonce": nonce, "at": 1_900_000_000_000}]}))
    swept = life.ok(mark_description=True)
    assert swept["changed"] and orphan in swept["reasons"][0]
    assert life.living() == [life.current]


def test_the_end_that_the_service_gives(life: CloudLife) -> None:
    life.service.switch(default_expiration="90d")
    strict = life.run(expiration="never", strict_expiration=True)
    assert "another end" in strict["msg"] and "strict_expiration" in strict["msg"]
    assert life.living() == [] and life.record["current"] is None
    life.path.unlink()
    made = life.ok(expiration="never")
    assert made["changed"] and "another end" in told(made)
    again = life.ok(expiration="never")
    assert not again["changed"] and "a successor might get such an end, too" in told(again)
    assert life.ok(expiration="30d")["changed"], "more than that is left"
    life.service.switch(default_expiration=None)
    assert life.ok(expiration="never", overlap="0s")["changed"]
    assert not life.ok(expiration="never")["changed"]
    assert life.record["current"]["expiration"] is None


def test_many_keys_cost_one_request_for_each_page(life: CloudLife) -> None:
    life.service.switch(page_size=20, key_limit=None)
    life.ok()
    there = len(life.service.keys())
    life.service.seed(500 - there)
    life.service.forget()
    assert not life.ok()["changed"]
    assert len(life.service.requests()) == life.kind.asks + 1 + 25


def test_the_login_renews_itself_and_hands_over_to_its_successor(life: CloudLife) -> None:
    life.ok(**life.kind.alike)
    itself = {"login_store": str(life.path), **life.kind.alike}
    first, old = life.current, life.secrets()[0]
    refused = life.run(**itself, state="absent")
    assert "is the one of this login" in refused["msg"] and life.works()
    predicted = life.ok(**itself, check=True, force_rotate=True, overlap="0s")
    rotated = life.ok(**itself, force_rotate=True, overlap="0s")
    assert rotated["reasons"] == predicted["reasons"]
    assert f"{first} is the key of this login: its successor sees to its end" in " ".join(rotated["reasons"])
    assert rotated["login"]["key_id"] == first and [one["how"] for one in rotated["previous"]] == ["revoked"]
    assert life.living() == [life.current] and life.works() and not life.service.works(old)
    # With an overlap both live, and the run after that is the successor's.
    second = life.current
    assert life.ok(**itself, force_rotate=True)["previous"][0]["how"] == "left" and len(life.living()) == 2
    life.service.advance("25h")
    retired = life.ok(**itself)
    assert retired["login"]["key_id"] == life.current and [one["id"] for one in retired["previous"]] == [second]
    assert life.living() == [life.current] and not life.ok(**itself)["changed"]


def test_a_login_that_is_given_as_text_hands_over_too(life: CloudLife) -> None:
    """A playbook that has the old text still, after the overlap."""
    life.ok(**life.kind.alike)
    # By its end alone the service tells which key that is.
    as_text = {"api_key": life.secrets()[0], "expiration": "120d", **life.kind.alike}
    assert life.ok(**as_text, force_rotate=True)["changed"] and len(life.living()) == 2
    life.service.fail("status", "DELETE", f"{KEYS}/", status=403)
    kept = life.ok(**as_text, overlap="0s")
    assert "may not revoke it" in told(kept) and len(life.living()) == 2
    assert life.ok(**as_text, overlap="0s")["changed"]
    assert life.living() == [life.current] and life.works()


def test_the_end_of_the_login_is_told_and_warned_of(life: CloudLife) -> None:
    login = life.service.make("login", expiration="10d")
    for form in ("rfc3339", "http_date", "epoch_seconds"):
        life.service.switch(expiration_header=form)
        made = life.ok(api_key=login["key"])
        assert made["login"]["key_id"] == login["id"] and made["login"]["expiration"].endswith("Z")
        assert f"The API key {login['id']} of this login ends in" in told(made)
        assert "ends in" not in told(life.ok(api_key=login["key"], warn_login_expires="1d"))


def test_what_the_info_module_tells(life: CloudLife) -> None:
    life.ok(mark_description=True)
    for number in range(3):
        life.service.make(f"ci-{number}", expiration=f"{10 * (number + 1)}d")
    life.service.switch(page_size=2, order="shuffled")
    everything = life.info()
    assert everything["total"] == len(life.service.keys()) and not everything["changed"]
    assert [key["creation"] for key in everything["api_keys"]] == sorted(
        key["creation"] for key in everything["api_keys"]
    )
    (own,) = life.info(description=[life.name])["api_keys"]
    assert own["managed_by"] == "keysmith.elastic" and own["description"].startswith(f"{life.name} [ks:")
    assert [key["name"] for key in life.info(description_pattern=["ci-*"], expiring_within="25d")["api_keys"]] == [
        "ci-0",
        "ci-1",
    ]
    assert life.info(id=[own["id"]], never_expires=True)["total"] == 0
    assert life.info(user_id=own["user_id"])["total"] == everything["total"]
    nobody = life.info(user_id="nobody", state=["any"])
    if life.service.owner is None:
        assert nobody["total"] == 0
    else:
        assert nobody["failure"]["code"] == "forbidden", "it takes an administrator to look"
    assert "contradicts" in life.info(expiring_within="1d", never_expires=True)["msg"]


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"description": ""}, ("description is empty",)),
        ({"description": " x"}, ("white space",)),
        ({"description": "x [ks:0123456789ab]"}, ("mark_description",)),
        ({"description": None}, ("Neither name nor id",)),
        ({"expiration": "90m"}, ("whole hours", "90d")),
        ({"expiration": "1y"}, ("years",)),
        ({"expiration": "2020-01-01"}, ("has passed",)),
        ({"renew_before": "90d"}, ("renew_before 90d is not shorter",)),
        ({"on_due": "extend", "expiration": None}, ("on_due: extend",)),
        ({"id": "x"}, ("id and store are both given",)),
        ({"api_key": "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="}, ("Elasticsearch API key",)),
        ({"api_key": ""}, ("api_key is empty",)),
        ({"login_store": "/nowhere/key.json"}, ("holds no record",)),
        ({"url": "https://joe:pw@api.example.net"}, ("options of their own",)),
    ],
    ids=str,
)
def test_bad_input_is_said_clearly(
    life: CloudLife, options: dict[str, Any], words: tuple[str, ...], check: bool
) -> None:
    life.service.forget()
    result = life.run(check=check, **options)
    assert result.get("failed"), result
    assert all(word in result["msg"] for word in words), result["msg"]
    assert len(result["msg"]) < 500
    assert life.service.requests() == [] and not life.path.exists()
