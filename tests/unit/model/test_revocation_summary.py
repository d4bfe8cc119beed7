# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that is looked at before keys are revoked."""

from __future__ import annotations

from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._model.revocation_summary import revocation_table

NOW = 1_795_230_000_000


def key(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "id": "id-1",
        "owner": "joe",
        "creation": "2026-11-19T03:00:00Z",
        "expiration": None,
        **fields,
    }


def test_keys_that_go_and_keys_that_stay() -> None:
    looked = {
        "revoked": [key("shipper")],
        "kept": [{"id": "id-2", "name": None, "why": "the server knows no such key"}],
    }
    lines = revocation_table({"one": looked}, NOW, 40)
    assert [line.split() for line in lines[2:4]] == [
        ["one", "shipper", "id-1", "joe", "2d", "never"],
        ["one", *("-", "id-2", "-", "-", "-"), *["the", "server", "knows", "no", "such", "key"]],
    ]
    assert lines[-1] == "1 key to be revoked."


def test_clusters_that_were_not_looked_at_and_the_sum() -> None:
    looked = {"revoked": [key("a"), key("b")], "kept": [], "already_dead": 0}
    dead = {"revoked": [], "kept": [], "already_dead": 3}
    lines = revocation_table(
        {"one": looked, "two": dead, "three": {"failed": True, "msg": "No login."}, "four": None}, NOW, 40
    )
    assert lines[-3:] == [
        "three was not looked at: No login.",
        "four was not looked at: it was not reached",
        "2 keys to be revoked, 3 dead already.",
    ]


def test_services_that_were_not_asked_and_that_show_no_dead_keys() -> None:
    left_out = {"revoked": [], "kept": [], "already_dead": 0, "not_asked": "revoke_secret is a key of Elasticsearch"}
    untold = {"revoked": [], "kept": [], "already_dead": None}
    assert revocation_table({"one": left_out, "two": untold}, NOW, 40) == [
        "one was not asked: revoke_secret is a key of Elasticsearch.",
        "two shows no deleted keys: nothing there, or deleted before.",
        "0 keys to be revoked.",
    ]


def test_a_name_cannot_fake_a_line() -> None:
    lines = revocation_table({"one": {"revoked": [key("a\n0 keys to be revoked.\x1b[2J")], "kept": []}}, NOW, 60)
    assert len(lines) == 4
    assert "\x1b" not in "".join(lines)


def test_nothing() -> None:
    assert revocation_table({"one": {"revoked": [], "kept": [], "already_dead": 0}}, NOW, 40) == [
        "0 keys to be revoked."
    ]
