# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing keys: every condition on every server, who sees what, and many of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.connect import connect
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTICSEARCH
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.present import key_view
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_info import listing_spec
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key_listing import ES_API_KEYS
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber
from support.admin import PASSWORD, Admin, UniqueNames, basic
from support.documentation import plugins
from support.life import Litter
from support.own_emulator import own_emulator
from support.playbook import Stage
from support.servers import Server

DOCUMENTED = next(plugin for plugin in plugins("modules") if plugin.name == "es_api_key_info")
MARK = {"keysmith": {"nonce": "0" * 32}}


@dataclass
class Listed:
    """What a listing found: keys as a user sees them, what it could not see, and how many the server had found."""

    keys: list[dict[str, Any]]
    blind_spot: str | None
    requests: int

    @property
    def names(self) -> set[str]:
        return {key["name"].rsplit("-", 1)[-1] for key in self.keys}


def list_keys(server: Server, **options: Any) -> Listed:
    """List as a module would, in this process; the superuser's login unless another is given."""
    login = {} if "api_key" in options else {"username": server.username, "password": server.password}
    spec = listing_spec(ES_API_KEYS).options
    given = {**{name: option.get("default") for name, option in spec.items()}, "url": [server.url], **login, **options}
    selection = ES_API_KEYS.selection(given)
    with connect(given, ELASTICSEARCH, Scrubber(), ES_API_KEYS.check_answer, read_only=True) as client:
        listing = ES_API_KEYS.listing(client, given)
        keys, now = listing.select(selection)
        shown = [key_view(key, now or int(time.time() * 1000)) for key in keys]
        return Listed(shown, listing.blind_spot(selection), client.requests_sent)


@dataclass
class Estate:
    """Keys of all sorts under one prefix, by the last word of their names."""

    server: Server
    prefix: str
    owner: str
    reader: str
    ids: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    encoded: dict[str, str] = field(default_factory=dict)
    between: int = 0

    def names(self, **options: Any) -> set[str]:
        return self.list(**options).names

    def list(self, **options: Any) -> Listed:
        pattern = {} if "name" in options or "name_pattern" in options else {"name_pattern": [f"{self.prefix}-*"]}
        return list_keys(self.server, **pattern, **options)


@pytest.fixture(scope="module")
def estate(server: Server) -> Iterator[Estate]:
    admin, unique = Admin(server), UniqueNames("info")
    litter = Litter(admin)
    roles = {"owner": {"cluster": ["manage_own_api_key"]}, "reader": {"cluster": ["read_security"]}}
    for name, role in roles.items():
        admin.create_role(unique(name), role)
        admin.create_user(unique(name), [unique(name)])
        litter.roles.append(unique(name))
        litter.users.append(unique(name))
    made = Estate(server, unique.prefix, unique("owner"), unique("reader"))
    try:
        populate(made, admin, unique)
        litter.keys += made.ids.values()
        yield made
    finally:
        litter.clear()


def populate(estate: Estate, admin: Admin, unique: UniqueNames) -> None:
    def make(what: str, **body: Any) -> None:
        note(what, admin.create_key(unique(what), **body))

    def note(what: str, answer: dict[str, Any]) -> None:
        estate.ids[what] = answer["id"]
        estate.encoded[what] = answer["encoded"]
        estate.secrets += [answer["api_key"], answer["encoded"]]

    make("brief", expiration="1s")
    make("endless", metadata={"team": "ops", "n": 3, "on": True, "deep": {"er": "x"}, "a.b": "c", "tags": ["t1", "t2"]})
    make("soon", expiration="2d", metadata={"team": "ops", "n": "3", "none": None})
    make("late", expiration="90d", metadata={"team": "dev", "n": 4, **MARK})
    make("managed", metadata={"managed": True, "managed_by": "fleet"})
    make("dead", expiration="2d")
    estate.between = admin.key(estate.ids["dead"])["creation"] + 1
    time.sleep(0.01)
    make("star*")
    make("owned", login=basic(estate.owner, PASSWORD), role_descriptors={"r": {"cluster": ["manage_own_api_key"]}})
    access = {"search": [{"names": ["logs-*"]}]}
    note("cross", admin.ok("POST", "/_security/cross_cluster/api_key", {"name": unique("cross"), "access": access}))
    admin.invalidate(estate.ids["dead"])
    time.sleep(1.1)


