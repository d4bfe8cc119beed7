# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elasticsearch's error answers: the chain of causes, and which of them is shown as the root."""

from __future__ import annotations

from typing import Any

CHALLENGE = ['Basic realm="security", charset="UTF-8"', "ApiKey"]

# Elasticsearch unwraps its own exceptions only; a cause of another family never becomes the root.
_OWN = frozenset(
    {
        "parse_exception",
        "parsing_exception",
        "security_exception",
        "status_exception",
        "resource_not_found_exception",
        "document_parsing_exception",
        "index_not_found_exception",
        "feature_not_enabled_exception",
        "query_shard_exception",
        "search_phase_execution_exception",
    }
)
_PARSING = "x_content_parse_exception"


class Refusal(Exception):
    """An error answer, raised anywhere below a route."""

    def __init__(
        self,
        status: int,
        kind: str,
        reason: str,
        cause: Refusal | None = None,
        root: Refusal | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.cause = cause
        self.extra = extra or {}
        self._root = root

    def _summary(self) -> dict[str, Any]:
        return {"type": self.kind, "reason": self.reason, **self.extra}

    def describe(self) -> dict[str, Any]:
        """The error with its causes."""
        described = self._summary()
        if self.cause is not None:
            described["caused_by"] = self.cause.describe()
        return described

    def root(self) -> Refusal:
        """The innermost error that Elasticsearch would name as the root."""
        if self._root is not None:
            return self._root
        current: Refusal = self
        while current.cause is not None and current.cause.kind in _OWN | {_PARSING}:
            if current.kind not in _OWN | {_PARSING} or (current.kind in _OWN and current.cause.kind == _PARSING):
                break
            current = current.cause
        return current

    def body(self) -> dict[str, Any]:
        """The whole answer."""
        return {"error": {"root_cause": [self.root()._summary()], **self.describe()}, "status": self.status}


class PlainRefusal(Refusal):
    """The few answers whose ``error`` is a plain string."""

    def __init__(self, status: int, text: str, allow: list[str] | None = None, with_status: bool = True) -> None:
        super().__init__(status, "plain", text)
        self.allow = allow
        self._with_status = with_status

    def body(self) -> dict[str, Any]:
        """``status`` is missing where no handler was found at all."""
        return {"error": self.reason, **({"status": self.status} if self._with_status else {})}


def illegal_argument(reason: str, status: int = 400) -> Refusal:
    """A value that the server does not take."""
    return Refusal(status, "illegal_argument_exception", reason)


def parse_error(reason: str, cause: Refusal | None = None) -> Refusal:
    """A role, or a body, that cannot be read."""
    return Refusal(400, "parse_exception", reason, cause)


def content_error(reason: str, cause: Refusal | None = None) -> Refusal:
    """A body whose JSON does not fit."""
    return Refusal(400, _PARSING, reason, cause)


def validation_failed(problems: list[str], kind: str = "action_request_validation_exception") -> Refusal:
    """All the problems of one request at once."""
    numbered = "".join(f"{number}: {problem};" for number, problem in enumerate(problems, 1))
    return Refusal(400, kind, f"Validation Failed: {numbered}")


def unauthenticated(reason: str, credentials: str | None = None) -> Refusal:
    """401; ``credentials`` says what was wrong with the key or token."""
    extra: dict[str, Any] = {"header": {"WWW-Authenticate": CHALLENGE}}
    if credentials is not None:
        extra = {"additional_unsuccessful_credentials": credentials, **extra}
    return Refusal(401, "security_exception", reason, extra=extra)


def forbidden(reason: str, cause: Refusal | None = None, extra: dict[str, Any] | None = None) -> Refusal:
    """403."""
    return Refusal(403, "security_exception", reason, cause, extra=extra)


def shards_failed(reason: Refusal, caused_by: Refusal | None, node: str) -> Refusal:
    """A search that every shard refused."""
    shard = {"shard": 0, "index": ".security-7", "node": node, "reason": reason.describe()}
    extra = {"phase": "query", "grouped": True, "failed_shards": [shard]}
    return Refusal(
        400, "search_phase_execution_exception", "all shards failed", caused_by, root=reason.root(), extra=extra
    )
