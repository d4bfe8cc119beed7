# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup stored_key over real records."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible.utils.display import Display
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import (
    LoginRecord,
    PendingPassword,
    StoredPassword,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Intent, Previous, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret, OpaqueSecret
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store

SECRET = ApiKeySecret("VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw")
OLD = "oldlp2axTNmsyakw9tvNnw"
NOW = int(time.time() * 1000)


def record(expiration: int | None = NOW + 3_600_000, **fields: Any) -> Record:
    whole = {"current": Current(SECRET, expiration), "previous": (Previous("old-id", NOW, OLD),), **fields}
    return Record("es_api_key", "shipper", "cluster-1", Owner("keysmith", "native"), **whole)


def stored(path: Path, what: Any) -> str:
    open_store({"type": "file", "path": str(path)}, read_only=False).write(what, None)
    return str(path)


def look(*terms: Any, **options: Any) -> list[Any]:
    return lookup_loader.get("keysmith.elastic.stored_key").run(list(terms), variables={}, **options)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, text, **_more: told.append(text))
    return told


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("encoded", SECRET.encoded),
        ("beats", SECRET.beats),
        ("header", f"ApiKey {SECRET.encoded}"),
        ("id", SECRET.id),
        ("secret", SECRET.value),
    ],
)
def test_forms(tmp_path: Path, form: str, expected: str) -> None:
    assert look(stored(tmp_path / "key.json", record()), form=form) == [expected]


def test_encoded_is_the_default(tmp_path: Path) -> None:
    assert look(stored(tmp_path / "key.json", record())) == [SECRET.encoded]


def test_json_is_like_the_answer_to_a_create(tmp_path: Path) -> None:
    (text,) = look(stored(tmp_path / "key.json", record(1_900_000_000_000)), form="json")
    whole = {"id": SECRET.id, "name": "shipper", "expiration": 1_900_000_000_000}
    assert json.loads(text) == {**whole, "api_key": SECRET.value, "encoded": SECRET.encoded}
    (text,) = look(stored(tmp_path / "endless.json", record(None)), form="json")
    assert "expiration" not in json.loads(text)


def test_the_record_is_what_the_store_holds(tmp_path: Path) -> None:
    path = stored(tmp_path / "key.json", record())
    assert look(path, form="record") == [json.loads(Path(path).read_text(encoding="utf-8"))]


def test_terms_in_order_as_paths_and_stores(tmp_path: Path) -> None:
    first = stored(tmp_path / "first.json", record())
    other = ApiKeySecret("another-id", "another-secret-of-22ch")
    second = stored(tmp_path / "second.json", record(current=Current(other)))
    assert look({"type": "file", "path": second}, first, form="id") == ["another-id", SECRET.id]


def test_a_path_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path / "key.json", record())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KEYSMITH_TEST_PLACE", str(tmp_path))
    assert (
        look("~/key.json", "$KEYSMITH_TEST_PLACE/key.json", {"type": "file", "path": "~/key.json"}, form="id")
        == [SECRET.id] * 3
    )


MISSING = {"nothing there": None, "a creation that was not finished": record(current=None, intents=(Intent("n", NOW),))}


@pytest.mark.parametrize("content", MISSING.values(), ids=MISSING)
def test_a_missing_key(tmp_path: Path, warnings: list[str], content: Record | None) -> None:
    path = str(tmp_path / "key.json") if content is None else stored(tmp_path / "key.json", content)
    with pytest.raises(AnsibleError, match="holds"):
        look(path)
    assert look(path, on_missing="skip") == []
    assert warnings == []
    assert look(path, on_missing="warn") == []
    assert len(warnings) == 1
    assert path in warnings[0]


def test_an_expired_key(tmp_path: Path, warnings: list[str]) -> None:
    path = stored(tmp_path / "key.json", record(NOW - 1000))
    with pytest.raises(AnsibleError, match="ended at"):
        look(path)
    assert look(path, on_expired="skip") == []
    assert warnings == []
    assert look(path, on_expired="warn") == [SECRET.encoded]
    assert len(warnings) == 1
    assert SECRET.id in warnings[0]


def test_a_file_that_others_can_read_needs_a_mode(tmp_path: Path) -> None:
    path = stored(tmp_path / "key.json", record())
    os.chmod(path, 0o640)
    with pytest.raises(AnsibleError, match="readable by group"):
        look(path)
    assert look(path, mode="0640", form="id") == [SECRET.id]
    assert look({"type": "file", "path": path, "mode": "0640"}, form="id") == [SECRET.id]


