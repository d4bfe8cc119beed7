# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `store`: what is refused before anything is touched."""

from __future__ import annotations

import socket

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import OptionError
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.file_attributes import parse_mode
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.fingerprint import fingerprint
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import (
    _TYPES,
    STORE_OPTIONS,
    check_store_options,
    open_store,
)


def test_the_spec_describes_every_option_of_every_type():
    assert set(STORE_OPTIONS) == {"type", *(name for known in _TYPES.values() for name in known.OPTIONS)}
    assert STORE_OPTIONS["type"]["choices"] == list(_TYPES)


def test_options_of_the_same_name_mean_the_same_in_every_type():
    for known in _TYPES.values():
        for name, option in known.OPTIONS.items():
            assert STORE_OPTIONS[name] == option


def test_no_option_has_a_default_which_would_look_like_given():
    assert not any("default" in option for option in STORE_OPTIONS.values())


def test_options_that_are_none_count_as_left_out():
    options = {"type": "file", "path": "/srv/a.json", "mode": None, "owner": None, "token": None}
    check_store_options(options)
    assert open_store(options, read_only=True).location == "/srv/a.json"


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({}, "store.type", "missing"),
        ({"path": "/a/b"}, "store.type", "missing"),
        ({"type": "paper", "path": "/a/b"}, "store.type", "not known"),
        ({"type": ["file"], "path": "/a/b"}, "store.type", "not known"),
        ({"type": "file"}, "store.path", "missing"),
        ({"type": "file", "path": ""}, "store.path", "missing"),
        ({"type": "file", "path": "keys/a.json"}, "store.path", "relative"),
        ({"type": "file", "path": "~/a.json"}, "store.path", "relative"),
        ({"type": "file", "path": "/etc/keys/"}, "store.path", "folder"),
        ({"type": "file", "path": "/etc/keys/.."}, "store.path", "folder"),
        ({"type": "file", "path": "/"}, "store.path", "folder"),
        ({"type": "file", "path": "/etc/a\0b"}, "store.path", "not a path"),
        ({"type": "file", "path": 5}, "store.path", "not a path"),
        ({"type": "file", "path": "/a/b", "url": "https://vault"}, "store.url", "'file'"),
        ({"type": "file", "path": "/a/b", "owner": ""}, "store.owner", "no name"),
        ({"type": "file", "path": "/a/b", "group": 5}, "store.group", "no name"),
        ({"type": "file", "path": "/a/b", "follow": "yes"}, "store.follow", "neither"),
        ({"type": "file", "path": "/a/b", "mode": "u=rw"}, "store.mode", "symbolic"),
    ],
)
def test_bad_options_are_named(options, option, words):
    with pytest.raises(OptionError) as raised:
        check_store_options(options)
    assert raised.value.option == option
    assert words in str(raised.value)
    with pytest.raises(OptionError):
        open_store(options, read_only=False)


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        (0o600, 0o600),
        (384, 0o600),
        ("0600", 0o600),
        ("600", 0o600),
        ("0o640", 0o640),
        (" 0400 ", 0o400),
        ("0660", 0o660),
        ("0644", 0o644),
        ("0440", 0o440),
    ],
)
def test_modes(value, mode):
    assert parse_mode(value) == mode


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        "",
        "u=rw,g=r",
        "preserve",
        "00600",
        "1600",
        "0800",
        "６００",
        6.0,
        -1,
        0o1600,
        0o2640,
        0o700,
        0o200,
        0o000,
        0o040,
        0o606,
        0o602,
        0o620,
        0o100600,
        2**70,
    ],
)
def test_modes_that_no_secret_can_have(value):
    with pytest.raises(OptionError) as raised:
        parse_mode(value)
    assert raised.value.option == "store.mode"
    assert "0600" in str(raised.value)


@pytest.mark.parametrize("meant", [0o600, 0o640, 0o644, 0o660, 0o400, 0o440])
def test_octal_taken_for_decimal_and_back_is_caught(meant):
    """``mode: 600`` is decimal in YAML; a templated ``0600`` arrives as the text '384'."""
    with pytest.raises(OptionError):
        parse_mode(int(f"{meant:o}"))
    with pytest.raises(OptionError):
        parse_mode(str(meant))


def test_fingerprint_tells_hosts_and_paths_apart(monkeypatch):
    def of(path, host):
        monkeypatch.setattr(socket, "gethostname", lambda: host)
        return open_store({"type": "file", "path": path}, read_only=True).fingerprint()

    one = of("/etc/keysmith/a.json", "web1")
    assert len(one) == 16
    assert set(one) <= set("0123456789abcdef")
    assert one == of("/etc//keysmith/a.json", "web1")
    assert len({one, of("/etc/keysmith/a.json", "web2"), of("/etc/keysmith/b.json", "web1")}) == 3


def test_fingerprint_does_not_confuse_its_parts():
    assert fingerprint("file", "/a", "b") != fingerprint("file", "/", "ab")
    assert fingerprint("file", "/\udcff", "host") != fingerprint("file", "/?", "host")


def test_fingerprint_stays_the_same_over_releases():
    """Keys on servers carry it: it must never change."""
    assert fingerprint("file", "/etc/keysmith/a.json", "web1") == "bcbbb7178c530f15"
