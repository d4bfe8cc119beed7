# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Everything that the plan for one key is made of."""

from __future__ import annotations

from dataclasses import dataclass

from .features import Capabilities
from .found import Found
from .rules import Rules
from .situation import Situation
from .wanted import Policy, Wanted


@dataclass(frozen=True)
class Case:
    """One key to decide on. ``capabilities`` is None as long as the server has not been asked what it can do."""

    rules: Rules
    wanted: Wanted
    policy: Policy
    found: Found
    situation: Situation
    capabilities: Capabilities | None
