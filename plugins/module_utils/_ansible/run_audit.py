# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A module that audits keys: the selected keys to what is to be said of them, a result of bounded size, and a file with all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._http.client import Client
from .._kinds.listing import Listing, ListingKind, time_of_service
from .._model.audit import Audited, audit
from .._model.checks import check_not_empty
from .._model.duration import parse_duration
from .._model.errors import BadRequest, Forbidden, OptionError, ServerError, Unauthorized, Unavailable
from .._model.finding import POLICIES, AuditPolicy, Finding
from .._model.key import Key, Login
from .._model.selection import Selection
from .._report.document import picture, picture_in, to_json
from .._report.estate import Cluster, Estate, summary, worst_first
from .._stores.report_file import ReportFile
from .argspec import ArgumentSpec
from .connect import connect
from .failure import Report, reported
from .options import GROUPS
from .present import login_view, login_warning, time_view
from .report_output import put, report_file

RIGHTS_UNKNOWN = (
    "The rights of the keys' owners could not be read, so keys with all the rights of their owner were not searched for forbidden "
    "privileges. Log in as a user with read_security, or with a key that has manage_api_key; the server must be 8.5 or newer."
)

ROLES_UNKNOWN = (
    "The service shows no roles of some keys (roles_not_shown), so these were not searched for forbidden roles. "
    "Give such keys role_assignments, or look at their creators' roles."
)

# How many findings a result holds at most: it travels through Ansible, and the file holds them all.
SHOWN = 200

# The options by which keys are judged; each kind of key has some of them.
MEASURES = {
    "warn_within": {"type": "str", "default": "14d"},
    "leftover_after": {"type": "str", "default": "7d"},
    "max_life": {"type": "str"},
    "max_age": {"type": "str"},
    "required_metadata": {"type": "list", "elements": "str"},
    "forbidden_cluster_privileges": {"type": "list", "elements": "str"},
    "forbidden_index_privileges": {"type": "list", "elements": "str"},
    "forbidden_roles": {"type": "list", "elements": "str"},
    "forbidden_application_roles": {"type": "list", "elements": "str"},
    "include_managed": {"type": "bool", "default": False},
}

AUDIT = ArgumentSpec(
    {"cluster": {"type": "str"}, "report": {"type": "path"}, "mode": {"type": "raw", "default": "0600"}}
)


def audit_spec(kind: ListingKind) -> ArgumentSpec:
    """Return the argument spec of an audit module."""
    selecting = {name: dict(kind.options[name]) for name in kind.auditing.selecting}
    # An audit sees keys that have ended unless it is told otherwise.
    selecting["state"]["default"] = ["active", "expired"]
    measures = {name: MEASURES[name] for name in kind.auditing.measures}
    return GROUPS[kind.group] + ArgumentSpec(selecting) + ArgumentSpec(measures) + AUDIT


def run_audit_module(kind: ListingKind) -> None:
    """Be the module that audits these keys: everything but its documentation."""
    module = AnsibleModule(**audit_spec(kind).arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(kind, module, report))


def policy_of(options: Mapping[str, Any]) -> AuditPolicy:
    """Return the measure that the options set.

    :raises OptionError: one of them is malformed.
    """

    def limit(option: str) -> Any:
        return None if options.get(option) is None else parse_duration(options[option], option, allow_never=False)

    def names(option: str) -> frozenset[str]:
        return frozenset(name.lower() for name in _texts(options, option))

    return AuditPolicy(
        warn_within=parse_duration(options["warn_within"], "warn_within", allow_never=False, allow_zero=True),
        leftover_after=parse_duration(options["leftover_after"], "leftover_after", allow_never=False, allow_zero=True),
        max_life=limit("max_life"),
        max_age=limit("max_age"),
        required_metadata=tuple(_texts(options, "required_metadata")),
        forbidden_cluster=names("forbidden_cluster_privileges"),
        forbidden_index=names("forbidden_index_privileges"),
        forbidden_roles=names("forbidden_roles"),
        forbidden_application_roles=names("forbidden_application_roles"),
        include_managed=bool(options.get("include_managed")),
    )


def _texts(options: Mapping[str, Any], option: str) -> list[str]:
    texts = [str(text).strip() for text in options.get(option) or ()]
    if not all(texts):
        raise OptionError(option, f"{option} holds an empty text.", "Give names, or leave the option out.")
    return texts


