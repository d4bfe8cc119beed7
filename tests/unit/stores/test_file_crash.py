# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file store among other processes: killed at any point, many writers at once, a full disk, a lock that is held."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import resource
import signal
import stat
import time
from dataclasses import replace

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import StoreError, TakenOver
from ansible_collections.keysmith.elastic.plugins.module_utils._stores import file_lock
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.file import FileStore

# Where the runner has threads of its own, Python warns of a fork; the children touch nothing of theirs.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

WRITERS = 8
CHANGES = 50

# What the store asks of the system that leaves something behind, or that could be cut short.
CALLS = ("open", "write", "fsync", "rename", "unlink", "fchmod", "fchown", "close", "listdir", "stat", "fstat")


class Trap:
    """Counts the calls of the functions in CALLS and of flock, and kills the process at one of them."""

    def __init__(self, at=None, after=False):
        self.at, self.after, self.count = at, after, 0

    def arm(self):
        for name in CALLS:
            setattr(os, name, self.wrap(getattr(os, name)))
        fcntl.flock = self.wrap(fcntl.flock)

    def wrap(self, call):
        def trapped(*args, **options):
            here, self.count = self.count, self.count + 1
            if here == self.at and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return call(*args, **options)
            finally:
                if here == self.at:
                    os.kill(os.getpid(), signal.SIGKILL)

        return trapped


def number_of_calls(in_child, work):
    def count():
        trap = Trap()
        trap.arm()
        work()
        return trap.count

    code, told = in_child(count)
    assert code == 0, told
    return int(told)


def killed_everywhere(in_child, prepare, work):
    """Run the work again and again, killed before and after each of its calls; yield after each of them."""
    prepare()
    calls = number_of_calls(in_child, work)
    assert calls > 10
    for at in range(calls):
        for after in (False, True):
            prepare()

            def run(at=at, after=after):
                Trap(at, after).arm()
                work()

            code, told = in_child(run)
            assert code == -signal.SIGKILL, told
            yield at, after


def clear(folder):
    for name in os.listdir(folder):
        os.unlink(folder / name)


def assert_hidden(folder):
    """Nothing that a killed run leaves can be read by others."""
    for name in os.listdir(folder):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


@pytest.fixture
def impatient(monkeypatch):
    """A lock of a dead process is free at once, so nobody may have to wait."""
    monkeypatch.setattr(FileStore, "lock_wait", 0.0)


def test_killed_anywhere_in_a_first_write(make_store, record, path, in_child, impatient):
    seen = set()
    for _point in killed_everywhere(in_child, lambda: clear(path.parent), lambda: make_store().write(record, None)):
        assert_hidden(path.parent)
        found = make_store().read()
        assert found in (None, replace(record, serial=1))
        seen.add(found is None)
        make_store().write(record, found and found.serial)
        assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]
    assert seen == {True, False}


def test_killed_anywhere_in_a_later_write(make_store, record, path, in_child, impatient):
    later = replace(record, name="later", intents=())
    seen = set()

    def prepare():
        clear(path.parent)
        make_store().write(record, None)

    for _point in killed_everywhere(in_child, prepare, lambda: make_store().write(later, 1)):
        assert_hidden(path.parent)
        found = make_store().read()
        assert found in (replace(record, serial=1), replace(later, serial=2))
        seen.add(found.serial)
        assert make_store().write(later, found.serial).serial == found.serial + 1
        assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]
    assert seen == {1, 2}


def test_killed_anywhere_in_a_delete(make_store, record, path, in_child, impatient):
    seen = set()

    def prepare():
        clear(path.parent)
        make_store().write(record, None)

    for _point in killed_everywhere(in_child, prepare, lambda: make_store().delete(1)):
        found = make_store().read()
        assert found in (None, replace(record, serial=1))
        seen.add(found is None)
        make_store().write(record, found and found.serial)
    assert seen == {True, False}


def test_killed_in_the_middle_of_the_bytes(make_store, stored, changed, path, in_child, impatient):
    def run():
        write = os.write

        def half(file, data):
            write(file, bytes(data)[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

        os.write = half
        make_store().write(changed, 1)

    assert in_child(run)[0] == -signal.SIGKILL
    assert len(os.listdir(path.parent)) == 3
    assert make_store().read() == stored
    make_store().write(changed, 1)
    assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]


def test_the_system_may_take_the_bytes_in_parts(make_store, stored, changed, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data)[:7]))
    new = make_store().write(changed, 1)
    monkeypatch.undo()
    assert make_store().read() == new


def test_interrupted_by_the_keyboard(make_store, stored, changed, path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_store().write(changed, 1)
    monkeypatch.undo()
    assert make_store().read() == stored
    assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]


