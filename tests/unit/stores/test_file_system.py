# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file store and the file system: links, kinds of files, modes, owners, folders."""

from __future__ import annotations

import errno
import os
import socket
import stat

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError, StoreError
from ansible_collections.keysmith.elastic.plugins.module_utils._stores import file_rules
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
STRANGER = 65533


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def every_use(store, record):
    return (store.read, store.check_writable, lambda: store.write(record, None), lambda: store.delete(1))


def all_refuse(store, record, words):
    for use in every_use(store, record):
        with pytest.raises(StoreError, match=words) as raised:
            use()
        assert store.location in str(raised.value)


# Links and other kinds of files -------------------------------------------------------------------------------------


def test_a_symlink_is_refused(make_store, stored, record, path):
    path.rename(path.with_name("real.json"))
    path.symlink_to("real.json")
    all_refuse(make_store(), record, "symlink")
    assert path.is_symlink()


def test_a_dangling_symlink_is_refused(make_store, record, path):
    path.symlink_to("nowhere.json")
    all_refuse(make_store(), record, "symlink")
    assert not path.exists()


def test_a_followed_symlink_stays_and_its_target_is_replaced(make_store, record, path):
    target = path.parent / "elsewhere" / "real.json"
    target.parent.mkdir()
    path.symlink_to(target)
    store = make_store(follow=True)
    assert store.read() is None
    assert store.check_writable() == ()
    stored = store.write(record, None)
    assert store.write(store.read(), 1).serial == 2
    assert path.is_symlink()
    assert sorted(os.listdir(target.parent)) == [".real.json.lock", "real.json"]
    assert store.location == str(path)
    assert stored.current == record.current


def test_a_followed_symlink_into_a_missing_folder(make_store, path):
    path.symlink_to("gone/real.json")
    with pytest.raises(StoreError, match="gone does not exist"):
        make_store(follow=True).check_writable()


def test_a_symlink_that_points_to_itself(make_store, record, path):
    path.symlink_to(path.name)
    all_refuse(make_store(follow=True), record, "symlink")


def test_folders_on_the_way_may_be_symlinks(tmp_path, record):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    store = open_store({"type": "file", "path": str(tmp_path / "link" / "key.json")}, read_only=False)
    store.write(record, None)
    assert (tmp_path / "real" / "key.json").exists()


def test_a_pipe_is_refused_without_waiting_for_it(make_store, record, path):
    os.mkfifo(path, 0o600)
    all_refuse(make_store(), record, "a pipe")


def test_a_folder_is_refused(make_store, record, path):
    path.mkdir(mode=0o700)
    all_refuse(make_store(), record, "a folder")


