# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Look before deciding: at most three requests for a key whose secret is stored, two for one whose secret is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .._kinds.kind import KeyKind, KeyService, Search
from .._model.errors import Refused
from .._model.found import NO_SECRET, Found, Proof
from .._model.key import Key, Login
from .._model.record import Record
from .._model.stored import as_key
from .._model.wanted import Wanted
from .job import Job

# How many keys one search asks for at once; the server bounds the clauses of a query.
SEARCHES_AT_ONCE = 200


def look(kind: KeyKind, service: KeyService, jobs: Sequence[Job], clock: Callable[[], int]) -> list[Found]:
    """Return what is there for each job, in their order.

    The login comes first, because a refused secret may only be believed in a run whose login succeeded. Then every stored secret
    is used once, and all keys are searched together.

    :param clock: the local time in ms, for services that do not tell theirs.
    """
    login = service.login()
    records = [_record_of(kind, job, login) for job in jobs]
    proofs = [
        service.prove(record.current.secret) if record and record.current else Proof(NO_SECRET) for record in records
    ]
    searches = [_search(job.wanted, record, login) for job, record in zip(jobs, records)]
    keys: dict[str, Key] = {}
    now = None
    for start in range(0, len(searches), SEARCHES_AT_ONCE):
        part, told = service.find(searches[start : start + SEARCHES_AT_ONCE])
        keys.update((key.id, key) for key in part)
        now = told or now
    # A stored secret that is the one of the login tells what key that is.
    login = service.login()
    return [
        Found(
            now or clock(),
            login,
            tuple(_meant(search, keys)),
            record,
            job.store.fingerprint() if job.store else None,
            proof,
        )
        for job, record, proof, search in zip(jobs, records, proofs, searches)
    ]


def _record_of(kind: KeyKind, job: Job, login: Login) -> Record | None:
    """Read the store, and refuse a record that belongs to another key: it is never overwritten."""
    record = as_key(job.store.read(), job.store.location) if job.store else None
    if record is None or job.store is None:
        return record
    wanted, where = job.wanted, job.store.location
    remedy = "Give this key a store of its own."
    if record.kind != kind.name:
        raise Refused(f"{where} holds a key of kind {record.kind}, not {kind.name}.", remedy)
    if wanted.name is not None and record.name != wanted.name:
        raise Refused(f"{where} holds the key {record.name!r}, name says {wanted.name!r}.", remedy)
    owner = wanted.scope.resolve(login)
    if owner is not None and not record.owner.matches(owner):
        if record.empty:
            # What a refused create leaves. Nobody's key is forgotten if another owner goes on with it.
            return replace(record, owner=owner)
        raise Refused(
            f"{where} holds a key of {record.owner}; this run would make keys of {owner}.",
            "Log in as that owner or with run_as. For a new owner move the record away: the old key then lives until its end.",
        )
    return record


def _search(wanted: Wanted, record: Record | None, login: Login) -> Search:
    ids: list[str] = [wanted.id] if wanted.id else []
    nonces: tuple[str, ...] = ()
    if record is not None:
        ids += [record.current.id] if record.current else []
        ids += [previous.id for previous in record.previous]
        nonces = tuple(intent.nonce for intent in record.intents)
    return Search(
        None if wanted.id else wanted.name, None if wanted.id else wanted.scope.resolve(login), tuple(ids), nonces
    )


def _meant(search: Search, keys: dict[str, Key]) -> list[Key]:
    """Return those of all found keys that this search meant, oldest first."""
    meant = [key for key in keys.values() if search.means(key)]
    return sorted(meant, key=lambda key: (key.creation or 0, key.id))
