# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from keysmith_emulator.elasticsearch.errors import Refusal
from keysmith_emulator.elasticsearch.state import Settings
from keysmith_emulator.elasticsearch.versions import Version
from keysmith_emulator.server import EmulatorServer
from keysmith_emulator.services import FLAVORS, Configuration, emulators
from keysmith_emulator.tls import TlsError, make_certificates, server_context

PASSWORD_VARIABLE = "KEYSMITH_EMULATOR_PASSWORD"
USERS_VARIABLE = "KEYSMITH_EMULATOR_USERS"
ROLES_VARIABLE = "KEYSMITH_EMULATOR_ROLES"
ELASTIC_CLOUD_VARIABLE = "KEYSMITH_EMULATOR_ELASTIC_CLOUD"
ECE_VARIABLE = "KEYSMITH_EMULATOR_ECE"
_START_SECONDS = 30.0


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(
        prog="keysmith_emulator",
        description="Imitates the APIs of Elasticsearch, Elastic Cloud and Elastic Cloud Enterprise that API keys need.",
    )
    add = options.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=0, help="port of Elasticsearch; 0 takes a free one (default)")
    add("--elastic-cloud-port", type=int, default=0, help="port of the Elastic Cloud API; 0 takes a free one (default)")
    add("--ece-port", type=int, default=0, help="port of the ECE API; 0 takes a free one (default)")
    add(
        "--elastic-cloud",
        metavar="JSON",
        help=f"organizations, users and switches (default: ${ELASTIC_CLOUD_VARIABLE})",
    )
    add("--ece", metavar="JSON", help=f"users, passwords and switches (default: ${ECE_VARIABLE})")
    add("--port-file", help="file to write {url, pid, urls} to when ready")
    add("--detach", action="store_true", help="go to the background; needs --port-file")
    add("--log-file", help="with --detach: where the output goes")
    add("--version", default="9.5.3", help="version to behave as (default: %(default)s)")
    add("--flavor", choices=FLAVORS, default="default", help="flavour to behave as")
    add("--license", choices=("trial", "basic", "enterprise", "platinum", "gold"), default="trial")
    add("--security", choices=("on", "off"), default="on")
    add("--cluster-name", default="keysmith-emulator")
    add("--keystore", metavar="FILE", help="the keystore, a JSON file that keystore_tool.py beside this program writes")
    add("--password", help=f"password of elastic (default: ${PASSWORD_VARIABLE}, else changeme)")
    add("--user", action="append", default=[], metavar="NAME:PASSWORD:ROLE,ROLE", help="a native user; may be repeated")
    add("--role", action="append", default=[], metavar="NAME:JSON", help="a role; may be repeated")
    add("--refresh-interval", type=float, default=1.0, help="seconds until a write is visible (default: %(default)s)")
    add("--tls-cert", help="certificate of the server")
    add("--tls-key", help="its key")
    add("--tls-ca", help="CA whose certificates clients must show")
    add("--tls-self-signed", metavar="DIR", help="make a CA and a certificate for localhost in DIR")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT."""
    options = parser()
    given = options.parse_args(arguments)
    if given.detach:
        if not given.port_file:
            options.error("--detach needs --port-file")
        return _detach(given, list(sys.argv[1:] if arguments is None else arguments))
    try:
        server = build_server(given)
    except (ValueError, TlsError, OSError) as error:
        print(f"keysmith_emulator: {error}", file=sys.stderr)
        return 2
    except Refusal as refusal:
        print(f"keysmith_emulator: {refusal.reason}", file=sys.stderr)
        return 2
    return _serve(server, given.port_file)


def build_server(given: argparse.Namespace) -> EmulatorServer:
    """A server that listens, but does not answer yet."""
    settings = Settings(
        version=Version.parse(given.version),
        serverless=given.flavor == "serverless",
        license=given.license,
        security=given.security == "on",
        cluster_name=given.cluster_name,
        keystore=given.keystore,
        refresh_seconds=given.refresh_interval,
        elastic_password=given.password or os.environ.get(PASSWORD_VARIABLE) or "changeme",
        users=(*_users_of_environment(), *map(_read_user, given.user)),
        roles=(*_roles_of_environment(), *map(_read_role, given.role)),
    )
    configuration = Configuration(
        elasticsearch=settings,
        elastic_cloud=_object_of(given.elastic_cloud, ELASTIC_CLOUD_VARIABLE),
        ece=_object_of(given.ece, ECE_VARIABLE),
    )
    ports = {"elasticsearch": given.port, "elastic_cloud": given.elastic_cloud_port, "ece": given.ece_port}
    return EmulatorServer(emulators(configuration), given.host, ports, _tls(given))


def _object_of(text: str | None, variable: str) -> dict[str, Any]:
    """A JSON object from an option or, unlike options unseen by others, from the environment."""
    given = json.loads(text or os.environ.get(variable) or "{}")
    if not isinstance(given, dict):
        raise ValueError(f"{variable} is a JSON object")
    return given


def _users_of_environment() -> list[tuple[str, str, tuple[str, ...]]]:
    """A list of ``{name, password, roles}``: unlike options, it does not show in the list of processes."""
    given = json.loads(os.environ.get(USERS_VARIABLE) or "[]")
    try:
        return [(str(user["name"]), str(user["password"]), tuple(user.get("roles") or ())) for user in given]
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{USERS_VARIABLE} is a JSON list of objects with name, password and roles") from None


def _roles_of_environment() -> list[tuple[str, str]]:
    """An object of roles by name."""
    given = json.loads(os.environ.get(ROLES_VARIABLE) or "{}")
    if not isinstance(given, dict):
        raise ValueError(f"{ROLES_VARIABLE} is a JSON object of roles by name")
    return [(name, json.dumps(role)) for name, role in given.items()]


def _read_user(text: str) -> tuple[str, str, tuple[str, ...]]:
    parts = text.split(":")
    if len(parts) < 3 or not parts[0]:
        raise ValueError("--user is NAME:PASSWORD:ROLE,ROLE")
    # Only the password may contain colons.
    return parts[0], ":".join(parts[1:-1]), tuple(role for role in parts[-1].split(",") if role)


def _read_role(text: str) -> tuple[str, str]:
    name, colon, body = text.partition(":")
    if not colon or not name:
        raise ValueError("--role is NAME:JSON")
    return name, body


def _tls(given: argparse.Namespace) -> ssl.SSLContext | None:
    certificate, key = given.tls_cert, given.tls_key
    if given.tls_self_signed:
        certificate, key = make_certificates(given.tls_self_signed)
    if bool(certificate) != bool(key):
        raise TlsError("--tls-cert and --tls-key belong together")
    if not certificate:
        if given.tls_ca:
            raise TlsError("--tls-ca needs --tls-cert and --tls-key, or --tls-self-signed")
        return None
    return server_context(certificate, key, given.tls_ca)


def _serve(server: EmulatorServer, port_file: str | None) -> int:
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    with server:
        if port_file:
            _write_port_file(Path(port_file), server.urls)
        places = ", ".join(f"{name} {url}" for name, url in server.urls.items())
        print(f"keysmith_emulator ready at {places} (pid {os.getpid()})", flush=True)
        stopped.wait()
    if port_file:
        Path(port_file).unlink(missing_ok=True)
    return 0


def _write_port_file(path: Path, urls: dict[str, str]) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    facts = {"url": urls["elasticsearch"], "pid": os.getpid(), "urls": urls}
    temporary.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    temporary.replace(path)


def _detach(given: argparse.Namespace, arguments: list[str]) -> int:
    """Starts the same again in a session of its own and waits until it is ready."""
    port_file = Path(given.port_file)
    port_file.unlink(missing_ok=True)
    left = [argument for argument in arguments if argument != "--detach"]
    command = [sys.executable, str(Path(__file__).resolve().parent), *left]
    with open(given.log_file or os.devnull, "ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if port_file.exists():
            print(port_file.read_text(encoding="utf-8").strip())
            return 0
        if process.poll() is not None:
            print(f"keysmith_emulator: did not start; see {given.log_file or '--log-file'}", file=sys.stderr)
            return 2
        time.sleep(0.05)
    process.terminate()
    print("keysmith_emulator: not ready in time", file=sys.stderr)
    return 2
