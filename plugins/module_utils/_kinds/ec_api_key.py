# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The kind ``ec_api_key``: a key of an Elastic Cloud organization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._api.cloud_keys import TYPE, CloudKeysApi, check_service
from .._api.elastic_cloud import organizations
from .._http.client import Client
from .._model.checks import check_not_empty
from .._model.duration import Duration, humanize
from .._model.errors import OptionError, Refused, ServerError
from .._model.features import Capabilities
from .._model.key import Key, Login
from .._model.role_assignments import check_role_assignments, completed, differences, doubts
from .._model.rules import Rules, SpecField
from .._model.wanted import Wanted
from .cloud_keys import KEY_OPTIONS, CloudKeys, wanted_of
from .cloud_keys import parse_life as any_life
from .kind import KeyKind

OPTIONS = {
    **KEY_OPTIONS,
    "role_assignments": {"type": "dict"},
    "all_rights": {"type": "bool", "default": False},
    "organization_id": {"type": "str"},
}

# Active keys of one organization.
MOST_KEYS = 500
# From here on a new key is a reason to warn.
MANY_KEYS = 450

# The longest life that the service gives; a year may have a day more (s).
LONGEST_LIFE = 366 * 86_400


def parse_life(text: Any, option: str) -> Duration:
    """Read how long a key is to live, at most a year.

    :raises OptionError: as the shared one does, or more than a year.
    """
    life = any_life(text, option)
    if not life.never and life.seconds > LONGEST_LIFE:
        raise OptionError(
            option,
            f"{option} {humanize(life.ms)} is more than the one year that Elastic Cloud gives a key at most.",
            "Give 365d or less, or never.",
        )
    return life


def wanted_key(params: Mapping[str, Any]) -> Wanted:
    """Return what the task wants; every option of this kind is checked here, before anything is asked of the service."""
    wanted = wanted_of(params, parse_life)
    check_not_empty(params.get("organization_id"), "organization_id")
    assignments, all_rights = params.get("role_assignments"), bool(params.get("all_rights"))
    if assignments is not None:
        check_role_assignments(assignments)
        if all_rights:
            raise OptionError(
                "all_rights",
                "all_rights: true contradicts role_assignments, which limit the key.",
                "Leave one of them out.",
            )
    return replace(
        wanted,
        spec={} if assignments is None else {"role_assignments": assignments},
        extra={"all_rights": all_rights},
        warnings=doubts(assignments),
    )


def check_new(wanted: Wanted, spec: Mapping[str, Any]) -> None:
    """Refuse a key with all of its creator's rights unless the task says so, also one that merely leaves the roles out."""
    if not spec.get("role_assignments") and not wanted.extra.get("all_rights"):
        raise Refused(
            f"A new key {wanted} without role_assignments would have every right of its creator.",
            "Give role_assignments, or say all_rights: true if that is meant.",
        )


def check_spec(wanted: Wanted, spec: Mapping[str, Any], capabilities: Capabilities) -> None:
    """Refuse one key more than the organization may have."""
    if capabilities.room is not None and capabilities.room <= 0:
        raise Refused(
            f"Organization {capabilities.cluster} has {MOST_KEYS - capabilities.room} active keys, and {MOST_KEYS} is the limit.",
            "Delete some first; ec_api_key_info lists them.",
        )


def method(wanted: Wanted, login: Login, capabilities: Capabilities, predecessor: bool, changed: frozenset[str]) -> str:
    """Return the only way there is."""
    return "create"


class ElasticCloudKeys(CloudKeys):
    """The keys of the organization that the login belongs to."""

    flavor = "elastic_cloud"
    _seen: Sequence[Key] = ()

    def all_keys(self) -> list[Key]:
        """Return every key that the login sees; one that does not tell its organization is of the login's own."""
        self._seen = super().all_keys()
        return self._seen

    def place(self, keys: Sequence[Key]) -> str:
        """Return the organization's id: the one of the listed keys, which saves a question, else the one that is seen."""
        given = self._params.get("organization_id")
        seen = sorted({key.owner.username for key in keys if key.owner is not None})
        if not seen:
            seen = self._organizations(given)
        if given is not None:
            if given not in seen:
                raise Refused(
                    f"This login belongs to the organization {', '.join(seen)}; organization_id says {given}.",
                    "Log in with a key of that organization, or correct organization_id.",
                )
            return str(given)
        if len(seen) != 1:
            raise OptionError(
                "organization_id",
                f"This login sees {len(seen)} organizations{': ' if seen else ''}{', '.join(seen)}.",
                "Say in organization_id which of them is meant.",
            )
        return seen[0]

    def _organizations(self, given: str | None) -> list[str]:
        try:
            return organizations(self.api.client)
        except ServerError:
            # A narrow role may not ask; what the task says is then all there is.
            if given is None:
                raise
            return [given]

    def capabilities(self) -> Capabilities:
        """Also tell how many more keys the organization may have, as far as this login sees them."""
        for text in self.notes():
            if text not in self.api.client.warnings:
                self.api.client.warnings.append(text)
        return replace(super().capabilities(), room=MOST_KEYS - self._active())

    def name(self) -> str:
        """Return the organization's id: all of them have one address."""
        return self.login().owner.username

    def _active(self) -> int:
        now = self.api.time
        return sum(1 for key in self._seen if now is None or key.active(now))

    def notes(self) -> list[str]:
        """Tell an organization that may soon make no more keys."""
        active = self._active()
        return [] if active < MANY_KEYS else [f"This organization has {active} active keys; {MOST_KEYS} is the limit."]

    def sent_spec(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return the roles as the API wants them."""
        assignments = spec.get("role_assignments")
        if not assignments:
            return {}
        return {"role_assignments": completed(assignments, self.login().owner.username)}


def service(client: Client, params: Mapping[str, Any]) -> ElasticCloudKeys:
    """Return the service of a logged-in client."""
    return ElasticCloudKeys(CloudKeysApi(client), params)


RULES = Rules(
    noun="Elastic Cloud API key",
    fields={"role_assignments": SpecField(differences)},
    check_new=check_new,
    check_spec=check_spec,
    method=method,
    type=TYPE,
    keeps_end=False,
    heir_retires=True,
)

EC_API_KEY = KeyKind("ec_api_key", RULES, wanted_key, service, check_service, OPTIONS, "elastic_cloud")
