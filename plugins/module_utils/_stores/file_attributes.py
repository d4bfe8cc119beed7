# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Mode, owner and group of a store's file: what was asked for, what is there, what may be done."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from typing import Any

from .._model.errors import OptionError

DEFAULT_MODE = 0o600

# The last id means "leave it" to chown.
_LAST_ID = 2**32 - 1

_OCTAL = re.compile(r"(?:0o|0)?[0-7]{3}")


def parse_mode(value: Any, option: str = "store.mode") -> int:
    """Return the mode that an option asks for.

    :param value: an integer is the mode itself (``0600`` in YAML is already 384), a string is octal (``"0600"``).
    :raises OptionError: it is no mode, or none that a file with a secret can have.

    Read by the owner, never written by others, no write without read, nothing executable. These rules also catch the
    usual slips: octal read as decimal (``600`` for ``0600``) and the other way round (``"384"``, a templated ``0600``).
    """
    if isinstance(value, str) and _OCTAL.fullmatch(value.strip()):
        mode = int(value.strip().replace("o", "", 1), 8)
    elif isinstance(value, int) and not isinstance(value, bool):
        mode = value
    else:
        raise OptionError(
            option,
            f"{option} is no octal mode: {value!r}.",
            "Write it as '0600' or '0640'; symbolic modes are not read.",
        )
    read, write = mode & 0o444, mode & 0o222
    if mode != read | write:
        raise _bad_mode(option, value, mode, "has bits that a file with a secret cannot have")
    if not mode & stat.S_IRUSR:
        raise _bad_mode(option, value, mode, "does not let the owner read the file")
    if mode & stat.S_IWOTH:
        raise _bad_mode(option, value, mode, "lets everybody write the file")
    if write << 1 & ~read:
        raise _bad_mode(option, value, mode, "lets somebody write who cannot read")
    return mode


def _bad_mode(option: str, value: Any, mode: int, why: str) -> OptionError:
    """Return the error for a mode that can be read but not be used."""
    octal = f"0{mode:o}" if mode >= 0 else "no mode"
    return OptionError(option, f"{option} {value!r} (octal {octal}) {why}.", "Write it as a string: '0600' or '0640'.")


def find_user(value: str) -> int:
    """Return the uid of a user's name or number.

    :raises OptionError: this host does not know the name.
    """
    try:
        return pwd.getpwnam(value).pw_uid
    except (KeyError, ValueError):
        return _number("store.owner", "user", value)


def find_group(value: str) -> int:
    """Return the gid of a group's name or number.

    :raises OptionError: this host does not know the name.
    """
    try:
        return grp.getgrnam(value).gr_gid
    except (KeyError, ValueError):
        return _number("store.group", "group", value)


def _number(option: str, what: str, value: str) -> int:
    """Return an id that was given as a number; it need not have a name."""
    if value.isascii() and value.isdigit() and int(value) < _LAST_ID:
        return int(value)
    raise OptionError(
        option,
        f"{option}: there is no {what} {value!r} on this host.",
        f"Make the {what} first, or name one that exists.",
    )


def user_name(uid: int) -> str:
    """Return the user's name, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the group's name, or the number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def may_give_to_user(uid: int) -> bool:
    """Can this process make that user a file's owner?"""
    return os.geteuid() in (0, uid)


def may_give_to_group(gid: int) -> bool:
    """Can this process make that group a file's group?"""
    return os.geteuid() == 0 or gid == os.getegid() or gid in os.getgroups()


def beyond(found: int, wanted: int) -> str | None:
    """Say who may read or write a file of mode ``found`` though ``wanted`` does not let them; None: nobody."""
    extra = stat.S_IMODE(found) & ~wanted
    who = [name for name, bits in (("group", 0o060), ("others", 0o006)) if extra & bits]
    if not who:
        return None
    what = "readable" if extra & 0o044 else "writable"
    return f"{what} by {' and '.join(who)} ({stat.S_IMODE(found):04o})"
