# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update of a user keeps and loses, and who is let in; as it was seen on 8.19.21 and 9.5.3."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_client import Client

USER = "/_security/user/joe"
WHOLE = {
    "password": "first-password",
    "roles": ["a", "b"],
    "full_name": "Joe",
    "metadata": {"k": {"a": 1}, "team": "x"},
}


def joe(es: Client) -> dict[str, Any]:
    return dict(es.call("GET", USER).body["joe"])


def test_an_update_without_password_merges_metadata_and_loses_the_rest(es: Client) -> None:
    es.call("PUT", USER, WHOLE)
    es.call("PUT", USER, {"roles": ["a"], "metadata": {"k": {"b": 2}}})
    shown = joe(es)
    assert shown["metadata"] == {"k": {"a": 1, "b": 2}, "team": "x"}
    assert (shown["roles"], shown["full_name"]) == (["a"], None)
    es.call("PUT", USER, {"roles": ["a"]})
    assert joe(es)["metadata"] == {}


def test_an_update_with_password_replaces_metadata(es: Client) -> None:
    es.call("PUT", USER, WHOLE)
    es.call("PUT", USER, {"roles": ["a"], "password": "second-password", "metadata": {"z": 1}})
    assert joe(es)["metadata"] == {"z": 1}


@pytest.mark.parametrize("metadata, word", [(True, "VALUE_BOOLEAN"), ([], "START_ARRAY"), (None, "VALUE_NULL")])
def test_metadata_is_an_object(es: Client, metadata: Any, word: str) -> None:
    answer = es.call("PUT", USER, {**WHOLE, "metadata": metadata})
    reason = f"expected field [metadata] to be of type object, but found [{word}] instead"
    assert (answer.status, answer.body["error"]["reason"]) == (400, reason)


def test_a_disabled_user_is_refused_until_it_is_enabled(es: Client) -> None:
    es.call("PUT", USER, WHOLE)
    login = {"user": ("joe", "first-password")}
    assert es.call("PUT", f"{USER}/_disable").status == 200
    assert joe(es)["enabled"] is False
    assert es.call("GET", "/_security/_authenticate", **login).status == 401
    assert es.call("POST", f"{USER}/_enable").status == 200
    assert es.call("GET", "/_security/_authenticate", **login).status == 200
    assert es.call("PUT", f"{USER}/_disable", **login).status == 403
    # What is left out of an update is as in a new user.
    es.call("PUT", f"{USER}/_disable")
    es.call("PUT", USER, {"roles": ["a"]})
    assert joe(es)["enabled"] is True


def test_who_cannot_be_disabled(es: Client) -> None:
    assert "their own account" in es.call("PUT", "/_security/user/elastic/_disable").body["error"]["reason"]
    assert "only existing users can be disabled" in es.call("PUT", f"{USER}/_disable").body["error"]["reason"]
