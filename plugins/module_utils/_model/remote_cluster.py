# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A remote cluster as the searching cluster is told of it: settings, what differs, and what the answers of the server mean.

What is said here of answers was seen on 8.19.21 and 9.5.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .compare import Change
from .errors import OptionError, Refused

PREFIX = "cluster.remote."
# Both the issuing and the using side refuse with any other.
LICENSES = ("trial", "enterprise")
# An index that no access covers, unless it covers all: what refuses it names the key in use.
UNCOVERED = "keysmith-which-key-is-in-use"

_ALIAS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
_KEY_IN_USE = re.compile(r"API key id \[([\w-]+)\]", re.ASCII)
_REFUSED_KEY = re.compile(
    r"unable to authenticate user \[([\w-]+)\]|api key \[([\w-]+)\] has been invalidated", re.ASCII
)

# What belongs to one mode only; the server refuses it with the other.
_OF_MODE = {
    "proxy": ("proxy_address", "server_name", "proxy_socket_connections"),
    "sniff": ("seeds", "node_connections"),
}


@dataclass(frozen=True)
class RemoteWanted:
    """``settings`` are those below ``cluster.remote.<alias>``, in the server's form: None where one must not be there."""

    alias: str
    settings: Mapping[str, Any]
    present: bool = True

    @property
    def credential(self) -> str:
        """Return the name of the secure setting that holds the key."""
        return credential_setting(self.alias)


def credential_setting(alias: str) -> str:
    """Return the name of the secure setting that holds the key for a remote cluster."""
    return f"{PREFIX}{alias}.credentials"


def check_alias(alias: str, option: str) -> None:
    """Raise OptionError for what cannot name a remote cluster, in its settings and in the keystore."""
    if not _ALIAS.fullmatch(alias):
        raise OptionError(
            option,
            f"{option}: {alias!r} cannot name a remote cluster.",
            "Use letters, digits, hyphens and underscores.",
        )


def split_address(address: str, option: str) -> tuple[str, int]:
    """Return host and port. Raises OptionError for anything else than ``host:port``."""
    fitting = _ADDRESS.fullmatch(address)
    if fitting is None or not 0 < int(fitting[2]) < 65536:
        raise OptionError(
            option,
            f"{option}: {address!r} is not host:port.",
            "Give one such as es.example.net:9443, without https://.",
        )
    return fitting[1].strip("[]"), int(fitting[2])


def wanted_remote(options: Mapping[str, Any]) -> RemoteWanted:
    """Return what the options want.

    :param options: ``name``, ``state``, ``mode``, ``proxy_address``, ``server_name``, ``seeds``, ``skip_unavailable``, ``settings``.
    :raises OptionError: one is malformed, missing, or of the other mode.
    """
    alias, mode = options["name"], options["mode"]
    check_alias(alias, "name")
    if options["state"] == "absent":
        return RemoteWanted(alias, {}, present=False)
    other = "sniff" if mode == "proxy" else "proxy"
    for name in _OF_MODE[other]:
        if options.get(name) is not None or name in options["settings"]:
            raise OptionError(
                name, f"{name} is given, but belongs to mode: {other}.", f"Leave it out, or set mode: {other}."
            )
    needed = {"proxy": "proxy_address", "sniff": "seeds"}[mode]
    if not options[needed]:
        example = "es.example.net:9443" if mode == "proxy" else "[es1.example.net:9443]"
        raise OptionError(needed, f"{needed} is missing, which mode: {mode} needs.", f"Give it, such as {example}.")
    for address in [options[needed]] if mode == "proxy" else options[needed]:
        split_address(address, needed)
    if "credentials" in options["settings"]:
        raise OptionError(
            "settings",
            "settings.credentials is a secure setting, and no setting of a cluster.",
            "Put the key into the keystores.",
        )
    own = {"mode", "proxy_address", "server_name", "seeds", "skip_unavailable"}
    for name in options["settings"]:
        if name in own:
            raise OptionError("settings", f"settings.{name} is given twice over.", "It has an option of its own.")
    given = {
        name: options[name] for name in ("mode", needed, "server_name", "skip_unavailable") if options[name] is not None
    }
    unwanted = dict.fromkeys(_OF_MODE[other])
    return RemoteWanted(alias, {**unwanted, **given, **options["settings"]})


