# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, roles, and what a user learns about itself."""

from __future__ import annotations

import re
from typing import Any

from keysmith_emulator.elasticsearch.authorization import has_application, has_cluster, has_index, require_cluster
from keysmith_emulator.elasticsearch.body import Body, read_body, token
from keysmith_emulator.elasticsearch.errors import illegal_argument, parse_error, validation_failed
from keysmith_emulator.elasticsearch.role_descriptors import (
    Descriptor,
    Dialect,
    cluster_privilege_problem,
    for_roles,
    index_privilege_problem,
    problems_of,
    read_role,
)
from keysmith_emulator.elasticsearch.routes import Call, Route
from keysmith_emulator.elasticsearch.state import State, User
from keysmith_emulator.elasticsearch.subjects import Subject
from keysmith_emulator.elasticsearch.versions import Version
from keysmith_emulator.exchange import Answer

_SECURITY = "cluster:admin/xpack/security/"
_MANAGE = ("manage_security", "all")
_READ = ("read_security", *_MANAGE)
_SHORTEST_PASSWORD = 6
_USER_FIELDS = {"password", "roles", "full_name", "email", "metadata", "enabled", "username"}


def reserved_roles(version: Version) -> dict[str, Descriptor]:
    """The roles that are there from the beginning."""
    own = {"names": ["*"], "privileges": ["all"], "allow_restricted_indices": False}
    system = {
        "names": ["*"],
        "privileges": ["monitor", "read", "view_index_metadata", "read_cross_cluster"],
        "allow_restricted_indices": True,
    }
    superuser: Descriptor = {
        "cluster": ["all"],
        "indices": [own, system],
        "applications": [{"application": "*", "privileges": ["*"], "resources": ["*"]}],
        "run_as": ["*"],
        "metadata": {"_reserved": True},
        "transient_metadata": {},
    }
    if version.has("remote_indices"):
        superuser["remote_indices"] = [{**entry, "clusters": ["*"]} for entry in (own, system)]
    if version.has("remote_cluster"):
        held = ["monitor_enrich"] + (["monitor_stats"] if version.has("monitor_stats") else [])
        superuser["remote_cluster"] = [{"privileges": held, "clusters": ["*"]}]
    superuser["description"] = "Grants full access to cluster management and data indices."
    return {"superuser": superuser}


def show_subject(subject: Subject, version: Version) -> dict[str, Any]:
    """Who is logged in, as `_authenticate` says it."""
    by = subject.authentication
    shown: dict[str, Any] = {
        "username": subject.username,
        "roles": list(subject.role_names),
        **subject.owner,
        "enabled": True,
        "authentication_realm": {"name": by.realm, "type": by.realm_type},
        "lookup_realm": {"name": subject.realm, "type": subject.realm_type},
        "authentication_type": "realm" if by.key is None and by.cloud is None else "api_key",
    }
    if subject.key is not None:
        managed = {"managed_by": "elasticsearch"} if version.has("managed_by") else {}
        shown["api_key"] = {**managed, "name": subject.key.name, "id": subject.key.id}
    if subject.cloud is not None:
        login = {"id": subject.cloud.key_id, "name": subject.cloud.name}
        shown["api_key"] = {**login, "managed_by": "cloud", "internal": False}
    return shown


# Of the part of an application's name before the first hyphen or underscore.
SHORTEST_APPLICATION = 3


def authenticate(call: Call) -> Answer:
    """GET /_security/_authenticate."""
    return Answer(200, show_subject(call.subject, call.version))


def has_privileges(call: Call) -> Answer:
    """GET or POST /_security/user/_has_privileges."""
    name = f"{call.subject.username}/has_privileges"
    given = read_body(call.request.body, "request body or source parameter is required").value
    asked = _read_privilege_check(name, given, call)
    version, subject = call.version, call.subject
    cluster = {item: has_cluster(subject, item, version) for item in asked["cluster"]}
    index: dict[str, dict[str, bool]] = {}
    for entry in asked["index"]:
        for pattern in entry["names"]:
            held = index.setdefault(pattern, {})
            for item in entry["privileges"]:
                held[item] = has_index(subject, pattern, item, version, entry["allow_restricted_indices"])
    application: dict[str, dict[str, dict[str, bool]]] = {}
    for entry in asked["application"]:
        resources = application.setdefault(entry["application"], {})
        for resource in entry["resources"]:
            for item in entry["privileges"]:
                allowed = has_application(subject, entry["application"], item, resource)
                resources.setdefault(resource, {})[item] = allowed
    every = [*cluster.values(), *(held for names in index.values() for held in names.values())]
    every += [held for resources in application.values() for names in resources.values() for held in names.values()]
    return Answer(
        200,
        {
            "username": subject.username,
            "has_all_requested": all(every),
            "cluster": cluster,
            "index": {pattern: dict(sorted(held.items())) for pattern, held in sorted(index.items())},
            "application": application,
        },
    )


