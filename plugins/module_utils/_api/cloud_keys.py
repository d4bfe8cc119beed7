# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Keys of Elastic Cloud and of ECE: the five operations that both services share, their paths and shapes, no policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from .._http.answer import Answer, expiration_of
from .._http.client import Client
from .._model.errors import AnswerLost, NotElasticsearch, NotFound, ServerError
from .._model.key import CLOUD_TYPE, Key, Owner
from .._model.secret import OpaqueSecret

BASE = "/api/v1"
KEYS = f"{BASE}/users/auth/keys"
NOT_FOUND = "api_keys.key_not_found"

TYPE = CLOUD_TYPE

SPEC_FIELDS = ("role_assignments",)
_KNOWN_FIELDS = frozenset({"id", "key", "creation_date", "expiration_date", *SPEC_FIELDS})

# What to do about an error, by the service's own code.
HINTS = {
    "api_keys.invalid_input": "The service has this one code for every reason; look at description, expiration and role_assignments.",
    "role_assignments.unauthorized_role_assignments": "The login may not grant these roles, or an id in them is not there any more; log in "
    "with a key of an owner of the organization, or take that id out.",
    "role_assignments.invalid_config": "Look at role_assignments.",
    "root.permission_denied": "Give the login's key the role of an owner of the organization, or of its workload credentials.",
    "root.unauthorized.rbac": "Give the login the permission; GET /user lists what it has.",
    "root.resource_not_found": "url is the address of the API alone, without /api/v1.",
}


@dataclass(frozen=True)
class CreatedKey:
    """The only answer that ever holds a secret, with the key as the service made it."""

    secret: OpaqueSecret
    key: Key


def check_service(answer: Answer) -> None:
    """Raise NotElasticsearch for an answer that is not one of these services'."""
    if answer.headers.get("X-elastic-product") == "Elasticsearch":
        raise NotElasticsearch(
            "The server at url is an Elasticsearch, not the API of Elastic Cloud or ECE.",
            "For keys of an Elasticsearch there are modules whose names begin with es_.",
        )
    if answer.body is not None and not isinstance(answer.body, Mapping):
        raise NotElasticsearch("The server at url answered with something that is no JSON object.", "Check url.")


def key_from_json(raw: Mapping[str, Any]) -> Key:
    """Return a key as the service showed it; it belongs to an organization, where the service has any."""
    organization, creator = raw.get("organization_id"), raw.get("user_id")
    return Key(
        id=str(raw["id"]),
        name=str(raw.get("description") or ""),
        type=TYPE,
        owner=None if organization is None else Owner(str(organization)),
        creator=None if creator is None else str(creator),
        creation=expiration_of(raw.get("creation_date")),
        expiration=expiration_of(raw.get("expiration_date")),
        spec={name: raw[name] for name in SPEC_FIELDS if raw.get(name) is not None},
        extra={name: value for name, value in raw.items() if name not in _KNOWN_FIELDS},
    )


@contextmanager
def explained(hints: Mapping[str, str]) -> Iterator[None]:
    """Give an error of the service the remedy that its code asks for."""
    try:
        yield
    except ServerError as error:
        error.hint = hints.get(str(error.type), error.hint)
        raise


class CloudKeysApi:
    """One method per call. ``time`` is the service's own clock at its last answer (ms), None where it shows none.

    ``path`` is where the keys are, ``hints`` what to do about errors.
    """

    hints: ClassVar[Mapping[str, str]] = HINTS

    def __init__(self, client: Client, path: str = KEYS) -> None:
        self.client = client
        self.path = path
        self.time: int | None = None

    def pages(self) -> Iterator[list[Key]]:
        """Yield every key that the login may see, page by page, each key once."""
        cursor: str | None = None
        cursors: set[str] = set()
        known: set[str] = set()
        while True:
            with explained(self.hints):
                answer = self._noted(self.client.read("GET", self.path, params={"next_page": cursor}))
            keys = [key_from_json(raw) for raw in _list_in(answer, "keys")]
            yield [key for key in keys if key.id not in known]
            known.update(key.id for key in keys)
            following = answer.body.get("next_page")
            # A cursor that comes again would lead round and round.
            if not isinstance(following, str) or not following or following in cursors:
                return
            cursors.add(following)
            cursor = following

    def get(self, key_id: str) -> Key | None:
        """Return a key by its id, None if the service says that there is none."""
        try:
            with explained(self.hints):
                return key_from_json(_object_in(self._noted(self.client.read("GET", self._path(key_id)))))
        except NotFound as missing:
            if missing.type != NOT_FOUND:
                raise
            return None

    def create(self, body: Mapping[str, Any]) -> CreatedKey:
        """Make a key, once.

        :raises AnswerLost: it may have been made, or was made and its secret did not arrive.
        """
        with explained(self.hints):
            answer = self._noted(self.client.write("POST", self.path, body=body, once=True))
        raw = answer.body
        if not isinstance(raw, Mapping) or not raw.get("id") or not raw.get("key"):
            raise AnswerLost(
                "The answer to the create holds no key.", "It was not sent again, since a key may have been made."
            )
        key = key_from_json(raw)
        return CreatedKey(OpaqueSecret(key.id, str(raw["key"])), key)

    def delete(self, key_id: str) -> None:
        """Delete a key; one that is not there is dead, too."""
        try:
            with explained(self.hints):
                self._noted(self.client.write("DELETE", self._path(key_id)))
        except NotFound as missing:
            if missing.type != NOT_FOUND:
                raise

    def _path(self, key_id: str) -> str:
        return f"{self.path}/{quote(key_id, safe='')}"

    def _noted(self, answer: Answer) -> Answer:
        self.time = expiration_of(answer.headers.get("Date")) or self.time
        return answer


def _object_in(answer: Answer) -> Mapping[str, Any]:
    if not isinstance(answer.body, Mapping) or "id" not in answer.body:
        raise NotElasticsearch("The service's answer holds no key.", "Check url.")
    return answer.body


def _list_in(answer: Answer, name: str) -> list[Any]:
    found = answer.body.get(name) if isinstance(answer.body, Mapping) else None
    if not isinstance(found, list):
        raise NotElasticsearch(f"The service's answer holds no {name}.", "Check url.")
    return found
