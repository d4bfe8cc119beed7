# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option ``store``: where a secret lives."""

from __future__ import annotations


class ModuleDocFragment:
    """For every module that makes secrets."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - Where the secret lives. It is read and proven on every run, and a new secret is written here before anything that
        it replaces is retired.
      - Each key needs a store of its own. What belongs to another key, owner or cluster is refused, never overwritten.
      - In check mode a folder, user or group that does not exist yet is a warning, because an earlier task would have made it.
    type: dict
    suboptions:
      type:
        description:
          - The kind of store. V(file) is a JSON file on the machine where the task runs, replaced as a whole and
            locked against other runs by a file beside it.
        type: str
        choices: [file]
        required: true
      path:
        description:
          - Absolute path of the file, in a folder that exists. Required for O(store.type=file).
          - A symbolic link, and a file that more people can read than O(store.mode) lets, are refused.
        type: path
      mode:
        description:
          - The file's mode, by default V("0600"). A string is octal, a number the mode itself.
          - An existing file of a lesser mode is brought to it.
        type: raw
      owner:
        description:
          - The user, by name or number, who owns the file. By default it is whoever made it.
        type: str
      group:
        description:
          - The group, by name or number, that the file belongs to.
        type: str
      follow:
        description:
          - Whether a symbolic link at O(store.path) is followed, by default V(false).
        type: bool
"""
