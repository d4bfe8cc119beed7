# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keysmith_emulator.cloud_keys.errors import CloudError, invalid_input
from keysmith_emulator.cloud_keys.keys import Caller
from keysmith_emulator.exchange import Answer, Request

BASE = "/api/v1"


@dataclass
class Call:
    """One authenticated request on its way to a handler."""

    request: Request
    caller: Caller
    variables: dict[str, str]

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; 400 for anything else, 415 for another media type."""
        media_type = self.request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if media_type != "application/json":
            raise CloudError(415, "root.unsupported_media_type", "The request's Content-Type must be application/json.")
        try:
            given = json.loads(self.request.body.decode())
        except (ValueError, RecursionError):
            raise invalid_input("The request body is no valid JSON.", "") from None
        if not isinstance(given, dict):
            raise invalid_input("The request body must be a JSON object.", "")
        return given


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One operation, below ``/api/v1``."""

    method: str
    path: str
    handler: Handler
    operation: str
    """Its ``operationId`` in the published description; on ECE a permission has this name."""
    public: bool = False
    """Whether it can be called without a login."""

    def match(self, path: str) -> dict[str, str] | None:
        """The variables of the path, when it fits."""
        expected, given = (BASE + self.path).split("/"), path.rstrip("/").split("/")
        if len(expected) != len(given):
            return None
        variables = {}
        for pattern, part in zip(expected, given):
            if pattern.startswith("{") and part:
                variables[pattern[1:-1]] = part
            elif pattern != part:
                return None
        return variables


def find_route(routes: list[Route], request: Request) -> tuple[Route, dict[str, str]]:
    """The route of a request and the variables of its path; 404 or 405 where there is none."""
    matches = [(route, route.match(request.path)) for route in routes]
    fitting = [(route, variables) for route, variables in matches if variables is not None]
    # A literal path goes before one with a variable: `/keys/_all` is not the key `_all`.
    fitting.sort(key=lambda match: len(match[1]))
    if fitting:
        fewest = len(fitting[0][1])
        fitting = [match for match in fitting if len(match[1]) == fewest]
    for route, variables in fitting:
        if route.method == request.method:
            return route, variables
    if fitting:
        allowed = ", ".join(sorted(route.method for route, _variables in fitting))
        message = f"The method is not allowed here; allowed are {allowed}."
        raise CloudError(405, "root.method_not_allowed", message, headers=[("Allow", allowed)])
    raise CloudError(404, "root.resource_not_found", "The requested resource could not be found")
