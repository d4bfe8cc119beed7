# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""From options to a logged-in client: the one place where a connection is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._http.answer import Answer
from .._http.client import Client
from .._http.settings import ConnectionSettings
from .._model.cloud_id import decode_cloud_id
from .._model.errors import OptionError
from .._model.scrubber import Scrubber
from .login import login_of
from .options import ConnectionGroup, is_given


def connect(
    options: Mapping[str, Any],
    group: ConnectionGroup,
    scrubber: Scrubber,
    check: Callable[[Answer], None],
    *,
    read_only: bool,
) -> Client:
    """Return the client for these connection options of a group; nothing is sent yet.

    :param scrubber: learns every secret of the login.
    :param check: tells the wanted service's answers from another's.
    :param read_only: check mode: the transport refuses every write.
    :raises OptionError: an option is missing, malformed or contradicts another.
    """
    names = (
        "run_as",
        "ca_path",
        "ca_pem",
        "ca_fingerprint",
        "client_cert",
        "client_key",
        "proxy",
        "proxy_username",
        "proxy_password",
        "retries",
    )
    settings = ConnectionSettings(
        urls=_urls(options, group),
        auth=login_of(options, group),
        validate_certs=bool(options["validate_certs"]),
        connect_timeout=float(options["connect_timeout"]),
        read_timeout=float(options["timeout"]),
        **{name: options[name] for name in names if name in group.options},
    )
    return Client(settings, read_only=read_only, scrubber=scrubber, check=check)


def address_of(options: Mapping[str, Any], group: ConnectionGroup) -> str:
    """Return host and port of the server, as a name for it. Raises OptionError as ``connect`` does."""
    return urlsplit(_urls(options, group)[0]).netloc


def _urls(options: Mapping[str, Any], group: ConnectionGroup) -> tuple[str, ...]:
    url, cloud_id = options.get("url"), options.get("cloud_id")
    if is_given(url) and is_given(cloud_id):
        raise OptionError(
            "cloud_id",
            "url and cloud_id are both given.",
            "Give one of them; where module_defaults give the other, set it to {{ omit }}.",
        )
    if is_given(cloud_id):
        return (decode_cloud_id(cloud_id).elasticsearch,)
    if not url:
        raise OptionError(
            "url",
            "Neither url nor cloud_id is given." if "cloud_id" in group.options else "No url is given.",
            f"Give url, such as {group.example}, or set {group.environment_name('url')}.",
        )
    return (url,) if isinstance(url, str) else tuple(url)
