# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a key's role descriptors name: the server answers what it is asked about them."""

from __future__ import annotations

import os
from typing import Any

import requests
from ansible_collections.keysmith.elastic.plugins.module_utils._model.rights import askable, lost
from hypothesis import HealthCheck, given, settings
from support import strategies
from support.servers import Server

CASES = int(os.environ.get("KEYSMITH_CASES", "25"))


@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(descriptors=strategies.role_descriptors)
def test_every_question_is_answered(server: Server, descriptors: dict[str, Any]) -> None:
    question = askable(descriptors)
    if not any(question.values()):
        return
    url, login = f"{server.url}/_security/user/_has_privileges", (server.username, server.password)
    answer = requests.post(url, json=question, auth=login, timeout=30)
    assert answer.status_code == 200, f"{answer.json()}, asked {question}"
    assert set(answer.json()["cluster"]) == set(question["cluster"])
    assert set(answer.json()["index"]) == {name for entry in question["index"] for name in entry["names"]}
    assert lost(answer.json(), answer.json()) == ()
