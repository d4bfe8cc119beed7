# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the emulator's tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from descriptions import CloudClient, Description, elastics_description, own_description
from emulator_client import Client, serve, start


@pytest.fixture
def emulate() -> Iterator[Callable[..., Client]]:
    """Starts emulators with the settings of a test; all are stopped after it."""
    servers, clients = [], []

    def run(**settings: Any) -> Client:
        servers.append(start(**settings))
        clients.append(Client(servers[-1].urls["elasticsearch"]))
        return clients[-1]

    yield run
    for client in clients:
        client.close()
    for server in servers:
        server.stop()


@pytest.fixture
def es(emulate: Callable[..., Client]) -> Client:
    """An emulator of the default version."""
    return emulate()


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, str]]:
    """The addresses of a process that serves everything, Elasticsearch as a serverless project."""
    server = serve("elasticsearch", "elastic_cloud", "ece", flavor="serverless")
    yield server.urls
    server.stop()


@pytest.fixture(scope="session")
def descriptions() -> dict[str, list[Description]]:
    """Those that are at hand, by service."""
    return {
        service: [found for found in (own_description(service), elastics_description(service)) if found is not None]
        for service in ("elastic_cloud", "ece")
    }


@pytest.fixture
def cloud(services: dict[str, str], descriptions: dict[str, list[Description]]) -> Iterator[CloudClient]:
    """An Elastic Cloud as it is at the start; the client is the owner of its organization."""
    client = CloudClient(services["elastic_cloud"], descriptions["elastic_cloud"], "essu_changeme")
    client.control("POST", "reset")
    yield client
    client.close()


@pytest.fixture
def ece(services: dict[str, str], descriptions: dict[str, list[Description]]) -> Iterator[CloudClient]:
    """An Elastic Cloud Enterprise with the user `kim`, who may do little; the client has a key of theirs."""
    client = CloudClient(services["ece"], descriptions["ece"])
    client.control("POST", "reset")
    client.control("POST", "users", {"name": "kim", "password": "kims-password", "roles": ["ece_deployment_viewer"]})
    token = client.ask("POST", "/users/auth/_login", {"username": "kim", "password": "kims-password"}).body["token"]
    made = client.ask(
        "POST", "/users/auth/keys", {"description": "first key of kim"}, headers={"Authorization": f"Bearer {token}"}
    )
    client.key = made.body["key"]
    yield client
    client.close()


@pytest.fixture
def project(services: dict[str, str]) -> Iterator[Client]:
    """The organization's serverless project."""
    client = Client(services["elasticsearch"])
    client.control("POST", "reset")
    yield client
    client.close()
