# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookups that connect: the connection from three layers, the call, then variables, then the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login import (
    check_one_login,
    filled_up,
    with_environment,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import (
    login_scrubber,
    refuse_misplaced,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTICSEARCH, ConnectionGroup
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import text_of
from ansible_collections.keysmith.elastic.plugins.plugin_utils.lookup import KeysmithLookup


class ConnectedLookup(KeysmithLookup):
    """A lookup that may ask a server; it reads the connection when it needs one. ``group`` holds the options of that connection."""

    group: ClassVar[ConnectionGroup] = ELASTICSEARCH

    _layers: tuple[Mapping[str, Any], Mapping[str, Any]]

    def prepare(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the options; those of the connection are read by ``connection``."""
        self.learn(variables, given)
        super().prepare(variables, given)

    def learn(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Keep the layers for ``connection``, and let the scrubber learn their secrets before Ansible says a word about a wrong value."""
        self._layers = (variables, given)
        names = {name: self.group.environment_name(name) for name in self.group.options}
        below = {name: variables.get(variable.lower()) for name, variable in names.items()}
        for layer in (given, below, {name: os.environ.get(variable) for name, variable in names.items()}):
            login_scrubber(layer, self.scrubber)

    def connection(self) -> dict[str, Any]:
        """Return the connection's options, and let the scrubber learn the login's secrets.

        :raises OptionError: two logins in one layer, or a secret where none belongs.
        """
        variables, given = self._layers
        connection = self._layered(variables, given)
        login_scrubber(connection, self.scrubber)
        refuse_misplaced({**given, **connection})
        super().prepare({}, {**given, **connection})
        # What Ansible took from elsewhere for an option of a login that was chosen whole is left alone.
        return {
            name: self.get_option(name) if name in connection else option.get("default")
            for name, option in self.group.options.items()
        }

    def _layered(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        options = self.group.options
        call = {name: _plain(given[name]) for name in options if given.get(name) is not None}
        check_one_login(call, self.group, "The lookup", "Take one of them out.")
        names = {name: self.group.variable(name) for name in options}
        below = {name: self._value(variables[names[name]]) for name in options if names[name] in variables}
        below = {name: value for name, value in below.items() if value is not None}
        prefix = self.group.variable("")
        layered = filled_up(call, below, self.group, f"The set of variables {prefix}...", prefix)
        return with_environment(layered, os.environ, self.group)

    def _value(self, value: Any) -> Any:
        """Return a variable's value; up to core 2.18 a lookup is given what was written, templates as they are."""
        return _plain(value if self._templar is None else self._templar.template(value))


def _plain(value: Any) -> Any:
    """Return a text as one, be it tagged or still in its vault; other values as they are."""
    text = text_of(value)
    return value if text is None else text
