# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of the collection within the test's own process, as its action plugin would: a hundred times faster than a playbook."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login import with_environment
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import refuse_misplaced
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import (
    ELASTICSEARCH,
    ConnectionGroup,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError

# What is patched is the whole process's.
_ALONE = Lock()


class _Ended(BaseException):
    """The module has given its result; like SystemExit, no handler of the module sees it."""


def answer_of(
    module: Callable[[], None],
    options: Mapping[str, Any],
    *,
    check: bool = False,
    environment: Mapping[str, str] | None = None,
    group: ConnectionGroup = ELASTICSEARCH,
) -> dict[str, Any]:
    """The result of one run; an exception that a module would die of is raised."""
    try:
        arguments = with_environment(options, environment or {}, group)
        refuse_misplaced(arguments)
    except KeysmithError as error:
        return {"failed": True, "msg": str(error), "failure": {"code": error.code, **error.fields}}
    results: list[dict[str, Any]] = []

    def keep(_module: basic.AnsibleModule, result: dict[str, Any]) -> None:
        results.append(json.loads(json.dumps(result, default=str)))
        raise _Ended

    with (
        _ALONE,
        patch_module_args({**arguments, "_ansible_check_mode": check}),
        mock.patch.object(basic.AnsibleModule, "_return_formatted", keep),
    ):
        try:
            module()
        except _Ended:
            return results[0]
    raise AssertionError("the module has ended without a result")