def test_a_socket_is_refused(make_store, record, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
        all_refuse(make_store(), record, "a socket")


def test_a_device_is_refused():
    with pytest.raises(StoreError, match="a device"):
        open_store({"type": "file", "path": "/dev/null"}, read_only=False).read()


@pytest.mark.parametrize("make", [lambda lock: lock.symlink_to("else"), lambda lock: lock.mkdir(), os.mkfifo])
def test_a_lock_that_is_no_file_is_refused(make_store, record, path, make):
    make(path.with_name(".key.json.lock"))
    for use in (make_store().check_writable, lambda: make_store().write(record, None)):
        with pytest.raises(StoreError, match=r"\.key\.json\.lock"):
            use()
    assert not path.with_name("else").exists()


@pytest.mark.parametrize(
    ("swap", "words"),
    [
        (lambda path: path.symlink_to("real.json"), "symbolic links"),
        (lambda path: os.mkfifo(path, 0o600), "a pipe"),
        (lambda path: None, None),
    ],
    ids=["by a symlink", "by a pipe", "by nothing"],
)
def test_a_file_that_is_swapped_between_the_look_and_the_opening(make_store, stored, path, monkeypatch, swap, words):
    path.with_name("real.json").write_bytes(path.read_bytes())
    path.with_name("real.json").chmod(0o600)
    opened = os.open

    def swapped(name, *args, **options):
        path.unlink()
        swap(path)
        return opened(name, *args, **options)

    monkeypatch.setattr(os, "open", swapped)
    if words is None:
        assert make_store().read() is None
    else:
        with pytest.raises(StoreError, match=words):
            make_store().read()


# Modes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
@pytest.mark.parametrize("mode", ["0600", "0640", "0660"])
def test_the_umask_changes_nothing(make_store, record, path, in_child, umask, mode):
    def work():
        os.umask(umask)
        store = make_store(mode=mode)
        store.write(record, None)
        store.write(store.read(), 1)

    assert in_child(work) == (0, "None")
    assert mode_of(path) == int(mode, 8)
    assert mode_of(path.with_name(".key.json.lock")) == (0o660 if mode == "0660" else 0o600)


@pytest.mark.parametrize(
    ("found", "asked", "words"),
    [
        (0o644, "0600", r"readable by group and others \(0644\)"),
        (0o640, "0600", r"readable by group \(0640\)"),
        (0o604, "0640", r"readable by others \(0604\)"),
        (0o620, "0600", r"writable by group"),
        (0o666, "0644", r"writable by group and others"),
        (0o644, "0640", r"readable by others"),
    ],
)
def test_a_file_that_is_more_open_than_asked_is_refused(make_store, stored, record, path, found, asked, words):
    path.chmod(found)
    store = make_store(mode=asked)
    all_refuse(store, record, words)
    with pytest.raises(StoreError, match=f"chmod {asked}"):
        store.read()
    assert mode_of(path) == found


@pytest.mark.parametrize(
    ("found", "asked"), [(0o644, "0644"), (0o640, 0o640), (0o640, "0644"), (0o700, "0600"), (0o400, None)]
)
def test_a_file_that_is_no_more_open_than_asked_is_read(make_store, stored, path, found, asked):
    path.chmod(found)
    assert make_store(mode=asked).read() == stored


def test_a_mode_for_everybody_is_allowed_with_a_warning(make_store, record, path):
    store = make_store(mode="0644")
    (warning,) = store.check_writable()
    assert "everybody" in warning
    assert str(path) in warning
    store.write(record, None)
    assert mode_of(path) == 0o644


def test_the_next_write_gives_the_asked_mode(make_store, stored, path):
    path.chmod(0o400)
    make_store(mode="0640").write(stored, 1)
    assert mode_of(path) == 0o640


def test_attributes_alone(make_store, stored, path):
    before = path.stat()
    store = make_store(mode="0640")
    assert store.attributes_differ() == ["mode 0600 -> 0640"]
    assert store.apply_attributes() is True
    assert (mode_of(path), path.stat().st_ino) == (0o640, before.st_ino)
    assert store.attributes_differ() == []
    assert store.apply_attributes() is False
    assert store.read() == stored


def test_attributes_of_nothing(make_store, path):
    assert make_store(mode="0640").attributes_differ() == []
    assert make_store(mode="0640").apply_attributes() is False
    assert os.listdir(path.parent) == []


def test_attributes_of_an_exposed_file_are_not_quietly_repaired(make_store, stored, path):
    path.chmod(0o644)
    with pytest.raises(StoreError, match="readable by"):
        make_store().apply_attributes()
    assert mode_of(path) == 0o644


# Owners -------------------------------------------------------------------------------------------------------------


def test_one_s_own_name_and_group(make_store, record, path):
    me, mine = str(os.geteuid()), str(os.getegid())
    store = make_store(owner=me, group=mine)
    assert store.check_writable() == ()
    store.write(record, None)
    assert store.attributes_differ() == []


@pytest.mark.parametrize("option", ["owner", "group"])
@pytest.mark.parametrize("value", ["no-such-name-here", "²", "4294967295", "-1", "a\0b"])
def test_an_unknown_owner_is_an_error_and_in_check_mode_a_warning(make_store, record, path, option, value):
    for use in every_use(make_store(**{option: value}), record)[1:3]:
        with pytest.raises(OptionError) as raised:
            use()
        assert raised.value.option == f"store.{option}"
    assert not path.exists()
    (warning,) = make_store(read_only=True, **{option: value}).check_writable()
    assert f"store.{option}" in warning


def test_an_unknown_owner_counts_as_a_difference_in_check_mode(make_store, stored):
    assert make_store(read_only=True, owner="no-such-name-here").attributes_differ()[0].endswith("-> no-such-name-here")
    with pytest.raises(OptionError):
        make_store(owner="no-such-name-here").attributes_differ()


@as_root
def test_root_gives_the_file_and_its_lock_away(make_store, record, path):
    store = make_store(owner="65534", group="65533", mode="0640")
    store.write(record, None)
    for file in (path, path.with_name(".key.json.lock")):
        assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65533)
    assert mode_of(path) == 0o640


