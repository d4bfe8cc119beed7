#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_api_key_audit
short_description: Audit the API keys of an Elasticsearch
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Lists the API keys of a cluster, user keys and cross-cluster keys, and says what is wrong with them. Changes nothing on the server.
  - The result is of bounded size. O(report) names a file that takes the complete audit; C(keysmith.elastic.key_report) makes
    pages and metrics of such files. Neither holds a secret.
  - "B(What is found,) as C(code), in the order of its weight. A V(problem) is what nobody should have, or what breaks a policy that
    an option sets; a V(warning) is for somebody to look at."
  - "C(owner_missing), problem: the key works, and its owner, a user of the native or reserved realm, does not exist any more.
    Whether users of other realms exist is not known to Elasticsearch."
  - "C(owner_disabled), problem: the key works, and its owner is disabled."
  - "C(all_rights), problem: C(role_descriptors) is V({}), so the key has all the rights of its owner."
  - "C(forbidden_privilege), problem: see O(forbidden_cluster_privileges) and O(forbidden_index_privileges)."
  - "C(rotation_leftover), problem: the key still works although, by the mark of this collection, another one has taken its place for
    longer than O(leftover_after), or a younger one was made for the same store and an unfinished run has left this one behind."
  - "C(lives_too_long), problem: see O(max_life). C(old), problem: see O(max_age). C(metadata_missing), problem: see O(required_metadata)."
  - "C(ending_soon), warning: the key ends within O(warn_within), and none has taken its place."
  - "C(never_expires), warning: the key has no end."
  - "C(duplicate_name), warning: several active keys of one owner have the same name, and they are not the two of a rotation."
  - "C(expired), info: the key has ended. Elasticsearch removes it some days later."
  - Of a key that Kibana, Fleet or Elastic Cloud on Kubernetes manages only C(owner_missing), C(owner_disabled), C(ending_soon) and
    C(expired) are said, as V(info); see O(include_managed).
options:
  cluster:
    description:
      - What the cluster is called in reports. By default its address.
    type: str
  name_pattern:
    description:
      - Audits only keys whose names fit one of these patterns, in which V(*) is anything, V(?) one character, and a backslash takes
        the meaning from the character after it.
    type: list
    elements: str
  owner:
    description:
      - The user whose keys are audited. V(any) is everybody, V(self) the login, which for an API key is its owner.
    type: str
    default: any
  owner_realm:
    description:
      - The realm of O(owner), where two realms know that name.
    type: str
  type:
    description:
      - The type of key (Elasticsearch 8.10 and newer; all earlier ones are V(rest)).
    type: str
    choices: [rest, cross_cluster, any]
    default: any
  state:
    description:
      - V(active) for keys that can log in, V(expired) for those that have reached their end, V(invalidated) for those that were
        revoked, V(any) for all. Only keys that can log in are judged.
    type: list
    elements: str
    choices: [active, expired, invalidated, any]
    default: [active, expired]
  metadata:
    description:
      - Audits only keys that have this metadata. A name with dots reaches into the mappings inside, as do mappings here.
    type: dict
  managed_by:
    description:
      - V(collection) audits keys that this collection made, V(product) those that Kibana, Fleet or Elastic Cloud on Kubernetes
        manage, V(nobody) the others. By default it does not matter.
    type: list
    elements: str
    choices: [collection, product, nobody]
  leftover_after:
    description:
      - How long a key may work after another one has taken its place. Give more than the longest
        O(keysmith.elastic.es_api_key#module:overlap).
    type: str
    default: 7d
  required_metadata:
    description:
      - Names of metadata that every key must have, with something in it, such as V(team). A name with dots reaches into mappings.
    type: list
    elements: str
  forbidden_cluster_privileges:
    description:
      - Cluster privileges that no key may have, such as V(all) or V(manage_security), by the names that its role descriptors use. Upper and
        lower case are the same.
      - For a key with all the rights of its owner these rights are looked at (Elasticsearch 8.5 and newer; an API key as login needs
        C(manage_api_key) for it).
      - The rights of keys are read for it, which makes the answers of the server larger.
    type: list
    elements: str
  forbidden_index_privileges:
    description:
      - Index privileges that no key may have, whatever the index is. The same holds for them.
    type: list
    elements: str
  include_managed:
    description:
      - Whether keys that another product manages are judged like all others. By its metadata a key says itself that it is one, so
        whoever makes keys can say so, too.
    type: bool
    default: false
extends_documentation_fragment:
  - keysmith.elastic.audit
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
notes:
  - To see all keys and users the login needs the cluster privilege C(read_security). What it cannot see is told in C(blind_spot) and
    C(users_unknown) and C(rights_unknown), and in every report.
  - Before Elasticsearch 8.5 the server does not show the rights of keys, so C(all_rights) and C(forbidden_privilege) are not found there.
  - Ten thousand keys take about ten requests, and are never held at once.
seealso:
  - module: keysmith.elastic.key_report
  - module: keysmith.elastic.ec_api_key_audit
  - module: keysmith.elastic.ece_api_key_audit
  - module: keysmith.elastic.es_api_key_info
"""

EXAMPLES = r"""
- name: What is wrong with the keys here
  keysmith.elastic.es_api_key_audit:
  register: audited

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.name }} of {{ item.owner }}: {{ item.text }}"
  loop: "{{ audited.findings }}"
  loop_control:
    label: "{{ item.id }}"

- name: The same with policies, and a file with all of it
  keysmith.elastic.es_api_key_audit:
    cluster: production
    max_life: 365d
    required_metadata: [team]
    forbidden_cluster_privileges: [all, manage_security]
    forbidden_index_privileges: [all]
    report: /etc/keysmith/audits/production.json
  register: measured

