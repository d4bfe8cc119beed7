# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, and that check mode writes nothing: counted by the client, and by a proxy between it and the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from support.life import Life
from support.proxy import Proxy

Prepare = Callable[[Life], dict[str, Any]]


def counted(life: Life, proxy: Proxy, **options: Any) -> int:
    """The requests of a run that changes nothing."""
    proxy.forget()
    ran = life.run(**options)
    assert not ran.changed
    assert proxy.writes() == []
    assert ran.requests == len(proxy.log), proxy.log
    return ran.requests


def test_a_run_that_changes_nothing_costs_three_requests_with_a_store(life: Life, proxy: Proxy) -> None:
    life.begin()
    assert counted(life, proxy) == 3
    life.run(**life.due())
    assert counted(life, proxy) == 3, "with a predecessor that ends by itself, too"
    life.tamper(intent=[{"nonce": "n" * 32, "at": life.server_time()}])
    assert counted(life, proxy) == 3, "and with an intent"
    assert counted(life, proxy, check=True) == 3


def test_a_run_that_changes_nothing_costs_two_requests_without_a_store(life: Life, proxy: Proxy) -> None:
    assert life.run(store=None, return_secret=True).changed
    assert counted(life, proxy, store=None) == 2


def test_a_key_that_is_absent_costs_two_requests(life: Life, proxy: Proxy) -> None:
    assert counted(life, proxy, state="absent") == 2
    assert counted(life, proxy, state="absent", store=None) == 2


def nothing(life: Life) -> dict[str, Any]:
    return {}


def without_a_store(life: Life) -> dict[str, Any]:
    return {"store": None, "return_secret": True}


def due(life: Life) -> dict[str, Any]:
    life.begin()
    return {"overlap": "1h", **life.due()}


def differing(life: Life) -> dict[str, Any]:
    life.begin()
    return {"role_descriptors": {"reader": {"cluster": ["monitor"]}}}


def extensible(life: Life) -> dict[str, Any]:
    life.begin(expiration="1h")
    return {"expiration": "2h", "renew_before": "90m", "on_due": "extend"}


def doomed(life: Life) -> dict[str, Any]:
    life.begin()
    return {"state": "absent"}


def doomed_by_name(life: Life) -> dict[str, Any]:
    life.make_key()
    return {"state": "absent", "store": None}


def left_behind(life: Life) -> dict[str, Any]:
    life.begin()
    mark = life.mark()
    life.make_key(metadata=mark)
    life.tamper(intent=[{"nonce": mark["keysmith"]["nonce"], "at": life.server_time()}])
    return {}


def not_retired(life: Life) -> dict[str, Any]:
    life.begin()
    old = life.make_key()
    life.tamper(previous=[{"id": old["id"], "ends": life.server_time() - 1}])
    return {}


def lost_store(life: Life) -> dict[str, Any]:
    life.begin()
    life.path.unlink()
    return {"overlap": "0s", "settle": "0s"}


def doubled(life: Life) -> dict[str, Any]:
    life.begin()
    life.make_key()
    return {"duplicates": "retire"}


def noted_wrongly(life: Life) -> dict[str, Any]:
    life.begin()
    life.tamper(current={**life.record["current"], "expiration": 1})
    return {}


PLANS: dict[str, Prepare] = {
    "create": nothing,
    "create-without-store": without_a_store,
    "rotate": due,
    "update": differing,
    "extend": extensible,
    "absent": doomed,
    "absent-by-name": doomed_by_name,
    "sweep": left_behind,
    "retire": not_retired,
    "lost-store": lost_store,
    "duplicates": doubled,
    "note": noted_wrongly,
}


@pytest.mark.parametrize("plan", PLANS)
def test_check_mode_tells_what_will_be_done_and_writes_nothing(life: Life, proxy: Proxy, plan: str) -> None:
    options = PLANS[plan](life)
    files = {name: (life.folder / name).read_bytes() for name in os.listdir(life.folder)}
    alive = life.alive()
    proxy.forget()
    predicted = life.run(check=True, **options)
    assert predicted.changed
    assert proxy.log != []
    assert proxy.writes() == []
    assert {name: (life.folder / name).read_bytes() for name in os.listdir(life.folder)} == files
    assert life.alive() == alive
    done = life.run(**options)
    assert done.changed
    assert done.reasons.count("|") == predicted.reasons.count("|")
    assert steps_of(done) == steps_of(predicted)
    assert not life.run(**options).changed


def steps_of(ran: Any) -> list[str]:
    return [type(step).__name__ for step in ran.outcome.plan.steps]
