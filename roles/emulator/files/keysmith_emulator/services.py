# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that one emulator offers, by flavour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from keysmith_emulator.clock import Clock
from keysmith_emulator.elasticsearch.service import ElasticsearchService
from keysmith_emulator.elasticsearch.state import Settings
from keysmith_emulator.exchange import Answer, Request


class Service(Protocol):
    """What the server and its control API need of a service."""

    def handle(self, request: Request) -> Answer:
        """The answer to a request."""

    def reset(self) -> None:
        """Forgets everything."""

    def refresh(self) -> None:
        """Makes every write visible."""

    def seed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Makes many keys at once."""


# Another API of Elastic's is one more package beside `elasticsearch` and one more line here.
SERVICES: dict[str, Callable[[Settings, Clock], Service]] = {
    "default": ElasticsearchService,
    "serverless": lambda settings, clock: ElasticsearchService(replace(settings, serverless=True), clock),
}
