# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login is chosen whole, the task's before the environment's; no text of it ever holds a value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login import login_of, with_environment
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import (
    ECE,
    ELASTIC_CLOUD,
    ELASTICSEARCH,
    GROUPS,
    ConnectionGroup,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    NoAuth,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError, OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import (
    LoginRecord,
    PendingPassword,
    StoredPassword,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import OpaqueSecret
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store

KEY = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="
USER = {"username": "joe", "password": "a-secret-value"}


def of_environment(group: ConnectionGroup = ELASTICSEARCH, /, **options: str) -> dict[str, str]:
    return {group.environment_name(name): value for name, value in options.items()}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_every_connection_option_has_a_variable(group: ConnectionGroup) -> None:
    others = {name for login in group.logins[1:] for name in login}
    values = {name: f"value of {name}" for name in group.options if name not in {*others, "cloud_id"}}
    assert with_environment({}, of_environment(group, **values), group) == values


def test_the_variables_of_the_groups_are_told_apart() -> None:
    names = [group.environment_name(option) for group in GROUPS.values() for option in group.options]
    assert sorted(names) == sorted(set(names))
    assert {group.environment_name("ca_path") for group in GROUPS.values()} == {
        "KEYSMITH_ES_CA_PATH",
        "KEYSMITH_EC_CA_PATH",
        "KEYSMITH_ECE_CA_PATH",
    }


def test_an_empty_variable_is_none() -> None:
    assert with_environment({"name": "x"}, of_environment(url="", api_key=""), ELASTICSEARCH) == {"name": "x"}


@pytest.mark.parametrize("task", [USER, {"api_key": KEY}, {"token": "t"}, {"login_store": "/s"}, {"client_cert": "/c"}])
@pytest.mark.parametrize("around", [USER, {"api_key": KEY}, {"token": "t"}, {"login_store": "/e"}])
def test_the_login_of_the_task_stands_alone(task: dict[str, str], around: dict[str, str]) -> None:
    assert with_environment(task, of_environment(**around), ELASTICSEARCH) == task


@pytest.mark.parametrize(
    ("task", "around"),
    [
        ({"url": "https://a"}, {"cloud_id": "x"}),
        ({"cloud_id": "x"}, {"url": "https://a"}),
        ({"proxy": "http://a"}, {"proxy": "http://b", "proxy_username": "joe", "proxy_password": "p"}),
        ({"ca_path": "/ca"}, {"ca_pem": "x", "ca_fingerprint": "y"}),
    ],
)
def test_what_belongs_together_comes_from_one_layer(task: dict[str, str], around: dict[str, str]) -> None:
    assert with_environment(task, of_environment(**around), ELASTICSEARCH) == task


def test_an_address_of_the_environment_serves_a_login_of_the_task() -> None:
    filled = with_environment(USER, of_environment(url="https://a", ca_path="/ca"), ELASTICSEARCH)
    assert filled == {**USER, "url": "https://a", "ca_path": "/ca"}


@pytest.mark.parametrize(
    ("task", "around", "option", "words"),
    [
        (
            {**USER, "api_key": KEY},
            {},
            "username",
            "The task, with module_defaults, gives two logins: api_key and username+password.",
        ),
        ({"token": "t", "api_key": KEY}, {}, "token", "api_key and token"),
        ({**USER, "login_store": "/s"}, {}, "login_store", "username+password and login_store"),
        ({"username": "joe"}, {"password": "a-secret-value"}, "password", "username without password"),
        ({"password": "a-secret-value"}, {"username": "joe"}, "username", "password without username"),
        ({}, {"api_key": KEY, "token": "t"}, "token", "The environment gives two logins"),
        ({}, {"username": "joe"}, "password", "The environment gives username without password."),
    ],
)
def test_two_logins_and_half_ones(task: dict[str, str], around: dict[str, str], option: str, words: str) -> None:
    with pytest.raises(OptionError) as refused:
        with_environment(task, of_environment(**around), ELASTICSEARCH)
    assert refused.value.option == option
    assert words in str(refused.value)
    assert "a-secret-value" not in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "auth"),
    [
        ({"api_key": KEY}, ApiKeyAuth(KEY)),
        ({"api_key": f" ApiKey {KEY}\n"}, ApiKeyAuth(KEY)),
        ({"api_key": "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"}, ApiKeyAuth(KEY)),
        ({"api_key": "essu_" + "a" * 30}, ApiKeyAuth("essu_" + "a" * 30)),
        (USER, BasicAuth("joe", "a-secret-value")),
        ({"token": "t"}, BearerAuth("t")),
        ({"client_cert": "/c"}, NoAuth()),
        ({"client_cert": "/c", "token": "t"}, BearerAuth("t")),
    ],
)
def test_the_login(options: dict[str, Any], auth: object) -> None:
    assert login_of({**dict.fromkeys(ELASTICSEARCH.options), **options}, ELASTICSEARCH) == auth


