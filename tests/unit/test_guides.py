# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides tell what is there: messages, environment variables, the fields of a record; and their YAML is YAML."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
import yaml
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import GROUPS
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import LoginRecord
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Record
from support.guides import DOCSITE, GUIDES, Guide

PLUGINS = DOCSITE.parents[1] / "plugins"
# What differs in a message.
VARIES = "…"
# The sections of the guide to messages that hold one, and its own parts.
SECTIONS = (
    "The login",
    "The connection",
    "Options",
    "The key",
    "The store",
    "Lookups and filters",
    "Logins",
    "Anything else",
)


def sentences() -> Iterator[str]:
    """Every text in the code, with a mark for what is filled in."""
    for path in PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else VARIES for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_message_that_is_explained_can_be_seen() -> None:
    _title, *headings = GUIDES["troubleshooting"].headings()
    messages = [heading.replace("\\", "") for heading in headings if heading not in SECTIONS]
    known = set(sentences())
    assert len(messages) > 40
    assert [message for message in messages if not any(message in sentence for sentence in known)] == []


def test_the_table_of_environment_variables_is_complete() -> None:
    table = GUIDES["authentication"].table("Environment variables\n")
    assert sorted(re.findall(r"KEYSMITH_[A-Z_]+", table)) == sorted(
        group.environment_name(option) for group in GROUPS.values() for option in group.options
    )


def test_every_message_in_a_table_can_be_seen() -> None:
    _head, *cells = GUIDES["elastic_cloud"].first_cells("What these services say\n")
    assert len(cells) > 10
    known = set(sentences())
    messages = [cell.replace("\\", "") for cell in cells]
    assert [message for message in messages if not any(message in sentence for sentence in known)] == []


def names_in(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"``(\w+)``", cell)}


def test_the_record_is_described_whole() -> None:
    key = Record(kind="es_api_key", name="n", cluster="c", owner=Owner("o", "r"), handover=1)
    cells = GUIDES["stores"].first_cells("The record\n----------\n")
    assert names_in(cells) == set(key.to_dict())
    login = LoginRecord(name="n", cluster="c", owner=Owner("o", "r"))
    rest = GUIDES["stores"].text.partition(".. list-table:: The record of a login")[2]
    cells = Guide("login", f"here\n.. list-table::{rest}").first_cells("here")
    assert names_in(cells) == set(login.to_dict())


@pytest.mark.parametrize("guide", GUIDES.values(), ids=str)
def test_every_block_of_yaml_is_yaml(guide: Guide) -> None:
    for block in guide.blocks("yaml"):
        assert block.value, block.content


def test_the_execution_environment_is_the_one_that_is_shipped() -> None:
    (shown,) = [one for one in GUIDES["awx"].blocks("yaml") if one.caption == "execution-environment.yml"]
    assert shown.value == yaml.safe_load((DOCSITE.parents[1] / "execution-environment.yml").read_text())


def test_every_guide_is_listed_under_its_label() -> None:
    listed = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text())["sections"]
    assert [name for section in listed for name in section["toctree"]] == [
        f"guide_{name}"
        for name in (
            "authentication",
            "rotation",
            "remote_clusters",
            "elastic_cloud",
            "stores",
            "awx",
            "migration",
            "troubleshooting",
        )
    ]
    assert len(GUIDES) == 8
    for guide in GUIDES.values():
        assert f"\n.. _ansible_collections.keysmith.elastic.docsite.{guide.name}:\n" in guide.text


def test_guides_link_to_labels_that_exist() -> None:
    """antsibull-docs checks links to plugins; a label that is missing would only be noticed on the site."""
    labels = {
        label for guide in GUIDES.values() for label in re.findall(r"^\.\. _([\w.]+):$", guide.text, re.MULTILINE)
    }
    links = {link for guide in GUIDES.values() for link in re.findall(r":ref:`[^`<]*<\s*([^>]+)>`", guide.text)}
    assert links
    assert links <= labels
