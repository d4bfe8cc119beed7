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

from emulator_client import Client, start


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
