# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of ECE by their clock, and users by what the service tells of them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import refuse_misplaced
from ansible_collections.keysmith.elastic.plugins.module_utils._api.ece import AUTH, EceKeysApi, EceLogin, current_user
from ansible_collections.keysmith.elastic.plugins.module_utils._http.answer import Answer, new_secrets
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import Auth, BearerAuth
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ece_api_key import EceKeys, method, wanted_key
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    NotElasticsearch,
    OptionError,
    Refused,
    Unauthorized,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Mark
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key_text import id_in_ece_key
from ansible_collections.keysmith.elastic.plugins.module_utils._model.plan import Issue

DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
AN_HOUR_LATER = "2027-01-15T09:00:00.000Z"


class FakeService:
    """Gives tokens one after the other, and keeps time."""

    def __init__(self, end: str | None = AN_HOUR_LATER) -> None:
        self.now, self.end, self.refuses = 0.0, end, ""
        self.sent: list[tuple[str, Any, dict[str, str]]] = []

    def send(self, auth: Auth, path: str, body: Any) -> Answer:
        what = path[len(AUTH) + 1 :]
        self.sent.append((what, body, auth.headers()))
        if what == self.refuses:
            raise Unauthorized("no", status=401)
        given = {"token": f"token-{len(self.sent)}"}
        return Answer(200, {**given, **({"session_expiration_time": self.end} if self.end else {})}, {"Date": DATE})

    def login(self) -> EceLogin:
        return EceLogin("joe", "joes-pass", clock=lambda: self.now)

    def asked(self) -> list[str]:
        return [what for what, _body, _headers in self.sent]


def test_the_password_is_sent_once_and_without_a_state() -> None:
    service = FakeService()
    login = service.login()
    assert login.headers() == {}
    session = login.renewed(service.send)
    assert service.sent == [("_login", {"username": "joe", "password": "joes-pass"}, {})]
    assert session.headers() == {"Authorization": "Bearer token-1"}
    assert {"joes-pass", "token-1"} <= set(session.secrets())
    assert "joes-pass" not in repr(session) and "token-1" not in repr(session)
    session.ended(service.send)
    assert service.sent[-1] == ("_logout", None, session.headers())
    login.ended(service.send)
    assert len(service.sent) == 2, "there is nothing to end"


@pytest.mark.parametrize(
    ("end", "lasts"), [(AN_HOUR_LATER, 3540), ("2027-01-15T08:01:00Z", 30), (None, 60), ("2020-01-01T00:00:00Z", 60)]
)
def test_a_session_is_renewed_before_it_ends(end: str | None, lasts: int) -> None:
    service = FakeService(end)
    session = service.login().renewed(service.send)
    service.now = lasts - 1
    assert session.renewed(service.send) is session
    service.now = lasts
    renewed = session.renewed(service.send)
    assert service.sent[-1] == ("_refresh", None, session.headers())
    assert renewed.headers() == {"Authorization": "Bearer token-2"}


def test_one_that_cannot_be_renewed_is_followed_by_another() -> None:
    service = FakeService()
    session = service.login().renewed(service.send)
    service.now, service.refuses = 4000, "_refresh"
    session.renewed(service.send)
    assert service.asked() == ["_login", "_refresh", "_login"]
    # The last one has no header of the old session.
    assert service.sent[-1][2] == {}


def test_a_refused_session_is_tried_once_more() -> None:
    service = FakeService()
    assert service.login().alternative() is None
    first = service.login().renewed(service.send)
    second = first.alternative()
    assert second is not None and second.renewed(service.send).alternative() is None


@pytest.mark.parametrize("body", [None, {}, {"token": None}, {"token": ""}, {"token": "with a blank"}])
def test_an_answer_without_a_token_is_not_the_service(body: Any) -> None:
    with pytest.raises(NotElasticsearch, match="holds no token"):
        FakeService().login().renewed(lambda _auth, _path, _body: Answer(200, body, {}))


def test_half_a_login_is_refused() -> None:
    for given in (("", "x"), ("x", "")):
        with pytest.raises(OptionError, match="is empty"):
            EceLogin(*given)


