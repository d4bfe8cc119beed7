# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for bin/elasticsearch-keystore of an emulator: `keystore_tool.py COMMAND ...`, the folder of the keystore is ES_PATH_CONF.

The keystore is a JSON file, which protects nothing: it is for trying things out. Arguments, streams and exit codes are the real command's.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

NAME = "elasticsearch.keystore"
USAGE, DATA, CONFIG = 64, 65, 78


class Failed(Exception):
    """The exit code, and what is told."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    path = Path(os.environ.get("ES_PATH_CONF") or ".") / NAME
    try:
        _run(path, arguments)
    except Failed as failure:
        print(f"ERROR: {failure}, with exit code {failure.status}", file=sys.stderr)
        return failure.status
    return 0


def create(path: Path) -> None:
    """Make an empty keystore unless there is one."""
    if not path.exists():
        _save(path, {"password": None, "settings": {"keystore.seed": "seed"}})


def _run(path: Path, arguments: list[str]) -> None:
    command = arguments[0] if arguments else ""
    names = [one for one in arguments[1:] if not one.startswith("-")]
    if command == "create":
        create(path)
        return
    if not path.exists():
        raise Failed(CONFIG, f"Elasticsearch keystore not found at [{path}]. Use 'create' command to create one.")
    content = json.loads(path.read_text(encoding="utf-8"))
    if command == "has-passwd":
        if not content["password"]:
            raise Failed(1, "Keystore is not password-protected")
        print("Keystore is password-protected")
        return
    _unlock(content)
    if command not in _COMMANDS:
        raise Failed(USAGE, f"Unknown command [{command}]")
    if _COMMANDS[command](content, names, arguments):
        _save(path, content)


def _unlock(content: dict[str, Any]) -> None:
    if not content["password"]:
        return
    print("Enter password for the elasticsearch keystore : ", end="", file=sys.stderr)
    if sys.stdin.readline().rstrip("\n") != content["password"]:
        raise Failed(DATA, "Provided keystore password was incorrect")


def _list(content: dict[str, Any], names: list[str], arguments: list[str]) -> bool:
    print("\n".join(sorted(content["settings"])))
    return False


def _show(content: dict[str, Any], names: list[str], arguments: list[str]) -> bool:
    print(content["settings"][_existing(content, names[0])])
    return False


def _add(content: dict[str, Any], names: list[str], arguments: list[str]) -> bool:
    if not {"-x", "--stdin"} & set(arguments):
        raise Failed(USAGE, "without a terminal --stdin is needed")
    for name in names:
        if name in content["settings"] and not {"-f", "--force"} & set(arguments):
            print("Exiting without modifying keystore.")
            return False
        content["settings"][name] = sys.stdin.readline().rstrip("\n")
    return True


def _remove(content: dict[str, Any], names: list[str], arguments: list[str]) -> bool:
    for name in names:
        del content["settings"][_existing(content, name)]
    return True


def _passwd(content: dict[str, Any], names: list[str], arguments: list[str]) -> bool:
    content["password"] = sys.stdin.readline().rstrip("\n")
    return True


def _existing(content: dict[str, Any], name: str) -> str:
    if name not in content["settings"]:
        raise Failed(CONFIG, f"Setting [{name}] does not exist in the keystore.")
    return name


def _save(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


_COMMANDS = {"list": _list, "show": _show, "add": _add, "remove": _remove, "passwd": _passwd}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
