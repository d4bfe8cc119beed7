# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts what the tests talk to: the emulator and real Elasticsearch nodes, on free loopback ports.

From a shell, the servers live as long as the command and are told to it in KEYSMITH_TEST_SERVERS:

    python tests/support/servers.py run --servers emulator,8.19.21,9.5.3 -- pytest tests/system

In a test run without that variable, `Servers` starts each server when it is first asked for.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

# This file is run as a program as well, without the settings of pytest.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import elasticsearch_node
from support.places import CHECKOUT, LOGS

EMULATOR = CHECKOUT / "roles" / "emulator" / "files" / "keysmith_emulator"
GUARD = Path(__file__).with_name("guard.py")
VARIABLE = "KEYSMITH_TEST_SERVERS"
NAMES = ("emulator", *elasticsearch_node.VERSIONS)
USERNAME = "elastic"
PATIENCE = 180


class Unavailable(Exception):
    """A server cannot be had on this machine, or did not start."""


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    url: str
    version: str
    kind: str
    username: str = USERNAME
    password: str = elasticsearch_node.PASSWORD
    control: str | None = None
    """Where the emulator is told to move its clock or to fail; None on a real server."""


def missing(name: str) -> str | None:
    """Why the server cannot be had here, in one sentence; None if it can."""
    if name == "emulator":
        return None if EMULATOR.exists() else f"{EMULATOR.relative_to(CHECKOUT)} is not there"
    return elasticsearch_node.missing(name)


def required() -> bool:
    """On a build machine a server that cannot be had is a failure; elsewhere its tests are left out, loudly."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


class Servers:
    """The servers of one test run; those it started end with it, or with this process, whatever happens."""

    def __init__(self) -> None:
        told = json.loads(os.environ.get(VARIABLE) or "{}")
        self._running = {name: Server(name=name, **facts) for name, facts in told.items()}
        self._guards: list[subprocess.Popen[bytes]] = []
        self._lock = Lock()

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def get(self, name: str) -> Server:
        if name not in self._running:
            self._running[name] = self._start(name)
        return self._running[name]

    def start(self, names: Iterable[str]) -> None:
        """All of them, side by side."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.get, names))

    def stop(self) -> None:
        for guard in self._guards:
            guard.stdin.close()
        for guard in self._guards:
            guard.wait()
        self._guards.clear()
        self._running.clear()

    def as_variable(self) -> str:
        facts = {name: dataclasses.asdict(server) for name, server in self._running.items()}
        return json.dumps({name: {k: v for k, v in fact.items() if k != "name"} for name, fact in facts.items()})

    def _start(self, name: str) -> Server:
        reason = missing(name)
        if reason:
            raise Unavailable(f"{name}: {reason}")
        data = Path(tempfile.mkdtemp(prefix=f"keysmith-{name}-"))
        if name == "emulator":
            command, port_file = emulator_command(data)
        else:
            command, port_file = node_command(name, data)
        log = new_log(name)
        with open(log, "wb") as output:
            guard = subprocess.Popen(
                [sys.executable, GUARD, data, "--", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        with self._lock:
            self._guards.append(guard)
        return wait_until_ready(name, guard, port_file, log)


def emulator_command(data: Path) -> tuple[list[str], Path]:
    port_file = data / "port.json"
    return [sys.executable, str(EMULATOR), "--port", "0", "--port-file", str(port_file)], port_file


def node_command(version: str, data: Path) -> tuple[list[str], Path]:
    try:
        home = elasticsearch_node.build(version)
    except elasticsearch_node.NotBuilt as error:
        raise Unavailable(f"{version}: {error}") from error
    for part in ("config", "logs", "tmp"):
        (data / part).mkdir()
    return elasticsearch_node.command(version, home, data), data / "logs" / "http.ports"


def new_log(name: str) -> Path:
    """A server of another run in this checkout goes on writing to the file that it has opened."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"server-{name}.log"
    log.unlink(missing_ok=True)
    return log


def wait_until_ready(name: str, guard: subprocess.Popen[bytes], port_file: Path, log: Path) -> Server:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if guard.poll() is not None:
            raise Unavailable(f"{name}: ended while it started:\n{log.read_text(errors='replace')[-4000:]}")
        url = url_in(port_file)
        if url and answers(url):
            return introduce(name, url)
        time.sleep(0.1)
    raise Unavailable(f"{name}: did not answer within {PATIENCE} s, see {log}")


def url_in(port_file: Path) -> str | None:
    """The emulator writes JSON, Elasticsearch one address per line."""
    try:
        text = port_file.read_text()
    except FileNotFoundError:
        return None
    if not text.endswith(("\n", "}")):
        return None
    return json.loads(text)["url"] if text.startswith("{") else f"http://{text.splitlines()[0]}"


def answers(url: str) -> bool:
    try:
        request(url, "GET", "/_security/_authenticate")
    except (OSError, ValueError):
        return False
    return True


def introduce(name: str, url: str) -> Server:
    """Cross-cluster keys want more than a basic licence, hence the trial; 403 says that there is one already."""
    try:
        request(url, "POST", "/_license/start_trial?acknowledge=true")
    except urllib.error.HTTPError as refused:
        if refused.code != 403:
            raise
    version = request(url, "GET", "/")["version"]["number"]
    if name == "emulator":
        return Server(name, url, version, kind="emulator", control=f"{url}/_emulator")
    return Server(name, url, version, kind="elasticsearch")


def request(url: str, method: str, path: str) -> dict:
    login = base64.b64encode(f"{USERNAME}:{elasticsearch_node.PASSWORD}".encode()).decode()
    asked = urllib.request.Request(url + path, method=method, headers={"Authorization": f"Basic {login}"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(asked, timeout=10) as answer:
        return json.load(answer)


def run(names: list[str], command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Servers() as servers:
        servers.start(names)
        child = subprocess.Popen(command, env={**os.environ, VARIABLE: servers.as_variable()})
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    runs = verbs.add_parser("run", help="run a command with servers")
    runs.add_argument("--servers", default=",".join(NAMES), help="names, separated by commas (default: %(default)s)")
    runs.add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    try:
        return run(chosen.servers.split(","), chosen.command[chosen.command[:1] == ["--"] :])
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
