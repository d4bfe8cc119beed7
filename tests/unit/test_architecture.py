# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The architecture, held by reading the source: who may import whom, what is banned where, how long things may be.

A rule is a function from one source file to what is wrong with it. Each rule is also fed something bad, to show that it
can fail, and something good beside it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.keysmith.elastic."
MAX_MODULE_LINES = 25
MAX_FUNCTION_LINES = 50

# Room: the rooms it may import from. Its own is always allowed.
ROOMS: dict[str, set[str]] = {
    "_model": set(),
    "_report": {"_model"},
    "_http": {"_model"},
    "_api": {"_model", "_http"},
    "_kinds": {"_model", "_http", "_api"},
    "_stores": {"_model", "_http"},
    "_life": {"_model", "_http", "_api", "_kinds", "_stores"},
}
ROOMS["_ansible"] = set(ROOMS)
ROOMS["doc_fragments"] = set()
ROOMS["modules"] = ROOMS["_ansible"] | {"_ansible"}
ROOMS["plugin_utils"] = ROOMS["modules"]
ROOMS.update(dict.fromkeys(("lookup", "filter", "action", "test"), ROOMS["modules"] | {"plugin_utils"}))

KNOW_ANSIBLE = {"_ansible", "plugin_utils", "doc_fragments", "modules", "lookup", "filter", "action", "test"}
KNOW_REQUESTS = {"_http"}
# What lets the world in. The model is given the time, and nonces, as arguments.
IMPURE = {
    *("asyncio", "ctypes", "fcntl", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random"),
    *("secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess", "tempfile", "threading", "time", "uuid"),
}
CLOCKS = {"now", "utcnow", "today"}


@dataclass(frozen=True)
class Source:
    path: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """plugins/module_utils/_http/client.py is in _http, plugins/lookup/stored_key.py in lookup."""
        parts = PurePosixPath(self.path).parts
        return parts[2] if parts[1] == "module_utils" else parts[1]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, relative names resolved; from x import y is x.y."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield node.lineno, f"{self._origin(node)}.{alias.name}"

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = PurePosixPath(self.path).parts[: -node.level]
        return COLLECTION + ".".join([*package, *([node.module] if node.module else [])])


def room_imported(name: str) -> str | None:
    """The room of ours that the name lies in; None if it is not ours."""
    if not name.startswith(f"{COLLECTION}plugins."):
        return None
    parts = name.removeprefix(f"{COLLECTION}plugins.").split(".")
    return parts[1] if parts[0] == "module_utils" else parts[0]


def imports_go_one_way(source: Source) -> Iterator[str]:
    allowed = ROOMS.get(source.room)
    if allowed is None:
        yield f"{source.path}: {source.room} is a room that tests/unit/test_architecture.py does not know"
        return
    for line, name in source.imports():
        room = room_imported(name)
        if room and room != source.room and room not in allowed:
            known = ", ".join(sorted(allowed)) or "nothing of the collection"
            yield f"{source.path}:{line}: {source.room} imports {name}; it may import {known}"


PURE = {"_model", "_report"}


def pure_rooms_are_pure(source: Source) -> Iterator[str]:
    if source.room not in PURE:
        return
    for line, name in source.imports():
        top = name.split(".")[0]
        if top in IMPURE or name.startswith("urllib.request"):
            yield f"{source.path}:{line}: {source.room} imports {name}; it may not look at the world: pass it as an argument"
        elif not room_imported(name) and top not in sys.stdlib_module_names:
            yield f"{source.path}:{line}: {source.room} imports {name}; it may use the standard library only"
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in CLOCKS:
            yield f"{source.path}:{call.lineno}: {source.room} asks for the time; it is given `now` as an argument"
        if isinstance(call.func, ast.Name) and call.func.id == "open":
            yield f"{source.path}:{call.lineno}: {source.room} opens a file; that is the business of _stores"


def only_http_knows_requests(source: Source) -> Iterator[str]:
    for line, name in source.imports():
        if name.split(".")[0] in ("requests", "urllib3") and source.room not in KNOW_REQUESTS:
            yield f"{source.path}:{line}: {source.room} imports {name}; only _http does"


def only_the_outer_rooms_know_ansible(source: Source) -> Iterator[str]:
    for line, name in source.imports():
        if name.split(".")[0] == "ansible" and source.room not in KNOW_ANSIBLE:
            yield f"{source.path}:{line}: {source.room} imports {name}; only {', '.join(sorted(KNOW_ANSIBLE))} may"


def imports_are_static(source: Source) -> Iterator[str]:
    """What Ansible sends to a host holds only what it finds by reading the imports."""
    for line, name in source.imports():
        if name.split(".")[0] in ("importlib", "pkgutil"):
            yield f"{source.path}:{line}: imports {name}; use a table of static imports"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "__import__":
            yield f"{source.path}:{node.lineno}: uses __import__; use a table of static imports"


def modules_are_documentation_and_one_call(source: Source) -> Iterator[str]:
    if source.room != "modules":
        return
    code = [node for node in source.tree.body if not is_text(node)]
    lines = sum(length(node) for node in code)
    if lines > MAX_MODULE_LINES:
        yield f"{source.path}: {lines} lines of code beside its documentation, {MAX_MODULE_LINES} are allowed"


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Assign, ast.Expr)) and isinstance(node.value, ast.Constant)


