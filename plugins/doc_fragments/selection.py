# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conditions by which keys are selected, for every module that selects some."""

from __future__ import annotations


class ModuleDocFragment:
    """Whose keys are meant by default, and in which state, each module says itself.

    ``DOCUMENTATION`` is for keys of Elasticsearch, ``CLOUD`` for those of Elastic Cloud and Elastic Cloud Enterprise,
    ``CLOUD_STATE`` for what does not mean the living ones alone, ``TIME`` for both.
    """

    DOCUMENTATION = r"""
options:
  name:
    description:
      - Exact names. V(*) has no special meaning here.
    type: list
    elements: str
  name_pattern:
    description:
      - Patterns of names, in which V(*) is anything, V(?) one character, and a backslash takes the meaning from the character
        after it. A key is meant when O(name) or O(name_pattern) fits.
    type: list
    elements: str
  id:
    description:
      - Ids.
    type: list
    elements: str
  owner_realm:
    description:
      - The realm of O(owner), where two realms know that name.
    type: str
  type:
    description:
      - The type of key (Elasticsearch 8.10 and newer; all earlier ones are V(rest)).
    type: str
    choices: [rest, cross_cluster, any]
    default: any
  metadata:
    description:
      - Metadata that a key must have. A name with dots reaches into the mappings inside, as do mappings here.
      - Values are compared as text, so that V(3) finds V('3') as well. A list in a key's metadata holds a value when one of its
        items is it.
    type: dict
  managed_by:
    description:
      - V(collection) means keys that this collection made, V(product) those that Kibana, Fleet or Elastic Cloud on Kubernetes
        manage, V(nobody) the others. By default it does not matter.
    type: list
    elements: str
    choices: [collection, product, nobody]
"""

    CLOUD = r"""
options:
  description:
    description:
      - Exact descriptions, without the mark that O(keysmith.elastic.ec_api_key#module:mark_description) and
        O(keysmith.elastic.ece_api_key#module:mark_description) add. V(*) has no special meaning here.
    type: list
    elements: str
    aliases: [name]
  description_pattern:
    description:
      - Patterns of descriptions, in which V(*) is anything, V(?) one character, and a backslash takes the meaning from the character
        after it. A key is meant when O(description) or O(description_pattern) fits.
    type: list
    elements: str
    aliases: [name_pattern]
  id:
    description:
      - Ids.
    type: list
    elements: str
"""

    CLOUD_STATE = r"""
options:
  state:
    description:
      - V(active) for keys that can log in, V(expired) for those that have reached their end, V(any) for both. Whether expired keys are
        still shown is up to the service, and deleted ones never are.
    type: list
    elements: str
    choices: [active, expired, any]
    default: [active]
"""

    TIME = r"""
options:
  expiring_within:
    description:
      - Only keys that end within this time from now, such as V(14d). Keys that never end are not among them, and those that have
        ended only where the module is asked for them.
    type: str
  never_expires:
    description:
      - V(true) means only keys without an end, V(false) only keys that have one.
    type: bool
  created_before:
    description:
      - Only keys that were made before this time, such as V(2026-11-21T03:00:00Z) (without a zone it is UTC), or longer ago than
        a duration such as V(365d).
    type: str
  created_after:
    description:
      - Only keys that were made at this time or later, or within a duration such as V(24h).
    type: str
"""
