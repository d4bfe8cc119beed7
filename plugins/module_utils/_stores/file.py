# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A record as a JSON file: replaced as a whole, compare-and-set under a lock, readable by no more people than asked."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from .._model.errors import KeysmithError, OptionError, ReadOnlyViolation, StoreError, TakenOver
from .._model.stored import R, StoredRecord, read_stored
from . import file_attributes as attributes
from .atomic_file import look, replace_file, side_name, sweep, sync_folder
from .file_lock import locked
from .file_rules import FileRules
from .fingerprint import fingerprint
from .refusal import told

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# No record comes near it; it keeps a wrong path from filling the memory.
_LARGEST = 16 * 1024 * 1024

_MOVE_AWAY = "Restore it from a backup, or move it away: a key is then found by its mark and gets a successor, a login gets a new password."


class FileStore:
    """The store type ``file``. Beside the record ``key.json`` lives its lock ``.key.json.lock``."""

    kind: str = "file"
    OPTIONS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "path": {"type": "path"},
        "mode": {"type": "raw"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "follow": {"type": "bool"},
    }

    # How long to wait for another writer, in seconds.
    lock_wait = 30.0

    def __init__(self, rules: FileRules, *, follow: bool) -> None:
        self.location = rules.location
        self._rules = rules
        self._follow = follow

    @classmethod
    def check(cls, options: Mapping[str, Any]) -> None:
        """Check the values of the type's own options; OptionError names the wrong one."""
        _check_path(options.get("path"))
        attributes.parse_mode(options.get("mode", attributes.DEFAULT_MODE))
        for name in ("owner", "group"):
            if name in options and not (isinstance(options[name], str) and options[name]):
                raise OptionError(
                    f"store.{name}",
                    f"store.{name} is no name: {options[name]!r}.",
                    "Give a name or a number, as a string.",
                )
        if not isinstance(options.get("follow", False), bool):
            raise OptionError("store.follow", f"store.follow is neither true nor false: {options['follow']!r}.")

    @classmethod
    def open(cls, options: Mapping[str, Any], read_only: bool) -> FileStore:
        """Return the store for options that were checked."""
        rules = FileRules(
            location=options["path"],
            mode=attributes.parse_mode(options.get("mode", attributes.DEFAULT_MODE)),
            owner=options.get("owner"),
            group=options.get("group"),
            read_only=read_only,
        )
        return cls(rules, follow=options.get("follow", False))

    def fingerprint(self) -> str:
        """Return 16 hex digits for (file, path, host name).

        The path is taken as it is spelled (less doubled slashes): it stays the same when a folder becomes a symlink.
        """
        return fingerprint(self.kind, os.path.normpath(self.location), socket.gethostname())

    def read(self) -> StoredRecord | None:
        """Return the record, None where there is no file.

        :raises StoreError: a symlink, no plain file, open to others beyond ``mode``, not readable, damaged, not ours.
        """
        folder, name = self._place()
        return self._load(os.path.join(folder, name))

    def check_writable(self) -> tuple[str, ...]:
        """See ``Store``. The existing file is looked at, not read."""
        folder, name = self._place()
        warnings = self._rules.check_attributes()
        with told(f"store.path: the folder {folder} cannot be used"):
            try:
                around = os.stat(folder)
            except FileNotFoundError:
                return (*warnings, self._rules.missing(folder))
        self._rules.check_folder(folder, around)
        self._rules.check_replaceable(folder, name, around)
        return tuple(warnings)

    def write(self, record: R, expected: int | None) -> R:
        """See ``Store``: a temporary file in the same folder, synced, renamed over the old one, the folder synced."""
        self._refuse_in_check_mode()
        stored = replace(record, serial=(expected or 0) + 1)
        text = json.dumps(stored.to_dict(), indent=2).encode("ascii") + b"\n"
        with self._held() as (folder, name):
            self._compare(folder, name, expected)
            with told(f"{self.location} could not be written", "What was there is still there."):
                replace_file(folder, name, text, self._rules.dress)
            with told(f"{self.location} was written, but may not survive a power cut"):
                sync_folder(folder)
        return stored

    def delete(self, expected: int) -> None:
        """See ``Store``. The lock file stays (``file_lock`` says why); it holds nothing."""
        self._refuse_in_check_mode()
        with self._held() as (folder, name):
            self._compare(folder, name, expected)
            with told(f"{self.location} could not be removed"):
                os.unlink(name, dir_fd=folder)
            with told(f"{self.location} was removed, but may come back after a power cut"):
                sync_folder(folder)

    def attributes_differ(self) -> list[str]:
        """See ``Store``."""
        folder, name = self._place()
        with told(f"{self.location} cannot be looked at"):
            found = look(os.path.join(folder, name), None)
        return [] if found is None else self._rules.differences(found)

    def apply_attributes(self) -> bool:
        """See ``Store``. The record itself is not replaced."""
        self._refuse_in_check_mode()
        if not self.attributes_differ():
            return False
        with self._held() as (folder, name), told(f"Mode, owner and group of {self.location} could not be set"):
            record = os.open(name, _READ, dir_fd=folder)
            try:
                self._rules.check_file(os.fstat(folder), os.fstat(record))
                self._rules.dress(record, None)
            finally:
                os.close(record)
        return True

    def _place(self) -> tuple[str, str]:
        """Return the folder and the name of the file that is read and replaced."""
        path = os.path.realpath(self.location) if self._follow else self.location
        folder, name = os.path.split(path)
        return folder, name

    def _refuse_in_check_mode(self) -> None:
        if self._rules.read_only:
            raise ReadOnlyViolation(f"Check mode: a write to the store {self.location} was stopped.")

    @contextmanager
    def _held(self) -> Iterator[tuple[int, str]]:
        """Hold the record's lock; yield the folder's descriptor and the file's name.

        All work goes through the descriptor, so that it stays in one folder even if the path is changed meanwhile.
        """
        path, name = self._place()
        with told(f"store.path: the folder {path} cannot be used", "It must exist before the key is made."):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._rules.check_trust(os.fstat(folder), None)
            lock = side_name(name, "lock")
            with locked(folder, lock, os.path.join(path, lock), self.lock_wait, self._rules.dress_lock):
                with told(f"store.path: the folder {path} cannot be listed"):
                    sweep(folder, name)
                yield folder, name
        finally:
            os.close(folder)

    def _compare(self, folder: int, name: str, expected: int | None) -> None:
        """Read the record again; TakenOver unless it is the one that was read before."""
        found = self._load(name, folder)
        serial = None if found is None else found.serial
        if serial != expected:
            was, now = ("absent" if number is None else f"serial {number}" for number in (expected, serial))
            raise TakenOver(
                f"Another run changed the record in {self.location} in between (it was {was}, it is {now}).",
                "That run goes on with it; run again if something is left to do.",
            )

    def _load(self, path: str, folder: int | None = None) -> StoredRecord | None:
        """Read the record: by its path, or by its name and the descriptor of its folder."""
        with told(f"{self.location} cannot be read"):
            try:
                found = look(path, folder)
                if found is None:
                    return None
                around = os.stat(os.path.dirname(path)) if folder is None else os.fstat(folder)
                self._rules.check_file(around, found)
                text = self._content(around, path, folder)
            except FileNotFoundError:
                return None
        return _parse(text, self.location)

    def _content(self, around: os.stat_result, path: str, folder: int | None) -> bytes:
        """Return the file's bytes, checked once more on what was really opened."""
        record = os.open(path, _READ, dir_fd=folder)
        try:
            found = os.fstat(record)
            self._rules.check_file(around, found)
            if found.st_size > _LARGEST:
                raise StoreError(
                    f"{self.location} is too large ({found.st_size} bytes) to be a record of this collection.",
                    "Give another path.",
                )
            with os.fdopen(record, "rb", closefd=False) as reader:
                return reader.read(_LARGEST)
        finally:
            os.close(record)


