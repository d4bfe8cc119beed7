# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Elastic Cloud and ECE under test: the emulated service as its admin sees it, and runs of a kind's modules in this process.

Needs `support.collection.install()` before it is imported.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import GROUPS
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ec_api_key import EC_API_KEY
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ece_api_key import ECE_API_KEY
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.kind import KeyKind
from ansible_collections.keysmith.elastic.plugins.modules import (
    ec_api_key,
    ec_api_key_audit,
    ec_api_key_info,
    ec_api_key_revoke,
    ece_api_key,
    ece_api_key_audit,
    ece_api_key_info,
    ece_api_key_revoke,
)
from support.in_process import answer_of

KEYS = "/api/v1/users/auth/keys"
# What a session needs beside keys; a run that only looks does that, too.
SESSION = {f"POST /api/v1/users/auth/_{what}" for what in ("login", "refresh", "logout")}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class CloudKind:
    """What the conformance suite knows of a kind: its modules, its service, who logs in, and what a new key needs to be told.

    ``opens`` are the options of a plain key, ``alike`` those of a key with the rights of its maker. ``changed`` are options that make
    a key differ; None where such keys have nothing that could. ``asks`` is how many requests a run sends beside those about keys.
    """

    kind: KeyKind
    module: Callable[[], None]
    info: Callable[[], None]
    audit: Callable[[], None]
    revoke: Callable[[], None]
    service: str
    login: Mapping[str, str]
    opens: Mapping[str, Any] = field(default_factory=dict)
    alike: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] | None = None
    asks: int = 0

    def __str__(self) -> str:
        return self.kind.name


# ``ece_api_key`` is one more entry here.
CLOUD_KINDS = (
    CloudKind(
        EC_API_KEY,
        ec_api_key.main,
        ec_api_key_info.main,
        ec_api_key_audit.main,
        ec_api_key_revoke.main,
        "elastic_cloud",
        {"api_key": "essu_changeme"},
        {"role_assignments": {"deployment": [{"role_id": "deployment-viewer", "all": True}]}},
        {"role_assignments": None, "all_rights": True},
        {"role_assignments": {"deployment": [{"role_id": "deployment-editor", "all": True}]}},
    ),
    # It logs in, asks who it is, and logs out.
    CloudKind(
        ECE_API_KEY,
        ece_api_key.main,
        ece_api_key_info.main,
        ece_api_key_audit.main,
        ece_api_key_revoke.main,
        "ece",
        {"username": "joe", "password": "joes-pass"},
        asks=3,
    ),
)


def told(result: Mapping[str, Any]) -> str:
    """Every warning of a run."""
    return " | ".join(result["warnings"])


class CloudService:
    """One emulated service: its API as the owner of the keys, and its control API."""

    def __init__(self, url: str, login: Mapping[str, str]) -> None:
        self.url, self.owner = url, login.get("username")
        pair = f"{login.get('username')}:{login.get('password')}".encode()
        self.authorization = (
            f"ApiKey {login['api_key']}" if "api_key" in login else f"Basic {base64.b64encode(pair).decode()}"
        )

    def reset(self, login: Mapping[str, str]) -> None:
        """As at the start; where there are users, one who can have keys."""
        self.control("POST", "reset")
        if self.owner is not None:
            self.control("POST", "users", {"name": self.owner, "password": login["password"]})
            # A session would end whenever the clock is advanced.
            self.switch(basic_logins="all")

    def seed(self, count: int) -> None:
        """So many more keys of the owner."""
        self.control("POST", "seed", {"count": count, **({} if self.owner is None else {"owner": self.owner})})

    def _send(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        told = {**headers, **({"Content-Type": "application/json"} if content else {})}
        request = urllib.request.Request(self.url + path, content, told, method=method)
        try:
            with _DIRECT.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or "null")

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        return self._send(method, path, body, {"Authorization": f"ApiKey {key}" if key else self.authorization})

    def control(self, method: str, what: str, body: Any = None) -> Any:
        status, answer = self._send(method, f"/_emulator/{what}", body, {})
        assert status == 200, answer
        return answer

    def control_refusal(self, what: str, body: Any) -> str:
        """Why the control API does not do it."""
        status, answer = self._send("POST", f"/_emulator/{what}", body, {})
        assert status == 400, answer
        return str(answer["error"])

    def switch(self, **values: Any) -> None:
        self.control("POST", "switches", values)

    def fail(self, action: str, method: str = "POST", path: str = f"{KEYS}$", **more: Any) -> None:
        """The next such request goes wrong in that way."""
        self.control("POST", "faults", {"match": {"method": method, "path": path}, "action": action, **more})

    def advance(self, duration: str) -> None:
        self.control("POST", "clock", {"advance": duration})

    def make(self, description: str, key: str | None = None, **more: Any) -> dict[str, Any]:
        """A key that the engine knows nothing of."""
        status, made = self.call("POST", KEYS, {"description": description, **more}, key)
        assert status == 201, made
        return dict(made)

    def user(self, name: str, **more: Any) -> str:
        """Another user with a key; returns that key."""
        secret = f"essu_of-{name}"
        self.control("POST", "users", {"name": name, "api_key": secret, **more})
        return secret

    def keys(self, description: str | None = None) -> dict[str, str]:
        """The living keys of a description, or all: id and description."""
        found: dict[str, str] = {}
        cursor = ""
        while True:
            status, page = self.call("GET", KEYS + (f"?next_page={cursor}" if cursor else ""))
            assert status == 200, page
            found.update({key["id"]: key["description"] for key in page["keys"]})
            cursor = page.get("next_page")
            if not cursor:
                return {i: text for i, text in found.items() if description is None or text.startswith(description)}

    def works(self, secret: str) -> bool:
        return self.call("GET", KEYS, key=secret)[0] == 200

    def requests(self) -> list[str]:
        """What was asked since it was forgotten last, such as ``POST /api/v1/users/auth/keys``."""
        return [f"{one['method']} {one['path']}" for one in self.control("GET", "requests")]

    def writes(self) -> list[str]:
        """Those of them that could have changed something."""
        return [one for one in self.requests() if not one.startswith("GET") and one not in SESSION]

    def forget(self) -> None:
        self.control("DELETE", "requests")


