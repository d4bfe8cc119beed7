# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What ECE has beside keys: who is logged in, and a user's session, which is a bearer token got with a password."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import quote

from .._http.answer import Answer, expiration_of
from .._http.auth import Auth, BasicAuth, BearerAuth, SendLogin
from .._http.client import Client
from .._model.errors import NotElasticsearch, OptionError, ServerError
from .cloud_keys import BASE, KEYS, CloudKeysApi, explained
from .cloud_keys import HINTS as SHARED

AUTH = f"{BASE}/users/auth"
# The keys of all users, for administrators; newer releases are to do without.
KEYS_OF_ALL = f"{KEYS}/_all"

# A session whose end is not told is refreshed as often as Elastic's own clients do it (s); others this long before their end.
_MINUTE = 60.0

_NO_USERS = "Users other than admin and readonly are kept by the security deployment of ECE: look whether it is there and works."

HINTS = {
    **SHARED,
    "api_keys.invalid_input": "The service has this one code for every reason; look at description and expiration. An ECE before 2.6 "
    "wants a second proof of the password, and its keys cannot be made here.",
    "api_keys.user_not_found": "Correct user_id: it is the name of a user of this ECE.",
    "root.permission_denied": "Give the login's user a role with this permission; GET /user lists those it has.",
    "root.unauthorized.rbac": "Give the login's user a role with this permission; GET /user lists those it has.",
    "root.unauthorized.rbac.elevated_permissions_required": "This ECE is older than 3.7 and wants a second factor, which no "
    "automation has: update ECE, or switch off elevated permissions.",
    "authc.no_authentication_cluster": _NO_USERS,
    "authc.authentication_cluster_error": _NO_USERS,
}


class EceKeysApi(CloudKeysApi):
    """The keys of the login's user, or of another one."""

    hints: ClassVar[Mapping[str, str]] = HINTS


def keys_of(user_id: str) -> str:
    """Return the path of another user's keys, which is for administrators."""
    return f"{BASE}/users/{quote(user_id, safe='')}/auth/keys"


@dataclass(frozen=True)
class User:
    """Who is logged in. ``permissions`` are the operations that the service says the user may call; None where it does not say."""

    name: str
    builtin: bool = False
    realm: str | None = None
    permissions: frozenset[str] | None = None


def current_user(client: Client) -> User:
    """Return the user that the login belongs to.

    :raises NotElasticsearch: the answer names none.
    """
    with explained(HINTS):
        body = client.read("GET", f"{BASE}/user").body
    if not isinstance(body, Mapping) or not isinstance(body.get("user_name"), str):
        raise NotElasticsearch("The service's answer names no user.", "Check url: it is the address of an ECE.")
    security = body.get("security")
    security = security if isinstance(security, Mapping) else {}
    realm, permissions = security.get("security_realm"), security.get("permissions")
    return User(
        body["user_name"],
        body.get("builtin") is True,
        realm.get("id") if isinstance(realm, Mapping) and isinstance(realm.get("id"), str) else None,
        frozenset(map(str, permissions)) if isinstance(permissions, list) and permissions else None,
    )


@dataclass(frozen=True)
class Session:
    """A bearer token, and when to renew it by the clock of the login (s)."""

    auth: BearerAuth
    renew_at: float


@dataclass(frozen=True)
class EceLogin(Auth):
    """A user name and a password of ECE, which are sent once, for a session that is then the login.

    The session is renewed before it ends, and ended with the work. Where it was ended by somebody else, there is one more login, which
    is then ``repeated``. ``clock`` counts seconds.
    """

    username: str
    password: str = field(repr=False)
    session: Session | None = field(default=None, repr=False)
    repeated: bool = False
    clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)

    def __post_init__(self) -> None:
        for option in ("username", "password"):
            if not getattr(self, option):
                raise OptionError(option, f"{option} is empty.", "Give the user's name and password.")

    @property
    def token(self) -> str:
        """Return the token of the session, an empty text before there is one."""
        return "" if self.session is None else self.session.auth.token

    def headers(self) -> dict[str, str]:
        """Return the header of the session, none before there is one."""
        return {} if self.session is None else self.session.auth.headers()

    def secrets(self) -> tuple[str, ...]:
        """Return the password and the token."""
        token = () if self.session is None else self.session.auth.secrets()
        # As it is written elsewhere, even if it is not sent so here.
        basic = () if ":" in self.username else BasicAuth(self.username, self.password).secrets()
        return (self.password, *basic, *token)

    def describe(self) -> str:
        """Return the user's name."""
        return f"the user {self.username}"

    def alternative(self) -> Auth | None:
        """Return the same user, who has to log in anew; once."""
        return None if self.session is None or self.repeated else replace(self, session=None, repeated=True)

    def renewed(self, send: SendLogin) -> Auth:
        """Return the login with a session that lasts."""
        if self.session is None:
            return self._logged_in(send)
        if self.clock() < self.session.renew_at:
            return self
        try:
            return replace(self, session=self._session(send(self, f"{AUTH}/_refresh", None)), repeated=False)
        except ServerError:
            # It has ended meanwhile.
            return replace(self, session=None)._logged_in(send)

    def _logged_in(self, send: SendLogin) -> EceLogin:
        # Never login_state: with it the answer is a redirect, and the token goes elsewhere.
        with explained(HINTS):
            answer = send(self, f"{AUTH}/_login", {"username": self.username, "password": self.password})
        return replace(self, session=self._session(answer))

    def _session(self, answer: Answer) -> Session:
        body = answer.body if isinstance(answer.body, Mapping) else {}
        try:
            auth = BearerAuth(str(body.get("token") or ""))
        except OptionError:
            raise NotElasticsearch(
                "The answer to the login holds no token.", "Check url: it is the address of an ECE."
            ) from None
        end, now = expiration_of(body.get("session_expiration_time")), expiration_of(answer.headers.get("Date"))
        life = 0.0 if end is None else end / 1000 - (time.time() if now is None else now / 1000)
        lasts = _MINUTE if life <= 0 else life - min(_MINUTE, life / 2)
        return Session(auth, self.clock() + lasts)

    def ended(self, send: SendLogin) -> None:
        """End the session."""
        if self.session is not None:
            send(self, f"{AUTH}/_logout", None)
