# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every lookup of a key on a service says about itself."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` belongs to each of them, ``CLOUD`` to those of Elastic Cloud and Elastic Cloud Enterprise as well."""

    DOCUMENTATION = r"""
options:
  on_missing:
    description:
      - What to do where no key is found.
      - V(error) fails; V(warn) leaves the term out and warns; V(skip) leaves it out.
    type: str
    choices: [error, warn, skip]
    default: error
notes:
  - Lookups run on the controller, wherever the task runs, and so does the login.
  - An answer is used again for 10 seconds within one process, which for Ansible is a task, its loop included. So a template may
    hold the same lookup many times over.
seealso:
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
  - plugin: keysmith.elastic.expiring_within
    plugin_type: test
"""

    CLOUD = r"""
options:
  _terms:
    description:
      - Descriptions of keys, or their ids with O(by=id).
    type: list
    elements: str
    required: true
  by:
    description:
      - What the terms are. A key of an id is found although it has expired, where the service still shows it.
    type: str
    choices: [description, id]
    default: description
"""