@as_root
def test_an_owner_that_was_not_asked_for_stays(make_store, stored, path):
    os.chown(path, 65534, 65533)
    make_store().write(stored, 1)
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65533)
    make_store(group="0").write(stored, 2)
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 0)


@as_root
def test_owner_alone(make_store, stored, path):
    store = make_store(owner="65534")
    assert store.attributes_differ()[0].startswith("owner root -> 65534")
    assert store.apply_attributes() is True
    assert store.attributes_differ() == []
    assert path.stat().st_uid == 65534


def test_giving_away_is_refused_before_anything_is_made(common_folder, without_rights, record):
    def attempt(**options):
        return open_store(
            {"type": "file", "path": f"{common_folder}/key.json", **options}, read_only=False
        ).check_writable()

    for option in ("owner", "group"):
        code, told = without_rights(lambda option=option: attempt(**{option: "0"}))
        assert code == 1
        assert f"OptionError: store.{option}" in told
        assert "may not give" in told
    assert os.listdir(common_folder) == []


# Folders ------------------------------------------------------------------------------------------------------------


def test_a_missing_folder(make_store, record, path):
    folder = path.parent / "missing"
    options = {"path": str(folder / "key.json")}
    for use in every_use(make_store(**options), record)[1:]:
        with pytest.raises(StoreError) as raised:
            use()
        assert "store.path" in str(raised.value)
        assert str(folder) in str(raised.value)
    (warning,) = make_store(read_only=True, **options).check_writable()
    assert str(folder) in warning
    assert not folder.exists()


def test_a_file_where_the_folder_should_be(make_store, record, path):
    path.write_text("x")
    options = {"path": str(path / "key.json")}
    for read_only in (False, True):
        with pytest.raises(StoreError, match="not a folder|Not a directory"):
            make_store(read_only, **options).check_writable()
    for use in every_use(make_store(**options), record):
        with pytest.raises(StoreError):
            use()


def test_a_folder_where_everybody_may_write_is_refused(make_store, stored, record, path):
    path.parent.chmod(0o777)
    all_refuse(make_store(), record, "Everybody may write")
    path.parent.chmod(0o775)
    assert make_store().read() == stored


def test_a_sticky_folder_is_allowed_for_one_s_own_file(make_store, stored, path):
    path.parent.chmod(0o1777)
    assert make_store().check_writable() == ()
    assert make_store().write(stored, 1).serial == 2


@as_root
def test_a_stranger_s_file_in_a_sticky_folder_is_refused(make_store, stored, record, path):
    path.parent.chmod(0o1777)
    os.chown(path, STRANGER, -1)
    all_refuse(make_store(), record, "belongs to")
    assert make_store(owner=str(STRANGER)).read() == stored


