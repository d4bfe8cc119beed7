# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, roles, run-as, and the rights of keys."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from emulator_client import Client

LOGS = {"indices": [{"names": ["logs-*"], "privileges": ["read", "create_doc", "auto_configure"]}]}


def _held(es: Client, body: dict[str, Any], **login: Any) -> dict[str, Any]:
    answer = es.call("POST", "/_security/user/_has_privileges", body, **login)
    assert answer.status == 200, answer
    return dict(answer.body)


def test_a_keys_rights_are_what_it_was_given_within_its_owners(es: Client) -> None:
    """The intersection, for cluster and index privileges."""
    owner = es.add_user("owner", "manage_own_api_key", "monitor", **LOGS)
    body = {
        "name": "k",
        "role_descriptors": {"r": {"cluster": ["all"], "indices": [{"names": ["*"], "privileges": ["read"]}]}},
    }
    key = es.call("POST", "/_security/api_key?refresh=true", body, user=owner).body["encoded"]
    asked = {
        "cluster": ["monitor", "manage_own_api_key", "manage_security", "none"],
        "index": [{"names": ["logs-a", "logs-*", "*", "other"], "privileges": ["read", "create_doc"]}],
    }
    held = _held(es, asked, key=key)
    assert held["cluster"] == {"monitor": True, "manage_own_api_key": True, "manage_security": False, "none": True}
    assert held["index"]["logs-a"] == held["index"]["logs-*"] == {"create_doc": False, "read": True}
    assert held["index"]["*"] == held["index"]["other"] == {"create_doc": False, "read": False}
    assert held["has_all_requested"] is False


def test_a_keys_snapshot_is_taken_again_by_every_update(es: Client) -> None:
    """A narrowed owner narrows the key with the first harmless PUT, and not before."""
    owner = es.add_user("owner", "manage_own_api_key", "monitor", **LOGS)
    key = es.call("POST", "/_security/api_key?refresh=true", {"name": "k"}, user=owner).body
    es.call("PUT", "/_security/role/owner", {"cluster": ["manage_own_api_key"]})
    assert _held(es, {"cluster": ["monitor"]}, key=key["encoded"])["cluster"]["monitor"] is True
    assert es.call("PUT", f"/_security/api_key/{key['id']}", {}, user=owner).body == {"updated": True}
    assert _held(es, {"cluster": ["monitor"]}, key=key["encoded"])["cluster"]["monitor"] is False


def test_restricted_indices_want_to_be_allowed(es: Client) -> None:
    """`*` does not reach `.security`."""
    user = es.add_user("reader", indices=[{"names": ["*"], "privileges": ["read"]}])
    held = _held(es, {"index": [{"names": [".security-7", "a"], "privileges": ["read"]}]}, user=user)
    assert held["index"] == {".security-7": {"read": False}, "a": {"read": True}}


def test_application_privileges(es: Client) -> None:
    """Kibana's rights are such."""
    entry = {"application": "kibana-.kibana", "privileges": ["feature_discover.all"], "resources": ["space:a"]}
    user = es.add_user("viewer", applications=[entry])
    asked = {**entry, "resources": ["space:a", "space:b"]}
    held = _held(es, {"application": [asked]}, user=user)["application"]["kibana-.kibana"]
    assert held == {"space:a": {"feature_discover.all": True}, "space:b": {"feature_discover.all": False}}


def test_a_role_restricted_to_a_workflow_gives_nothing_here(es: Client) -> None:
    """Such a key answers 403, not 401."""
    role = {"cluster": ["monitor"], "restriction": {"workflows": ["search_application_query"]}}
    key = es.create(role_descriptors={"r": role})["encoded"]
    assert es.call("GET", "/", key=key).status == 403


