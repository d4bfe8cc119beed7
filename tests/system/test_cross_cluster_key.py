# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to keys between clusters; what they share with user keys is in the state table, which runs for both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.features import parse_version
from support.admin import Admin, UniqueNames
from support.cross_life import ACCESS, CREATE, CrossClusterLife
from support.life import Life, Litter
from support.proxy import Proxy, lost, rewrite

TWO = {"search": [{"names": ["metrics-*", "logs-*"]}], "replication": [{"names": ["orders"]}]}
TURNED = {
    "replication": [{"names": "orders", "allow_restricted_indices": False}],
    "search": [{"names": ["logs-*", "metrics-*"]}],
}
LICENSE = "/_license"


@pytest.fixture
def life(admin: Admin, unique: UniqueNames, tmp_path: Path, litter: Litter) -> CrossClusterLife:
    return CrossClusterLife(admin, unique, tmp_path, litter)


def test_a_key_is_made_proven_changed_in_place_and_removed(life: CrossClusterLife, proxy: Proxy) -> None:
    first = life.begin(metadata={"team": "search"})
    secret = life.stored
    shown = life.admin.key(first)
    assert shown["type"] == "cross_cluster"
    assert shown["access"]["search"][0]["names"] == ["logs-*"]
    proxy.forget()
    assert not life.run().changed
    assert [one.method for one in proxy.log] == ["GET", "GET", "POST"], "login, proof, search"
    ran = life.run(access=TWO)
    assert ran.changed
    assert "updated in place: access" in ran.reasons
    assert not life.run(access=TURNED).changed, "the order of lists and the server's defaults are no difference"
    assert (life.current, life.stored) == (first, secret)
    assert life.admin.key(first)["metadata"]["team"] == "search"
    assert life.run(state="absent").changed
    assert life.alive() == []
    assert not life.works(secret)
    assert not life.path.exists()


def test_an_end_moves_together_with_the_metadata_that_is_there(life: CrossClusterLife) -> None:
    """The server refuses an expiration alone; what comes along must change nothing."""
    first = life.begin(metadata={"team": "search", "n": 1.5}, expiration="10d")
    before = life.admin.key(first)
    assert life.run(on_due="extend", renew_before="20d", expiration="30d").changed
    after = life.admin.key(first)
    assert after["expiration"] > before["expiration"]
    assert {**after, "expiration": None} == {**before, "expiration": None}


def test_a_successor_has_what_its_predecessor_had(life: CrossClusterLife) -> None:
    first = life.begin(access=TWO, metadata={"team": "search"})
    assert life.run(access=None, metadata=None, overlap="1h", **life.due()).retired == {first: "expires"}
    assert life.admin.key(life.current)["access"] == life.admin.key(first)["access"]
    assert life.admin.key(life.current)["metadata"]["team"] == "search"
    assert life.remaining(first) <= 3601
    assert life.works()


def test_a_create_whose_answer_is_lost_leaves_one_key(life: CrossClusterLife, proxy: Proxy) -> None:
    proxy.on("POST", life.creates, lost)
    ran = life.run()
    assert ran.changed
    assert "was lost" in ran.told
    assert life.alive() == [life.current]
    assert life.record["intent"] == []


def test_a_user_key_of_the_same_name_is_another_key(life: CrossClusterLife) -> None:
    life.admin.create_role(life.username, {**life.rights, "cluster": [*life.rights["cluster"], "manage_own_api_key"]})
    other = Life.make_key(life)
    ran = life.run(duplicates="fail")
    assert ran.changed
    assert life.run(state="absent").changed
    assert not life.admin.key(other["id"])["invalidated"]


def test_an_identity_is_set_changed_and_taken_away(life: CrossClusterLife, proxy: Proxy) -> None:
    pattern = "CN=oslo-.*"
    if parse_version(life.admin.server.version) < (9, 3):
        ran = life.run(certificate_identity=pattern)
        assert "needs Elasticsearch 9.3" in ran.words
        assert proxy.creates() == []
        return
    first = life.begin(certificate_identity=pattern)
    assert life.admin.key(first)["certificate_identity"] == pattern
    assert not life.run(certificate_identity=pattern).changed
    assert not life.run().changed
    assert "certificate_identity differs" in life.run(certificate_identity="CN=bergen").reasons
    assert life.run(certificate_identity="").changed
    assert not life.run(certificate_identity="").changed
    assert life.admin.key(first).get("certificate_identity") is None
    ran = life.run(certificate_identity="CN=[")
    assert ran.code == "bad_request"
    assert "certificate_identity" in ran.words
    assert life.current == first


@pytest.mark.parametrize("license", [{"type": "basic", "status": "active"}, {"type": "trial", "status": "expired"}])
def test_the_licence_is_looked_at_first(life: CrossClusterLife, proxy: Proxy, license: dict[str, str]) -> None:
    proxy.on("GET", LICENSE, rewrite(lambda body: {"license": {**body["license"], **license}}), times=None)
    for check in (True, False):
        ran = life.run(check=check)
        assert ran.code == "refused"
        assert f"the licence of this cluster is {license['type']}" in ran.words
    assert proxy.writes() == []
    assert not life.path.exists()


def test_an_api_key_as_login_is_refused_with_the_reason(life: CrossClusterLife, proxy: Proxy) -> None:
    key = Life.make_key(life, login=life.admin.login, role_descriptors={"r": dict(life.rights)})
    ran = life.run(api_key=key["encoded"])
    assert ran.code == "refused"
    assert "lets no API key make a cross-cluster key" in ran.words
    assert proxy.writes() == []


def test_a_login_without_the_privilege_is_refused(life: CrossClusterLife, proxy: Proxy) -> None:
    life.narrow({"cluster": ["manage_api_key", "monitor"]})
    ran = life.run()
    assert ran.code == "refused"
    assert "manage_security" in ran.words
    assert proxy.writes() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"access": None}, "needs access"),
        ({"access": {"search": [{"names": ["a"], "bogus": 1}]}}, "bogus"),
        ({"access": {"search": [{"names": ["a"]}], "serach": []}}, "serach"),
    ],
    ids=["no-access", "unknown-field", "misspelt"],
)
def test_what_the_server_would_refuse_makes_no_key(
    life: CrossClusterLife, proxy: Proxy, options: dict[str, Any], words: str
) -> None:
    ran = life.run(**options)
    assert ran.error is not None
    assert words in ran.words
    assert life.alive() == []


def test_check_mode_predicts_and_writes_nothing(life: CrossClusterLife, proxy: Proxy) -> None:
    ran = life.run(check=True)
    assert ran.changed
    assert ran.outcome is not None
    assert ran.outcome.key is not None
    assert ran.outcome.key.type == "cross_cluster"
    assert ran.outcome.key.spec["access"] == ACCESS
    assert proxy.writes() == []
    assert CREATE not in [one.target for one in proxy.log]
