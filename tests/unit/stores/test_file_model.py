# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare-and-set against a model: several users of one file, in any order, one of them killed now and then."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import TakenOver
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Intent, Previous, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

# No halves of a surrogate pair: two of them beside each other come back from JSON as one character.
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
times = st.integers(0, 2**53)
secrets = st.builds(ApiKeySecret, texts, texts)
records = st.builds(
    Record,
    kind=texts,
    name=texts,
    cluster=texts,
    owner=st.builds(Owner, texts, st.none() | texts),
    current=st.none() | st.builds(Current, secrets, st.none() | times),
    previous=st.lists(st.builds(Previous, texts, st.none() | times, st.none() | texts), max_size=3).map(tuple),
    intents=st.lists(st.builds(Intent, texts, times), max_size=3).map(tuple),
)
users = st.integers(0, 2)


class Users(RuleBasedStateMachine):
    """Three users of one store; each writes over what it has seen last."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="keysmith-stores-")
        options = {"type": "file", "path": os.path.join(self.folder, "key.json")}
        self.stores = [open_store(options, read_only=False) for _user in range(3)]
        self.seen = [None, None, None]
        self.there = None

    def teardown(self):
        shutil.rmtree(self.folder)

    def serial(self):
        return self.there and self.there.serial

    @rule(user=users)
    def read(self, user):
        found = self.stores[user].read()
        assert found == self.there
        self.seen[user] = found and found.serial

    @rule(user=users, record=records)
    def write(self, user, record):
        if self.seen[user] != self.serial():
            with pytest.raises(TakenOver):
                self.stores[user].write(record, self.seen[user])
            return
        self.there = replace(record, serial=(self.serial() or 0) + 1)
        assert self.stores[user].write(record, self.seen[user]) == self.there
        self.seen[user] = self.there.serial

    @rule(user=users)
    def delete(self, user):
        if self.seen[user] is None:
            return
        if self.seen[user] != self.serial():
            with pytest.raises(TakenOver):
                self.stores[user].delete(self.seen[user])
            return
        self.stores[user].delete(self.seen[user])
        self.there = self.seen[user] = None

    @rule(mark=st.integers(0, 2**64 - 1))
    def killed_while_writing(self, mark):
        with open(os.path.join(self.folder, f".key.json.{mark:016x}.tmp"), "wb") as leftover:
            leftover.write(b'{"serial": 9')

    @invariant()
    def the_file_is_what_the_model_says(self):
        assert self.stores[0].read() == self.there


Users.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestUsers = Users.TestCase


@settings(max_examples=60, deadline=None)
@given(record=records)
def test_every_record_comes_back_as_it_was(record):
    with tempfile.TemporaryDirectory(prefix="keysmith-stores-") as folder:
        store = open_store({"type": "file", "path": os.path.join(folder, "key.json")}, read_only=False)
        stored = store.write(record, None)
        assert store.read() == stored == replace(record, serial=1)
