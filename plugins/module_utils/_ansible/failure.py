# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The one place where an error becomes Ansible's: one clear sentence, scrubbed, without traceback or exception object."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._life.job import Outcome
from .._model.errors import KeysmithError
from .._model.scrubber import Scrubber
from .present import failure_view


class Report:
    """Speaks to Ansible for one module run; every text goes through the scrubber (law 7)."""

    def __init__(self, module: AnsibleModule, scrubber: Scrubber) -> None:
        self._module = module
        self.scrubber = scrubber
        self.outcome: Outcome | None = None
        # What was done before something went wrong; a failure returns it as a success would.
        self.done: dict[str, Any] = {}

    def warn(self, text: str) -> None:
        """Warn, scrubbed."""
        self._module.warn(self.scrubber.scrub(text))

    def succeed(self, result: dict[str, Any], secret: dict[str, Any] | None) -> None:
        """Exit. ``secret`` is the one thing that is not scrubbed; the action plugin marks the result so that nothing prints it."""
        clean = self.scrubber.scrub_deep(result)
        if secret is None:
            self._module.exit_json(**clean)
        else:
            self._module.exit_json(**clean, **self._unmasked(secret), secret=secret)

    def _unmasked(self, secret: dict[str, Any]) -> dict[str, Any]:
        """Keep Ansible from masking the secret where it is what was logged in with (or holds a short password by chance).

        It would be delivered as a row of asterisks, and nobody told. Returns the invocation, in which it stays masked.
        """
        forms = [form for form in secret.values() if form]
        inside = {value for value in self._module.no_log_values if any(value in form for form in forms)}
        if not inside:
            return {}
        self._module.no_log_values = self._module.no_log_values - inside
        scrubber = Scrubber()
        scrubber.add(*inside)
        return {"invocation": {"module_args": scrubber.scrub_deep(self._module.params)}}

    def fail(self, error: KeysmithError) -> None:
        """Fail with one sentence and machine-readable details."""
        view = self.scrubber.scrub_deep({**self.done, **failure_view(self.outcome, error.code, error.fields)})
        self._module.fail_json(msg=self.scrubber.scrub(str(error)), **view)


def reported(module: AnsibleModule, work: Callable[[Report], None]) -> None:
    """Do the module's work, and turn whatever it raises into a failure of the module.

    An exception of our own making names only its type and place: its text and its traceback could hold a secret. For the same
    reason the module fails after the handlers: within one, Ansible takes the exception at hand into the result when it is told to
    show tracebacks.
    """
    report = Report(module, Scrubber())
    problem = _problem_of(work, report)
    if problem is not None:
        report.fail(problem)


def _problem_of(work: Callable[[Report], None], report: Report) -> KeysmithError | None:
    try:
        work(report)
    except KeysmithError as error:
        return error
    except Exception as error:
        return unexpected(error)
    return None


def unexpected(error: Exception) -> KeysmithError:
    """Return an error of our own making as one that may be told."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return KeysmithError(
        f"An error in the collection: {type(error).__name__} in {PurePath(frame.filename).name}, line {frame.lineno}.",
        "Please report it. What an unfinished run left behind is found and tidied up by the next one.",
    )
