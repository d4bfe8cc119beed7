# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records, stores and child processes for the tests of the stores."""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Intent, Previous, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import ApiKeySecret
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import Store, open_store

NOBODY = 65534

# Both stand in the record below, and must never stand in a message.
SECRET = "Vb3xQ-the-secret-of-the-key"
OLD_SECRET = "Zz9-the-secret-of-its-predecessor"


@pytest.fixture
def record() -> Record:
    """A record in which every field is used."""
    return Record(
        kind="es_api_key",
        name="filebeat-wörk 1 🚀 \udcff",
        cluster="tJ2bqPZ8TmaRmw",
        owner=Owner("keysmith", "native1"),
        serial=0,
        current=Current(ApiKeySecret("VuaCfGcBCdbkQm", SECRET), 1764000000000),
        previous=(Previous("Yb8Xz", 1763900000000), Previous("Mc3Qa", None, OLD_SECRET)),
        intents=(Intent("n-1", 1763999999000),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of ``make_store`` is."""
    return tmp_path / "key.json"


@pytest.fixture
def make_store(path: Path) -> Callable[..., Store]:
    """Open a store; options replace or add to type and path."""

    def make(read_only: bool = False, **options: Any) -> Store:
        return open_store({"type": "file", "path": str(path), **options}, read_only=read_only)

    return make


@pytest.fixture
def stored(make_store: Callable[..., Store], record: Record) -> Record:
    """The record with serial 1, which then is in the store."""
    return make_store().write(record, None)


@pytest.fixture
def changed(stored: Record) -> Record:
    """What a next write could store: the same record with one more intent."""
    return replace(stored, intents=(*stored.intents, Intent("n-2", 1764000000500)))


@pytest.fixture
def common_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="keysmith-stores-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def run_child(work: Callable[[], Any], uid: int | None = None) -> tuple[int, str]:
    """Run a function in a forked child; return its exit code (negative: the signal) and what it returned or raised."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # The runner's own threads: the child touches none of what they use.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _child(work, uid, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8", errors="replace") as answer:
        told = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), told


def _child(work: Callable[[], Any], uid: int | None, writer: int) -> None:
    try:
        if uid is not None and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
        answer, code = repr(work()), 0
    except BaseException as problem:
        trace = traceback.format_exc()
        answer, code = f"{type(problem).__name__}: {problem}\n{trace}", 1
    os.write(writer, answer.encode("utf-8", "replace")[:60000])
    os._exit(code)


@pytest.fixture
def in_child() -> Callable[..., tuple[int, str]]:
    """See ``run_child``."""
    return run_child


@pytest.fixture
def without_rights(common_folder: Path) -> Callable[[Callable[[], Any]], tuple[int, str]]:
    """Run a function as a user whom file modes bind: ``nobody`` where the tests run as root."""
    if os.geteuid() == 0:
        os.chown(common_folder, NOBODY, NOBODY)
    code, told = run_child(lambda: os.stat(common_folder).st_uid, NOBODY)
    if code:
        pytest.skip(f"an ordinary user cannot reach {common_folder}: {told.splitlines()[0]}")
    return lambda work: run_child(work, NOBODY)


def everything_in(problem: BaseException | None) -> str:
    """Return every text that an exception and those behind it carry."""
    texts = []
    seen: set[int] = set()
    waiting = [problem]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        texts += [str(found), repr(found), repr(found.args), repr(vars(found))]
        texts += [repr(getattr(found, name, "")) for name in ("doc", "object")]
        waiting += [found.__cause__, found.__context__]
    return "\n".join(texts)


@pytest.fixture
def assert_no_secret() -> Callable[[BaseException], None]:
    """Assert that neither an exception nor one behind it tells a secret of the record."""

    def check(problem: BaseException) -> None:
        told = everything_in(problem)
        assert SECRET not in told
        assert OLD_SECRET not in told
        # Not even a part of it.
        assert SECRET[:8] not in told

    return check
