# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What can go wrong, as types: every room raises these, one place tells Ansible."""

from __future__ import annotations

from typing import Any


class KeysmithError(Exception):
    """Something that stops the work, said in one clear sentence.

    :param message: one sentence that names what was wrong; never holds a secret.
    :param hint: one sentence that says what would be right, if there is one.
    :param fields: machine-readable details for the result (``status``, ``option``, ``ids``, ...).

    ``code`` is the stable word a playbook can test.
    """

    code = "error"

    def __init__(self, message: str, hint: str | None = None, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class OptionError(KeysmithError):
    """An option is missing, malformed or contradicts another; ``option`` names it."""

    code = "bad_option"

    def __init__(self, option: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint, option=option)
        self.option = option


class Refused(KeysmithError):
    """A law, a policy or a missing feature or privilege forbids the step; nothing was written for it."""

    code = "refused"


class NotRevoked(KeysmithError):
    """Some of the keys that were to be revoked live on; ``ids`` names them."""

    code = "not_revoked"


class NoSuchKey(KeysmithError):
    """The key that was asked for is not there, or not to be seen by this login."""

    code = "no_such_key"


class StoreError(KeysmithError):
    """The store cannot be read or written, or holds a record that is not ours to touch."""

    code = "store"


class TakenOver(KeysmithError):
    """Another run changed the store's record in between; this run has undone its own work."""

    code = "taken_over"


class Unproven(KeysmithError):
    """A secret could be neither proven nor refuted, so nothing may be concluded from it."""

    code = "unproven"


class ReadOnlyViolation(KeysmithError):
    """Our own code tried to write in check mode; the transport stopped it."""

    code = "write_in_check_mode"


class MissingLibrary(KeysmithError):
    """A Python library is not installed where the module or lookup runs."""

    code = "missing_library"


class NotSent(KeysmithError):
    """No server was reached: the request was certainly not carried out."""

    code = "connection"


class TlsError(NotSent):
    """The TLS handshake failed: certificate, fingerprint, client certificate or protocol."""

    code = "tls"


class AnswerLost(KeysmithError):
    """The request was sent and may have been carried out, but no trustworthy answer came back."""

    code = "answer_lost"


class NotElasticsearch(KeysmithError):
    """Something answered, but it is not the service that was asked for."""

    code = "not_elasticsearch"


class ServerError(KeysmithError):
    """The server answered with an error.

    ``status`` is the HTTP status, ``type`` the server's error type, ``reason`` its deepest reason (scrubbed),
    ``body`` the scrubbed decoded answer for those who need more than the reason.
    """

    code = "server"

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        status: int,
        type: str | None = None,
        reason: str | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message, hint, status=status, type=type, reason=reason)
        self.status = status
        self.type = type
        self.reason = reason
        self.body = body


class BadRequest(ServerError):
    """400: the server refused the request's content."""

    code = "bad_request"


class Unauthorized(ServerError):
    """401. ``credentials`` holds the server's own words on each credential it tried."""

    code = "unauthorized"

    def __init__(
        self, message: str, hint: str | None = None, *, credentials: tuple[str, ...] = (), **known: Any
    ) -> None:
        super().__init__(message, hint, **known)
        self.credentials = credentials


class Forbidden(ServerError):
    """403: the login is known and may not do this."""

    code = "forbidden"


class NotFound(ServerError):
    """404."""

    code = "not_found"


class Unavailable(ServerError):
    """429 or a 5xx, after all retries that are safe."""

    code = "unavailable"
