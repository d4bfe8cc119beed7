# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters that turn an API key from whatever form it is in to the one that a client wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import secret_of, told

FORMS: dict[str, Callable[[ApiKeySecret], str]] = {
    "api_key_encode": lambda secret: secret.encoded,
    "api_key_header": lambda secret: secret.header,
    "api_key_beats": lambda secret: secret.beats,
    "api_key_id": lambda secret: secret.id,
}


def _filter(name: str, form: Callable[[ApiKeySecret], str]) -> Callable[[Any], str]:
    def convert(value: Any) -> str:
        text: str = told(lambda: form(secret_of(value, f"The input of {name}")))
        return text

    return convert


class FilterModule:
    """The filters by their names; each one's documentation stands beside this file."""

    def filters(self) -> dict[str, Callable[[Any], str]]:
        """Return them."""
        return {name: _filter(name, form) for name, form in FORMS.items()}
