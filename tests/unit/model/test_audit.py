# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: what is said of a key, by itself and beside its kin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ec_api_key_listing import EC_API_KEYS
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ece_api_key_listing import ECE_API_KEYS
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key_listing import ES_API_KEYS
from ansible_collections.keysmith.elastic.plugins.module_utils._model.audit import Audited, audit
from ansible_collections.keysmith.elastic.plugins.module_utils._model.auditing import Auditing
from ansible_collections.keysmith.elastic.plugins.module_utils._model.duration import Duration
from ansible_collections.keysmith.elastic.plugins.module_utils._model.finding import (
    CODES,
    INFO,
    OF_MANAGED,
    POLICIES,
    AuditPolicy,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Key, Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.rights import named_privileges

NOW = 1_795_230_000_000
DAY = 86_400_000
RIGHTS = {"r": {"cluster": ["monitor"]}}
USERS = MappingProxyType({"joe": True, "paused": False})


def days(count: int) -> Duration:
    return Duration(count * 86_400)


POLICY = AuditPolicy(warn_within=days(14), leftover_after=days(7))


def key(id_: str = "k", *, age: int = 10, left: int | None = 50, metadata: Any = None, **fields: Any) -> Key:
    """A key that is so many days old and has so many left."""
    spec = {"role_descriptors": fields.pop("role_descriptors", RIGHTS), "metadata": metadata or {}}
    plain = {
        "name": id_,
        "owner": Owner("joe", "default_native"),
        "creation": NOW - age * DAY,
        "expiration": None if left is None else NOW + left * DAY,
    }
    return Key(id=id_, spec=spec, **{**plain, **fields})


def judge(
    *keys: Key, users: Mapping[str, bool] | None = USERS, kind: Auditing = ES_API_KEYS.auditing, **measures: Any
) -> dict[str, Audited]:
    policy = AuditPolicy(**{**vars(POLICY), **measures})
    return {one.id: one for one in audit(iter(keys), NOW, users, policy, kind)}


def codes(one: Audited) -> list[str]:
    return [finding.code for finding in one.findings]


def mark(store: str | None = "s", predecessor: str | None = None) -> dict[str, Any]:
    parts = {"nonce": "n" * 32, "store": store, "predecessor": predecessor}
    return {"keysmith": {name: value for name, value in parts.items() if value is not None}}


MANAGED = {"managed": True, "managed_by": "fleet"}
ALL = frozenset({"all"})

ALONE = [
    ("nothing", key(), {}, []),
    ("ends-soon", key(left=13), {}, ["ending_soon"]),
    ("ends-at-the-threshold", key(left=14), {}, ["ending_soon"]),
    ("ends-a-day-later", key(left=15), {}, []),
    ("ends-soon-by-another-measure", key(left=15), {"warn_within": days(15)}, ["ending_soon"]),
    ("never", key(left=None), {}, ["never_expires"]),
    ("expired", key(left=-1), {}, ["expired"]),
    ("expired-is-not-judged", key(left=-1, role_descriptors={}, age=900), {"max_age": days(1)}, ["expired"]),
    ("invalidated-is-not-judged", key(invalidated=True, role_descriptors={}), {}, []),
    ("all-rights", key(role_descriptors={}), {}, ["all_rights"]),
    ("no-rights-are-not-all", key(role_descriptors={"r": {}}), {}, []),
    ("rights-that-are-not-shown", key(role_descriptors=None), {}, []),
    ("cross-cluster-has-none", key(role_descriptors={}, type="cross_cluster"), {}, []),
    ("owner-missing", key(owner=Owner("gone", "default_native")), {}, ["owner_missing"]),
    ("owner-disabled", key(owner=Owner("paused", "default_native")), {}, ["owner_disabled"]),
    (
        "owner-of-a-native-realm",
        key(owner=Owner("gone", "ours"), extra={"realm_type": "native"}),
        {},
        ["owner_missing"],
    ),
    ("owner-of-another-realm", key(owner=Owner("gone", "ldap1"), extra={"realm_type": "ldap"}), {}, []),
    ("owner-of-a-realm-of-that-name", key(owner=Owner("x", "reserved"), extra={"realm_type": "file"}), {}, []),
    ("life-at-the-limit", key(age=10, left=50), {"max_life": days(60)}, []),
    ("life-too-long", key(age=10, left=50), {"max_life": days(59)}, ["lives_too_long"]),
    ("life-without-end", key(left=None), {"max_life": days(900)}, ["lives_too_long", "never_expires"]),
    ("old", key(age=31), {"max_age": days(30)}, ["old"]),
    ("not-old", key(age=30), {"max_age": days(30)}, []),
    ("metadata-there", key(metadata={"team": "x", "a": {"b": 0}}), {"required_metadata": ("team", "a.b")}, []),
    ("metadata-missing", key(), {"required_metadata": ("team",)}, ["metadata_missing"]),
    ("metadata-empty", key(metadata={"team": ""}), {"required_metadata": ("team",)}, ["metadata_missing"]),
    ("metadata-null", key(metadata={"team": None}), {"required_metadata": ("team",)}, ["metadata_missing"]),
    ("metadata-false-is-something", key(metadata={"team": False}), {"required_metadata": ("team",)}, []),
    (
        "cluster-privilege",
        key(role_descriptors={"r": {"cluster": ["ALL"]}}),
        {"forbidden_cluster": ALL},
        ["forbidden_privilege"],
    ),
    ("another-privilege", key(role_descriptors={"r": {"cluster": ["all"]}}), {"forbidden_index": ALL}, []),
    (
        "index-privilege",
        key(role_descriptors={"r": {"index": [{"names": ["a"], "privileges": ["All"]}]}}),
        {"forbidden_index": ALL},
        ["forbidden_privilege"],
    ),
    (
        "privilege-on-a-remote-cluster",
        key(role_descriptors={"r": {"remote_indices": [{"clusters": ["c"], "names": ["a"], "privileges": ["all"]}]}}),
        {"forbidden_index": ALL},
        ["forbidden_privilege"],
    ),
    (
        "privilege-of-the-owner",
        key(role_descriptors={}, extra={"limited_by": [{"superuser": {"cluster": ["all"]}}]}),
        {"forbidden_cluster": ALL},
        ["all_rights", "forbidden_privilege"],
    ),
    (
        "privilege-that-only-the-owner-has",
        key(extra={"limited_by": [{"superuser": {"cluster": ["all"]}}]}),
        {"forbidden_cluster": ALL},
        [],
    ),
    ("managed", key(left=None, metadata=MANAGED, role_descriptors={}), {"max_life": days(1)}, []),
    ("managed-included", key(left=None, metadata=MANAGED), {"include_managed": True}, ["never_expires"]),
]


CLOUD, ENTERPRISE = EC_API_KEYS.auditing, ECE_API_KEYS.auditing
VIEWER = MappingProxyType({"deployment": [{"role_id": "deployment-viewer", "all": True}]})


def cloud_key(id_: str = "k", *, roles: Any = VIEWER, marked: bool = False, **fields: Any) -> Key:
    """A key of Elastic Cloud; ``marked`` as its description can be."""
    made = key(id_, **{"owner": Owner("1000000001"), "type": "cloud", "name": "ci", **fields})
    spec = {"role_assignments": roles, **({"metadata": {"keysmith": {"nonce": "0123456789ab"}}} if marked else {})}
    return Key(**{**vars(made), "spec": spec})


def assigned(role: str, **more: Any) -> dict[str, Any]:
    return {"project": {"security": [{"role_id": role, "all": True, **more}]}}


def roles(*names: str) -> dict[str, Any]:
    return {"forbidden_roles": frozenset(names)}


IN_CLOUD = [
    ("nothing", cloud_key(), {}, []),
    ("ends-soon", cloud_key(left=13), {}, ["ending_soon"]),
    ("never", cloud_key(left=None), {"max_life": days(365)}, ["lives_too_long", "never_expires"]),
    ("expired", cloud_key(left=-1, roles=None), roles("deployment-viewer"), ["expired"]),
    ("old", cloud_key(age=31), {"max_age": days(30)}, ["old"]),
    ("no-roles", cloud_key(roles=None), {}, ["roles_not_shown"]),
    ("empty-roles", cloud_key(roles={"organization": [], "project": {"security": None}}), {}, ["roles_not_shown"]),
    ("forbidden", cloud_key(), roles("deployment-viewer"), ["forbidden_role"]),
    ("another", cloud_key(), roles("deployment-admin", "viewer"), []),
    (
        "owner",
        cloud_key(roles={"organization": [{"role_id": "Organization-Admin"}]}),
        roles("organization-admin"),
        ["forbidden_role"],
    ),
    ("short-form", cloud_key(roles=assigned("t1_analyst")), roles("security-t1-analyst"), ["forbidden_role"]),
    ("as-it-is-shown", cloud_key(roles=assigned("t1_analyst")), roles("t1_analyst"), ["forbidden_role"]),
    (
        "unknown-type",
        cloud_key(roles={"project": {"new": [{"role_id": "admin"}]}}),
        roles("new-admin"),
        ["forbidden_role"],
    ),
    (
        "application-role",
        cloud_key(roles=assigned("security-viewer", application_roles=["Admin"])),
        {"forbidden_application_roles": frozenset({"admin"})},
        ["forbidden_role"],
    ),
    ("application-role-is-none", cloud_key(roles=assigned("viewer", application_roles=["admin"])), roles("admin"), []),
    ("odd", cloud_key(roles={"organization": ["odd"], "deployment": [{"application_roles": "odd"}]}), roles("odd"), []),
]


@pytest.mark.parametrize(
    ("judged", "measures", "expected"), [case[1:] for case in IN_CLOUD], ids=[case[0] for case in IN_CLOUD]
)
def test_a_cloud_key_by_itself(judged: Key, measures: dict[str, Any], expected: list[str]) -> None:
    (one,) = judge(judged, users=None, kind=CLOUD, **measures).values()
    assert codes(one) == expected
    assert all(finding.severity == CODES[finding.code] for finding in one.findings)
    # A key of ECE has its user's rights, so nothing is said of them.
    (other,) = judge(judged, users=None, kind=ENTERPRISE, **measures).values()
    assert codes(other) == [code for code in expected if code not in ("roles_not_shown", "forbidden_role")]


def test_a_forbidden_role_is_named() -> None:
    (one,) = judge(cloud_key(), kind=CLOUD, **roles("deployment-viewer", "x")).values()
    assert one.findings[0].text == "Has forbidden roles: role deployment-viewer."


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((90, 8), {"0": "duplicate_name", "1": "duplicate_name"}),
        # It may be a rotation that is under way.
        ((90, 7), {}),
        ((90, 1), {}),
        ((90, 60, 1), {"0": "duplicate_name", "1": "duplicate_name"}),
        ((3, 1), {}),
    ],
)
def test_without_marks_keys_of_one_description_are_told_by_their_age(
    ages: tuple[int, ...], expected: dict[str, str]
) -> None:
    found = judge(*(cloud_key(str(number), age=age) for number, age in enumerate(ages)), kind=CLOUD)
    assert {one.id: finding.code for one in found.values() for finding in one.findings} == expected
    texts = {finding.text for one in found.values() for finding in one.findings}
    assert all("active keys of this description, all made longer ago than leftover_after 7d." in text for text in texts)


