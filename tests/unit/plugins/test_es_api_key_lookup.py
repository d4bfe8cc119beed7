# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup es_api_key without a server: where its connection comes from, what it asks for, and that it asks once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible.utils.display import Display
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.list_keys import Listed
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Unauthorized
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Login, Owner
from ansible_collections.keysmith.elastic.plugins.plugin_utils import key_lookup

JOE = Owner("joe", "native")
NOW = 1_795_230_000_000
OLD, NEW = (Key(f"id-{age}", "shipper", owner=JOE, creation=NOW - age) for age in (9000, 10))
LOGIN = {"username": "joe", "password": "a-secret-value"}
KEY = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="


class Service:
    """Notes what is asked, and answers with these keys."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: tuple[Key, ...] = (OLD, NEW)
        self.warnings: tuple[str, ...] = ()
        self.blind_spot: str | None = None
        self.problem: Exception | None = None

    def list_keys(self, _kind: Any, options: Any, _scrubber: Any) -> Listed:
        self.asked.append(dict(options))
        if self.problem is not None:
            raise self.problem
        return Listed(self.keys, NOW, Login(JOE), self.blind_spot, self.warnings)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()
    monkeypatch.setattr(key_lookup, "list_keys", made.list_keys)
    monkeypatch.setattr(key_lookup, "_ANSWERS", {})
    yield made


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, text, **_more: told.append(text))
    return told


def look(*terms: Any, variables: dict[str, Any] | None = None, **options: Any) -> list[Any]:
    return lookup_loader.get("keysmith.elastic.es_api_key").run(list(terms), variables=variables or {}, **options)


def connection(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("url", "username", "password", "api_key", "token", "retries", "timeout")}


PLAIN = {"url": None, "username": None, "password": None, "api_key": None, "token": None, "retries": 3, "timeout": 60}


@pytest.mark.parametrize(
    ("call", "variables", "environment", "expected"),
    [
        ({"url": "https://a", **LOGIN}, {}, {}, {"url": ["https://a"], **LOGIN}),
        ({}, {"url": "https://a,https://b", "token": "t"}, {}, {"url": ["https://a", "https://b"], "token": "t"}),
        ({}, {}, {"URL": "https://a", "API_KEY": KEY}, {"url": ["https://a"], "api_key": KEY}),
        # The one before the other, and each login whole.
        ({"api_key": KEY}, {"url": "https://a", **LOGIN}, {"TOKEN": "t"}, {"url": ["https://a"], "api_key": KEY}),
        (
            {},
            {"token": "t"},
            {"URL": "https://a", "USERNAME": "ann", "PASSWORD": "p"},
            {"url": ["https://a"], "token": "t"},
        ),
        (
            {"retries": 1},
            {"retries": "2", "timeout": "5"},
            {"RETRIES": "9", "TOKEN": "t"},
            {"retries": 1, "timeout": 5.0, "token": "t"},
        ),
        ({}, {"url": None, "token": None}, {"URL": "https://a", "TOKEN": "t"}, {"url": ["https://a"], "token": "t"}),
    ],
)
def test_where_the_connection_comes_from(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    call: dict[str, Any],
    variables: dict[str, Any],
    environment: dict[str, str],
    expected: dict[str, Any],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"KEYSMITH_ES_{name}", value)
    look("shipper", variables={f"keysmith_es_{name}": value for name, value in variables.items()}, **call)
    assert connection(service.asked[0]) == {**PLAIN, **expected}


@pytest.mark.parametrize(
    ("call", "variables", "words"),
    [
        ({"token": "t", "api_key": KEY}, {}, "The lookup gives two logins: api_key and token"),
        ({}, {"token": "t", **LOGIN}, "The set of variables keysmith_es_... gives two logins"),
        ({"username": "joe"}, {"password": "a-secret-value"}, "The lookup gives username without password"),
        ({"url": "https://joe:a-secret-value@es"}, {}, "url holds a user name or a password"),
        ({"url": KEY}, {}, "url holds an API key"),
        ({"retries": "a-secret-value", **LOGIN}, {}, "retries"),
        ({"by": "colour"}, {}, "by"),
    ],
)
def test_what_is_refused(service: Service, call: dict[str, Any], variables: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleError) as refused:
        look("shipper", variables={f"keysmith_es_{name}": value for name, value in variables.items()}, **call)
    assert words in str(refused.value)
    assert "a-secret-value" not in str(refused.value)
    assert KEY not in str(refused.value)
    assert service.asked == []


@pytest.mark.parametrize("term", ["", " ", 3, None, KEY], ids=["empty", "blank", "number", "null", "key"])
def test_a_wrong_term(service: Service, term: Any) -> None:
    with pytest.raises(AnsibleError) as refused:
        look(term, url="https://a")
    assert "term" in str(refused.value)
    assert KEY not in str(refused.value)
    assert service.asked == []


@pytest.mark.parametrize(
    ("options", "selected"),
    [
        ({}, {"name": ["x"], "owner": "self", "type": "rest", "state": ["active"]}),
        ({"owner": "ann", "owner_realm": "native"}, {"name": ["x"], "owner": "ann", "owner_realm": "native"}),
        ({"by": "id"}, {"id": ["x"], "owner": "any", "state": ["any"]}),
        ({"by": "id", "owner": "self", "type": "any"}, {"id": ["x"], "owner": "self", "type": "any"}),
    ],
)
def test_what_is_asked_for(service: Service, options: dict[str, Any], selected: dict[str, Any]) -> None:
    look("x", url="https://a", **options)
    assert {name: service.asked[0][name] for name in selected} == selected


def test_the_newest_is_chosen(service: Service) -> None:
    (found,) = look("shipper", url="https://a")
    assert found["id"] == NEW.id
    assert found["state"] == "active"


def test_the_same_question_is_asked_once(
    service: Service, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.warnings = ("The key ends soon.",)
    for _time in range(3):
        look("a", "b", "a", url="https://a")
    assert len(service.asked) == 2
    assert warnings == ["The key ends soon."] * 2
    look("a", url="https://a", owner="any")
    look("a", url="https://b")
    assert len(service.asked) == 4
    later = key_lookup.time.monotonic() + key_lookup.REMEMBERED_SECONDS
    monkeypatch.setattr(key_lookup.time, "monotonic", lambda: later)
    look("a", url="https://a")
    assert len(service.asked) == 5


def test_a_secret_is_not_kept_for_the_next_question(service: Service) -> None:
    look("a", url="https://a", **LOGIN)
    assert "a-secret-value" not in str(key_lookup._ANSWERS)


def test_a_missing_key(service: Service, warnings: list[str]) -> None:
    service.keys, service.blind_spot = (), "This login sees only keys of joe."
    with pytest.raises(AnsibleError, match="No active key named 'x' of joe .* sees only keys of joe"):
        look("x", url="https://a")
    with pytest.raises(AnsibleError, match="No key of the id x"):
        look("x", url="https://a", by="id")
    assert look("x", url="https://a", on_missing="skip") == []
    assert warnings == []
    assert look("x", url="https://a", on_missing="warn") == []
    assert len(warnings) == 1


def test_an_error_tells_no_secret(service: Service) -> None:
    service.problem = Unauthorized("Refused a-secret-value.", status=401)
    with pytest.raises(AnsibleError) as refused:
        look("x", url="https://a", **LOGIN)
    assert "a-secret-value" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