def test_a_link_is_followed_if_told(tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(stored(tmp_path / "key.json", record()))
    with pytest.raises(AnsibleError, match="symlink"):
        look(str(link))
    assert look(str(link), follow=True, form="id") == [SECRET.id]


def test_nothing_is_written(tmp_path: Path) -> None:
    stored(tmp_path / "key.json", record())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    look(str(tmp_path / "key.json"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("key.json", "relative"),
        ("", "missing"),
        (3, "a number"),
        (None, "null"),
        ({"path": "/nowhere/key.json"}, "store.type"),
        ({"type": "vault", "path": "/nowhere/key.json"}, "store.type"),
        ({"type": "file", "path": "/nowhere/key.json", "colour": "red"}, "store.colour"),
    ],
)
def test_a_wrong_term_is_named(term: Any, words: str) -> None:
    with pytest.raises(AnsibleError, match=words):
        look(term)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"format": 1', '"format": 99'),
        lambda text: text.replace('"previous"', '"p"'),
    ],
    ids=["cut off", "another format", "damaged"],
)
def test_a_broken_record_is_an_error_without_its_secrets(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "key.json"
    stored(path, record())
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(AnsibleError) as raised:
        look(str(path))
    for secret in (SECRET.value, OLD, SECRET.encoded):
        assert secret not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize("secret", [SECRET.value, SECRET.encoded, OLD], ids=["secret", "encoded", "predecessor's"])
def test_every_text_is_scrubbed(tmp_path: Path, warnings: list[str], secret: str) -> None:
    folder = tmp_path / secret.rstrip("=")
    folder.mkdir(mode=0o700)
    path = stored(folder / "key.json", record(NOW - 1000))
    with pytest.raises(AnsibleError) as raised:
        look(path)
    assert secret.rstrip("=") not in str(raised.value)
    look(path, on_expired="warn")
    assert secret.rstrip("=") not in warnings[0]


LOGIN = LoginRecord("robot", "cluster-1", Owner("robot", "native"), current=StoredPassword("the-current-password", NOW))
CHANGING = LOGIN.announce(PendingPassword("the-pending-password", NOW))


def test_forms_of_a_login(tmp_path: Path) -> None:
    path = stored(tmp_path / "login.json", LOGIN)
    assert look(path, form="password") == ["the-current-password"]
    assert look(path, form="username") == ["robot"]
    assert look(path, form="record") == [json.loads(Path(path).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("form", ["encoded", "beats", "header", "id", "secret", "json"])
def test_a_login_has_no_form_of_a_key(tmp_path: Path, form: str) -> None:
    path = stored(tmp_path / "login.json", LOGIN)
    with pytest.raises(AnsibleError, match=f"holds a login, which has no form '{form}'. Give one of username"):
        look(path, form=form)


@pytest.mark.parametrize("form", ["username", "password"])
def test_a_key_has_no_form_of_a_login(tmp_path: Path, form: str) -> None:
    path = stored(tmp_path / "key.json", record())
    with pytest.raises(AnsibleError, match=f"holds a key, which has no form '{form}'. Give one of encoded"):
        look(path, form=form)


def test_a_login_without_a_password_is_missing(tmp_path: Path, warnings: list[str]) -> None:
    path = stored(tmp_path / "login.json", LoginRecord("robot", "cluster-1", Owner("robot")))
    with pytest.raises(AnsibleError, match="a login without a password"):
        look(path, form="password")
    assert look(path, form="password", on_missing="warn") == []
    assert len(warnings) == 1


def test_without_an_address_a_change_under_way_is_warned_of(tmp_path: Path, warnings: list[str]) -> None:
    path = stored(tmp_path / "login.json", CHANGING)
    assert look(path, form="password") == ["the-current-password"]
    assert len(warnings) == 1
    assert "give url" in warnings[0]
    assert look(path, form="username") == ["robot"]
    assert len(warnings) == 1


def test_an_address_that_nobody_answers_at_is_an_error(tmp_path: Path) -> None:
    path = stored(tmp_path / "login.json", CHANGING)
    with pytest.raises(AnsibleError) as raised:
        look(path, form="password", url="http://127.0.0.1:9", retries=0)
    assert "127.0.0.1:9" in str(raised.value)
    assert "-password" not in str(raised.value)


def test_an_address_is_not_asked_without_need(tmp_path: Path) -> None:
    path = stored(tmp_path / "login.json", LOGIN)
    assert look(path, form="password", url="http://127.0.0.1:9") == ["the-current-password"]


def test_a_key_of_another_service_is_returned_as_it_is(tmp_path: Path) -> None:
    secret = OpaqueSecret("the-id", "essu_the-whole-of-it")
    made = Record("ec_api_key", "ci", "org", Owner("org"), current=Current(secret))
    path = stored(tmp_path / "cloud.json", made)
    for form in ("encoded", "secret"):
        assert look(path, form=form) == [secret.value]
    assert look(path, form="header") == [f"ApiKey {secret.value}"]
    assert look(path, form="id") == ["the-id"]
    with pytest.raises(AnsibleError, match="no form for Beats") as refused:
        look(path, form="beats")
    assert secret.value not in str(refused.value)
