# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""What the operating system refuses, told as a StoreError."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from .._model.errors import StoreError


@contextmanager
def told(what: str, hint: str | None = None) -> Iterator[None]:
    """Turn an OSError of the block into a StoreError with the system's own words.

    :param what: the sentence up to the colon, for example ``/a/b cannot be read``.
    :param hint: what would be right, if that is known.
    :raises StoreError: whose field ``errno`` is the symbolic name (``EACCES``).
    """
    try:
        yield
    except OSError as problem:
        name = errno.errorcode.get(problem.errno or 0)
        raise StoreError(f"{what}: {problem.strerror or type(problem).__name__}.", hint, errno=name) from None
