# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches that both Cloud APIs have, and how they are set."""

from __future__ import annotations

import re
from typing import Any

import pytest
from descriptions import CloudClient
from emulator_client import REPOSITORY

KEYS = "/users/auth/keys"
DAY_MS = 86_400_000


@pytest.fixture(params=["cloud", "ece"])
def api(request: pytest.FixtureRequest) -> CloudClient:
    """Each of the two, with a login that makes keys."""
    client: CloudClient = request.getfixturevalue(request.param)
    return client


def _stamp(text: str) -> str:
    return re.sub(r"\d", "0", text)


def test_what_a_key_without_expiration_gets(api: CloudClient) -> None:
    """No end, or by switch one."""
    assert "expiration_date" not in api.new_key()
    api.switch(default_expiration="90d")
    made = api.new_key()
    api.control("POST", "clock", {"advance": "89d"})
    assert api.ask("GET", KEYS, key=made["key"]).status == 200
    api.control("POST", "clock", {"advance": "25h"})
    assert api.ask("GET", KEYS, key=made["key"]).status == 401


@pytest.mark.parametrize(
    ("form", "stamp"),
    [
        ("rfc3339", "0000-00-00T00:00:00.000Z"),
        ("epoch_seconds", "0000000000"),
        ("epoch_milliseconds", "0000000000000"),
        ("http_date", None),
        ("absent", None),
    ],
)
def test_the_header_of_expiration(api: CloudClient, form: str, stamp: str | None) -> None:
    """Its form, and whether it is there at all, also on a refusal and for a key without end."""
    key = api.new_key(expiration="1d")["key"]
    api.switch(expiration_header=form)
    for path, status in ((KEYS, 200), (f"{KEYS}/nowhere", 404)):
        reply = api.ask("GET", path, key=key)
        given = reply.headers.get("X-Elastic-Api-Key-Expiration")
        assert reply.status == status
        if form == "http_date":
            assert given.endswith(" GMT")
        else:
            assert (given and _stamp(given)) == stamp
    assert "X-Elastic-Api-Key-Expiration" not in api.ask("GET", KEYS).headers
    api.switch(expiration_header="rfc3339", expiration_header_never="never")
    assert api.ask("GET", KEYS).headers["X-Elastic-Api-Key-Expiration"] == "never"


def test_the_time_of_an_answer(api: CloudClient) -> None:
    """By the emulator's clock, on answers and refusals alike, unless it is switched off."""
    api.control("POST", "clock", {"set": 1_800_000_000_000})
    for path in (KEYS, f"{KEYS}/nowhere"):
        assert api.ask("GET", path).headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    api.switch(date_header=False)
    assert "Date" not in api.ask("GET", KEYS).headers


def test_the_form_of_dates(api: CloudClient) -> None:
    """Three ways to write the same moment."""
    for form, end in (("milliseconds", ".000Z"), ("seconds", ":00Z"), ("offset", ".000+00:00")):
        api.switch(date_format=form)
        assert _stamp(api.new_key()["creation_date"]).endswith(end)


def test_duplicates_and_lengths(api: CloudClient) -> None:
    """Allowed at first."""
    api.new_key("same", expiration="1h")
    api.new_key("same", expiration="1h")
    api.switch(duplicates="refused", longest_description=6)
    refused = (400, ["body.description"])
    assert api.refused("api_keys.invalid_input", "POST", KEYS, {"description": "same"}) == refused
    assert api.refused("api_keys.invalid_input", "POST", KEYS, {"description": "seven..."}) == refused
    api.control("POST", "clock", {"advance": "2h"})
    api.new_key("same")


def test_fields(api: CloudClient) -> None:
    """Those of an error, unknown ones, and optional ones."""
    body = {"description": "k", "name": "k"}
    assert api.ask("POST", KEYS, body).status == 201
    api.switch(unknown_fields="refused")
    assert api.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, ["body.name"])
    api.switch(error_fields=False)
    assert api.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, [])
    api.switch(absent_fields=["user_id", "organization_id", "expiration_date", "role_assignments"])
    assert set(api.new_key(expiration="1d")) == {"id", "description", "creation_date", "key"}


