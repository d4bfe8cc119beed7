# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elasticsearch's keystore by its own command, ``elasticsearch-keystore``. Every secret goes in by standard input, and none comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._model.errors import KeysmithError, OptionError

SAME, OTHER, ABSENT = "same", "other", "absent"

# The command, and what it reads; returns its status, standard output and standard error. Raises OSError where it cannot be started.
Runner = Callable[[Sequence[str], str], "tuple[int, str, str]"]


class KeystoreError(KeysmithError):
    """The keystore could not be read or written."""

    code = "keystore"


class Keystore:
    """One keystore of a node.

    :param program: path of ``elasticsearch-keystore``.
    :param password: of the keystore; None: it is said to have none.
    """

    def __init__(self, program: str, password: str | None, run: Runner) -> None:
        self._program, self._password, self._run = program, password, run
        self._first_line = ""

    def open(self) -> None:
        """See whether the keystore has a password, and whether one was given for it.

        :raises OptionError: it has one and none was given, or the program is not there.
        """
        status, output, told = self._call(["has-passwd"], "")
        if status == 0:
            if self._password is None:
                raise OptionError(
                    "keystore_password", "The keystore has a password, and keystore_password is not given.", "Give it."
                )
            # What stands here is read as the password, and only where there is one.
            self._first_line = f"{self._password}\n"
        elif "not password-protected" not in output + told:
            raise self._failed("has-passwd", told)

    def names(self) -> list[str]:
        """Return the names of the settings in it."""
        return self._done(["list"]).split()

    def compare(self, name: str, value: str) -> str:
        """Return ``same``, ``other`` or ``absent``."""
        status, output, told = self._call(["show", name], self._first_line)
        if status != 0 and "does not exist in the keystore" in output + told:
            return ABSENT
        if status != 0:
            raise self._failed("show", told)
        return SAME if output.strip() == value else OTHER

    def add(self, name: str, value: str) -> None:
        """Set one, whether or not it is there."""
        self._done(["add", "--stdin", "--force", name], f"{value}\n")

    def remove(self, name: str) -> None:
        """Remove one that is there."""
        self._done(["remove", name])

    def _done(self, arguments: Sequence[str], given: str = "") -> str:
        status, output, told = self._call(arguments, self._first_line + given)
        if status != 0:
            raise self._failed(arguments[0], told)
        return output

    def _call(self, arguments: Sequence[str], given: str) -> tuple[int, str, str]:
        try:
            return self._run([self._program, *arguments], given)
        except OSError as problem:
            raise OptionError(
                "program",
                f"program: {self._program} cannot be run: {problem.strerror or type(problem).__name__}.",
                "Give the path of elasticsearch-keystore on this host, and become a user who may run it.",
            ) from None

    def _failed(self, command: str, told: str) -> KeysmithError:
        """Return the error in the words of standard error; what stands on standard output could be the value."""
        text = " ".join(told.split())
        if "password was incorrect" in text:
            return OptionError(
                "keystore_password", "keystore_password is not the password of the keystore.", "Correct it."
            )
        _before, _mark, reason = text.rpartition("ERROR: ")
        return KeystoreError(
            f"elasticsearch-keystore {command} failed: {(reason or 'it said nothing')[:300].rstrip('.')}.",
            "Become the user who owns the keystore, root for installed packages.",
        )
