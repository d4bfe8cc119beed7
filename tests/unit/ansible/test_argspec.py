# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs are values: they add up, and giving one away cannot change it."""

from __future__ import annotations

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.argspec import ArgumentSpec
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_key import key_spec
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key import ES_API_KEY


def test_two_groups_add_up() -> None:
    one = ArgumentSpec({"a": {"type": "str"}}, {"required_together": (("a", "b"),)})
    two = ArgumentSpec(
        {"b": {"type": "int"}}, {"required_together": (("b", "c"),), "required_if": (("a", "x", ("b",)),)}
    )
    assert (one + two).arguments() == {
        "argument_spec": {"a": {"type": "str"}, "b": {"type": "int"}},
        "required_together": [("a", "b"), ("b", "c")],
        "required_if": [("a", "x", ("b",))],
    }


def test_an_option_of_two_groups_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="'a'"):
        ArgumentSpec({"a": {}}) + ArgumentSpec({"a": {}})


def test_what_is_given_away_is_a_copy() -> None:
    spec = ArgumentSpec({"a": {"type": "dict", "options": {"b": {}}}})
    spec.arguments()["argument_spec"]["a"]["options"]["c"] = {}
    assert spec.options["a"]["options"] == {"b": {}}


def test_no_option_looks_at_the_environment_of_the_managed_host() -> None:
    assert "fallback" not in str(key_spec(ES_API_KEY).arguments())
