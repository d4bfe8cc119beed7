# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What a store can hold: the record of a key or that of a login, told apart by their ``kind``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, Union

from .errors import Refused, StoreError
from .login_record import LOGIN_KIND, LoginRecord
from .record import Record
from .record_fields import FORMAT

StoredRecord = Union[Record, LoginRecord]
R = TypeVar("R", Record, LoginRecord)

# What becomes of a key or a login whose record was moved away.
SUCCESSION = {
    True: "a run as somebody who may set the user's password then makes a new one",
    False: "the key is then found by its mark and gets a successor",
}


def read_stored(data: Any, where: str) -> StoredRecord:
    """Read a record from JSON data.

    :param where: the store's location, for the message.
    :raises StoreError: it is no record of ours, a damaged one, or one of a format that this release does not know.
    """
    if not isinstance(data, Mapping) or "serial" not in data or "kind" not in data:
        raise StoreError(
            f"{where} holds something that is not a record of this collection; it was not touched.",
            "Give another path, or move what is there away.",
        )
    if data.get("format") != FORMAT:
        # What stands there is not shown: it could be anything, a secret too.
        raise StoreError(
            f"{where} holds a record of another format than {FORMAT}, the only one that this release reads and writes.",
            "Use the release of the collection that wrote it, or a newer one.",
        )
    is_login = data["kind"] == LOGIN_KIND
    try:
        return LoginRecord.from_dict(data) if is_login else Record.from_dict(data)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        # The exception's text could hold a part of the record, so only the kind of damage is told.
        raise StoreError(
            f"{where} holds a damaged record ({type(problem).__name__} while reading it).",
            f"Restore it from a backup, or move it away: {SUCCESSION[is_login]}.",
        ) from None


def as_key(record: StoredRecord | None, where: str) -> Record | None:
    """Return a key's record as one; None where there is none.

    :raises Refused: it is a login's.
    """
    if isinstance(record, LoginRecord):
        raise Refused(f"{where} holds a login ({record.name}), not a key.", "Give each of them a store of its own.")
    return record


def as_login(record: StoredRecord | None, where: str) -> LoginRecord | None:
    """Return a login's record as one; None where there is none.

    :raises Refused: it is a key's.
    """
    if isinstance(record, Record):
        raise Refused(f"{where} holds a key ({record.name}), not a login.", "Give each of them a store of its own.")
    return record
