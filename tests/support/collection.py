# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as ansible_collections.keysmith.elastic, whatever folder it lies in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from support.places import CACHE, CHECKOUT

PLACE = ("ansible_collections", "keysmith", "elastic")


def collections_path() -> Path:
    """The folder that holds ansible_collections; where the checkout lies elsewhere, one with a link to it."""
    if CHECKOUT.parts[-3:] == PLACE:
        return CHECKOUT.parents[2]
    root = CACHE / "linked"
    link = root.joinpath(*PLACE)
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(CHECKOUT)
    except FileExistsError:
        # A checkout that was moved leaves a link to where it was.
        if link.resolve() != CHECKOUT:
            link.unlink()
            link.symlink_to(CHECKOUT)
    return root


def install() -> None:
    """Ansible's finder knows collections. It is private API, so it is used here only; ansible-test brings its own."""
    root = str(collections_path())
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = root
    from ansible.utils.collection_loader import _collection_finder as finders

    if not any(isinstance(finder, finders._AnsibleCollectionFinder) for finder in sys.meta_path):
        finders._AnsibleCollectionFinder(paths=[root])._install()
