# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each key, for a table and for programs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.rotation_summary import entry_of, table_of
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.module_utils._model.table import table
from ansible_collections.keysmith.elastic.plugins.module_utils._model.visible import visible, width

ROTATED = {
    "changed": True,
    "key": {"id": "new"},
    "diff": {"before": {"id": "old"}},
    "stored": {"confirmed": False},
    "previous": [{"id": "old", "how": "waits", "ends": None}],
    "reasons": ["rotated: 6d left, less than renew_before 14d", "key old lives on until a run with retire: true"],
}
RETIRED = {
    "previous": [{"id": "old", "how": "expires", "ends": "2026-11-29T03:00:00Z"}],
    "reasons": ["the consumers have taken the secret over", "key old ends within 24h"],
}


def entry(issued: Any, retired: Any = None, failure: Any = None) -> dict[str, Any]:
    scrubber = Scrubber()
    scrubber.add_secret(ApiKeySecret("new", "a-secret-of-22-letters"))
    return entry_of("web1", "shipper", "es_api_key", issued, retired or {}, failure or {}, scrubber)


@pytest.mark.parametrize(
    "reasons, changed, what",
    [
        (["created: the store holds no key yet"], True, "created"),
        (["key x left behind by a run that did not finish: revoked", "rotated: due"], True, "rotated"),
        (["updated in place: metadata.team differs"], True, "updated"),
        (["expiration set to 90d from now: 5d left"], True, "extended"),
        (["the consumers have taken the secret over"], True, "tidied"),
        ([], False, "unchanged"),
    ],
)
def test_what_was_done_is_one_word(reasons: list[str], changed: bool, what: str) -> None:
    assert entry({"changed": changed, "reasons": reasons})["what"] == what


def test_a_rotation_that_was_confirmed() -> None:
    told = entry(ROTATED, RETIRED)
    assert (told["what"], told["before"], told["after"], told["confirmed"]) == ("rotated", "old", "new", True)
    assert told["previous"] == RETIRED["previous"]
    row = table_of([told])[2]
    assert "2026-11-29T03:00:00Z" in row
    assert row.endswith("6d left, less than renew_before 14d")


def test_a_failure_is_told_without_the_secret() -> None:
    result = {"results": [{"failed": True, "msg": "sent a-secret-of-22-letters"}, {"failed": False, "msg": "fine"}]}
    told = entry(ROTATED, failure={"task": "Try it", "result": result})
    assert (told["what"], told["confirmed"]) == ("failed", False)
    assert told["failure"] == {"task": "Try it", "msg": "sent ********"}
    assert "waits for its consumers" in table_of([told])[2]


def test_a_module_that_failed_leaves_nothing_to_tell_but_that() -> None:
    told = entry({"failed": True, "msg": "refused"}, failure={"task": "See to it", "result": {"msg": "refused"}})
    assert (told["before"], told["after"], told["failure"]["msg"]) == (None, None, "refused")


def test_columns_are_as_wide_as_a_terminal_shows_them() -> None:
    lines = table(("NAME", "X"), [("日本語", "1"), ("é" + "e\u0301", "2"), ("x" * 50, "3")], widest=10)
    assert lines[2] == "日本語      1"
    assert {width(line) for line in lines[2:]} == {13}
    assert lines[4].startswith("x" * 9 + "…")


def test_a_name_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\nc\u202ed") == "a\\x1b[2Jb\\nc\\u202ed"
