# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookups of keys on a service: the connection from three layers, one listing per question, the newest key as a module shows it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.list_keys import Listed, list_keys
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login import (
    check_one_login,
    filled_up,
    with_environment,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import (
    login_scrubber,
    refuse_misplaced,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTICSEARCH, environment_name
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.present import key_view
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.listing import ListingKind
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import kind_of, text_of
from ansible_collections.keysmith.elastic.plugins.plugin_utils.lookup import KeysmithLookup

# How long an answer is used again within one process. A template may hold the same lookup many times over.
REMEMBERED_SECONDS = 10.0

# By a digest of the question, because the question holds the login's secret: when it was answered, and the answer.
_ANSWERS: dict[str, tuple[float, Listed]] = {}


class KeyLookup(KeysmithLookup):
    """One key per term. A subclass names the ``kind`` of listing, and says which keys a term selects."""

    kind: ListingKind
    connection: dict[str, Any]

    @abstractmethod
    def selection(self, term: str) -> dict[str, Any]:
        """Return the listing's options for one term."""

    @abstractmethod
    def missing(self, term: str, listed: Listed) -> None:
        """Fail, warn or say nothing about a term without a key."""

    def prepare(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the options; those of the connection by layers: the call, then variables, then the environment."""
        connection = self._layered(variables, given)
        self.scrubber = login_scrubber(connection)
        refuse_misplaced({**given, **connection})
        super().prepare({}, {**given, **connection})
        # What Ansible took from elsewhere for an option of a login that was chosen whole is left alone.
        self.connection = {
            name: self.get_option(name) if name in connection else option.get("default")
            for name, option in ELASTICSEARCH.options.items()
        }

    def _layered(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        options = ELASTICSEARCH.options
        call = {name: _plain(given[name]) for name in options if given.get(name) is not None}
        check_one_login(call, "The lookup", "Take one of them out.")
        names = {name: environment_name(name).lower() for name in options}
        below = {name: self._value(variables[names[name]]) for name in options if names[name] in variables}
        below = {name: value for name, value in below.items() if value is not None}
        return with_environment(
            filled_up(call, below, "The set of variables keysmith_es_...", environment_name("").lower()), os.environ
        )

    def _value(self, value: Any) -> Any:
        """Return a variable's value; up to core 2.18 a lookup is given what was written, templates as they are."""
        return _plain(value if self._templar is None else self._templar.template(value))

    def answer(self, term: Any) -> list[Any]:
        """Return the newest key that the term selects."""
        text = text_of(term)
        if text is None or not text.strip():
            what = "empty" if text is not None else kind_of(term)
            raise OptionError("_terms", f"A term is {what}.", "Give the names of keys, or their ids.")
        refuse_misplaced({"_terms": text})
        listed = self._listed({**self.connection, **self.selection(text)})
        if not listed.keys:
            self.missing(text, listed)
            return []
        return [key_view(max(listed.keys, key=lambda key: (key.creation or 0, key.id)), listed.now)]

    def _listed(self, options: Mapping[str, Any]) -> Listed:
        """List, or return what was listed for the same question a moment ago."""
        digest = hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode()).hexdigest()
        asked, now = _ANSWERS.get(digest), time.monotonic()
        if asked is not None and now - asked[0] < REMEMBERED_SECONDS:
            return asked[1]
        listed = list_keys(self.kind, options, self.scrubber)
        for warning in listed.warnings:
            self.warn(warning)
        _ANSWERS[digest] = (now, listed)
        return listed


def _plain(value: Any) -> Any:
    """Return a text as one, be it tagged or still in its vault; other values as they are."""
    text = text_of(value)
    return value if text is None else text
