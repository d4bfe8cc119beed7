# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error answers: one or more codes, which a header repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INVALID_INPUT = "api_keys.invalid_input"
KEY_NOT_FOUND = "api_keys.key_not_found"
USER_NOT_FOUND = "api_keys.user_not_found"
UNAUTHENTICATED = "root.unauthenticated"
UNAUTHORIZED = "root.unauthorized"


class CloudError(Exception):
    """An error answer, raised anywhere below a route. ``fields`` look like ``body.description``."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Sequence[str] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.headers = list(headers)


def error_body(code: str, message: str, fields: Sequence[str] = ()) -> dict[str, Any]:
    """The body of an error answer."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = list(fields)
    return {"errors": [error]}


def invalid_input(message: str, *fields: str) -> CloudError:
    """400: one code for every reason; only the message tells which."""
    return CloudError(400, INVALID_INPUT, message, [f"body.{field}" if field else "body" for field in fields])


def key_not_found(key_id: str) -> CloudError:
    """404 for a key that is not there, or not there for this caller."""
    return CloudError(404, KEY_NOT_FOUND, f"API key with id [{key_id}] was not found.")


def unauthenticated() -> CloudError:
    """401: wrong, expired and revoked credentials look the same."""
    return CloudError(401, UNAUTHENTICATED, "The supplied authentication is invalid.")
