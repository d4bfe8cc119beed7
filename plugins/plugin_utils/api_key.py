# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API key in whatever form a playbook has it at hand, without ever repeating it in a message."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.failure import unexpected
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError, OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key_text import parse_api_key
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import (
    ApiKeySecret,
    OpaqueSecret,
    secret_type,
)

_RIGHT = (
    "Give id:api_key, its base64 (encoded), the field secret of a result, or the record of a store as a mapping, as JSON or "
    "as slurp returns it."
)


def told(work: Callable[[], Any]) -> Any:
    """Return what the work returns; an error becomes Ansible's, with nothing hanging on it that could hold a secret."""
    try:
        return work()
    except KeysmithError as error:
        problem = error
    except Exception as error:
        problem = unexpected(error)
    raise AnsibleFilterError(str(problem))


def text_of(value: Any) -> str | None:
    """Return a value as text if it is one, be it bytes or (before core 2.19) still in its vault; else None."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) or getattr(value, "__ENCRYPTED__", False) else None


def secret_of(value: Any, what: str) -> ApiKeySecret:
    """Read an API key from a text, a result's ``secret``, a whole result, a record or what ``slurp`` returns.

    :param what: names the value in messages, which never show it.
    :raises OptionError: it holds no API key.
    """
    if isinstance(value, Mapping):
        return _from_mapping(value, what)
    text = text_of(value)
    if text is None:
        raise OptionError(what, f"{what} is {kind_of(value)}, not an API key.", _RIGHT)
    content = json_of(text)
    return parse_api_key(text, what) if content is None else _from_mapping(content, what)


def json_of(text: str) -> Mapping[str, Any] | None:
    """Return the mapping that a text holds as JSON or as base64 of JSON, None if it holds none."""
    bare = text.strip()
    if not bare.startswith("{"):
        try:
            bare = base64.b64decode("".join(bare.split()), validate=True).decode("utf-8").strip()
        except (binascii.Error, ValueError):
            return None
    if not bare.startswith("{"):
        return None
    try:
        content = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, Mapping) else None


def _from_mapping(value: Mapping[str, Any], what: str) -> ApiKeySecret:
    if "current" in value:
        if value["current"] is None:
            raise OptionError(
                what, f"{what} is a record that holds no key yet.", "Run the module that fills its store."
            )
        return _pair(value["current"], what, secret_type(str(value.get("kind"))))
    if "content" in value and "encoding" in value:
        return secret_of(value["content"], what)
    if "secret" in value:
        return _pair(value["secret"], what)
    return _pair(value, what)


def _pair(value: Any, what: str, secret_of_kind: type[ApiKeySecret] = ApiKeySecret) -> ApiKeySecret:
    if not isinstance(value, Mapping) or "id" not in value or "api_key" not in value:
        raise OptionError(what, f"{what} has no id and api_key.", _RIGHT)
    if value["id"] is None or value["api_key"] is None:
        raise OptionError(
            what,
            f"{what} holds no secret: its fields are null.",
            "So they are in check mode, and where the secret of an existing key is not known: give the module a store, "
            "and skip the task in check mode.",
        )
    key_id, secret = text_of(value["id"]), text_of(value["api_key"])
    if not key_id or not secret:
        raise OptionError(what, f"{what} has an id or api_key that is no text.", _RIGHT)
    # In a result the forms tell: only what is sent as it is equals its encoded form.
    opaque = value.get("encoded") is not None and text_of(value["encoded"]) == secret
    return (OpaqueSecret if opaque else secret_of_kind)(key_id, secret)


def kind_of(value: Any) -> str:
    """Name a value's type for a message."""
    if value is None:
        return "null"
    for types, word in (
        (bool, "a boolean"),
        ((int, float), "a number"),
        ((list, tuple), "a list"),
        (Mapping, "a mapping"),
    ):
        if isinstance(value, types):
            return word
    return f"a {type(value).__name__}"
