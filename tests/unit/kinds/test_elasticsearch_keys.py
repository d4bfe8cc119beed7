# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that takes no notice of run_as, which neither a real node here nor the emulator does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._api.elasticsearch import ElasticsearchApi
from ansible_collections.keysmith.elastic.plugins.module_utils._http.answer import Answer
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.elasticsearch_keys import ElasticsearchKeys
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import Refused


class DeafServer:
    """Takes every login for elastic's."""

    auth = None

    def __init__(self, flavor: str) -> None:
        self.answers = {
            "/": {"version": {"number": "9.5.3", "build_flavor": flavor}, "cluster_uuid": "c"},
            "/_security/_authenticate": {"username": "elastic", "authentication_realm": {"name": "reserved"}},
        }

    def read(self, method: str, path: str, **more: Any) -> Answer:
        return Answer(200, self.answers[path], {})

    def login_as(self, auth: Any) -> DeafServer:
        return self


def login(run_as: str | None, flavor: str = "default") -> Any:
    server: Any = DeafServer(flavor)
    return ElasticsearchKeys(ElasticsearchApi(server), {"run_as": run_as}).login()


def test_a_login_that_was_not_made_another_user_does_nothing() -> None:
    with pytest.raises(Refused, match="run_as: the server does not act as joe, it took the login for elastic"):
        login("joe")
    with pytest.raises(Refused, match="run_as: Elastic Cloud serverless does not offer acting as another user"):
        login("joe", "serverless")
    assert login("Elastic").owner.username == "elastic"
    assert login(None).owner.username == "elastic"
