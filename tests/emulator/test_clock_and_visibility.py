# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that tests move, expiry in whole seconds, and what a search sees when."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from emulator_client import Client
from keysmith_emulator.clock import iso, parse_duration_ms
from keysmith_emulator.elasticsearch.times import duration_ms, parse_date

DAY = 86_400_000


def test_a_key_ends_when_the_clock_passes_its_end(es: Client) -> None:
    """The clock moves, and the key is dead at the very millisecond."""
    key = es.create(expiration="90d")
    es.control("POST", "clock", {"set": key["expiration"] - 60_000})
    assert es.call("GET", "/_security/_authenticate", key=key["encoded"]).status == 200
    es.control("POST", "clock", {"advance": "60s"})
    refused = es.call("GET", "/_security/_authenticate", key=key["encoded"])
    assert refused.status == 401
    assert refused.body["error"]["additional_unsuccessful_credentials"] == "API key: api key is expired"
    listed = es.call("GET", f"/_security/api_key?id={key['id']}&active_only=true")
    assert listed.status == 404
    assert listed.body == {"api_keys": []}


def test_the_date_range_aggregation_tells_the_servers_clock(es: Client) -> None:
    """There is no Date header, so this is how a client learns the time."""
    es.create(name="clocked")
    es.control("POST", "clock", {"advance": "80d"})
    body = {
        "size": 0,
        "query": {"term": {"name": "clocked"}},
        "aggs": {"now": {"date_range": {"field": "creation", "ranges": [{"to": "now"}]}}},
    }
    answer = es.call("POST", "/_security/_query/api_key", body)
    told = answer.body["aggregations"]["now"]["buckets"][0]["to"]
    assert abs(told - (time.time() * 1000 + 80 * DAY)) < 5000
    assert "date" not in {name.lower() for name in answer.headers}


def test_the_clock_refuses_nonsense(es: Client) -> None:
    """A typo in a test must not pass silently."""
    for body in ({"advance": "80 years"}, {"forward": "1d"}, {}, [1]):
        assert es.call("POST", "/_emulator/clock", body).status == 400


def test_dead_keys_are_removed_a_week_later_by_the_next_invalidation(es: Client) -> None:
    """Not by time alone."""
    dead = es.create(name="dead", expiration="1s")["id"]
    other = es.create(name="other")["id"]
    es.control("POST", "clock", {"advance": "8d"})
    assert es.call("GET", f"/_security/api_key?id={dead}").status == 200
    es.call("DELETE", "/_security/api_key", {"ids": [other]})
    assert es.call("GET", f"/_security/api_key?id={dead}").status == 404


@pytest.mark.parametrize(
    ("policy", "least", "most"), [("wait_for", 0.2, 2.0), ("false", 0.0, 0.15), ("true", 0.0, 0.15)]
)
def test_a_create_answers_as_its_refresh_says(
    emulate: Callable[..., Client], policy: str, least: float, most: float
) -> None:
    """`wait_for` answers when the key is visible, the others at once."""
    es = emulate(refresh_seconds=0.3)
    began = time.monotonic()
    key = es.create(refresh=policy)
    assert least <= time.monotonic() - began <= most
    assert es.call("GET", f"/_security/api_key?id={key['id']}").status == (404 if policy == "false" else 200)


def test_without_refresh_a_key_works_before_it_is_seen(emulate: Callable[..., Client]) -> None:
    """It authenticates, cannot be found, updated or revoked, and any refresh makes it visible."""
    es = emulate(refresh_seconds=30.0)
    key = es.create(refresh="false", name="hidden")
    path = f"/_security/api_key?id={key['id']}"
    assert es.call("GET", "/_security/_authenticate", key=key["encoded"]).status == 200
    assert es.call("GET", path).status == 404
    assert es.call("PUT", f"/_security/api_key/{key['id']}", {"metadata": {"a": 1}}).status == 404
    revoked = es.call("DELETE", "/_security/api_key", {"ids": [key["id"]]})
    assert revoked.body["invalidated_api_keys"] == []
    es.create(refresh="true", name="second")
    assert es.call("GET", path).status == 200


def test_a_write_becomes_visible_by_itself(emulate: Callable[..., Client]) -> None:
    """After the refresh interval."""
    es = emulate(refresh_seconds=0.2)
    key = es.create(refresh="false")
    time.sleep(0.25)
    assert es.call("GET", f"/_security/api_key?id={key['id']}").status == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", 30 * DAY),
        ("1 d", DAY),
        (" 1D ", DAY),
        ("1500ms", 1500),
        ("1nanos", 0),
        ("0", 0),
        ("-1", -1),
        ("5m", 300_000),
    ],
)
def test_durations(text: str, expected: int) -> None:
    """Elasticsearch's time values."""
    assert duration_ms(text) == expected


@pytest.mark.parametrize("text", ["", "30", "1w", "1M", "1y", "-5d", "1.5d", "d"])
def test_refused_durations(text: str) -> None:
    """What Elasticsearch does not take."""
    with pytest.raises(Exception, match=r"failed to parse"):
        duration_ms(text)


def test_durations_of_the_control_api() -> None:
    """Back as well as forward."""
    assert parse_duration_ms("-2h") == -7_200_000
    assert parse_duration_ms("0.5s") == 500


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now-1h", "2026-03-31T11:30:15.500Z"),
        ("now-1M", "2026-02-28T12:30:15.500Z"),
        ("now+1y/d", "2027-03-31T00:00:00.000Z"),
        ("now/M", "2026-03-01T00:00:00.000Z"),
        ("now/w", "2026-03-30T00:00:00.000Z"),
        ("now/y", "2026-01-01T00:00:00.000Z"),
    ],
)
def test_date_mathematics(text: str, expected: str) -> None:
    """`now` and what is reckoned from it."""
    now = parse_date("2026-03-31T12:30:15.500Z", 0, "strict_date_time")
    assert iso(parse_date(text, now)) == expected
