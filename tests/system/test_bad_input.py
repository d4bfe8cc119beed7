# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is answered by one clear sentence that names the option and the remedy, before anything is written; in check mode, too."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import BasicAuth, NoAuth
from ansible_collections.keysmith.elastic.plugins.module_utils._http.settings import ConnectionSettings, check_settings
from ansible_collections.keysmith.elastic.plugins.modules import (
    es_api_key,
    es_api_key_audit,
    es_api_key_info,
    es_api_key_revoke,
    es_cross_cluster_key,
    es_login,
)
from support import servers
from support.admin import Admin, UniqueNames, basic
from support.in_process import answer_of
from support.relay import Relay
from support.servers import Server

LONGEST = 500
SELECTED = {"writer": {"indices": [{"names": ["logs-*"], "privileges": ["create_doc"]}]}}


@dataclasses.dataclass(frozen=True)
class Bad:
    """Options that a task adds to good ones (None takes one away), the option that is to be named, words of the answer."""

    name: str
    options: dict[str, Any]
    option: str | None
    words: tuple[str, ...]
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    # Ansible's own argument check says this one.
    by_ansible: bool = False


def bad(name_: str, option: str | None, /, *words: str, by_ansible: bool = False, **options: Any) -> Any:
    return pytest.param(Bad(name_, options, option, words, by_ansible=by_ansible), id=name_)


def bad_environment(name: str, option: str, *words: str, environment: dict[str, str], **options: Any) -> Any:
    return pytest.param(Bad(name, options, option, words, environment), id=name)