def test_of_marked_descriptions_the_older_one_is_left_over() -> None:
    found = judge(cloud_key("old", age=90, marked=True), cloud_key("new", age=8, marked=True), kind=CLOUD)
    assert {one.id: codes(one) for one in found.values()} == {"old": ["rotation_leftover"], "new": []}
    assert "The key new was made for the same description at" in found["old"].findings[0].text
    found = judge(cloud_key("old", age=90, marked=True), cloud_key("new", age=7, marked=True), kind=CLOUD)
    assert [codes(one) for one in found.values()] == [[], []]
    # Somebody else's key of that description is a namesake.
    found = judge(cloud_key("ours", age=90, marked=True), cloud_key("theirs", age=60), kind=CLOUD)
    assert [codes(one) for one in found.values()] == [["duplicate_name"], ["duplicate_name"]]
    others = cloud_key("a", age=90), cloud_key("b", age=90, owner=Owner("another"))
    assert [codes(one) for one in judge(*others, kind=CLOUD).values()] == [[], []]


@pytest.mark.parametrize(
    ("judged", "measures", "expected"), [case[1:] for case in ALONE], ids=[case[0] for case in ALONE]
)
def test_a_key_by_itself(judged: Key, measures: dict[str, Any], expected: list[str]) -> None:
    (one,) = judge(judged, **measures).values()
    assert codes(one) == expected
    assert all(finding.severity == CODES[finding.code] for finding in one.findings)
    assert all(finding.text.endswith(".") for finding in one.findings)


