# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make quickstart`, as somebody new meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gates import environments
from support import elasticsearch_node, quickstart, servers
from support.admin import Admin
from support.places import CHECKOUT

MINUTE = 60
ON = dict(zip(elasticsearch_node.VERSIONS, (environments.OLDEST, environments.NEWEST)))


@pytest.fixture
def told(server: servers.Server) -> Iterator[dict[str, str]]:
    """A real server may be shared; an emulator's clock is moved, so the quickstart starts one of its own."""
    own = {} if server.control else {server.name: {k: v for k, v in vars(server).items() if k != "name"}}
    yield {**os.environ, servers.VARIABLE: json.dumps(own)}
    if own:
        clear(Admin(server))


def clear(admin: Admin) -> None:
    admin.call("DELETE", "/_security/api_key", {"username": "keysmith", "realm_name": "default_native"})
    for what in ("user", "role"):
        admin.call("DELETE", f"/_security/{what}/keysmith")


@pytest.mark.parametrize("core", [environments.OLDEST, environments.NEWEST])
def test_it_ends_with_a_table_and_without_a_secret(server: servers.Server, told: dict[str, str], core: str) -> None:
    if not server.control and core != ON[server.name]:
        pytest.skip("the emulator has both cores, a real server one")
    program = Path(quickstart.__file__)
    command = [sys.executable, str(program), "--elasticsearch", server.name, "--core", core]
    done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=5 * MINUTE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "WARNING" not in done.stdout
    *_story, header, db1_old, db1_new, web1, web2 = table(done.stdout)
    assert header.split() == ["NAME", "ID", "STATE", "ENDS", "WHY"]
    assert [line.split()[0] for line in (db1_old, db1_new, web1, web2)] == [
        f"filebeat-{host}" for host in ("db1", "db1", "web1", "web2")
    ]
    assert [line.split()[2] for line in (db1_old, db1_new, web1, web2)] == ["expired", "active", "active", "active"]
    assert f"followed by {db1_new.split()[1]}" in db1_old
    assert "rotated: " in db1_new
    assert "updated in place" in web1
    assert "updated in place" in web2


def table(shown: str) -> list[str]:
    return [line.strip() for line in shown[shown.rindex("NAME  ") :].split("\n\n")[0].splitlines()]


def test_a_secret_in_the_output_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quickstart, "DIRECTORY", tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keysmith.password").write_text("a-password-of-the-automation\n")
    watch = quickstart.Watch(servers.Server("emulator", "http://127.0.0.1:1", "9.5.3", "emulator"))
    for number in range(quickstart.KEYS):
        stored = {"current": {"id": f"id-{number}", "api_key": f"the-secret-of-{number}"}}
        (tmp_path / "keys" / "web1.json").write_text(json.dumps(stored))
        watch.learn()
    watch.check("nothing to be seen")
    for secret in ("the-secret-of-0", "the-secret-of-3", "a-password-of-the-automation"):
        with pytest.raises(quickstart.Failed) as failure:
            watch.check(f"before {secret} after")
        assert secret not in str(failure.value)


def test_fewer_keys_than_there_should_be_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quickstart, "DIRECTORY", tmp_path)
    (tmp_path / "keysmith.password").write_text("a-password-of-the-automation\n")
    watch = quickstart.Watch(servers.Server("emulator", "http://127.0.0.1:1", "9.5.3", "emulator"))
    with pytest.raises(quickstart.Failed, match="0 keys were stored, and not 4"):
        watch.check("nothing")


def test_a_server_that_is_not_known_is_named_before_anything_is_done() -> None:
    done = subprocess.run(
        ["make", "quickstart", "ELASTICSEARCH=7.17.0"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "7.17.0" in done.stderr
    assert "8.19.21" in done.stderr
