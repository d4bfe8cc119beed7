# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The secret of a key in the forms that clients ask for."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import ClassVar

from .errors import Refused
from .spelling import utf8

MASK = "********"


@dataclass(frozen=True, repr=False)
class ApiKeySecret:
    """An id and its secret. Neither ``repr`` nor ``str`` shows the secret. ``FORMS`` are the forms that a result shows."""

    FORMS: ClassVar[tuple[str, ...]] = ("id", "api_key", "encoded", "beats")

    id: str
    value: str

    @property
    def api_key(self) -> str:
        """Return the secret without the id."""
        return self.value

    @property
    def encoded(self) -> str:
        """Return base64 of ``id:value``, what most clients call the API key."""
        return basic_token(self.id, self.value)

    @property
    def beats(self) -> str:
        """Return ``id:value``, as Beats and Logstash want it."""
        return f"{self.id}:{self.value}"

    @property
    def header(self) -> str:
        """Return the value of the header ``Authorization``."""
        return f"ApiKey {self.encoded}"

    def forms(self) -> tuple[str, ...]:
        """Return every form in which the secret could appear in a text."""
        return (self.value, self.beats, self.encoded, self.header)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, value={MASK!r})"

    __str__ = __repr__


class OpaqueSecret(ApiKeySecret):
    """The secret of Elastic Cloud and ECE: one text that is sent as it is; the id stands beside it, not in it."""

    FORMS = ("id", "api_key", "encoded")

    @property
    def encoded(self) -> str:
        """Return the text itself."""
        return self.value

    @property
    def beats(self) -> str:
        """Refuse: Beats log in to Elasticsearch, which takes no such key in this form."""
        raise Refused(
            f"The key {self.id} is one of Elastic Cloud or ECE, which has no form for Beats and Logstash.",
            "Take encoded, which is the key as it is; for shippers make an Elasticsearch key.",
        )

    def forms(self) -> tuple[str, ...]:
        """Return every form in which the secret could appear in a text."""
        return (self.value, self.header)


# The kinds of key whose secret is one text.
OPAQUE_KINDS = frozenset({"ec_api_key", "ece_api_key"})


def secret_type(kind: str) -> type[ApiKeySecret]:
    """Return the type of the secrets of this kind of key."""
    return OpaqueSecret if kind in OPAQUE_KINDS else ApiKeySecret


def basic_token(username: str, password: str) -> str:
    """Return base64 of ``username:password`` (UTF-8), as the scheme Basic sends it."""
    return base64.b64encode(utf8(f"{username}:{password}")).decode("ascii")
