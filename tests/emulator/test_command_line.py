# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a process: options, port file, TLS, signals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator_client import PACKAGE, Client

Run = Callable[..., dict[str, Any]]
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts the emulator as a directory and gives its port file; all are stopped after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, command: tuple[str, ...] = (str(PACKAGE),), **environment: str) -> dict[str, Any]:
        port_file = tmp_path / f"port-{len(started)}.json"
        process = subprocess.Popen(
            [sys.executable, *command, "--port-file", str(port_file), *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        started.append(process)
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert "ready at" in ready
        return {**json.loads(port_file.read_text()), "process": process, "port_file": port_file}

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _refused(*options: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(PACKAGE), *options],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_whole_life(run: Run) -> None:
    """Ready, answering, and gone with SIGTERM, its port file too."""
    facts = run("--version", "8.19.21")
    client = Client(facts["url"])
    assert client.call("GET", "/").body["version"]["number"] == "8.19.21"
    client.close()
    assert facts["pid"] == facts["process"].pid
    facts["process"].send_signal(signal.SIGTERM)
    assert facts["process"].wait(10) == 0
    assert not facts["port_file"].exists()


def test_as_a_module(run: Run) -> None:
    """With the parent folder on PYTHONPATH."""
    facts = run(command=("-m", "keysmith_emulator"), PYTHONPATH=str(PACKAGE.parent))
    client = Client(facts["url"])
    assert client.call("GET", "/_security/_authenticate").status == 200
    client.close()


def test_users_roles_and_passwords(run: Run) -> None:
    """From options and from the environment."""
    role = json.dumps({"cluster": ["manage_own_api_key"]})
    environment = {
        "KEYSMITH_EMULATOR_PASSWORD": "another",
        "KEYSMITH_EMULATOR_USERS": json.dumps([{"name": "watcher", "password": "watch-me", "roles": ["watch"]}]),
        "KEYSMITH_EMULATOR_ROLES": json.dumps({"watch": {"cluster": ["monitor"]}}),
    }
    facts = run("--role", f"own:{role}", "--user", "u:pass:word:own,other", **environment)
    client = Client(facts["url"])
    assert client.call("GET", "/_security/_authenticate").status == 401
    assert client.call("GET", "/_security/_authenticate", user=("elastic", "another")).status == 200
    assert client.call("GET", "/", user=("watcher", "watch-me")).status == 200
    who = client.call("GET", "/_security/_authenticate", user=("u", "pass:word"))
    assert who.body["roles"] == ["own", "other"]
    assert client.call("POST", "/_security/api_key", {"name": "k"}, user=("u", "pass:word")).status == 200
    client.close()


def test_the_cloud_apis(run: Run) -> None:
    """At ports of their own, with users and switches from options and from the environment; one clock for all."""
    organization = {"users": [{"name": "owner", "roles": ["organization-admin"], "api_key": "essu_given"}]}
    installation = {"admin_password": "secret", "switches": {"release": "3.5.2"}}
    facts = run("--ece", json.dumps(installation), KEYSMITH_EMULATOR_ELASTIC_CLOUD=json.dumps(organization))
    assert facts["urls"]["elasticsearch"] == facts["url"]
    cloud, ece = (Client(facts["urls"][name]) for name in ("elastic_cloud", "ece"))
    assert cloud.call("GET", "/api/v1/users/auth/keys", key="essu_given").status == 200
    assert cloud.call("GET", "/api/v1/users/auth/keys", key="essu_changeme").status == 401
    assert ece.call("GET", "/api/v1/user", user=("admin", "secret")).status == 200
    assert ece.control("GET", "switches")["release"] == "3.5.2"
    before = ece.control("GET", "clock")["now"]
    cloud.control("POST", "clock", {"advance": "1d"})
    assert ece.control("GET", "clock")["now"] - before >= 86_400_000
    for client in (cloud, ece):
        client.close()


@needs_openssl
def test_tls_with_its_own_authority(run: Run, tmp_path: Path) -> None:
    """A client that trusts the CA is served, one that does not is refused, and none can block the others."""
    folder = tmp_path / "tls"
    facts = run("--tls-self-signed", str(folder))
    assert facts["url"].startswith("https://")
    port = int(facts["url"].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)):
        for name in ("127.0.0.1", "localhost"):
            trusting = Client(f"https://{name}:{port}", tls=ssl.create_default_context(cafile=str(folder / "ca.crt")))
            assert trusting.call("GET", "/").status == 200
            trusting.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        Client(facts["url"], tls=ssl.create_default_context()).call("GET", "/")
    assert (folder / "ca.key").stat().st_mode & 0o077 == 0
    again = run("--tls-cert", str(folder / "server.crt"), "--tls-key", str(folder / "server.key"))
    trusting = Client(again["url"], tls=ssl.create_default_context(cafile=str(folder / "ca.crt")))
    assert trusting.call("GET", "/").status == 200
    trusting.close()


@needs_openssl
def test_client_certificates(run: Run, tmp_path: Path) -> None:
    """With a CA for clients, only those with a certificate come in."""
    folder = tmp_path / "tls"
    facts = run("--tls-self-signed", str(folder), "--tls-ca", str(_client_authority(folder)))
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Client(facts["url"], tls=context).call("GET", "/")
    context.load_cert_chain(str(folder / "client" / "server.crt"), str(folder / "client" / "server.key"))
    client = Client(facts["url"], tls=context)
    assert client.call("GET", "/").status == 200
    client.close()


def _client_authority(folder: Path) -> Path:
    from keysmith_emulator import tls

    extensions = tls._SERVER_EXTENSIONS
    try:
        tls._SERVER_EXTENSIONS = extensions.replace("serverAuth", "clientAuth")
        tls.make_certificates(str(folder / "client"))
    finally:
        tls._SERVER_EXTENSIONS = extensions
    return folder / "client" / "ca.crt"


def test_without_openssl_it_says_what_to_do(tmp_path: Path) -> None:
    """No traceback."""
    assert "openssl" in _refused("--tls-self-signed", str(tmp_path / "tls"), PATH=str(tmp_path))


@pytest.mark.parametrize(
    "options",
    [
        ("--version", "newest"),
        ("--user", "nobody"),
        ("--role", "nothing"),
        ("--role", "bad:{"),
        ("--role", 'bad:{"cluster":["bogus"]}'),
        ("--tls-cert", "/nonexistent"),
        ("--tls-ca", "/nonexistent"),
        ("--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"),
        ("--detach",),
        ("--elastic-cloud", "[]"),
        ("--elastic-cloud", '{"keys": []}'),
        ("--elastic-cloud", '{"users": [{"name": 1}]}'),
        ("--ece", '{"switches": {"page_size": 0}}'),
        ("--ece", '{"users": [{"name": "kim"}]}'),
    ],
)
def test_options_that_are_refused(options: tuple[str, ...]) -> None:
    """With a line that says why."""
    assert _refused(*options).strip()


def test_in_the_background(tmp_path: Path) -> None:
    """It answers when the command returns, and lives until it is stopped by its pid."""
    port_file = tmp_path / "port.json"
    command = [
        sys.executable,
        str(PACKAGE),
        "--detach",
        "--port-file",
        str(port_file),
        "--log-file",
        str(tmp_path / "log"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    facts = json.loads(done.stdout)
    try:
        client = Client(facts["url"])
        assert client.call("GET", "/").status == 200
        client.close()
    finally:
        os.kill(facts["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 10
    while port_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not port_file.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("USERS", "[1]"), ("USERS", '[{"name": "u"}]'), ("USERS", "{"), ("ROLES", "[]"), ("ROLES", '{"r": {"foo": 1}}')],
)
def test_an_environment_that_is_refused(name: str, value: str) -> None:
    """With a line that says why."""
    assert _refused(**{f"KEYSMITH_EMULATOR_{name}": value}).strip()


def test_a_port_that_is_taken(run: Run) -> None:
    """Refused, without a traceback."""
    taken = run()["url"].rsplit(":", 1)[1]
    assert "in use" in _refused("--port", taken)
