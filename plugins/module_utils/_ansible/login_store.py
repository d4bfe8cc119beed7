# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The option ``login_store``: log in with what a store holds, a user and a password or, for other services, a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._http.auth import ApiKeyAuth, Auth, BasicAuth
from .._model.errors import KeysmithError, OptionError, Refused, StoreError
from .._model.login_record import LoginRecord
from .._model.stored import as_key, as_login
from .._stores.store import Store, open_store, store_options

OPTION = "login_store"


def stored_login(given: Any, kind: str | None) -> Auth:
    """Return the login whose record is in a store, which is read here.

    :param given: an absolute path, or a mapping as the option ``store``.
    :param kind: the kind of key that the store is to hold; None: a user with a password.
    :raises OptionError: it is neither.
    :raises StoreError: there is no record, or it holds no secret yet.
    :raises Refused: it holds something else.
    """
    if not isinstance(given, (str, Mapping)):
        raise OptionError(
            OPTION, f"{OPTION} is neither a path nor a mapping.", "Give the absolute path of a record, or a store."
        )
    try:
        store = open_store(store_options(given), read_only=True)
        if kind is not None:
            return _stored_key(store, kind)
        record = as_login(store.read(), store.location)
    except OptionError as problem:
        raise OptionError(OPTION, f"{OPTION}: {problem.message}", problem.hint) from None
    if record is None or not record.passwords():
        raise StoreError(
            f"{OPTION} {store.location} holds {'no record' if record is None else 'a login without a password'}.",
            "Make it with es_login, as somebody who may.",
        )
    return login_in(record, lambda: _once_more(store))


def _stored_key(store: Store, kind: str) -> ApiKeyAuth:
    record = as_key(store.read(), store.location)
    if record is None or record.current is None:
        raise StoreError(
            f"{OPTION} {store.location} holds {'no record' if record is None else 'a record without a key'}.",
            f"Make the key with {kind}, with another login.",
        )
    if record.kind != kind:
        raise Refused(
            f"{OPTION} {store.location} holds a key of kind {record.kind}, which does not log in here.",
            f"Give the store of a key of kind {kind}.",
        )
    return ApiKeyAuth(record.current.secret.encoded, record.current.id)


def login_in(record: LoginRecord, again: Callable[[], BasicAuth | None] | None = None) -> BasicAuth:
    """Return the login that a record with a password holds: what works, and what a change under way may have made work.

    :param again: reads the login anew.
    """
    first, *others = record.passwords()
    return BasicAuth(record.owner.username, first, others[0] if others else None, again)


def _once_more(store: Store) -> BasicAuth | None:
    """Read a login anew after it was refused; None where that is not possible: then the refusal is what is told."""
    try:
        record = as_login(store.read(), store.location)
    except KeysmithError:
        return None
    return login_in(record, lambda: _once_more(store)) if record is not None and record.passwords() else None