@pytest.mark.parametrize(
    "options", [{}, {"api_key": ""}, {"username": "joe", "password": ""}, {"token": ""}, {"api_key": "a-secret-value"}]
)
def test_no_login(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as refused:
        login_of(options, ELASTICSEARCH)
    assert "a-secret-value" not in str(refused.value)


CURRENT, PENDING = StoredPassword("the-current-password", 1), PendingPassword("the-pending-password", 2)


def stored(path: Path, record: Any) -> str:
    open_store({"type": "file", "path": str(path)}, read_only=False).write(record, None)
    return str(path)


def login_record(**passwords: Any) -> LoginRecord:
    return LoginRecord("joe", "cluster-1", Owner("joe"), **passwords)


@pytest.mark.parametrize(
    ("passwords", "auth"),
    [
        ({"current": CURRENT}, BasicAuth("joe", CURRENT.value)),
        ({"pending": PENDING}, BasicAuth("joe", PENDING.value)),
        ({"current": CURRENT, "pending": PENDING}, BasicAuth("joe", CURRENT.value, PENDING.value)),
    ],
)
def test_a_stored_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passwords: Any, auth: BasicAuth) -> None:
    path = stored(tmp_path / "login.json", login_record(**passwords))
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in (path, "~/login.json", {"type": "file", "path": path, "mode": "0600"}):
        assert login_of({"login_store": given}, ELASTICSEARCH) == auth


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, "login_store is neither a path nor a mapping"),
        ("login.json", "login_store: store.path 'login.json' is relative"),
        ("", "login_store: store.path is missing"),
        ({"path": "/login.json"}, "login_store: store.type is missing"),
        ("{folder}/nothing.json", "nothing.json holds no record. Make it with es_login"),
        ("{folder}/empty.json", "empty.json holds a login without a password"),
        ("{folder}/key.json", "key.json holds a key (shipper), not a login"),
    ],
)
def test_what_is_no_stored_login(tmp_path: Path, given: Any, words: str) -> None:
    stored(tmp_path / "empty.json", login_record())
    stored(tmp_path / "key.json", Record("es_api_key", "shipper", "cluster-1", Owner("joe")))
    with pytest.raises(KeysmithError, match=re.escape(words)):
        login_of({"login_store": given.format(folder=tmp_path) if isinstance(given, str) else given}, ELASTICSEARCH)


ESSU = "essu_" + "a" * 30


@pytest.mark.parametrize("group", [ELASTIC_CLOUD, ECE], ids=lambda group: group.name)
@pytest.mark.parametrize("text", [ESSU, f" ApiKey {ESSU}\n", "bm90LWVsYXN0aWNzZWFyY2g6MDEyMzpzZWNyZXQ="])
def test_a_key_of_another_service_is_sent_as_it_is(group: ConnectionGroup, text: str) -> None:
    assert login_of({"api_key": text}, group) == ApiKeyAuth(text.replace("ApiKey", "").strip())


@pytest.mark.parametrize("group", [ELASTIC_CLOUD, ECE], ids=lambda group: group.name)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (KEY, "api_key is an Elasticsearch API key, which this service does not take"),
        ("VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw", "api_key is an Elasticsearch API key"),
        ('{"key": "a-secret-value"}', "api_key holds a whole JSON answer"),
        ("", "api_key is empty"),
        ("a-secret value", "api_key holds a blank"),
    ],
)
def test_what_is_no_key_of_another_service(group: ConnectionGroup, text: str, words: str) -> None:
    with pytest.raises(OptionError, match=re.escape(words)) as refused:
        login_of({"api_key": text}, group)
    assert text == "" or text not in str(refused.value)


def test_the_ways_to_log_in_are_named() -> None:
    ways = [
        (ELASTICSEARCH, "Give api_key, username and password, token, login_store, or client_cert, in the task"),
        (
            ELASTIC_CLOUD,
            "Give api_key or login_store, in the task, in module_defaults or in the environment (KEYSMITH_EC_API_KEY",
        ),
        (ECE, "Give api_key, username and password, token, or login_store, in the task"),
    ]
    for group, words in ways:
        with pytest.raises(OptionError, match=re.escape(words)):
            login_of({}, group)


def key_record(kind: str, current: Current | None) -> Record:
    return Record(kind, "automation", "org", Owner("org"), current=current)


def test_a_stored_key_logs_in_to_its_own_service(tmp_path: Path) -> None:
    current = Current(OpaqueSecret("the-id", ESSU))
    paths = {
        kind: stored(tmp_path / f"{kind}.json", key_record(kind, current)) for kind in ("ec_api_key", "ece_api_key")
    }
    for group in (ELASTIC_CLOUD, ECE):
        assert login_of({"login_store": paths[str(group.stored)]}, group) == ApiKeyAuth(ESSU, "the-id")
    with pytest.raises(KeysmithError, match="holds a key of kind ece_api_key, which does not log in here"):
        login_of({"login_store": paths["ece_api_key"]}, ELASTIC_CLOUD)
    empty = stored(tmp_path / "empty.json", key_record("ec_api_key", None))
    with pytest.raises(KeysmithError, match="holds a record without a key"):
        login_of({"login_store": empty}, ELASTIC_CLOUD)
