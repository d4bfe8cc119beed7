# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The cloud id of a deployment: ``name:base64(domain[:port]$elasticsearch[:port][$kibana[:port]])``."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from .errors import OptionError

_HTTPS = 443
_LABELS = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_RIGHT = "Copy the cloud id from the deployment's page in the console; it looks like 'name:' followed by base64."


@dataclass(frozen=True)
class CloudEndpoints:
    """Where a deployment answers; ``kibana`` is None where it has none."""

    elasticsearch: str
    kibana: str | None = None


def decode_cloud_id(text: Any, option: str = "cloud_id") -> CloudEndpoints:
    """Read a cloud id.

    :param text: the cloud id; its name may be missing, may be empty and may hold colons.
    :param option: the option's name for messages.
    :raises OptionError: it is none; the message does not repeat it, for it may be a secret put in the wrong place.
    """
    if not isinstance(text, str) or not text.strip():
        raise OptionError(option, f"{option} is empty.", _RIGHT)
    encoded = text.strip().rpartition(":")[2]
    try:
        decoded = base64.b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        raise OptionError(option, f"{option} is not base64 after its last colon.", _RIGHT) from None
    parts = decoded.split("$")
    if len(parts) < 2:
        raise OptionError(option, f"{option} holds no '$', so it names no Elasticsearch.", _RIGHT)
    domain, port = _host_and_port(parts[0], _HTTPS, option)
    kibana = parts[2] if len(parts) > 2 else ""
    return CloudEndpoints(
        elasticsearch=_url(parts[1], domain, port, option),
        # Some consoles wrote the word 'undefined' for a deployment without Kibana.
        kibana=_url(kibana, domain, port, option) if kibana not in ("", "undefined") else None,
    )


def _url(part: str, domain: str, port: int, option: str) -> str:
    label, own_port = _host_and_port(part, port, option)
    return f"https://{label}.{domain}:{own_port}"


def _host_and_port(part: str, default: int, option: str) -> tuple[str, int]:
    host, colon, port = part.partition(":")
    if not _LABELS.fullmatch(host):
        raise OptionError(option, f"{option} holds a host name that cannot be one.", _RIGHT)
    if not colon:
        return host, default
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) <= 65_535:
        raise OptionError(option, f"{option} holds a port that cannot be one.", _RIGHT)
    return host, int(port)
