# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against servers of its own: requests as sent, repeats, fail-over, typed errors, no secret in any text."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http import session
from ansible_collections.keysmith.elastic.plugins.module_utils._http.auth import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    NoAuth,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._http.client import Client
from ansible_collections.keysmith.elastic.plugins.module_utils._http.settings import ConnectionSettings
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    AnswerLost,
    KeysmithError,
    MissingLibrary,
    NotElasticsearch,
    NotFound,
    NotSent,
    OptionError,
    ReadOnlyViolation,
    ServerError,
    TlsError,
    Unauthorized,
    Unavailable,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber

HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
KINDS: dict[str, Callable[[Any], Any]] = {
    "read": lambda client: client.read("GET", "/x"),
    "write": lambda client: client.write("PUT", "/x", body={}),
    "once": lambda client: client.write("POST", "/x", body={}, once=True),
}


# --- a request as it is sent


def test_a_read_as_sent(serve: Any, connect: Any) -> None:
    server = serve()
    answer = connect(server.url).read(
        "GET", "/_security/api_key", params={"id": "a b&c", "owner": True, "n": 3, "no": None}
    )
    (seen,) = server.seen
    assert (answer.status, answer.body) == (200, {"ok": True})
    assert answer.headers["CONTENT-TYPE"] == "application/json"
    assert (seen.method, seen.path) == ("GET", "/_security/api_key?id=a%20b%26c&owner=true&n=3")
    assert seen.headers["Authorization"].startswith("ApiKey ")
    assert seen.headers["Accept"] == "application/json"
    assert seen.headers["Accept-Encoding"] == "gzip"
    assert seen.headers["User-Agent"] == "keysmith.elastic"
    assert seen.headers["Content-Type"] is None
    assert seen.headers["es-security-runas-user"] is None


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT"])
def test_a_body_is_compact_utf8_json(serve: Any, connect: Any, method: str) -> None:
    server = serve()
    connect(server.url).write(method, "/x", body={"name": "Schlüssel 鍵", "ids": ["a", "b"]})
    (seen,) = server.seen
    assert seen.body == '{"name":"Schlüssel 鍵","ids":["a","b"]}'.encode()
    assert seen.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [{"n": float("nan")}, {"x": "\udcff"}, {"x": object()}])
def test_a_body_that_is_no_json_is_refused_without_showing_it(serve: Any, connect: Any, body: Any) -> None:
    server = serve()
    with pytest.raises(KeysmithError, match="cannot be written as JSON"):
        connect(server.url).write("POST", "/x", body=body)
    assert server.seen == []


@pytest.mark.parametrize("prefix", ["", "/", "/es", "/es/", "/a/b"])
def test_prefixes_of_urls(serve: Any, connect: Any, prefix: str) -> None:
    server = serve()
    connect(server.url + prefix).read("GET", "/_security/user/a%2Fb%20c")
    assert server.seen[0].path == f"{prefix.rstrip('/')}/_security/user/a%2Fb%20c"


@pytest.mark.parametrize("path", ["_security", "/a/..", "/a/./b", "/a/%2e%2E", "/../x", "/.", "/x/%2E/"])
def test_paths_that_would_lead_elsewhere(serve: Any, connect: Any, path: str) -> None:
    server = serve()
    with pytest.raises(KeysmithError, match="cannot be asked for"):
        connect(server.url).write("PUT", path)
    assert server.seen == []


def test_ipv6_literal(serve: Any, connect: Any) -> None:
    server = serve(host="::1")
    assert connect(server.url).read("GET", "/").body == {"ok": True}


def test_gzip(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(200, gzip.compress(b'{"a":1}'), Content_Encoding="gzip"))
    assert connect(server.url).read("GET", "/").body == {"a": 1}


def test_empty_answers(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(200, b""))
    assert connect(server.url).read("GET", "/").body is None


def test_run_as(serve: Any, connect: Any) -> None:
    server = serve()
    client = connect(server.url, run_as="jürgen")
    client.read("GET", "/")
    client.login_as(BearerAuth("t0k3n")).read("GET", "/")
    client.login_as(BearerAuth("t0k3n"), run_as="other").read("GET", "/")
    # The server reads headers as ISO 8859-1.
    assert [seen.headers["es-security-runas-user"] for seen in server.seen] == ["jürgen", None, "other"]


