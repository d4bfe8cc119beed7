# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keystore through its command, which here is the emulator's: no secret is an argument, and every failure is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.keystore import Keystore, KeystoreError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError, OptionError

TOOL = Path(__file__).resolve().parents[3] / "roles" / "emulator" / "files" / "keysmith_emulator" / "keystore_tool.py"
NAME, VALUE, PASSWORD = "cluster.remote.far.credentials", "a-secret-value", "a-password"


class Command:
    """Runs the tool, and remembers with which arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.arguments = folder, []
        self(["program", "create"], "")

    def __call__(self, command: Sequence[str], given: str) -> tuple[int, str, str]:
        self.arguments += command
        environment = {**os.environ, "ES_PATH_CONF": str(self.folder)}
        line = [sys.executable, str(TOOL), *command[1:]]
        done = subprocess.run(line, input=given, capture_output=True, text=True, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    def keystore(self, password: str | None = None) -> Keystore:
        keystore = Keystore("program", password, self)
        keystore.open()
        return keystore


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_a_setting_comes_and_goes(command: Command, password: str | None) -> None:
    if password:
        command(["program", "passwd"], f"{password}\n")
    keystore = command.keystore(password)
    assert keystore.compare(NAME, VALUE) == "absent"
    keystore.add(NAME, VALUE)
    assert keystore.compare(NAME, VALUE) == "same"
    assert keystore.compare(NAME, "another") == "other"
    keystore.add(NAME, "another")
    assert keystore.compare(NAME, "another") == "same"
    assert keystore.names() == [NAME, "keystore.seed"]
    keystore.remove(NAME)
    assert keystore.names() == ["keystore.seed"]
    assert not {VALUE, "another", PASSWORD} & set(command.arguments)


def test_a_password_that_is_given_and_not_needed_is_never_taken_for_a_value(command: Command) -> None:
    keystore = command.keystore(PASSWORD)
    keystore.add(NAME, VALUE)
    assert keystore.compare(NAME, VALUE) == "same"


def test_failures_name_the_option(command: Command, tmp_path: Path) -> None:
    command(["program", "passwd"], f"{PASSWORD}\n")
    with pytest.raises(OptionError, match="keystore_password is not given"):
        command.keystore()
    with pytest.raises(OptionError, match="keystore_password is not the password"):
        command.keystore("wrong").names()
    (tmp_path / "elasticsearch.keystore").unlink()
    with pytest.raises(KeystoreError, match="has-passwd failed: Elasticsearch keystore not found at"):
        command.keystore(PASSWORD)

    def missing(line: Sequence[str], given: str) -> tuple[int, str, str]:
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(OptionError, match="program: /x cannot be run: No such file"):
        Keystore("/x", None, missing).open()


def test_a_failure_repeats_nothing_of_standard_output(command: Command) -> None:
    def broken(line: Sequence[str], given: str) -> tuple[int, str, str]:
        return (1, "", "ERROR: Keystore is not password-protected") if line[1] == "has-passwd" else (70, VALUE, "")

    keystore = Keystore("/x", None, broken)
    keystore.open()
    with pytest.raises(KeysmithError) as failed:
        keystore.compare(NAME, VALUE)
    assert str(failed.value).startswith("elasticsearch-keystore show failed: it said nothing.")
    assert VALUE not in str(failed.value)
