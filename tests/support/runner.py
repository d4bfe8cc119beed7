# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a project as AWX does: ansible-runner packs it up, a worker unpacks and runs it, and what comes back is taken apart.

AWX carries the two streams over a network; here they are files. ansible-runner brings its own ansible-core.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gates.environments import DEVELOPER, make
from support.leaks import Leak, Secrets

PATIENCE = 240


@dataclasses.dataclass(frozen=True)
class Job:
    """A finished job: the streams to the worker and back, what `process` has unpacked, and what the three programs said."""

    transmitted: bytes
    worked: bytes
    out: Path
    said: str

    @property
    def status(self) -> str:
        path = self.out / "artifacts" / "status"
        return path.read_text() if path.exists() else "unknown"

    @property
    def told(self) -> str:
        """For the one who reads why a test has failed."""
        path = self.out / "artifacts" / "stdout"
        return (path.read_text() if path.exists() else "") + self.said

    @property
    def events(self) -> list[dict[str, Any]]:
        paths = (self.out / "artifacts" / "job_events").glob("*.json")
        return sorted((json.loads(path.read_text()) for path in paths), key=lambda event: int(event["counter"]))

    def leaks(self, secrets: Secrets) -> list[Leak]:
        """Every secret in what the job has told or left, by the parts of the streams and the files below `out`."""
        found = secrets.in_text(self.said, "what the programs said")
        for stream, name in ((self.transmitted, "payload"), (self.worked, "answer")):
            for part, content in parts(stream):
                found += secrets.in_text(content.decode("utf-8", "replace"), f"{name}: {part}")
        for path in filter(Path.is_file, self.out.rglob("*")):
            where = f"out: {path.relative_to(self.out)}"
            found += secrets.in_text(path.read_bytes().decode("utf-8", "replace"), where)
        return found


def parts(stream: bytes) -> Iterator[tuple[str, bytes]]:
    """A stream's messages by what they are, and the files of its archives by their names."""
    at = 0
    while at < len(stream):
        end = stream.index(b"\n", at) + 1
        line, at = stream[at:end], end
        if not line.strip():
            continue
        message = json.loads(line)
        yield _kind(message), line
        if "zipfile" in message:
            length = -(-message["zipfile"] // 3) * 4
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(stream[at : at + length]))) as archive:
                yield from ((name, archive.read(name)) for name in archive.namelist() if not name.endswith("/"))
            at += length


def _kind(message: Mapping[str, Any]) -> str:
    if "status" in message:
        return f"status {message['status']}"
    return f"event {message['event']}" if "event" in message else next(iter(message))


class Runner:
    """A place for jobs: `home` is all that the three programs may write to besides what they are for."""

    def __init__(self, folder: Path, home: Path, environment: Mapping[str, str]) -> None:
        make(DEVELOPER)
        self._folder, self.home = folder, home
        path = f"{DEVELOPER.directory / 'bin'}{os.pathsep}{environment['PATH']}"
        self._environment = {**environment, "PATH": path}

    def run(self, name: str, files: Mapping[str, Any], *arguments: str) -> Job:
        """Run `project/play.yml` of the private data directory that these files make; their contents are written as JSON."""
        given, out = self._folder / name / "given", self._folder / name / "out"
        for path, content in files.items():
            (given / path).parent.mkdir(parents=True, exist_ok=True)
            (given / path).write_text(json.dumps(content, indent=1))
        sent = self._call("transmit", str(given), "--playbook", "play.yml", *arguments)
        done = self._call("worker", stdin=sent.stdout)
        processed = self._call("process", str(out), stdin=done.stdout)
        said = b"".join((sent.stderr, done.stderr, processed.stdout, processed.stderr))
        return Job(sent.stdout, done.stdout, out, said.decode("utf-8", "replace"))

    def _call(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [DEVELOPER.program("ansible-runner"), *arguments],
            cwd=self._folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