NO_LOGIN: dict[str, Any] = {"username": None, "password": None}
CONNECTION = [
    bad("url-empty", "url", "url is empty", "https://", url=""),
    bad("url-empty-in-a-list", "url", "url is empty", "https://", url=["http://127.0.0.1:9", ""]),
    bad("url-none", "url", "Neither url nor cloud_id", url=None),
    bad("url-without-scheme", "url", "https://", url="es.example.net:9200"),
    bad("url-of-another-scheme", "url", "https://", url="ftp://es.example.net"),
    bad("url-with-login", "url", "...@es.example.net", "options of their own", url="https://joe:pw@es.example.net"),
    bad("url-with-query", "url", "query", url="http://127.0.0.1:9/?pretty"),
    bad("url-with-blank", "url", "blank", url="http://127.0.0.1 :9"),
    bad("url-and-cloud-id", "cloud_id", "both", "omit", cloud_id="x:eA=="),
    bad("cloud-id-empty", "cloud_id", "cloud_id is empty", url=None, cloud_id=""),
    bad("cloud-id-of-something", "cloud_id", "console", url=None, cloud_id="deployment"),
    bad("proxy-with-login", "proxy", "user name or a password", proxy="http://joe:pw@proxy.example.net"),
    bad("proxy-without-scheme", "proxy", "http", proxy="proxy.example.net:3128"),
    bad("proxy-empty", "proxy", "proxy is empty", proxy=""),
    bad(
        "proxy-password-alone",
        "proxy_password",
        "without proxy_username",
        proxy="http://127.0.0.1:9",
        proxy_password="p",
    ),
    bad("proxy-user-alone", "proxy_username", "without proxy", proxy_username="joe"),
    bad("two-logins", "token", "two logins", "username+password and token", "omit", token="t"),
    bad("user-without-password", "password", "username without password", "Give both", password=None),
    bad("password-without-user", "username", "password without username", username=None),
    bad("no-login", "api_key", "No login", "KEYSMITH_ES_API_KEY", **NO_LOGIN),
    bad("password-empty", "password", "password is empty", password=""),
    bad("username-empty", "username", "username is empty", username=""),
    bad("username-with-colon", "username", "colon", username="joe:x"),
    bad("api-key-empty", "api_key", "api_key is empty", "encoded", **NO_LOGIN, api_key=""),
    bad("api-key-secret-alone", "api_key", "without the id", **NO_LOGIN, api_key="ui2lp2axTNmsyakw9tvNnw"),
    bad("api-key-whole-answer", "api_key", "whole JSON", **NO_LOGIN, api_key='{"id": "x", "api_key": "y"}'),
    bad("api-key-of-something", "api_key", "base64", **NO_LOGIN, api_key="something else"),
    bad("token-empty", "token", "token is empty", **NO_LOGIN, token=""),
    bad("token-with-line-break", "token", "line break", **NO_LOGIN, token="abc\n"),
    bad("login-store-relative", "login_store", "is relative", "absolute", **NO_LOGIN, login_store="login.json"),
    bad("login-store-of-a-wrong-type", "login_store", "neither a path nor a mapping", **NO_LOGIN, login_store=[1]),
    bad("login-store-missing", None, "holds no record", "es_login", **NO_LOGIN, login_store="/nowhere/login.json"),
    bad("login-store-and-user", "login_store", "two logins", "username+password and login_store", login_store="/x"),
    bad("run-as-empty", "run_as", "run_as", "empty", run_as=""),
    bad("ca-path-missing", "ca_path", "/nowhere/ca.pem", "No such file", ca_path="/nowhere/ca.pem"),
    bad("ca-path-no-certificate", "ca_path", "no certificate in PEM", ca_path="/etc/hostname"),
    bad("ca-path-text", "ca_path", "instead of its path", ca_path="-----BEGIN CERTIFICATE-----\nx"),
    bad("ca-pem-nonsense", "ca_pem", "no certificate in PEM", ca_pem="nonsense"),
    bad("ca-twice", "ca_fingerprint", "given together", "Give one", ca_pem="x", ca_fingerprint="a" * 64),
    bad("fingerprint-sha1", "ca_fingerprint", "SHA-1", "64 hexadecimal", ca_fingerprint="a" * 40),
    bad(
        "fingerprint-unchecked",
        "ca_fingerprint",
        "validate_certs: false",
        ca_fingerprint="a" * 64,
        validate_certs=False,
    ),
    bad("client-key-alone", "client_key", "without client_cert", client_key="/etc/hostname"),
    bad("client-cert-missing", "client_cert", "No such file", client_cert="/nowhere/c.pem"),
    bad("timeout-zero", "timeout", "greater than 0", timeout=0),
    bad("connect-timeout-negative", "connect_timeout", "greater than 0", connect_timeout=-1),
    bad("retries-negative", "retries", "less than 0", retries=-1),
    bad("timeout-text", None, "timeout", "float", by_ansible=True, timeout="soon"),
    bad("warning-never", "warn_login_expires", "never", warn_login_expires="never"),
    bad_environment(
        "environment-two-logins",
        "token",
        "The environment gives two logins",
        environment={"KEYSMITH_ES_API_KEY": "x", "KEYSMITH_ES_TOKEN": "y"},
        **NO_LOGIN,
    ),
    bad_environment(
        "environment-half-a-login",
        "password",
        "The environment gives username without password",
        environment={"KEYSMITH_ES_USERNAME": "joe"},
        **NO_LOGIN,
    ),
    bad_environment(
        "environment-does-not-complete",
        "password",
        "username without password",
        environment={"KEYSMITH_ES_PASSWORD": "p"},
        password=None,
    ),
]
LIFE = [
    bad("renew-before-too-long", "renew_before", "not shorter than expiration 90d", "20%", renew_before="90d"),
    bad("renew-before-share", "renew_before", "1%", "99%", renew_before="100%"),
    bad("renew-before-word", "renew_before", "14d", renew_before="soon"),
    bad("renew-before-number", "renew_before", "without a unit", renew_before=14),
    bad("expiration-months", "expiration", "months", "90d", expiration="3 months"),
    bad("expiration-capital-m", "expiration", "months", expiration="3M"),
    bad("expiration-number", "expiration", "90d", expiration=90),
    bad("expiration-zero", "expiration", "dead", expiration="0d"),
    bad("expiration-fraction", "expiration", "fraction", "36h", expiration="1.5d"),
    bad("expiration-below-a-second", "expiration", "less than seconds", expiration="500ms"),
    bad("expiration-empty", "expiration", "expiration is empty", "90d", expiration=""),
    bad("expiration-negative", "expiration", "negative", expiration="-1d"),
    bad("expiration-two-units", "expiration", "36h", expiration="1d 12h"),
    bad("overlap-never", "overlap", "never", overlap="never"),
    bad("settle-word", "settle", "settle", "units", settle="a while"),
    bad("extend-without-expiration", "on_due", "expiration", "90d", on_due="extend", expiration=None),
    bad("extend-what-never-ends", "on_due", "expiration", on_due="extend", expiration="never"),
    bad("on-due-word", None, "on_due", "rotate, extend, warn, fail", by_ansible=True, on_due="renew"),
    bad("created-before-word", "rotate_if_created_before", "2026-11-21", rotate_if_created_before="yesterday"),
    bad("created-before-in-future", "rotate_if_created_before", "future", rotate_if_created_before="2999-01-01"),
    bad("created-before-empty", "rotate_if_created_before", "2026-11-21", rotate_if_created_before=""),
]
KEY = [
    bad("name-empty", "name", "name is empty", name=""),
    bad("name-none", "name", "Neither name nor id", name=None),
    bad("name-none-absent", "name", "state: absent", name=None, state="absent"),
    bad("name-too-long", "name", "257", "256", name="n" * 257),
    bad("name-emoji-too-long", "name", "258", name="\N{KEY}" * 129),
    bad("name-white-space", "name", "white space", name=" shipper"),
    bad("name-underscore", "name", "underscore", name="_shipper"),
    bad("id-with-store", "id", "id and store", "Give name with store", id="VuaCfGcBCdbkQm-e5aOx"),
    bad("id-empty", "id", "id is empty", id="", store=None, name=None),
    bad(
        "descriptors-without-role",
        "role_descriptors",
        "role_descriptors.cluster",
        "role's name",
        role_descriptors={"cluster": ["all"]},
    ),
    bad("descriptors-twice", "role_descriptors", "once more", role_descriptors={"role_descriptors": SELECTED}),
    bad(
        "descriptors-entry-without-list",
        "role_descriptors",
        "writer.indices is a mapping, not a list",
        role_descriptors={"writer": {"indices": {"names": ["x"], "privileges": ["read"]}}},
    ),
    bad("descriptors-list", "role_descriptors", "writer is a list", role_descriptors={"writer": ["read"]}),
    bad("descriptors-none-role", "role_descriptors", "writer: {}", role_descriptors={"writer": None}),
    bad(
        "descriptors-comma",
        "role_descriptors",
        "comma",
        role_descriptors={"w": {"indices": [{"names": ["a,b"], "privileges": ["read"]}]}},
    ),
    bad("descriptors-empty", "role_descriptors", "every right", "all_rights: true", role_descriptors={}),
    bad("descriptors-missing", None, "every right", "all_rights: true", role_descriptors=None),
    bad("descriptors-and-all-rights", "all_rights", "contradicts role_descriptors", all_rights=True),
    bad("descriptors-text", None, "role_descriptors", by_ansible=True, role_descriptors="writer"),
    bad("metadata-ours", "metadata", "metadata.keysmith", "reserved", metadata={"keysmith": {}}),
    bad("metadata-reserved", "metadata", "metadata._x", "underscore", metadata={"_x": 1}),
    bad("metadata-text", None, "metadata", by_ansible=True, metadata="team"),
    bad("owner-empty", "owner", "owner is empty", owner=""),
    bad("owner-realm-alone", "owner_realm", "owner", owner_realm="native"),
    bad("owner-somebody", None, "cannot create a key for", "grant", "run_as", owner="somebody"),
    bad("grant-nothing", "grant", "username and password, or access_token", grant={}),
    bad("grant-both", "grant", "either", grant={"username": "u", "password": "p", "access_token": "t"}),
    bad("grant-half", "grant", "username and password", grant={"username": "u"}),
    bad("grant-empty-password", "grant.password", "grant.password is empty", grant={"username": "u", "password": ""}),
    bad("grant-token-of-nobody", "owner", "token's user", grant={"access_token": "t"}),
    bad("grant-and-create", "method", "contradicts grant", method="create", grant={"username": "u", "password": "p"}),
    bad("grant-without-grant", "grant", "needs the option grant", method="grant"),
]
STORE = [
    bad("neither-store-nor-secret", None, "would be lost", "store", "return_secret: true", store=None),
    bad("store-without-path", "store.path", "missing", store={"type": "file"}),
    bad("store-path-empty", "store.path", "missing", store={"type": "file", "path": ""}),
    bad("store-path-folder", "store.path", "folder", store={"type": "file", "path": "/tmp/"}),
    bad(
        "store-folder-missing",
        "store.path",
        "does not exist",
        "Make it first",
        store={"type": "file", "path": "/nowhere/key.json"},
    ),
    bad("store-type-unknown", None, "type", "file", by_ansible=True, store={"type": "s3", "path": "/x"}),
    bad("store-type-missing", None, "type", by_ansible=True, store={"path": "/x"}),
    bad("store-option-unknown", None, "store.pth", by_ansible=True, store={"type": "file", "pth": "/x"}),
    bad("store-mode-word", "store.mode", "0600", store={"type": "file", "path": "/tmp/x.json", "mode": "private"}),
    bad(
        "store-owner-unknown",
        "store.owner",
        "nobody-at-all",
        store={"type": "file", "path": "/tmp/x.json", "owner": "nobody-at-all"},
    ),
    bad("store-owner-empty", "store.owner", "no name", store={"type": "file", "path": "/tmp/x.json", "owner": ""}),
]
CROSSING = [
    bad("access-missing", None, "needs access", "{search: [{names: ['logs-*']}]}", access=None),
    bad("access-empty", "access", "opens nothing", access={}),
    bad("access-lists-empty", "access", "opens nothing", access={"search": [], "replication": []}),
    bad("access-entry-without-list", "access", "access.search is a mapping", access={"search": {"names": ["a"]}}),
    bad("access-without-names", "access", "search[0] has no names", access={"search": [{"query": "{}"}]}),
    bad("access-comma", "access", "comma", access={"search": [{"names": ["a,b"]}]}),
    bad(
        "access-privileges",
        "access",
        "search[0].privileges is not possible",
        access={"search": [{"names": ["a"], "privileges": ["reed"]}]},
    ),
    bad(
        "access-query-beside-replication",
        "access",
        "search[0].query is not possible",
        "key of its own",
        access={"search": [{"names": ["a"], "query": "{}"}], "replication": [{"names": ["b"]}]},
    ),
    bad(
        "access-fields-of-replication",
        "access",
        "replication[0].field_security is not possible",
        access={"replication": [{"names": ["b"], "field_security": {"grant": ["x"]}}]},
    ),
    bad("access-text", None, "access", by_ansible=True, access="search"),
    bad("crossing-metadata-ours", "metadata", "metadata.keysmith", metadata={"keysmith": {}}),
    bad("crossing-owner-realm-alone", "owner_realm", "owner", owner_realm="native"),
    bad("crossing-owner-somebody", None, "cannot create a key for", "granted", "run_as", owner="somebody"),
    bad("crossing-descriptors", None, "role_descriptors", by_ansible=True, role_descriptors={}),
]
# In check mode an earlier task might have made the folder or the user.
ONLY_WARNED = {"store-folder-missing", "store-owner-unknown"}