def functions_fit_a_screen(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and length(node) > MAX_FUNCTION_LINES:
            where = f"{source.path}:{node.lineno}: {node.name}"
            yield f"{where} is {length(node)} lines long, {MAX_FUNCTION_LINES} are allowed"


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


Rule = Callable[[Source], Iterator[str]]
PLUGIN_RULES: list[Rule] = [
    imports_go_one_way,
    pure_rooms_are_pure,
    only_http_knows_requests,
    only_the_outer_rooms_know_ansible,
    imports_are_static,
    modules_are_documentation_and_one_call,
]


def sources(*folders: str) -> list[Source]:
    paths = sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))
    return [Source(path.relative_to(CHECKOUT).as_posix(), ast.parse(path.read_bytes())) for path in paths]


@pytest.mark.parametrize("rule", PLUGIN_RULES)
def test_plugins_keep(rule: Rule) -> None:
    wrong = [finding for source in sources("plugins") for finding in rule(source)]
    assert not wrong, "\n" + "\n".join(wrong)


def test_functions_fit_a_screen() -> None:
    wrong = [finding for source in sources("plugins", "roles", "tests") for finding in functions_fit_a_screen(source)]
    assert not wrong, "\n" + "\n".join(wrong)


UTILS = "plugins/module_utils"
LONG = "def f():\n" + "    x = 1\n" * 50
BAD_AND_GOOD: list[tuple[Rule, str, str, str]] = [
    # rule, path, what breaks it, its nearest relative that does not
    (imports_go_one_way, f"{UTILS}/_http/a.py", "from .._api import b", "from .._model.b import c"),
    (imports_go_one_way, f"{UTILS}/_model/a.py", "from .. import _http", "from . import b"),
    (imports_go_one_way, f"{UTILS}/_report/a.py", "from .._http.b import c", "from .._model.b import c"),
    (imports_go_one_way, f"{UTILS}/_stores/a.py", "from .._kinds.b import c", "from .._http.b import c"),
    (imports_go_one_way, f"{UTILS}/_kinds/a.py", "from .._life.b import c", "from .._api.b import c"),
    (imports_go_one_way, f"{UTILS}/_life/a.py", "from .._ansible.b import c", "from .._stores.b import c"),
    (imports_go_one_way, f"{UTILS}/_ansible/a.py", "from ...modules.b import c", "from .._life.b import c"),
    (
        imports_go_one_way,
        "plugins/modules/a.py",
        "from ..plugin_utils.b import c",
        "from ..module_utils._kinds.b import c",
    ),
    (imports_go_one_way, "plugins/filter/a.py", "from ..lookup.b import c", "from ..plugin_utils.b import c"),
    (
        imports_go_one_way,
        f"{UTILS}/_http/a.py",
        f"import {COLLECTION}plugins.module_utils._life.b",
        f"import {COLLECTION}plugins.module_utils._model.b",
    ),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "import os.path", "import dataclasses"),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "def f():\n    from time import time", "from typing import Any"),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "import yaml", "import json"),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "import urllib.request", "import urllib.parse"),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "x = datetime.now()", "def f(now): return now"),
    (pure_rooms_are_pure, f"{UTILS}/_model/a.py", "open('x')", "f('x')"),
    (pure_rooms_are_pure, f"{UTILS}/_report/a.py", "import os", "import html"),
    (only_http_knows_requests, f"{UTILS}/_api/a.py", "import requests", "import requestsish"),
    (
        only_http_knows_requests,
        f"{UTILS}/_ansible/a.py",
        "from urllib3.util import Retry",
        "from urllib.parse import quote",
    ),
    (only_the_outer_rooms_know_ansible, f"{UTILS}/_life/a.py", "import ansible.errors", "import json"),
    (imports_are_static, f"{UTILS}/_kinds/a.py", "from importlib import import_module", "import json"),
    (imports_are_static, "plugins/lookup/a.py", "__import__('os')", "f('os')"),
    (modules_are_documentation_and_one_call, "plugins/modules/a.py", "f(1)\n" * 26, "f(1)\n" * 25),
    (modules_are_documentation_and_one_call, "plugins/modules/a.py", LONG, f"EXAMPLES = r'''\n{LONG}'''"),
    (functions_fit_a_screen, "plugins/filter/a.py", LONG, LONG[: LONG.rindex("    x")]),
]


@pytest.mark.parametrize(("rule", "path", "bad", "good"), BAD_AND_GOOD)
def test_a_rule_tells_bad_from_good(rule: Rule, path: str, bad: str, good: str) -> None:
    findings = list(rule(Source(path, ast.parse(bad))))
    assert findings, f"{rule.__name__} has nothing against this in {path}:\n{bad}"
    assert all(finding.startswith(path) for finding in findings), "a finding names its file"
    assert not list(rule(Source(path, ast.parse(good))))


def test_a_new_room_is_told_to_this_test() -> None:
    assert list(imports_go_one_way(Source("plugins/inventory/a.py", ast.parse(""))))


def test_every_rule_is_fed_something_bad() -> None:
    assert {rule for rule, *_rest in BAD_AND_GOOD} == {*PLUGIN_RULES, functions_fit_a_screen}
