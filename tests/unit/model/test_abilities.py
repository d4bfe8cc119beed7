# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a login can do with keys, and why not."""

from __future__ import annotations

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.abilities import ABILITIES, Holder, why_not
from ansible_collections.keysmith.elastic.plugins.module_utils._model.features import Capabilities
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Login, Owner

JOE = Owner("joe", "native")
USER, KEY = Login(JOE), Login(JOE, "api_key", "its-id")
NEW, OLD, SERVERLESS = (
    Capabilities("9.5.3", "default", "c"),
    Capabilities("8.3.0", "default", "c"),
    Capabilities("9.6.0", "serverless", "c"),
)
OWN = {"create_keys", "update_keys", "see_own_keys", "revoke_own_keys"}
EVERYTHING = {
    "manage_own_api_key",
    "manage_api_key",
    "manage_security",
    "read_security",
    "grant_api_key",
    "clone_api_key",
}


@pytest.mark.parametrize(
    ("login", "privileges", "server", "can"),
    [
        (USER, {"manage_own_api_key"}, NEW, OWN),
        (USER, {"read_security"}, NEW, {"see_own_keys", "see_all_keys"}),
        (USER, EVERYTHING, NEW, set(ABILITIES)),
        (USER, {"grant_api_key"}, NEW, {"grant_keys"}),
        (USER, EVERYTHING, OLD, set(ABILITIES) - {"update_keys", "clone_keys", "manage_cross_cluster_keys"}),
        (USER, EVERYTHING, SERVERLESS, set(ABILITIES) - {"grant_keys", "clone_keys", "manage_cross_cluster_keys"}),
        (USER, EVERYTHING, None, {"see_own_keys", "see_all_keys", "revoke_own_keys", "revoke_all_keys"}),
        (USER, set(), NEW, set()),
        (KEY, set(), NEW, {"see_own_keys"}),
        (KEY, {"manage_own_api_key", "clone_api_key"}, NEW, {"see_own_keys", "revoke_own_keys", "clone_keys"}),
        (KEY, EVERYTHING, NEW, set(ABILITIES) - {"create_keys", "update_keys", "manage_cross_cluster_keys"}),
    ],
)
def test_abilities(login: Login, privileges: set[str], server: Capabilities | None, can: set[str]) -> None:
    reasons = why_not(Holder(login, frozenset(privileges), server))
    assert {name for name, reason in reasons.items() if reason is None} == can


@pytest.mark.parametrize(
    ("login", "server", "ability", "words"),
    [
        (USER, NEW, "see_all_keys", "it needs the cluster privilege read_security, manage_api_key or manage_security"),
        (USER, NEW, "manage_cross_cluster_keys", "it needs the cluster privilege manage_security"),
        (USER, OLD, "clone_keys", "cloning a key needs Elasticsearch 9.4 or newer; this server is 8.3.0"),
        (USER, SERVERLESS, "clone_keys", "Elastic Cloud serverless does not offer cloning a key"),
        (KEY, NEW, "create_keys", "log in as a user"),
    ],
)
def test_reasons(login: Login, server: Capabilities, ability: str, words: str) -> None:
    reason = why_not(Holder(login, frozenset(), server))[ability]
    assert reason is not None
    assert reason.endswith(words)


def test_without_the_version_nothing_is_made() -> None:
    assert "needs monitor" in str(why_not(Holder(USER, frozenset(EVERYTHING), None))["create_keys"])