def test_one_connection_for_many_requests_and_logins(serve: Any, connect: Any) -> None:
    server = serve()
    client = connect(server.url)
    other = client.login_as(BasicAuth("u", "p4ssw0rd"))
    for each in (client, other, client):
        each.read("GET", "/")
        each.write("POST", "/", body={}, once=True)
    assert server.connections == 1
    assert client.requests_sent == other.requests_sent == 6


def test_login_as(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(
        steps.says(200, {}, X_Elastic_Api_Key_Expiration="1795219200"),
        steps.says(200, {}),
        steps.says(500, {"error": "says p4ssw0rd"}),
    )
    client = connect(server.url, read_only=True)
    client.read("GET", "/")
    other = client.login_as(BasicAuth("u", "p4ssw0rd"))
    other.read("GET", "/")
    assert (client.key_expiration, other.key_expiration) == (1795219200000, None)
    assert server.seen[1].headers["Authorization"] == "Basic " + base64.b64encode(b"u:p4ssw0rd").decode()
    assert (client.auth.describe(), other.auth.describe()) == ("the API key the-id", "the user u")
    with pytest.raises(ReadOnlyViolation):
        other.write("PUT", "/x")
    with pytest.raises(Unavailable) as caught:
        client.read("GET", "/")
    assert "p4ssw0rd" not in str(caught.value)
    with pytest.raises(OptionError, match="run_as"):
        client.login_as(NoAuth(), run_as="\n")


def passwords_seen(server: Any) -> list[str]:
    tokens = [seen.headers["Authorization"].split()[1] for seen in server.seen]
    return [base64.b64decode(token).decode().split(":")[1] for token in tokens]


def test_a_pending_password_is_tried_once_and_remembered(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(401, {}), steps.says(404, {}), steps.says(200, {}))
    client = connect(server.url).login_as(BasicAuth("u", "0ld-w0rd", "n3w-w0rd"), run_as="other")
    # Whoever is told that there is nothing was let in.
    with pytest.raises(NotFound):
        client.read("GET", "/")
    client.write("POST", "/", body={}, once=True)
    assert passwords_seen(server) == ["0ld-w0rd", "n3w-w0rd", "n3w-w0rd"]
    assert {seen.headers["es-security-runas-user"] for seen in server.seen} == {"other"}


def test_a_password_that_works_is_kept(serve: Any, connect: Any, steps: Any) -> None:
    server = serve()
    client = connect(server.url).login_as(BasicAuth("u", "0ld-w0rd", "n3w-w0rd"))
    client.read("GET", "/")
    client.read("GET", "/")
    assert passwords_seen(server) == ["0ld-w0rd", "0ld-w0rd"]


def test_where_both_passwords_are_refused_both_are_tried_again(serve: Any, connect: Any, steps: Any) -> None:
    """A node that starts refuses right ones, too."""
    server = serve(*[steps.says(401, {"error": "says n3w-w0rd"})] * 2, steps.says(200, {}))
    client = connect(server.url).login_as(BasicAuth("u", "0ld-w0rd", "n3w-w0rd"))
    with pytest.raises(Unauthorized) as refused:
        client.read("GET", "/")
    assert "n3w-w0rd" not in str(refused.value)
    client.read("GET", "/")
    assert passwords_seen(server) == ["0ld-w0rd", "n3w-w0rd", "0ld-w0rd"]


def test_a_login_that_another_run_changed_is_read_anew(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(*[steps.says(401, {})] * 2, steps.says(200, {}))
    asked = []

    def again() -> BasicAuth:
        asked.append(1)
        return BasicAuth("u", "0ld-w0rd" if len(asked) > 1 else "n3w-w0rd", "n3xt-w0rd", again)

    client = connect(server.url).login_as(BasicAuth("u", "0ld-w0rd", again=again))
    client.write("POST", "/", body={}, once=True)
    client.read("GET", "/")
    assert passwords_seen(server) == ["0ld-w0rd", "n3w-w0rd", "n3xt-w0rd", "n3xt-w0rd"]
    assert asked == [1]


def test_a_login_that_is_refused_for_good_is_not_tried_for_ever(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(401, {}))

    def again() -> BasicAuth:
        return BasicAuth("u", "0ld-w0rd", "n3w-w0rd", again)

    client = connect(server.url).login_as(again())
    with pytest.raises(Unauthorized):
        client.read("GET", "/")
    assert passwords_seen(server) == ["0ld-w0rd", "n3w-w0rd"]


def test_the_expiry_of_the_key_is_noted_on_errors_too(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(404, {}, x_elastic_api_key_expiration="2026-11-21T00:00:00Z"))
    client = connect(server.url)
    assert client.key_expiration is None
    with pytest.raises(NotFound):
        client.read("GET", "/")
    assert client.key_expiration == 1795219200000


def test_read_only_sends_nothing(serve: Any, connect: Any) -> None:
    server = serve()
    client = connect(server.url, read_only=True)
    for once in (True, False):
        with pytest.raises(ReadOnlyViolation):
            client.write("POST", "/x", body={}, once=once)
    assert (server.connections, client.requests_sent) == (0, 0)
    client.read("POST", "/_query", body={})
    assert len(server.seen) == 1


def test_the_check_sees_every_success_and_nothing_else(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(200, {"n": 1}), steps.says(404, {}), steps.says(200, {"n": 2}))
    checked: list[Any] = []

    def check(answer: Any) -> None:
        checked.append(answer.body)
        if answer.body == {"n": 2}:
            raise NotElasticsearch("not this")

    client = connect(server.url, check=check)
    client.read("GET", "/")
    with pytest.raises(NotFound):
        client.read("GET", "/")
    with pytest.raises(NotElasticsearch, match="not this"):
        client.login_as(NoAuth()).read("GET", "/")
    assert checked == [{"n": 1}, {"n": 2}]


# --- what is repeated


def spoiled(steps: Any) -> dict[str, tuple[Any, dict[str, type]]]:
    """What a server does, and how it ends for each kind of request."""
    lost = {"read": AnswerLost, "write": AnswerLost, "once": AnswerLost}
    gateway = {"read": Unavailable, "write": Unavailable, "once": AnswerLost}
    return {
        "reset": (steps.resets, lost),
        "hang-up": (steps.hangs_up, lost),
        "silence": (steps.keeps_silent, lost),
        "half an answer": (steps.breaks_off, lost),
        "gibberish": (steps.speaks_gibberish, lost),
        "429": (steps.says(429, {}), {"read": Unavailable, "write": Unavailable, "once": Unavailable}),
        "502": (steps.says(502, HTML, Content_Type="text/html"), gateway),
        "503": (steps.says(503, {}), gateway),
        "504": (steps.says(504, HTML), gateway),
        "500": (steps.says(500, {}), gateway),
        "501": (steps.says(501, {}), gateway),
        "409": (steps.says(409, {}), {"read": ServerError, "write": ServerError, "once": ServerError}),
    }


FAILURES = [
    "reset",
    "hang-up",
    "silence",
    "half an answer",
    "gibberish",
    "429",
    "502",
    "503",
    "504",
    "500",
    "501",
    "409",
]
# All others are repeated.
FINAL = {("read", "500"), ("read", "501"), ("read", "409"), ("write", "500"), ("write", "501"), ("write", "409")} | {
    ("once", failure) for failure in FAILURES if failure != "429"
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kind", KINDS)
def test_repeats(serve: Any, connect: Any, steps: Any, kind: str, failure: str) -> None:
    step, errors = spoiled(steps)[failure]
    server = serve(step)
    client = connect(server.url, retries=2, read_timeout=0.3)
    with pytest.raises(errors[kind]) as caught:
        KINDS[kind](client)
    final = (kind, failure) in FINAL
    assert len(server.seen) == client.requests_sent == (1 if final else 3)
    assert client.pauses == ([] if final else [0.5, 1.0])
    assert caught.value.__cause__ is None and (caught.value.__context__ is None or caught.value.__suppress_context__)
    if kind == "once" and failure not in ("409", "429"):
        assert "may have been carried out" in str(caught.value)


@pytest.mark.parametrize(("kind", "failure"), [(k, f) for k in KINDS for f in FAILURES if (k, f) not in FINAL])
def test_a_repeat_that_succeeds(serve: Any, connect: Any, steps: Any, kind: str, failure: str) -> None:
    server = serve(spoiled(steps)[failure][0], steps.says(200, {"done": True}))
    client = connect(server.url, read_timeout=0.3)
    assert KINDS[kind](client).body == {"done": True}
    assert client.requests_sent == 2


@pytest.mark.parametrize("kind", KINDS)
def test_refused_connections_are_repeated_whatever_the_request(connect: Any, closed_port: int, kind: str) -> None:
    client = connect(f"http://127.0.0.1:{closed_port}", retries=3, random=lambda: 0.5)
    with pytest.raises(NotSent, match=f"Nothing listens at 127.0.0.1:{closed_port}, given by url") as caught:
        KINDS[kind](client)
    assert (client.pauses, client.requests_sent) == ([0.25, 0.5, 1.0], 0)
    assert caught.value.hint


def test_names_that_nobody_resolves(connect: Any) -> None:
    with pytest.raises(NotSent, match="host name of nosuch.invalid:9200, given by url, cannot be resolved"):
        connect("http://nosuch.invalid:9200", retries=0).read("GET", "/")


def test_a_server_that_takes_no_connection(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def times_out(*_where: Any, **_known: Any) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib3.util.connection.create_connection", times_out)
    with pytest.raises(NotSent, match="did not take the connection within 10.0 seconds"):
        connect("http://127.0.0.1:9200", retries=0).read("GET", "/")


def test_lost_answers_name_the_timeout(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.keeps_silent)
    with pytest.raises(
        AnswerLost, match=r"GET /x of http://127.0.0.1:\d+ was not answered within 0.2 seconds.* timeout"
    ):
        connect(server.url, retries=0, read_timeout=0.2).read("GET", "/x", params={"name": "n"})


def test_no_retries(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(503, {}))
    with pytest.raises(Unavailable):
        connect(server.url, retries=0).read("GET", "/")
    assert len(server.seen) == 1


def test_an_html_page_instead_of_an_answer_to_a_create(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(502, HTML, Content_Type="text/html"))
    with pytest.raises(AnswerLost, match="an HTML page, not JSON .*502 Bad Gateway") as caught:
        connect(server.url).write("POST", "/_security/api_key", body={}, once=True)
    assert caught.value.fields["status"] == 502


# --- Retry-After


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "read"), (503, "read"), (429, "write"), (503, "write"), (429, "once")]
)
def test_retry_after_seconds(serve: Any, connect: Any, steps: Any, status: int, kind: str) -> None:
    server = serve(steps.says(status, {}, Retry_After="7"), steps.says(200, {}))
    client = connect(server.url, random=lambda: 0.0)
    KINDS[kind](client)
    assert client.pauses == [7.0]


def test_retry_after_date_by_the_answers_own_clock(serve: Any, connect: Any, steps: Any) -> None:
    dates = {"Retry_After": formatdate(1_000_000_030, usegmt=True), "Date": formatdate(1_000_000_000, usegmt=True)}
    server = serve(steps.says(429, {}, **dates), steps.says(200, {}))
    client = connect(server.url, random=lambda: 0.0)
    client.read("GET", "/")
    assert client.pauses == [30.0]


def test_retry_after_that_is_too_long(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(429, {"error": "busy"}, Retry_After="121"))
    client = connect(server.url)
    with pytest.raises(Unavailable, match="busy.*wait 121 seconds .Retry-After.*120"):
        client.read("GET", "/")
    assert (client.pauses, len(server.seen)) == ([], 1)


def test_retry_after_makes_no_create_repeatable(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(503, {}, Retry_After="1"))
    client = connect(server.url)
    with pytest.raises(AnswerLost):
        client.write("POST", "/x", once=True)
    assert len(server.seen) == 1


# --- several URLs


@pytest.mark.parametrize("kind", KINDS)
def test_fail_over_at_once_and_for_the_rest_of_the_run(serve: Any, connect: Any, closed_port: int, kind: str) -> None:
    server = serve()
    client = connect(f"http://127.0.0.1:{closed_port}", server.url)
    KINDS[kind](client)
    KINDS[kind](client.login_as(NoAuth()))
    assert (client.pauses, client.requests_sent) == ([], 2)
    assert [f"127.0.0.1:{closed_port}" in text for text in client.warnings] == [True]


def test_an_unreachable_url_is_still_tried_last(serve: Any, connect: Any, steps: Any, closed_port: int) -> None:
    last = serve(steps.says(200, {"n": "last"}))
    client = connect(f"http://127.0.0.1:{closed_port}", last.url, retries=0)
    client.read("GET", "/")
    last.shutdown()
    last.server_close()
    client.close()
    with pytest.raises(NotSent, match="None of the 2 addresses in url") as caught:
        client.read("GET", "/")
    assert str(caught.value).index(str(last.port)) < str(caught.value).index(str(closed_port))


def test_a_create_does_not_fail_over_when_its_answer_was_lost(serve: Any, connect: Any, steps: Any) -> None:
    first, second = serve(steps.resets), serve()
    with pytest.raises(AnswerLost):
        connect(first.url, second.url).write("POST", "/x", body={}, once=True)
    assert (len(first.seen), len(second.seen)) == (1, 0)


def test_a_read_whose_answer_was_lost_goes_to_another_url(serve: Any, connect: Any, steps: Any) -> None:
    first, second = serve(steps.says(503, {})), serve()
    client = connect(first.url, second.url)
    client.read("GET", "/")
    client.read("GET", "/")
    # It could be reached, so that it is the first one again for the next request.
    assert (len(first.seen), len(second.seen), client.warnings) == (2, 2, [])


# --- typed errors


def test_unauthorized(serve: Any, connect: Any, steps: Any) -> None:
    tried = "API key: invalid credentials for API key [the-id]"
    error = {"type": "security_exception", "reason": "unable", "additional_unsuccessful_credentials": tried}
    server = serve(steps.says(401, {"error": error, "status": 401}))
    with pytest.raises(Unauthorized, match="refused to the API key the-id") as caught:
        connect(server.url).read("GET", "/")
    assert caught.value.credentials == (tried,)
    assert len(server.seen) == 1


@pytest.mark.parametrize("content", [b"<html><title>Sign in</title></html>", b"hello", b'{"truncated":'])
def test_a_success_that_is_no_json(serve: Any, connect: Any, steps: Any, content: bytes) -> None:
    server = serve(steps.says(200, content, Content_Type="text/html"))
    client = connect(server.url)
    with pytest.raises(NotElasticsearch, match="not JSON"):
        client.read("GET", "/")
    assert len(server.seen) == 1
    with pytest.raises(AnswerLost, match="may have been carried out"):
        client.write("POST", "/x", once=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(serve: Any, connect: Any, steps: Any, status: int) -> None:
    other = serve()
    server = serve(steps.says(status, b"", Location=f"{other.url}/x?one-time=secret"))
    client = connect(server.url)
    for send in KINDS.values():
        with pytest.raises(
            ServerError, match=f"redirect to http://127.0.0.1:{other.port}, which is not followed"
        ) as caught:
            send(client)
        assert caught.value.status == status
        assert "one-time" not in str(caught.value)
    assert (other.connections, len(server.seen)) == (0, 3)


def test_a_redirect_to_nonsense(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(302, b"", Location="https://[::1"))
    with pytest.raises(ServerError, match="a redirect to something unreadable"):
        connect(server.url).read("GET", "/")


def test_cookies_are_not_kept(serve: Any, connect: Any, steps: Any) -> None:
    server = serve(steps.says(200, {}, Set_Cookie="sid=logged-in; Path=/"))
    client = connect(server.url)
    client.read("GET", "/")
    client.login_as(NoAuth()).read("GET", "/")
    assert [seen.headers["Cookie"] for seen in server.seen] == [None, None]


def test_plain_http_on_a_tls_port(serve: Any, connect: Any, authority: Any) -> None:
    server = serve(tls=authority.context())
    client = connect(server.url.replace("https:", "http:"), retries=0)
    with pytest.raises(TlsError, match="the server speaks TLS there.*https://"):
        client.read("GET", "/")
    with pytest.raises(TlsError):
        client.write("POST", "/x", once=True)
    assert server.seen == []


def test_a_create_that_got_no_answer_from_a_port_that_has_spoken_plain_http(
    serve: Any, connect: Any, steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "speaks_tls", lambda *_any: True)
    server = serve(steps.says(200, {}), steps.hangs_up)
    client = connect(server.url)
    client.read("GET", "/")
    with pytest.raises(AnswerLost):
        client.write("POST", "/x", once=True)


# --- nothing secret in any text


@pytest.mark.parametrize(
    ("auth", "secrets"),
    [
        (ApiKeyAuth(base64.b64encode(b"id1:s3cr3t-t3xt").decode()), ["s3cr3t-t3xt"]),
        (BasicAuth("u", 'pä"ss w0rd'), ['pä"ss w0rd', 'pä\\"ss w0rd']),
        (BearerAuth("t0k3n-t3xt"), ["t0k3n-t3xt"]),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_echoing_server(serve: Any, connect: Any, auth: Any, secrets: list[str], kind: str) -> None:
    forms = [*secrets, *auth.secrets(), base64.b64encode(secrets[0].encode()).decode()]

    def echoes(handler: Any) -> None:
        text = f"{dict(handler.headers)} {' '.join(forms)} {json.dumps(forms)}"
        error = {"type": "x", "reason": text, "caused_by": {"reason": text}, text: [text]}
        handler.answer(500, {"error": error})

    def echoes_html(handler: Any) -> None:
        handler.answer(500, f"<html><title>{handler.headers['Authorization']} {' '.join(forms)}</title>".encode())

    client = connect(serve(echoes, echoes_html).url, auth=auth)
    for _step in range(2):
        with pytest.raises(KeysmithError) as caught:
            KINDS[kind](client)
        error = caught.value
        everything = f"{error!r} {error} {error.fields} {getattr(error, 'body', '')} {vars(error)}"
        assert not [form for form in forms if form in everything]


def test_the_proxy_password_is_scrubbed_too(serve: Any, connect: Any, proxy: Any, steps: Any) -> None:
    token = base64.b64encode(b"pu:pr0xy-s3cret").decode()
    server = serve(steps.says(500, {"error": f"pr0xy-s3cret {token}"}))
    client = connect(server.url, proxy=server.url, proxy_username="pu", proxy_password="pr0xy-s3cret")
    with pytest.raises(Unavailable) as caught:
        client.read("GET", "/")
    assert "pr0xy" not in str(caught.value) and token not in str(caught.value)


# --- the surroundings


def test_netrc_is_not_used(serve: Any, connect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password else\nmachine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve()
    client = connect(server.url)
    client.read("GET", "/")
    client.login_as(NoAuth()).read("GET", "/")
    assert [(seen.headers["Authorization"] or "")[:6] for seen in server.seen] == ["ApiKey", ""]


def test_proxies_of_the_environment_are_not_used(serve: Any, connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server, trap = serve(), serve()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, trap.url)
        monkeypatch.setenv(name.upper(), trap.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    connect(server.url).read("GET", "/")
    assert (len(server.seen), trap.connections) == (1, 0)


def test_without_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "REQUESTS_PROBLEM", "No module named 'requests'")
    settings = ConnectionSettings(urls=("https://es",), auth=NoAuth())
    with pytest.raises(MissingLibrary, match="requests is not installed for .*python.* -m pip install requests"):
        Client(settings, read_only=True, scrubber=Scrubber())


def test_settings_are_checked_and_their_warnings_kept(connect: Any) -> None:
    with pytest.raises(OptionError, match="user name or a password"):
        connect("https://u:p@es")
    assert len(connect("http://es.example.net").warnings) == 1


def test_context_manager(serve: Any) -> None:
    settings = ConnectionSettings(urls=(serve().url,), auth=NoAuth())
    with Client(settings, read_only=True, scrubber=Scrubber()) as client:
        assert client.read("GET", "/").status == 200
