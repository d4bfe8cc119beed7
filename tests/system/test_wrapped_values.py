# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters and the test in real plays: a core hands them values in wrappings of its own, vaulted ones above all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from support.playbook import Stage

KEY_ID, SECRET = "VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw"
RECORD = (
    '{"format": 1, "serial": 1, "kind": "es_api_key", "current": {"id": "%s", "api_key": "%s", "expiration": null}}'
)


def vaulted(text: str) -> dict[str, str]:
    """A vaulted variable, as JSON spells it."""
    secret = ("default", VaultSecret(b"a-vault-password"))
    return {"__ansible_vault": VaultLib([secret]).encrypt(text, secret[1]).decode()}


def told(name: str, expression: str) -> dict[str, Any]:
    return {"name": name, "ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}


@pytest.mark.parametrize("core", ["2.16", "2.19", "2.21"])
def test_wrapped_values(core: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, core)
    password = stage.given / "vault-password"
    password.write_text("a-vault-password", encoding="utf-8")
    variables = {
        "pair": vaulted(f"{KEY_ID}:{SECRET}"),
        "record": vaulted(RECORD % (KEY_ID, SECRET)),
        "parts": {"id": KEY_ID, "api_key": vaulted(SECRET)},
        "window": vaulted("14d"),
        "end": vaulted("2020-01-01"),
    }
    asked = {
        "a pair": "pair | keysmith.elastic.api_key_id",
        "a record": "record | keysmith.elastic.api_key_id",
        "the secret of parts": f"(parts | keysmith.elastic.api_key_beats) == '{KEY_ID}:{SECRET}'",
        "an end": "end is keysmith.elastic.expiring_within(window)",
        "a record that never ends": "record is keysmith.elastic.expiring_within(window)",
        "a native end": "parts | combine({'expiration': none}) is keysmith.elastic.expiring_within('1d')",
    }
    ran = stage.run(
        [told(name, expression) for name, expression in asked.items()], variables, f"--vault-password-file={password}"
    )
    assert ran.status == 0, ran.output[-4000:]
    answers = {name: str(ran.of(name).result["msg"]) for name in asked}
    assert answers == {
        "a pair": KEY_ID,
        "a record": KEY_ID,
        "the secret of parts": "True",
        "an end": "True",
        "a record that never ends": "False",
        "a native end": "False",
    }
    assert SECRET not in ran.output
