# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of every module for Elastic Cloud Enterprise: that of the modules for Elasticsearch, with other connection options."""

from __future__ import annotations

from typing import ClassVar

from ansible_collections.keysmith.elastic.plugins.action.es_api_key import ActionModule as KeysmithAction
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import ECE, ConnectionGroup


class ActionModule(KeysmithAction):
    """Runs the module of the task's own name."""

    group: ClassVar[ConnectionGroup] = ECE
