# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the two services: from a request to its answer."""

from __future__ import annotations

import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from keysmith_emulator.clock import Clock
from keysmith_emulator.cloud_keys.errors import CloudError, error_body
from keysmith_emulator.cloud_keys.keys import Caller, KeyBook
from keysmith_emulator.cloud_keys.moments import HEADER_FORMS, http_date
from keysmith_emulator.cloud_keys.routes import Call, Route, find_route
from keysmith_emulator.cloud_keys.switches import Switch, Switches
from keysmith_emulator.exchange import Answer, Controls, Request

EXPIRATION_HEADER = "X-Elastic-Api-Key-Expiration"
_NOBODY = Caller("nobody")


class CloudService(ABC):
    """Requests are carried out one after the other."""

    def __init__(self, clock: Clock, known: Mapping[str, Switch], switches: Any) -> None:
        self.clock = clock
        self.switches = Switches(known, switches)
        self.book = KeyBook()
        # Making a user is a control of its own and a part of a reset.
        self._lock = threading.RLock()

    @abstractmethod
    def routes(self) -> list[Route]:
        """Every operation."""

    @abstractmethod
    def authenticate(self, request: Request) -> Caller:
        """Whoever sent the request, or 401."""

    @abstractmethod
    def start_anew(self) -> None:
        """Fills an empty service with what it was started with."""

    @abstractmethod
    def authorize(self, caller: Caller, route: Route) -> None:
        """Refuses an operation that the caller may not use at all, or not now."""

    def headers_for(self, caller: Caller | None) -> list[tuple[str, str]]:
        """Headers of every answer."""
        return []

    def reset(self) -> None:
        """As it was at the start."""
        with self._lock:
            self.switches.reset()
            self.start_anew()

    def refresh(self) -> None:  # noqa: B027
        """Nothing to do: a write is visible at once here."""

    def controls(self) -> Controls:
        """What the control API can do here beyond what it can do everywhere."""
        return {
            ("GET", "/switches"): lambda given: self.switches.show(),
            ("POST", "/switches"): self.switches.change,
            ("DELETE", "/switches"): lambda given: self.switches.reset(),
        }

    def failure(self, status: int, reason: str) -> dict[str, Any]:
        """The body of an error that a fault asks for."""
        return error_body("root.unexpected_error", reason)

    def handle(self, request: Request) -> Answer:
        """The answer to a request."""
        with self._lock:
            return self._guarded(request)

    def _guarded(self, request: Request) -> Answer:
        caller: Caller | None = None
        try:
            route, variables = find_route(self.routes(), request)
            caller = _NOBODY if route.public else self.authenticate(request)
            self.authorize(caller, route)
            answer = route.handler(Call(request, caller, variables))
        except CloudError as error:
            answer = self._refused(error)
        except Exception as error:
            # A flaw of the emulator's own must look like a server's error to the client, not like a lost connection.
            traceback.print_exc()
            answer = self._refused(CloudError(500, "root.unexpected_error", f"{type(error).__name__} in the emulator"))
        answer.who = None if caller is None else caller.name
        answer.headers += self._date() + self.headers_for(caller) + self._expiration_of(caller)
        return answer

    def _refused(self, error: CloudError) -> Answer:
        fields = error.fields if self.switches["error_fields"] else ()
        headers = [*error.headers, ("x-cloud-error-codes", error.code)]
        return Answer(error.status, error_body(error.code, error.message, fields), headers=headers)

    def _date(self) -> list[tuple[str, str]]:
        """The time, which Elasticsearch does not tell and these services do."""
        return [("Date", http_date(self.clock.now_ms()))] if self.switches["date_header"] else []

    def _expiration_of(self, caller: Caller | None) -> list[tuple[str, str]]:
        if caller is None or caller.key is None or self.switches["expiration_header"] == "absent":
            return []
        if caller.key.expiration is None:
            never = self.switches["expiration_header_never"]
            return [] if never is None else [(EXPIRATION_HEADER, never)]
        return [(EXPIRATION_HEADER, HEADER_FORMS[self.switches["expiration_header"]](caller.key.expiration))]
