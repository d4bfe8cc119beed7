# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ece_token
short_description: A bearer token of Elastic Cloud Enterprise
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Logs in to Elastic Cloud Enterprise (ECE) with O(username) and O(password), and returns the bearer token of the new session, for calls
    of its API that this collection does not make.
  - "B(The token is a secret.) Whoever has it is that user until the session ends. Ansible shows the values of a lookup as it shows any
    other, so say C(no_log=true) in every task that uses it."
  - The session is not ended by this lookup, since somebody uses its token. It ends by itself, or with C(POST /api/v1/users/auth/_logout).
  - The modules and lookups for ECE need no token. They log in with O(username) and O(password) themselves, and log out.
options:
  _terms:
    description:
      - It takes none.
    type: list
    elements: str
extends_documentation_fragment:
  - keysmith.elastic.ece
  - keysmith.elastic.ece.plugin
notes:
  - Lookups run on the controller, wherever the task runs, and so does the login.
  - Within one process, which for Ansible is a task, its loop included, the same session is used again, and renewed before it ends. So a
    template may hold the same lookup many times over.
  - The options of the connection come from the call, from variables such as C(keysmith_ece_url), or from the environment, in this order. A
    login is taken whole from the first of them that gives one, and has to be O(username) with O(password).
seealso:
  - module: keysmith.elastic.ece_api_key
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Ask ECE for what no module of this collection asks
  ansible.builtin.uri:
    url: https://ece.example.net:12443/api/v1/user
    headers:
      Authorization: "Bearer {{ lookup('keysmith.elastic.ece_token', username='automation', password=automation_password) }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The token, without the word C(Bearer).
  type: list
  elements: str
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.connect import connect
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ECE, ConnectionGroup
from ansible_collections.keysmith.elastic.plugins.module_utils._api.cloud_keys import check_service
from ansible_collections.keysmith.elastic.plugins.module_utils._api.ece import EceLogin
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.plugin_utils.connected_lookup import ConnectedLookup

_LOGINS: dict[str, EceLogin] = {}


class LookupModule(ConnectedLookup):
    """The token of a session."""

    connected: dict[str, Any]

    group: ClassVar[ConnectionGroup] = ECE

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return one token; there are no terms to answer."""
        return super().run(terms or [None], variables, **kwargs)

    def prepare(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the options, those of the connection with them."""
        self.learn(variables, given)
        self.connected = self.connection()

    def answer(self, term: Any) -> list[Any]:
        """Return the token of the session that there is, or of a new one."""
        if term is not None:
            raise OptionError("_terms", "ece_token takes no terms.", "Give options, such as username and password.")
        options = self.connected
        digest = hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode()).hexdigest()
        with connect(options, self.group, self.scrubber, check_service, read_only=True) as client:
            login = client.auth
            if not isinstance(login, EceLogin):
                raise OptionError(
                    "username", f"ece_token was given {login.describe()} to log in with.", "Give username and password."
                )
            # As another login of this client's connections, so that the end of the client is not the end of the session.
            renewed = cast("EceLogin", client.login_as(_LOGINS.get(digest, login)).renew())
            for warning in client.warnings:
                self.warn(warning)
        _LOGINS[digest] = renewed
        return [renewed.token]
