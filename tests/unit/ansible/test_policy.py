# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a key's life: read, and checked against each other before anything is asked of a server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import LIFECYCLE
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.policy import policy_of
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import Duration, Share, parse_duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.wanted import OwnerScope, Wanted

DEFAULTS = {name: option.get("default") for name, option in LIFECYCLE.options.items()}
STORE = {"type": "file", "path": "/key.json"}


def policy(wanted: Wanted | None = None, **options: Any) -> Any:
    return policy_of(
        {**DEFAULTS, **options}, wanted or Wanted(name="n", expiration=parse_duration("90d", "expiration"))
    )


def test_the_defaults() -> None:
    made = policy()
    assert (str(made.renew_before), made.overlap, made.settle) == ("20%", Duration(86_400), Duration(5))
    assert (made.state, made.on_due, made.on_drift, made.duplicates) == ("present", "rotate", "auto", "warn")
    assert not made.stored
    assert not made.secret_has_somewhere_to_go


def test_a_secret_has_somewhere_to_go() -> None:
    assert policy(store=STORE).secret_has_somewhere_to_go
    assert policy(return_secret=True).secret_has_somewhere_to_go


@pytest.mark.parametrize(
    "text", ["2026-11-21T03:00:00Z", "2026-11-21T03:00:00+00:00", "2026-11-21T04:00:00+01:00", "2026-11-21 03:00"]
)
def test_a_time_in_any_zone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    assert policy(rotate_if_created_before=text).created_before == 1_795_230_000_000


def test_a_share_is_never_too_long() -> None:
    assert isinstance(policy(renew_before="99%").renew_before, Share)


@pytest.mark.parametrize("expiration", [None, "never"])
def test_a_life_without_end_has_no_too_long_renewal(expiration: str | None) -> None:
    life = None if expiration is None else parse_duration(expiration, "expiration")
    assert policy(Wanted(name="n", expiration=life), renew_before="999d").renew_before == Duration(999 * 86_400)


@pytest.mark.parametrize(
    ("wanted", "options", "option"),
    [
        (Wanted(name="n", expiration=Duration(3600)), {"renew_before": "1h"}, "renew_before"),
        (Wanted(name="n"), {"on_due": "extend"}, "on_due"),
        (Wanted(name="n", expiration=Duration.NEVER), {"on_due": "extend"}, "on_due"),
        (Wanted(id="i"), {"store": STORE}, "id"),
        (Wanted(), {}, "name"),
        (Wanted(), {"state": "absent"}, "name"),
        (Wanted(scope=OwnerScope(Owner("joe"))), {"state": "absent", "store": STORE}, "name"),
        (None, {"rotate_if_created_before": "2999-01-01"}, "rotate_if_created_before"),
        (None, {"rotate_if_created_before": "soon"}, "rotate_if_created_before"),
        (None, {"overlap": "never"}, "overlap"),
        (None, {"settle": "x"}, "settle"),
        (None, {"renew_before": "0%"}, "renew_before"),
    ],
)
def test_what_contradicts_itself_is_refused(wanted: Wanted | None, options: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as refused:
        policy(wanted, **options)
    assert refused.value.option == option
    assert refused.value.hint


def test_a_key_that_is_to_go_needs_no_sensible_life() -> None:
    policy(Wanted(name="n", expiration=Duration(3600)), state="absent", renew_before="2h", on_due="extend")
    policy(Wanted(scope=OwnerScope(Owner("joe"))), state="absent")