- name: Say how many keys break which policy
  ansible.builtin.debug:
    var: measured.violations

- name: Only the shippers' keys, two months ahead
  keysmith.elastic.es_api_key_audit:
    name_pattern: ["filebeat-*", "metricbeat-*"]
    warn_within: 60d
"""

RETURN = r"""
cluster:
  description: What the cluster is called in reports.
  returned: success
  type: str
  sample: production
audited_at:
  description: The time of the audit in UTC, by the server's clock where it tells it.
  returned: success
  type: str
  sample: "2026-11-21T03:00:00Z"
summary:
  description: How many keys there are of what.
  returned: success
  type: dict
  contains:
    api_keys:
      description: How many keys there are.
      returned: always
      type: int
      sample: 120
    states:
      description: How many of them are V(active), V(expired) and V(invalidated).
      returned: always
      type: dict
      sample: {active: 116, expired: 4, invalidated: 0}
    types:
      description: How many of them are of each type.
      returned: always
      type: dict
      sample: {rest: 118, cross_cluster: 2}
    managers:
      description: How many of them this V(collection), another V(product) and V(nobody) looks after.
      returned: always
      type: dict
      sample: {collection: 90, product: 8, nobody: 22}
    owners:
      description: How many owners they have.
      returned: always
      type: int
      sample: 7
    severities:
      description: How many keys have findings, each counted once, by the worst of them.
      returned: always
      type: dict
      sample: {problem: 3, warning: 5, info: 4}
    codes:
      description: Of how many keys each code is said. Every code is there.
      returned: always
      type: dict
      sample: {owner_missing: 1, all_rights: 2, never_expires: 5}
violations:
  description: Of how many keys each code is said that a policy brings about.
  returned: success
  type: dict
  contains:
    forbidden_privilege:
      description: Keys that have a forbidden privilege.
      returned: always
      type: int
      sample: 1
    lives_too_long:
      description: Keys whose life is longer than O(max_life).
      returned: always
      type: int
      sample: 0
    old:
      description: Keys that are older than O(max_age).
      returned: always
      type: int
      sample: 0
    metadata_missing:
      description: Keys that lack some of O(required_metadata).
      returned: always
      type: int
      sample: 2
findings:
  description: What was found, the worst keys first. The first 200 findings.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The key's id.
      returned: always
      type: str
      sample: VuaCfGcBCdbkQm-e5aOx
    name:
      description: The key's name.
      returned: always
      type: str
      sample: filebeat-web1
    owner:
      description: The user who owns it.
      returned: always
      type: str
      sample: keysmith
    realm:
      description: The realm of that user.
      returned: always
      type: str
      sample: default_native
    creator:
      description: Always null; other kinds of key have one.
      returned: always
      type: str
      sample: null
    expiration:
      description: When it ends, in UTC. Null where it never does.
      returned: always
      type: str
      sample: "2027-02-19T03:00:00Z"
    code:
      description: A stable word for what was found; all of them are described above.
      returned: always
      type: str
      sample: ending_soon
    severity:
      description: V(problem), V(warning) or V(info).
      returned: always
      type: str
      sample: warning
    text:
      description: The same as a sentence. It stays the same as long as the key does.
      returned: always
      type: str
      sample: Ends at 2027-02-19T03:00:00Z, within warn_within 14d.
findings_left_out:
  description: How many more findings there are; O(report) has them all.
  returned: success
  type: int
  sample: 0
blind_spot:
  description: Which keys the login could not see, as a sentence. Null where it sees all.
  returned: success
  type: str
  sample: null
users_unknown:
  description: Why it is not known which owners exist, as a sentence. Null where it is known.
  returned: success
  type: str
  sample: null
rights_unknown:
  description: Why the rights of owners could not be searched for forbidden privileges, as a sentence. Null where they could, or need not.
  returned: success
  type: str
  sample: null
notes:
  description: Sentences about all keys together. Always empty here.
  returned: success
  type: list
  elements: str
  sample: []
report:
  description: The path of the file with the complete audit. Null where none was asked for.
  returned: success
  type: str
  sample: /etc/keysmith/audits/production.json
login:
  description: Who was logged in.
  returned: success
  type: dict
  contains:
    username:
      description: The user, or the owner of the API key.
      returned: always
      type: str
      sample: keysmith
    realm:
      description: The user's realm. Null where it is not known.
      returned: always
      type: str
      sample: default_native
    type:
      description: How the login was made, in the server's words, V(realm), V(api_key) or V(token) for example.
      returned: always
      type: str
      sample: realm
    key_id:
      description: The id of the API key of the login, else null.
      returned: always
      type: str
      sample: null
    expiration:
      description:
        - When that API key ends, in UTC. Null where it never does, or the login is none. Every report shows it, and it is warned of
          within O(warn_login_expires).
      returned: always
      type: str
      sample: null
failure:
  description:
    - What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description: A stable word for the kind of failure.
      returned: always
      type: str
      sample: forbidden
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: max_life
    status:
      description: The HTTP status of the server's answer.
      returned: when the server answered with an error
      type: int
      sample: 403
    type:
      description: The server's own word for the error.
      returned: when the server answered with an error
      type: str
      sample: security_exception
    reason:
      description: The server's deepest reason.
      returned: when the server answered with an error
      type: str
      sample: "action [cluster:admin/xpack/security/api_key/query] is unauthorized for user [nobody]"
    errno:
      description: The system's word for why the file could not be written.
      returned: when O(report) could not be written
      type: str
      sample: ENOSPC
"""

from ..module_utils._ansible.run_audit import run_audit_module
from ..module_utils._kinds.es_api_key_listing import ES_API_KEYS


def main() -> None:
    run_audit_module(ES_API_KEYS)


if __name__ == "__main__":
    main()
