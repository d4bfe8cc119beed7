# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file store's record: what is read, written, compared and removed; what is no record."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    ReadOnlyViolation,
    StoreError,
    TakenOver,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Record
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store


def names(folder):
    return sorted(os.listdir(folder))


def test_nothing_there_is_none(make_store, path):
    assert make_store().read() is None
    assert make_store(path=str(path.parent / "missing" / "key.json")).read() is None


def test_round_trip(make_store, record, path):
    store = make_store()
    stored = store.write(record, None)
    assert stored == replace(record, serial=1)
    assert store.read() == stored
    assert make_store().read() == stored
    again = store.write(stored, 1)
    assert again == replace(record, serial=2)
    assert store.read() == again


def test_the_file_is_indented_json_that_ends_with_a_newline(stored, path):
    text = path.read_bytes()
    assert text.endswith(b"\n}\n")
    assert b'\n  "serial": 1,' in text
    assert json.loads(text) == stored.to_dict()


def test_beside_the_record_only_the_lock_stays(stored, path):
    assert names(path.parent) == [".key.json.lock", "key.json"]
    lock = (path.parent / ".key.json.lock").stat()
    assert (stat.S_IMODE(lock.st_mode), lock.st_size) == (0o600, 0)


def test_smallest_record(make_store, record):
    bare = Record(kind=record.kind, name="a", cluster="c", owner=record.owner)
    assert make_store().write(bare, None) == make_store().read()


def test_the_serial_of_the_given_record_does_not_matter(make_store, record):
    assert make_store().write(replace(record, serial=77), None).serial == 1


@pytest.mark.parametrize("expected", [2, 0, 7])
def test_another_serial_is_another_run(make_store, stored, path, expected, assert_no_secret):
    before = path.read_bytes()
    for change in (lambda: make_store().write(stored, expected), lambda: make_store().delete(expected)):
        with pytest.raises(TakenOver) as raised:
            change()
        assert "serial 1" in str(raised.value)
        assert str(path) in str(raised.value)
        assert_no_secret(raised.value)
    assert path.read_bytes() == before


def test_a_record_that_appeared_is_not_overwritten(make_store, record, stored, path):
    with pytest.raises(TakenOver):
        make_store().write(record, None)
    assert make_store().read() == stored


def test_a_record_that_went_away_is_not_written_again(make_store, stored, path):
    path.unlink()
    with pytest.raises(TakenOver, match="absent"):
        make_store().write(stored, 1)
    with pytest.raises(TakenOver):
        make_store().delete(1)
    assert not path.exists()


def test_delete(make_store, stored, path):
    make_store().delete(1)
    assert make_store().read() is None
    assert names(path.parent) == [".key.json.lock"]


def test_check_mode_never_writes(make_store, stored, path):
    before = (path.read_bytes(), path.stat(), names(path.parent))
    store = make_store(read_only=True, mode="0640")
    assert store.read() == stored
    assert store.check_writable() == ()
    assert store.attributes_differ() == ["mode 0600 -> 0640"]
    for change in (lambda: store.write(stored, 1), lambda: store.delete(1), store.apply_attributes):
        with pytest.raises(ReadOnlyViolation):
            change()
    assert (path.read_bytes(), path.stat(), names(path.parent)) == before


@pytest.mark.parametrize(
    "name", ["schlüssel & keys 1.json", "a\nb", "*?[.json", "-rf", "n" * 255, "ü" * 127, "\udcff.json", "'\""]
)
def test_any_file_name(tmp_path, record, name):
    store = open_store({"type": "file", "path": f"{tmp_path}/{name}"}, read_only=False)
    assert store.check_writable() == ()
    store.write(record, None)
    assert store.write(store.read(), 1) == store.read()
    assert len(names(tmp_path)) == 2
    store.delete(2)


