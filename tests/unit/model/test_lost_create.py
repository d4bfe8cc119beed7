# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each condition for revoking what a lost create may have made is needed, and all together are enough."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key
from ansible_collections.keysmith.elastic.plugins.module_utils._model.lost_create import (
    LostCreate,
    certainly_ours,
    suspects,
)

SENT, NOW = 1_800_000_000_400, 1_800_000_002_000
OLD = Key("old", "n", creation=1, creator="me")
NEW = Key("new", "n", creation=SENT + 900, creator="me")
ORPHAN = Key("orphan", "n", creation=SENT + 300, creator="me")
LOST = LostCreate("n", SENT, NOW, (OLD,), frozenset({"old", "new"}), "me", True)
AFTER = (OLD, NEW, ORPHAN, Key("other", "another name", creation=SENT, creator="me"))


def test_the_suspect_is_what_is_new_and_not_known() -> None:
    assert suspects(LOST, AFTER) == [ORPHAN]
    assert suspects(LOST, (OLD, NEW)) == []
    assert suspects(LOST, (replace(ORPHAN, expiration=NOW - 1),)) == []
    assert suspects(replace(LOST, before=(OLD, ORPHAN)), AFTER) == []


@pytest.mark.parametrize("creation", [SENT - 400, SENT, NOW, NOW + 999])
def test_it_is_certainly_ours(creation: int) -> None:
    assert certainly_ours(LOST, [replace(ORPHAN, creation=creation)])


@pytest.mark.parametrize(
    ("lost", "found"),
    [
        (LOST, []),
        (LOST, [ORPHAN, replace(ORPHAN, id="orphan2")]),
        (LOST, [replace(ORPHAN, creator="somebody")]),
        (LOST, [replace(ORPHAN, creator=None)]),
        (LOST, [replace(ORPHAN, creation=SENT - 401)]),
        (LOST, [replace(ORPHAN, creation=NOW + 1000)]),
        (LOST, [replace(ORPHAN, creation=None)]),
        (replace(LOST, creator=None), [replace(ORPHAN, creator=None)]),
        (replace(LOST, held=False), [ORPHAN]),
        (replace(LOST, before=(OLD, Key("stranger", "n", creation=2))), [ORPHAN]),
    ],
)
def test_in_any_doubt_it_is_not(lost: LostCreate, found: list[Key]) -> None:
    assert not certainly_ours(lost, found)


def test_a_dead_stranger_is_no_doubt() -> None:
    dead = Key("stranger", "n", creation=2, expiration=3)
    assert certainly_ours(replace(LOST, before=(OLD, dead)), [ORPHAN])
