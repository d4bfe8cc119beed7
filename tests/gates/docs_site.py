# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the HTML site of the guides and of all plugins and roles, without the network."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

from environments import DEVELOPER
from room import Room
from support.places import CACHE

NAME = "keysmith.elastic"
PLACE = CACHE / "docs-site"
PAGES = PLACE / "html"

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
# What antsibull-docs and the guides link to in Ansible's own documentation: label, page, title. Sphinx would fetch the list of
# all labels from there; with this one the build needs no network, and a label that is not here is still an error.
LABELS = (
    ("action_plugins", "plugins/action.html", "Action plugins"),
    ("ansible_configuration_settings", "reference_appendices/config.html", "Ansible Configuration Settings"),
    ("common_return_values", "reference_appendices/common_return_values.html", "Return Values"),
)
BUILTIN = ("copy_module", "uri_module")


def build(room: Room) -> None:
    """Every page renders without a warning. The site stays in PLACE, for whoever wants to look at it."""
    shutil.rmtree(PLACE, ignore_errors=True)
    # antsibull-docs wants folders that nobody else can write to.
    (PLACE / "rst").mkdir(parents=True, mode=0o700)
    PLACE.chmod(0o700)
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(room.copy.parents[2])}
    source = ("--use-current", "--squash-hierarchy", "--fail-on-error")
    texts = ("--project", NAME, "--title", NAME, "--copyright", f"{NAME} contributors")
    room.run(
        DEVELOPER, "antsibull-docs", "sphinx-init", *source, *texts, "--dest-dir", PLACE, NAME, variables=variables
    )
    settle_for_no_network(PLACE / "conf.py")
    settings = ("--config-file", PLACE / "antsibull-docs.cfg")
    room.run(
        DEVELOPER,
        "antsibull-docs",
        *(*settings, "collection", *source, "--cleanup", "everything", "--dest-dir", PLACE / "rst", NAME),
        variables=variables,
    )
    strict = ("-W", "--keep-going", "-q", "-d", PLACE / "doctrees", "-c", PLACE)
    room.run(DEVELOPER, "sphinx-build", "-b", "html", *strict, PLACE / "rst", PAGES)
    room.say(f"The site is {PAGES / 'index.html'}")


def settle_for_no_network(configuration: Path) -> None:
    """Let the generated settings find Ansible's labels in a file beside them."""
    inventory = configuration.with_name("ansible.inv")
    inventory.write_bytes(inventory_of_ansible())
    with open(configuration, "a", encoding="utf-8") as settings:
        settings.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE!r}, {str(inventory)!r})}}\n")
        settings.write("html_theme_options = {'navigation_depth': 3}\n")


def inventory_of_ansible() -> bytes:
    """The labels in Sphinx's format of an inventory, version 2: four lines of text, then compressed ones."""
    builtin = [
        (
            f"ansible_collections.ansible.builtin.{name}",
            f"collections/ansible/builtin/{name}.html",
            name.partition("_")[0],
        )
        for name in BUILTIN
    ]
    lines = [
        f"{label} std:label -1 {page}#{label.replace('_', '-')} {title}\n" for label, page, title in (*LABELS, *builtin)
    ]
    head = b"# Sphinx inventory version 2\n# Project: ansible\n# Version: latest\n# The rest is compressed with zlib.\n"
    return head + zlib.compress("".join(lines).encode())
