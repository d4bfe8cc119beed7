# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A report as a file: replaced as a whole, and never in part. It holds no secret."""

from __future__ import annotations

import os
import stat

from .._model.errors import ReadOnlyViolation, StoreError
from .atomic_file import look, replace_file, sync_folder
from .refusal import told

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

# Far beyond any report; it keeps a wrong path from filling the memory.
LARGEST = 512 * 1024 * 1024


class ReportFile:
    """The file that an option names.

    :param option: the option's name for messages.
    :param mode: the file's mode.
    :param read_only: check mode, in which an earlier task would have made a folder that is missing.
    """

    def __init__(self, option: str, path: str, mode: int, *, read_only: bool) -> None:
        self.option = option
        self.path = path
        self.mode = mode
        self._read_only = read_only

    def check(self) -> str | None:
        """Find out, without writing, whether a write would succeed; in check mode a missing folder is only a warning.

        :raises StoreError: a write would fail.
        """
        folder, name = os.path.split(self.path)
        if not os.path.isabs(self.path) or not name:
            raise self._error(
                f"{self.path!r} is not the absolute path of a file", "Give one, such as /var/tmp/keys.json."
            )
        if not os.path.isdir(folder):
            missing = self._error(f"the folder {folder} does not exist", "Make it first.")
            if self._read_only:
                return missing.message
            raise missing
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._error(
                f"the folder {folder} cannot be written", "Choose another folder, or let this user write there."
            )
        found = look(self.path, None)
        if found is not None and not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            raise self._error(f"{self.path} is not a file", "Give the path of a file.")
        return None

    def _error(self, what: str, hint: str) -> StoreError:
        return StoreError(f"{self.option}: {what}.", hint, option=self.option)

    def read(self) -> bytes | None:
        """Return what is there; None: no file that could be a report."""
        try:
            file = os.open(self.path, _READ)
        except OSError:
            return None
        with os.fdopen(file, "rb") as opened:
            found = os.fstat(opened.fileno())
            return opened.read() if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST else None

    def mode_differs(self) -> bool:
        """Has the file another mode than it is to have? One that is not there has none."""
        found = look(self.path, None)
        return found is not None and stat.S_IMODE(found.st_mode) != self.mode

    def write(self, text: bytes) -> None:
        """Replace the file. A symbolic link is replaced itself, so that nobody can lead this write elsewhere.

        :raises StoreError: what was there is still there.
        :raises ReadOnlyViolation: in check mode.
        """
        if self._read_only:
            raise ReadOnlyViolation(f"{self.path} was about to be written in check mode.")
        folder, name = os.path.split(self.path)
        with told(f"{self.option}: {self.path} could not be written", "What was there is still there."):
            opened = os.open(folder, _FOLDER)
            try:
                replace_file(opened, name, text, self._dress)
                sync_folder(opened)
            finally:
                os.close(opened)

    def _dress(self, file: int, _before: os.stat_result | None) -> None:
        os.fchmod(file, self.mode)
