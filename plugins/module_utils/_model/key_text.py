# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Keys as users have them at hand: told apart, and read."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from .errors import OptionError
from .secret import ApiKeySecret

# Elastic Cloud keys begin with it, Elasticsearch's never do.
_CLOUD_PREFIX = "essu_"

# An id and a secret as Elasticsearch makes them.
_PAIR = re.compile(r"[\w-]{20}:[\w-]{22}", re.ASCII)

# A user, an id and a secret as ECE makes them.
_ECE_PARTS = re.compile(r"[^:]+:([0-9a-f]{32}):\S{16,}")

_SCHEME = re.compile(r"apikey\s+", re.IGNORECASE)


def is_cloud_key(text: Any) -> bool:
    """Is it the key of Elastic Cloud (``essu_...``) rather than of an Elasticsearch?"""
    return isinstance(text, str) and _without_scheme(text).startswith(_CLOUD_PREFIX)


def is_elasticsearch_key(text: Any) -> bool:
    """Is it a key with its secret as an Elasticsearch makes it, be it ``id:api_key`` or base64 of that?"""
    if not isinstance(text, str):
        return False
    bare = _without_scheme(text)
    if _PAIR.fullmatch(bare):
        return True
    try:
        pair = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return _PAIR.fullmatch(pair) is not None


def id_in_ece_key(text: str) -> str | None:
    """Return the id in the text of an ECE key, which is base64 of ``user:id:secret`` as far as its form is known; None for other texts."""
    try:
        parts = base64.b64decode(_without_scheme(text), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    found = _ECE_PARTS.fullmatch(parts)
    return found[1] if found else None


def parse_opaque_key(text: Any, option: str) -> str:
    """Read a key of Elastic Cloud or ECE, which is sent as it is; white space around it and a leading ``ApiKey`` are tolerated.

    Not every such key begins with ``essu_``, so only what certainly is something else is refused.

    :raises OptionError: it is no text, empty, or the key of an Elasticsearch; the message never shows what was given.
    """
    right = "Give the key as the service issued it; one of Elastic Cloud begins with essu_."
    if not isinstance(text, str):
        raise OptionError(option, f"{option} is not a text.", right)
    bare = _without_scheme(text)
    if bare[:1] in ("{", "["):
        raise OptionError(
            option, f"{option} holds a whole JSON answer instead of a key.", "Give only the value of its field 'key'."
        )
    if is_elasticsearch_key(bare):
        raise OptionError(option, f"{option} is an Elasticsearch API key, which this service does not take.", right)
    return bare


def parse_api_key(text: Any, option: str) -> ApiKeySecret:
    """Read an API key as users have it at hand.

    :param text: base64 of ``id:api_key`` (the field ``encoded``), or ``id:api_key`` itself; white space around it and a
        leading ``ApiKey`` are tolerated, as is missing base64 padding (Elasticsearch tolerates it, too).
    :param option: the option's name for messages.
    :raises OptionError: it is neither; the message never shows what was given.
    """
    right = "Give the field 'encoded' of the create answer, or 'id:api_key'."
    if not isinstance(text, str):
        raise OptionError(option, f"{option} is not a text.", right)
    bare = _without_scheme(text)
    if not bare:
        raise OptionError(option, f"{option} is empty.", right)
    if bare[0] in "{[":
        raise OptionError(
            option,
            f"{option} holds a whole JSON answer instead of a key.",
            "Give only the value of its field 'encoded'.",
        )
    if is_cloud_key(bare):
        raise OptionError(
            option,
            f"{option} is an Elastic Cloud key (essu_...), which opens no Elasticsearch deployment.",
            "Use it with the modules of this collection whose names begin with ec_, and give an Elasticsearch key or user here.",
        )
    id_, _colon, value = _pair(bare, option, right).partition(":")
    if not id_ or not value or any(not "!" <= char <= "~" for char in id_ + value):
        raise OptionError(option, f"{option} does not hold an id and a secret with a colon in between.", right)
    return ApiKeySecret(id_, value)


def _without_scheme(text: str) -> str:
    """Return the key without white space around it and without the scheme of a pasted header."""
    return _SCHEME.sub("", text.strip(), count=1) if _SCHEME.match(text.strip()) else text.strip()


def _pair(bare: str, option: str, right: str) -> str:
    """Return ``id:secret`` from either form."""
    if ":" in bare:
        return bare
    try:
        pair = base64.b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        pair = ""
    if ":" in pair:
        return pair
    if re.fullmatch(r"[A-Za-z0-9_-]{22}", bare):
        raise OptionError(option, f"{option} looks like the field 'api_key' alone, without the id.", right)
    what = "is base64 of something without a colon" if pair else "is neither base64 of 'id:api_key' nor 'id:api_key'"
    raise OptionError(option, f"{option} {what}.", right)