@dataclasses.dataclass
class Bench:
    """A server behind its relay, and a folder for stores."""

    admin: Admin
    relay: Relay
    folder: Path

    def good(self, name: str) -> dict[str, Any]:
        return {
            "url": self.relay.url("plain"),
            "username": self.admin.server.username,
            "password": self.admin.server.password,
            "retries": 0,
            "name": name,
            "role_descriptors": SELECTED,
            "expiration": "90d",
            "store": {"type": "file", "path": str(self.folder / "key.json")},
        }

    def good_crossing(self, name: str) -> dict[str, Any]:
        good = {option: value for option, value in self.good(name).items() if option != "role_descriptors"}
        return {**good, "access": {"search": [{"names": ["logs-*"]}]}}

    def refused(self, case: Bad, name: str, *, check: bool) -> dict[str, Any]:
        """The answer to a bad task, which must have written nothing."""
        return self.refused_by(es_api_key.main, self.good(name), case, check=check)

    def refused_by(self, module: Callable[[], None], good: dict[str, Any], case: Bad, *, check: bool) -> dict[str, Any]:
        options = {k: v for k, v in {**good, **case.options}.items() if v is not None}
        before, written = _contents(self.folder), len(self.relay.writes())
        answer = answer_of(module, options, check=check, environment=case.environment)
        assert [str(exchange.path) for exchange in self.relay.writes()[written:]] == []
        assert _contents(self.folder) == before
        return answer


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def bench(server: Server) -> Iterator[Bench]:
    with Relay(server.url) as relay, tempfile.TemporaryDirectory() as folder:
        yield Bench(Admin(server), relay, Path(folder))


