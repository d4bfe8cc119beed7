# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookups of keys on a service: one listing per question, the newest key as a module shows it."""

from __future__ import annotations

import hashlib
import json
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.list_keys import Listed, list_keys
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import refuse_misplaced
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.present import key_view, time_view
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.listing import ListingKind
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import NoSuchKey, OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import kind_of, text_of
from ansible_collections.keysmith.elastic.plugins.plugin_utils.connected_lookup import ConnectedLookup

# How long an answer is used again within one process. A template may hold the same lookup many times over.
REMEMBERED_SECONDS = 10.0

# By a digest of the question, because the question holds the login's secret: when it was answered, and the answer.
_ANSWERS: dict[str, tuple[float, Listed]] = {}


class KeyLookup(ConnectedLookup):
    """One key per term. A subclass names the ``kind`` of listing, and says which keys a term selects."""

    kind: ListingKind
    connected: dict[str, Any]

    @abstractmethod
    def selection(self, term: str) -> dict[str, Any]:
        """Return the listing's options for one term."""

    @abstractmethod
    def missing(self, term: str, listed: Listed) -> None:
        """Fail, warn or say nothing about a term without a key."""

    def prepare(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the options, those of the connection with them."""
        self.learn(variables, given)
        self.connected = self.connection()

    def answer(self, term: Any) -> list[Any]:
        """Return the newest key that the term selects."""
        text = text_of(term)
        if text is None or not text.strip():
            what = "empty" if text is not None else kind_of(term)
            raise OptionError("_terms", f"A term is {what}.", "Give the names of keys, or their ids.")
        refuse_misplaced({"_terms": text})
        listed = self._listed({**self.connected, **self.selection(text)})
        if not listed.keys:
            self.missing(text, listed)
            return []
        return [self.view(max(listed.keys, key=lambda key: (key.creation or 0, key.id)), listed)]

    def view(self, key: Key, listed: Listed) -> dict[str, Any]:
        """Return what is told of a key."""
        return key_view(key, listed.now)

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


class CloudKeyLookup(KeyLookup):
    """One key of Elastic Cloud or of ECE per term. ``scope`` is the option that says among whose keys."""

    scope: ClassVar[str]

    def view(self, key: Key, listed: Listed) -> dict[str, Any]:
        """Also tell when the login itself ends, as the service said it beside the keys."""
        return {**super().view(key, listed), "login_expiration": time_view(listed.login.expiration)}

    def selection(self, term: str) -> dict[str, Any]:
        """Return the options of the listing for one term."""
        by_id = self.get_option("by") == "id"
        return {
            "id" if by_id else "description": [term],
            self.scope: self.get_option(self.scope),
            "state": ["any" if by_id else "active"],
        }

    @abstractmethod
    def where(self, listed: Listed) -> str:
        """Return among whose keys there is none, as the end of a sentence."""

    def missing(self, term: str, listed: Listed) -> None:
        """Say that there is no such key, or that this login may not see it."""
        what = f"No key of the id {term}" if self.get_option("by") == "id" else f"No active key described as {term!r}"
        self.decide("on_missing", f"{what} {self.where(listed)}.", "Or say on_missing: skip.", NoSuchKey)
