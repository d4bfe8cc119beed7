# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store holds is told apart by its kind; damage is told without repeating what is damaged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Refused, StoreError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import (
    LoginRecord,
    PendingPassword,
    StoredPassword,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Intent, Previous, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.module_utils._model.stored import as_key, as_login, read_stored

SECRET = "a-secret-that-nobody-may-see"
LOGIN = LoginRecord("robot", "cluster-1", Owner("robot", "default_native"), 3, StoredPassword(SECRET, 5))
CHANGING = LOGIN.announce(PendingPassword("another", 7))
KEY = Record(
    "es_api_key",
    "shipper",
    "cluster-1",
    Owner("robot"),
    3,
    Current(ApiKeySecret("id", SECRET)),
    (Previous("old", 4),),
    (Intent("nonce", 6),),
)


@pytest.mark.parametrize("record", [LOGIN, CHANGING, LoginRecord("a", "b", Owner("a")), KEY])
def test_what_was_written_is_read(record: Any) -> None:
    assert read_stored(record.to_dict(), "/there") == record
    assert SECRET not in repr(record)


def test_one_is_not_taken_for_the_other() -> None:
    assert (as_key(KEY, "/there"), as_login(LOGIN, "/there")) == (KEY, LOGIN)
    assert (as_key(None, "/there"), as_login(None, "/there")) == (None, None)
    with pytest.raises(Refused, match="/there holds a login"):
        as_key(LOGIN, "/there")
    with pytest.raises(Refused, match="/there holds a key"):
        as_login(KEY, "/there")


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ([SECRET], "not a record"),
        ({"serial": 3}, "not a record"),
        ({**LOGIN.to_dict(), "format": SECRET}, "another format"),
        *(
            ({**LOGIN.to_dict(), **change}, "damaged record")
            for change in (
                {"current": SECRET},
                {"current": {"password": [SECRET]}},
                {"current": {"password": "x", "since": SECRET}},
                {"pending": {"password": SECRET}},
                {"pending": {"password": SECRET, "at": None}},
                {"serial": -1},
                {"owner": None},
                {"name": 3},
            )
        ),
        ({name: value for name, value in LOGIN.to_dict().items() if name != "pending"}, "damaged record"),
        ({**LOGIN.to_dict(), "kind": "es_api_key"}, "damaged record"),
        ({**KEY.to_dict(), "kind": "es_login"}, "damaged record"),
    ],
)
def test_damage_is_told_without_the_secret(spoiled: Any, words: str) -> None:
    with pytest.raises(StoreError, match=words) as damaged:
        read_stored(spoiled, "/there")
    assert SECRET not in str(damaged.value)


def test_a_change_from_announcement_to_commit() -> None:
    assert LOGIN.passwords() == (SECRET,)
    assert CHANGING.passwords() == (SECRET, "another")
    assert LoginRecord("a", "b", Owner("a")).passwords() == ()
    done = CHANGING.commit(Owner("robot", "other"))
    assert done.current == StoredPassword("another", 7)
    assert (done.pending, done.owner, done.serial) == (None, Owner("robot", "other"), 3)


def test_a_pending_password_is_never_replaced() -> None:
    assert CHANGING.announce(PendingPassword("another", 7)) == CHANGING
    with pytest.raises(ValueError, match="pending"):
        CHANGING.announce(PendingPassword("a third", 8))
    with pytest.raises(ValueError, match="pending"):
        LOGIN.commit(Owner("robot"))