def assert_clear(answer: dict[str, Any], words: tuple[str, ...]) -> None:
    """One message for people: no traceback, no novel, and it says what the table wants."""
    message = answer["msg"]
    assert answer["failed"] is True
    assert "exception" not in answer
    assert "An error in the collection" not in message
    assert len(message) <= LONGEST
    assert "\n" not in message
    assert message.endswith("."), message
    assert message[0].isupper() or not message[0].isalpha() or message.split()[0].strip(":").islower(), message
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize("case", [*CONNECTION, *LIFE, *KEY, *STORE])
def test_it_is_said_clearly(bench: Bench, case: Bad, check: bool, unique: UniqueNames) -> None:
    answer = bench.refused(case, unique(), check=check)
    if check and case.name in ONLY_WARNED:
        assert "failed" not in answer
        return
    assert_told(answer, case)


def assert_told(answer: dict[str, Any], case: Bad) -> None:
    if case.by_ansible:
        assert answer["failed"] is True
        assert all(word in answer["msg"] for word in case.words), answer["msg"]
        return
    assert_clear(answer, case.words)
    assert answer["failure"].get("option") == case.option, answer


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize("case", CROSSING)
def test_of_a_key_between_clusters_it_is_said_clearly(
    bench: Bench, case: Bad, check: bool, unique: UniqueNames
) -> None:
    good = bench.good_crossing(unique())
    assert_told(bench.refused_by(es_cross_cluster_key.main, good, case, check=check), case)


