# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The lock of a file store: held while a record is read again and replaced, gone with its process."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .._model.errors import StoreError
from .refusal import told

_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PAUSE = 0.02


@contextmanager
def locked(folder: int, name: str, path: str, wait: float, prepare: Callable[[int], None]) -> Iterator[None]:
    """Hold the lock for the block.

    :param folder: descriptor of the folder.
    :param name: the lock file's name in it. The file stays: whoever unlinks a lock file lets a waiter hold the old one
        and a newcomer the new one at the same time.
    :param path: the lock file's path, for messages.
    :param wait: seconds to wait at most.
    :param prepare: gives a lock file that was just made its owner and mode.
    :raises StoreError: another process holds it all that time, or the file cannot be opened or locked.

    It is an ``flock``: the system drops it when the process ends, however it ends. It is not on the record itself,
    because that is replaced with every write.
    """
    with told(
        f"The lock file {path} cannot be used",
        "It must be a plain file that this user can write, on a file system with locks.",
    ):
        held = _acquire(folder, name, path, time.monotonic() + wait, prepare)
    if held is None:
        raise StoreError(
            f"Another process has held the lock {path} for {wait:g} s.",
            "Wait for that run to end, then run again; the lock ends with its process and need not be removed.",
        )
    try:
        yield
    finally:
        os.close(held)


def _acquire(folder: int, name: str, path: str, deadline: float, prepare: Callable[[int], None]) -> int | None:
    """Return the descriptor of the locked file; None when the deadline (monotonic seconds) passed."""
    while True:
        held = _open(folder, name, prepare)
        try:
            if not stat.S_ISREG(os.fstat(held).st_mode):
                raise StoreError(f"{path} is no plain file, so it cannot be the store's lock.", "Move it away.")
            if not _flock(held, deadline):
                os.close(held)
                return None
            if _is_still_there(held, folder, name):
                return held
        except BaseException:
            os.close(held)
            raise
        os.close(held)


def _open(folder: int, name: str, prepare: Callable[[int], None]) -> int:
    """Open the lock file, or make it.

    Two steps: Linux (``fs.protected_regular``) refuses O_CREAT on another user's existing file in a sticky folder.
    """
    while True:
        try:
            return os.open(name, _FLAGS, dir_fd=folder)
        except FileNotFoundError:
            pass
        try:
            made = os.open(name, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
        except FileExistsError:
            continue
        try:
            prepare(made)
        except BaseException:
            os.close(made)
            raise
        return made


def _flock(held: int, deadline: float) -> bool:
    """Lock; False when the deadline passed."""
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)


def _is_still_there(held: int, folder: int, name: str) -> bool:
    """Is the locked file the one that the next comer would open? Somebody may have tidied it away while we waited."""
    try:
        return os.path.samestat(os.fstat(held), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False
