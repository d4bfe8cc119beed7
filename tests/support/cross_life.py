# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one cross-cluster key under test."""

from __future__ import annotations

from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_cross_cluster_key import ES_CROSS_CLUSTER_KEY
from support.life import PASSED_ON, Life

CREATE = "/_security/cross_cluster/api_key"
ACCESS = {"search": [{"names": ["logs-*"]}]}


class CrossClusterLife(Life):
    """Over REST such a key opens nothing; what the server says shows whether its secret is right."""

    kind = ES_CROSS_CLUSTER_KEY
    rights = {**PASSED_ON, "cluster": ["manage_security", "monitor"]}
    opens = {"access": ACCESS}
    creates = f"{CREATE}$"

    def works(self, login: str | None = None) -> bool:
        """Is the stored secret right, and its key neither revoked nor ended?"""
        answer = self.admin.authenticate(login or self.stored)
        assert answer.status == 401, answer
        if "expected API key type of [rest]" not in answer.body["error"]["reason"]:
            return False
        return login is not None or self.current in self.alive()

    def make_key(self, *, login: str | None = None, name: str | None = None, **body: Any) -> dict[str, Any]:
        """A cross-cluster key of this name and owner that the engine knows nothing of."""
        body.pop("role_descriptors", None)
        made: dict[str, Any] = self.admin.ok(
            "POST", CREATE, {"name": name or self.name, "access": ACCESS, **body}, login=login or self.login
        )
        self.litter.keys.append(made["id"])
        return made

    def end(self, key_id: str, expiration: str = "1s") -> None:
        """Move a key's end; the server takes it only together with something else."""
        body = {"expiration": expiration, "access": ACCESS}
        self.admin.ok("PUT", f"{CREATE}/{key_id}", body, login=self.login)
