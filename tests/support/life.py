# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one key under test: a user with a narrow role, a store, and runs of the project's own engine, in this process.

Needs `support.collection.install()` before it is imported.
"""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.connect import connect
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import GROUPS
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.policy import policy_of
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_key import key_spec
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key import ES_API_KEY
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.kind import KeyKind
from ansible_collections.keysmith.elastic.plugins.module_utils._life.job import Job, Outcome
from ansible_collections.keysmith.elastic.plugins.module_utils._life.run import DEFAULT_TOOLS, run_jobs
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.lifecycle import rendered
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import Store, open_store
from support.admin import PASSWORD, Admin, Answer, UniqueNames, api_key, basic

# What the login passes on, and what it needs for that.
PASSED_ON = {"cluster": ["monitor"], "indices": [{"names": ["logs-*"], "privileges": ["create_doc"]}]}
NARROW = {**PASSED_ON, "cluster": ["manage_own_api_key", "monitor"]}


def all_options(given: Mapping[str, Any], kind: KeyKind = ES_API_KEY) -> dict[str, Any]:
    """What a module has for parameters when a task gives these options."""
    spec = key_spec(kind).arguments()["argument_spec"]
    return {**{name: option.get("default") for name, option in spec.items()}, **given}


@dataclass
class Ran:
    """One run: what became of the job, or the error that ended it before."""

    outcome: Outcome | None
    error: KeysmithError | None
    requests: int
    warnings: list[str]

    @property
    def code(self) -> str | None:
        return self.error.code if self.error else None

    @property
    def changed(self) -> bool:
        assert self.error is None, f"{self.error} ({self.error.fields})"
        assert self.outcome is not None
        return self.outcome.changed

    @property
    def reasons(self) -> str:
        return " | ".join(self.outcome.plan.reasons) if self.outcome else ""

    @property
    def told(self) -> str:
        """Every warning."""
        return " | ".join(self.warnings)

    @property
    def words(self) -> str:
        """The error as a user sees it."""
        return str(self.error)

    @property
    def retired(self) -> dict[str, str]:
        assert self.outcome is not None
        return {one.id: one.how for one in self.outcome.previous}


class Litter:
    """What the tests have made on one server; it goes in few requests at the end, keys by their ids."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self.users: list[str] = []
        self.roles: list[str] = []
        self.keys: list[str] = []

    def clear(self) -> None:
        ids = {*self.keys, *(key["id"] for name in self.users for key in keys_of(self._admin, name))}
        for start in range(0, len(ids), 1000):
            self._admin.ok("DELETE", "/_security/api_key", {"ids": sorted(ids)[start : start + 1000]})
        for kind, names in (("user", self.users), ("role", self.roles)):
            for name in names:
                self._admin.call("DELETE", f"/_security/{kind}/{name}?refresh=false")


def keys_of(admin: Admin, username: str, **terms: Any) -> list[dict[str, Any]]:
    """The keys of a user that can still log in, by the server's own clock, oldest first."""
    wanted = [{"term": {name: value}} for name, value in {"username": username, "invalidated": False, **terms}.items()]
    over = {"range": {"expiration": {"lte": "now"}}}
    query = {"bool": {"filter": wanted, "must_not": [over]}}
    body = {"query": query, "sort": ["creation"], "size": 10_000}
    return list(admin.ok("POST", "/_security/_query/api_key", body)["api_keys"])


