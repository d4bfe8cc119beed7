# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The credential of a login to Elasticsearch: whose it is, what it may do, and the server that it opens."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._api.elasticsearch import ElasticsearchApi
from .._http.client import Client
from .._model.abilities import WATCHED, Holder
from .._model.checks import check_not_empty
from .._model.errors import BadRequest, Forbidden, OptionError
from .._model.features import Capabilities
from .elasticsearch_keys import ElasticsearchKeys

_LIST = {"type": "list", "elements": "str"}
OPTIONS = {
    "privileges": {
        "type": "dict",
        "options": {
            "cluster": _LIST,
            "index": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "names": {**_LIST, "required": True},
                    "privileges": {**_LIST, "required": True},
                    "allow_restricted_indices": {"type": "bool", "default": False},
                },
            },
            "application": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "application": {"type": "str", "required": True},
                    "privileges": {**_LIST, "required": True},
                    "resources": {**_LIST, "default": ["*"]},
                },
            },
        },
    },
}

# How the server says that it does not know a privilege, and then which ones it knows; serverless, that it does not offer one.
_UNKNOWN = re.compile(r"\b(cluster|index) privilege \[([^\]]*)\](.*)", re.DOTALL)


@dataclass(frozen=True)
class Credential:
    """``held`` is the server's word on every privilege that was asked about, the watched ones included; ``holds_all`` is None
    where the task did not ask for any."""

    holder: Holder
    held: Mapping[str, Any]
    holds_all: bool | None


def question_of(params: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what the task asks about, in the server's form.

    :raises OptionError: an entry is empty.
    """
    asked = params.get("privileges") or {}
    for where, text in _texts(asked, "privileges"):
        check_not_empty(text, where)
    for kind in ("index", "application"):
        for entry in asked.get(kind) or ():
            for name, value in entry.items():
                if value == []:
                    raise OptionError(
                        f"privileges.{kind}.{name}",
                        f"privileges.{kind}.{name} is an empty list.",
                        "Fill it, or take the entry out.",
                    )
    return {kind: list(asked.get(kind) or ()) for kind in ("cluster", "index", "application")}


def _texts(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, where)
    else:
        yield where, value


def look_at_credential(client: Client, params: Mapping[str, Any]) -> Credential:
    """Ask the server who is logged in, what it may do, and which server it is. Works for a login without any right.

    :raises OptionError: the server does not know a privilege that the task asks about.
    :raises Unauthorized: the login is refused.
    """
    question = question_of(params)
    api = ElasticsearchApi(client)
    login = ElasticsearchKeys(api, params).login()
    server = _server_of(api)
    held = _held(api, question, server)
    privileges = frozenset(name for name, has in held["cluster"].items() if has)
    return Credential(Holder(login, privileges, server), held, _holds_all(question, held))


def _server_of(api: ElasticsearchApi) -> Capabilities | None:
    try:
        info = api.info()
    except Forbidden:
        return None
    return Capabilities(info.version, info.flavor, info.cluster)


def _held(api: ElasticsearchApi, question: Mapping[str, list[Any]], server: Capabilities | None) -> Mapping[str, Any]:
    """Ask about the task's privileges and ours together; of ours, those that this server does not know are left out."""
    ours = set(WATCHED)
    while True:
        cluster = sorted({*question["cluster"], *ours})
        try:
            return api.has_privileges({**question, "cluster": cluster})
        except BadRequest as refused:
            unknown = _UNKNOWN.search(_whole_reason(refused))
            name = unknown[2] if unknown and unknown[1] == "cluster" else None
            if name not in ours or name in question["cluster"]:
                raise _refused(refused, unknown, server) from None
            ours.remove(name)


def _whole_reason(refused: BadRequest) -> str:
    """Return the server's words uncut: a message would end in the middle of the list of names."""
    body = refused.body if isinstance(refused.body, Mapping) else {}
    error = body.get("error")
    return str(error.get("reason")) if isinstance(error, Mapping) else refused.reason or ""


def _refused(refused: BadRequest, unknown: re.Match[str] | None, server: Capabilities | None) -> OptionError:
    if unknown is None:
        return OptionError(
            "privileges",
            f"Elasticsearch refuses to be asked about these privileges: {(refused.reason or '').rstrip('.;')}.",
            "Correct the entry.",
        )
    kind, name, rest = unknown.groups()
    like = difflib.get_close_matches(name, re.findall(r"\w+", rest), 1, 0.7)
    version = "" if server is None else f" {server.version}"
    return OptionError(
        f"privileges.{kind}",
        f"Elasticsearch{version} knows no {kind} privilege {name!r}.",
        f"Did you mean {like[0]}?"
        if like
        else "Correct it or take it out: one unknown name spoils the whole question.",
    )


def _holds_all(question: Mapping[str, list[Any]], held: Mapping[str, Any]) -> bool | None:
    if not any(question.values()):
        return None
    cluster = [held["cluster"][name] for name in question["cluster"]]
    return all(cluster) and all(_leaves([held.get("index"), held.get("application")]))


def _leaves(value: Any) -> Iterator[bool]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield bool(value)
