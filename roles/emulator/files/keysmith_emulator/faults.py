# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request: rules that say which requests go wrong, how, and how often."""

from __future__ import annotations

import base64
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keysmith_emulator.exchange import Answer, Request

ACTIONS = frozenset(
    {
        "lost_answer",
        "timeout",
        "late",
        "reset",
        "status",
        "html",
        "echo500",
        "slow",
        "shuffle",
        "encountered_failure",
        "redirect",
    }
)
_OPTIONS = {"match", "times", "skip", "action", "seconds", "status", "retry_after", "location", "reason"}
_MATCHERS = {"method", "path", "body_contains"}
FOREVER = -1


@dataclass
class Fault:
    """One rule. It lets ``skip`` fitting requests pass, then hits ``times`` of them."""

    action: str
    match: dict[str, str] = field(default_factory=dict)
    times: int = 1
    skip: int = 0
    seconds: float = 1.0
    status: int = 503
    retry_after: str | None = None
    location: str = ""
    reason: str = "a fault on request"

    @classmethod
    def read(cls, given: dict[str, Any]) -> Fault:
        """A rule of the control API."""
        unknown = sorted(set(given) - _OPTIONS) + sorted(set(given.get("match", {})) - _MATCHERS)
        if unknown:
            raise ValueError(f"unknown fields {unknown} in a fault rule")
        if given.get("action") not in ACTIONS:
            raise ValueError(f"unknown action [{given.get('action')}]; known are {sorted(ACTIONS)}")
        if given["action"] == "redirect" and not given.get("location"):
            raise ValueError("a redirect needs a location")
        try:
            re.compile(given.get("match", {}).get("path", ""))
        except re.error as error:
            raise ValueError(f"match.path is no regular expression: {error}") from None
        options = dict(given)
        if options.get("times") is None:
            options["times"] = 1
        if options.get("retry_after") is not None:
            options["retry_after"] = str(options["retry_after"])
        return cls(**options)

    def fits(self, request: Request) -> bool:
        """Whether the rule is about this request; ``path`` is searched in the path with its query."""
        if self.match.get("method", request.method).upper() != request.method:
            return False
        if not re.search(self.match.get("path", ""), request.target):
            return False
        return self.match.get("body_contains", "").encode() in request.body

    def show(self) -> dict[str, Any]:
        """The rule with what is left of it."""
        return {"action": self.action, "match": self.match, "times": self.times, "skip": self.skip}


class FaultBook:
    """The rules in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, faults: list[Fault]) -> None:
        """More rules; the first one that fits a request is taken."""
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        """No rules any more."""
        with self._lock:
            self._faults = []

    def show(self) -> list[dict[str, Any]]:
        """Every rule that is not used up."""
        with self._lock:
            return [fault.show() for fault in self._faults]

    def take(self, request: Request) -> Fault | None:
        """The fault that this request is to meet."""
        with self._lock:
            for fault in self._faults:
                if not fault.fits(request):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times != FOREVER:
                    fault.times -= 1
                self._faults = [left for left in self._faults if left.times != 0]
                return fault
        return None


def instead(fault: Fault, request: Request, failure: Callable[[int, str], Any]) -> Answer | None:
    """The answer of a fault that does not carry the request out; ``failure`` is an error in the service's own form."""
    if fault.action == "status":
        headers = [] if fault.retry_after is None else [("Retry-After", fault.retry_after)]
        return Answer(fault.status, failure(fault.status, fault.reason), headers=headers)
    if fault.action == "html":
        status = fault.status if fault.status != 503 else 502
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>"
        return Answer(status, raw=page.encode(), content_type="text/html")
    if fault.action == "echo500":
        heard = f"headers {request.headers} body {request.body.decode('utf-8', 'replace')}"
        return Answer(500, failure(500, heard))
    if fault.action == "redirect":
        return Answer(302, raw=b"", headers=[("Location", fault.location)])
    if fault.action == "encountered_failure":
        return _encountered_failure(request, failure)
    return None


def _encountered_failure(request: Request, failure: Callable[[int, str], Any]) -> Answer:
    payload = failure(
        401, "unable to authenticate with provided credentials and anonymous access is not allowed for this request"
    )
    if "error" not in payload:
        # Only Elasticsearch explains what became of a credential.
        return Answer(401, payload)
    unsuccessful = f"API key: apikey authentication for id {_key_id(request)} encountered a failure"
    payload["error"]["additional_unsuccessful_credentials"] = unsuccessful
    return Answer(401, payload)


def _key_id(request: Request) -> str:
    """The id of the API key that was sent, as far as it can be told."""
    encoded = request.headers.get("authorization", "").partition(" ")[2]
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except ValueError:
        return "unknown"


def shuffled(value: Any) -> Any:
    """The same answer with every array in another order."""
    if isinstance(value, dict):
        return {name: shuffled(item) for name, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item) for item in value]
        random.shuffle(items)
        return items
    return value
