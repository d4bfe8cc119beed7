# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""An audit as the JSON in which it is kept, and what tells whether two audits show the same picture."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._model.audit import OWNER_STATES, Audited
from .._model.errors import KeysmithError
from .._model.finding import CODES, SEVERITIES, Finding
from .._model.key import Owner
from .._model.lifecycle import rendered
from .._model.moment import parse_time
from .._model.selection import MANAGERS, STATES
from .estate import NOUNS, Cluster, Estate, Unaudited, summary

KIND, FORMAT = "keysmith.elastic audit", 1

_MARKER = re.compile(rb"keysmith picture: ([0-9a-f]{64})\b")

# Fields of a key that have one of a few values.
_CHOICES = {"owner_state": OWNER_STATES, "state": STATES, "manager": MANAGERS}


class BadAudit(KeysmithError):
    """What should be an audit is none."""

    code = "bad_audit"


def picture(estate: Estate) -> str:
    """Return a digest that is the same as long as clusters, keys and findings are: 64 hex digits.

    Ages and the time left are no part of it, so that the same picture seen a day later is no change.
    """
    digest = hashlib.sha256()
    for cluster in sorted(estate.clusters, key=lambda one: one.name):
        digest.update(_line([cluster.name, cluster.kind, cluster.gaps, cluster.notes, cluster.policy]))
        for row in sorted(_line(_row(key)) for key in cluster.api_keys):
            digest.update(row)
    for unaudited in sorted(estate.unaudited):
        digest.update(_line([unaudited.name]))
    return digest.hexdigest()


def _line(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode("ascii") + b"\n"


def _row(key: Audited) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "type": key.type,
        "owner": key.owner.username if key.owner else None,
        "realm": key.owner.realm if key.owner else None,
        "owner_state": key.owner_state,
        "state": key.state,
        "creation": _time(key.creation),
        "expiration": _time(key.expiration),
        "manager": key.manager,
        "managed_by": key.managed_by,
        "creator": key.creator,
        "successor": key.successor,
        "findings": [finding._asdict() for finding in key.findings],
    }


def _time(ms: int | None) -> str | None:
    return None if ms is None else rendered(ms)


def to_json(estate: Estate, seen: str) -> bytes:
    """Return the estate as JSON, each key on a line of its own; ``seen`` is its picture."""
    return b"".join(_pieces(estate, seen))


def _pieces(estate: Estate, seen: str) -> Iterator[bytes]:
    head = {"kind": KIND, "format": FORMAT, "picture": seen}
    yield _opened(head) + b', "clusters": ['
    for number, cluster in enumerate(estate.clusters):
        told = {
            "name": cluster.name,
            "kind": cluster.kind,
            "audited_at": rendered(cluster.at),
            "login": cluster.login,
            "blind_spot": cluster.blind_spot,
            "users_unknown": cluster.users_unknown,
            "rights_unknown": cluster.rights_unknown,
            "notes": list(cluster.notes),
            "policy": cluster.policy,
            "summary": summary(cluster.api_keys),
        }
        yield (b",\n" if number else b"\n") + _opened(told) + b', "api_keys": ['
        yield b",".join(b"\n" + _line(_row(key)).rstrip() for key in cluster.api_keys)
        yield b"]}"
    unaudited = [one._asdict() for one in estate.unaudited]
    yield b'], "unaudited": ' + _line(unaudited).rstrip() + b"}\n"


def _opened(value: Mapping[str, Any]) -> bytes:
    """Return a mapping as JSON to which more can be added."""
    return _line(value).rstrip()[:-1]


def picture_in(raw: bytes) -> str | None:
    """Return the picture that an audit in JSON shows; None: it is none of ours."""
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    told = found.get("picture") if isinstance(found, Mapping) and found.get("kind") == KIND else None
    return told if isinstance(told, str) else None


def marker(picture: str) -> str:
    """Return the words by which a report in another form tells its picture, in its first line."""
    return f"keysmith picture: {picture}"


def picture_marked(raw: bytes) -> str | None:
    """Return the picture that a report in another form shows; None: it is none of ours."""
    found = _MARKER.search(raw.partition(b"\n")[0])
    return found[1].decode("ascii") if found else None


def from_json(raw: bytes, where: str) -> Estate:
    """Read what ``to_json`` has written.

    :param where: the file's name for messages.
    :raises BadAudit: it is something else.
    """
    hint = "Give files that es_api_key_audit, ec_api_key_audit, ece_api_key_audit or key_report has written."
    try:
        found = json.loads(raw)
        if found["kind"] != KIND:
            raise ValueError("kind")
        if found["format"] != FORMAT:
            raise BadAudit(f"{where} is an audit in a format that this version does not know.", "Audit once more.")
        clusters = tuple(_cluster(told) for told in found["clusters"])
        unaudited = tuple(Unaudited(str(told["name"]), str(told["reason"]), _kind(told)) for told in found["unaudited"])
    except BadAudit:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, KeysmithError):
        raise BadAudit(f"{where} is no audit of this collection.", hint) from None
    return Estate(clusters, unaudited)


def _cluster(told: Mapping[str, Any]) -> Cluster:
    cluster = Cluster(
        name=str(told["name"]),
        kind=_kind(told),
        at=parse_time(told["audited_at"], "audited_at"),
        login=dict(told["login"]),
        blind_spot=_text(told["blind_spot"]),
        users_unknown=_text(told["users_unknown"]),
        rights_unknown=_text(told["rights_unknown"]),
        notes=tuple(str(note) for note in told["notes"]),
        policy=dict(told["policy"]),
        api_keys=tuple(_key(row) for row in told["api_keys"]),
    )
    # What is not a time is found out here, where the file's name is known.
    _ms(cluster.login.get("expiration"))
    return cluster


def _kind(told: Mapping[str, Any]) -> str:
    if told["kind"] not in NOUNS:
        raise ValueError("kind")
    return str(told["kind"])


def _key(row: Mapping[str, Any]) -> Audited:
    for field, choices in _CHOICES.items():
        if row[field] not in choices:
            raise ValueError(field)
    return Audited(
        id=str(row["id"]),
        name=str(row["name"]),
        type=str(row["type"]),
        owner=None if row["owner"] is None else Owner(str(row["owner"]), _text(row["realm"])),
        owner_state=row["owner_state"],
        state=row["state"],
        creation=_ms(row["creation"]),
        expiration=_ms(row["expiration"]),
        manager=row["manager"],
        managed_by=_text(row["managed_by"]),
        creator=_text(row["creator"]),
        successor=_text(row["successor"]),
        findings=tuple(_finding(one) for one in row["findings"]),
    )


def _finding(told: Mapping[str, Any]) -> Finding:
    if told["code"] not in CODES or told["severity"] not in SEVERITIES:
        raise ValueError("finding")
    return Finding(told["code"], told["severity"], str(told["text"]))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _ms(value: Any) -> int | None:
    return None if value is None else parse_time(value, "time")
