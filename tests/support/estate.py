# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that have keys of one login, their stores on the controller, and runs of the role rotate over all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from support.admin import PASSWORD, Admin, Answer, UniqueNames, api_key, basic
from support.life import NARROW, PASSED_ON, Litter, keys_of
from support.playbook import Run, Stage, Started


class Estate:
    """`hosts` hosts with `each` keys each."""

    def __init__(
        self, admin: Admin, unique: UniqueNames, litter: Litter, folder: Path, core: str, hosts: int = 2, each: int = 1
    ) -> None:
        self.admin, self.prefix, self.folder = admin, unique.prefix, folder
        self.username = unique("owner")
        litter.roles.append(admin.create_role(self.username, NARROW))
        litter.users.append(self.username)
        self.login = admin.create_user(self.username, [self.username])
        self.stage = Stage(folder / "stage", core)
        self.stores, self.delivered = folder / "stores", folder / "delivered"
        for place in (self.stores, self.delivered):
            place.mkdir(mode=0o700)
        self.hosts = [f"host{number}" for number in range(hosts)]
        local = {"ansible_connection": "local"}
        self.inventory = folder / "inventory.json"
        self.inventory.write_text(json.dumps({"all": {"hosts": dict.fromkeys(self.hosts, local)}}))
        self.each = each

    @property
    def connection(self) -> dict[str, Any]:
        return {"url": self.admin.server.url, "username": self.username, "password": PASSWORD}

    def variables(self, **changes: Any) -> dict[str, Any]:
        """The variables of the role; `changes` go into the defaults of every key."""
        defaults = {
            "role_descriptors": {"writer": PASSED_ON},
            "expiration": "90d",
            "overlap": "1h",
            "store": {"type": "file"},
            **changes,
        }
        return {
            "rotate_connection": self.connection,
            "rotate_defaults": defaults,
            "rotate_keys": [self.key(f"key{number}") for number in range(self.each)],
            "rotate_json": str(self.folder / "report.json"),
        }

    def key(self, name: str, **more: Any) -> dict[str, Any]:
        """A key of each host."""
        place = f"{{{{ inventory_hostname }}}}-{name}"
        return {
            "name": f"{self.prefix}-{place}",
            "store": {"path": f"{self.stores}/{place}.json"},
            "deliver": [{"dest": f"{self.delivered}/{place}", "form": "encoded"}],
            **more,
        }

    def rotate(self, *arguments: str, play: Mapping[str, Any] | None = None, **variables: Any) -> Run:
        """Run the role; `variables` replace those of `variables()`."""
        return self.stage.run(
            [], {**self.variables(), **variables}, "-i", str(self.inventory), *arguments, play=self._play(play)
        )

    def start(self, **variables: Any) -> Started:
        """Begin to run it."""
        return self.stage.start([], {**self.variables(), **variables}, "-i", str(self.inventory), play=self._play(None))

    @staticmethod
    def _play(more: Mapping[str, Any] | None) -> dict[str, Any]:
        return {"hosts": "all", "roles": ["keysmith.elastic.rotate"], **(more or {})}

    @property
    def report(self) -> list[dict[str, Any]]:
        return list(json.loads((self.folder / "report.json").read_text()))

    def told(self) -> dict[str, str]:
        """What the report says was done, by host and key."""
        return {f"{one['host']} {one['key'].rpartition('-')[2]}": one["what"] for one in self.report}

    def paths(self) -> list[Path]:
        return sorted(self.stores.glob("*.json"))

    def records(self) -> dict[str, dict[str, Any]]:
        """The records by the names of their files."""
        return {path.stem: json.loads(path.read_text()) for path in self.paths()}

    def encoded(self, path: Path) -> str:
        """What a client reads: the secret that is stored now."""
        current = json.loads(path.read_text())["current"]
        return basic(current["id"], current["api_key"]).split()[1]

    def log_in(self, encoded: str) -> Answer:
        return self.admin.authenticate(api_key(encoded))

    def after_all(self) -> str:
        """A time after the creation of every current key, by the server's clock."""
        made = max(self.admin.key(record["current"]["id"])["creation"] for record in self.records().values()) + 1
        return f"{datetime.fromtimestamp(made // 1000, timezone.utc):%Y-%m-%dT%H:%M:%S}.{made % 1000:03d}Z"

    def alive(self) -> set[str]:
        return {key["id"] for key in keys_of(self.admin, self.username)}
