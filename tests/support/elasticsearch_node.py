# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a real Elasticsearch node from published jars, once per version, and says how to run it."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from support.places import CACHE, CHECKOUT, turn

SOURCES = CHECKOUT / "tests" / "elasticsearch_node"
HOMES = CACHE / "elasticsearch"
VERSIONS = ("8.19.21", "9.5.3")
PASSWORD = "changeme"

JDK_PLACES = (
    "/usr/lib/jvm/*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)
# Second copies of one class, with which Elasticsearch refuses to start.
DOUBLES = ("spring-jcl", "jakarta.activation-api", "listenablefuture", "jcip-annotations-1.0.jar")
# Modules: name, plugin class, extended module, jars. What a module carries is not in lib as well.
MODULES = (
    ("transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin", "", ("transport-netty4",)),
    ("x-pack-core", "org.elasticsearch.xpack.core.XPackPlugin", "", ("x-pack-core", "transport-netty4")),
    ("x-pack-security", "org.elasticsearch.xpack.security.Security", "x-pack-core", ("x-pack-security",)),
    ("support", "SupportPlugin", "", ("support",)),
)


class Missing(Exception):
    """Something that this machine would need is not there."""


class NotBuilt(Exception):
    """Maven or a compiler has failed."""


def missing(version: str) -> str | None:
    """What this machine lacks to run the version, in one sentence; None if nothing."""
    try:
        find_jdk(version)
        if not home_of(version).exists():
            find_maven()
    except Missing as error:
        return str(error)
    return None


def find_maven() -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("Maven is not there: no mvn on PATH")
    return maven


def find_jdk(version: str) -> Path:
    """The oldest JDK that runs the version: Elasticsearch 8 does not know the newest ones."""
    needed = 21 if major(version) >= 9 else 17
    found = {home: jdk_version(home) for home in jdk_candidates()}
    fitting = [(number, home) for home, number in found.items() if number >= needed]
    if not fitting:
        seen = ", ".join(str(number) for number in sorted(filter(None, found.values()))) or "none"
        raise Missing(f"no JDK {needed} or newer is there (seen: {seen}); JAVA_HOME or ES_JAVA_HOME may name one")
    return min(fitting)[1]


def jdk_candidates() -> list[Path]:
    named = [os.environ[name] for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    named += [value for name, value in os.environ.items() if name.startswith("JAVA_HOME_")]
    compiler = shutil.which("javac")
    if compiler:
        named.append(str(Path(compiler).resolve().parents[1]))
    for place in JDK_PLACES:
        named += sorted(glob.glob(os.path.expanduser(place)))
    homes = {Path(name).resolve() for name in named}
    return sorted(home for home in homes if (home / "bin" / "javac").exists())


def jdk_version(home: Path) -> int:
    """The feature release, asked of the compiler itself; 0 if it cannot say."""
    try:
        command = [home / "bin" / "javac", "-version"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r"javac (\d+)", answer.stdout + answer.stderr)
    return int(number.group(1)) if number else 0


def major(version: str) -> int:
    return int(version.split(".")[0])


def sources(version: str) -> dict[str, list[Path]]:
    """The Java sources of each of the two jars."""
    return {
        "node": sorted(SOURCES.glob("node/*.java")),
        "support": sorted([*SOURCES.glob("support/*.java"), *SOURCES.glob(f"support-{major(version)}/*.java")]),
    }


def home_of(version: str) -> Path:
    """Named after what it is built from, so that a changed recipe is a new build."""
    recipe = [SOURCES / "pom.xml", Path(__file__), *sources(version)["node"], *sources(version)["support"]]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in recipe)).hexdigest()[:12]
    return HOMES / f"{version}-{digest}"


def build(version: str) -> Path:
    """The home of a built node. Builds wait for each other; an interrupted one leaves nothing that counts."""
    home = home_of(version)
    if home.exists():
        return home
    jdk, maven = find_jdk(version), find_maven()
    with turn("elasticsearch"):
        if home.exists():
            return home
        draft = HOMES / f"draft-{version}"
        shutil.rmtree(draft, ignore_errors=True)
        for stale in HOMES.glob(f"{version}-*"):
            shutil.rmtree(stale)
        fetch_jars(version, draft, jdk, maven)
        for part, files in sources(version).items():
            compile_jar(version, part, files, draft, jdk)
        for module in MODULES:
            make_module(version, draft, *module)
        for name, *_rest in MODULES:
            (draft / "lib" / f"{name}-{version}.jar").unlink(missing_ok=True)
        draft.rename(home)
    return home


def fetch_jars(version: str, draft: Path, jdk: Path, maven: str) -> None:
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={draft / 'lib'}", f"-Des.version={version}"]
    run(jdk, maven, "--batch-mode", "--quiet", "--file", SOURCES / "pom.xml", *goal)
    for jar in (draft / "lib").iterdir():
        if jar.name.startswith(DOUBLES):
            jar.unlink()


def compile_jar(version: str, part: str, files: list[Path], draft: Path, jdk: Path) -> None:
    classes = draft / "classes"
    run(jdk, jdk / "bin" / "javac", "-proc:none", "-cp", f"{draft / 'lib'}/*", "-d", classes, *files)
    run(jdk, jdk / "bin" / "jar", "cf", draft / "lib" / f"{part}-{version}.jar", "-C", classes, ".")
    shutil.rmtree(classes)


def run(jdk: Path, *command: str | Path) -> None:
    environment = {**os.environ, "JAVA_HOME": str(jdk)}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise NotBuilt(f"{command[0]} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")


def make_module(version: str, draft: Path, name: str, classname: str, extended: str, jars: tuple[str, ...]) -> None:
    directory = draft / "modules" / name
    directory.mkdir(parents=True)
    properties = {
        "name": name,
        "description": name,
        "version": version,
        "elasticsearch.version": version,
        "java.version": "17",
        "classname": classname,
        "extended.plugins": extended,
        "has.native.controller": "false",
    }
    lines = [f"{key}={value}\n" for key, value in properties.items()]
    (directory / "plugin-descriptor.properties").write_text("".join(lines))
    for jar in jars:
        shutil.copy(draft / "lib" / f"{jar}-{version}.jar", directory)


def command(version: str, home: Path, data: Path) -> list[str]:
    """The command that runs a node in the foreground, on ports that it picks and writes to DATA/logs/*.ports."""
    java = find_jdk(version) / "bin" / "java"
    settings = {
        "path.data": data / "data",
        "path.logs": data / "logs",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": 0,
        "transport.port": 0,
        "node.portsfile": "true",
        "xpack.security.enabled": "true",
        "keystore:bootstrap.password": PASSWORD,
    }
    options = ["-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={data / 'tmp'}"]
    arguments = [home, data / "config", "keysmith", *(f"{name}={value}" for name, value in settings.items())]
    return [str(part) for part in [java, *options, "-cp", f"{home / 'lib'}/*", "ElasticsearchNode", *arguments]]
