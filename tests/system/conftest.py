# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System tests: each runs on the emulator and on every real Elasticsearch, unless `support/spread.py` says that one is enough."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import collection, servers, spread
from support.admin import Admin, UniqueNames

collection.install()

from ansible_collections.keysmith.elastic.plugins.module_utils._kinds import cloud_keys  # noqa: E402
from support.cloud_life import CLOUD_KINDS, CloudKind, CloudLife, CloudService  # noqa: E402  (imports the collection)
from support.life import Life, Litter  # noqa: E402
from support.module_server import ModuleServer  # noqa: E402
from support.own_emulator import own_emulator, services_of  # noqa: E402
from support.proxy import Proxy  # noqa: E402

RUNNING = pytest.StashKey[servers.Servers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "run on this server only (may be given again): " + ", ".join(servers.NAMES)
    parser.addoption("--server", action="append", choices=servers.NAMES, help=text)


def pytest_configure(config: pytest.Config) -> None:
    running = config.stash[RUNNING] = servers.Servers()
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        # The workers of pytest-xdist share what the process above them has started.
        running.start(name for name in chosen(config) if not servers.missing(name))
        os.environ[servers.VARIABLE] = running.as_variable()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUNNING].stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", chosen(metafunc.config), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function):
            server = item.callspec.params.get("server") if hasattr(item, "callspec") else None
            other = spread.left_to(item.path.name, item.originalname, server, chosen(config))
            if other:
                item.add_marker(pytest.mark.skip(reason=f"one server is enough: {other}"))


def chosen(config: pytest.Config) -> list[str]:
    return config.getoption("server") or list(servers.NAMES)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> servers.Server:
    """A running server; started when it is first asked for, unless KEYSMITH_TEST_SERVERS names it."""
    try:
        return request.config.stash[RUNNING].get(request.param)
    except servers.Unavailable as reason:
        if servers.required() or not servers.missing(request.param):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture
def admin(server: servers.Server) -> Admin:
    return Admin(server)


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> UniqueNames:
    """Makes names for this test; its keys are found again by `unique.prefix`."""
    return UniqueNames(request.node.originalname)


@pytest.fixture(scope="session")
def litter(server: servers.Server) -> Iterator[Litter]:
    made = Litter(Admin(server))
    yield made
    made.clear()


@pytest.fixture
def life(admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter) -> Life:
    """A key's owner and store on a server, and runs of the engine over them."""
    return Life(admin, unique, tmp_path, litter)


@pytest.fixture(scope="session")
def modules() -> Iterator[ModuleServer]:
    with ModuleServer() as made:
        yield made


@pytest.fixture
def proxy(life: Life) -> Iterator[Proxy]:
    """Stands between the engine and the server, which it is told apart from by nothing."""
    with Proxy(life.url) as proxy:
        life.url = proxy.url
        yield proxy


@pytest.fixture(scope="session")
def services(server: servers.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of one emulator's services."""
    if server.kind != "emulator":
        pytest.skip("these services are emulated, whatever Elasticsearch is beside them")
    folder = tmp_path_factory.mktemp("cloud")
    with own_emulator(folder):
        yield services_of(folder)


@pytest.fixture(params=CLOUD_KINDS, ids=str)
def cloud_life(
    request: pytest.FixtureRequest, services: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CloudLife:
    """A key of each kind on a service that is empty but for its owner."""
    kind: CloudKind = request.param
    service = CloudService(services[kind.service], kind.login)
    service.reset(kind.login)
    # How slowly keys are deleted is seen by a unit test.
    monkeypatch.setattr(cloud_keys, "DELETE_PAUSE", 0)
    return CloudLife(kind, service, tmp_path)