def differences(wanted: RemoteWanted, shown: Mapping[str, Any]) -> list[Change]:
    """Return what has to be written, by whole names of settings.

    :param shown: the persistent settings of the cluster, flat. What the task does not name is left alone.
    """
    start = f"{PREFIX}{wanted.alias}."
    there = {name: value for name, value in shown.items() if name.startswith(start)}
    if not wanted.present:
        return [Change(name, value, None) for name, value in sorted(there.items())]
    changes = []
    for name, value in wanted.settings.items():
        before, after = there.get(start + name), _written(value)
        if before != after:
            changes.append(Change(start + name, before, after))
    return changes


def _written(value: Any) -> Any:
    """Return a value as the server shows it: everything is text, or a list of texts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    return value if value is None else str(value)


def trust_of(settings: Mapping[str, Any], certificates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how a node connects, as es_remote_probe has it: ``enabled``, ``ca_paths``, ``verification``.

    :param settings: those below ``xpack.security.remote_cluster_client.ssl.``, flat. A node shows ``enabled``, and hides the others.
    :param certificates: those that the node says to have read, for whatever purpose. What is in a store of Java's, or comes with
        Java, nobody else can read; then nothing can be verified.
    """
    foreign = [one for one in certificates if not one.get("has_private_key")]
    readable = foreign and all(one.get("format") == "PEM" for one in foreign)
    paths = sorted({str(one["path"]) for one in foreign}) if readable else []
    enabled = str(settings.get("enabled", "true")).lower() == "true"
    return {"enabled": enabled, "ca_paths": paths, "verification": "full" if paths else "none"}


def refuse_license(kind: str, status: str, address: str) -> None:
    """Raise Refused where the licence of the cluster does not cover keys for remote clusters; then every search would be refused."""
    if kind in LICENSES and status == "active":
        return
    what = f"is {kind}" if status == "active" else f"is {kind} and {status}"
    raise Refused(
        f"The licence of the cluster at {address} {what}, and remote clusters with API keys need Enterprise or a trial.",
        "Both clusters need one.",
        license=kind,
    )


def not_reloaded(nodes: Mapping[str, Any], setting: str | None) -> list[str]:
    """Return the nodes that did not take the secure settings over, each with the reason.

    :param setting: what each must have read, if anything.
    :param nodes: of the answer to a reload. Elasticsearch 8.19 shows no names of settings, 9.5 does.
    """
    problems = []
    for one in nodes.values():
        failed = one.get("reload_exception")
        names = one.get("secure_setting_names")
        if failed:
            problems.append(f"{one.get('name')}: {failed.get('reason')}")
        elif names is not None and setting is not None and setting not in names:
            problems.append(f"{one.get('name')}: its keystore has no {setting}")
    return problems


def search_problem(alias: str, body: Any) -> str | None:
    """Return why a search through the remote cluster found nothing out, in the server's words; None: it did.

    :param body: of the answer, whatever its status. With skip_unavailable a search that failed is answered with 200.
    """
    if not isinstance(body, Mapping):
        return "the answer is not JSON"
    if "error" in body:
        return _deepest(body["error"])
    detail = ((body.get("_clusters") or {}).get("details") or {}).get(alias) or {}
    if detail.get("status") == "successful":
        return None
    reasons = [_deepest(failure.get("reason")) for failure in detail.get("failures") or ()]
    return reasons[0] if reasons else f"the search is {detail.get('status', 'not told of')}"


def _deepest(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    credentials = error.get("additional_unsuccessful_credentials")
    if credentials:
        return f"{error.get('reason')} ({credentials})"
    while isinstance(error.get("caused_by"), Mapping):
        error = error["caused_by"]
    return str(error.get("reason"))


def key_in_use(reason: str | None) -> str | None:
    """Return the id of the key with which the remote cluster was asked for something that it refused."""
    found = _KEY_IN_USE.search(reason or "") or _REFUSED_KEY.search(reason or "")
    return next((group for group in found.groups() if group), None) if found else None


def hint_for(reason: str, addresses: Sequence[str]) -> str:
    """Return what is likely to help."""
    where = ", ".join(addresses)
    if "Unable to connect" in reason or "connect_exception" in reason or "Connection refused" in reason:
        return (
            f"The node says no more than that: see that {where} is reached from it, that both sides agree on TLS, that the node trusts the "
            "certificate (xpack.security.remote_cluster_client.ssl.*), and its log."
        )
    if "non-compliant" in reason:
        return "Both clusters need the licence Enterprise, or a trial."
    if "invalid credentials" in reason or "has been invalidated" in reason or "unable to find apikey" in reason:
        return "The keystore of the node holds another key, or was not reloaded."
    if "unauthorized" in reason:
        return "The index must be within the access of the key and within the rights of the login that searches."
    if "no such index" in reason:
        return "Name an index that exists on the remote cluster, or a pattern such as logs-*."
    return "See the log of the node."