def test_a_file_of_another_user_in_a_sticky_folder_cannot_be_replaced(common_folder, without_rights, record):
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's file")
    path = common_folder / "key.json"
    store = open_store({"type": "file", "path": str(path), "mode": "0644"}, read_only=False)
    store.write(record, None)
    os.chown(common_folder, 0, 65534)
    common_folder.chmod(0o1775)
    path.with_name(".key.json.lock").unlink()
    code, told = without_rights(store.check_writable)
    assert code == 1
    assert "only they may replace it" in told


def test_what_may_not_be_written(common_folder, without_rights, record):
    store = open_store({"type": "file", "path": f"{common_folder}/key.json"}, read_only=False)
    common_folder.chmod(0o500)
    for use in (store.check_writable, lambda: store.write(record, None)):
        code, told = without_rights(use)
        assert code == 1
        assert told.startswith("StoreError: ")
        assert str(common_folder) in told.splitlines()[0]
    common_folder.chmod(0o000)
    for use in every_use(store, record):
        code, told = without_rights(use)
        assert code == 1
        assert told.startswith("StoreError: ")
    common_folder.chmod(0o700)


def test_what_may_not_be_read(common_folder, without_rights, record):
    store = open_store({"type": "file", "path": f"{common_folder}/key.json"}, read_only=False)
    assert without_rights(lambda: store.write(record, None))[0] == 0
    (common_folder / "key.json").chmod(0o000)
    code, told = without_rights(store.read)
    assert code == 1
    assert "cannot be read: Permission denied" in told.splitlines()[0]


def test_a_folder_that_lets_through_but_not_list_is_enough_to_read(common_folder, without_rights, record):
    store = open_store({"type": "file", "path": f"{common_folder}/key.json"}, read_only=False)
    assert without_rights(lambda: store.write(record, None))[0] == 0
    common_folder.chmod(0o100)
    code, _told = without_rights(store.read)
    common_folder.chmod(0o700)
    assert code == 0


def test_another_user_s_lock_is_told_before_anything_is_made(common_folder, without_rights, record):
    store = open_store({"type": "file", "path": f"{common_folder}/key.json"}, read_only=False)
    lock = common_folder / ".key.json.lock"
    lock.touch()
    lock.chmod(0o000)
    for use in (store.check_writable, lambda: store.write(record, None)):
        code, told = without_rights(use)
        assert code == 1
        assert str(lock) in told.splitlines()[0]


def test_a_read_only_file_system(make_store, record, path, monkeypatch):
    class Sealed:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(file_rules, "_may", lambda path, how: False)
    monkeypatch.setattr(os, "statvfs", lambda path: Sealed)
    with pytest.raises(StoreError, match="read-only file system"):
        make_store().check_writable()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "fchmod"])
def test_what_the_system_refuses_is_told_and_nothing_is_lost(
    make_store, stored, changed, path, monkeypatch, call, number, assert_no_secret
):
    before = path.read_bytes()

    def refuse(*args, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(StoreError, match=os.strerror(number)) as raised:
        make_store().write(changed, 1)
    monkeypatch.undo()
    assert str(path) in str(raised.value)
    assert raised.value.fields["errno"] == errno.errorcode[number]
    assert_no_secret(raised.value)
    assert path.read_bytes() == before
    assert sorted(os.listdir(path.parent)) == [".key.json.lock", "key.json"]
    assert make_store().write(changed, 1).serial == 2


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_folder_that_cannot_be_synced(make_store, record, path, monkeypatch, number):
    """Some file systems do not know how: no failure. A broken disk is one, though the record is written."""
    sync = os.fsync

    def only_files(file):
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(number, os.strerror(number))
        sync(file)

    monkeypatch.setattr(os, "fsync", only_files)
    if number == errno.EIO:
        with pytest.raises(StoreError, match="was written"):
            make_store().write(record, None)
    else:
        make_store().write(record, None)
    assert make_store().read().serial == 1


def test_checking_writes_nothing(make_store, path):
    before = (os.listdir(path.parent), path.parent.stat().st_mtime_ns)
    assert make_store().check_writable() == ()
    assert (os.listdir(path.parent), path.parent.stat().st_mtime_ns) == before
