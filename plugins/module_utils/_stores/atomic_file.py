# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Files that are replaced as a whole, through the descriptor of their folder, and the files that lie beside them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress

_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

# A name longer than this leaves no room (255 bytes) for what the side files add to it.
_LONGEST_NAME = 200


def look(name: str, folder: int | None) -> os.stat_result | None:
    """Return what is there, a symlink as itself; None: nothing."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def side_name(name: str, end: str) -> str:
    """Return the name of a file that belongs to the record ``name``."""
    raw = os.fsencode(name)
    return f".{name if len(raw) <= _LONGEST_NAME else hashlib.sha256(raw).hexdigest()}.{end}"


def sweep(folder: int, name: str) -> None:
    """Remove what killed writers left of this record: under the lock nobody is using it.

    :raises OSError: the folder cannot be listed.

    What cannot be removed (another user's, in a sticky folder) is left: it does not keep this write from being right.
    """
    leftover = re.compile(re.escape(side_name(name, "")) + r"[0-9a-f]{16}\.tmp")
    for entry in os.listdir(folder):
        if leftover.fullmatch(entry):
            with suppress(OSError):
                os.unlink(entry, dir_fd=folder)


def replace_file(folder: int, name: str, text: bytes, dress: Callable[[int, os.stat_result | None], None]) -> None:
    """Put ``text`` in the place of a file, as a whole or not at all: write beside, sync, rename.

    :param folder: descriptor of the folder.
    :param dress: gives the new file its owner and mode before it gets its name; also told what was there.
    :raises OSError: what was there is still there.

    ``sync_folder`` then makes the rename durable.
    """
    beside = side_name(name, f"{secrets.token_hex(8)}.tmp")
    made = os.open(beside, _MAKE, 0o600, dir_fd=folder)
    try:
        try:
            _write_all(made, text)
            dress(made, look(name, folder))
            os.fsync(made)
        finally:
            os.close(made)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise


def _write_all(file: int, text: bytes) -> None:
    """Write every byte; the system may take them in parts."""
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync_folder(folder: int) -> None:
    """Make a rename durable, where the file system knows how to."""
    try:
        os.fsync(folder)
    except OSError as problem:
        # CIFS and some FUSE file systems cannot sync a folder; there is nothing better to do on them.
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
