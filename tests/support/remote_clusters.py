# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters of one node each, one that is searched and one that searches it, with an elasticsearch-keystore for the latter."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support import elasticsearch_node, servers
from support.admin import Admin
from support.other_emulator import emulator
from support.places import turn
from support.servers import Server

KEYSTORE = "elasticsearch.keystore"
PASSWORD = "the-password-of-a-keystore"
PLAIN = {
    "xpack.security.remote_cluster_server.ssl.enabled": "false",
    "xpack.security.remote_cluster_client.ssl.enabled": "false",
}
TOOL = elasticsearch_node.SOURCES / "keystore" / "KeystoreTool.java"
# Which cluster is searched, and which one searches it.
PAIRS = {
    "8.19": ("8.19.21", "8.19.21"),
    "9.5": ("9.5.3", "9.5.3"),
    "9.5 searches 8.19": ("8.19.21", "9.5.3"),
}


@dataclass(frozen=True)
class Pair:
    """The remote cluster, the one that is searched, and the local one, with the local node's elasticsearch-keystore and its password."""

    remote: Admin
    local: Admin
    address: str
    program: Path
    password: str | None = None

    def keystore(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = f"{self.password}\n" if self.password else ""
        command = [self.program, *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)

    def search(self, alias: str, index: str) -> Mapping[str, Any]:
        """What one search says of the remote cluster: `status`, and `failures` or `found`."""
        body = self.local.call("GET", f"/{alias}:{index}/_search?size=0").body
        detail = dict(
            ((body.get("_clusters") or {}).get("details") or {}).get(alias) or {"status": "error", "failures": body}
        )
        return {**detail, "found": body.get("hits", {}).get("total", {}).get("value")}


def protected(pair: Pair, password: str | None) -> Pair:
    """The pair, whose keystore has this password from now on."""
    if password is None:
        return pair
    subprocess.run([pair.program, "passwd"], input=f"{password}\n", text=True, timeout=60, check=True)
    return replace(pair, password=password)


@contextmanager
def real_pair(
    searched: str,
    searching: str,
    far_tls: Mapping[str, str] | None = None,
    near_tls: Mapping[str, str] | None = None,
    password: str | None = None,
) -> Iterator[Pair]:
    """Two real nodes, which start side by side; without TLS between them unless settings for it are given."""
    far = {
        "cluster.name": "far",
        "remote_cluster_server.enabled": "true",
        "remote_cluster.port": "0",
        **(far_tls or PLAIN),
    }
    with ThreadPoolExecutor() as pool:
        starting = [
            pool.submit(Node, searched, far),
            pool.submit(Node, searching, {"cluster.name": "near", **(near_tls or PLAIN)}),
        ]
    started = [one.result() for one in starting if not one.exception()]
    try:
        remote, local = (one.result() for one in starting)
        yield protected(Pair(remote.admin, local.admin, remote.address, local.keystore_program()), password)
    finally:
        for node in started:
            node.stop()


def emulated_keystore(program: Path) -> Path:
    """Make the emulator's elasticsearch-keystore there, and its keystore beside it."""
    python, tool, folder = map(
        shlex.quote, (sys.executable, str(servers.EMULATOR / "keystore_tool.py"), str(program.parent))
    )
    program.write_text(f'#!/bin/sh\nES_PATH_CONF={folder} exec {python} {tool} "$@"\n')
    program.chmod(0o755)
    subprocess.run([program, "create"], check=True)
    return program


@contextmanager
def emulated_pair(*arguments: str) -> Iterator[Pair]:
    """Two emulators, with the tool that stands in for elasticsearch-keystore."""
    with tempfile.TemporaryDirectory(prefix="keysmith-keystore-") as name:
        folder = Path(name)
        program = emulated_keystore(folder / "elasticsearch-keystore")
        quick = ("--refresh-interval", "0.05")
        with emulator(*quick) as remote, emulator("--keystore", str(folder / KEYSTORE), *quick, *arguments) as local:
            yield protected(Pair(Admin(remote), Admin(local), urlsplit(remote.url).netloc, program), PASSWORD)


class Node:
    """A cluster of one node; it ends with `stop`, or with this process."""

    def __init__(self, version: str, settings: dict[str, object]) -> None:
        self.version = version
        self.folder = Path(tempfile.mkdtemp(prefix=f"keysmith-{version}-"))
        command, port_file = servers.node_command(version, self.folder)
        log = servers.new_log(f"pair-{self.folder.name}")
        with open(log, "wb") as output:
            self._guard = subprocess.Popen(
                [
                    sys.executable,
                    servers.GUARD,
                    self.folder,
                    "--",
                    *command,
                    *(f"{k}={v}" for k, v in settings.items()),
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.server: Server = servers.wait_until_ready(version, self._guard, port_file, log)
        self.admin = Admin(self.server)
        log.unlink()

    def stop(self) -> None:
        self._guard.stdin.close()
        self._guard.wait()

    @property
    def address(self) -> str:
        """Where the remote cluster server listens."""
        (node,) = self.admin.ok("GET", "/_nodes/_local/remote_cluster_server")["nodes"].values()
        return node["remote_cluster_server"]["publish_address"]

    def keystore_program(self) -> Path:
        """An elasticsearch-keystore for this node."""
        program = self.folder / "elasticsearch-keystore"
        if not program.exists():
            java = elasticsearch_node.find_jdk(self.version) / "bin" / "java"
            classes, home = tool_classes(self.version), elasticsearch_node.home_of(self.version)
            program.write_text(
                f'#!/bin/sh\nexport ES_PATH_CONF="{self.folder / "config"}"\n'
                f'exec "{java}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp "{classes}:{home / "lib"}/*" KeystoreTool "$@"\n'
            )
            program.chmod(0o755)
        return program


def tool_classes(version: str) -> Path:
    """The compiled tool; beside the homes of the nodes, so that a change of it builds no node anew."""
    digest = hashlib.sha256(TOOL.read_bytes()).hexdigest()[:12]
    classes = elasticsearch_node.HOMES / f"keystore-{version}-{digest}"
    with turn(f"keystore-{version}"):
        if not classes.exists():
            draft = classes.with_name(f"draft-{classes.name}")
            shutil.rmtree(draft, ignore_errors=True)
            jdk, home = elasticsearch_node.find_jdk(version), elasticsearch_node.build(version)
            elasticsearch_node.run(
                jdk, jdk / "bin" / "javac", "-proc:none", "-cp", f"{home / 'lib'}/*", "-d", draft, TOOL
            )
            draft.rename(classes)
    return classes
