# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A list of keys to rotate: every one is checked before the first is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._kinds.ec_api_key import EC_API_KEY
from .._kinds.ece_api_key import ECE_API_KEY
from .._kinds.es_api_key import ES_API_KEY
from .._kinds.es_cross_cluster_key import ES_CROSS_CLUSTER_KEY
from .._kinds.kind import KeyKind
from .._model.errors import KeysmithError, OptionError
from .._model.secret import secret_type
from .._stores.store import check_store_options
from .argspec import ArgumentSpec
from .login import check_one_login
from .misplaced import login_scrubber, refuse_misplaced
from .options import GROUPS, LIFECYCLE, ConnectionGroup
from .policy import policy_of

# To let the role take a kind: a line here, and a file issue_<kind>.yml beside its other tasks.
KINDS: Mapping[str, KeyKind] = {kind.name: kind for kind in (ES_API_KEY, ES_CROSS_CLUSTER_KEY, EC_API_KEY, ECE_API_KEY)}

FORMS = ("encoded", "beats", "header", "id")

# What the role decides by itself, and why.
_NOT_HERE = {
    "state": "The role rotates keys; revoke one with state: absent in a task of the module, or with the playbook revoke.",
    "id": "A key that may be rotated is found by its name and its store.",
    "return_secret": "The role reads the secret from the store.",
    "retire": "The role retires predecessors when the consumers have been checked.",
}

_ROLE = ArgumentSpec(
    {
        "kind": {"type": "str", "default": "es_api_key"},
        "connection": {"type": "dict", "default": {}},
        "deliver": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "dest": {"type": "path", "required": True},
                "form": {"type": "str", "choices": [*FORMS], "default": "encoded"},
                "mode": {"type": "raw", "default": "0600"},
                "owner": {"type": "str"},
                "group": {"type": "str"},
            },
        },
        "notify": {"type": "list", "elements": "str", "default": []},
        "consumer_tasks": {"type": "str"},
        "check_tasks": {"type": "str"},
        "always_check": {"type": "bool", "default": False},
        "delegate_to": {"type": "str", "default": "localhost"},
    }
)


FindFile = Callable[[str], Union[str, None]]


def rotation_problems(
    keys: Any, defaults: Mapping[str, Any], connection: Mapping[str, Any], find_file: FindFile
) -> list[str]:
    """Return one sentence for each thing that is wrong in a list of keys, all of them at once.

    :param keys: what the role was given.
    The others are those of ``rotation_key``.
    """
    if not isinstance(keys, Sequence) or isinstance(keys, (str, bytes)) or not keys:
        what = "is empty" if isinstance(keys, Sequence) and not keys else "is no list of keys"
        return [f"rotate_keys {what}. Give at least one key, with a name and a store."]
    planned: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, key in enumerate(keys):
        try:
            planned.append(rotation_key(key, defaults, connection, find_file))
        except KeysmithError as error:
            problems.append(f"rotate_keys[{number}]{_name_of(key)}: {error}")
    return [*problems, *_shared_stores(planned)]


def _name_of(key: Any) -> str:
    name = name_of(key) if isinstance(key, Mapping) else None
    return f" ({name})" if isinstance(name, str) and name else ""


def name_of(options: Mapping[str, Any]) -> Any:
    """Return a key's name, which for some kinds is its description."""
    return options.get("name") or options.get("description")


