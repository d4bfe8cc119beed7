# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each version, flavour and licence knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from emulator_client import Client


def test_root(es: Client) -> None:
    """The product header is on every answer but 401."""
    answer = es.call("GET", "/")
    assert answer.body["version"]["number"] == "9.5.3"
    assert answer.body["version"]["build_flavor"] == "default"
    assert answer.headers["X-elastic-product"] == "Elasticsearch"
    assert es.call("GET", "/nosuch/_search").headers["X-elastic-product"] == "Elasticsearch"
    assert "X-elastic-product" not in es.call("GET", "/", user=None).headers


def _accepts(es: Client, feature: str) -> bool:
    """Whether the emulator knows a feature."""
    key = es.create(name="probe")
    path = f"/_security/api_key/{key['id']}"
    shown = es.call("GET", f"/_security/api_key?id={key['id']}").body["api_keys"][0]
    search = {"search": [{"names": ["a"]}]}
    cross = "/_security/cross_cluster/api_key"
    probes: dict[str, Callable[[], bool]] = {
        "update": lambda: es.call("PUT", path, {"metadata": {"a": 1}}).status == 200,
        "role_descriptors_shown": lambda: "role_descriptors" in shown,
        "limited_by": lambda: es.call("GET", f"/_security/api_key?id={key['id']}&with_limited_by=true").status == 200,
        "bulk_update": lambda: es.call("POST", "/_security/api_key/_bulk_update", {"ids": [key["id"]]}).status == 200,
        "type": lambda: "type" in shown,
        "active_only": lambda: es.call("GET", "/_security/api_key?active_only=true").status == 200,
        "cross_cluster": lambda: es.call("POST", cross, {"name": "c", "access": search}).status == 200,
        "update_expiration": lambda: es.call("PUT", path, {"expiration": "1d"}).status == 200,
        "aggregations": lambda: (
            es.call("POST", "/_security/_query/api_key", {"aggs": {"a": {"terms": {"field": "name"}}}}).status == 200
        ),
        "realm_type": lambda: "realm_type" in shown,
        "managed_by": lambda: (
            "managed_by" in es.call("GET", "/_security/_authenticate", key=key["encoded"]).body["api_key"]
        ),
        "certificate_identity": lambda: (
            es.call("POST", cross, {"name": "c", "access": search, "certificate_identity": "CN=a"}).status == 200
        ),
        "clone": lambda: (
            es.call("POST", "/_security/api_key/clone", {"name": "c", "api_key": key["encoded"]}).status == 200
        ),
    }
    return probes[feature]()


@pytest.mark.parametrize(
    ("feature", "before", "since"),
    [
        ("update", "8.3.0", "8.4.0"),
        ("role_descriptors_shown", "8.4.0", "8.5.0"),
        ("limited_by", "8.4.0", "8.5.0"),
        ("bulk_update", "8.4.0", "8.5.0"),
        ("type", "8.9.0", "8.10"),
        ("active_only", "8.9.0", "8.10"),
        ("cross_cluster", "8.9.0", "8.10"),
        ("update_expiration", "8.12", "8.13"),
        ("aggregations", "8.12", "8.13"),
        ("realm_type", "8.13", "8.14"),
        ("managed_by", "9.0.0", "9.1.0"),
        ("certificate_identity", "9.2.0", "9.3.0"),
        ("clone", "9.3.0", "9.4.0"),
    ],
)
def test_features_by_version(emulate: Callable[..., Client], feature: str, before: str, since: str) -> None:
    """Each feature comes with its version."""
    assert not _accepts(emulate(version=before), feature)
    assert _accepts(emulate(version=since), feature)


def test_before_clone_a_put_updates_the_key_of_that_name(emulate: Callable[..., Client]) -> None:
    """The trap of probing for clone."""
    es = emulate(version="9.3.0")
    assert es.call("PUT", "/_security/api_key/clone", {}).status == 404
    assert es.call("POST", "/_security/api_key/clone", {}).status == 405