def test_every_code_is_brought_about() -> None:
    alone = {code for case in (*ALONE, *IN_CLOUD) for code in case[3]}
    assert alone | {"rotation_leftover", "duplicate_name"} == set(CODES)
    assert set(POLICIES) | OF_MANAGED <= set(CODES)


def test_of_a_managed_key_little_is_said_and_mildly() -> None:
    (one,) = judge(key(left=1, metadata=MANAGED, owner=Owner("gone", "reserved"), role_descriptors={})).values()
    assert codes(one) == ["owner_missing", "ending_soon"]
    assert {finding.severity for finding in one.findings} == {INFO}
    assert one.managed_by == "fleet"


def test_owners_of_whom_nothing_is_known() -> None:
    (one,) = judge(key(owner=Owner("gone", "default_native")), users=None).values()
    assert (codes(one), one.owner_state) == ([], "unknown")
    (one,) = judge(key(owner=None)).values()
    assert (codes(one), one.owner_state) == ([], "unknown")


def test_the_worst_comes_first() -> None:
    (one,) = judge(key(left=None, role_descriptors={}, owner=Owner("gone", "reserved"))).values()
    assert codes(one) == ["owner_missing", "all_rights", "never_expires"]


def test_keys_of_one_name() -> None:
    twins = key("a", name="n"), key("b", name="n")
    found = judge(*twins, key("c", name="n", owner=Owner("paul", "ldap")), key("d", name="n", left=-1))
    assert [one.id for one in found.values() if "duplicate_name" in codes(one)] == ["a", "b"]
    assert "one of 2" in found["a"].findings[0].text
    assert [codes(one) for one in judge(key("a", name="n"), key("b", name="n", type="cross_cluster")).values()] == [
        [],
        [],
    ]


