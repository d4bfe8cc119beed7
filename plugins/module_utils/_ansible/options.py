# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The options that every module of a group shares, spelled once; their documentation is in the fragments of the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._stores.store import STORE_OPTIONS
from .argspec import ArgumentSpec


@dataclass(frozen=True)
class ConnectionGroup(ArgumentSpec):
    """The connection options of one service: those of an action group and of a documentation fragment, both of this name.

    ``prefix`` is what the names of its environment variables begin with, ``example`` an address. ``logins`` are the ways to log in, each
    by the options that belong to it. ``stored`` is the kind of key that a ``login_store`` holds; None: a user with a password.
    """

    name: str = ""
    prefix: str = ""
    example: str = ""
    logins: tuple[tuple[str, ...], ...] = ()
    stored: str | None = None

    def environment_name(self, option: str) -> str:
        """Return the environment variable of an option: ``KEYSMITH_ES_CA_PATH`` for ``ca_path``."""
        return self.prefix + option.upper()

    def variable(self, option: str) -> str:
        """Return the variable that a lookup reads an option from: ``keysmith_es_ca_path`` for ``ca_path``."""
        return self.environment_name(option).lower()


# No defaults in a login: what was left out must not look like a choice. No env_fallback anywhere: it would look on the managed
# host; the environment is read on the controller.
_API_KEY: Mapping[str, Any] = {"api_key": {"type": "str", "no_log": True}}
_USER: Mapping[str, Any] = {"username": {"type": "str"}, "password": {"type": "str", "no_log": True}}
_TOKEN: Mapping[str, Any] = {"token": {"type": "str", "no_log": True}}
_LOGIN_STORE: Mapping[str, Any] = {"login_store": {"type": "raw"}}
_TRANSPORT: Mapping[str, Any] = {
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

ELASTICSEARCH = ConnectionGroup(
    options={
        "url": {"type": "list", "elements": "str"},
        "cloud_id": {"type": "str"},
        **_API_KEY,
        **_USER,
        **_TOKEN,
        **_LOGIN_STORE,
        "client_cert": {"type": "path"},
        # The path of a key is no secret.
        "client_key": {"type": "path", "no_log": False},
        "run_as": {"type": "str"},
        **_TRANSPORT,
    },
    name="elasticsearch",
    prefix="KEYSMITH_ES_",
    example="https://es.example.net:9200",
    logins=(("api_key",), ("username", "password"), ("token",), ("login_store",)),
)

ELASTIC_CLOUD = ConnectionGroup(
    options={
        "url": {"type": "str", "default": "https://api.elastic-cloud.com"},
        **_API_KEY,
        **_LOGIN_STORE,
        **_TRANSPORT,
    },
    name="elastic_cloud",
    prefix="KEYSMITH_EC_",
    example="https://api.elastic-cloud.com",
    logins=(("api_key",), ("login_store",)),
    stored="ec_api_key",
)

ECE = ConnectionGroup(
    options={
        "url": {"type": "list", "elements": "str"},
        **_API_KEY,
        **_USER,
        **_TOKEN,
        **_LOGIN_STORE,
        **_TRANSPORT,
    },
    name="ece",
    prefix="KEYSMITH_ECE_",
    example="https://ece.example.net:12443",
    logins=(("api_key",), ("username", "password"), ("token",), ("login_store",)),
    stored="ece_api_key",
)

# By the name that a kind of key gives (``KeyKind.group``).
GROUPS: Mapping[str, ConnectionGroup] = {group.name: group for group in (ELASTICSEARCH, ELASTIC_CLOUD, ECE)}

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


def is_given(value: Any) -> bool:
    """Was an option given? ``omit`` leaves it out, and None is how Ansible says so."""
    return value is not None
