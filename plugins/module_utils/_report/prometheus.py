# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The report as text for Prometheus, to be left where the node exporter's textfile collector finds it.

The format is version 0.0.4 of Prometheus's text exposition: HELP and TYPE before the samples of a metric, label values with backslash,
quote and line feed escaped, a line feed at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Union

from .._model.finding import CODES
from .document import marker
from .estate import Estate, creator_of, owner_of, summary

Value = Union[int, float]


class Metric(NamedTuple):
    """A gauge and its samples: labels and a value each."""

    name: str
    text: str
    samples: Iterable[tuple[Mapping[str, str], Value]]


def to_prometheus(estate: Estate, picture: str) -> bytes:
    """Return the metrics of an estate."""
    lines = [f"# {marker(picture)}"]
    for metric in _metrics(estate):
        lines.append(f"# HELP {metric.name} {metric.text}")
        lines.append(f"# TYPE {metric.name} gauge")
        lines += [_sample(metric.name, labels, value) for labels, value in metric.samples]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _metrics(estate: Estate) -> Iterator[Metric]:
    yield from _of_audits(estate)
    yield from _of_keys(estate)


def _of_audits(estate: Estate) -> Iterator[Metric]:
    audited = [({"cluster": cluster.name}, 1) for cluster in estate.clusters]
    failed = [({"cluster": one.name}, 0) for one in estate.unaudited]
    yield Metric(
        "keysmith_audit_success",
        "Whether the cluster, organization or installation could be audited.",
        audited + failed,
    )
    yield Metric(
        "keysmith_audit_timestamp_seconds",
        "When it was audited, by its own clock.",
        [({"cluster": cluster.name}, cluster.at / 1000) for cluster in estate.clusters],
    )
    yield Metric(
        "keysmith_audit_complete",
        "Whether the login of the audit could see all that it was to judge.",
        [({"cluster": cluster.name}, int(not cluster.gaps)) for cluster in estate.clusters],
    )
    yield Metric(
        "keysmith_login_expiration_timestamp_seconds",
        "When the credential ends that the audit logged in with. Those that never end, or whose end is not told, have none.",
        [
            ({"cluster": cluster.name}, cluster.login_end / 1000)
            for cluster in estate.clusters
            if cluster.login_end is not None
        ],
    )


def _of_keys(estate: Estate) -> Iterator[Metric]:
    counts = {cluster.name: summary(cluster.api_keys) for cluster in estate.clusters}
    yield Metric(
        "keysmith_keys",
        "How many API keys the audit saw.",
        [
            ({"cluster": name, "state": state}, many)
            for name, told in counts.items()
            for state, many in told["states"].items()
        ],
    )
    yield Metric(
        "keysmith_findings",
        "Of how many API keys the audit says this.",
        [
            ({"cluster": name, "code": code, "severity": CODES[code]}, many)
            for name, told in counts.items()
            for code, many in told["codes"].items()
        ],
    )
    yield Metric(
        "keysmith_key_expiration_timestamp_seconds",
        "When an active API key ends. Keys that never end have none.",
        _ends(estate),
    )


def _ends(estate: Estate) -> Iterator[tuple[Mapping[str, str], Value]]:
    for cluster, key in estate.rows():
        if key.state == "active" and key.expiration is not None:
            labels = {
                "cluster": cluster.name,
                "id": key.id,
                "name": key.name,
                "owner": owner_of(key),
                "creator": creator_of(key),
                "realm": (key.owner.realm if key.owner else None) or "",
                "type": key.type,
                "managed_by": key.managed_by or "",
                "successor": key.successor or "",
            }
            yield labels, key.expiration / 1000


def _sample(name: str, labels: Mapping[str, str], value: Value) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
