# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request."""

from __future__ import annotations

import http.client
import socket
import time
from typing import Any

import pytest
from emulator_client import Client

CREATE = {"method": "POST", "path": "^/_security/api_key"}


def _names(es: Client) -> list[str]:
    return [key["name"] for key in es.call("GET", "/_security/api_key").body["api_keys"]]


def _fault(es: Client, action: str, **rule: Any) -> None:
    es.control("POST", "faults", [{"match": CREATE, "action": action, **rule}])


@pytest.mark.parametrize(("action", "made"), [("lost_answer", ["k"]), ("reset", [])])
def test_a_connection_that_is_lost(es: Client, action: str, made: list[str]) -> None:
    """The client cannot tell whether the create ran."""
    _fault(es, action)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        es.create()
    assert _names(es) == made


def test_a_late_create_arrives_after_its_search(es: Client) -> None:
    """Nothing is there at first, and then it is."""
    _fault(es, "late", seconds=0.3)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        es.create()
    assert _names(es) == []
    time.sleep(0.45)
    assert _names(es) == ["k"]


def test_a_create_that_times_out_was_carried_out(es: Client) -> None:
    """The answer comes too late for the client."""
    _fault(es, "timeout", seconds=0.5)
    # Before Python 3.10 a timeout of a socket is no TimeoutError.
    with pytest.raises(socket.timeout):
        Client(es.url, timeout=0.2).create()
    assert _names(es) == ["k"]


def test_times_skip_and_body(es: Client) -> None:
    """A rule lets some pass, hits some, and is used up."""
    rule = {"match": {**CREATE, "body_contains": "special"}, "action": "status", "status": 503, "skip": 1, "times": 2}
    es.control("POST", "faults", rule)
    special = [es.call("POST", "/_security/api_key", {"name": "special"}).status for attempt in range(4)]
    assert special == [200, 503, 503, 200]
    assert es.call("POST", "/_security/api_key", {"name": "plain"}).status == 200
    assert es.control("GET", "faults") == []


def test_a_rule_without_end_lasts_until_it_is_cleared(es: Client) -> None:
    """`times: -1`."""
    _fault(es, "status", status=429, retry_after=7, times=-1)
    for _attempt in range(3):
        answer = es.call("POST", "/_security/api_key", {"name": "k"})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    es.control("DELETE", "faults")
    assert es.call("POST", "/_security/api_key", {"name": "k"}).status == 200


def test_answers_that_are_none_of_elasticsearchs(es: Client) -> None:
    """A proxy's page, a redirect."""
    _fault(es, "html")
    page = es.call("POST", "/_security/api_key", {"name": "k"})
    assert (page.status, page.headers["content-type"]) == (502, "text/html")
    assert page.body.startswith("<html>")
    _fault(es, "redirect", location="http://elsewhere.invalid/")
    moved = es.call("POST", "/_security/api_key", {"name": "k"})
    assert (moved.status, moved.headers["Location"]) == (302, "http://elsewhere.invalid/")
    assert _names(es) == []


def test_an_error_that_gives_the_request_back(es: Client) -> None:
    """To test that nobody passes it on."""
    _fault(es, "echo500")
    answer = es.call("POST", "/_security/api_key", {"name": "k", "metadata": {"m": "in the body"}})
    assert answer.status == 500
    assert "Basic ZWxhc3Rp" in answer.body["error"]["reason"]
    assert "in the body" in answer.body["error"]["reason"]


def test_a_401_that_proves_nothing(es: Client) -> None:
    """A node that has just started says this of keys that are right."""
    key = es.create()
    es.control("POST", "faults", {"match": {"path": "_authenticate"}, "action": "encountered_failure"})
    said = es.call("GET", "/_security/_authenticate", key=key["encoded"])
    assert said.status == 401
    unsuccessful = said.body["error"]["additional_unsuccessful_credentials"]
    assert unsuccessful == f"API key: apikey authentication for id {key['id']} encountered a failure"
    assert es.call("GET", "/_security/_authenticate", key=key["encoded"]).status == 200


def test_slow_and_shuffled_answers(es: Client) -> None:
    """The content stays the same."""
    for number in range(20):
        es.create(name=f"k{number}")
    es.control("POST", "faults", {"match": {"method": "GET"}, "action": "shuffle"})
    assert sorted(_names(es)) == sorted(f"k{number}" for number in range(20))
    es.control("POST", "faults", {"match": {"method": "GET"}, "action": "slow", "seconds": 0.2})
    began = time.monotonic()
    _names(es)
    assert time.monotonic() - began >= 0.2


def test_the_log_of_requests_holds_no_secret(es: Client) -> None:
    """Who sent what, and what came of it."""
    _fault(es, "status", status=500)
    es.call("POST", "/_security/api_key?refresh=true", {"name": "first"})
    key = es.create(name="second")
    es.call("GET", "/_security/_authenticate", key=key["encoded"])
    log = es.control("GET", "requests")
    assert [(entry["method"], entry["status"], entry["who"], entry.get("fault")) for entry in log] == [
        ("POST", 500, None, "status"),
        ("POST", 200, "elastic", None),
        ("GET", 200, f"api key {key['id']}", None),
    ]
    assert key["api_key"] not in str(log)
    assert "changeme" not in str(log)
    es.control("DELETE", "requests")
    assert es.control("GET", "requests") == []


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "explode"},
        {"action": "reset", "match": {"url": "x"}},
        {"action": "reset", "match": {"path": "("}},
        {"action": "redirect"},
        {"action": "reset", "tiems": 3},
    ],
)
def test_rules_that_are_refused(es: Client, rule: dict[str, Any]) -> None:
    """A typo in a rule must not pass silently."""
    assert es.call("POST", "/_emulator/faults", rule).status == 400


def test_reset_forgets_everything(es: Client) -> None:
    """Keys, clock, faults and log."""
    es.create()
    es.control("POST", "clock", {"advance": "10d"})
    _fault(es, "reset", times=-1)
    es.control("POST", "reset")
    assert _names(es) == []
    assert abs(es.control("GET", "clock")["now"] - time.time() * 1000) < 5000


def test_an_unknown_control_tells_the_known_ones(es: Client) -> None:
    """The control API explains itself."""
    answer = es.call("GET", "/_emulator/", user=None)
    assert answer.status == 404
    assert "POST /_emulator/seed" in answer.body["controls"]
