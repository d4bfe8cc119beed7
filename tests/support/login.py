# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login under test: a user's name, a store, and runs of the module es_login over them.

Needs `support.collection.install()` before it is imported.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.keysmith.elastic.plugins.modules import es_api_key_info, es_login
from support.admin import Admin, UniqueNames, basic
from support.in_process import answer_of
from support.life import Litter

RIGHTS = {"cluster": ["monitor"], "indices": [{"names": ["logs-*"], "privileges": ["create_doc"]}]}
HOUR = 3_600_000


class LoginUnderTest:
    """One user, one role, one store; nothing of it is there yet."""

    def __init__(self, admin: Admin, unique: UniqueNames, folder: Path, litter: Litter, what: str = "login") -> None:
        self.admin, self.folder = admin, folder
        self.url = admin.server.url
        self.name = unique(what)
        self.path = folder / f"{what}.json"
        self.store = {"type": "file", "path": str(self.path)}
        litter.users.append(self.name)
        litter.roles.append(self.name)

    def options(self, **given: Any) -> dict[str, Any]:
        """The options of a plain run as the superuser, with these instead; None leaves one out."""
        login: dict[str, Any] = {"username": self.admin.server.username, "password": self.admin.server.password}
        if {"login_store", "username"} & set(given):
            login = {}
        plain = {"url": [self.url], **login, "name": self.name, "rights": RIGHTS, "store": self.store, "retries": 1}
        return {name: value for name, value in {**plain, **given}.items() if value is not None}

    def run(self, *, check: bool = False, **given: Any) -> dict[str, Any]:
        return answer_of(es_login.main, self.options(**given), check=check)

    def ok(self, **given: Any) -> dict[str, Any]:
        ran = self.run(**given)
        assert not ran.get("failed"), ran
        return ran

    def refused(self, **given: Any) -> str:
        """The message of a run that must fail, and must change neither the server nor the store."""
        before = self.everything()
        ran = self.run(**given)
        assert ran.get("failed"), ran
        assert self.everything() == before
        return str(ran["msg"])

    def own(self, **given: Any) -> dict[str, Any]:
        """A run that is logged in as the login itself and cares for its password only."""
        return self.ok(**{"login_store": str(self.path), "rights": None, **given})

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text()))

    def tamper(self, **fields: Any) -> None:
        """Change the record behind the module's back."""
        self.path.write_text(json.dumps({**self.record, **fields}))
        self.path.chmod(0o600)

    def age(self, ms: int) -> None:
        """Make the stored password older."""
        current = self.record["current"]
        self.tamper(current={**current, "since": current["since"] - ms})

    @property
    def password(self) -> str:
        return str(self.record["current"]["password"])

    def lets_in(self, password: str) -> bool:
        answer = self.admin.authenticate(basic(self.name, password))
        assert answer.status in (200, 401), answer
        return answer.status == 200

    def logs_in(self) -> bool:
        """Does a module that is given this login_store get in?"""
        ran = answer_of(es_api_key_info.main, {"url": [self.url], "login_store": str(self.path), "retries": 1})
        assert not ran.get("failed") or ran["failure"]["code"] in ("unauthorized", "store"), ran
        return not ran.get("failed")

    def user(self) -> dict[str, Any] | None:
        return self.admin.call("GET", f"/_security/user/{self.name}").body.get(self.name)

    def role(self) -> dict[str, Any] | None:
        return self.admin.call("GET", f"/_security/role/{self.name}").body.get(self.name)

    def everything(self) -> Any:
        """User, role and store as they are."""
        return self.user(), self.role(), self.path.read_text() if self.path.exists() else None
