# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers say, in the words of each service."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http.answer import (
    describe_page,
    error_of,
    expiration_of,
    read_error,
    redirected,
    shortened,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    ServerError,
    Unauthorized,
    Unavailable,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber

SECRET = "the-very-secret-text"


def scrubber() -> Scrubber:
    made = Scrubber()
    made.add(SECRET)
    return made


def error(status: int, body: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_of(status, content, "GET /x of https://es", "the user u", scrubber())


def elasticsearch(reason: str, **more: Any) -> dict[str, Any]:
    found = {"type": "some_exception", "reason": reason, **more}
    return {"error": {"root_cause": [{"type": "r", "reason": "root"}], **found}, "status": 400}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorized), (403, Forbidden), (404, NotFound), (409, ServerError), (405, ServerError)]
    + [(429, Unavailable), (500, Unavailable), (503, Unavailable)],
)
def test_types(status: int, kind: type) -> None:
    found = error(status, elasticsearch("why"))
    assert found.__class__ is kind
    assert (found.status, found.type, found.reason) == (status, "some_exception", "why")
    assert "why" in found.message and "GET /x of https://es" in found.message and str(status) in found.message


def test_top_and_deepest_reason() -> None:
    body = elasticsearch("top", caused_by={"reason": "middle", "caused_by": {"type": "t", "reason": "deepest."}})
    found = error(400, body)
    assert found.reason == "deepest."
    assert found.message.endswith("top: deepest.")
    assert "middle" not in found.message


def test_error_as_a_plain_string() -> None:
    found = error(405, {"error": "Incorrect HTTP method for uri [/]", "status": 405})
    assert found.reason == "Incorrect HTTP method for uri [/]"


def test_body_without_an_error_is_kept() -> None:
    found = error(404, {"api_keys": []})
    assert found.body == {"api_keys": []}
    assert found.reason is None


@pytest.mark.parametrize(
    ("tried", "credentials"),
    [
        (None, ()),
        ("API key: api key is expired", ("API key: api key is expired",)),
        (["API key: one", "oauth2 token: two"], ("API key: one", "oauth2 token: two")),
    ],
)
def test_unsuccessful_credentials(tried: Any, credentials: tuple[str, ...]) -> None:
    found = error(401, elasticsearch("unable", additional_unsuccessful_credentials=tried))
    assert found.credentials == credentials
    assert all(text in found.message for text in credentials)
    assert "the user u" in found.message


def test_elastic_cloud_errors() -> None:
    body = {"errors": [{"code": "a.b", "message": "bad", "fields": ["body.x"]}, {"message": "worse"}]}
    found = error(400, body)
    assert (found.type, found.reason) == ("a.b", "bad (body.x); worse")
    assert read_error({"errors": [{}]}).deepest == "no reason given"


@pytest.mark.parametrize(
    "body", [[], "text", 3, None, {"error": None}, {"error": {"caused_by": "x"}}, {"errors": "x"}, {"errors": []}]
)
def test_strange_json_is_no_reason_to_fail(body: Any) -> None:
    assert error(500, body).status == 500


def test_html_of_a_proxy() -> None:
    page = b"<!DOCTYPE html><html><head><TITLE>502 Bad&nbsp;Gateway</TITLE></head><body>...</body></html>"
    found = error(502, page)
    assert "an HTML page, not JSON (a proxy?), titled '502 Bad Gateway'" in found.message
    assert error(502, b"<html>no title").reason == "an HTML page, not JSON (a proxy?)"


def test_other_text() -> None:
    assert "'upstream  gone'" not in error(502, b"upstream  gone").message
    assert "'upstream gone', which is not JSON" in error(502, b"upstream  gone").message
    assert error(502, b"").reason is None
    assert error(502, b"\xff\xfe\x00").status == 502
    assert error(500, b"[" * 100_000).status == 500


def test_everything_is_scrubbed() -> None:
    body = elasticsearch(
        f"top {SECRET}", caused_by={"reason": f"deep {SECRET}"}, additional_unsuccessful_credentials=f"x {SECRET}"
    )
    body["error"][SECRET] = [{"a": SECRET}]
    for found in (error(401, body), error(500, f"<html><title>{SECRET}".encode()), error(500, SECRET.encode())):
        everything = f"{found} {found.fields} {found.body} {found.reason} {getattr(found, 'credentials', '')}"
        assert SECRET not in everything
        assert "the-very" not in everything


def test_a_secret_at_the_cut_is_not_halved() -> None:
    for length in range(560, 610):
        found = error(400, elasticsearch("x" * length + SECRET))
        assert "the-" not in str(found)
        page = describe_page(b"<title>" + b"x" * (length - 400) + SECRET.encode() + b"</title>", scrubber())
        assert "the-" not in page


def test_long_reasons_keep_their_start() -> None:
    reason = "unknown cluster privilege [x]. a privilege must be one of [" + ", ".join(f"priv_{n}" for n in range(300))
    found = error(400, elasticsearch(reason))
    assert found.reason.startswith("unknown cluster privilege [x].")
    assert len(found.reason) < 650 and "characters more" in found.reason
    assert shortened("a" * 600) == "a" * 600


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://other.example:9/path?code=1", "https://other.example:9"),
        ("https://user:pw@other.example/", "https://other.example"),
        ("//other.example/x", "other.example"),
        ("/login", "/login"),
        (None, "nowhere"),
        ("https://[::1", "something unreadable"),
    ],
)
def test_redirects_name_the_host_alone(location: str | None, shown: str) -> None:
    found = redirected(302, location, "GET /x of https://es", scrubber())
    assert f"a redirect to {shown}, which" in found.message
    assert found.status == 302 and found.hint and "url" in found.hint
    assert "pw" not in str(found) and "code" not in str(found)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-11-21T00:00:00Z", 1795219200000),
        ("2026-11-21T00:00:00.123456789Z", 1795219200123),
        ("2026-11-21t01:00:00.5+01:00", 1795219200500),
        ("2026-11-21T01:00:00+0100", 1795219200000),
        ("2026-11-21T00:00:00", 1795219200000),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 1795219200000),
        ("Sat, 21 Nov 2026 01:00:00 +0100", 1795219200000),
        ("1795219200", 1795219200000),
        ("1795219200123", 1795219200123),
        ("0001-01-01T00:00:00Z", None),
        ("2026-13-21T00:00:00Z", None),
        ("never", None),
        ("", None),
        (None, None),
        ("-1", None),
        ("0", None),
    ],
)
def test_expiration_header(text: str | None, milliseconds: int | None) -> None:
    assert expiration_of(text) == milliseconds
