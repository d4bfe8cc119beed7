# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an example of the documentation finds when it is run: another address, another folder than /etc, users of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from support.admin import PASSWORD
from support.remote_clusters import emulated_keystore

ADDRESS = re.compile(r"https://[\w.-]+\.(?:example\.net:(?:9200|12443)|elastic\.cloud)")


class World:
    """What the examples of one plugin find when they run."""

    def __init__(self, address: str, folder: Path, users: dict[str, str]) -> None:
        self.address, self.folder, self.users = address, folder, users

    def adapted(self, value: Any) -> Any:
        """A part of the examples, as it runs here."""
        if isinstance(value, dict):
            return {name: self.adapted(item) for name, item in value.items() if name != "ca_path"}
        if isinstance(value, list):
            return [self.adapted(item) for item in value]
        if not isinstance(value, str):
            return value
        if value in self.users:
            return self.users[value]
        for path in re.findall(r"/etc/[\w./-]*", value):
            self._place(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.endswith("/elasticsearch-keystore"):
                emulated_keystore(self._place(path))
        return ADDRESS.sub(self.address, value.replace("/etc/", f"{self.folder}/etc/"))

    def _place(self, path: str) -> Path:
        return self.folder / path.lstrip("/") / ("file" if path.endswith("/") else "")

    def environment(self) -> dict[str, str]:
        return {
            "KEYSMITH_ES_URL": self.address,
            "KEYSMITH_ES_USERNAME": self.users["keysmith"],
            "KEYSMITH_ES_PASSWORD": PASSWORD,
        }
