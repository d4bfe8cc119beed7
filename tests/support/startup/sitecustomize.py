# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this at its start: what Ansible sends to a host as an archive is compiled once, and not in each run of a module.

Python keeps no bytecode of archives, so that half of the time of a module goes into compiling it. Here its bytecode is kept by
the digest of its source; what a module does is the same.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys


def keep_bytecode(place: str) -> None:
    import _imp
    import hashlib
    import importlib.util
    import marshal
    import zipimport
    from types import CodeType

    compiled = zipimport._compile_source  # type: ignore[attr-defined]

    def kept(path: str, source: bytes) -> CodeType:
        digest = hashlib.sha256(importlib.util.MAGIC_NUMBER + source).hexdigest()
        name = os.path.join(place, digest)
        with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
            with open(name, "rb") as file:
                code: CodeType = marshal.loads(file.read())
            # A traceback names the archive of this run.
            _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
            return code
        code = compiled(path, source)
        with contextlib.suppress(OSError):
            os.makedirs(place, exist_ok=True)
            draft = f"{name}.{os.getpid()}"
            with open(draft, "wb") as file:
                file.write(marshal.dumps(code))
            os.replace(draft, name)
        return code

    zipimport._compile_source = kept  # type: ignore[attr-defined]


if sys.pycache_prefix:
    keep_bytecode(os.path.join(sys.pycache_prefix, "archives"))
if "KEYSMITH_BREAKING" in os.environ:
    importlib.import_module("breaking_modules")
