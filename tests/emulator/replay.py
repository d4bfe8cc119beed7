# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays recorded requests against an emulator and compares what comes back."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from emulator_client import REPOSITORY, Client, basic, start

RECORDINGS = REPOSITORY.parent / "shared" / "reference" / "elasticsearch-recorded"
SERVERS = {
    "8.19.21": ("8.19.21", "trial"),
    "9.5.3": ("9.5.3", "trial"),
    "8.19.21-basic-license": ("8.19.21", "basic"),
}
PASSWORD = "x-pack-test-password"
_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20}(?![A-Za-z0-9_-])")

# Of the requests that were sent with an API key the recording tells the key only where the answer names it; otherwise it
# was the key that a user had made last, except for these.
_SENT_BY_KEY_NAMED = {
    ("GET", "/_security/api_key?name=i1"): "mgr",
    ("POST", "/_security/user/_has_privileges"): "zz",
}
_DELETED_BY_KEY_NAMED = {"t1": "mgr"}


def load(name: str) -> list[dict[str, Any]]:
    """The recorded pairs of one server."""
    path = RECORDINGS / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass
class Outcome:
    """What a recorded request led to."""

    row: dict[str, Any]
    status: int
    body: Any
    expected: Any
    differences: list[str]


class Replay:
    """One pass over a recording. Ids and secrets of the recording stand for those of the emulator."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: dict[str, str] = {}
        self._encoded: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._last_made = ""
        self._names: dict[str, str] = {}

    def send(self, row: dict[str, Any]) -> Outcome:
        """Replays one request."""
        body = self._body(row)
        headers = self._headers(row)
        if "api key is expired" in json.dumps(row["response"]):
            self._client.control("POST", "clock", {"advance": "2s"})
        raw = row["raw_body"].encode() if "raw_body" in row else None
        reply = self._client.call(row["method"], self._map(row["path"]), body, user=None, raw=raw, headers=headers)
        self._learn(row, reply.body)
        expected = json.loads(self._map(json.dumps(row["response"])))
        differences = [] if reply.status == row["status"] else [f"status {reply.status} instead of {row['status']}"]
        differences += compare(expected, reply.body)
        return Outcome(row, reply.status, reply.body, expected, differences)

    def _map(self, text: str) -> str:
        return _ID.sub(lambda match: self._ids.get(match.group(0), match.group(0)), text)

    def _body(self, row: dict[str, Any]) -> Any:
        if "body" not in row:
            return None
        body = json.loads(self._map(json.dumps(row["body"])))
        if body.get("api_key") == "***":
            body["api_key"] = self._cloned(row)
        return body

    def _cloned(self, row: dict[str, Any]) -> str:
        """The credential of a clone, guessed from the answer."""
        source = self._encoded[self._by_name["src"]]
        said = json.dumps(row["response"])
        if "Illegal base64 character 5f" in said:
            return "_" + source[1:]
        if "invalid credentials" in said:
            return base64.b64encode(base64.b64decode(source)[:-1] + b"!").decode()
        return self._encoded[self._last_made] if "cross_cluster" in said else source

    def _headers(self, row: dict[str, Any]) -> dict[str, str]:
        sender = row["as_"]
        if sender is None or sender == "None":
            return {}
        if sender == "<other>":
            return {"Authorization": f"Bearer {self._encoded[self._last_made]}"}
        if sender == "<api key>":
            return {"Authorization": f"ApiKey {self._key_of(row)}"}
        password = "changeme" if sender == "elastic" else PASSWORD
        if row["status"] == 401:
            password = "wrong-password"
        return {"Authorization": basic((sender, password))}

    def _key_of(self, row: dict[str, Any]) -> str:
        said = json.dumps(row["response"])
        if "invalid ApiKey value" in said:
            return base64.b64encode(b"no colon").decode()
        illegal = re.search(r"Illegal base64 character (\w\w)", said)
        if illegal:
            return f"a{chr(int(illegal.group(1), 16))}b"
        if "apikey with id nosuch" in said:
            return base64.b64encode(b"nosuch:secret").decode()
        wrong = re.search(r"invalid credentials for API key \[(.*?)\]", said)
        if wrong:
            return base64.b64encode(f"{self._ids[wrong.group(1)]}:wrong".encode()).decode()
        named = re.search(r"API key id \[(.*?)\]", said)
        if named:
            return self._encoded[named.group(1)]
        return self._encoded[self._unnamed_key(row)]

    def _unnamed_key(self, row: dict[str, Any]) -> str:
        name = _SENT_BY_KEY_NAMED.get((row["method"], row["path"]))
        if row["method"] == "DELETE" and "ids" in row.get("body", {}):
            name = _DELETED_BY_KEY_NAMED.get(self._names[row["body"]["ids"][0]])
        return self._by_name[name] if name else self._last_made

    def _learn(self, row: dict[str, Any], body: Any) -> None:
        recorded = row["response"]
        if not isinstance(recorded, dict) or "encoded" not in recorded or not isinstance(body, dict):
            return
        if "encoded" not in body:
            return
        self._ids[recorded["id"]] = body["id"]
        self._encoded[recorded["id"]] = body["encoded"]
        self._by_name[recorded["name"]] = recorded["id"]
        self._names[recorded["id"]] = recorded["name"]
        if row["as_"] != "<api key>":
            self._last_made = recorded["id"]


def replay(name: str) -> list[Outcome]:
    """Every request of a recording, in its order, against one emulator."""
    version, license_type = SERVERS[name]
    server = start(version=version, license=license_type)
    client = Client(server.urls["elasticsearch"])
    try:
        run = Replay(client)
        return [run.send(row) for row in load(name)]
    finally:
        client.close()
        server.stop()


def compare(expected: Any, got: Any, path: str = "") -> list[str]:
    """Where two answers differ in keys, in types, or in the types of their errors."""
    if isinstance(expected, dict) and "_truncated" in expected:
        # The recording left a long answer out.
        return []
    if _kind(expected) != _kind(got):
        return [f"{path or '.'}: {_kind(got)} instead of {_kind(expected)}"]
    if isinstance(expected, dict):
        return _compare_objects(expected, got, path)
    if isinstance(expected, list):
        return _compare_lists(expected, got, path)
    if path.endswith(".type") and path.startswith(".error") and expected != got:
        return [f"{path}: {got} instead of {expected}"]
    return []


def _kind(value: Any) -> str:
    return type(value).__name__


def _compare_objects(expected: dict[str, Any], got: dict[str, Any], path: str) -> list[str]:
    if path == ".nodes":
        # The names are the ids of nodes.
        return compare(list(expected.values()), list(got.values()), f"{path}[]")
    found = [f"{path}.{name}: missing" for name in expected if name not in got]
    found += [f"{path}.{name}: unexpected" for name in got if name not in expected]
    if path == "" and expected.get("total", 0) > expected.get("count", 0) > 0:
        # A page of an unsorted search: which keys are on it is the server's choice.
        return found + [text for text in compare_pages(expected["api_keys"], got["api_keys"]) if not found]
    return found + [
        text for name in expected if name in got for text in compare(expected[name], got[name], f"{path}.{name}")
    ]


def compare_pages(expected: list[Any], got: list[Any]) -> list[str]:
    """Pages of other keys: as many, and with the fields that every key has."""
    common = set.intersection(*(set(item) for item in expected))
    found = [f"a key without {sorted(common - set(item))}" for item in got if not common <= set(item)]
    return found + ([f"{len(got)} keys instead of {len(expected)}"] if len(got) != len(expected) else [])


def _compare_lists(expected: list[Any], got: list[Any], path: str) -> list[str]:
    if expected and isinstance(expected[0], dict) and "id" in expected[0]:
        by_id = {item["id"]: item for item in got}
        missing = [f"{path}: {item['name']} is missing" for item in expected if item["id"] not in by_id]
        return missing + [
            text for item in expected if item["id"] in by_id for text in compare(item, by_id[item["id"]], f"{path}[]")
        ]
    found = [] if len(expected) == len(got) else [f"{path}: {len(got)} items instead of {len(expected)}"]
    return found + [text for one, other in zip(expected, got) for text in compare(one, other, f"{path}[]")]


_ACCIDENTAL = {
    *("id", "api_key", "encoded", "uid", "issue_date", "expiry_date", "issued_to", "node", "nodes", "cluster_name"),
    *("_sort", "noops"),
}


def compare_values(expected: Any, got: Any, name: str = "") -> list[str]:
    """Where two answers of the same shape hold different values, apart from what is different in every run."""
    if name in _ACCIDENTAL or (isinstance(expected, dict) and "_truncated" in expected):
        return []
    if isinstance(expected, dict):
        return [text for key in expected for text in compare_values(expected[key], got[key], key)]
    if isinstance(expected, list):
        if expected and isinstance(expected[0], dict) and "id" in expected[0]:
            by_id = {item["id"]: item for item in got}
            pairs = [(item, by_id[item["id"]]) for item in expected if item["id"] in by_id]
        else:
            pairs = list(zip(expected, got))
        return [text for one, other in pairs for text in compare_values(one, other, name)]
    if isinstance(expected, int) and expected > _A_TIME:
        return []
    return [] if _plain(expected) == _plain(got) else [f"{name}: {got!r} instead of {expected!r}"]


# Larger than any number that is not a time in milliseconds.
_A_TIME = 10**12


def _plain(value: Any) -> Any:
    """A text without places in bodies, and whatever the order of the names that it lists."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"\[\d+:\d+\] ", "", value)
    return re.sub(r"[a-z_]+(,[a-z_]+){2,}", lambda names: ",".join(sorted(names[0].split(","))), text)
