# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The options that every module of a group shares, spelled once; their documentation is in the fragments of the same names."""

from __future__ import annotations

from typing import Any

from .._stores.store import STORE_OPTIONS
from .argspec import ArgumentSpec

# No defaults in a login: what was left out must not look like a choice. No env_fallback anywhere: it would look on the managed
# host; the environment is read on the controller.
ELASTICSEARCH = ArgumentSpec(
    {
        "url": {"type": "list", "elements": "str"},
        "cloud_id": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "token": {"type": "str", "no_log": True},
        "login_store": {"type": "raw"},
        "client_cert": {"type": "path"},
        # The path of a key is no secret.
        "client_key": {"type": "path", "no_log": False},
        "run_as": {"type": "str"},
        "ca_path": {"type": "path"},
        "ca_pem": {"type": "str"},
        "ca_fingerprint": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "proxy": {"type": "str"},
        "proxy_username": {"type": "str"},
        "proxy_password": {"type": "str", "no_log": True},
        "connect_timeout": {"type": "float", "default": 10},
        "timeout": {"type": "float", "default": 60},
        "retries": {"type": "int", "default": 3},
        "warn_login_expires": {"type": "str", "default": "14d"},
    }
)

LIFECYCLE = ArgumentSpec(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "renew_before": {"type": "str", "default": "20%"},
        "on_due": {"type": "str", "choices": ["rotate", "extend", "warn", "fail"], "default": "rotate"},
        "on_drift": {"type": "str", "choices": ["auto", "update", "rotate", "fail"], "default": "auto"},
        "force_rotate": {"type": "bool", "default": False},
        "rotate_if_created_before": {"type": "str"},
        "overlap": {"type": "str", "default": "24h"},
        "settle": {"type": "str", "default": "5s"},
        "retire": {"type": "bool", "default": True},
        "duplicates": {"type": "str", "choices": ["fail", "warn", "retire"], "default": "warn"},
        "store": {"type": "dict", "options": STORE_OPTIONS},
        # A switch, not a secret.
        "return_secret": {"type": "bool", "default": False, "no_log": False},
    }
)

# The options of a connection that the environment may give, and the prefix of the variables' names by group.
ENVIRONMENT_PREFIX = "KEYSMITH_ES_"


def environment_name(option: str) -> str:
    """Return the environment variable of a connection option: ``KEYSMITH_ES_CA_PATH`` for ``ca_path``."""
    return ENVIRONMENT_PREFIX + option.upper()


def is_given(value: Any) -> bool:
    """Was an option given? ``omit`` leaves it out, and None is how Ansible says so."""
    return value is not None
