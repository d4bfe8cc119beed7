# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a file store asks of its file and folder: who owns them, who may read them, what may be replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .._model.errors import OptionError, StoreError
from . import file_attributes as attributes
from .atomic_file import look, side_name
from .refusal import told


@dataclass(frozen=True)
class FileRules:
    """What was asked for.

    :param location: the file's path, for messages.
    :param mode: the file's mode; a file that others may read or write beyond it is refused.
    :param owner: user's name or number; None: whoever has it.
    :param group: group's name or number; None: whichever has it.
    :param read_only: check mode, in which a user or group may be missing: an earlier task would have made it.
    """

    location: str
    mode: int
    owner: str | None
    group: str | None
    read_only: bool

    def check_attributes(self) -> list[str]:
        """Check that owner and group exist and may be set; return what a person should be warned of."""
        warnings = []
        if self.mode & stat.S_IROTH:
            warnings.append(
                f"store.mode {self.mode:04o} lets everybody on this host read the secret in {self.location}."
            )
        for option, value, find, may in (
            ("store.owner", self.owner, attributes.find_user, attributes.may_give_to_user),
            ("store.group", self.group, attributes.find_group, attributes.may_give_to_group),
        ):
            if value is None:
                continue
            try:
                number = find(value)
            except OptionError as problem:
                if not self.read_only:
                    raise
                warnings.append(problem.message)
                continue
            if not may(number):
                raise OptionError(
                    option,
                    f"{option}: the user {attributes.user_name(os.geteuid())} may not give a file to {value!r}.",
                    "Run as root, leave the option out, or name a group that this user is in.",
                )
        return warnings

    def missing(self, folder: str) -> str:
        """Return the warning that a folder does not exist; outside check mode that is a StoreError."""
        message = f"store.path: the folder {folder} does not exist."
        if not self.read_only:
            raise StoreError(message, "Make it first, with mode 0700.", option="store.path")
        return message

    def check_folder(self, folder: str, around: os.stat_result) -> None:
        """Refuse a folder that cannot take the record, or where anybody could swap it."""
        if not stat.S_ISDIR(around.st_mode):
            raise StoreError(f"store.path: {folder} is not a folder.", option="store.path")
        self.check_trust(around, None)
        if _may(folder, os.R_OK | os.W_OK | os.X_OK):
            return
        sealed = os.statvfs(folder).f_flag & os.ST_RDONLY
        why = (
            "is on a read-only file system"
            if sealed
            else f"cannot be written by the user {attributes.user_name(os.geteuid())}"
        )
        raise StoreError(
            f"store.path: the folder {folder} {why}.",
            "Choose another folder or let this user write there.",
            option="store.path",
        )

    def check_replaceable(self, folder: str, name: str, around: os.stat_result) -> None:
        """Refuse what is there now, or its lock, if a write could not replace or use it."""
        lock = os.path.join(folder, side_name(name, "lock"))
        with told(f"{self.location} cannot be looked at"):
            found = look(os.path.join(folder, name), None)
            beside = look(lock, None)
        if found is not None:
            self.check_file(around, found)
            if around.st_mode & stat.S_ISVTX and os.geteuid() not in (0, found.st_uid, around.st_uid):
                owner = attributes.user_name(found.st_uid)
                raise StoreError(
                    f"{self.location} belongs to {owner}, and in a sticky folder only they may replace it."
                )
        if beside is None:
            return
        usable = stat.S_ISREG(beside.st_mode) and _may(lock, os.R_OK | os.W_OK)
        if not usable:
            raise StoreError(
                f"The lock file {lock} is no plain file that this user can write.",
                "Run as the user that wrote the store before, or remove it while nothing else is running.",
            )

    def check_file(self, around: os.stat_result, found: os.stat_result) -> None:
        """Refuse what is no plain file of a trusted owner that is hidden as asked."""
        if stat.S_ISLNK(found.st_mode):
            raise StoreError(
                f"{self.location} is a symlink.", "Give the path of the file itself, or say store.follow: true."
            )
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(f"{self.location} is {_what(found.st_mode)}, not a file.", "Give the path of a file.")
        self.check_trust(around, found)
        exposed = attributes.beyond(found.st_mode, self.mode)
        if exposed:
            hint = f"chmod {self.mode:04o} it, and rotate the key if somebody may have read it"
            meant = (
                ""
                if found.st_mode & stat.S_IWOTH
                else f"; or, if it is meant so, give store.mode '{found.st_mode & 0o664:04o}'"
            )
            raise StoreError(f"{self.location} is {exposed}.", f"{hint}{meant}.")

    def check_trust(self, around: os.stat_result, found: os.stat_result | None) -> None:
        """Refuse a folder where anybody may swap the file; in one like /tmp, a file that a stranger put there."""
        if not around.st_mode & stat.S_IWOTH:
            return
        if not around.st_mode & stat.S_ISVTX:
            mode = f"{stat.S_IMODE(around.st_mode):04o}"
            raise StoreError(
                f"Everybody may write to the folder of {self.location} ({mode}), so anybody could swap the record.",
                "chmod o-w the folder, or use another one.",
            )
        if found is None or found.st_uid in (0, os.geteuid()):
            return
        if self.owner is None or found.st_uid != self._known(attributes.find_user, self.owner):
            owner = attributes.user_name(found.st_uid)
            raise StoreError(
                f"{self.location} belongs to {owner} and lies in a folder where everybody may write.",
                "Use a folder of your own, or name the file's owner in store.owner if they are trusted.",
            )

    def dress(self, file: int, before: os.stat_result | None) -> None:
        """Give a file its owner and group, then its mode (a group reads only when it is the right one).

        :param before: the file that it will replace: an owner or group that was not asked for stays, if it can.
        """
        uid = self._known(attributes.find_user, self.owner)
        gid = self._known(attributes.find_group, self.group)
        if before is not None:
            with suppress(OSError):
                _give(file, before.st_uid if uid is None else None, None)
            with suppress(OSError):
                _give(file, None, before.st_gid if gid is None else None)
        _give(file, uid, gid)
        os.fchmod(file, self.mode)

    def dress_lock(self, lock: int) -> None:
        """Whoever may write the record must be able to lock it."""
        _give(lock, self._known(attributes.find_user, self.owner), self._known(attributes.find_group, self.group))
        os.fchmod(lock, 0o660 if self.mode & stat.S_IWGRP else 0o600)

    def _known(self, find: Callable[[str], int], value: str | None) -> int | None:
        """Return the id of a user or group; None: not asked for, or (check mode) not there yet."""
        if value is None:
            return None
        try:
            return find(value)
        except OptionError:
            if self.read_only:
                return None
            raise

    def differences(self, found: os.stat_result) -> list[str]:
        """Return what differs from what was asked; in check mode a user or group that does not exist yet does."""
        parts = []
        if stat.S_IMODE(found.st_mode) != self.mode:
            parts.append(f"mode {stat.S_IMODE(found.st_mode):04o} -> {self.mode:04o}")
        if self.owner is not None and self._known(attributes.find_user, self.owner) != found.st_uid:
            parts.append(f"owner {attributes.user_name(found.st_uid)} -> {self.owner}")
        if self.group is not None and self._known(attributes.find_group, self.group) != found.st_gid:
            parts.append(f"group {attributes.group_name(found.st_gid)} -> {self.group}")
        return parts


def _give(file: int, uid: int | None, gid: int | None) -> None:
    """Change the owner and group of a file; None, and what it has already, need no right to do so."""
    found = os.fstat(file)
    uid = -1 if uid in (None, found.st_uid) else uid
    gid = -1 if gid in (None, found.st_gid) else gid
    if (uid, gid) != (-1, -1):
        os.fchown(file, uid, gid)


def _what(mode: int) -> str:
    """Name a kind of file."""
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def _may(path: str, how: int) -> bool:
    """Ask the system whether this process may do that."""
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)