def test_run_as(es: Client) -> None:
    """The key belongs to the user run as, who alone can update it."""
    owner = es.add_user("owner", "manage_own_api_key")
    header = {"es-security-runas-user": "owner"}
    key = es.call("POST", "/_security/api_key?refresh=true", {"name": "k"}, headers=header).body
    shown = es.call("GET", "/_security/api_key?owner=true", user=owner).body["api_keys"]
    assert [(item["id"], item["realm"]) for item in shown] == [(key["id"], "default_native")]
    path = f"/_security/api_key/{key['id']}"
    assert es.call("PUT", path, {"metadata": {"a": 1}}).status == 404
    assert es.call("PUT", path, {"metadata": {"a": 1}}, headers=header).status == 200
    who = es.call("GET", "/_security/_authenticate", headers=header).body
    assert (who["username"], who["authentication_realm"]["name"], who["lookup_realm"]["name"]) == (
        "owner",
        "reserved",
        "default_native",
    )
    refused = es.call("GET", "/_security/_authenticate", user=owner, headers={"es-security-runas-user": "elastic"})
    assert refused.status == 403


def test_a_key_outlives_its_owner(es: Client) -> None:
    """It works, and only a manager of keys can revoke it."""
    owner = es.add_user("owner", "manage_own_api_key", "monitor")
    key = es.call("POST", "/_security/api_key?refresh=true", {"name": "k"}, user=owner).body
    assert es.call("DELETE", "/_security/user/owner").body == {"found": True}
    assert es.call("GET", "/_security/_authenticate", key=key["encoded"]).status == 200
    assert es.call("PUT", f"/_security/api_key/{key['id']}", {}).status == 404
    revoked = es.call("DELETE", "/_security/api_key", {"ids": [key["id"]]})
    assert revoked.body["invalidated_api_keys"] == [key["id"]]


@pytest.mark.parametrize(
    ("privilege", "create", "see_others", "revoke_others"),
    [
        ("manage_own_api_key", 200, 403, 403),
        ("manage_api_key", 200, 200, 200),
        ("manage_security", 200, 200, 200),
        ("read_security", 403, 200, 403),
        ("grant_api_key", 403, 403, 403),
        ("monitor", 403, 403, 403),
        ("cluster:admin/xpack/security/api_key/*", 200, 200, 200),
    ],
)
def test_what_a_privilege_opens(es: Client, privilege: str, create: int, see_others: int, revoke_others: int) -> None:
    """Create, GET of all keys, DELETE of another's."""
    other = es.create()
    user = es.add_user("u", privilege)
    assert es.call("POST", "/_security/api_key", {"name": "k"}, user=user).status == create
    assert es.call("GET", "/_security/api_key", user=user).status == see_others
    assert es.call("DELETE", "/_security/api_key", {"ids": [other["id"]]}, user=user).status == revoke_others


def test_a_password_change_bites_at_once(es: Client) -> None:
    """The old one is refused, the new one works."""
    user = es.add_user("u", "monitor")
    assert es.call("POST", "/_security/user/_password", {"password": "another-one"}, user=user).body == {}
    assert es.call("GET", "/_security/_authenticate", user=user).status == 401
    assert es.call("GET", "/_security/_authenticate", user=("u", "another-one")).status == 200


def test_a_user_sees_the_key_work(es: Client) -> None:
    """Documents go in and come out where the key has the right, and nowhere else."""
    key = es.create(role_descriptors={"writer": LOGS})["encoded"]
    assert es.call("POST", "/logs-a/_doc?refresh=true", {"message": "hello"}, key=key).status == 201
    found = es.call("GET", "/logs-a/_search", key=key).body["hits"]
    assert found["hits"][0]["_source"] == {"message": "hello"}
    assert es.call("POST", "/other/_doc", {"message": "hello"}, key=key).status == 403
    assert es.call("GET", "/other/_search", key=key).status == 403
    assert es.call("GET", "/logs-b/_search", key=key).status == 404
    assert es.call("GET", "/other*/_search", key=key).body["hits"]["total"]["value"] == 0