def test_the_good_options_are_good(bench: Bench, unique: UniqueNames) -> None:
    """Else every case above would prove nothing."""
    assert "failed" not in answer_of(es_api_key.main, bench.good(unique()), check=True)
    assert "failed" not in answer_of(es_cross_cluster_key.main, bench.good_crossing(unique()), check=True)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("page", ("HTML page", "Welcome", "url")),
        ("redirect", ("redirect to /login", "url")),
        ("other-json", ("not Elasticsearch", "url")),
        ("echo-text", ("not JSON", "url")),
        ("slow", ("within 0.3 seconds", "timeout")),
    ],
)
def test_a_server_that_is_not_elasticsearch(
    bench: Bench, trouble: str, words: tuple[str, ...], unique: UniqueNames
) -> None:
    case = Bad(trouble, {"url": bench.relay.url(trouble), "timeout": 0.3}, None, words)
    assert_clear(bench.refused(case, unique(), check=False), words)


def test_a_server_that_is_not_there(bench: Bench, unique: UniqueNames) -> None:
    for url, words in (
        ("http://127.0.0.1:9", ("127.0.0.1:9", "refused")),
        ("https://no-such-host.invalid:9200", ("no-such-host.invalid",)),
        (bench.admin.server.url.replace("http://", "https://"), ("does not speak TLS", "http://")),
    ):
        assert_clear(bench.refused(Bad("away", {"url": url}, None, ()), unique(), check=False), words)


def test_logins_that_do_not_work(bench: Bench, unique: UniqueNames) -> None:
    """Wrong, revoked, expired, of Elastic Cloud, without privileges: each said differently."""
    admin = bench.admin
    revoked = admin.create_key(unique("revoked"))
    admin.invalidate(revoked["id"])
    expired = admin.create_key(unique("expired"), expiration="1s")
    poor = unique("poor")
    admin.create_user(poor, [], "a-password-for-tests")
    time.sleep(1.3)
    keys = {
        "revoked": (revoked["encoded"], ("invalidated", revoked["id"])),
        "expired": (expired["encoded"], ("expired", expired["id"])),
        "cloud": ("essu_" + "a" * 60, ("Elastic Cloud key", "Elasticsearch API key or a user")),
    }
    for key, words in keys.values():
        case = Bad("login", {**NO_LOGIN, "api_key": key}, None, ())
        assert_clear(bench.refused(case, unique(), check=False), words)
    cases = [
        ({"password": "wrong-password"}, ("refused the login", admin.server.username)),
        ({"username": poor, "password": "a-password-for-tests"}, (poor, "manage_own_api_key", "role")),
        ({"run_as": "nobody-at-all"}, ("nobody-at-all",)),
    ]
    for options, words in cases:
        assert_clear(bench.refused(Bad("login", options, None, ()), unique(), check=False), words)
    derived = admin.create_key(unique("login"), role_descriptors={"all": {"cluster": ["all"]}}, expiration="1h")
    case = Bad("derived", {**NO_LOGIN, "api_key": derived["encoded"]}, None, ())
    assert_clear(bench.refused(case, unique(), check=False), ("derived", "Log in as a user", "method: clone"))
    admin.invalidate(derived["id"])
    admin.ok("DELETE", f"/_security/user/{poor}")


