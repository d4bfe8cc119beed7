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
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTICSEARCH, environment_name
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
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Record
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store

KEY = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="
USER = {"username": "joe", "password": "a-secret-value"}


def of_environment(**options: str) -> dict[str, str]:
    return {environment_name(name): value for name, value in options.items()}


def test_every_connection_option_has_a_variable() -> None:
    values = {
        name: f"value of {name}"
        for name in ELASTICSEARCH.options
        if name not in ("api_key", "token", "login_store", "cloud_id")
    }
    assert with_environment({}, of_environment(**values)) == values
    assert environment_name("ca_path") == "KEYSMITH_ES_CA_PATH"


def test_an_empty_variable_is_none() -> None:
    assert with_environment({"name": "x"}, of_environment(url="", api_key="")) == {"name": "x"}


@pytest.mark.parametrize("task", [USER, {"api_key": KEY}, {"token": "t"}, {"login_store": "/s"}, {"client_cert": "/c"}])
@pytest.mark.parametrize("around", [USER, {"api_key": KEY}, {"token": "t"}, {"login_store": "/e"}])
def test_the_login_of_the_task_stands_alone(task: dict[str, str], around: dict[str, str]) -> None:
    assert with_environment(task, of_environment(**around)) == task


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
    assert with_environment(task, of_environment(**around)) == task


def test_an_address_of_the_environment_serves_a_login_of_the_task() -> None:
    filled = with_environment(USER, of_environment(url="https://a", ca_path="/ca"))
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
        with_environment(task, of_environment(**around))
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
    assert login_of({**dict.fromkeys(ELASTICSEARCH.options), **options}) == auth


@pytest.mark.parametrize(
    "options", [{}, {"api_key": ""}, {"username": "joe", "password": ""}, {"token": ""}, {"api_key": "a-secret-value"}]
)
def test_no_login(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as refused:
        login_of(options)
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
        assert login_of({"login_store": given}) == auth


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
        login_of({"login_store": given.format(folder=tmp_path) if isinstance(given, str) else given})