LIVING = {"endless", "soon", "late", "managed", "star*", "owned", "cross"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, LIVING),
        ({"state": ["any"]}, LIVING | {"brief", "dead"}),
        ({"state": ["expired"]}, {"brief"}),
        ({"state": ["invalidated"]}, {"dead"}),
        ({"state": ["expired", "invalidated"]}, {"brief", "dead"}),
        ({"type": "rest"}, LIVING - {"cross"}),
        ({"type": "cross_cluster"}, {"cross"}),
        ({"owner": "self"}, LIVING - {"owned"}),
        ({"expiring_within": "3d"}, {"soon"}),
        ({"expiring_within": "91d"}, {"soon", "late"}),
        ({"expiring_within": "3d", "state": ["active", "expired"]}, {"soon", "brief"}),
        ({"never_expires": True}, LIVING - {"soon", "late"}),
        ({"never_expires": False}, {"soon", "late"}),
        ({"created_before": "1h"}, set()),
        ({"created_after": "1h"}, LIVING),
        ({"metadata": {"team": "ops"}}, {"endless", "soon"}),
        ({"metadata": {"n": 3}}, {"endless", "soon"}),
        ({"metadata": {"n": "3"}}, {"endless", "soon"}),
        ({"metadata": {"n": 3.0}}, set()),
        ({"metadata": {"on": True}}, {"endless"}),
        ({"metadata": {"on": "True"}}, {"endless"}),
        ({"metadata": {"deep.er": "x", "team": "ops"}}, {"endless"}),
        ({"metadata": {"deep": {"er": "x"}}}, {"endless"}),
        ({"metadata": {"a.b": "c"}}, {"endless"}),
        ({"metadata": {"tags": "t2"}}, {"endless"}),
        ({"metadata": {"tags": ["t1", "t2"]}}, {"endless"}),
        ({"metadata": {"none": None}}, {"soon"}),
        ({"metadata": {"team": "OPS"}}, set()),
        ({"managed_by": ["collection"]}, {"late"}),
        ({"managed_by": ["product"]}, {"managed"}),
        ({"managed_by": ["nobody"], "type": "rest"}, {"endless", "soon", "star*", "owned"}),
        ({"managed_by": ["collection", "product"]}, {"late", "managed"}),
    ],
    # A set's own order differs from one worker of pytest-xdist to the next.
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_conditions(estate: Estate, options: dict[str, Any], names: set[str]) -> None:
    assert estate.names(**options) == names


def test_names_are_exact_and_patterns_are_not(estate: Estate) -> None:
    here = f"{estate.prefix}-"
    assert estate.names(name=[f"{here}soon", f"{here}late", f"{here}so"]) == {"soon", "late"}
    assert estate.names(name=[f"{here}star*"]) == {"star*"}
    assert estate.names(name=[f"{here}*"]) == set()
    assert estate.names(name_pattern=[f"{here}s*"]) == {"soon", "star*"}
    assert estate.names(name_pattern=[f"{here}??te"]) == {"late"}
    assert estate.names(name_pattern=[f"{here}s*\\*"]) == {"star*"}
    assert estate.names(name=[f"{here}late"], name_pattern=[f"{here}so*"]) == {"late", "soon"}


def test_ids(estate: Estate) -> None:
    assert estate.names(id=[estate.ids["soon"], estate.ids["dead"], "nobody"]) == {"soon"}
    assert list_keys(estate.server, id=[estate.ids["dead"]], state=["any"]).names == {"dead"}


def test_owners(estate: Estate) -> None:
    assert estate.names(owner=estate.owner) == {"owned"}
    assert estate.names(owner=estate.owner, owner_realm="default_native") == {"owned"}
    assert estate.names(owner=estate.owner, owner_realm="reserved") == set()


def test_moments(estate: Estate) -> None:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(estate.between / 1000)) + f".{estate.between % 1000:03d}Z"
    assert estate.names(created_after=moment) == {"star*", "owned", "cross"}
    assert estate.names(created_before=moment) == LIVING - {"star*", "owned", "cross"}


def test_what_is_shown(estate: Estate) -> None:
    (soon,) = estate.list(id=[estate.ids["soon"]]).keys
    assert soon["state"] == "active"
    assert 2 * 86_400 - 600 < soon["remaining_seconds"] <= 2 * 86_400
    (late,) = estate.list(id=[estate.ids["late"]]).keys
    assert late["metadata"] == {"team": "dev", "n": 4}, "the mark is ours"
    assert late["managed_by"] == "keysmith.elastic"
    (managed,) = estate.list(id=[estate.ids["managed"]]).keys
    assert managed["managed_by"] == "fleet"
    (cross,) = estate.list(id=[estate.ids["cross"]]).keys
    assert [entry["names"] for entry in cross["access"]["search"]] == [["logs-*"]]
    (dead,) = estate.list(id=[estate.ids["dead"]], state=["any"]).keys
    assert dead["invalidation"]


