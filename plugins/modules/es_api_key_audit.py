#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..module_utils._ansible.run_audit import run_audit_module
from ..module_utils._kinds.es_api_key_listing import ES_API_KEYS


def main() -> None:
    run_audit_module(ES_API_KEYS)


if __name__ == "__main__":
    main()