def test_a_cross_cluster_secret_can_be_proven(es: Client) -> None:
    """By the 401 that says its type, in the place of the reason; 8.19 and 9.5 alike."""
    body = {"name": "c", "access": {"search": [{"names": ["a"]}]}}
    key = es.call("POST", "/_security/cross_cluster/api_key", body).body
    wrong = base64.b64encode(f"{key['id']}:wrong".encode()).decode()
    right, refused = (es.call("GET", "/_security/_authenticate", key=encoded) for encoded in (key["encoded"], wrong))
    assert right.status == refused.status == 401
    assert "expected API key type of [rest]" in right.body["error"]["reason"]
    assert "additional_unsuccessful_credentials" not in right.body["error"]
    assert "invalid credentials" in refused.body["error"]["additional_unsuccessful_credentials"]


def test_metadata_and_numbers_come_back_as_they_were_sent(es: Client) -> None:
    """Types and orders included; a change of a number's type is a change."""
    sent = {"i": 1, "f": 1.0, "big": 12345678901234567890, "list": [3, 1, 2], "null": None, "text": "\u00e9"}
    key = es.create(metadata=sent)
    shown = es.call("GET", f"/_security/api_key?id={key['id']}").body["api_keys"][0]["metadata"]
    assert [(name, type(value), value) for name, value in sorted(shown.items())] == [
        (name, type(value), value) for name, value in sorted(sent.items())
    ]
    path = f"/_security/api_key/{key['id']}"
    assert es.call("PUT", path, {"metadata": dict(reversed(sent.items()))}).body == {"updated": False}
    assert es.call("PUT", path, {"metadata": {**sent, "i": 1.0}}).body == {"updated": True}


@pytest.mark.parametrize("metadata", [{"a": "x" * 32_767}, {"a": [{"b": "x" * 32_767}]}])
def test_metadata_has_a_limit(es: Client, metadata: dict[str, Any]) -> None:
    """That of a term in the index."""
    answer = es.call("POST", "/_security/api_key", {"name": "k", "metadata": metadata})
    assert answer.status == 400
    assert answer.body["error"]["type"] == "document_parsing_exception"
    assert es.call("POST", "/_security/api_key", {"name": "k", "metadata": {"a": "x" * 32_766}}).status == 200


def test_plain_text_is_no_body(es: Client) -> None:
    """406 has a plain string for an error."""
    answer = es.call("POST", "/_security/api_key", raw=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status == 406
    assert answer.body == {"error": "Content-Type header [text/plain] is not supported", "status": 406}


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"name":"a","name":"b"}', b"nonsense", b'"x"'])
def test_broken_bodies(es: Client, raw: bytes) -> None:
    """400, whatever is wrong with the JSON."""
    assert es.call("POST", "/_security/api_key", raw=raw).status == 400


def test_parts_of_an_answer(es: Client) -> None:
    """`filter_path`."""
    key = es.create(metadata={"env": "prod", "n": 1})
    path = f"/_security/api_key?id={key['id']}&filter_path="
    assert es.call("GET", path + "api_keys.name,**.env").body == {
        "api_keys": [{"name": "k", "metadata": {"env": "prod"}}]
    }
    assert "metadata" not in es.call("GET", path + "-api_keys.metadata").body["api_keys"][0]
    assert es.call("GET", path + "nothing").body == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"cluster": []}, "must specify at least one privilege;"),
        (
            {"application": [{"application": "KIB*", "privileges": ["x"], "resources": ["*"]}]},
            "Application names may not contain '*' (found 'KIB*');",
        ),
        (
            {"application": [{"application": "k", "privileges": ["x"], "resources": ["*"]}]},
            "An application name prefix must be at least 3 characters long (found 'k');",
        ),
    ],
)
def test_a_question_about_privileges_that_is_refused(es: Client, body: dict[str, Any], reason: str) -> None:
    """In the words of 8.19.21 and 9.5.3."""
    answer = es.call("POST", "/_security/user/_has_privileges", body)
    assert (answer.status, answer.body["error"]["reason"]) == (400, f"Validation Failed: 1: {reason}")
