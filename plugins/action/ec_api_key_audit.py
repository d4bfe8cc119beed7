# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every module of this collection, under this module's name.

A redirect in ``meta/runtime.yml`` would do the same in fewer lines. But then ``module_defaults`` for one module reach the other,
and ansible-lint takes the one name for a wrong spelling of the other.
"""

from __future__ import annotations

from ansible_collections.keysmith.elastic.plugins.action.ec_api_key import ActionModule

__all__ = ["ActionModule"]
