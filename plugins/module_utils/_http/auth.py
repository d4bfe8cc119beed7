# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""How one logs in: the headers of each kind of login, and the secrets in it.

The scrubber knows how else a text may write them.
"""

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._model.errors import OptionError
from .._model.secret import basic_token
from .answer import Answer


def check_header_text(option: str, text: str) -> None:
    """Refuse what no HTTP header can carry; the text itself is never repeated."""
    if not text:
        raise OptionError(option, f"{option} is empty.", "Give its value, or leave the option out.")
    if any(not "!" <= character <= "~" for character in text):
        raise OptionError(
            option,
            f"{option} holds a blank, a line break or a character outside ASCII.",
            "Give the text as the service issued it; the filter 'trim' removes the line break at the end of a file.",
        )


class Auth(ABC):
    """A login. Its texts (``describe``, ``repr``) never hold a secret."""

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """Return the headers that carry the login."""

    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """Return its secrets, whole and in the parts that could appear in a text."""

    @abstractmethod
    def describe(self) -> str:
        """Return who logs in, for messages, without a secret."""

    def alternative(self) -> Auth | None:
        """Return the login to try where this one is refused, None where there is no other."""
        return None

    def renewed(self, send: SendLogin) -> Auth:
        """Return the login to send now: itself, or what a service gave for it. Asked before every request.

        :param send: sends a request that gets a login or lasts no longer than one.
        :raises NotSent, AnswerLost, ServerError, NotElasticsearch: it was not given.
        """
        return self

    def ended(self, send: SendLogin) -> None:
        """Give back what ``renewed`` was given, when the work is done."""
        return


# Sends POST as a login to a path, with a body or none, and returns the answer.
SendLogin = Callable[[Auth, str, Any], Answer]


@dataclass(frozen=True)
class ApiKeyAuth(Auth):
    """An API key in its encoded form, sent as it is: base64 of ``id:key``, or an Elastic Cloud key (``essu_...``).

    ``key_id`` is its id, where it is known from elsewhere than the text.
    """

    encoded: str = field(repr=False)
    key_id: str | None = None

    def __post_init__(self) -> None:
        check_header_text("api_key", self.encoded)

    def _decoded(self) -> tuple[str, str]:
        """Return id and key; both empty where the text is not base64 of ``id:key``."""
        try:
            pair = base64.b64decode(self.encoded, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return "", ""
        identifier, colon, key = pair.partition(":")
        return (identifier, key) if colon else ("", "")

    def headers(self) -> dict[str, str]:
        """Return the header of an API key."""
        return {"Authorization": f"ApiKey {self.encoded}"}

    def secrets(self) -> tuple[str, ...]:
        """Return the encoded key, ``id:key`` and the key alone; the id is no secret."""
        identifier, key = self._decoded()
        return (self.encoded, f"{identifier}:{key}", key) if key else (self.encoded,)

    def describe(self) -> str:
        """Return the key's id, where it can be read."""
        identifier = self.key_id or self._decoded()[0]
        return f"the API key {identifier}" if identifier else "an API key"


@dataclass(frozen=True)
class BasicAuth(Auth):
    """A user name and a password.

    ``pending`` is the password that a change under way may have made the right one; it is tried where the first is refused. Where that
    is refused, too, ``again`` is asked for the login anew: another run may have changed it meanwhile.
    """

    username: str
    password: str = field(repr=False)
    pending: str | None = field(default=None, repr=False)
    again: Callable[[], BasicAuth | None] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.username or ":" in self.username:
            raise OptionError(
                "username",
                "username is empty or holds a colon, which basic authentication cannot carry.",
                "Give the user name alone; the password is an option of its own.",
            )
        if not self.password:
            raise OptionError("password", "password is empty.", "Give the user's password.")

    def headers(self) -> dict[str, str]:
        """Return the header of basic authentication."""
        return {"Authorization": f"Basic {basic_token(self.username, self.password)}"}

    def secrets(self) -> tuple[str, ...]:
        """Return the passwords and the header's credentials."""
        passwords = (self.password, *([self.pending] if self.pending else []))
        return tuple(
            form
            for password in passwords
            for form in (password, f"{self.username}:{password}", basic_token(self.username, password))
        )

    def describe(self) -> str:
        """Return the user's name."""
        return f"the user {self.username}" + (" (with either password of its store)" if self.pending else "")

    def alternative(self) -> Auth | None:
        """Return the login with the pending password, else the login asked for anew."""
        if self.pending:
            return BasicAuth(self.username, self.pending, again=self.again)
        return self.again() if self.again is not None else None


@dataclass(frozen=True)
class BearerAuth(Auth):
    """A bearer token: OAuth2, a JWT, a service account's, or an ECE login's."""

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        check_header_text("token", self.token)

    def headers(self) -> dict[str, str]:
        """Return the header of a bearer token."""
        return {"Authorization": f"Bearer {self.token}"}

    def secrets(self) -> tuple[str, ...]:
        """Return the token."""
        return (self.token,)

    def describe(self) -> str:
        """Return the login's kind: a token names nobody."""
        return "a bearer token"


@dataclass(frozen=True)
class NoAuth(Auth):
    """No header at all: the client certificate is the login."""

    def headers(self) -> dict[str, str]:
        """Return no header."""
        return {}

    def secrets(self) -> tuple[str, ...]:
        """Return nothing: a private key is never read into a text."""
        return ()

    def describe(self) -> str:
        """Return the login's kind."""
        return "the client certificate"