def test_long_names_do_not_share_a_lock(tmp_path, record):
    for end in "ab":
        open_store({"type": "file", "path": f"{tmp_path}/{'n' * 254}{end}"}, read_only=False).write(record, None)
    assert len(names(tmp_path)) == 4


@pytest.mark.parametrize("end", ["n" * 256, "/".join(["n" * 200] * 25) + "/key.json"])
def test_a_path_that_is_too_long(tmp_path, record, end, assert_no_secret):
    store = open_store({"type": "file", "path": f"{tmp_path}/{end}"}, read_only=False)
    for use in (store.read, store.check_writable, lambda: store.write(record, None)):
        with pytest.raises(StoreError, match="too long") as raised:
            use()
        assert_no_secret(raised.value)


def test_leftovers_of_killed_runs_go_with_the_next_write(make_store, changed, path):
    folder = path.parent
    mine = [f".key.json.{'0' * 16}.tmp", f".key.json.{'a1' * 8}.tmp"]
    others = [".key.json.bak", f".key2.json.{'0' * 16}.tmp", f"key.json.{'0' * 16}.tmp", f".key.json.{'0' * 15}.tmp"]
    for name in mine + others:
        (folder / name).write_text("x")
    (folder / f".key.json.{'b' * 16}.tmp").mkdir()
    make_store().write(changed, 1)
    assert names(folder) == sorted([*others, f".key.json.{'b' * 16}.tmp", ".key.json.lock", "key.json"])


# What is no record ----------------------------------------------------------------------------------------------------


def put(path, content):
    path.write_bytes(content)
    path.chmod(0o600)


def test_a_record_that_was_cut_off_anywhere(make_store, stored, path, assert_no_secret):
    text = path.read_bytes()
    for length in range(len(text) - 1):
        put(path, text[:length])
        with pytest.raises(StoreError) as raised:
            make_store().read()
        assert str(path) in str(raised.value)
        assert_no_secret(raised.value)
    put(path, text[:-1])
    assert make_store().read() == stored


DAMAGE = {
    "empty": b"",
    "blank": b" \n",
    "not UTF-8": b"\xff\xfe\xfa" * 9,
    "nothing": b"null\n",
    "a list": b"[1, 2]",
    "a text": b'"Vb3xQ-the-secret-of-the-key"',
    "a bare key": b"VuaCfGcBCdbkQm:Vb3xQ-the-secret-of-the-key\n",
    "the answer of a create": b'{"id": "VuaCfGcBCdbkQm", "api_key": "Vb3xQ-the-secret-of-the-key"}',
    "too deep": b"[" * 100000,
    "two records": b"{}{}",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_no_record_is_refused_and_never_overwritten(make_store, record, path, content, assert_no_secret):
    put(path, content)
    for use in (
        lambda s: s.read(),
        lambda s: s.write(record, None),
        lambda s: s.write(record, 1),
        lambda s: s.delete(1),
    ):
        with pytest.raises(StoreError) as raised:
            use(make_store())
        assert str(path) in str(raised.value)
        assert raised.value.hint
        assert_no_secret(raised.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": None},
        {"serial": "Vb3xQ-the-secret-of-the-key"},
        {"current": "Vb3xQ-the-secret-of-the-key"},
        {"current": {"id": "Vb3xQ-the-secret-of-the-key"}},
        {"previous": None},
        {"previous": ["Vb3xQ-the-secret-of-the-key"]},
        {"intent": [{"nonce": "n", "at": "Vb3xQ-the-secret-of-the-key"}]},
    ],
)
def test_a_damaged_or_newer_record(make_store, stored, path, change, assert_no_secret):
    put(path, json.dumps({**stored.to_dict(), **change}).encode())
    with pytest.raises(StoreError) as raised:
        make_store().read()
    assert_no_secret(raised.value)


def test_a_file_that_is_much_too_large_is_not_read(make_store, path):
    with path.open("wb") as big:
        big.truncate(2**40)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="too large"):
        make_store().read()