def _check_question(role: dict[str, Any]) -> None:
    """Refuse what 8.19.21 and 9.5.3 refuse before they look at the names of privileges."""
    problems = []
    if not any(role[part] for part in ("cluster", "indices", "applications")):
        problems.append("must specify at least one privilege")
    for entry in role["applications"]:
        name = entry["application"]
        if "*" in name:
            problems.append(f"Application names may not contain '*' (found '{name}')")
        elif len(re.split("[-_]", name, maxsplit=1)[0]) < SHORTEST_APPLICATION:
            problems.append(f"An application name prefix must be at least 3 characters long (found '{name}')")
    if problems:
        raise validation_failed(problems)


def _read_privilege_check(name: str, given: Any, call: Call) -> dict[str, Any]:
    start = f"failed to parse privileges check [{name}]."
    if not isinstance(given, dict):
        raise parse_error(f"{start} expected an object but found [{token(given)}] instead")
    for field in given:
        if field not in ("cluster", "index", "indices", "application", "applications"):
            raise parse_error(f"{start} unexpected field [{field}]")
    if not given:
        raise parse_error(f"{start} All privilege fields [cluster,index,applications] are missing")
    dialect = Dialect(call.version, call.state.settings.serverless)
    role = read_role(name, {_CHECK_ALIASES.get(field, field): value for field, value in given.items()}, dialect)
    _check_question(role)
    problems = [cluster_privilege_problem(item, dialect) for item in role["cluster"]]
    problems += [index_privilege_problem(item, dialect) for entry in role["indices"] for item in entry["privileges"]]
    for problem in problems:
        if problem:
            raise illegal_argument(problem)
    return {"cluster": role["cluster"], "index": role["indices"], "application": role["applications"]}


_CHECK_ALIASES = {"index": "indices", "application": "applications"}


def put_role(call: Call) -> Answer:
    """PUT or POST /_security/role/{name}."""
    name = call.variables["name"]
    dialect = for_roles(Dialect(call.version, call.state.settings.serverless))
    role = read_role(name, read_body(call.request.body).value, dialect)
    problems = problems_of({name: role}, dialect)
    if name in reserved_roles(call.version):
        problems.append(f"Role [{name}] is reserved and may not be used.")
    if problems:
        raise validation_failed(problems)
    require_cluster(call.subject, _SECURITY + "role/put", _MANAGE, call.version)
    created = name not in call.state.roles
    call.state.roles[name] = role
    return Answer(200, {"role": {"created": created}})


def get_role(call: Call) -> Answer:
    """GET /_security/role or /_security/role/{name}."""
    require_cluster(call.subject, _SECURITY + "role/get", _READ, call.version)
    return _some(call.state.roles, call.variables.get("name"), lambda role: role)


def delete_role(call: Call) -> Answer:
    """DELETE /_security/role/{name}."""
    name = call.variables["name"]
    require_cluster(call.subject, _SECURITY + "role/delete", _MANAGE, call.version)
    if name in reserved_roles(call.version):
        raise illegal_argument(f"role [{name}] is reserved and cannot be deleted")
    return _found(call.state.roles.pop(name, None))


def _some(everything: dict[str, Any], names: str | None, show: Any) -> Answer:
    wanted = set(names.split(",")) if names else set(everything)
    shown = {name: show(item) for name, item in everything.items() if name in wanted}
    return Answer(404 if names and not shown else 200, shown)


def _found(removed: Any) -> Answer:
    return Answer(200 if removed is not None else 404, {"found": removed is not None})


def put_user(call: Call) -> Answer:
    """PUT or POST /_security/user/{name}."""
    name = call.variables["name"]
    given = _read_user(read_body(call.request.body))
    known = call.state.users.get(name)
    if known is not None and known.reserved:
        raise validation_failed([f"user [{name}] is reserved and only the password can be changed"])
    _check_password(given.get("password"))
    require_cluster(call.subject, _SECURITY + "user/put", _MANAGE, call.version)
    if known is None and "password" not in given:
        raise validation_failed(
            ["password must be specified unless you are updating an existing user"], "validation_exception"
        )
    call.state.users[name] = User(
        name,
        given.get("password") or (known.password if known else ""),
        list(given.get("roles", [])),
        given.get("full_name"),
        given.get("email"),
        _metadata(given, known),
        given.get("enabled", True),
    )
    return Answer(200, {"created": known is None})


def _metadata(given: dict[str, Any], known: User | None) -> dict[str, Any]:
    """What is given; an update without a password merges it into what is there, as a partial update of a document does."""
    metadata = given.get("metadata", {})
    if known is None or given.get("password") or not metadata:
        return dict(metadata)
    return _merged(known.metadata, metadata)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = {name: value for name, value in new.items() if isinstance(value, dict) and isinstance(old.get(name), dict)}
    return {**old, **new, **{name: _merged(old[name], value) for name, value in both.items()}}


