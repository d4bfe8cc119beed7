# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""From the life-cycle options to the policy of a key's life, checked against each other before anything is asked of a server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .._model.duration import Duration, parse_duration, parse_share_or_duration
from .._model.errors import OptionError
from .._model.moment import parse_time
from .._model.wanted import Policy, Wanted


def policy_of(options: Mapping[str, Any], wanted: Wanted) -> Policy:
    """Return the policy.

    :raises OptionError: an option is malformed, or contradicts another.
    """
    policy = Policy(
        renew_before=parse_share_or_duration(options["renew_before"], "renew_before"),
        overlap=parse_duration(options["overlap"], "overlap", allow_never=False, allow_zero=True),
        settle=parse_duration(options["settle"], "settle", allow_never=False, allow_zero=True),
        state=options["state"],
        on_due=options["on_due"],
        on_drift=options["on_drift"],
        force_rotate=options["force_rotate"],
        created_before=past_time(options["rotate_if_created_before"]),
        duplicates=options["duplicates"],
        stored=options["store"] is not None,
        return_secret=options["return_secret"],
        retire=options["retire"],
    )
    if not policy.retire and not policy.stored:
        raise OptionError(
            "retire",
            "retire: false needs a store: it lists what is to be retired later.",
            "Give store, or leave retire out.",
        )
    _check_identity(policy, wanted)
    if policy.state == "present":
        _check_life(policy, wanted)
    return policy


def past_time(text: str | None) -> int | None:
    """Return ``rotate_if_created_before``, an ISO 8601 time, as ms since the epoch; without a zone it is UTC.

    :raises OptionError: it is no time, or lies in the future.
    """
    if text is None:
        return None
    option = "rotate_if_created_before"
    moment = parse_time(text, option)
    if moment > time.time() * 1000 + 60_000:
        raise OptionError(
            option,
            f"{option} {text} lies in the future: every run until then would rotate.",
            "Give the time of the incident.",
        )
    return moment


def _check_identity(policy: Policy, wanted: Wanted) -> None:
    if wanted.name is not None or wanted.id is not None:
        if wanted.id is not None and policy.stored:
            raise OptionError(
                "id",
                "id and store are both given, but a stored key is found by its record.",
                "Give name with store, or id without.",
            )
        return
    if policy.state == "absent" and wanted.scope.owner is not None and not policy.stored:
        return
    remedy = (
        "Give name, id, or with state: absent the owner whose keys are all to go."
        if policy.state == "absent"
        else "Give name."
    )
    raise OptionError("name", "Neither name nor id says which key is meant.", remedy)


def _check_life(policy: Policy, wanted: Wanted) -> None:
    expiration = wanted.expiration
    finite = expiration is not None and not expiration.never
    if (
        expiration is not None
        and finite
        and isinstance(policy.renew_before, Duration)
        and policy.renew_before.seconds >= expiration.seconds
    ):
        raise OptionError(
            "renew_before",
            f"renew_before {policy.renew_before} is not shorter than expiration {expiration}: a new key would be due at once.",
            "Give a shorter renew_before, or a share such as 20%.",
        )
    if policy.on_due == "extend" and not finite:
        raise OptionError("on_due", "on_due: extend needs an expiration to extend by.", "Give expiration, such as 90d.")
