# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Reports on their way into files: which were asked for, and whether what they show is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._model.checks import check_not_empty
from .._stores.file_attributes import parse_mode
from .._stores.report_file import ReportFile


def report_file(options: Mapping[str, Any], option: str, mode_option: str, check: bool) -> ReportFile | None:
    """Return the file that an option names; None: the option was left out.

    :raises OptionError: the path is empty, or the mode is none.
    """
    mode = parse_mode(options[mode_option], mode_option)
    check_not_empty(options[option], option)
    return None if options[option] is None else ReportFile(option, options[option], mode, read_only=check)


def put(file: ReportFile, picture: str, text: bytes, shown: Callable[[bytes], str | None], check: bool) -> bool:
    """Write a report, but for check mode; return whether it shows another picture than what was there, or has another mode.

    The file is written in any case, because ages and the time left have moved on.

    :param shown: finds in a report the picture that it shows.
    """
    before = file.read()
    changed = before is None or shown(before) != picture or file.mode_differs()
    if not check:
        file.write(text)
    return changed