def test_everything_is_on_the_disk_in_the_right_order(make_store, stored, changed, path, monkeypatch):
    """A power cut between any two steps must leave a whole record: the bytes are synced before they get the name."""
    order = []

    def note(name):
        call = getattr(os, name)

        def noted(*args, **options):
            kind = ""
            if name == "fsync":
                kind = " folder" if stat.S_ISDIR(os.fstat(args[0]).st_mode) else " file"
            order.append(name + kind)
            return call(*args, **options)

        monkeypatch.setattr(os, name, noted)

    for name in ("write", "fchmod", "fsync", "rename"):
        note(name)
    make_store().write(changed, 1)
    assert order == ["write", "fchmod", "fsync file", "rename", "fsync folder"]


def test_no_file_stays_open(make_store, stored, changed, path):
    def use():
        make_store().write(changed, 1)
        make_store().read()
        make_store().check_writable()
        make_store(mode="0640").apply_attributes()
        for refused in (lambda: make_store().read(), lambda: make_store(mode="0640").write(changed, 1)):
            with pytest.raises((StoreError, TakenOver)):
                refused()

    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else os.listdir("/dev/fd")
    use()
    after = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else os.listdir("/dev/fd")
    assert len(after) == len(before)


def test_a_file_that_may_not_grow(make_store, stored, changed, path, in_child):
    """Real refusal by the kernel, after some of the bytes: as on a full disk."""

    def run():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        make_store().write(changed, 1)

    code, told = in_child(run)
    assert code == 1
    assert told.startswith(f"StoreError: {path} could not be written: File too large.")
    assert make_store().read() == stored
    assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]


# Many at once -------------------------------------------------------------------------------------------------------


def keep_changing(make_store, record, writer):
    for number in range(CHANGES):
        while True:
            found = make_store().read()
            mine = (found or record).announce(f"{writer}-{number}", number)
            try:
                make_store().write(mine, found and found.serial)
            except TakenOver:
                continue
            break


def keep_reading(make_store, done):
    last = 0
    while not done.is_set():
        found = make_store().read()
        serial = found.serial if found else 0
        assert serial >= last
        last = serial


def test_no_update_is_lost_and_no_reader_sees_half_a_record(make_store, record):
    context = multiprocessing.get_context("fork")
    done = context.Event()
    reader = context.Process(target=keep_reading, args=(make_store, done))
    writers = [context.Process(target=keep_changing, args=(make_store, record, n)) for n in range(WRITERS)]
    for process in (reader, *writers):
        process.start()
    for process in writers:
        process.join()
    done.set()
    reader.join()
    assert [process.exitcode for process in (reader, *writers)] == [0] * (WRITERS + 1)
    found = make_store().read()
    assert found.serial == WRITERS * CHANGES
    told = {intent.nonce for intent in found.intents} - {"n-1"}
    assert told == {f"{writer}-{number}" for writer in range(WRITERS) for number in range(CHANGES)}


# The lock -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def holder(path):
    """Another process that holds the lock and does nothing."""
    context = multiprocessing.get_context("fork")
    ready = context.Event()

    def hold():
        lock = os.open(path.with_name(".key.json.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready.set()
        time.sleep(600)

    process = context.Process(target=hold)
    process.start()
    assert ready.wait(20)
    yield process
    process.kill()
    process.join()


def test_waiting_for_a_lock_ends(make_store, stored, changed, path, holder, monkeypatch):
    monkeypatch.setattr(FileStore, "lock_wait", 0.1)
    for use in (lambda: make_store().write(changed, 1), lambda: make_store().delete(1)):
        with pytest.raises(StoreError, match=r"has held the lock .*\.key\.json\.lock for 0\.1 s"):
            use()
    assert make_store().read() == stored


def test_a_held_lock_keeps_nobody_from_reading(make_store, stored, holder):
    assert make_store().read() == stored
    assert make_store().check_writable() == ()


def test_a_lock_dies_with_its_process(make_store, stored, changed, holder, impatient):
    holder.kill()
    holder.join()
    assert make_store().write(changed, 1).serial == 2


def test_the_wait_is_half_a_minute():
    assert FileStore.lock_wait == 30.0


def test_a_lock_file_that_was_tidied_away_while_waiting_guards_nothing(tmp_path, monkeypatch):
    """The waiter gets the lock of the old file, sees that it is gone, and takes the new one."""
    folder = os.open(tmp_path, os.O_RDONLY)
    lock = tmp_path / ".lock"
    flock, taken = fcntl.flock, []

    def tidied(file, how):
        if not taken:
            lock.unlink()
        taken.append(file)
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", tidied)
    guarded = file_lock.locked(folder, ".lock", str(lock), 1.0, lambda made: None)
    with guarded, lock.open("r+") as other, pytest.raises(BlockingIOError):
        flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)
    assert len(taken) == 2


def test_two_stores_in_one_process_exclude_each_other(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    one, other = (file_lock.locked(folder, ".lock", "the lock", 0.0, lambda made: None) for _user in range(2))
    with one, pytest.raises(StoreError, match="the lock"), other:
        pass
    os.close(folder)


def test_a_file_system_without_locks(make_store, record, path, monkeypatch):
    def refuse(file, how):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreError, match="Operation not supported"):
        make_store().write(record, None)
    assert not path.exists()
