# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Secrets where none belong, refused on the controller: Ansible shows options that it does not know to be secret, and logs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._http.settings import check_no_userinfo
from .._model.errors import OptionError
from .._model.key_text import id_in_ece_key, is_elasticsearch_key
from .._model.scrubber import Scrubber
from .options import is_given

# Options that hold secrets, so that Ansible shows none of them; a dot leads into a mapping.
SECRETS = frozenset(
    {
        "api_key",
        "password",
        "token",
        "proxy_password",
        "grant.password",
        "grant.access_token",
        "secret",
        "keystore_password",
        "value",
    }
)
_URLS = ("url", "proxy")

_CLOUD_KEY = re.compile(r"essu_\S{20,}", re.ASCII)
_BEFORE_A_KEY = re.compile(r"\s*(apikey\s+)?", re.IGNORECASE)


def refuse_misplaced(arguments: Mapping[str, Any]) -> None:
    """Refuse what looks like a secret in an option that others can read; the message never repeats it.

    A password cannot be told from any other text, a key can.

    :raises OptionError: an API key, a private key, or a URL with a password.
    """
    for option in _URLS:
        for url in _texts(arguments.get(option)):
            check_no_userinfo(option, url)
    for where, text in _leaves(arguments, ""):
        if where in SECRETS:
            continue
        if _is_api_key(text):
            raise OptionError(
                where,
                f"{where} holds an API key with its secret (it is not repeated here).",
                "The key to log in with belongs into api_key; everywhere else a key is named by its id.",
            )
        if "PRIVATE KEY-----" in text:
            raise OptionError(
                where, f"{where} holds a private key itself.", "Give client_key the path of the file that holds it."
            )


def login_scrubber(arguments: Mapping[str, Any], scrubber: Scrubber | None = None) -> Scrubber:
    """Return a scrubber, the given one or a new one, that knows every secret that the options give."""
    scrubber = scrubber or Scrubber()
    given = {where: text for where, text in _leaves(arguments, "") if where in SECRETS}
    scrubber.add(*given.values())
    for username, password in (("username", "password"), ("proxy_username", "proxy_password")):
        if is_given(arguments.get(username)) and password in given:
            scrubber.add_login(str(arguments[username]), given[password])
    return scrubber


def _leaves(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield every text with the path of names that leads to it; the items of a list share theirs."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield where, str(name)
            yield from _leaves(item, f"{where}.{name}" if where else str(name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item, where)
    elif is_given(value):
        yield where, str(value)


def _texts(value: Any) -> list[str]:
    return (
        [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)] if is_given(value) else []
    )


def _is_api_key(text: str) -> bool:
    bare = _BEFORE_A_KEY.sub("", text, count=1).rstrip()
    return is_elasticsearch_key(text) or _CLOUD_KEY.fullmatch(bare) is not None or id_in_ece_key(bare) is not None
