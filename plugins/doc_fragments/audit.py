# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By what measure keys are audited, and where the audit is kept."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` belongs to every module that audits, ``CLOUD`` to those for keys of Elastic Cloud and Elastic Cloud Enterprise."""

    DOCUMENTATION = r"""
options:
  warn_within:
    description:
      - A key that ends within this time is C(ending_soon).
    type: str
    default: 14d
  max_life:
    description:
      - The longest life that a key may have, from its creation to its end, such as V(365d). By default there is no limit.
    type: str
  max_age:
    description:
      - How long ago a key may have been made, whenever it ends. By default there is no limit.
    type: str
  report:
    description:
      - Absolute path of a file for the complete audit, as JSON, in a folder that exists.
      - The file is written on every run, because ages and the time left have moved on. The result is C(changed) only if keys, findings or
        policies are others than the file showed before.
    type: path
  mode:
    description:
      - The mode of O(report), as an octal string.
    type: raw
    default: "0600"
attributes:
  check_mode:
    support: full
    details:
      - In check mode O(report) is not written.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - A second run over unchanged keys is not C(changed), though it writes O(report) anew.
"""

    CLOUD = r"""
options:
  description_pattern:
    description:
      - Audits only keys whose descriptions fit one of these patterns, in which V(*) is anything, V(?) one character, and a backslash takes
        the meaning from the character after it.
    type: list
    elements: str
    aliases: [name_pattern]
  state:
    description:
      - V(active) for keys that can log in, V(expired) for those that have reached their end, V(any) for both. Whether expired keys are
        still shown is up to the service, and deleted ones never are. Only keys that can log in are judged.
    type: list
    elements: str
    choices: [active, expired, any]
    default: [active, expired]
  leftover_after:
    description:
      - How long two keys of one description may work side by side. Give more than the longest overlap of the tasks that rotate them, and
        the time until the run that revokes the predecessor.
    type: str
    default: 7d
"""
