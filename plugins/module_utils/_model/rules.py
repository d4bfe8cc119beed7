# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What ``decide`` must know of a kind of key, as data and three functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .compare import Change
from .features import Capabilities
from .key import Login
from .wanted import Wanted


@dataclass(frozen=True)
class SpecField:
    """One comparable part of a key.

    ``differences`` takes the wanted and the found value; ``feature`` (a name in ``FEATURES``) is what changes the part in place,
    None: nothing does.
    """

    differences: Callable[[Any, Any], tuple[Change, ...]]
    feature: str | None = None


@dataclass(frozen=True)
class Rules:
    """One kind's rules.

    ``noun`` is what people call such a key, ``type`` what the service calls it.
    ``extend_feature`` is what moves an end in place (None: nothing does).
    With one of ``create_privileges`` a login can make, see and revoke its own keys, with one of ``see_all_privileges`` everybody's;
    both are empty where the service has no such privileges.
    ``keeps_end``: does the service give a new key exactly the end that it is asked for?
    ``heir_retires``: can a key revoke another one of its owner, so that a login that is such a key can be succeeded and revoked?
    ``check_new`` (wanted, the whole spec) refuses a new key by law, ``check_spec`` (wanted, the fields to be written, capabilities) what
    this server cannot take. ``method`` (wanted, login, capabilities, is there a living predecessor, the fields that differ from it)
    returns the call that makes a key for this login. All three raise Refused.
    """

    noun: str
    fields: Mapping[str, SpecField]
    check_spec: Callable[[Wanted, Mapping[str, Any], Capabilities], None]
    method: Callable[[Wanted, Login, Capabilities, bool, frozenset[str]], str]
    check_new: Callable[[Wanted, Mapping[str, Any]], None]
    type: str = "rest"
    extend_feature: str | None = None
    create_privileges: frozenset[str] = frozenset()
    see_all_privileges: frozenset[str] = frozenset()
    keeps_end: bool = True
    heir_retires: bool = False

    def unlike(self, spec: Mapping[str, Any], shown: Mapping[str, Any]) -> str | None:
        """Return the path of the first real difference between what was sent and what the service shows of it, or None."""
        for name, value in spec.items():
            for change in self.fields[name].differences(value, shown.get(name)):
                if not change.spelling:
                    return change.path
        return None
