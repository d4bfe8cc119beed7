# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report's file: whole or not at all, with its mode, and nothing in check mode."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.report_output import put
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import ReadOnlyViolation, StoreError
from ansible_collections.keysmith.elastic.plugins.module_utils._stores import atomic_file
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.report_file import ReportFile


def file_at(path: Path, mode: int = 0o640, *, check: bool = False) -> ReportFile:
    return ReportFile("html", str(path), mode, read_only=check)


def test_it_is_written_with_its_mode_and_read_again(tmp_path: Path) -> None:
    file = file_at(tmp_path / "f")
    assert file.check() is None
    assert file.read() is None
    assert not file.mode_differs()
    file.write(b"one")
    assert (file.read(), (tmp_path / "f").stat().st_mode & 0o777) == (b"one", 0o640)
    (tmp_path / "f").chmod(0o600)
    assert file.mode_differs()
    file.write(b"two")
    assert (file.read(), file.mode_differs()) == (b"two", False)
    assert os.listdir(tmp_path) == ["f"]


def test_a_link_is_replaced_and_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "f").symlink_to(tmp_path / "precious")
    file = file_at(tmp_path / "f")
    assert file.read() is None
    file.write(b"report")
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "f").is_symlink()


def test_what_was_there_stays_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_at(tmp_path / "f")
    file.write(b"old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_file.os, "write", full)
    with pytest.raises(StoreError, match="html: .* could not be written: No space left"):
        file.write(b"new")
    assert file.read() == b"old"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize(
    ("path", "words"),
    [("nowhere/f", "does not exist"), ("folder", "is not a file"), ("pipe", "is not a file")],
)
def test_what_cannot_be_written_is_said_before(tmp_path: Path, path: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match=f"^html: .*{words}"):
        file_at(tmp_path / path).check()
    assert file_at(tmp_path / "pipe").read() is None


def test_a_path_must_be_absolute() -> None:
    with pytest.raises(StoreError, match="absolute"):
        file_at(Path("reports/f")).check()


def test_in_check_mode_nothing_is_written_and_a_folder_may_be_missing(tmp_path: Path) -> None:
    file = file_at(tmp_path / "nowhere" / "f", check=True)
    assert "does not exist" in (file.check() or "")
    with pytest.raises(ReadOnlyViolation):
        file.write(b"x")


def test_only_another_picture_or_mode_is_a_change(tmp_path: Path) -> None:
    file = file_at(tmp_path / "f")

    def shown(raw: bytes) -> str | None:
        return raw.decode().partition(" ")[0]

    assert put(file, "a", b"a 1", shown, check=True)
    assert file.read() is None
    assert put(file, "a", b"a 1", shown, check=False)
    assert not put(file, "a", b"a 2", shown, check=False)
    assert file.read() == b"a 2"
    assert put(file, "b", b"b 3", shown, check=True)
    assert file.read() == b"a 2"
    assert put(file, "b", b"b 3", shown, check=False)
    assert put(file_at(tmp_path / "f", 0o600), "b", b"b 4", shown, check=False)
