# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""retire: false: what a key succeeds lives on, untouched, until a run confirms that the consumers have the new secret."""

from __future__ import annotations

import time

from support.life import Life

HOUR = 3600


def test_predecessors_wait_for_the_confirmation_and_their_overlap_begins_with_it(life: Life) -> None:
    first = life.begin()
    assert life.run(retire=False, overlap="1h", **life.due()).changed
    second = life.current
    assert life.remaining(first) > 89 * 24 * HOUR, "the predecessor was touched"
    again = life.run(retire=False, overlap="1h")
    assert not again.changed
    assert [key.id for key in again.outcome.plan.waiting] == [first]
    assert life.run(retire=False, overlap="1h", force_rotate=True).changed
    assert set(life.alive()) == {first, second, life.current}
    confirmed = life.run(overlap="1h")
    assert confirmed.retired == {first: "expires", second: "expires"}
    assert all(HOUR - 60 < life.remaining(key_id) <= HOUR + 1 for key_id in (first, second))
    assert not life.run(overlap="1h").changed
    assert not life.run(overlap="1h", retire=False).changed
    assert life.works()


def test_a_first_key_is_confirmed_once(life: Life) -> None:
    life.begin(retire=False)
    assert "handover" in life.record
    confirmed = life.run()
    assert confirmed.changed
    assert not confirmed.outcome.stored, "handlers have nothing to do: the secret is the same"
    assert "handover" not in life.record
    assert not life.run().changed


def test_without_overlap_a_confirmation_leaves_clients_the_time_to_settle(life: Life) -> None:
    first = life.begin(settle="2s")
    due = life.due()
    assert life.run(retire=False, overlap="0s", settle="2s", **due).changed
    stored = time.monotonic()
    slept: list[float] = []
    confirmed = life.run(overlap="0s", settle="2s", tools={"sleep": slept.append})
    passed = time.monotonic() - stored
    assert confirmed.retired == {first: "revoked"}
    # A key's times are whole milliseconds, and the clocks of two machines' worth of processes are read in between.
    assert sum(slept) + passed >= 1.9
    assert not life.run(overlap="0s", settle="2s").changed
    assert life.alive() == [life.current]


def test_check_mode_predicts_the_confirmation(life: Life) -> None:
    life.begin(retire=False)
    record = life.path.read_bytes()
    predicted = life.run(check=True)
    assert predicted.changed
    assert life.path.read_bytes() == record
    assert predicted.reasons == life.run().reasons


def test_it_needs_a_store(life: Life) -> None:
    ran = life.run(store=None, return_secret=True, retire=False)
    assert (ran.code, "needs a store" in ran.words) == ("bad_option", True)
