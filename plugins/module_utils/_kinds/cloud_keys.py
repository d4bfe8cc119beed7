# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Elastic Cloud and ECE as services that hold keys: no metadata, no update, no search, and a secret that is one text."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import CloudKeysApi, CreatedKey
from .._http.auth import ApiKeyAuth
from .._model.checks import check_not_empty
from .._model.duration import Duration, parse_duration
from .._model.errors import Forbidden, NotFound, OptionError, Refused, ServerError, Unauthorized
from .._model.features import Capabilities
from .._model.found import EXPIRED, GONE, PROVEN, UNKNOWN, Proof
from .._model.key import MARK_KEY, Key, Login, Mark, Owner
from .._model.leaked_key import ends_at, may_log_in
from .._model.moment import parse_time
from .._model.plan import Issue
from .._model.secret import ApiKeySecret
from .._model.wanted import Wanted
from .kind import Made, Search

# The options of every key of these services; the fragment cloud_key documents them.
KEY_OPTIONS: Mapping[str, Any] = {
    "description": {"type": "str", "aliases": ["name"]},
    "id": {"type": "str"},
    "expiration": {"type": "str"},
    "strict_expiration": {"type": "bool", "default": False},
    "mark_description": {"type": "bool", "default": False},
}

# The part of a nonce that stands in a description, enough to tell one create from another.
NONCE_SHOWN = 12
_SUFFIX = re.compile(r" \[ks:([0-9a-f]{12})\]\Z")

# Keys that are deleted faster were answered with status 500 (s).
DELETE_PAUSE = 1.0
# How often it is tried again after such an answer: another module may have deleted keys a moment ago.
DELETE_REPEATS = 3

# What a service could answer to a create whose description another key has.
TAKEN = (400, 409, 422)

_HOUR = 3600
# What is missing to a whole hour because some clock rounded is no wish of anybody's (s).
_ROUNDED = 60


def marked(description: str, nonce: str) -> str:
    """Return a description with the mark of a create behind it."""
    return f"{description} [ks:{nonce[:NONCE_SHOWN]}]"


def check_description(text: str | None) -> None:
    """Refuse a description that could not be told from another one again.

    :raises OptionError: white space around it, or an end that looks like the mark of a create.
    """
    if text is None:
        return
    if text != text.strip():
        raise OptionError(
            "description", "description begins or ends with white space.", "The service might cut it off; leave it out."
        )
    if _SUFFIX.search(text):
        raise OptionError(
            "description",
            "description ends like the mark that mark_description adds.",
            "Give it without the part in brackets.",
        )


def parse_life(text: Any, option: str) -> Duration:
    """Read how long a key is to live: whole hours, ``never``, or the time at which it is to end.

    :raises OptionError: anything else, or a time that has passed.
    """
    if isinstance(text, str) and text.strip()[:4].isdigit() and "-" in text:
        left = parse_time(text, option) / 1000 - time.time()
        if left < _HOUR:
            raise OptionError(
                option, f"{option} {text} has passed, or is less than an hour away.", "Give a later time."
            )
        return Duration(int(left))
    life = parse_duration(text, option)
    if not life.never and life.seconds % _HOUR:
        raise OptionError(
            option,
            f"{option} {life} is not a number of whole hours, the least that the service counts.",
            "Give one such as 90d or 12h.",
        )
    return life


