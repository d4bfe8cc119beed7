# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""The name under which a key's mark knows its store."""

from __future__ import annotations

import hashlib


def fingerprint(kind: str, location: str, host: str) -> str:
    """Return 16 hex digits that stand for one store.

    :param kind: the store's type.
    :param location: the place within the host: a path.
    :param host: the machine or service that holds it. It tells one host's ``/etc/key.json`` from another's.
    """
    parts = (part.encode("utf-8", "surrogateescape") for part in (kind, location, host))
    # A length before each part: no two triples give the same bytes.
    told = b"".join(b"%d:%s" % (len(part), part) for part in parts)
    return hashlib.sha256(told).hexdigest()[:16]