def _read_user(body: Body) -> dict[str, Any]:
    given = body.value
    if not isinstance(given, dict):
        raise parse_error(f"failed to parse add user request. expected an object but found [{token(given)}] instead")
    for field in given:
        if field not in _USER_FIELDS:
            raise parse_error(f"failed to parse add user request. unexpected field [{field}]")
    for field in ("password", "full_name", "email"):
        if not isinstance(given.get(field, ""), (str, type(None))):
            raise parse_error(f"expected field [{field}] to be a string")
    metadata = given.get("metadata", {})
    if not isinstance(metadata, dict):
        raise parse_error(f"expected field [metadata] to be of type object, but found [{token(metadata)}] instead")
    roles = given.get("roles", [])
    if isinstance(roles, str):
        return {**given, "roles": [name for name in roles.split(",") if name]}
    if not isinstance(roles, list) or not all(isinstance(name, str) for name in roles):
        raise parse_error("expected field [roles] to be a list of strings")
    return given


def _check_password(password: Any) -> None:
    if password is not None and len(str(password)) < _SHORTEST_PASSWORD:
        problem = f"passwords must be at least [{_SHORTEST_PASSWORD}] characters long"
        raise validation_failed([problem], "validation_exception")


def get_user(call: Call) -> Answer:
    """GET /_security/user or /_security/user/{name}."""
    require_cluster(call.subject, _SECURITY + "user/get", _READ, call.version)
    return _some(call.state.users, call.variables.get("name"), _show_user)


def _show_user(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "roles": user.roles,
        "full_name": user.full_name,
        "email": user.email,
        "metadata": user.metadata,
        "enabled": user.enabled,
    }


def delete_user(call: Call) -> Answer:
    """DELETE /_security/user/{name}; the user's keys live on."""
    name = call.variables["name"]
    require_cluster(call.subject, _SECURITY + "user/delete", _MANAGE, call.version)
    if name in call.state.users and call.state.users[name].reserved:
        raise illegal_argument(f"user [{name}] is reserved and cannot be deleted")
    return _found(call.state.users.pop(name, None))


def enable(call: Call) -> Answer:
    """PUT or POST /_security/user/{name}/_enable."""
    return _set_enabled(call, True)


def disable(call: Call) -> Answer:
    """PUT or POST /_security/user/{name}/_disable; no password lets a disabled user in."""
    return _set_enabled(call, False)


def _set_enabled(call: Call, enabled: bool) -> Answer:
    name = call.variables["name"]
    require_cluster(call.subject, _SECURITY + "user/set_enabled", _MANAGE, call.version)
    if name == call.subject.username:
        raise illegal_argument("users may not update the enabled status of their own account")
    if name not in call.state.users:
        problem = f"only existing users can be {'enabled' if enabled else 'disabled'}"
        raise validation_failed([problem], "validation_exception")
    call.state.users[name].enabled = enabled
    return Answer(200, {})


def change_password(call: Call) -> Answer:
    """PUT or POST /_security/user/_password and /_security/user/{name}/_password."""
    name = call.variables.get("name", call.subject.username)
    given = read_body(call.request.body).value
    if not isinstance(given, dict) or not given.get("password"):
        raise validation_failed(["password is missing"])
    _check_password(given["password"])
    if name != call.subject.username or call.subject.key is not None:
        require_cluster(call.subject, _SECURITY + "user/change_password", _MANAGE, call.version)
    if name not in call.state.users:
        raise validation_failed(["user must exist in order to change password"], "validation_exception")
    call.state.users[name].password = given["password"]
    return Answer(200, {})


def add_configured(state: State) -> None:
    """The roles and users that the emulator was started with."""
    state.roles.update(reserved_roles(state.settings.version))
    dialect = for_roles(Dialect(state.settings.version, state.settings.serverless))
    for name, text in state.settings.roles:
        role = read_role(name, Body(text).value, dialect)
        problems = problems_of({name: role}, dialect)
        if problems:
            raise validation_failed(problems)
        state.roles[name] = role
    for name, password, roles in state.settings.users:
        state.users[name] = User(name, password, list(roles))


_REFRESH = ("refresh",)
ROUTES = [
    Route(("GET",), "/_security/_authenticate", authenticate),
    Route(("GET", "POST"), "/_security/user/_has_privileges", has_privileges),
    Route(("PUT", "POST"), "/_security/role/{name}", put_role, _REFRESH),
    Route(("GET",), "/_security/role", get_role),
    Route(("GET",), "/_security/role/{name}", get_role),
    Route(("DELETE",), "/_security/role/{name}", delete_role, _REFRESH),
    Route(("PUT", "POST"), "/_security/user/{name}", put_user, _REFRESH, serverless=False),
    Route(("GET",), "/_security/user", get_user, ("with_profile_uid",), serverless=False),
    Route(("GET",), "/_security/user/{name}", get_user, ("with_profile_uid",), serverless=False),
    Route(("DELETE",), "/_security/user/{name}", delete_user, _REFRESH, serverless=False),
    Route(("PUT", "POST"), "/_security/user/{name}/_enable", enable, _REFRESH, serverless=False),
    Route(("PUT", "POST"), "/_security/user/{name}/_disable", disable, _REFRESH, serverless=False),
    Route(("PUT", "POST"), "/_security/user/_password", change_password, _REFRESH, serverless=False),
    Route(("PUT", "POST"), "/_security/user/{name}/_password", change_password, _REFRESH, serverless=False),
]
