# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong becomes one scrubbed sentence, without the exception's own text and without a traceback."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.failure import Report, reported, unexpected
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError, Refused

SECRET = "a-secret-value"


class Exit(BaseException):
    """As SystemExit: what exit_json and fail_json end with."""


class Module:
    """What a Report needs of AnsibleModule."""

    def __init__(self) -> None:
        self.result: dict[str, Any] = {}
        self.warnings: list[str] = []
        self.pending: Any = None
        self.params: dict[str, Any] = {}
        self.no_log_values: set[str] = set()

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> None:
        self.result = result
        raise Exit

    def fail_json(self, **result: Any) -> None:
        self.result, self.pending = {"failed": True, **result}, sys.exc_info()[1]
        raise Exit


def run(work: Any) -> Module:
    module = Module()
    with pytest.raises(Exit):
        reported(module, work)
    return module


def test_an_error_of_ours_is_said_with_its_details() -> None:
    def work(report: Report) -> None:
        raise OptionError("url", "url is empty.", "Give one.")

    assert run(work).result == {
        "failed": True,
        "msg": "url is empty. Give one.",
        "failure": {"code": "bad_option", "option": "url"},
    }


def test_message_and_details_are_scrubbed() -> None:
    def work(report: Report) -> None:
        report.scrubber.add(SECRET)
        report.warn(f"beware of {SECRET}")
        raise Refused(f"it said {SECRET}", f"not {SECRET}", ids=[SECRET], deep={SECRET: [SECRET]})

    module = run(work)
    assert SECRET not in str(module.result) + str(module.warnings)
    assert module.result["msg"] == "it said ******** not ********"


def test_an_error_of_our_own_making_tells_no_text() -> None:
    def work(report: Report) -> None:
        try:
            raise ValueError(SECRET)
        except ValueError as cause:
            raise RuntimeError(f"while {SECRET}") from cause

    message = run(work).result["msg"]
    assert SECRET not in message
    assert "RuntimeError in test_failure.py, line " in message
    assert "report it" in message


@pytest.mark.parametrize("error", [Refused("no"), RuntimeError(SECRET)])
def test_ansible_finds_no_exception_at_hand(error: Exception) -> None:
    """Told to show tracebacks, it would take it into the result, text and all."""

    def work(report: Report) -> None:
        raise error

    assert run(work).pending is None


def test_only_the_secret_is_not_scrubbed() -> None:
    def work(report: Report) -> None:
        report.scrubber.add(SECRET)
        report.succeed({"changed": True, "key": {"name": SECRET}}, {"api_key": SECRET})

    assert run(work).result == {"changed": True, "key": {"name": "********"}, "secret": {"api_key": SECRET}}


def test_a_secret_that_is_also_the_login_is_not_masked() -> None:
    """Ansible masks every value of a hidden option wherever it stands in a result."""
    module = Module()
    module.params, module.no_log_values = {"api_key": SECRET, "password": "another", "name": "n"}, {SECRET, "another"}
    with pytest.raises(Exit):
        reported(module, lambda report: report.succeed({"changed": False}, {"encoded": SECRET, "id": None}))
    assert module.no_log_values == {"another"}
    assert module.result["secret"] == {"encoded": SECRET, "id": None}
    assert module.result["invocation"] == {"module_args": {"api_key": "********", "password": "another", "name": "n"}}


def test_without_a_secret_there_is_no_such_field() -> None:
    assert run(lambda report: report.succeed({"changed": False}, None)).result == {"changed": False}


def test_an_error_without_traceback_is_no_second_error() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        assert SECRET not in str(unexpected(error))