def _run(kind: ListingKind, module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    selection, policy = kind.selection(options), policy_of(options)
    window = parse_duration(options["warn_login_expires"], "warn_login_expires", allow_never=False, allow_zero=True)
    check_not_empty(options["cluster"], "cluster")
    file = report_file(options, "report", "mode", check)
    warnings = [] if file is None else [file.check()]
    with connect(options, GROUPS[kind.group], report.scrubber, kind.check_answer, read_only=True) as client:
        cluster, login = _audited(kind, client, options, selection, policy)
        warnings += [*client.warnings, *cluster.gaps, *cluster.notes, login_warning(login, cluster.at, window)]
    for warning in warnings:
        if warning is not None:
            report.warn(warning)
    report.succeed(_result(kind, cluster, file, check), None)


def _audited(
    kind: ListingKind, client: Client, options: Mapping[str, Any], selection: Selection, policy: AuditPolicy
) -> tuple[Cluster, Login]:
    listing = kind.listing(client, {**options, "with_limited_by": policy.forbids})
    login = listing.login()
    users, users_unknown = _users(listing)
    rights_unknown = None
    try:
        now, keys = _keys(listing, selection)
    except (Forbidden, BadRequest):
        if not policy.forbids:
            raise
        # An API key needs manage_api_key for it, and before 8.5 no server tells it.
        rights_unknown = RIGHTS_UNKNOWN
        now, keys = _keys(kind.listing(client, {**options, "with_limited_by": False}), selection)
    audited = tuple(audit(keys, now, users, policy, kind.auditing))
    if policy.forbids_roles and summary(audited)["codes"]["roles_not_shown"]:
        rights_unknown = ROLES_UNKNOWN
    cluster = Cluster(
        name=options["cluster"] or listing.name(),
        kind=kind.group,
        at=now,
        login=login_view(login),
        blind_spot=listing.blind_spot(selection),
        users_unknown=users_unknown,
        rights_unknown=rights_unknown,
        notes=tuple(listing.notes()),
        policy={name: options[name] for name in kind.auditing.measures if options[name] not in (None, [])},
        api_keys=audited,
    )
    return cluster, login


def _users(listing: Listing) -> tuple[Mapping[str, bool] | None, str | None]:
    """Return the cluster's own users, or why they are not known."""
    try:
        return listing.users(), None
    except (Unauthorized, Unavailable):
        raise
    except Forbidden:
        return (
            None,
            "This login may not read users, so it is not known which owners exist. It needs the cluster privilege read_security.",
        )
    except ServerError:
        return None, "This service does not tell its users, so it is not known which owners exist."


def _keys(listing: Listing, selection: Selection) -> tuple[int, Iterator[Key]]:
    """Return the time of the audit in ms, and the selected keys, of which never more than a page is held."""
    pages = listing.pages(selection)
    first, told = next(pages, ([], None))
    now = time_of_service(told)
    return now, chain.from_iterable(chain((first,), (page for page, _told in pages)))


def _result(kind: ListingKind, cluster: Cluster, file: ReportFile | None, check: bool) -> dict[str, Any]:
    estate = Estate((cluster,))
    counts = summary(cluster.api_keys)
    rows = [(key, finding) for _cluster, key in worst_first(estate) for finding in key.findings]
    changed = file is not None and _keep(file, estate, check)
    return {
        "changed": changed,
        "cluster": cluster.name,
        "audited_at": time_view(cluster.at),
        "summary": counts,
        "violations": {code: counts["codes"][code] for code in _policies(kind)},
        "findings": [_finding_view(key, finding) for key, finding in rows[:SHOWN]],
        "findings_left_out": max(0, len(rows) - SHOWN),
        "blind_spot": cluster.blind_spot,
        "users_unknown": cluster.users_unknown,
        "rights_unknown": cluster.rights_unknown,
        "notes": list(cluster.notes),
        "report": None if file is None else file.path,
        "login": cluster.login,
    }


def _policies(kind: ListingKind) -> list[str]:
    """Return the codes that the options of this kind can bring about."""
    return [code for code, options in POLICIES.items() if set(options) & set(kind.auditing.measures)]


def _keep(file: ReportFile, estate: Estate, check: bool) -> bool:
    seen = picture(estate)
    return put(file, seen, to_json(estate, seen), picture_in, check)


def _finding_view(key: Audited, finding: Finding) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "owner": key.owner.username if key.owner else None,
        "realm": key.owner.realm if key.owner else None,
        "creator": key.creator,
        "expiration": time_view(key.expiration),
        **finding._asdict(),
    }