def sent_life(expiration: Duration | None) -> Duration | None:
    """Return what a create is asked for: whole hours, the only thing that the API is known to take; None where nothing is sent."""
    if expiration is None or expiration.never:
        return None
    return Duration(max(_HOUR, (expiration.seconds + _ROUNDED) // _HOUR * _HOUR))


def wanted_of(params: Mapping[str, Any], parse: Callable[[Any, str], Duration] = parse_life) -> Wanted:
    """Return what a task wants of any such key; ``parse`` reads how long it is to live.

    :raises OptionError: one of these options is malformed.
    """
    for option in ("description", "id"):
        check_not_empty(params.get(option), option)
    check_description(params.get("description"))
    expiration = params.get("expiration")
    return Wanted(
        name=params.get("description"),
        id=params.get("id"),
        expiration=None if expiration is None else parse(expiration, "expiration"),
        strict_expiration=bool(params.get("strict_expiration")),
    )


class CloudKeys(ABC):
    """The keys that a login sees. A subclass says whose they are (``place``) and what the service is (``flavor``)."""

    flavor = ""
    shows_dead = False

    def __init__(
        self, api: CloudKeysApi, params: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api = api
        self.marks = bool(params.get("mark_description"))
        self._params = params
        self._sleep = sleep
        self._login: Login | None = None
        # What the login read, for the first search: both ask for the same list.
        self._fresh: list[Key] | None = None
        self._deleted = False
        # The ids of keys of which one is the login's, where it cannot be told which.
        self.may_be_own: frozenset[str] = frozenset()

    @abstractmethod
    def place(self, keys: Sequence[Key]) -> str:
        """Return what the keys belong to: the id of an organization, or of an installation."""

    def capabilities(self) -> Capabilities:
        """See ``KeyService``: there are no versions and no privileges to ask for."""
        return Capabilities("", self.flavor, self.login().owner.username)

    def name(self) -> str:
        """Return what the service is called in reports, after the login."""
        return self.api.client.address

    def blind_spot(self) -> str | None:
        """Return None: no login can know here what it does not see; the documentation says who sees what."""
        return None

    def notes(self) -> list[str]:
        """Return in sentences what is to be said of all the keys that were listed."""
        return []

    def login(self) -> Login:
        """Return who is logged in, as far as the service tells: it names neither the user nor the key."""
        if self._login is None:
            keys = self.all_keys()
            self._fresh = keys
            self._login = Login(Owner(self.place(keys)), type="cloud_api_key", **self._own_key(keys))
        return self._login

    def _known_id(self, keys: Sequence[Key]) -> str | None:
        """Return the id of the key that is logged in, as far as it is certain."""
        auth = self.api.client.auth
        return auth.key_id if isinstance(auth, ApiKeyAuth) else None

    def _own_key(self, keys: Sequence[Key]) -> dict[str, Any]:
        """Return id, name and end of the key that is logged in: the store knows it, or its end tells it from all others."""
        known, end = self._known_id(keys), self.api.client.key_expiration
        fitting = [key for key in keys if key.id == known or (known is None and end is not None and ends_at(key, end))]
        if len(fitting) != 1:
            if known is None:
                self.may_be_own = frozenset(key.id for key in may_log_in(keys, end))
            return {"key_id": known, "expiration": end}
        (own,) = fitting
        return {"key_id": own.id, "key_name": own.name, "expiration": own.expiration if end is None else end}

    def all_keys(self) -> list[Key]:
        """Return every key that the login sees, expired ones too where the service shows them."""
        return [self._read(key) for page in self.api.pages() for key in page]

    def find(self, searches: Sequence[Search]) -> tuple[list[Key], int | None]:
        """Read all of them: there is no search. A key that is wanted by its id and not listed is asked for by itself."""
        keys = self.listed()
        listed = {key.id for key in keys}
        missing = {key_id: None for search in searches for key_id in search.ids if key_id not in listed}
        keys = [*keys, *(key for key in map(self._hidden, missing) if key is not None)]
        nonces = [nonce for search in searches for nonce in search.nonces]
        known = [_recognised(key, nonces) for key in keys]
        return [key for key in known if any(search.means(key) for search in searches)], self.api.time

    def listed(self) -> list[Key]:
        """Return every key that the login sees now."""
        self.login()
        keys, self._fresh = self._fresh if self._fresh is not None else self.all_keys(), None
        return keys

    def _hidden(self, key_id: str) -> Key | None:
        try:
            key = self.api.get(key_id)
        except Forbidden as refused:
            raise Refused(
                f"Key {key_id} is not listed, and this login may not read it: {refused.reason}.",
                "It lives or not, this login cannot tell, so nothing was written. Log in with a key that sees it.",
                ids=[key_id],
            ) from None
        return None if key is None else self._read(key)

    def _read(self, key: Key) -> Key:
        """Return a key with our mark taken out of its name, which is the identity."""
        found = _SUFFIX.search(key.name)
        if found is None:
            return key
        mark = {MARK_KEY: Mark(found[1]).to_metadata()}
        return replace(key, name=key.name[: found.start()], spec={**key.spec, "metadata": mark})

    def prove(self, secret: ApiKeySecret) -> Proof:
        """Let a key read itself. A 404 and a 403 are proof, too: somebody was recognised."""
        auth = ApiKeyAuth(secret.encoded, secret.id)
        try:
            shown = type(self.api)(self.api.client.login_as(auth)).get(secret.id)
        except Forbidden:
            shown = None
        except Unauthorized as refused:
            return self._refuted(secret, refused.reason or "401 without a reason")
        except (ServerError, NotFound) as unclear:
            return Proof(UNKNOWN, unclear.message)
        own = self.api.client.auth
        if isinstance(own, ApiKeyAuth) and own.encoded == auth.encoded:
            self._login = replace(self.login(), key_id=secret.id)
        return Proof(PROVEN, key=None if shown is None else self._read(shown))

    def _refuted(self, secret: ApiKeySecret, words: str) -> Proof:
        """A 401 has one reason for everything, so that the key is dead is believed only if the login does not see it alive."""
        try:
            key = self.api.get(secret.id)
        except ServerError as unclear:
            return Proof(UNKNOWN, f"{words}; and the key cannot be looked up: {unclear.message}")
        if key is None:
            return Proof(GONE, f"{words}, and there is no key {secret.id}")
        if self.api.time is not None and not key.active(self.api.time):
            return Proof(EXPIRED, f"{words}, and key {secret.id} has expired")
        return Proof(
            UNKNOWN, f"{words}, yet key {secret.id} is shown as a living one. Was the store changed by somebody?"
        )

    def create(self, issue: Issue, wanted: Wanted, mark: Mark, source: ApiKeySecret | None) -> Made:
        """See ``KeyService``."""
        self._fresh = None
        life = sent_life(issue.expiration)
        body = {
            "description": marked(issue.name, mark.nonce) if self.marks else issue.name,
            **({} if life is None else {"expiration": life.to_server()}),
            **self.sent_spec(issue.spec),
        }
        made = self._create(body, issue.name, mark)
        return Made(made.secret, made.key.expiration, self._read(made.key))

    def _create(self, body: Mapping[str, Any], name: str, mark: Mark) -> CreatedKey:
        """Create, and where a key of this description lives and the service takes it no second time, with a description of its own.

        Nothing that is published says whether it does; a refusal is certain, so nothing was made.
        """
        try:
            return self.api.create(body)
        except ServerError as refused:
            if refused.status not in TAKEN or self.marks or all(key.name != name for key in self.all_keys()):
                raise
            try:
                made = self.api.create({**body, "description": marked(name, mark.nonce)})
            except ServerError:
                # Then it was not the description.
                raise refused from None
        self.api.client.warnings.append(
            f"The service refused a second key of the description {name}, so key {made.secret.id} has one with a mark behind it, "
            "as with mark_description: true."
        )
        return made

    def sent_spec(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a create that are this service's own."""
        return {}

    def update(self, key: Key, spec: Mapping[str, Any], seconds: int | None) -> None:
        """Refuse: these services change nothing in place, and no plan asks for it."""
        raise Refused(f"Key {key.id} cannot be changed: the service has no update.", ids=[key.id])

    def revoke(self, ids: Sequence[str]) -> frozenset[str]:
        """Delete one by one, as slowly as the service wants it; its answer is the confirmation."""
        self._fresh = None
        for key_id in sorted(set(ids)):
            if self._deleted:
                self.pause()
            self._deleted = True
            self._delete(self.api, key_id)
        return frozenset(ids)

    def pause(self) -> None:
        """Wait as long as the service wants it between two deletes."""
        self._sleep(DELETE_PAUSE)

    def _delete(self, api: CloudKeysApi, key_id: str) -> None:
        for _attempt in range(DELETE_REPEATS):
            try:
                return api.delete(key_id)
            except ServerError as problem:
                if problem.status != 500:
                    raise
            self.pause()
        return api.delete(key_id)

    def revoke_as(self, secret: ApiKeySecret, key_id: str) -> bool:
        """See ``KeyService``."""
        try:
            self._delete(type(self.api)(self.api.client.login_as(ApiKeyAuth(secret.encoded, secret.id))), key_id)
        except Forbidden:
            return False
        except Unauthorized as refused:
            # What is wrong with one key says nothing of another.
            return key_id == secret.id and self._refuted(secret, refused.reason or "").verdict in (GONE, EXPIRED)
        return True

    def lost_rights(
        self, old: Key, new: Key, old_secret: ApiKeySecret | None, new_secret: ApiKeySecret
    ) -> tuple[str, ...]:
        """Return nothing: a key's roles are its own here, and a create that may not give them is refused."""
        return ()


def _recognised(key: Key, nonces: Sequence[str]) -> Key:
    """Return a key with its whole nonce, where one of these begins as its description ends."""
    if key.mark is None:
        return key
    whole = next((nonce for nonce in nonces if nonce[:NONCE_SHOWN] == key.mark.nonce), None)
    return key if whole is None else replace(key, spec={**key.spec, "metadata": {MARK_KEY: Mark(whole).to_metadata()}})