def rotation_key(
    key: Any, defaults: Mapping[str, Any], connection: Mapping[str, Any], find_file: FindFile
) -> dict[str, Any]:
    """Return one key of the list with the defaults filled in: what the role does with it, and the module's ``options``.

    :param defaults: for what a key does not say itself; a ``store`` is filled up suboption by suboption.
    :param connection: connection options for every key; a key's own replace them as a whole.
    :param find_file: returns the path of a file of tasks, None if there is none.
    :raises OptionError: an option is missing, unknown, malformed or contradicts another.
    """
    if not isinstance(key, Mapping):
        raise OptionError("rotate_keys", "this is not a mapping.", "A key is a mapping with at least name and store.")
    given = {**defaults, "connection": connection, **key}
    if isinstance(key.get("store"), Mapping) and isinstance(defaults.get("store"), Mapping):
        given["store"] = {**defaults["store"], **key["store"]}
    kind = KINDS.get(str(given.get("kind") or "es_api_key"))
    if kind is None:
        raise OptionError("kind", f"kind {given['kind']!r} is not known.", f"Known are: {', '.join(KINDS)}.")
    refuse_misplaced({name: value for name, value in given.items() if name != "connection"})
    role = _validated(_ROLE, {name: value for name, value in given.items() if name in _ROLE.options})
    options = {str(name): value for name, value in given.items() if name not in _ROLE.options}
    store = _check_options(kind, options)
    _check_forms(kind, role["deliver"])
    _check_connection(role["connection"], GROUPS[kind.group])
    return {
        **role,
        "name": name_of(options),
        "options": {name: value for name, value in options.items() if value is not None},
        "place": f"{role['delegate_to']}:{store['type']}:{store.get('path') or store}",
        **{name: _file(name, role[name], find_file) for name in ("consumer_tasks", "check_tasks")},
    }


def _validated(spec: ArgumentSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Ansible makes of options; its own words about a wrong one are scrubbed."""
    arguments = spec.arguments()
    result = ArgumentSpecValidator(arguments["argument_spec"]).validate(dict(given))
    if result.error_messages:
        text = login_scrubber(given).scrub("; ".join(result.error_messages))
        raise OptionError("rotate_keys", f"{text.rstrip('.')}.", "See the documentation of the role and of the module.")
    return dict(result.validated_parameters)


def _check_options(kind: KeyKind, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check a key's own options as its module would, and return its store."""
    for name, why in _NOT_HERE.items():
        if options.get(name) is not None:
            raise OptionError(name, f"{name} has no place here.", why)
    known = LIFECYCLE + ArgumentSpec(kind.options)
    aliases = {alias for option in known.options.values() for alias in option.get("aliases", ())}
    for name in options:
        if name in GROUPS[kind.group].options:
            raise OptionError(name, f"{name} is an option of the connection.", f"Write connection: {{{name}: ...}}.")
        if name not in known.options and name not in aliases:
            usable = sorted({*known.options, *_ROLE.options} - set(_NOT_HERE))
            raise OptionError(name, f"{name} is no option of a key.", f"A key has: {', '.join(usable)}.")
    if not name_of(options):
        raise OptionError("name", "no name is given.", "Give the key's name.")
    if not options.get("store"):
        raise OptionError(
            "store", "no store is given.", "Give one, such as store: {type: file, path: /etc/keysmith/keys/name.json}."
        )
    validated = _validated(known, options)
    check_store_options(validated["store"])
    policy_of(validated, kind.wanted(validated))
    store: Mapping[str, Any] = validated["store"]
    return store


def _check_forms(kind: KeyKind, deliver: Sequence[Mapping[str, Any]]) -> None:
    for one in deliver:
        if one["form"] == "beats" and "beats" not in secret_type(kind.name).FORMS:
            raise OptionError(
                "deliver",
                f"the {kind.rules.noun} has no form for Beats and Logstash.",
                "Deliver it as encoded or header.",
            )


def _check_connection(connection: Mapping[str, Any], group: ConnectionGroup) -> None:
    unknown = sorted(set(connection) - set(group.options))
    if unknown:
        raise OptionError(
            "connection",
            f"connection has no option {unknown[0]}.",
            f"It has: {', '.join(sorted(group.options))}.",
        )
    check_one_login(connection, group, "connection", "Take one of them out.")
    refuse_misplaced(connection)


def _file(option: str, given: str | None, find_file: FindFile) -> str | None:
    if not given:
        return None
    found = find_file(given)
    if found is None:
        raise OptionError(
            option,
            f"{option}: there is no file {given}.",
            "Give an absolute path, or one relative to the playbook's folder.",
        )
    return found


def _shared_stores(planned: Sequence[Mapping[str, Any]]) -> list[str]:
    counted = Counter(key["place"] for key in planned)
    return [
        f"rotate_keys: {' and '.join(key['name'] for key in planned if key['place'] == place)} have the same store "
        f"{place.split(':', 2)[2]}. Give each key a store of its own."
        for place, times in counted.items()
        if times > 1
    ]
