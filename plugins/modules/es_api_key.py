#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_api_key
"""

from ..module_utils._ansible.run_key import run_key_module
from ..module_utils._kinds.es_api_key import ES_API_KEY


def main() -> None:
    run_key_module(ES_API_KEY)


if __name__ == "__main__":
    main()
