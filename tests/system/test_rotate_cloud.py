# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate with keys of Elastic Cloud and ECE."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cloud_life import CloudService
from support.cores import CORE_ON
from support.own_emulator import own_emulator, services_of
from support.playbook import Stage
from support.servers import Server


def test_keys_of_elastic_cloud_and_ece(server: Server, tmp_path: Path) -> None:
    """Delivered and checked like all others, in one list; where nothing ends by itself the run with the overlap over revokes."""
    if server.kind != "emulator":
        pytest.skip("Elastic Cloud is emulated, whatever Elasticsearch is beside it")
    (tmp_path / "emulator").mkdir()
    stage, delivered = Stage(tmp_path, CORE_ON[server.name]), tmp_path / "delivered"
    key = {
        "kind": "ec_api_key",
        "description": "ci",
        "role_assignments": {"deployment": [{"role_id": "viewer", "all": True}]},
        "expiration": "90d",
        "overlap": "0s",
        "settle": "0s",
        "store": {"type": "file", "path": str(tmp_path / "ci.json")},
        "deliver": [{"dest": str(delivered)}],
    }
    changed = {**key, "role_assignments": {"deployment": [{"role_id": "editor", "all": True}]}}
    joe = {"username": "joe", "password": "joes-pass"}
    enterprise = {
        **{name: value for name, value in key.items() if name != "role_assignments"},
        "kind": "ece_api_key",
        "connection": joe,
        "store": {"type": "file", "path": str(tmp_path / "ece.json")},
        "deliver": [{"dest": f"{delivered}-ece"}],
    }
    tasks = [
        {
            "name": f"Run {number}",
            "ansible.builtin.include_role": {"name": "keysmith.elastic.rotate"},
            "vars": {"rotate_keys": [one, {**enterprise, "force_rotate": number == 2}]},
        }
        for number, one in enumerate((key, changed, changed))
    ]
    with own_emulator(tmp_path / "emulator"):
        urls, key_login = services_of(tmp_path / "emulator"), {"api_key": "essu_changeme"}
        service, ece = CloudService(urls["elastic_cloud"], key_login), CloudService(urls["ece"], joe)
        ece.reset(joe)
        told = {"KEYSMITH_EC_URL": service.url, "KEYSMITH_EC_API_KEY": "essu_changeme", "KEYSMITH_ECE_URL": ece.url}
        ran = stage.run(tasks, {}, environment=told)
        assert ran.status == 0, ran.output[-4000:]
        secret = delivered.read_text()
        assert secret.startswith("essu_") and service.works(secret)
        assert len(service.keys("ci")) == 1
        other = Path(f"{delivered}-ece").read_text()
        assert ece.works(other) and len(ece.keys("ci")) == 1
    assert secret not in ran.output and other not in ran.output
