# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Where a secret lives: what every store can do, and which stores there are.

To add one: a file with a class as ``StoreType`` describes it, and a line in ``_TYPES``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

from .._model.errors import OptionError
from .._model.stored import R, StoredRecord
from .file import FileStore


class Store(Protocol):
    """One key's record, or one login's; every change of it compare-and-set."""

    kind: str
    location: str

    def fingerprint(self) -> str:
        """Return 16 hex digits for (kind, location, host); they go into the key's mark."""

    def read(self) -> StoredRecord | None:
        """Return the record, None where there is nothing yet.

        :raises StoreError: what is there cannot be read, is damaged, is not ours, or others could have read it.
        """

    def check_writable(self) -> tuple[str, ...]:
        """Find out, without writing, whether a write would succeed; return what a person should be warned of.

        In check mode what an earlier task might still make (a folder, a user, a group) is a warning, else an error.

        :raises StoreError, OptionError: a write would fail.
        """

    def write(self, record: R, expected: int | None) -> R:
        """Replace the record that was read.

        :param record: what to store; its serial does not matter.
        :param expected: the serial of the record that was read, None if there was nothing.
        :returns: the record as stored; its serial is ``(expected or 0) + 1``.
        :raises TakenOver: it is no longer what was read; nothing was written.
        :raises StoreError: it could not be written; the old record is still there.
        :raises ReadOnlyViolation: in check mode.
        """

    def delete(self, expected: int) -> None:
        """Remove the record that was read; the same errors as ``write``."""

    def attributes_differ(self) -> list[str]:
        """Return what differs from the asked attributes of an existing record: ``mode 0600 -> 0640``."""

    def apply_attributes(self) -> bool:
        """Give an existing record the asked attributes; return whether anything changed.

        :raises StoreError: it could not be done.
        :raises ReadOnlyViolation: in check mode.
        """


class StoreType(Protocol):
    """What the class of a store brings: its options and how it is opened."""

    OPTIONS: Mapping[str, Mapping[str, Any]]

    def check(self, options: Mapping[str, Any]) -> None:
        """Check the values of this type's own options; OptionError names the wrong one."""

    def open(self, options: Mapping[str, Any], read_only: bool) -> Store:
        """Return the store for options that were checked."""


_TYPES: Mapping[str, StoreType] = {
    "file": FileStore,
}

# The option `store` as an argument spec. No defaults: an option that was left out must not look like another type's.
STORE_OPTIONS: dict[str, dict[str, Any]] = {
    "type": {"type": "str", "required": True, "choices": list(_TYPES)},
    **{name: dict(option) for known in _TYPES.values() for name, option in known.OPTIONS.items()},
}


def check_store_options(options: Mapping[str, Any]) -> None:
    """Check the option ``store`` as far as that needs no look at the disk or the network.

    :param options: its suboptions; one that is None counts as left out.
    :raises OptionError: naming the suboption, ``store.path`` for example.
    """
    given = _given(options)
    choices = " or ".join(repr(name) for name in _TYPES)
    if "type" not in given:
        raise OptionError("store.type", "store.type is missing.", f"Give {choices}.")
    kind = given["type"]
    if not isinstance(kind, str) or kind not in _TYPES:
        raise OptionError("store.type", f"store.type {kind!r} is not known.", f"Give {choices}.")
    for name in given:
        if name != "type" and name not in _TYPES[kind].OPTIONS:
            raise OptionError(
                f"store.{name}",
                f"store.{name} is no option of the store type {kind!r}.",
                f"It has: {', '.join(_TYPES[kind].OPTIONS)}.",
            )
    _TYPES[kind].check(given)


def open_store(options: Mapping[str, Any], *, read_only: bool) -> Store:
    """Return the store that the option ``store`` describes; nothing is touched yet.

    :param options: the suboptions of ``store``.
    :param read_only: check mode: whatever would write raises ReadOnlyViolation.
    :raises OptionError: as ``check_store_options``.
    """
    check_store_options(options)
    given = _given(options)
    return _TYPES[given["type"]].open(given, read_only)


def store_options(given: str | Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the suboptions of ``store`` for one that is named by a path alone, or in full; a path in it is expanded, as Ansible does it.

    :param more: suboptions that stand beside a path alone.
    """
    options = {"type": "file", **more, "path": given} if isinstance(given, str) else dict(given)
    if isinstance(options.get("path"), str):
        options["path"] = os.path.expanduser(os.path.expandvars(options["path"]))
    return options


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given: Ansible fills in None for the others."""
    return {name: value for name, value in options.items() if value is not None}