def test_the_oldest_comes_first(estate: Estate) -> None:
    shown = estate.list(state=["any"]).keys
    assert [key["id"] for key in shown] == list(estate.ids.values())


def test_no_secret_is_shown(estate: Estate) -> None:
    text = str(estate.list(state=["any"], with_limited_by=True).keys)
    assert not [secret for secret in estate.secrets if secret in text]


def test_the_rights_that_limit(estate: Estate) -> None:
    (owned,) = estate.list(id=[estate.ids["owned"]], with_limited_by=True).keys
    assert owned["limited_by"][0][estate.owner]["cluster"] == ["manage_own_api_key"]
    assert "limited_by" not in estate.list(id=[estate.ids["owned"]]).keys[0]


def test_every_field_is_documented(estate: Estate) -> None:
    contains = DOCUMENTED.results["api_keys"]["contains"]
    always = {name for name, facts in contains.items() if facts["returned"] == "always"}
    for key in estate.list(state=["any"], with_limited_by=True).keys:
        assert always <= set(key) <= set(contains)


def test_a_login_that_sees_all_is_told_nothing(estate: Estate) -> None:
    listed = estate.list()
    assert listed.blind_spot is None
    assert listed.requests == 3
    assert estate.list(username=estate.reader, password=PASSWORD).names == LIVING
    assert estate.list(username=estate.reader, password=PASSWORD).blind_spot is None


def test_an_owner_sees_its_own_keys_and_is_told_so(estate: Estate) -> None:
    listed = estate.list(username=estate.owner, password=PASSWORD)
    assert listed.names == {"owned"}
    assert f"sees only keys of {estate.owner}" in (listed.blind_spot or "")
    for owner in ("self", estate.owner):
        own = estate.list(username=estate.owner, password=PASSWORD, owner=owner)
        assert own.names == {"owned"}
        assert own.blind_spot is None
        assert own.requests == 2


def test_a_key_sees_itself_and_is_told_so(estate: Estate) -> None:
    for owner in ("any", "self"):
        listed = estate.list(api_key=estate.encoded["owned"], owner=owner)
        assert listed.names == {"owned"}
        assert f"sees only the key {estate.ids['owned']}" in (listed.blind_spot or "")


def test_a_login_without_any_right_is_refused(
    estate: Estate, admin: Admin, unique: UniqueNames, litter: Litter
) -> None:
    admin.create_user(unique("nobody"), [])
    litter.users.append(unique("nobody"))
    with pytest.raises(KeysmithError) as raised:
        estate.list(username=unique("nobody"), password=PASSWORD)
    assert raised.value.code == "forbidden"


def as_task(server: Server, **options: Any) -> dict[str, Any]:
    login = {"url": server.url, "username": server.username, "password": server.password}
    return {"name": "List", "keysmith.elastic.es_api_key_info": {**login, **options}, "ignore_errors": True}


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        ({"expiring_within": "14"}, "expiring_within is a number without a unit", "bad_option"),
        ({"created_before": "soon"}, "created_before is not a time", "bad_option"),
        ({"password": "wrong-password"}, "refused the login", "unauthorized"),
    ],
)
def test_failures_are_documented(
    server: Server, tmp_path: Path, options: dict[str, Any], words: str, code: str
) -> None:
    event = Stage(tmp_path, "2.21").run([as_task(server, **options)], {}).of("List")
    assert event.event == "failed"
    assert words in event.message
    assert event.result["failure"]["code"] == code
    assert set(event.result["failure"]) <= set(DOCUMENTED.results["failure"]["contains"])


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """An emulator that is filled with keys."""
    with own_emulator(tmp_path) as server:

        def fill(**wanted: Any) -> Server:
            Admin(server).ok("POST", "/_emulator/seed", wanted)
            return server

        yield fill


def test_more_than_ten_thousand_keys(seeded: Callable[..., Server], tmp_path: Path) -> None:
    # Three keys to the millisecond at the seams of pages.
    for third in range(3):
        server = seeded(count=4_100, start=third * 4_100, name="many-{n}", created=1_795_230_000_000, created_step_ms=1)
    listed = list_keys(server)
    assert len({key["id"] for key in listed.keys}) == len(listed.keys) == 12_300
    ran = Stage(tmp_path / "stage", "2.21").run([as_task(server)], {})
    assert ran.of("List").result["total"] == len(ran.of("List").result["api_keys"]) == 12_300


def test_more_keys_of_one_millisecond_than_the_server_lists(seeded: Callable[..., Server]) -> None:
    server = seeded(count=10_500, name="many-{n}", created=1_795_230_000_000)
    with pytest.raises(KeysmithError, match="the same millisecond"):
        list_keys(server)
