# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ansible role: starts once, tells where, stops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator_client import REPOSITORY

_BESIDE_PYTHON = Path(sys.executable).with_name("ansible-playbook")
PLAYBOOK_COMMAND = str(_BESIDE_PYTHON) if _BESIDE_PYTHON.exists() else shutil.which("ansible-playbook")
pytestmark = pytest.mark.skipif(PLAYBOOK_COMMAND is None, reason="there is no ansible-playbook command")

START_TWICE_STOP_TWICE = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: emulator}
    - ansible.builtin.set_fact: {first: "{{ [emulator_url, emulator_pid] }}"}
    - ansible.builtin.include_role: {name: emulator}
    - ansible.builtin.assert: {that: "first == [emulator_url, emulator_pid]"}
    - ansible.builtin.uri:
        url: "{{ emulator_url }}/"
        ca_path: "{{ emulator_ca_path or omit }}"
        url_username: u
        url_password: u-password
        force_basic_auth: true
      register: root
    - ansible.builtin.assert: {that: root.json.version.number == emulator_version}
    - ansible.builtin.uri:
        url: "{{ item.url }}/api/v1/{{ item.path }}"
        ca_path: "{{ emulator_ca_path or omit }}"
        headers: {Authorization: "{{ item.login }}"}
      loop:
        - {url: "{{ emulator_elastic_cloud_url }}", path: organizations, login: ApiKey essu_given}
        - {url: "{{ emulator_ece_url }}", path: user, login: "Basic {{ 'admin:secret' | b64encode }}"}
    - ansible.builtin.include_role: {name: emulator}
      vars: {emulator_state: stopped}
    - ansible.builtin.command: {argv: [kill, "-0", "{{ emulator_pid }}"]}
      register: alive
      failed_when: alive.rc == 0
      until: alive.rc != 0
      retries: 20
      delay: 0.2
    - ansible.builtin.include_role: {name: emulator}
      vars: {emulator_state: stopped}
"""
START = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: emulator}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a run; what a failed test leaves running is stopped."""
    yield tmp_path
    left = tmp_path / "run" / "emulator.json"
    if left.exists():
        os.kill(json.loads(left.read_text())["pid"], signal.SIGTERM)


def _play(folder: Path, play: str, *options: str, **variables: Any) -> str:
    """Runs a play; gives what Ansible said."""
    playbook = folder / "play.yml"
    playbook.write_text(play)
    settings = {
        "emulator_directory": str(folder / "run"),
        "ansible_python_interpreter": sys.executable,
        **variables,
    }
    environment = {
        **os.environ,
        "ANSIBLE_ROLES_PATH": str(REPOSITORY / "roles"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(folder / "ansible"),
    }
    command = [str(PLAYBOOK_COMMAND), "-i", "localhost,", str(playbook), "-e", json.dumps(settings), *options]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("tls", [False, True])
def test_started_twice_is_the_same_one_and_stopped_is_gone(folder: Path, tls: bool) -> None:
    """With users, roles, and certificates in the run directory."""
    if tls and shutil.which("openssl") is None:
        pytest.skip("there is no openssl command")
    output = _play(
        folder,
        START_TWICE_STOP_TWICE,
        emulator_version="8.19.21",
        emulator_tls=tls,
        emulator_users=[{"name": "u", "password": "u-password", "roles": ["own"]}],
        emulator_roles={"own": {"cluster": ["monitor"]}},
        emulator_elastic_cloud={"users": [{"name": "owner", "api_key": "essu_given"}], "switches": {"page_size": 3}},
        emulator_ece={"admin_password": "secret", "users": [{"name": "kim", "password": "p", "roles": []}]},
    )
    again = output.split("Start it and wait until it answers]")[2]
    assert again.splitlines()[1] == "skipping: [localhost]"
    assert (folder / "run" / "tls" / "ca.crt").exists() is tls
    assert not (folder / "run" / "emulator.json").exists()


def test_check_mode_starts_nothing(folder: Path) -> None:
    """And fails nowhere."""
    _play(folder, START, "--check")
    assert not (folder / "run").exists()