def test_stores_that_are_not_ours(bench: Bench, unique: UniqueNames) -> None:
    """A symlink, a file that everybody can read, another file: refused, and left as they are."""
    folder = bench.folder
    (folder / "other.json").write_text('{"a": 1}')
    (folder / "other.json").chmod(0o600)
    (folder / "open.json").write_text("")
    (folder / "open.json").chmod(0o644)
    (folder / "link.json").symlink_to(folder / "other.json")
    for name, words in (
        ("other", ("not a record of this collection", "another path")),
        ("open", ("chmod 0600", "rotate")),
        ("link", ("symlink", "store.follow")),
    ):
        case = Bad(name, {"store": {"type": "file", "path": str(folder / f"{name}.json")}}, None, ())
        assert_clear(bench.refused(case, unique(), check=False), words)
    for name in ("other", "open", "link"):
        (folder / f"{name}.json").unlink()


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"name": [""]}, "name", ("name", "empty")),
        ({"expiring_within": "3 months"}, "expiring_within", ("months",)),
        ({"created_before": "yesterday"}, "created_before", ("2026-11-21",)),
        ({"owner_realm": "native"}, "owner_realm", ("owner",)),
        ({"never_expires": True, "expiring_within": "1d"}, "never_expires", ("contradicts",)),
        ({"url": "http://joe:pw@127.0.0.1"}, "url", ("user name or a password",)),
    ],
)
def test_of_a_list_it_is_said_clearly(
    bench: Bench, options: dict[str, Any], option: str, words: tuple[str, ...]
) -> None:
    good = {
        name: value for name, value in bench.good("x").items() if name in ("url", "username", "password", "retries")
    }
    answer = answer_of(es_api_key_info.main, {**good, **options})
    assert_clear(answer, words)
    assert answer["failure"]["option"] == option


LOGIN = [
    ({"name": ""}, "name", ("name is empty",)),
    ({"name": "a:b"}, "name", ("'a:b'", "no colon")),
    ({"name": " a"}, "name", ("no blank at either end",)),
    ({"name": "jürgen"}, "name", ("ASCII",)),
    ({"role": ""}, "role", ("role is empty",)),
    ({"extra_roles": [""]}, "extra_roles", ("extra_roles is empty",)),
    ({"rights": None, "role": "r"}, "role", ("role is given without rights",)),
    ({"rights": None, "extra_roles": ["r"]}, "extra_roles", ("extra_roles is given without rights",)),
    ({"rights": {"cluster": "monitor"}}, "rights", ("rights.cluster is a text", "[monitor]")),
    ({"rights": {"writer": {"cluster": ["monitor"]}}}, "rights", ("rights.writer is a mapping", "without a name")),
    ({"rights": {"metadata": {"a": 1}}}, "rights", ("rights.metadata is no right",)),
    ({"rights": {"indices": {"names": ["a"]}}}, "rights", ("rights.indices", "Begin each entry with '- '")),
    ({"max_age": "3 months"}, "max_age", ("months",)),
    ({"max_age": "never"}, "max_age", ("never",)),
    ({"max_age": "0s"}, "max_age", ("max_age is zero",)),
    ({"rotate_if_created_before": "2100-01-01"}, "rotate_if_created_before", ("future",)),
    ({"store": None}, "store", ("store is missing",)),
    ({"store": {"type": "file", "path": "login.json"}}, "store.path", ("relative",)),
    ({"login_store": "/x"}, "login_store", ("two logins",)),
    ({"url": "http://joe:pw@127.0.0.1"}, "url", ("user name or a password",)),
]


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(("options", "option", "words"), LOGIN)
def test_of_a_login_it_is_said_clearly(
    bench: Bench, options: dict[str, Any], option: str, words: tuple[str, ...], check: bool
) -> None:
    connection = ("url", "username", "password", "retries", "store")
    good = {"name": "robot", "rights": {"cluster": ["monitor"]}, **{k: bench.good("x")[k] for k in connection}}
    given = {name: value for name, value in {**good, **options}.items() if value is not None}
    before, written = _contents(bench.folder), len(bench.relay.writes())
    answer = answer_of(es_login.main, given, check=check)
    assert_clear(answer, words)
    assert answer["failure"]["option"] == option
    assert bench.relay.writes()[written:] == []
    assert _contents(bench.folder) == before


