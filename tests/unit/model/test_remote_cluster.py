# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote clusters: what a task wants and what of it is to be written, and what the answers mean that 8.19.21 and 9.5.3 gave."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError, Refused
from ansible_collections.keysmith.elastic.plugins.module_utils._model.remote_cluster import (
    differences,
    hint_for,
    key_in_use,
    not_reloaded,
    refuse_license,
    search_problem,
    trust_of,
    wanted_remote,
)

OPTIONS = {
    "name": "far",
    "state": "present",
    "mode": "proxy",
    "proxy_address": "far.example.net:9443",
    "server_name": None,
    "seeds": None,
    "skip_unavailable": None,
    "settings": {},
}


def changes(shown: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {one.path: one.after for one in differences(wanted_remote({**OPTIONS, **options}), shown)}


def test_only_what_differs_is_written_and_the_other_mode_goes() -> None:
    shown = {
        "cluster.remote.far.mode": "proxy",
        "cluster.remote.far.proxy_address": "far.example.net:9443",
        "cluster.remote.far.transport.compress": "true",
        "cluster.remote.far.skip_unavailable": "true",
        "cluster.remote.farther.mode": "sniff",
    }
    assert changes(shown) == {}
    assert changes(shown, skip_unavailable=True, settings={"transport.compress": True}) == {}
    assert changes(shown, skip_unavailable=False) == {"cluster.remote.far.skip_unavailable": "false"}
    assert changes(shown, settings={"transport.compress": None}) == {"cluster.remote.far.transport.compress": None}
    assert changes(shown, mode="sniff", proxy_address=None, seeds=["a:9443"]) == {
        "cluster.remote.far.mode": "sniff",
        "cluster.remote.far.proxy_address": None,
        "cluster.remote.far.seeds": ["a:9443"],
    }
    assert set(changes(shown, state="absent")) == {name for name in shown if ".far." in name}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "a:b"}, "'a:b' cannot name a remote cluster"),
        ({"proxy_address": None}, "proxy_address is missing"),
        ({"proxy_address": "https://far:9443"}, "is not host:port"),
        ({"proxy_address": "far:99999"}, "is not host:port"),
        ({"seeds": ["a:9443"]}, "belongs to mode: sniff"),
        ({"mode": "sniff"}, "proxy_address is given, but belongs to mode: proxy"),
        ({"settings": {"seeds": "a:1"}}, "belongs to mode: sniff"),
        ({"settings": {"skip_unavailable": True}}, "given twice over"),
        ({"settings": {"credentials": "x"}}, "credentials"),
    ],
)
def test_what_is_wrong_names_the_option(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        wanted_remote({**OPTIONS, **options})


def skipped(**reason: Any) -> dict[str, Any]:
    failure = {"shard": -1, "index": None, "reason": reason}
    return {"_clusters": {"details": {"far": {"status": "skipped", "failures": [failure]}}}, "hits": {}}


def test_a_search_that_was_skipped_is_no_proof() -> None:
    assert search_problem("far", {"_clusters": {"details": {"far": {"status": "successful"}}}}) is None
    assert search_problem("far", skipped(type="x", reason="Unable to connect to [far]")) == "Unable to connect to [far]"
    dead = skipped(
        reason="unable to authenticate user [id1] for action [x]",
        additional_unsuccessful_credentials="API key: api key [id1] has been invalidated",
    )
    assert "has been invalidated" in (search_problem("far", dead) or "")
    error = {"error": {"reason": "a", "caused_by": {"reason": "Connection refused"}}, "status": 502}
    assert search_problem("far", error) == "Connection refused"
    assert search_problem("far", {}) == "the search is not told of"
    assert search_problem("far", "<html>") == "the answer is not JSON"


def test_the_key_in_use_is_read_from_a_refusal() -> None:
    text = "… unauthorized for user [elastic] with assigned roles [superuser] authenticated by API key id [Y5OC_I-b] of user [x] on …"
    assert key_in_use(text) == "Y5OC_I-b"
    assert key_in_use("unable to authenticate user [Y5OC] for action [x]") == "Y5OC"
    assert key_in_use("no such index [x]") is None
    assert key_in_use(None) is None


def test_a_node_that_has_not_reloaded_is_named() -> None:
    wrong = {"name": "es2", "reload_exception": {"reason": "Provided keystore password was incorrect"}}
    without = {"name": "es3", "secure_setting_names": ["keystore.seed"]}
    told = {"1": {"name": "es1"}, "2": wrong, "3": without, "4": {"name": "es4", "secure_setting_names": ["c"]}}
    assert not_reloaded(told, "c") == [
        "es2: Provided keystore password was incorrect",
        "es3: its keystore has no c",
    ]


def test_a_licence_that_does_not_suffice_is_refused() -> None:
    refuse_license("trial", "active", "here")
    refuse_license("enterprise", "active", "here")
    with pytest.raises(Refused, match="at here is basic, and"):
        refuse_license("basic", "active", "here")
    with pytest.raises(Refused, match="is trial and expired"):
        refuse_license("trial", "expired", "here")


def test_how_a_node_connects() -> None:
    assert trust_of({}, []) == {"enabled": True, "ca_paths": [], "verification": "none"}
    own = {"path": "node.crt", "format": "PEM", "has_private_key": True}
    authority = {"path": "ca.crt", "format": "PEM", "has_private_key": False}
    of_java = {"path": "ca.p12", "format": "PKCS12", "has_private_key": False}
    known = {"enabled": False, "ca_paths": ["ca.crt"], "verification": "full"}
    assert trust_of({"enabled": "false"}, [own, authority, authority]) == known
    assert trust_of({}, [authority, of_java])["verification"] == "none"


def test_a_hint_fits_the_reason() -> None:
    assert "far:9443 is reached" in hint_for("Unable to connect to [far]", ["far:9443"])
    assert "Enterprise" in hint_for("current license is non-compliant for [x]", [])
    assert "keystore" in hint_for("API key: invalid credentials for API key [x]", [])
    assert "within the access" in hint_for("action [x] is unauthorized for user", [])
    assert "exists on the remote" in hint_for("no such index [x]", [])
    assert "log" in hint_for("something", [])