class CloudLife:
    """One key of a kind: its description, its store, and runs of its module."""

    def __init__(self, kind: CloudKind, service: CloudService, folder: Path) -> None:
        self.kind, self.service, self.folder = kind, service, folder
        self.path = folder / "key.json"
        self.name = "shipper"

    def options(self, **given: Any) -> dict[str, Any]:
        """The options of a plain run, with these instead; None leaves one out."""
        login = {} if set(given) & {"api_key", "login_store", "token", "username"} else dict(self.kind.login)
        plain = {
            "url": self.service.url,
            **login,
            "description": self.name,
            **self.kind.opens,
            "expiration": "90d",
            "settle": "0s",
            "retries": 0,
            "store": {"type": "file", "path": str(self.path)},
        }
        return {name: value for name, value in {**plain, **given}.items() if value is not None}

    def run(self, *, check: bool = False, **given: Any) -> dict[str, Any]:
        """One run of the module. No secret that the store has ever held is in its result, unless it was asked for."""
        before = self.secrets()
        result = self._told(self.kind.module, self.options(**given), check)
        shown = json.dumps({name: value for name, value in result.items() if name not in ("secret", "invocation")})
        assert not [secret for secret in before + self.secrets() if secret in shown]
        return result

    def ok(self, **given: Any) -> dict[str, Any]:
        result = self.run(**given)
        assert not result.get("failed"), result.get("msg")
        return result

    def audit(self, *, check: bool = False, **given: Any) -> dict[str, Any]:
        """An audit, by whoever owns the keys unless another login is given."""
        login = {} if {"api_key", "username"} & set(given) else self.kind.login
        return self._told(self.kind.audit, {"url": self.service.url, **login, "retries": 0, **given}, check)

    def revoke(self, *, check: bool = False, **given: Any) -> dict[str, Any]:
        """One run of the module that revokes in bulk; None leaves an option out."""
        login = {} if set(given) & {"api_key", "login_store", "token", "username"} else dict(self.kind.login)
        options = {"url": self.service.url, "retries": 0, **login, **given}
        return self._told(self.kind.revoke, {k: v for k, v in options.items() if v is not None}, check)

    def _told(self, module: Callable[[], None], options: Mapping[str, Any], check: bool) -> dict[str, Any]:
        """A run's result with its warnings."""
        warnings: list[str] = []
        with mock.patch.object(basic.AnsibleModule, "warn", lambda _module, text: warnings.append(text)):
            result = answer_of(module, options, check=check, group=GROUPS[self.kind.kind.group])
        return {**result, "warnings": warnings}

    def info(self, **given: Any) -> dict[str, Any]:
        options = {"url": self.service.url, **self.kind.login, "retries": 0, **given}
        return answer_of(self.kind.info, options, group=GROUPS[self.kind.kind.group])

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text()))

    def secrets(self) -> list[str]:
        if not self.path.exists():
            return []
        current = self.record["current"]
        return [] if current is None else [current["api_key"]]

    def tamper(self, **current: Any) -> None:
        """Change the current key of the record behind the engine's back."""
        record = self.record
        self.path.write_text(json.dumps({**record, "current": {**record["current"], **current}}))

    @property
    def current(self) -> str:
        return str(self.record["current"]["id"])

    def works(self) -> bool:
        """Does the stored secret log in?"""
        return self.service.works(self.secrets()[0])

    def living(self) -> list[str]:
        """The ids of the living keys of this description."""
        return sorted(self.service.keys(self.name))