def pair(age: int, **older: Any) -> tuple[Key, Key]:
    """A key and its successor, which is so many days old."""
    return (
        key("old", name="n", age=90, **{"left": None, "metadata": mark(), **older}),
        key("new", name="n", age=age, metadata=mark(predecessor="old")),
    )


def test_a_predecessor_is_no_duplicate_and_may_live_on_for_a_while() -> None:
    found = judge(*pair(age=7, left=2))
    assert found["old"].successor == "new"
    assert [codes(one) for one in found.values()] == [[], []], "that it ends soon is meant"
    found = judge(*pair(age=7, left=2), leftover_after=days(6))
    assert codes(found["old"]) == ["rotation_leftover"]
    assert "new took its place" in found["old"].findings[0].text


def test_a_predecessor_without_an_end_is_left_over() -> None:
    assert codes(judge(*pair(age=8))["old"]) == ["rotation_leftover", "never_expires"]


def test_only_keys_of_one_owner_succeed_each_other() -> None:
    """Anybody may write a mark that names a stranger's key."""
    old, new = pair(age=20)
    found = judge(old, Key(**{**vars(new), "owner": Owner("mallory", "default_native")}))
    assert found["old"].successor is None
    assert codes(found["old"]) == ["never_expires"]


def test_a_key_does_not_succeed_a_younger_one_or_itself() -> None:
    found = judge(
        key("a", name="n", age=9, metadata=mark("s", "b")), key("b", name="n", age=8, metadata=mark("t", "b"))
    )
    assert [one.successor for one in found.values()] == [None, None]
    assert [codes(one) for one in found.values()] == [["duplicate_name"], ["duplicate_name"]]


def test_an_orphan_of_a_lost_answer_is_told_by_its_store() -> None:
    orphan = key("orphan", name="n", age=21, metadata=mark(predecessor="gone"))
    current = key("current", name="n", age=20, metadata=mark(predecessor="gone"))
    found = judge(orphan, current)
    assert (codes(found["orphan"]), codes(found["current"])) == (["rotation_leftover"], [])
    assert "current was made for the same store" in found["orphan"].findings[0].text
    elsewhere = key("other", name="n", age=19, metadata=mark(store="another"))
    found = judge(orphan, current, elsewhere)
    assert (codes(found["current"]), codes(found["other"])) == (["duplicate_name"], ["duplicate_name"])


def test_a_predecessor_whose_successor_is_dead_is_told_by_its_store() -> None:
    first, second, third = (
        key(n, name="n", age=a, metadata=mark(predecessor=p))
        for n, a, p in (("1", 60, None), ("2", 40, "1"), ("3", 20, "2"))
    )
    assert codes(judge(first, third)["1"]) == ["rotation_leftover"]
    dead = Key(**{**vars(second), "invalidated": True})
    assert codes(judge(first, dead, third)["1"]) == ["rotation_leftover"]


def test_somebodys_clone_is_no_sibling() -> None:
    """A clone copies its source's metadata, our mark included."""
    clone = key("clone", name="n", age=20, metadata={**mark(), "_cloned_from": "other"})
    found = judge(key("source", name="n", age=30, metadata=mark()), clone)
    assert {code for one in found.values() for code in codes(one)} == {"duplicate_name"}


def test_what_is_said_does_not_change_with_the_clock() -> None:
    estate = [key("a", left=5), key("b", left=None, role_descriptors={}), *pair(age=20), key("c", age=300)]
    policy = AuditPolicy(warn_within=days(14), leftover_after=days(7), max_life=days(90), max_age=days(100))
    texts = [
        [one.findings for one in audit(estate, NOW + hours * 3_600_000, USERS, policy, ES_API_KEYS.auditing)]
        for hours in (0, 5)
    ]
    assert texts[0] == texts[1]


def test_the_order_of_keys_stays() -> None:
    assert list(judge(key("b"), key("a"), key("c"))) == ["b", "a", "c"]


def test_privileges_are_found_wherever_roles_name_them() -> None:
    role = {
        "cluster": ["Monitor"],
        "indices": [{"names": ["a"], "privileges": ["read", "WRITE"]}],
        "remote_cluster": [{"clusters": ["c"], "privileges": ["monitor_stats"]}],
    }
    assert named_privileges([{"r": role}, {"s": {"cluster": "lone"}}]) == (
        {"monitor", "monitor_stats", "lone"},
        {"read", "write"},
    )
    assert named_privileges(None) == (frozenset(), frozenset())
