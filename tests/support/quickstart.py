# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks/quickstart.yml on a server of its own, and makes sure that no secret was shown.

The server is the emulator unless a version of the real one is named. ansible-core is the newest that this machine has a
Python for, unless one is named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

# This file is run as a program as well, without the settings of pytest.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gates import environments
from gates.environments import CORE, Environment, Missing
from support import collection, elasticsearch_node, servers
from support.leaks import Secrets
from support.places import BYTECODE, CACHE, CHECKOUT, turn

PLAYBOOK = CHECKOUT / "playbooks" / "quickstart.yml"
SETTINGS = CHECKOUT / "playbooks" / "quickstart"
HOSTS = ("web1", "web2", "db1")
DIRECTORY = CACHE / "quickstart"
# One for each host, and a successor for one.
KEYS = 4


class Failed(Exception):
    """The quickstart is not what it should be; the reason is for the reader."""


class Watch:
    """Learns every secret while it is in a store, and looks for all of them in what was shown."""

    def __init__(self, server: servers.Server) -> None:
        self._secrets = Secrets()
        self._secrets.add_login(f"the password of {server.username}", server.username, server.password)
        self.keys: set[str] = set()

    def learn(self) -> None:
        """To be called often: a rotation overwrites what was stored."""
        for path in (DIRECTORY / "keys").glob("*.json"):
            key = json.loads(path.read_text())["current"]
            if key and key["id"] not in self.keys:
                self._secrets.add_key(f"the secret of key {key['id']}", key["id"], key["api_key"])
                self.keys.add(key["id"])

    def check(self, shown: str) -> None:
        password = (DIRECTORY / "keysmith.password").read_text().split()[0]
        self._secrets.add_login("the password of keysmith", "keysmith", password)
        if len(self.keys) != KEYS:
            raise Failed(f"{len(self.keys)} keys were stored, and not {KEYS}")
        leaks = self._secrets.in_text(shown, "the output")
        if leaks:
            # The leak itself would show the secret again.
            raise Failed(f"the output holds {leaks[0].secret}")


def environment_for(core: str | None) -> Environment:
    """Made if need be, which takes some seconds and the package index."""
    problems = []
    for name in [core] if core else reversed(CORE):
        try:
            if not CORE[name].directory.exists():
                say(f"Installing ansible-core {CORE[name].core} into {CORE[name].directory.relative_to(CHECKOUT)}")
            environments.make(CORE[name])
            return CORE[name]
        except Missing as reason:
            problems.append(f"ansible-core {name}: {reason}")
    raise Missing("\n".join(problems))


def start(running: servers.Servers, name: str) -> servers.Server:
    reason = servers.missing(name)
    if reason:
        raise Missing(
            f"Elasticsearch {name} cannot be had on this machine: {reason}\nWithout ELASTICSEARCH it is the emulator."
        )
    if name != "emulator":
        built = elasticsearch_node.home_of(name).exists()
        say(f"Starting Elasticsearch {name}{'' if built else ', after fetching it from Maven Central'}")
    server = running.get(name)
    say(
        f"The server is {'a real' if name != 'emulator' else 'the emulator of'} Elasticsearch {server.version}, {server.url}"
    )
    return server


def prepare(server: servers.Server) -> Path:
    """What the playbook is told, in a file for its owner only."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for folder in (DIRECTORY, DIRECTORY / "keys", DIRECTORY / "hosts", *(DIRECTORY / "hosts" / name for name in HOSTS)):
        folder.mkdir(mode=0o700, parents=True)
    told = {
        "elasticsearch_url": server.url,
        "elasticsearch_username": server.username,
        "elasticsearch_password": server.password,
        "quickstart_directory": str(DIRECTORY),
    }
    if server.control:
        told["elasticsearch_clock"] = f"{server.control}/clock"
    variables = DIRECTORY / "variables.json"
    variables.touch(mode=0o600)
    variables.write_text(json.dumps(told))
    return variables


def play(environment: Environment, variables: Path, watch: Watch) -> str:
    """Shows what ansible-playbook shows, and returns it."""
    child = subprocess.Popen(
        [environment.program("ansible-playbook"), PLAYBOOK, "--extra-vars", f"@{variables}"],
        env=settings(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    shown = []
    try:
        for line in child.stdout or ():
            watch.learn()
            say(line.rstrip("\n"))
            shown.append(line)
        if child.wait():
            raise Failed(f"ansible-playbook ended with status {child.returncode}")
        return "".join(shown)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()


def settings(environment: Environment) -> dict[str, str]:
    """Nothing of the developer's own Ansible gets in, and nothing is written outside of the checkout."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KEYSMITH_"))}
    own = {
        "PATH": f"{environment.directory / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_CONFIG": SETTINGS / "ansible.cfg",
        "ANSIBLE_COLLECTIONS_PATH": collection.collections_path(),
        "ANSIBLE_HOME": DIRECTORY / "ansible",
        "ANSIBLE_REMOTE_TEMP": DIRECTORY / "ansible" / "tmp",
        "ANSIBLE_FORCE_COLOR" if sys.stdout.isatty() else "ANSIBLE_NOCOLOR": "1",
        **BYTECODE,
        "PYTHONUNBUFFERED": "1",
    }
    return {**inherited, **{name: str(value) for name, value in own.items()}}


def say(text: str) -> None:
    print(text, flush=True)


def run(name: str, core: str | None) -> None:
    environment = environment_for(core)
    with servers.Servers() as running:
        server = start(running, name)
        started = time.monotonic()
        watch = Watch(server)
        watch.check(play(environment, prepare(server), watch))
    seconds = time.monotonic() - started
    shutil.rmtree(DIRECTORY / "ansible", ignore_errors=True)
    place = DIRECTORY.relative_to(CHECKOUT)
    say(f"Done in {seconds:.0f} s. The output was searched, and none of the {KEYS} secrets is in it.")
    say(f"The server has been stopped. The stores of the dead keys are in {place}/keys, to be looked at.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elasticsearch", choices=servers.NAMES, default="emulator")
    parser.add_argument("--core", choices=CORE)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with turn("quickstart"):
            run(chosen.elasticsearch, chosen.core)
    except (Missing, servers.Unavailable, elasticsearch_node.NotBuilt, Failed) as reason:
        print(f"The quickstart has failed: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
