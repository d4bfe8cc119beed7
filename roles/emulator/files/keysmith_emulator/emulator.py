# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service without its network: with faults, a log, and the control API."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any, Protocol

from keysmith_emulator.clock import Clock, iso, parse_duration_ms
from keysmith_emulator.exchange import Answer, Controls, Request
from keysmith_emulator.faults import Fault, FaultBook, instead, shuffled

CONTROL = "/_emulator"
_LONGEST_LOG = 20_000


class ConnectionLost(Exception):
    """The connection is to be closed without an answer; ``abrupt`` closes it with a reset."""

    def __init__(self, abrupt: bool = False) -> None:
        super().__init__("no answer")
        self.abrupt = abrupt


class Service(Protocol):
    """What the server and its control API need of a service."""

    def handle(self, request: Request) -> Answer:
        """The answer to a request."""

    def reset(self) -> None:
        """Forgets everything."""

    def refresh(self) -> None:
        """Makes every write visible."""

    def controls(self) -> Controls:
        """What the control API can do here beyond what it can do everywhere."""

    def failure(self, status: int, reason: str) -> dict[str, Any]:
        """The body of an error that a fault asks for."""


class Emulator:
    """Answers requests, or loses them."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.clock = clock
        self.service = service
        # However far the clock is moved, what was written before is visible by then.
        clock.when_moved(service.refresh)
        self.faults = FaultBook()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LONGEST_LOG)
        self._late: set[threading.Timer] = set()
        self._controls: Controls = {
            ("GET", "/clock"): lambda given: self._show_clock(),
            ("POST", "/clock"): self._move_clock,
            ("GET", "/faults"): lambda given: self.faults.show(),
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): lambda given: self.faults.clear(),
            ("GET", "/requests"): lambda given: list(self._log),
            ("DELETE", "/requests"): lambda given: self._log.clear(),
            ("POST", "/reset"): self._reset,
            **service.controls(),
        }

    def respond(self, request: Request) -> Answer:
        """The answer, when it is due; raises ``ConnectionLost`` where a fault takes it away."""
        if request.path == CONTROL or request.path.startswith(CONTROL + "/"):
            return self._control(request)
        fault = self.faults.take(request)
        if fault is None:
            return self._carry_out(request)
        return self._with_fault(request, fault)

    def _carry_out(self, request: Request, fault: str | None = None) -> Answer:
        answer = self.service.handle(request)
        self._note(request, answer.status, answer.who, fault)
        _sleep_until(answer.not_before)
        return answer

    def _with_fault(self, request: Request, fault: Fault) -> Answer:
        answer = instead(fault, request, self.service.failure)
        if answer is not None:
            self._note(request, answer.status, None, fault.action)
            return answer
        if fault.action == "reset":
            self._note(request, None, None, fault.action)
            raise ConnectionLost(abrupt=True)
        if fault.action == "late":
            self._carry_out_later(request, fault.seconds)
            raise ConnectionLost
        if fault.action == "slow":
            time.sleep(fault.seconds)
        answer = self._carry_out(request, fault.action)
        if fault.action == "timeout":
            time.sleep(fault.seconds)
        if fault.action == "lost_answer":
            raise ConnectionLost
        if fault.action == "shuffle":
            answer.payload = shuffled(answer.payload)
        return answer

    def _carry_out_later(self, request: Request, seconds: float) -> None:
        def run() -> None:
            self._late.discard(timer)
            self._carry_out(request, "late")

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        self._late.add(timer)
        timer.start()

    def close(self) -> None:
        """Drops the requests that were still to be carried out."""
        for timer in list(self._late):
            timer.cancel()
        self._late.clear()

    def _note(self, request: Request, status: int | None, who: str | None, fault: str | None) -> None:
        entry: dict[str, Any] = {
            "at": self.clock.now_ms(),
            "method": request.method,
            "path": request.target,
            "status": status,
            "who": who,
        }
        if fault is not None:
            entry["fault"] = fault
        self._log.append(entry)

    def _control(self, request: Request) -> Answer:
        if not request.from_loopback:
            return Answer(403, {"error": "the control API answers on the loopback interface only"})
        control = self._controls.get((request.method, request.path[len(CONTROL) :].rstrip("/")))
        if control is None:
            known = sorted(f"{method} {CONTROL}{path}" for method, path in self._controls)
            return Answer(404, {"error": "no such control", "controls": known})
        try:
            result = control(json.loads(request.body) if request.body.strip() else None)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return Answer(400, {"error": str(error)})
        return Answer(200, {"acknowledged": True} if result is None else result)

    def _show_clock(self) -> dict[str, Any]:
        now = self.clock.now_ms()
        return {"now": now, "iso": iso(now)}

    def _move_clock(self, given: dict[str, Any]) -> dict[str, Any]:
        if set(given) == {"advance"}:
            self.clock.advance(parse_duration_ms(given["advance"]))
        elif set(given) == {"set"}:
            self.clock.set(int(given["set"]))
        else:
            raise ValueError("give either advance (a duration) or set (milliseconds since the epoch)")
        return self._show_clock()

    def _add_faults(self, given: Any) -> None:
        rules = given if isinstance(given, list) else [given]
        self.faults.add([Fault.read(rule) for rule in rules])

    def _reset(self, given: Any) -> None:
        self.close()
        self.clock.reset()
        self.faults.clear()
        self.service.reset()
        self._log.clear()


def _sleep_until(moment: float) -> None:
    remaining = moment - time.monotonic()
    if remaining > 0:
        time.sleep(remaining)
