# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The client of every service: read and write, retries and fail-over, typed errors without secrets."""

from __future__ import annotations

import json
import random as _random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .._model.errors import (
    AnswerLost,
    KeysmithError,
    NotElasticsearch,
    NotSent,
    ReadOnlyViolation,
    ServerError,
    TlsError,
    Unauthorized,
)
from .._model.scrubber import Scrubber
from . import retry
from .answer import Answer, decoded, describe_page, error_of, expiration_of, new_secrets, redirected
from .auth import Auth
from .session import Session
from .settings import ConnectionSettings, check_run_as, check_settings

# A stored login is its two passwords, and both once more as another run may have changed them.
_MOST_LOGINS = 5

_EXPIRATION_HEADER = "X-Elastic-Api-Key-Expiration"


@dataclass
class _Shared:
    """What a client and those made from it by login_as() have in common."""

    session: Session
    warnings: list[str]
    requests_sent: int = 0
    unreachable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Request:
    """One request, whichever URL it is sent to."""

    kind: str
    method: str
    path: str
    target: str
    content: bytes | None

    def at(self, url: str) -> str:
        """Return the request for a message."""
        return f"{self.method} {self.path} of {url}"


class _Failed(Exception):
    """An attempt that may perhaps be repeated: what went wrong, the error to end with, the pause asked for."""

    def __init__(self, failure: str, error: KeysmithError, retry_after: float | None = None) -> None:
        super().__init__(failure)
        self.failure = failure
        self.error = error
        self.retry_after = retry_after


