# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What the records of keys and of logins have in common: their format and their head, and how a field is read from JSON.

A field of another type raises TypeError without a text: it could show a part of the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .key import Owner

# Written into every record, so that a later release can tell an old one.
FORMAT = 1


class Headed(Protocol):
    """A record: what it is a record of, where that is, and how often it was written."""

    @property
    def kind(self) -> str:
        """Return what is kept: a kind of key, or a login."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def cluster(self) -> str:
        """Return the id of the cluster or organization that it belongs to."""

    @property
    def owner(self) -> Owner:
        """Return whose it is."""

    @property
    def serial(self) -> int:
        """Return how often the record was written."""


def head_to_dict(record: Headed) -> dict[str, Any]:
    """Return the head of a record as plain JSON data."""
    return {
        "format": FORMAT,
        "serial": record.serial,
        "kind": record.kind,
        "name": record.name,
        "cluster_uuid": record.cluster,
        "owner": record.owner.username,
        "realm": record.owner.realm,
    }


def head_from_dict(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a head, but for the kind.

    :raises KeyError, TypeError: it is damaged.
    """
    return {
        "name": text_of(data["name"]),
        "cluster": text_of(data["cluster_uuid"]),
        "owner": Owner(text_of(data["owner"]), None if data.get("realm") is None else text_of(data["realm"])),
        "serial": number_of(data["serial"]),
    }


def text_of(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def number_of(value: Any) -> int:
    """Return a whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def time_of(value: Any) -> int | None:
    """Return a time in ms since the epoch, None as None."""
    return None if value is None else number_of(value)
