# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Elastic Cloud and ECE, by what their service answers: pages, paces, what is sent, and how long a key is to live."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._api.cloud_keys import (
    KEYS,
    CloudKeysApi,
    check_service,
    key_from_json,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._http.answer import Answer
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.cloud_keys import sent_life
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ec_api_key import ElasticCloudKeys, parse_life
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import NEVER, Duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    AnswerLost,
    NotElasticsearch,
    NotFound,
    OptionError,
    ServerError,
    Unauthorized,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Mark
from ansible_collections.keysmith.elastic.plugins.module_utils._model.plan import Issue
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import OpaqueSecret
from ansible_collections.keysmith.elastic.plugins.module_utils._model.wanted import Wanted

HOUR, DAY = 3600, 86_400
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"


class FakeClient:
    """Answers reads by their cursor, and every write with what is given; of a list with one after the other."""

    def __init__(self, pages: Mapping[Any, Any] | None = None, written: Any = None) -> None:
        self.pages, self.written = pages or {}, written
        self.sent: list[tuple[str, str, Any]] = []

    def read(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        cursor = (params or {}).get("next_page")
        self.sent.append((method, path, cursor))
        return Answer(200, self.pages[cursor], {"Date": DATE})

    def write(self, method: str, path: str, *, body: Any = None, once: bool = False, **_more: Any) -> Answer:
        self.sent.append((method, path, once))
        answer = self.written.pop(0) if isinstance(self.written, list) else self.written
        if isinstance(answer, Exception):
            raise answer
        return Answer(200, answer, {})


def raw(key_id: str) -> dict[str, Any]:
    return {"id": key_id, "description": "n", "creation_date": "2027-01-15T08:00:00Z"}


@pytest.mark.parametrize("end", [{}, {"next_page": ""}, {"next_page": None}, {"next_page": "2"}, {"next_page": 3}])
def test_pages_end_where_no_other_cursor_comes(end: dict[str, Any]) -> None:
    client = FakeClient(
        {
            None: {"keys": [raw("a"), raw("b")], "next_page": "2"},
            "2": {"keys": [raw("b"), raw("c")], **end},
        }
    )
    api = CloudKeysApi(client)  # type: ignore[arg-type]
    assert [[key.id for key in page] for page in api.pages()] == [["a", "b"], ["c"]]
    assert [cursor for _method, _path, cursor in client.sent] == [None, "2"]
    assert api.time == 1_800_000_000_000


@pytest.mark.parametrize("body", [None, {}, {"keys": None}])
def test_a_list_without_keys_is_not_the_service(body: Any) -> None:
    with pytest.raises(NotElasticsearch, match="holds no keys"):
        list(CloudKeysApi(FakeClient({None: body})).pages())  # type: ignore[arg-type]


def test_a_create_without_a_secret_is_a_lost_answer() -> None:
    for body in (None, {}, {"id": "x"}, {"key": "essu_x"}):
        client = FakeClient(written=body)
        with pytest.raises(AnswerLost):
            CloudKeysApi(client).create({"description": "n"})  # type: ignore[arg-type]
        assert client.sent == [("POST", KEYS, True)]


def test_deletes_are_paced_and_a_missing_key_is_a_dead_one() -> None:
    pauses: list[float] = []
    gone = NotFound("no such key", status=404, type="api_keys.key_not_found")
    client = FakeClient(written=gone)
    keys = ElasticCloudKeys(CloudKeysApi(client), {}, sleep=pauses.append)  # type: ignore[arg-type]
    assert keys.revoke(["b", "a"]) == {"a", "b"}
    assert keys.revoke(["c/d"]) == {"c/d"}
    assert [path for _method, path, _once in client.sent] == [f"{KEYS}/a", f"{KEYS}/b", f"{KEYS}/c%2Fd"]
    assert pauses == [1.0, 1.0]
    client.written = NotFound("no such path", status=404, type="root.resource_not_found")
    with pytest.raises(NotFound):
        keys.revoke(["e"])


def test_a_delete_that_came_too_soon_is_tried_again() -> None:
    """Another process may have deleted a key a moment ago."""
    pauses: list[float] = []
    soon = ServerError("too fast", status=500)
    client = FakeClient(written=[soon, soon, None])
    assert ElasticCloudKeys(CloudKeysApi(client), {}, sleep=pauses.append).revoke(["a"]) == {"a"}  # type: ignore[arg-type]
    assert pauses == [1.0, 1.0] and len(client.sent) == 3
    for problem, times in ((soon, 4), (ServerError("no", status=403), 1)):
        client = FakeClient(written=problem)
        with pytest.raises(ServerError):
            ElasticCloudKeys(CloudKeysApi(client), {}, sleep=pauses.append).revoke(["a"])  # type: ignore[arg-type]
        assert len(client.sent) == times


@pytest.mark.parametrize(("status", "there", "times"), [(400, "n", 2), (409, "n", 2), (403, "n", 1), (400, "m", 1)])
def test_what_is_no_matter_of_the_description_is_refused_as_it_was(status: int, there: str, times: int) -> None:
    first, second = ServerError("the first", status=status), ServerError("the second", status=status)
    client = FakeClient({None: {"keys": [{**raw("a"), "description": there}]}}, [first, second])
    keys = ElasticCloudKeys(CloudKeysApi(client), {"organization_id": "1"})  # type: ignore[arg-type]
    with pytest.raises(ServerError, match="the first"):
        keys.create(Issue("n", {}, None, "create"), Wanted("n"), Mark("0" * 32), None)
    assert [method for method, _path, _once in client.sent].count("POST") == times


class GoneClient(FakeClient):
    """Refuses every write, as to a key that is dead, and shows no key."""

    def login_as(self, auth: Any) -> GoneClient:
        return self

    def read(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        raise NotFound("no such key", status=404, type="api_keys.key_not_found")


def test_a_successor_that_is_refused_says_nothing_of_its_predecessor() -> None:
    """A dead key cannot be told by another one's 401: it would be taken for revoked, and live."""
    keys = ElasticCloudKeys(CloudKeysApi(GoneClient(written=Unauthorized("no", status=401))), {})  # type: ignore[arg-type]
    heir = OpaqueSecret("heir", "essu_x")
    assert not keys.revoke_as(heir, "predecessor")
    assert keys.revoke_as(heir, "heir"), "what cannot log in and is not there is dead"


def test_answers_of_something_else_are_told() -> None:
    check_service(Answer(200, {}, {}))
    check_service(Answer(200, None, {}))
    with pytest.raises(NotElasticsearch, match="is an Elasticsearch"):
        check_service(Answer(200, {}, {"X-elastic-product": "Elasticsearch"}))
    with pytest.raises(NotElasticsearch, match="no JSON object"):
        check_service(Answer(200, [], {}))


def test_unknown_fields_of_a_key_are_kept_and_its_secret_is_not() -> None:
    key = key_from_json({**raw("a"), "key": "essu_x", "user_id": "7", "organization_id": "1", "new": [1]})
    assert (key.creator, str(key.owner), key.extra["new"]) == ("7", "1", [1])
    assert "essu_x" not in repr(key)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (None, None),
        (NEVER, None),
        (Duration(90 * DAY), "90d"),
        (Duration(36 * HOUR), "36h"),
        (Duration(10), "1h"),
        # A predecessor's life, a second short because some clock rounded.
        (Duration(90 * DAY - 1), "90d"),
        (Duration(90 * DAY + HOUR - 61), "90d"),
    ],
)
def test_only_whole_hours_are_sent(asked: Duration | None, sent: str | None) -> None:
    life = sent_life(asked)
    assert (life and life.to_server()) == sent


def test_a_time_is_a_life_until_then() -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * DAY))
    assert 28 * DAY < parse_life(day, "expiration").seconds <= 30 * DAY
    assert parse_life("never", "expiration").never
    assert parse_life("2w", "expiration").seconds == 14 * DAY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("90m", "not a number of whole hours"),
        ("3601s", "not a number of whole hours"),
        ("2020-01-01", "has passed"),
        ("2099-01-01", "more than the one year"),
        ("367d", "more than the one year"),
        ("1M", "months or years"),
        ("2026-13-01", "is not a time"),
    ],
)
def test_a_life_that_cannot_be_given(text: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        parse_life(text, "expiration")
