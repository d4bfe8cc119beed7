# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key logs in, where only ends can tell: one that fits is the one, and of several none is guessed."""

from __future__ import annotations

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Refused
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import CLOUD_TYPE, Key
from ansible_collections.keysmith.elastic.plugins.module_utils._model.leaked_key import (
    Clues,
    key_of_secret,
    may_log_in,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.lifecycle import protector

END = 1_795_230_000_000
ONE = Key("one", "name-of-one", expiration=END)
TWIN = Key("twin", "name-of-twin", expiration=END + 999)
LATER = Key("later", "name-of-later", expiration=END + 1000)
ENDLESS = Key("endless", "name-of-endless")
OTHER_ENDLESS = Key("other-endless", "n")


@pytest.mark.parametrize(
    ("keys", "clues", "found"),
    [
        ((ONE, LATER, ENDLESS), Clues(None, END, True), ONE),
        ((ONE, LATER, ENDLESS), Clues(None, None, True), ENDLESS),
        # A text that names its key needs no end, and one that names no key that is there tells nothing.
        ((ONE, TWIN), Clues("twin", None, False), TWIN),
        ((ONE, LATER), Clues("nobody", END, False), ONE),
    ],
)
def test_the_one_that_fits(keys: tuple[Key, ...], clues: Clues, found: Key) -> None:
    assert key_of_secret(keys, clues) is found


@pytest.mark.parametrize(
    ("keys", "clues", "ids", "words"),
    [
        ((ONE, TWIN, LATER), Clues(None, END, True), ["one", "twin"], "one (name-of-one), twin (name-of-twin)"),
        ((LATER, ENDLESS), Clues(None, END, True), None, "no key that this login sees ends at 2026-11-21T03:00:00Z"),
        ((ONE,), Clues(None, None, True), None, "no key that this login sees never ends"),
        ((ENDLESS, OTHER_ENDLESS), Clues(None, None, True), ["endless", "other-endless"], "of which each never ends"),
        # Perhaps the service tells no ends at all.
        ((ONE, ENDLESS), Clues(None, None, False), ["endless"], "give its id"),
        (tuple(Key(f"k{n}", "n", expiration=END) for n in range(7)), Clues(None, END, True), None, "k4 (n) and 2 more"),
    ],
)
def test_none_is_guessed(keys: tuple[Key, ...], clues: Clues, ids: list[str] | None, words: str) -> None:
    with pytest.raises(Refused) as refused:
        key_of_secret(keys, clues)
    assert words in str(refused.value)
    if ids is not None:
        assert refused.value.fields["ids"] == ids


@pytest.mark.parametrize(
    ("keys", "end", "may"),
    [
        ((ONE, TWIN, LATER, ENDLESS), END, (ONE, TWIN)),
        ((ONE, ENDLESS), None, (ENDLESS,)),
        # What the list shows cannot be all of it.
        ((LATER, ENDLESS), END, (ENDLESS,)),
        ((ONE, LATER), None, (ONE, LATER)),
        ((LATER,), END, (LATER,)),
        ((), None, ()),
    ],
)
def test_which_may_be_the_login_s(keys: tuple[Key, ...], end: int | None, may: tuple[Key, ...]) -> None:
    assert tuple(may_log_in(keys, end)) == may


def test_nobody_manages_keys_of_elastic_cloud() -> None:
    assert protector(Key("x", "Alerting: disk")) is not None
    assert protector(Key("x", "Alerting: disk", type=CLOUD_TYPE)) is None
