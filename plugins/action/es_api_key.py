# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to happen on the controller before and after every module; each has this plugin under its own name.

It fills up the connection options from the controller's environment, refuses ``async``, and marks a result that holds a secret, so
that nothing prints it: a module can do none of these.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login import with_environment
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import (
    login_scrubber,
    refuse_misplaced,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import (
    ELASTICSEARCH,
    ConnectionGroup,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError


class ActionModule(ActionBase):
    """Runs the module of the task's own name; ``group`` holds the connection options that it takes."""

    group: ClassVar[ConnectionGroup] = ELASTICSEARCH

    # Refused below, in words that say why.
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Return the module's result, marked if it holds a secret."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.async_val:
            # The result of an async task lies in a file that others can read.
            return {
                **result,
                "failed": True,
                "msg": "async is not supported: its result file could hold a secret. Remove async and poll from the task.",
            }
        try:
            arguments = with_environment(self._task.args, os.environ, self.group)
            refuse_misplaced(arguments)
        except KeysmithError as error:
            return {**result, "failed": True, "msg": str(error), "failure": {"code": error.code, **error.fields}}
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        if isinstance(result.get("secret"), dict) and result["secret"].get("api_key"):
            result["_ansible_no_log"] = True
            # Before core 2.19 the sum of a loop's results is hidden only where the task itself says so.
            self._task.no_log = True
        if result.get("failed") and "failure" not in result:
            # Ansible's own words about the options: it may have stopped before it knew which of them are secret.
            result.pop("invocation", None)
            # From core 2.19 on they stand here once more, and this is what is shown.
            result.pop("exception", None)
            result = login_scrubber(arguments).scrub_deep(result)
        return result