class Client:
    """Sends requests to one service under one login.

    :param read_only: refuse every write before anything is sent (check mode).
    :param scrubber: learns the login's secrets; every text that comes from a server goes through it.
    :param check: called with every successful answer; raises what it does not like.
    :raises OptionError: from ``check_settings``, whose warnings are the first in ``warnings``.
    :raises MissingLibrary: requests is not installed.

    ``key_expiration`` is the end of the key that is logged in (ms since the epoch) as soon as an answer has told it.
    Not for use by several threads at once.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        read_only: bool,
        scrubber: Scrubber,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _random.random,
        user_agent: str = "keysmith.elastic",
        check: Callable[[Answer], None] | None = None,
    ) -> None:
        warnings = list(check_settings(settings))
        self._settings = replace(settings, urls=tuple(url.rstrip("/") for url in settings.urls))
        self._read_only = read_only
        self._scrubber = scrubber
        self._sleep = sleep
        self._random = random
        self._user_agent = user_agent
        self._check = check
        self._shared = _Shared(Session(self._settings), warnings)
        self._log_in(settings.auth, settings.run_as)
        if settings.proxy_username and settings.proxy_password:
            scrubber.add_login(settings.proxy_username, settings.proxy_password)

    def _log_in(self, auth: Auth, run_as: str | None) -> None:
        self._scrubber.add(*auth.secrets())
        self._auth = auth
        self._run_as = run_as
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": self._user_agent,
            **auth.headers(),
        }
        if run_as is not None:
            self._headers["es-security-runas-user"] = run_as
        self.key_expiration: int | None = None

    @property
    def auth(self) -> Auth:
        """Return the login; where the first choice was refused and its alternative was not, the alternative."""
        return self._auth

    @property
    def address(self) -> str:
        """Return host and port of the first URL, as a name for the service."""
        return urlsplit(self._settings.urls[0]).netloc

    @property
    def warnings(self) -> list[str]:
        """Return what the user should know though the work went on; shared with the clients made by ``login_as``."""
        return self._shared.warnings

    @property
    def requests_sent(self) -> int:
        """Return how many HTTP requests were sent, repeats included, by this client and those made by ``login_as``."""
        return self._shared.requests_sent

    def login_as(self, auth: Auth, run_as: str | None = None) -> Client:
        """Return a client with other credentials over the same connections, to prove a stored secret, say."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        check_run_as(run_as)
        other._log_in(auth, run_as)
        return other

    def read(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """Send a request that changes nothing, whatever its method; it is repeated as needed.

        :param path: begins with ``/``, its segments quoted by the caller.
        :param params: query parameters; None leaves one out, booleans become ``true`` and ``false``.
        :raises NotSent, AnswerLost, ServerError, NotElasticsearch:
        """
        return self._send(self._request(retry.READ, method, path, params, body))

    def write(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, once: bool = False
    ) -> Answer:
        """Send a request that changes something.

        :param once: it must not be carried out twice (a create): it is repeated only when certainly not carried out.
        :raises ReadOnlyViolation: this client may only read; nothing was sent.
        :raises AnswerLost: it may have been carried out.
        :raises NotSent, ServerError, NotElasticsearch:
        """
        if self._read_only:
            raise ReadOnlyViolation(
                f"{method} {path} would write, but this run may only read.",
                "This is an error in the collection: please report it.",
            )
        return self._send(self._request(retry.ONCE if once else retry.WRITE, method, path, params, body))

    def renew(self) -> Auth:
        """Log in, where that takes a request of its own or is to be renewed; return the login as it is sent from now on.

        :raises NotSent, AnswerLost, ServerError, NotElasticsearch:
        """
        current = self._auth.renewed(self._send_login)
        if current is not self._auth:
            self._log_in(current, self._run_as)
        return current

    def close(self) -> None:
        """End the login, and close the connections, those of the clients made by ``login_as`` included."""
        # A login that cannot be ended now ends by itself, and the work is done.
        with suppress(KeysmithError):
            self._auth.ended(self._send_login)
        self._shared.session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def _request(self, kind: str, method: str, path: str, params: Mapping[str, Any] | None, body: Any) -> _Request:
        # Further down such a segment would be resolved: PUT /_security/api_key/. is another API than that of an id.
        if not path.startswith("/") or re.search(r"/(\.|%2[eE]){1,2}(/|$)", path):
            raise KeysmithError(
                f"{path!r} cannot be asked for: a part of the path is '.' or '..', or it does not begin with a slash."
            )
        given = {name: _parameter(value) for name, value in (params or {}).items() if value is not None}
        target = f"{path}?{urlencode(given, quote_via=quote)}" if given else path
        return _Request(kind, method, path, target, None if body is None else _encoded(body))

    def _send(self, request: _Request) -> Answer:
        """Send a request as whoever is logged in; where that is refused, as each alternative once. The one that is taken is kept."""
        first, tried, refusal = self._auth, [], None
        other: Auth | None = first
        for _login in range(_MOST_LOGINS):
            if other is None:
                break
            try:
                other = other.renewed(self._send_login)
                if other.headers() not in tried:
                    tried.append(other.headers())
                    if other is not self._auth:
                        self._log_in(other, self._run_as)
                    return self._send_repeatedly(request)
            except Unauthorized as refused:
                refusal = refused
            other = other.alternative()
        if self._auth is not first:
            self._log_in(first, self._run_as)
        raise refusal or KeysmithError("No login was tried.", "This is an error in the collection: please report it.")

    def _send_login(self, auth: Auth, path: str, body: Any) -> Answer:
        """Send a request that gets, renews or ends a login; check mode does so, too, as it changes nothing that lasts."""
        return self.login_as(auth)._send_repeatedly(self._request(retry.LOGIN, "POST", path, None, body))

    def _send_repeatedly(self, request: _Request) -> Answer:
        repeats = 0
        while True:
            try:
                return self._try_urls(request, repeats)
            except _Failed as failed:
                error, pause = self._after(request, failed, repeats)
            if error is not None:
                raise error from None
            self._sleep(pause)
            repeats += 1

    def _after(self, request: _Request, failed: _Failed, repeats: int) -> tuple[KeysmithError | None, float]:
        """Return the error to end with, or None and the pause before the next try."""
        if retry.is_ambiguous(request.kind, failed.failure):
            return _unknown(failed.error), 0.0
        if not retry.may_repeat(request.kind, failed.failure) or repeats >= self._settings.retries:
            return failed.error, 0.0
        if failed.retry_after is not None and failed.retry_after > retry.LONGEST_RETRY_AFTER_SECONDS:
            failed.error.hint = (
                f"It asks to wait {failed.retry_after:.0f} seconds (Retry-After), and more than "
                f"{retry.LONGEST_RETRY_AFTER_SECONDS:.0f} are not waited for: run it again later."
            )
            return failed.error, 0.0
        return None, retry.pause(repeats, self._random(), failed.retry_after)

    def _ordered_urls(self, repeats: int) -> Iterator[str]:
        """Yield the URLs for a try: after a failed one another URL first, those that could not be reached last."""
        known = self._settings.urls
        good = [url for url in known if url not in self._shared.unreachable]
        turn = repeats % len(good) if good else 0
        yield from good[turn:] + good[:turn]
        yield from [url for url in known if url not in good]

    def _try_urls(self, request: _Request, repeats: int) -> Answer:
        problems: list[NotSent] = []
        for url in list(self._ordered_urls(repeats)):
            try:
                return self._attempt(request, url)
            except NotSent as problem:
                problems.append(problem)
                self._note_unreachable(url, problem)
        # TLS does not mend itself, so waiting helps only if something else went wrong, too.
        worth = [problem for problem in problems if not isinstance(problem, TlsError)]
        error = (worth or problems)[0]
        if len(problems) > 1:
            listed = " ".join(problem.message for problem in problems)
            error = type(error)(f"None of the {len(problems)} addresses in url could be reached. {listed}", error.hint)
        raise _Failed(retry.NOT_SENT if worth else retry.TLS, error) from None

    def _note_unreachable(self, url: str, problem: NotSent) -> None:
        if url not in self._shared.unreachable and len(self._settings.urls) > 1:
            self._shared.unreachable.add(url)
            self._shared.warnings.append(f"{problem.message} The other addresses in url are tried first from now on.")

    def _attempt(self, request: _Request, url: str) -> Answer:
        """Send the request once to one URL."""
        headers = dict(self._headers)
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        try:
            status, answered, content = self._shared.session.exchange(
                request.method, url + request.target, headers, request.content
            )
        except AnswerLost as lost:
            self._shared.requests_sent += 1
            raise _Failed(retry.LOST, lost) from None
        self._shared.requests_sent += 1
        self._note_expiration(answered)
        if request.kind in (retry.ONCE, retry.LOGIN):
            # Learned here, before anything is said of this answer: a gateway may spoil it, or quote it in an error of its own.
            self._scrubber.add(*new_secrets(content))
        if 200 <= status < 300:
            return self._success(request, url, status, answered, content)
        if 300 <= status < 400:
            raise redirected(status, answered.get("Location"), request.at(url), self._scrubber)
        raise self._failure(request, url, status, answered, content)

    def _note_expiration(self, answered: Mapping[str, str]) -> None:
        moment = expiration_of(answered.get(_EXPIRATION_HEADER))
        if moment is not None:
            self.key_expiration = moment

    def _success(self, request: _Request, url: str, status: int, answered: Mapping[str, str], content: bytes) -> Answer:
        try:
            answer = Answer(status, decoded(content), answered)
        except ValueError:
            page = describe_page(content, self._scrubber)
            error = NotElasticsearch(
                f"{request.at(url)} was answered with status {status} and {page}.",
                "Check that url leads to the service itself.",
            )
            if request.kind == retry.ONCE:
                raise _Failed(retry.LOST, error) from None
            raise error from None
        if self._check is not None:
            self._check(answer)
        return answer

    def _failure(
        self, request: _Request, url: str, status: int, answered: Mapping[str, str], content: bytes
    ) -> Exception:
        error = error_of(status, content, request.at(url), self._auth.describe(), self._scrubber)
        failure = retry.failure_of(status)
        if failure is None or failure == retry.REFUSED:
            return error
        # The answer's own clock, where it shows one, is the clock of its Retry-After date.
        now = (expiration_of(answered.get("Date")) or time.time() * 1000) / 1000
        return _Failed(failure, error, retry.retry_after_seconds(answered.get("Retry-After"), now))


def _unknown(error: KeysmithError) -> AnswerLost:
    """Return the error for a request that may only be sent once, and whose fate is unknown."""
    hint = "It was not sent again, since it may have been carried out."
    if isinstance(error, ServerError):
        return AnswerLost(error.message, hint, status=error.status, type=error.type, reason=error.reason)
    return AnswerLost(error.message, f"{hint} {error.hint}" if error.hint else hint)


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encoded(body: Any) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        # The exception's own text shows a part of the body.
        raise KeysmithError(
            "The request cannot be written as JSON: it holds invalid Unicode, a number like NaN, or a foreign type.",
            "Look for undecodable characters in the name, the metadata or the role descriptors.",
        ) from None