def test_deleting_many(api: CloudClient) -> None:
    """Unknown ids are ignored, or refuse the whole; an answer may be empty."""
    ids = [api.new_key(name)["id"] for name in ("a", "b", "c")]
    api.switch(bulk_delete_unknown="refused")
    unknown = {"keys": [ids[0], "unknown"]}
    assert api.refused("api_keys.key_not_found", "DELETE", KEYS, unknown)[0] == 404
    assert api.listed() == ["a", "b", "c"]
    api.switch(bulk_delete_unknown="ignored")
    assert api.ask("DELETE", KEYS, {"keys": [ids[0], ids[0], "unknown"]}).body == {}
    api.switch(empty_body=True)
    assert api.ask("DELETE", KEYS, {"keys": [ids[1]]}, described=False).body == ""
    assert api.ask("DELETE", f"{KEYS}/{ids[2]}", described=False).body == ""
    assert api.listed() == []
    for body in ({}, {"keys": "a"}, {"keys": [1]}):
        assert api.refused("api_keys.invalid_input", "DELETE", KEYS, body) == (400, ["body.keys"])


@pytest.mark.parametrize("expiration", ["30m", "45min", "600s", "2w", "2 d", "2D"])
def test_durations_that_are_not_documented(api: CloudClient, expiration: str) -> None:
    """Refused, or by switch taken."""
    body = {"description": "k", "expiration": expiration}
    assert api.refused("api_keys.invalid_input", "POST", KEYS, body) == (400, ["body.expiration"])
    api.switch(durations="lenient")
    assert "expiration_date" in api.ask("POST", KEYS, body, described=False).body


def test_limits(api: CloudClient) -> None:
    """Of keys, and of their life."""
    api.switch(key_limit=2, key_limit_status=429, longest_life="30d")
    long = {"description": "k", "expiration": "31d"}
    assert api.refused("api_keys.invalid_input", "POST", KEYS, long) == (400, ["body.expiration"])
    api.new_key(expiration="30d")
    assert api.refused("api_keys.invalid_input", "POST", KEYS, {"description": "k"})[0] == 429
    api.switch(key_limit=None, longest_life=None)
    assert api.ask("POST", KEYS, {**long, "expiration": "9000d"}, described=False).status == 201


@pytest.mark.parametrize(
    "given",
    [
        {"nothing": 1},
        {"page_size": 0},
        {"page_size": True},
        {"page_size": "3"},
        {"order": "random"},
        {"default_expiration": "3M"},
        {"error_fields": 1},
        {"absent_fields": ["id"]},
        {"delete_pause_status": 200},
        {"expiration_header_never": 1},
        {"expired_keys": "listed", "foreign_keys": "404 or so"},
        [],
        "page_size",
    ],
)
def test_switches_that_are_refused(api: CloudClient, given: Any) -> None:
    """As a whole, with a word on what would be right."""
    before = api.control("GET", "switches")
    reply = api.call("POST", "/_emulator/switches", given, user=None)
    assert reply.status == 400
    assert reply.body["error"]
    assert api.control("GET", "switches") == before


def test_switches_go_back(api: CloudClient) -> None:
    """With DELETE, and with a reset."""
    before = api.control("GET", "switches")
    for method, path in (("DELETE", "switches"), ("POST", "reset")):
        api.switch(page_size=7, order="shuffled")
        assert api.control("GET", "switches") != before
        api.control(method, path)
        assert api.control("GET", "switches") == before


def test_every_switch_is_documented(api: CloudClient) -> None:
    """In the README of the role, with what it is at first."""
    text = (REPOSITORY / "roles" / "emulator" / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*)$", text, re.MULTILINE))
    assert set(api.control("GET", "switches")) <= set(rows)