def test_a_token_is_learned_from_an_answer_that_was_spoilt() -> None:
    assert new_secrets(b'{"token": "eyJhbGci.eyJzdWIi.c2lnbmF0dXJl"}') == ["eyJhbGci.eyJzdWIi.c2lnbmF0dXJl"]
    assert new_secrets(b'{"token":"eyJhbGci.eyJzdWIi.c2lnbmF0dXJl","sess') == ["eyJhbGci.eyJzdWIi.c2lnbmF0dXJl"]
    key = "am9lOjAxMjM0NTY3ODlhYmNkZWY6c2VjcmV0"
    assert new_secrets(f"<p>{{&quot;key&quot;: &quot;{key}==&quot;".encode()) == [f"{key}=="]
    assert new_secrets(rf"it broke: {{\"key\":\"{key}\"".encode()) == [key]
    assert new_secrets(b"This is no API key: unconditionally-refused, and no token: unconditionally-refused") == []


class FakeClient:
    """Answers every read with one body."""

    def __init__(self, body: Any) -> None:
        self.body, self.auth, self.address, self.key_expiration = body, BearerAuth("t"), "ece:12443", None

    def read(self, _method: str, _path: str, **_more: Any) -> Answer:
        return Answer(200, self.body, {})

    def write(self, _method: str, _path: str, *, body: Any = None, **_more: Any) -> Answer:
        made = {"id": "new", "key": "secret-of-the-key", "user_id": "corp/joe", **body}
        self.body["keys"].append({name: value for name, value in made.items() if name != "key"})
        return Answer(201, made, {})


def user(**security: Any) -> dict[str, Any]:
    return {"user_name": "joe", "builtin": False, "security": security, "keys": []}


def keys(body: Any, **params: Any) -> EceKeys:
    return EceKeys(EceKeysApi(FakeClient(body)), params)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", [{}, {"permissions": None}, {"permissions": []}, {"security_realm": "x"}])
def test_what_the_service_does_not_tell_forbids_nothing(security: dict[str, Any]) -> None:
    service = keys(user(**security), state="present")
    assert method(wanted_key({"description": "n"}), service.login(), service.capabilities(), False, frozenset())
    assert service.login().owner.realm is None
    assert keys(user(**security), state="absent", user_id="jim").capabilities()


def test_a_permission_that_is_missing_is_named() -> None:
    body = user(permissions=["get-api-keys"], security_realm={"id": "found", "type": "native"})
    service = keys(body, state="present")
    assert str(service.login().owner) == "joe (realm found)"
    with pytest.raises(Refused, match="joe may make no API keys.*create-api-key"):
        method(wanted_key({"description": "n"}), service.login(), service.capabilities(), False, frozenset())
    with pytest.raises(Refused, match="joe may not delete keys of jim.*delete-user-api-key"):
        keys(body, state="absent", user_id="jim").capabilities()


def test_whose_a_key_is_goes_by_the_names_that_the_service_has_for_a_user() -> None:
    """A user of an external realm may be another name where keys are shown; a key that was just made tells it for certain."""
    body = {**user(), "keys": [{"id": "old", "user_id": "corp/joe"}, {"id": "own", "user_id": "joe"}, {"id": "untold"}]}
    service = keys(body)
    assert [str(key.owner) for key in service.listed()] == ["corp/joe", "joe", "joe"]
    made = service.create(Issue("n", {}, None, "create"), wanted_key({"description": "n"}), Mark("nonce"), None)
    assert made.key is not None and str(made.key.owner) == "joe"
    assert [str(key.owner) for key in service.listed()] == ["joe"] * 4
    assert {str(key.owner) for key in keys(body, user_id="corp/joe").all_keys()} == {"corp/joe"}


@pytest.mark.parametrize("body", [None, {}, {"user_name": 1}])
def test_a_service_that_names_no_user_is_not_ece(body: Any) -> None:
    with pytest.raises(NotElasticsearch, match="names no user"):
        current_user(FakeClient(body))  # type: ignore[arg-type]


def test_a_key_of_ece_is_known_by_its_form() -> None:
    identifier = "0123456789abcdef" * 2
    key = base64.b64encode(f"joe:{identifier}:{'s' * 43}".encode()).decode()
    assert id_in_ece_key(key) == id_in_ece_key(f"ApiKey {key}") == identifier
    for other in ("", "essu_abc", "x", base64.b64encode(b"joe:short:secret").decode()):
        assert id_in_ece_key(other) is None
    with pytest.raises(OptionError, match="description holds an API key") as refused:
        refuse_misplaced({"description": key})
    assert key not in str(refused.value)
    refuse_misplaced({"api_key": key})
