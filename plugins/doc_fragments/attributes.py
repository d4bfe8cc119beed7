# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every key module says about itself."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` belongs to every module, one named like an action group to those
    of that group, ``KEY`` to those that give a key its life, ``INFO`` to those that only read."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and predict what would change, without writing anything.
  diff_mode:
    description: Returns what changed, or would change in check mode, when run in diff mode.
  idempotent:
    description: When run twice with the same arguments and nothing else happening, changes nothing the second time.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details:
      - The file in which Ansible keeps the result of an asynchronous task could hold a secret, and others can read it.
  platform:
    description: Target operating systems.
    support: full
    platforms: posix
"""

    ELASTICSEARCH = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/keysmith.elastic.elasticsearch) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - keysmith.elastic.elasticsearch
"""

    ELASTIC_CLOUD = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/keysmith.elastic.elastic_cloud) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - keysmith.elastic.elastic_cloud
"""

    ECE = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/keysmith.elastic.ece) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - keysmith.elastic.ece
"""

    KEY = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - The plan is the same as in a real run, and the transport refuses to write. RV(secret) has the real shape, its fields
        empty.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Not with O(force_rotate=true). And time goes by, so a key that has become due gets a successor or a later end, and a predecessor
        whose overlap is over is revoked.
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module reads only.
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
    details:
      - This module changes nothing.
"""
