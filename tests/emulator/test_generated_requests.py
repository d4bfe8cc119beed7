# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that schemathesis makes up from the descriptions, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from descriptions import OWN, CloudClient, load
from emulator_client import ELASTIC, basic, serve
from hypothesis import HealthCheck, Phase, settings

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.checks")
conformance = pytest.importorskip("schemathesis.specs.openapi.checks")

ANSWERS = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]
few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Services of these tests' own: what is made up may change anything."""
    server = serve("elasticsearch", "elastic_cloud", "ece", refresh_seconds=0.0)
    yield server.urls
    server.stop()


@pytest.fixture(scope="module")
def administrator(addresses: dict[str, str]) -> str:
    """The key of an administrator of ECE; the built-in ones can have none."""
    client = CloudClient(addresses["ece"], [])
    client.control("POST", "users", {"name": "lee", "password": "lees-password", "roles": ["ece_platform_admin"]})
    client.control("POST", "switches", {"basic_logins": "all"})
    made = client.ask("POST", "/users/auth/keys", {"description": "k"}, user=("lee", "lees-password"))
    client.control("DELETE", "switches")
    client.close()
    return str(made.body["key"])


def _schema(service: str) -> Any:
    schema = schemathesis.openapi.from_dict(load(OWN / f"{service}.yml"))
    # Parameters that nobody knows are no mistake here.
    schema.config.generation.update(allow_extra_parameters=False)
    return schema


def _call(case: Any, url: str, key: str) -> None:
    case.call_and_validate(base_url=f"{url}/api/v1", headers={"Authorization": f"ApiKey {key}"})


@_schema("elastic_cloud").parametrize()
@few
def test_elastic_cloud(case: Any, addresses: dict[str, str]) -> None:
    """Right requests are taken, wrong ones are refused, and every answer is as described."""
    _call(case, addresses["elastic_cloud"], "essu_changeme")


# Single sign-on answers with the status that a server without it has, which looks like an error of the server's.
@_schema("ece").exclude(path_regex="/saml/").parametrize()
@few
def test_ece(case: Any, addresses: dict[str, str], administrator: str) -> None:
    """The same."""
    _call(case, addresses["ece"], administrator)


@_schema("elasticsearch").parametrize()
@settings(few, phases=[Phase.generate])
def test_elasticsearch(case: Any, addresses: dict[str, str]) -> None:
    """Every answer is as described; the description of requests is looser than the server."""
    login = {"Authorization": basic(ELASTIC)}
    case.call_and_validate(base_url=addresses["elasticsearch"], headers=login, checks=ANSWERS)
