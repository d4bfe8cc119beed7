# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests run with plain pytest from a checkout, and under ansible-test, which knows no pytest settings of ours."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hypothesis import configuration

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import collection

collection.install()
# Its notes would otherwise lie in the checkout.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "keysmith-hypothesis")
