# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers themselves: what every other system test takes for granted."""

from __future__ import annotations

from support.admin import Admin, UniqueNames, api_key


def test_a_key_lives_from_its_creation_to_its_invalidation(admin: Admin, unique: UniqueNames) -> None:
    made = admin.create_key(unique("shipper"), role_descriptors={"writer": {"cluster": ["monitor"]}}, expiration="1h")
    login = api_key(made["encoded"])

    known = admin.authenticate(login)
    assert known.status == 200
    assert known.body["api_key"] == {"id": made["id"], "name": unique("shipper"), **known.body["api_key"]}

    admin.invalidate(made["id"])
    assert admin.authenticate(login).status == 401
    assert [key["id"] for key in admin.keys(unique.prefix)] == [made["id"]]
    assert admin.keys(unique.prefix, alive=True) == []
    assert admin.key(made["id"])["invalidated"] is True


def test_a_user_owns_the_keys_it_makes(admin: Admin, unique: UniqueNames) -> None:
    role, user = unique("role"), unique("user")
    try:
        admin.create_role(role, {"cluster": ["manage_own_api_key"]})
        made = admin.create_key(unique(), login=admin.create_user(user, [role]))
        assert admin.key(made["id"])["username"] == user
        admin.invalidate(made["id"])
    finally:
        admin.ok("DELETE", f"/_security/user/{user}")
        admin.ok("DELETE", f"/_security/role/{role}")


def test_a_licence_for_cross_cluster_keys(admin: Admin) -> None:
    assert admin.ok("GET", "/_license")["license"]["type"] == "trial"
