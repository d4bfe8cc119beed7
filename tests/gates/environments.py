# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environments that the gates run in: made by uv in .cache, made again when what they are made of changes."""

from __future__ import annotations

import dataclasses
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.places import CACHE, CHECKOUT, turn

REQUIREMENTS = CHECKOUT / "tests" / "requirements"

# ansible-core: its newest release, and the Pythons that its ansible-test knows as a controller, best first.
CORES = {
    "2.16": ("2.16.19", ("3.11", "3.12", "3.10")),
    "2.17": ("2.17.14", ("3.12", "3.11", "3.10")),
    "2.18": ("2.18.19", ("3.12", "3.13", "3.11")),
    "2.19": ("2.19.14", ("3.12", "3.13", "3.11")),
    "2.20": ("2.20.10", ("3.12", "3.13", "3.14")),
    "2.21": ("2.21.5", ("3.13", "3.12", "3.14")),
}
OLDEST, *BETWEEN, NEWEST = CORES
# What modules may run on; ansible-test compiles and imports them with each of these that is there.
TARGET_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


class Missing(Exception):
    """Something that only the machine's owner can install is not there."""


@dataclasses.dataclass(frozen=True)
class Environment:
    name: str
    requirements: str
    pythons: tuple[str, ...]
    core: str | None = None
    """A release of ansible-core beside what the file of requirements asks for."""

    @property
    def directory(self) -> Path:
        return CACHE / f"venv-{self.name}"

    def program(self, name: str) -> str:
        return str(self.directory / "bin" / name)


DEVELOPER = Environment("developer", "developer.txt", ("3.12", "3.13"))
IMPORTER = Environment("importer", "importer.txt", ("3.12", "3.13"))
CORE = {name: Environment(f"core-{name}", "core.txt", pythons, core) for name, (core, pythons) in CORES.items()}
ALL = (DEVELOPER, IMPORTER, *CORE.values())


def make(environment: Environment) -> None:
    """Does nothing if the environment is as its requirements say."""
    python = first_python(environment.pythons)
    packages = [f"ansible-core=={environment.core}"] if environment.core else []
    recipe = json.dumps([str(python), packages, *texts_of(REQUIREMENTS / environment.requirements)])
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    stamp = environment.directory / "made-of"
    with turn(f"venv-{environment.name}"):
        if stamp.exists() and stamp.read_text() == digest:
            return
        uv("venv", "--quiet", "--clear", "--seed", "--python", python, environment.directory)
        wanted = [*packages, "--requirement", REQUIREMENTS / environment.requirements]
        uv("pip", "install", "--quiet", "--python", environment.program("python"), *wanted)
        stamp.write_text(digest)


def texts_of(path: Path) -> list[str]:
    """A file of requirements and those that it names."""
    text = path.read_text()
    named = [line[3:] for line in text.splitlines() if line.startswith("-r ")]
    return [text, *(text for name in named for text in texts_of(path.parent / name))]


def uv(*arguments: object) -> None:
    # A configuration or an active environment of the developer's own must not lead uv elsewhere.
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    done = subprocess.run([uv_program(), *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"uv {arguments[0]} failed:\n{done.stderr.strip()}")


@lru_cache
def uv_program() -> Path:
    """uv itself, from the package index, by whatever Python runs this."""
    home = CACHE / "uv"
    program = home / "bin" / "uv"
    wanted = (REQUIREMENTS / "uv.txt").read_text()
    stamp = home / "made-of"
    with turn("uv"):
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(home, ignore_errors=True)
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            source = ["--requirement", REQUIREMENTS / "uv.txt"]
            done = subprocess.run([*pip, "--target", home, *source], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(f"pip of {sys.executable} could not install uv:\n{done.stderr.strip()}")
            stamp.write_text(wanted)
    return program


def first_python(versions: Iterable[str]) -> Path:
    for version in versions:
        found = find_python(version)
        if found:
            return found
    raise Missing(f"no Python {' or '.join(versions)} with ensurepip is there (tried PATH, pyenv, uv)")


@lru_cache
def find_python(version: str) -> Path | None:
    """The real program: the shims of pyenv work only for the versions it has switched on, and break ansible-test."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates = [sys.executable if sys.version_info[:2] == tuple(map(int, version.split("."))) else None]
    candidates += sorted(glob.glob(f"{pyenv}/versions/{version}.*/bin/python{version}"), reverse=True)
    candidates.append(shutil.which(f"python{version}"))
    candidates += [f"{place}/bin/python{version}" for place in ("/usr", "/usr/local", "/opt/homebrew")]
    for candidate in filter(None, candidates):
        real = real_python(candidate, version)
        if real:
            return real
    found = subprocess.run(
        [uv_program(), "python", "find", "--system", version], capture_output=True, text=True, check=False
    )
    return real_python(found.stdout.strip(), version) if found.returncode == 0 else None


def real_python(candidate: str, version: str) -> Path | None:
    """Where the candidate's own installation has its program; None if it is another version, or does not work."""
    ask = "import ensurepip, sysconfig as s; print(s.get_config_var('BINDIR') + '/python' + s.get_python_version())"
    try:
        done = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    program = Path(done.stdout.strip())
    return program if program.name == f"python{version}" and program.exists() else None


def path_for(environment: Environment) -> str:
    """PATH with the environment first, then every Python that modules may run on, and no shims."""
    pythons = [find_python(version) for version in TARGET_PYTHONS]
    rest = [part for part in os.environ["PATH"].split(os.pathsep) if not part.rstrip("/").endswith("/shims")]
    parts = [environment.directory / "bin", *(python.parent for python in pythons if python), *rest]
    return os.pathsep.join(str(part) for part in parts)
