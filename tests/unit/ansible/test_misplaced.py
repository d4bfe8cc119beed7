# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks like a secret in an option that anybody may read is refused, and never repeated."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.misplaced import (
    SECRETS,
    login_scrubber,
    refuse_misplaced,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ELASTICSEARCH
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_keystore_setting import KEYSTORE_SETTING
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.run_remote_cluster import REMOTE_CLUSTER
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds import es_api_key_revocation
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key import OPTIONS
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError

PAIR = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"
KEY = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=="
CLOUD = "essu_" + "aB3" * 20
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI\n-----END EC PRIVATE KEY-----"


@pytest.mark.parametrize("secret", [PAIR, KEY, KEY.rstrip("="), f"ApiKey {KEY}\n", CLOUD, PEM])
@pytest.mark.parametrize(
    ("where", "put"),
    [
        ("url", lambda secret: {"url": secret}),
        ("url", lambda secret: {"url": ["https://es.example.net", secret]}),
        ("id", lambda secret: {"id": secret}),
        ("store.path", lambda secret: {"store": {"type": "file", "path": secret}}),
        ("metadata.note", lambda secret: {"metadata": {"note": secret}}),
        ("metadata", lambda secret: {"metadata": {secret: 1}}),
        ("grant.username", lambda secret: {"grant": {"username": secret}}),
        (
            "role_descriptors.a.indices.names",
            lambda secret: {"role_descriptors": {"a": {"indices": [{"names": [secret]}]}}},
        ),
    ],
)
def test_a_key_is_refused_and_not_repeated(secret: str, where: str, put: Any) -> None:
    with pytest.raises(OptionError) as refused:
        refuse_misplaced(put(secret))
    assert refused.value.option == where
    for part in (secret.strip(), "ui2lp2axTNmsyakw9tvNnw", KEY[:40]):
        assert part not in str(refused.value)


@pytest.mark.parametrize("option", ["url", "proxy"])
def test_a_login_in_an_address(option: str) -> None:
    with pytest.raises(OptionError) as refused:
        refuse_misplaced({option: "http://joe:p@ss@es.example.net:9200"})
    assert refused.value.option == option
    assert "p@ss" not in str(refused.value)


def test_what_belongs_there_passes() -> None:
    refuse_misplaced(
        {
            "api_key": KEY,
            "password": PEM,
            "grant": {"username": "joe", "password": PAIR, "access_token": CLOUD},
            "url": ["https://es.example.net:9200/prefix"],
            "proxy": None,
            "name": "filebeat:web1",
            "id": "VuaCfGcBCdbkQm-e5aOx",
            "ca_pem": "-----BEGIN CERTIFICATE-----\nMII",
            "metadata": {"team": "search", "n": 3, "list": [None, True, 1.5]},
            "expiration": 90,
        }
    )


def test_every_hidden_option_is_known() -> None:
    """Else its right value would be refused, or Ansible's own message could repeat it."""
    options = {
        **ELASTICSEARCH.options,
        **OPTIONS,
        **es_api_key_revocation.OPTIONS,
        **REMOTE_CLUSTER.options,
        **KEYSTORE_SETTING.options,
    }
    hidden = {name for name, option in options.items() if option.get("no_log")}
    for name, option in options.items():
        hidden |= {f"{name}.{inner}" for inner, known in option.get("options", {}).items() if known.get("no_log")}
    assert hidden == SECRETS


def test_the_scrubber_knows_every_secret_of_the_login() -> None:
    given = {
        "api_key": KEY,
        "username": "joe",
        "password": "pass-word",
        "proxy_username": "p",
        "proxy_password": "proxy-word",
    }
    scrubber = login_scrubber(
        {**given, "token": "bear-er", "grant": {"username": "u", "password": "grant-word"}, "name": "shown"}
    )
    text = scrubber.scrub(
        f"{KEY} pass-word am9lOnBhc3Mtd29yZA== proxy-word cDpwcm94eS13b3Jk bear-er grant-word shown joe"
    )
    assert text == "******** ******** ******** ******** ******** ******** ******** shown joe"