def _check_path(path: Any) -> None:
    """Refuse a path that names no file, or another one for each process."""
    if path is None or path == "":
        raise OptionError("store.path", "store.path is missing.", "Give the absolute path of the record's file.")
    if not isinstance(path, str) or "\0" in path:
        raise OptionError("store.path", "store.path is not a path.", "Give the absolute path of the record's file.")
    if not os.path.isabs(path):
        raise OptionError(
            "store.path",
            f"store.path {path!r} is relative: it would be another file in every folder.",
            "Give an absolute path.",
        )
    if os.path.basename(path) in ("", ".", ".."):
        raise OptionError("store.path", f"store.path {path!r} names a folder.", "Give the path of a file in it.")


def _parse(text: bytes, where: str) -> StoredRecord:
    """Read a record from a file's bytes.

    Errors are raised outside of the handlers and without a context: a decoder's exception carries the whole text.
    """
    try:
        data, damaged = json.loads(text), False
    except (ValueError, RecursionError):
        data, damaged = None, True
    if damaged:
        what = "is not JSON, or cut off" if text.strip() else "is empty"
        raise StoreError(f"{where} {what}: it holds no record.", _MOVE_AWAY)
    try:
        return read_stored(data, where)
    except KeysmithError as found:
        problem = found
    problem.__context__ = problem.__cause__ = None
    raise problem
