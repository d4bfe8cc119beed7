# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get, and the selection that an invalidation shares with it."""

from __future__ import annotations

from typing import Any

from keysmith_emulator.elasticsearch.authorization import API_KEY_ACTION, MANAGE, is_restricted, require_cluster
from keysmith_emulator.elasticsearch.errors import validation_failed
from keysmith_emulator.elasticsearch.key_calls import OWN
from keysmith_emulator.elasticsearch.key_views import show_key
from keysmith_emulator.elasticsearch.routes import Call
from keysmith_emulator.elasticsearch.state import KeyDocument
from keysmith_emulator.exchange import Answer

_READ = ("read_security", *MANAGE)


def get(call: Call) -> Answer:
    """GET /_security/api_key."""
    wanted = {name: call.query.get(name) or None for name in ("id", "name", "username", "realm_name")}
    owner, limited = call.flag("owner"), call.flag("with_limited_by")
    active_only = call.flag("active_only")
    call.flag("with_profile_uid")
    _check_selection(wanted, owner)
    _authorize_get(call, wanted, owner, limited)
    now = call.state.clock.now_ms()
    found = [
        key
        for key in select_keys(call, [wanted["id"]] if wanted["id"] else None, wanted, owner)
        if not active_only or not (key.invalidated or key.is_expired(now))
    ]
    shown = [show_key(key, call.version, limited) for key in found]
    return Answer(404 if wanted["id"] and not shown else 200, {"api_keys": shown})


def _check_selection(wanted: dict[str, Any], owner: bool) -> None:
    problems = []
    by_user = wanted["username"] or wanted["realm_name"]
    if (wanted["id"] or wanted["name"]) and by_user:
        problems.append("username or realm name must not be specified when the api key id or api key name is specified")
    if owner and by_user:
        problems.append("neither username nor realm-name may be specified when retrieving owned API keys")
    if wanted["id"] and wanted["name"]:
        problems.append("only one of [api key id, api key name] can be specified")
    if problems:
        raise validation_failed(problems)


def _authorize_get(call: Call, wanted: dict[str, Any], owner: bool, limited: bool) -> None:
    subject, action = call.subject, API_KEY_ACTION + "get"
    if subject.key is not None:
        if wanted["id"] == subject.key.id and not limited and not owner and not is_restricted(subject):
            return
        own = False
    else:
        own = owner or (wanted["username"] == subject.username and wanted["realm_name"] == subject.realm)
    require_cluster(subject, action, (OWN, *_READ) if own else _READ, call.version)


def select_keys(call: Call, ids: list[str] | None, wanted: dict[str, Any], owner: bool) -> list[KeyDocument]:
    """The keys that a search finds, by ids or by the fields that GET and DELETE share."""
    if ids is not None:
        found = [key for key in map(call.state.keys.find, dict.fromkeys(ids)) if key is not None]
    else:
        found = call.state.keys.search()
    if owner:
        found = [key for key in found if call.subject.owns(key)]
    if wanted["username"]:
        found = [key for key in found if key.username == wanted["username"]]
    if wanted["realm_name"]:
        found = [key for key in found if key.realm == wanted["realm_name"]]
    name = wanted["name"]
    if name and name.endswith("*"):
        return [key for key in found if key.name.startswith(name[:-1])]
    return [key for key in found if key.name == name] if name else found
