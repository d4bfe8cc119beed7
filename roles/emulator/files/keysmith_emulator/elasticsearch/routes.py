# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of routes: methods, paths, parameters, and from which version on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keysmith_emulator.elasticsearch.body import read_boolean
from keysmith_emulator.elasticsearch.errors import PlainRefusal, Refusal, illegal_argument
from keysmith_emulator.elasticsearch.state import State
from keysmith_emulator.elasticsearch.subjects import Subject
from keysmith_emulator.elasticsearch.versions import Version
from keysmith_emulator.exchange import Answer, Request

# Every endpoint takes these.
_COMMON = frozenset({"pretty", "human", "error_trace", "format", "filter_path"})


@dataclass
class Call:
    """One authenticated request on its way to a handler."""

    state: State
    request: Request
    subject: Subject
    variables: dict[str, str]
    query: dict[str, str]

    @property
    def version(self) -> Version:
        """The emulated version."""
        return self.state.settings.version

    def flag(self, name: str) -> bool:
        """A boolean parameter; given without a value it is true."""
        value = self.query.get(name)
        return False if value is None else read_boolean(value or True)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    methods: tuple[str, ...]
    path: str
    handler: Handler
    parameters: tuple[str, ...] = ()
    since: str | None = None
    serverless: bool = True
    parameter_since: dict[str, str] = field(default_factory=dict)

    def match(self, path: str) -> dict[str, str] | None:
        """The variables of the path, when it fits."""
        expected, given = self.path.strip("/").split("/"), path.strip("/").split("/")
        if len(expected) != len(given):
            return None
        variables = {}
        for pattern, part in zip(expected, given):
            if pattern.startswith("{"):
                if not part or (pattern == "{index}" and part.startswith("_")):
                    return None
                variables[pattern[1:-1]] = part
            elif pattern != part:
                return None
        return variables

    def check_parameters(self, request: Request, version: Version) -> None:
        """400 for parameters that this version of the endpoint does not know."""
        known = set(self.parameters) | _COMMON
        known -= {name for name, feature in self.parameter_since.items() if not version.has(feature)}
        unknown = sorted(set(request.query) - known)
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            names = ", ".join(f"[{name}]" for name in unknown)
            raise illegal_argument(f"request [{request.path}] contains unrecognized parameter{plural}: {names}")


class Router:
    """Finds the endpoint of a request."""

    def __init__(self, routes: list[Route], version: Version, serverless: bool) -> None:
        self._routes = [route for route in routes if route.since is None or version.has(route.since)]
        self._serverless = serverless

    def find(self, request: Request) -> tuple[Route, dict[str, str]]:
        """The route and the variables of its path."""
        matches = [(route, route.match(request.path)) for route in self._routes]
        fitting = [(route, variables) for route, variables in matches if variables is not None]
        # A literal path goes before one with a variable: `/api_key/clone` is not the key `clone`.
        fitting.sort(key=lambda match: len(match[1]))
        for route, variables in fitting:
            if request.method in route.methods:
                self._check_scope(route, request)
                return route, variables
        if fitting:
            allowed = sorted({method for match in fitting for method in match[0].methods})
            raise PlainRefusal(
                405,
                f"Incorrect HTTP method for uri [{request.target}] and method [{request.method}], "
                f"allowed: [{', '.join(allowed)}]",
                allow=allowed,
            )
        raise PlainRefusal(
            400, f"no handler found for uri [{request.target}] and method [{request.method}]", with_status=False
        )

    def _check_scope(self, route: Route, request: Request) -> None:
        if self._serverless and not route.serverless:
            raise Refusal(
                410,
                "api_not_available_exception",
                f"Request for uri [{request.target}] with method [{request.method}] exists but is not available when "
                "running in serverless mode",
            )
