# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Who logs in: one login, chosen whole, the task's before the environment's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.ece import EceLogin
from .._http.auth import ApiKeyAuth, Auth, BasicAuth, BearerAuth, NoAuth
from .._model.errors import OptionError
from .._model.key_text import is_cloud_key, parse_api_key, parse_opaque_key
from .login_store import stored_login
from .options import ECE, ELASTICSEARCH, ConnectionGroup, is_given

# What else than a login comes from one layer alone: an environment's login for its proxy is not for the task's proxy.
TOGETHER = (
    ("url", "cloud_id"),
    ("proxy", "proxy_username", "proxy_password"),
    ("ca_path", "ca_pem", "ca_fingerprint"),
)


def logins_in(options: Mapping[str, Any], group: ConnectionGroup) -> list[tuple[str, ...]]:
    """Return the logins of which at least one option is given."""
    return [login for login in group.logins if any(is_given(options.get(name)) for name in login)]


def check_one_login(options: Mapping[str, Any], group: ConnectionGroup, layer: str, remedy: str) -> None:
    """Refuse two logins in one layer, and half a one; naming the options, never their values."""
    found = logins_in(options, group)
    if len(found) > 1:
        names = " and ".join("+".join(name for name in login if is_given(options.get(name))) for login in found)
        raise OptionError(found[1][0], f"{layer} gives two logins: {names}.", remedy)
    for login in found:
        missing = [name for name in login if not is_given(options.get(name))]
        if missing:
            raise OptionError(
                missing[0],
                f"{layer} gives {login[0] if login[0] not in missing else login[1]} without {missing[0]}.",
                "Give both.",
            )


def with_environment(
    arguments: Mapping[str, Any], environment: Mapping[str, str], group: ConnectionGroup
) -> dict[str, Any]:
    """Return the task's arguments (``module_defaults`` included), filled up from the controller's environment.

    A login is taken whole from one layer: an environment's password never completes a task's username.

    :raises OptionError: two logins in one layer.
    """
    check_one_login(
        arguments,
        group,
        "The task, with module_defaults,",
        "Take one of them out; where module_defaults give it, set it to {{ omit }} in the task.",
    )
    given = {
        option: environment[group.environment_name(option)]
        for option in group.options
        if environment.get(group.environment_name(option))
    }
    return filled_up(arguments, given, group, "The environment", group.prefix)


def filled_up(
    arguments: Mapping[str, Any], below: Mapping[str, Any], group: ConnectionGroup, layer: str, prefix: str
) -> dict[str, Any]:
    """Return the connection options of one layer, filled up from the layer below it; what belongs together is taken whole.

    :param layer: the lower layer's name, for messages; ``prefix`` is what the names of its variables begin with.
    :raises OptionError: two logins in the lower layer.
    """
    given = {option: value for option, value in below.items() if not is_given(arguments.get(option))}
    if logins_in(arguments, group) or is_given(arguments.get("client_cert")):
        given = {option: value for option, value in given.items() if not any(option in one for one in group.logins)}
    check_one_login(given, group, layer, f"Unset one of them (their names begin with {prefix}).")
    for together in TOGETHER:
        if any(is_given(arguments.get(option)) for option in together):
            given = {option: value for option, value in given.items() if option not in together}
    return {**arguments, **given}


def login_of(options: Mapping[str, Any], group: ConnectionGroup) -> Auth:
    """Return the one login that the options give.

    :raises OptionError: none, two, or half a one; a ``login_store`` that is no store.
    :raises StoreError, Refused: a ``login_store`` that holds no login.
    """
    check_one_login(options, group, "The task", "Take one of them out.")
    found = logins_in(options, group)
    if not found:
        # It can stand beside any login (a proxy may demand one), and alone be one.
        if is_given(options.get("client_cert")):
            return NoAuth()
        raise OptionError(
            "api_key",
            "No login is given.",
            f"Give {_ways(group)}, in the task, in module_defaults or in the environment "
            f"({group.environment_name('api_key')} and the like).",
        )
    if found[0] == ("api_key",):
        return _key_login(options["api_key"], group)
    if found[0] == ("token",):
        return BearerAuth(str(options["token"]))
    if found[0] == ("login_store",):
        return stored_login(options["login_store"], group.stored)
    user = BasicAuth if group is not ECE else EceLogin
    return user(str(options["username"]), str(options["password"]))


def _ways(group: ConnectionGroup) -> str:
    ways = [" and ".join(login) for login in group.logins]
    ways += ["client_cert"] if "client_cert" in group.options else []
    return f"{', '.join(ways[:-1])}{',' if len(ways) > 2 else ''} or {ways[-1]}"


def _key_login(text: Any, group: ConnectionGroup) -> ApiKeyAuth:
    """Return the login of an API key; each service's keys have a form of their own, and the wrong one is told apart by it."""
    if group is not ELASTICSEARCH:
        return ApiKeyAuth(parse_opaque_key(text, "api_key"))
    # Elasticsearch refuses it itself, and a serverless project takes it.
    if is_cloud_key(text):
        return ApiKeyAuth(str(text).strip())
    return ApiKeyAuth(parse_api_key(str(text), "api_key").encoded)
