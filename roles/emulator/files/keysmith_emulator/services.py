# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that one process offers, each at a port of its own and all on one clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.ece.service import EceService
from keysmith_emulator.elastic_cloud.service import ElasticCloudService
from keysmith_emulator.elasticsearch.service import ElasticsearchService
from keysmith_emulator.elasticsearch.state import CloudLogin, Settings
from keysmith_emulator.emulator import Emulator, Service

FLAVORS = ("default", "serverless")
SERVICES = ("elasticsearch", "elastic_cloud", "ece")


@dataclass(frozen=True)
class Configuration:
    """What the services were started with."""

    elasticsearch: Settings
    elastic_cloud: dict[str, Any] = field(default_factory=dict, repr=False)
    ece: dict[str, Any] = field(default_factory=dict, repr=False)


def emulators(configuration: Configuration, wanted: Iterable[str] = SERVICES) -> dict[str, Emulator]:
    """An emulator for each service that is wanted; raises ``ValueError`` for a configuration that makes no sense."""
    clock = Clock()
    elastic_cloud = ElasticCloudService(configuration.elastic_cloud, clock)

    def cloud_login(secret: str) -> CloudLogin | None:
        # A key of the organization logs in to its serverless project.
        known = elastic_cloud.project_login(secret)
        return None if known is None else CloudLogin(known[0].id, known[0].description, known[1])

    elasticsearch = ElasticsearchService(configuration.elasticsearch, clock, cloud_login)
    services: dict[str, Service] = {
        "elasticsearch": elasticsearch,
        "elastic_cloud": elastic_cloud,
        "ece": EceService(configuration.ece, clock),
    }
    return {name: Emulator(services[name], clock) for name in wanted}