def test_invalidation_time_since_8_12(emulate: Callable[..., Client]) -> None:
    """Before it, a dead key does not tell since when."""
    for version, told in (("8.11.0", False), ("8.12.0", True)):
        es = emulate(version=version)
        key = es.create()
        es.call("DELETE", "/_security/api_key", {"ids": [key["id"]]})
        shown = es.call("GET", f"/_security/api_key?id={key['id']}").body["api_keys"][0]
        assert ("invalidation" in shown) is told


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_license"),
        ("POST", "/_license/start_trial"),
        ("GET", "/_cluster/health"),
        ("PUT", "/_security/user/u"),
        ("POST", "/_security/api_key/grant"),
        ("POST", "/_security/api_key/clone"),
        ("POST", "/_security/cross_cluster/api_key"),
        ("POST", "/_security/api_key/_bulk_update"),
    ],
)
def test_serverless_closes_what_is_not_public(emulate: Callable[..., Client], method: str, path: str) -> None:
    """410, not 404."""
    es = emulate(flavor="serverless")
    answer = es.call(method, path, {})
    assert answer.status == 410
    assert answer.body["error"]["type"] == "api_not_available_exception"


@pytest.mark.parametrize(
    "role",
    [
        {"global": {"application": {"manage": {"applications": ["a"]}}}},
        {"remote_indices": [{"names": ["a"], "privileges": ["read"], "clusters": ["c"]}]},
        {"remote_cluster": [{"clusters": ["c"], "privileges": ["monitor_enrich"]}]},
        {"run_as": ["somebody"]},
        {"cluster": ["manage_saml"]},
        {"indices": [{"names": ["a"], "privileges": ["manage_ilm"]}]},
        {"indices": [{"names": ["a"], "privileges": ["read"], "allow_restricted_indices": True}]},
    ],
)
def test_serverless_refuses_parts_of_roles(emulate: Callable[..., Client], role: dict[str, Any]) -> None:
    """They exist elsewhere, and the message says so."""
    es = emulate(flavor="serverless")
    answer = es.call("POST", "/_security/api_key", {"name": "k", "role_descriptors": {"r": role}})
    assert answer.status == 400
    assert "serverless mode" in str(answer.body)


def test_serverless_keys_live_as_elsewhere(emulate: Callable[..., Client]) -> None:
    """The public endpoints work."""
    es = emulate(flavor="serverless")
    assert es.call("GET", "/").body["version"]["build_flavor"] == "serverless"
    key = es.create(role_descriptors={"r": {"cluster": ["monitor"], "run_as": []}})
    assert es.call("PUT", f"/_security/api_key/{key['id']}", {"expiration": "1d"}).body == {"updated": True}
    assert es.call("POST", "/_security/_query/api_key", {}).body["total"] == 1


def test_a_basic_licence_has_no_cross_cluster_keys_until_a_trial(emulate: Callable[..., Client]) -> None:
    """And a trial comes once."""
    es = emulate(license="basic")
    create = ("POST", "/_security/cross_cluster/api_key", {"name": "c", "access": {"search": [{"names": ["a"]}]}})
    refused = es.call(*create)
    assert refused.status == 403
    assert refused.body["error"]["license.expired.feature"] == "advanced-remote-cluster-security"
    assert es.call("POST", "/_license/start_trial?acknowledge=true").body["trial_was_started"] is True
    assert es.call(*create).status == 200
    assert es.call("POST", "/_license/start_trial?acknowledge=true").status == 403


def test_without_security_its_endpoints_are_not_there(emulate: Callable[..., Client]) -> None:
    """And nobody is asked who he is."""
    es = emulate(security=False)
    assert es.call("GET", "/", user=None).status == 200
    missing = es.call("POST", "/_security/api_key", {"name": "k"}, user=None)
    assert missing.status == 400
    assert missing.body["error"].startswith("no handler found")