PAIR = f"{'i' * 20}:{'s' * 22}"
ECE_KEY = base64.b64encode(f"joe:{'a' * 32}:{'s' * 40}".encode()).decode()


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({}, "name", ("No condition", "the owner whose keys are all to go")),
        ({"type": "rest"}, "name", ("No condition",)),
        ({"owner": "any"}, "name", ("No condition",)),
        ({"owner": "any", "name_pattern": "*"}, "name", ("No condition",)),
        ({"name_pattern": ["**", "x*"]}, "name", ("No condition",)),
        ({"owner": ""}, "owner", ("owner is empty",)),
        ({"owner": "joe", "name": []}, "name", ("name is given, but empty", "when:")),
        ({"owner": "joe", "metadata": {}}, "metadata", ("metadata is given, but empty",)),
        ({"id": [""]}, "id", ("id is empty",)),
        ({"name": "x", "expected_count": -1}, "expected_count", ("less than 0",)),
        ({"name": "x", "except_ids": [""]}, "except_ids", ("except_ids is empty",)),
        ({"name": "x", "created_before": "yesterday"}, "created_before", ("2026-11-21",)),
        ({"secret": PAIR, "name": "x"}, "name", ("secret and name are both given",)),
        ({"secret": ""}, "secret", ("secret is empty", "encoded")),
        ({"secret": "s" * 22}, "secret", ("without the id",)),
        ({"secret": "essu_" + "a" * 60}, "secret", ("Elastic Cloud key", "ec_api_key_revoke")),
        ({"secret": ECE_KEY}, "secret", ("Elastic Cloud Enterprise", "ece_api_key_revoke")),
        ({"secret": PAIR, "owner_realm": "native"}, "owner_realm", ("owner",)),
        ({"id": PAIR}, "id", ("holds an API key",)),
    ],
)
def test_of_a_revocation_it_is_said_clearly(
    bench: Bench, options: dict[str, Any], option: str, words: tuple[str, ...], check: bool
) -> None:
    good = {
        name: value for name, value in bench.good("x").items() if name in ("url", "username", "password", "retries")
    }
    sent = len(bench.relay.exchanges)
    answer = answer_of(es_api_key_revoke.main, {"expected_count": 1, **good, **options}, check=check)
    assert_clear(answer, words)
    assert answer["failure"]["option"] == option
    assert len(bench.relay.exchanges) == sent, "nothing was asked of a server"


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"warn_within": "never"}, "warn_within", ("never",)),
        ({"leftover_after": "soon"}, "leftover_after", ("90d",)),
        ({"max_life": "0d"}, "max_life", ("zero",)),
        ({"max_age": "12 months"}, "max_age", ("months", "90d")),
        ({"required_metadata": [""]}, "required_metadata", ("empty",)),
        ({"forbidden_cluster_privileges": [" "]}, "forbidden_cluster_privileges", ("empty",)),
        ({"forbidden_index_privileges": [""]}, "forbidden_index_privileges", ("empty",)),
        ({"cluster": ""}, "cluster", ("empty",)),
        ({"report": ""}, "report", ("empty",)),
        ({"report": "/nowhere/audit.json"}, "report", ("/nowhere", "does not exist")),
        ({"report": "/tmp"}, "report", ("not a file",)),
        ({"mode": "0777"}, "mode", ("0600",)),
        ({"mode": 600}, "mode", ("0600",)),
        ({"owner_realm": "native"}, "owner_realm", ("owner",)),
    ],
)
def test_of_an_audit_it_is_said_clearly(
    bench: Bench, options: dict[str, Any], option: str, words: tuple[str, ...]
) -> None:
    good = {
        name: value for name, value in bench.good("x").items() if name in ("url", "username", "password", "retries")
    }
    answer = answer_of(es_api_key_audit.main, {**good, **options})
    assert_clear(answer, words)
    assert answer["failure"]["option"] == option


def test_credentials_in_plain_http_warn_off_loopback() -> None:
    login = BasicAuth("joe", "a-password")
    warned = check_settings(ConnectionSettings(("http://es.example.net:9200",), login))
    assert len(warned) == 1
    assert "unencrypted" in warned[0]
    assert "https://" in warned[0]
    for url in ("http://127.0.0.1:9200", "http://localhost:9200", "http://[::1]:9200", "https://es.example.net"):
        assert check_settings(ConnectionSettings((url,), login)) == ()
    assert check_settings(ConnectionSettings(("http://es.example.net:9200",), NoAuth())) == ()


