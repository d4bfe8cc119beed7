# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module that makes reports of audits: files in, files and a table out. It talks to no server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule

from .._model.checks import check_not_empty
from .._model.errors import OptionError, StoreError
from .._report.document import from_json, picture, picture_in, picture_marked, to_json
from .._report.estate import NOUNS, Cluster, Estate, Unaudited, summary
from .._report.html_page import to_html
from .._report.markdown import to_markdown
from .._report.prometheus import to_prometheus
from .._report.table import table
from .._stores.report_file import ReportFile
from .argspec import ArgumentSpec
from .failure import Report, reported
from .report_output import put, report_file

REPORT = ArgumentSpec(
    {
        "sources": {"type": "list", "elements": "path", "default": []},
        "unaudited": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "cluster": {"type": "str", "required": True},
                "reason": {"type": "str", "required": True},
                "kind": {"type": "str", "choices": [*NOUNS], "default": "elasticsearch"},
            },
        },
        "notes": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "cluster": {"type": "str", "required": True},
                "note": {"type": "str", "required": True},
            },
        },
        "title": {"type": "str", "default": "API keys"},
        "html": {"type": "path"},
        "markdown": {"type": "path"},
        "prometheus": {"type": "path"},
        "json": {"type": "path"},
        "mode": {"type": "raw", "default": "0600"},
        "prometheus_mode": {"type": "raw", "default": "0644"},
    }
)


class Form(NamedTuple):
    """A form of the report: what renders an estate with its title and picture, and what finds the picture in a file of that form."""

    render: Callable[[Estate, str, str], bytes]
    shown: Callable[[bytes], str | None]
    mode_option: str = "mode"


FORMS: Mapping[str, Form] = {
    "html": Form(to_html, picture_marked),
    "markdown": Form(to_markdown, picture_marked),
    "prometheus": Form(lambda estate, _title, seen: to_prometheus(estate, seen), picture_marked, "prometheus_mode"),
    "json": Form(lambda estate, _title, seen: to_json(estate, seen), picture_in),
}


def run_report_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**REPORT.arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module, report))


def _run(module: AnsibleModule, report: Report) -> None:
    options, check = module.params, bool(module.check_mode)
    check_not_empty(options["title"], "title")
    wanted = {name: report_file(options, name, form.mode_option, check) for name, form in FORMS.items()}
    files = {name: file for name, file in wanted.items() if file is not None}
    _check_paths(files)
    for warning in [file.check() for file in files.values()]:
        if warning is not None:
            report.warn(warning)
    estate = _estate(options)
    written = [
        {"form": name, "path": file.path, "changed": _write(FORMS[name], file, estate, options["title"], check)}
        for name, file in files.items()
    ]
    result = {
        "changed": any(one["changed"] for one in written),
        "files": written,
        "table": table(estate),
        "summary": summary(key for _cluster, key in estate.rows()),
        "clusters": [cluster.name for cluster in estate.clusters],
        "unaudited": [one.name for one in estate.unaudited],
    }
    report.succeed(result, None)


def _check_paths(files: Mapping[str, ReportFile]) -> None:
    seen: dict[str, str] = {}
    for name, file in files.items():
        if file.path in seen:
            raise OptionError(name, f"{name} and {seen[file.path]} are the same file.", "Give each a path of its own.")
        seen[file.path] = name


def _write(form: Form, file: ReportFile, estate: Estate, title: str, check: bool) -> bool:
    seen = picture(estate)
    if form.shown is picture_marked:
        seen = hashlib.sha256(f"{seen} {title}".encode("utf-8", "replace")).hexdigest()
    return put(file, seen, form.render(estate, title, seen), form.shown, check)


def _estate(options: Mapping[str, Any]) -> Estate:
    """Return everything that the sources tell, and the clusters of which there is no audit.

    :raises OptionError: two of them are of the same cluster.
    :raises StoreError: one cannot be read.
    """
    parts = [_source(path) for path in options["sources"]]
    parts.append(
        Estate((), tuple(Unaudited(one["cluster"], one["reason"], one["kind"]) for one in options["unaudited"]))
    )
    estate = Estate(
        tuple(_noted(cluster, options["notes"]) for part in parts for cluster in part.clusters),
        tuple(one for part in parts for one in part.unaudited),
    )
    names = [*(cluster.name for cluster in estate.clusters), *(one.name for one in estate.unaudited)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        hint = "Give each cluster a name of its own (the modules that audit have the option cluster for it)."
        raise OptionError("sources", f"There are two audits of {twice[0]!r}.", hint)
    return estate


def _noted(cluster: Cluster, notes: Sequence[Mapping[str, str]]) -> Cluster:
    more = [one["note"] for one in notes if one["cluster"] == cluster.name]
    return cluster._replace(notes=(*cluster.notes, *more)) if more else cluster


def _source(path: str) -> Estate:
    raw = ReportFile("sources", path, 0, read_only=True).read()
    if raw is None:
        raise StoreError(
            f"sources: {path} is not there, or cannot be read.", "Audit the cluster first.", option="sources"
        )
    return from_json(raw, path)
