# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates: what each one checks, and how."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import docs_site
from environments import BETWEEN, CORE, DEVELOPER, IMPORTER, NEWEST, OLDEST, Missing, make
from room import Failed, Room, files
from support import collection, elasticsearch_node, servers, spread
from support.admin import PASSWORD, Admin, UniqueNames
from support.cores import CORE_ON
from support.places import CACHE, CHECKOUT

UTILS = "plugins/module_utils"
TYPED_ROOMS = ("_model", "_report", "_http", "_api", "_kinds", "_stores", "_life")
HEADER = (
    "Copyright (c) 2026 keysmith.elastic contributors",
    "GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "SPDX-License-Identifier: GPL-3.0-or-later",
)
SHIPPED = {
    *("CHANGELOG.md", "CHANGELOG.rst", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md"),
    *("changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "requirements.txt", "roles"),
    "execution-environment.yml",
    *("tests", "tests/config.yml", "tests/sanity"),
}
# ansible-test looks for the pip installer of its own version under these names.
PIP_INSTALLERS = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")
# The unit tests of rooms that know the version of Python, but not that of Ansible.
BELOW_ANSIBLE = tuple(f"tests/unit/{name}" for name in ("http", "model", "report", "stores"))
# The log of a gate tells where its time went.
SLOWEST = "--durations=25"
# The scenario of Molecule that is told its server; the others bring an emulator along.
ON_REAL_SERVERS = "rotate_elasticsearch"


@dataclasses.dataclass(frozen=True)
class Gate:
    name: str
    group: str
    check: Callable[[Room], None]
    server: str | None = None
    """The server that must be running; it is handed on in KEYSMITH_TEST_SERVERS."""


def ruff(room: Room) -> None:
    cache = ("--cache-dir", CACHE / "ruff")
    room.run(DEVELOPER, "ruff", "check", *cache, ".")
    room.run(DEVELOPER, "ruff", "format", "--check", "--diff", *cache, ".")


def mypy(room: Room) -> None:
    rooms = [name for name in TYPED_ROOMS if list((CHECKOUT / UTILS / name).glob("*.py"))]
    if not rooms:
        raise Missing(f"no typed Python in {UTILS}")
    prefix = "ansible_collections.keysmith.elastic.plugins.module_utils"
    packages = [argument for name in rooms for argument in ("--package", f"{prefix}.{name}")]
    settings = ("--config-file", CHECKOUT / "pyproject.toml", "--cache-dir", CACHE / "mypy")
    room.run(DEVELOPER, "mypy", *settings, *packages, variables={"MYPYPATH": str(collection.collections_path())})


def headers(room: Room) -> None:
    """Every program says whose it is and under which licence."""
    wrong = [name for name in files() if name.endswith((".py", ".java")) and not has_header(CHECKOUT / name)]
    if wrong:
        room.say("These files do not begin with the three lines of copyright and licence:")
        room.say("\n".join(wrong))
        raise Failed(f"{len(wrong)} files without the header")


def has_header(path: Path) -> bool:
    top = path.read_text(encoding="utf-8").splitlines()[:8]
    return not path.stat().st_size or all(any(line.endswith(wanted) for line in top) for wanted in HEADER)


def ansible_lint(room: Room) -> None:
    root = room.copy.parents[2]
    settings = ("--offline", "--profile", "production", "--strict")
    room.run(DEVELOPER, "ansible-lint", *settings, cwd=room.copy, variables={"ANSIBLE_COLLECTIONS_PATH": str(root)})


def changelog(room: Room) -> None:
    room.run(DEVELOPER, "antsibull-changelog", "lint", cwd=room.copy)


def docs(room: Room) -> None:
    settings = ("--plugin-docs", "--validate-collection-refs=self", "--disallow-unknown-collection-refs")
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(room.copy.parents[2])}
    room.run(DEVELOPER, "antsibull-docs", "lint-collection-docs", *settings, ".", cwd=room.copy, variables=variables)


def sanity(core: str, room: Room) -> None:
    give_ansible_test_pip()
    room.run(CORE[core], "ansible-test", "sanity", "--color", "no", cwd=room.copy)


def give_ansible_test_pip() -> None:
    """ansible-test makes environments of its own and wants to download pip's installer from the web; see get_pip.py."""
    cache = Path.home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in PIP_INSTALLERS:
        if not (cache / name).exists():
            shutil.copy(Path(__file__).with_name("get_pip.py"), cache / name)


def ansible_test_units(core: str, room: Room) -> None:
    """Ansible's own tool forks for each test, which costs more than most of the tests: it gets those that know Ansible."""
    apart = [argument for room_ in BELOW_ANSIBLE for argument in ("--exclude", f"{room_}/")]
    python = ("--python", python_of(core))
    room.run(CORE[core], "ansible-test", "units", "--color", "no", *python, *apart, cwd=room.copy)
    room.run(CORE[core], "pytest", *BELOW_ANSIBLE)


def pytest_units(core: str, room: Room) -> None:
    """The unit tests that know Ansible; the rooms below _ansible never see which core they run under."""
    room.run(CORE[core], "pytest", "tests/unit", *(f"--ignore={room_}" for room_ in BELOW_ANSIBLE))


def python_of(core: str) -> str:
    """The version of Python that the core's environment is made with."""
    make(CORE[core])
    return next(CORE[core].directory.glob("lib/python3.*")).name.removeprefix("python")


def emulator(room: Room) -> None:
    room.run(DEVELOPER, "pytest", "tests/emulator", SLOWEST)


def system(server: str, room: Room) -> None:
    room.run(DEVELOPER, "pytest", "tests/system", "--server", server, SLOWEST)


def integration(core: str, server: str, room: Room) -> None:
    tests = room.copy / "tests" / "integration"
    if not (tests / "targets").exists():
        raise Missing("no tests/integration/targets")
    told = json.loads(room.variables[servers.VARIABLE])[server]
    (tests / "integration_config.yml").write_text(json.dumps({"keysmith_server": {"name": server, **told}}))
    room.run(CORE[core], "ansible-test", "integration", "--color", "no", "--python", python_of(core), cwd=room.copy)


def importer(room: Room) -> None:
    """What Galaxy does with an archive that is uploaded to it."""
    room.run(DEVELOPER, "ansible-galaxy", "collection", "build", "--output-path", room.directory, cwd=room.copy)
    archive = next(room.directory.glob("*.tar.gz"))
    check_contents(archive)
    settings = room.directory / "importer.cfg"
    # The gate ansible-lint asks for more than the importer, which only warns.
    options = {
        "run_ansible_lint": False,
        "run_ansible_test": False,
        "check_required_tags": True,
        "tmp_root_dir": room.directory,
    }
    lines = [f"{name} = {value}\n" for name, value in options.items()]
    settings.write_text("".join(["[galaxy-importer]\n", *lines]))
    variables = {"GALAXY_IMPORTER_CONFIG": str(settings)}
    arguments = ("-m", "galaxy_importer.main", archive)
    room.run(IMPORTER, "python", *arguments, cwd=room.directory, variables=variables)


def check_contents(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        strangers = {top_of(name) for name in packed.getnames()} - SHIPPED
    if strangers:
        raise Failed(f"build_ignore in galaxy.yml lets these into the archive: {', '.join(sorted(strangers))}")


def top_of(name: str) -> str:
    """The part of a name that decides whether it is shipped: its first folder, below tests its second as well."""
    parts = name.split("/")
    return "/".join(parts[: 2 if parts[0] == "tests" else 1])


def execution_environment(room: Room) -> None:
    """The collection tells an execution environment what it needs, and can be put into the one that it ships a recipe of."""
    needs = room.directory / "requirements.txt"
    root = room.copy.parents[2]
    room.run(DEVELOPER, "ansible-builder", "introspect", root, "--sanitize", "--write-pip", needs)
    if "requests" not in needs.read_text():
        raise Failed("ansible-builder does not see that the collection needs requests")
    context = room.directory / "context"
    recipe = ("--file", room.copy / "execution-environment.yml", "--context", context)
    room.run(DEVELOPER, "ansible-builder", "create", *recipe)
    if "keysmith.elastic" not in (context / "_build" / "requirements.yml").read_text():
        raise Failed("execution-environment.yml does not put the collection into the image")


def molecule(room: Room) -> None:
    """Every scenario that needs no more than the emulator."""
    run_molecule(room, {}, "--all", "--exclude", ON_REAL_SERVERS)


def molecule_on(server: str, room: Room) -> None:
    """With the rights that the scenario asks its user for."""
    told = json.loads(room.variables[servers.VARIABLE])[server]
    admin, name = Admin(servers.Server(server, **told)), UniqueNames("molecule")("automation")
    rights = {"cluster": ["manage_own_api_key", "monitor"]}
    rights["indices"] = [{"names": ["logs-*"], "privileges": ["create_doc", "auto_configure"]}]
    admin.create_user(name, [admin.create_role(name, rights)])
    login = {"KEYSMITH_ES_URL": admin.server.url, "KEYSMITH_ES_USERNAME": name, "KEYSMITH_ES_PASSWORD": PASSWORD}
    try:
        run_molecule(room, login, "--scenario-name", ON_REAL_SERVERS)
        left = admin.keys("molecule-", alive=True)
    finally:
        admin.ok("DELETE", f"/_security/user/{name}")
        admin.ok("DELETE", f"/_security/role/{name}")
    if left:
        raise Failed(f"the scenario left {len(left)} keys behind")


def run_molecule(room: Room, variables: dict[str, str], *which: str) -> None:
    root = room.copy.parents[2]
    # Molecule knows scenarios by the name of the project's folder, which is the same in every checkout: they need a home of their own.
    home = room.directory / "ansible"
    own = {"ANSIBLE_COLLECTIONS_PATH": str(root), "ANSIBLE_HOME": str(home), **variables}
    try:
        room.run(DEVELOPER, "molecule", "test", *which, cwd=room.copy, variables=own)
    finally:
        for left in home.rglob("emulator.json"):
            os.kill(json.loads(left.read_text())["pid"], signal.SIGTERM)


def per_core(group: str, check: Callable[[str, Room], None], cores: list[str]) -> list[Gate]:
    return [Gate(f"{group}-{core}", group, partial(check, core)) for core in cores]


def integration_gate(core: str, server: str) -> Gate:
    return Gate(f"integration-{core}-{server}", "integration", partial(integration, core, server), server)


# A scenario or a target is a matter of Ansible more than of a server: one real one is enough, unless time does not matter.
ONE_REAL = elasticsearch_node.VERSIONS if os.environ.get("KEYSMITH_LONG") else (spread.NEWER,)
# The long ones first, so that the lanes end at about the same time.
GATES = [
    *[Gate(f"system-{server}", "system", partial(system, server), server) for server in servers.NAMES],
    *per_core("sanity", sanity, [OLDEST, NEWEST]),
    *[integration_gate(CORE_ON[server], server) for server in ("emulator", *ONE_REAL)],
    Gate("emulator", "emulator", emulator),
    *per_core("units", ansible_test_units, [OLDEST, NEWEST]),
    *per_core("units", pytest_units, BETWEEN),
    Gate("molecule-emulator", "molecule", molecule),
    *[Gate(f"molecule-{server}", "molecule", partial(molecule_on, server), server) for server in ONE_REAL],
    Gate("galaxy-importer", "package", importer),
    Gate("execution-environment", "package", execution_environment),
    Gate("ansible-lint", "lint", ansible_lint),
    Gate("ruff", "lint", ruff),
    Gate("mypy", "lint", mypy),
    Gate("headers", "lint", headers),
    Gate("changelog", "docs", changelog),
    Gate("plugin-docs", "docs", docs),
    Gate("docs-site", "docs", docs_site.build),
]