class Life:
    """One owner, one name, one store."""

    kind = ES_API_KEY
    rights: Mapping[str, Any] = NARROW
    """What the owner may."""
    opens: Mapping[str, Any] = {"role_descriptors": {"writer": PASSED_ON}}
    """What the key may, in the kind's own option."""
    creates = r"/_security/api_key\?"
    """Fits the path of a create."""

    def __init__(self, admin: Admin, unique: UniqueNames, folder: Path, litter: Litter) -> None:
        self.admin, self.unique, self.litter = admin, unique, litter
        self.url = admin.server.url
        self.name = unique("key")
        self.folder = folder
        self.path = folder / "key.json"
        self.username = self.make_user("owner", dict(self.rights))
        self.password = PASSWORD
        self.login = self.login_of(self.username)

    def make_user(self, what: str, role: dict[str, Any]) -> str:
        """A user with a role of its own; returns its name."""
        name = self.unique(what)
        self.litter.roles.append(self.admin.create_role(name, role))
        self.admin.create_user(name, [name])
        self.litter.users.append(name)
        return name

    def options(self, **given: Any) -> dict[str, Any]:
        """The options of a plain run, with these instead; None leaves one out."""
        login = {"username": self.username, "password": self.password} if "api_key" not in given else {}
        plain = {
            "url": [self.url],
            **login,
            "name": self.name,
            **self.opens,
            "expiration": "90d",
            "store": {"type": "file", "path": str(self.path)},
            "retries": 1,
        }
        return {**plain, **given}

    def run(self, *, check: bool = False, tools: Mapping[str, Any] | None = None, **given: Any) -> Ran:
        """One run of the engine as the module makes it; `tools` replaces its clock, sleep and nonce."""
        options = all_options(self.options(**given), self.kind)
        client = connect(options, GROUPS[self.kind.group], Scrubber(), self.kind.check_answer, read_only=check)
        try:
            with client:
                wanted = self.kind.wanted(options)
                store = self.store(options["store"], check) if options["store"] else None
                job = Job(wanted, policy_of(options, wanted), store)
                service = self.kind.service(client, options)
                (outcome,) = run_jobs(
                    self.kind, service, [job], check=check, tools=replace(DEFAULT_TOOLS, **(tools or {}))
                )
        except KeysmithError as error:
            return Ran(None, error, client.requests_sent, client.warnings)
        return Ran(outcome, outcome.error, client.requests_sent, [*client.warnings, *outcome.warnings])

    def store(self, options: dict[str, Any] | None = None, read_only: bool = False) -> Store:
        return open_store(options or {"type": "file", "path": str(self.path)}, read_only=read_only)

    def begin(self, **given: Any) -> str:
        """The first key; returns its id."""
        assert self.run(**given).changed
        return self.current

    def beside_the_proxy(self) -> Life:
        """The same key and store for a run that a proxy has nothing to do with."""
        other = copy.copy(self)
        other.url = self.admin.server.url
        return other

    def namesake(self, name: str) -> Life:
        """Another key of the same owner, with a store of its own."""
        other = copy.copy(self)
        other.name, other.folder = name, self.folder / name
        other.folder.mkdir()
        other.path = other.folder / "key.json"
        return other

    def due(self) -> dict[str, str]:
        """The option that makes the stored key due, and no successor of it."""
        return self.due_by(self.admin.key(self.current)["creation"])

    def due_by(self, creation: int) -> dict[str, str]:
        """The option that makes every key due that was made by then (ms)."""
        creation += 1
        return {"rotate_if_created_before": f"{rendered(creation)[:-1]}.{creation % 1000:03d}Z"}

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text()))

    def tamper(self, **changes: Any) -> None:
        """Change the record behind the engine's back."""
        self.path.write_text(json.dumps({**self.record, **changes}))

    @property
    def current(self) -> str:
        return str(self.record["current"]["id"])

    @property
    def encoded(self) -> str:
        """The stored secret as the option api_key takes it."""
        current = self.record["current"]
        return basic(current["id"], current["api_key"]).split()[1]

    @property
    def stored(self) -> str:
        """The login with the stored secret."""
        return api_key(self.encoded)

    def works(self, login: str | None = None) -> bool:
        """Does the stored secret (or another login) log in?"""
        answer = self.admin.authenticate(login or self.stored)
        assert answer.status in (200, 401), answer
        return answer.status == 200

    def alive(self, username: str | None = None, **terms: Any) -> list[str]:
        """The ids of this owner's keys that can still log in, oldest first."""
        return [key["id"] for key in keys_of(self.admin, username or self.username, **terms)]

    def remaining(self, key_id: str) -> float:
        """The seconds that a key still has, by the server's clock."""
        end = self.admin.key(key_id).get("expiration")
        return float("inf") if end is None else (end - self.server_time()) / 1000

    def server_time(self) -> int:
        aggregation = {"now": {"date_range": {"field": "creation", "ranges": [{"to": "now"}]}}}
        question = {"size": 0, "aggs": aggregation}
        answer = self.admin.ok("POST", "/_security/_query/api_key", question)
        if "aggregations" not in answer:
            # A cluster that never had a key tells no time.
            self.make_key(name=f"{self.name}-clock", expiration="1s")
            answer = self.admin.ok("POST", "/_security/_query/api_key", question)
        return int(answer["aggregations"]["now"]["buckets"][0]["to"])

    def make_key(self, *, login: str | None = None, name: str | None = None, **body: Any) -> dict[str, Any]:
        """A key of this name and owner (or another login's) that the engine knows nothing of."""
        body.setdefault("role_descriptors", {"writer": PASSED_ON})
        made = self.admin.create_key(name or self.name, login=login or self.login, **body)
        self.litter.keys.append(made["id"])
        return made

    def end(self, key_id: str, expiration: str = "1s") -> None:
        """Move a key's end behind the engine's back."""
        self.admin.ok("PUT", f"/_security/api_key/{key_id}", {"expiration": expiration}, login=self.login)

    def mark(self, nonce: str | None = None, store: str | None = None) -> dict[str, Any]:
        """Metadata as the engine writes it; without a nonce a new one, without a store this life's."""
        return {"keysmith": {"nonce": nonce or secrets.token_hex(16), "store": store or self.store().fingerprint()}}

    def login_of(self, username: str) -> str:
        """The login of a user that `make_user` has made."""
        return basic(username, PASSWORD)

    def login_as(self, made: Mapping[str, Any]) -> str:
        """The login with a key that the server has just made."""
        return api_key(str(made["encoded"]))

    def narrow(self, role: dict[str, Any]) -> None:
        """Give the owner other rights."""
        self.admin.create_role(self.username, role)

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """A request as the owner."""
        return self.admin.call(method, path, body, login=self.login)