# Servers as only the emulator can be.


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Starts emulators with options of their own; they end with the tests."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> Server:
        port_file = tmp_path_factory.mktemp("emulator") / "port.json"
        command = [sys.executable, str(servers.EMULATOR), "--port", "0", "--port-file", str(port_file), *options]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        deadline = time.monotonic() + 30
        while not (url := servers.url_in(port_file)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return Server("emulator", url, "", kind="emulator")

    yield start
    for emulator in running:
        emulator.terminate()
        emulator.wait(10)


def _answer(server: Server, folder: Path, **options: Any) -> dict[str, Any]:
    given = {
        **{
            "url": server.url,
            "username": server.username,
            "password": server.password,
            "retries": 0,
            "name": "shipper",
        },
        **{
            "role_descriptors": SELECTED,
            "expiration": "90d",
            "store": {"type": "file", "path": str(folder / "key.json")},
        },
    }
    answer = answer_of(es_api_key.main, {**given, **options})
    assert _contents(folder) == {}
    return answer


def test_extend_on_a_server_that_cannot(emulators: Any, tmp_path: Path) -> None:
    """Said when the key is made, not when it is due."""
    old = emulators("--version", "8.12.0")
    answer = _answer(old, tmp_path, on_due="extend")
    assert_clear(answer, ("on_due: extend", "8.13", "8.12.0", "rotate"))
    assert Admin(old).keys("shipper") == []


def test_what_an_old_server_does_not_know(emulators: Any, tmp_path: Path) -> None:
    old = emulators("--version", "8.7.0")
    roles = {"writer": {"restriction": {"workflows": ["search_application_query"]}}}
    assert_clear(
        _answer(old, tmp_path, role_descriptors=roles), ("role_descriptors.writer.restriction", "8.9", "8.7.0")
    )


def test_what_serverless_does_not_offer(emulators: Any, tmp_path: Path) -> None:
    project = emulators("--flavor", "serverless")
    grant = {"username": "u", "password": "a-password"}
    assert_clear(_answer(project, tmp_path, grant=grant, owner="u"), ("grant", "serverless"))
    roles = {"writer": {"remote_indices": [{"clusters": ["a"], "names": ["b"], "privileges": ["read"]}]}}
    assert_clear(
        _answer(project, tmp_path, role_descriptors=roles), ("role_descriptors.writer.remote_indices", "serverless")
    )


def test_security_switched_off(emulators: Any, tmp_path: Path) -> None:
    """The emulator's words are those of a 9.5.3 with xpack.security.enabled: false."""
    answer = _answer(emulators("--security", "off"), tmp_path)
    assert_clear(answer, ("Security is switched off", "xpack.security.enabled"))


def test_an_error_is_not_taken_for_security_switched_off(bench: Bench, unique: UniqueNames) -> None:
    for trouble in ("echo400", "echo500"):
        answer = bench.refused(Bad(trouble, {"url": bench.relay.url(trouble)}, None, ()), unique(), check=False)
        assert "switched off" not in answer["msg"]


def test_certificates_that_do_not_fit(emulators: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secured = emulators("--tls-self-signed", str(tmp_path_factory.mktemp("tls")))
    other = hashlib.sha256(b"another certificate").hexdigest()
    assert_clear(_answer(secured, tmp_path, ca_fingerprint=other), ("none is the pinned", other, "ca_fingerprint"))
    assert_clear(_answer(secured, tmp_path), ("does not know", "ca_path", "ca_fingerprint"))
    plain = secured.url.replace("https://", "http://")
    assert_clear(_answer(secured, tmp_path, url=plain), ("TLS", "https://"))


def test_two_of_one_name_where_one_is_wanted(bench: Bench, unique: UniqueNames) -> None:
    admin, name = bench.admin, unique("double")
    twins = [admin.create_key(name, role_descriptors=SELECTED, expiration="90d") for _twin in range(2)]
    answer = bench.refused(Bad("twins", {"duplicates": "fail"}, None, ()), name, check=False)
    assert_clear(answer, ("same name and owner", "duplicates"))
    poor = unique("stranger")
    admin.create_user(poor, ["superuser"], "a-password-for-tests")
    theirs = admin.create_key(unique("theirs"), login=basic(poor, "a-password-for-tests"), role_descriptors={"a": {}})
    case = Bad("theirs", {"store": None, "name": None, "id": theirs["id"], "metadata": {"a": 1}}, None, ())
    assert_clear(bench.refused(case, name, check=False), (theirs["id"], poor, "owner"))
    for key in (*twins, theirs):
        admin.invalidate(key["id"])
    admin.ok("DELETE", f"/_security/user/{poor}")
