# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The module for one secure setting in the keystore of a node. It runs on the node's host and needs nothing but its own command there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._model.checks import check_not_empty
from .._model.errors import OptionError
from .argspec import ArgumentSpec
from .failure import Report, reported
from .keystore import ABSENT, OTHER, SAME, Keystore, KeystoreError

PROGRAM = "/usr/share/elasticsearch/bin/elasticsearch-keystore"
KEYSTORE_SETTING = ArgumentSpec(
    {
        "name": {"type": "str", "required": True},
        "value": {"type": "str", "no_log": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "program": {"type": "path", "default": PROGRAM},
        "config_dir": {"type": "path"},
        "keystore_password": {"type": "str", "no_log": True},
    }
)


def run_keystore_setting_module() -> None:
    """Be the module: everything but its documentation."""
    module = AnsibleModule(**KEYSTORE_SETTING.arguments(), supports_check_mode=True)
    reported(module, lambda report: _run(module, report))


def _run(module: AnsibleModule, report: Report) -> None:
    options = module.params
    name, value = options["name"], options["value"]
    report.scrubber.add(*[secret for secret in (value, options["keystore_password"]) if secret])
    _check(options)
    keystore = Keystore(options["program"], options["keystore_password"], _runner(module))
    keystore.open()
    absent = options["state"] == "absent"
    before = _in_list(keystore, name) if absent else keystore.compare(name, value)
    changed = before != (ABSENT if absent else SAME)
    if changed and not module.check_mode:
        _write(keystore, name, None if absent else value)
    view = {"changed": changed, "was_there": before != ABSENT}
    report.succeed({**view, "diff": _diff(name, before, absent) if changed else {"before": {}, "after": {}}}, None)


def _in_list(keystore: Keystore, name: str) -> str:
    return OTHER if name in keystore.names() else ABSENT


def _check(options: dict[str, Any]) -> None:
    check_not_empty(options["name"], "name")
    value = options["value"]
    if options["state"] == "absent":
        return
    if not value:
        raise OptionError("value", "value is missing, or empty.", "Give the value of the secure setting.")
    if value != value.strip() or len(value.splitlines()) != 1:
        raise OptionError(
            "value", "value has more than one line, or white space around it.", "elasticsearch-keystore takes one line."
        )


def _write(keystore: Keystore, name: str, value: str | None) -> None:
    if value is None:
        keystore.remove(name)
        return
    keystore.add(name, value)
    if keystore.compare(name, value) != SAME:
        raise KeystoreError(
            f"The keystore does not hold the value of {name} that it was just given.",
            "Does program belong to the node whose keystore config_dir holds? Is another run at work on this host?",
        )


def _diff(name: str, before: str, absent: bool) -> dict[str, Any]:
    """Return before and after; of the value only that it changes."""
    if before == ABSENT:
        return {"before": {}, "after": {name: "present"}}
    return {"before": {name: "present"}, "after": {} if absent else {name: "present, with another value"}}


def _runner(module: AnsibleModule) -> Any:
    """Return what runs a command for ``Keystore``; nothing secret is among the arguments, which Ansible logs."""
    config_dir = module.params["config_dir"]
    environment = {} if config_dir is None else {"ES_PATH_CONF": config_dir}

    def run(command: Sequence[str], given: str) -> tuple[int, str, str]:
        done: tuple[int, str, str] = module.run_command(
            list(command),
            data=given,
            binary_data=True,
            environ_update=environment,
            errors="replace",
            expand_user_and_vars=False,
            handle_exceptions=False,
        )
        return done

    return run
