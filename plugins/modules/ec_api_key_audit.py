#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec_api_key_audit
short_description: Audit the API keys of an Elastic Cloud organization
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Lists the API keys of an Elastic Cloud organization, and says what is wrong with them. Changes nothing in the service.
  - The result is of bounded size. O(report) names a file that takes the complete audit; M(keysmith.elastic.key_report) makes
    pages and metrics of such files, of several services and of Elasticsearch together. Neither holds a secret.
  - "B(What is found,) as C(code), in the order of its weight. A V(problem) is what nobody should have, or what breaks a policy that
    an option sets; a V(warning) is for somebody to look at."
  - "C(forbidden_role), problem: see O(forbidden_roles) and O(forbidden_application_roles)."
  - "C(rotation_leftover), problem: the key still works although this collection has made another one of the same description, and that
    longer than O(leftover_after) ago. It is told by the mark of O(keysmith.elastic.ec_api_key#module:mark_description) in both
    descriptions; without it the two are C(duplicate_name)."
  - "C(lives_too_long), problem: see O(max_life). C(old), problem: see O(max_age)."
  - "C(ending_soon), warning: the key ends within O(warn_within)."
  - "C(never_expires), warning: the key has no end."
  - "C(duplicate_name), warning: several active keys of the organization have the same description, and all of these were made longer ago
    than O(leftover_after), so that they are not the two of a rotation that is under way. One of them may be a leftover."
  - "C(roles_not_shown), warning: the service shows no roles of the key. One that was made without C(role_assignments) has every right
    of its creator, and what the service shows of it is not documented."
  - "C(expired), info: the key has ended, and the service still shows it."
  - "B(Who sees what.) A key of an owner of the organization sees all keys, one of an owner of workload credentials those of its own user.
    The service does not tell a login which of the two it is, so that this module cannot warn."
options:
  cluster:
    description:
      - What the organization is called in reports, where it stands beside clusters. By default its id.
    type: str
  user_id:
    description:
      - Audits only keys that the user with this id has made.
    type: str
  forbidden_roles:
    description:
      - Ids of roles that no key may have, such as V(organization-admin), whatever they are for. Roles on deployments and projects are
        meant by their whole ids, such as V(deployment-admin) or V(security-t1-analyst), also where the service shows V(t1_analyst).
        Upper and lower case are the same.
      - Keys of which the service shows no roles cannot be searched; this is told in C(rights_unknown).
    type: list
    elements: str
  forbidden_application_roles:
    description:
      - Names of application roles that no key may have, such as V(admin). They are what a key opens the Elasticsearch and the Kibana of
        serverless projects with. The same holds for them.
    type: list
    elements: str
extends_documentation_fragment:
  - keysmith.elastic.audit
  - keysmith.elastic.audit.cloud
  - keysmith.elastic.elastic_cloud
  - keysmith.elastic.elastic_cloud.organization
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elastic_cloud
notes:
  - These services do not tell whether the user who made a key is still there, and the key works on without that user. So unlike
    M(keysmith.elastic.es_api_key_audit) this module finds no keys of owners that are gone.
  - The service searches nothing, so every page of keys is read, whatever is selected.
seealso:
  - module: keysmith.elastic.key_report
  - module: keysmith.elastic.ec_api_key_info
  - module: keysmith.elastic.es_api_key_audit
"""

EXAMPLES = r"""
- name: What is wrong with the keys of the organization
  keysmith.elastic.ec_api_key_audit:
  register: audited

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.name }} of {{ item.creator }}: {{ item.text }}"
  loop: "{{ audited.findings }}"
  loop_control:
    label: "{{ item.id }}"

- name: The same with policies, and a file with all of it
  keysmith.elastic.ec_api_key_audit:
    cluster: example.net in Elastic Cloud
    max_life: 365d
    forbidden_roles: [organization-admin, billing-admin]
    forbidden_application_roles: [admin]
    report: /etc/keysmith/audits/elastic-cloud.json
  register: measured

- name: Say how many keys break which policy
  ansible.builtin.debug:
    var: measured.violations

- name: A page of it
  keysmith.elastic.key_report:
    sources: [/etc/keysmith/audits/elastic-cloud.json]
    html: /etc/keysmith/reports/elastic-cloud.html

- name: Only the keys of the build servers, two months ahead
  keysmith.elastic.ec_api_key_audit:
    description_pattern: ["ci-*"]
    warn_within: 60d
"""

RETURN = r"""
cluster:
  description: What it is called in reports.
  returned: success
  type: str
  sample: "1000000001"
audited_at:
  description: The time of the audit in UTC, by the service's clock where it tells it.
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
      description: How many of them are V(active) and V(expired); V(invalidated) ones are never shown.
      returned: always
      type: dict
      sample: {active: 116, expired: 4, invalidated: 0}
    types:
      description: How many of them are of each type, here always V(cloud).
      returned: always
      type: dict
      sample: {cloud: 120}
    managers:
      description: How many of them this V(collection) looks after by the mark in their description, and V(nobody) by the look of it.
      returned: always
      type: dict
      sample: {collection: 90, product: 0, nobody: 30}
    owners:
      description: How many organizations they belong to.
      returned: always
      type: int
      sample: 1
    severities:
      description: How many keys have findings, each counted once, by the worst of them.
      returned: always
      type: dict
      sample: {problem: 3, warning: 5, info: 4}
    codes:
      description: Of how many keys each code is said. Every code is there.
      returned: always
      type: dict
      sample: {forbidden_role: 1, never_expires: 5, duplicate_name: 2}
violations:
  description: Of how many keys each code is said that a policy brings about.
  returned: success
  type: dict
  contains:
    forbidden_role:
      description: Keys that have a forbidden role.
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
      sample: V2lDZkdjQkNkYmtRbS1l
    name:
      description: Its description, without the mark that O(keysmith.elastic.ec_api_key#module:mark_description) adds.
      returned: always
      type: str
      sample: terraform
    owner:
      description: The id of the organization that it belongs to.
      returned: always
      type: str
      sample: "1000000001"
    realm:
      description: Always null; other kinds of key have one.
      returned: always
      type: str
      sample: null
    creator:
      description: The id of the user who made it. Null where the service does not tell.
      returned: always
      type: str
      sample: "2000000002"
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
  description: Always null here, since the service does not tell what a login cannot see.
  returned: success
  type: str
  sample: null
users_unknown:
  description: Always null here, since no login is told which users exist.
  returned: success
  type: str
  sample: null
rights_unknown:
  description: Why some keys could not be searched for forbidden roles, as a sentence. Null where they could, or need not.
  returned: success
  type: str
  sample: null
notes:
  description: Sentences about all keys together, such as that there are nearly as many as the organization may have.
  returned: success
  type: list
  elements: str
  sample: [This organization has 480 active keys; 500 is the limit.]
report:
  description: The path of the file with the complete audit. Null where none was asked for.
  returned: success
  type: str
  sample: /etc/keysmith/audits/elastic-cloud.json
login:
  description: Who was logged in, as far as the service tells.
  returned: success
  type: dict
  contains:
    username:
      description: The id of the organization.
      returned: always
      type: str
      sample: "1000000001"
    realm:
      description: Always null; other logins have one.
      returned: always
      type: str
      sample: null
    type:
      description: Always V(cloud_api_key) here.
      returned: always
      type: str
      sample: cloud_api_key
    key_id:
      description:
        - The id of the login's key. It is known with O(login_store) and where no other key ends at
          the same time; else it is null.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1m
    expiration:
      description: When that key ends, in UTC, by the header C(X-Elastic-Api-Key-Expiration). Null where it never does.
      returned: always
      type: str
      sample: "2027-02-19T03:00:00Z"
failure:
  description:
    - What went wrong, for playbooks, as C(keysmith.elastic.ec_api_key) returns it. The sentence for people is in C(msg).
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
      description: The HTTP status of the service's answer.
      returned: when the service answered with an error
      type: int
      sample: 403
    type:
      description: The service's own code of the error.
      returned: when the service answered with an error
      type: str
      sample: root.permission_denied
    errno:
      description: The system's word for why the file could not be written.
      returned: when O(report) could not be written
      type: str
      sample: ENOSPC
    reason:
      description: The service's own words.
      returned: when the service answered with an error
      type: str
      sample: You do not have permission to do this.
"""

from ..module_utils._ansible.run_audit import run_audit_module
from ..module_utils._kinds.ec_api_key_listing import EC_API_KEYS


def main() -> None:
    run_audit_module(EC_API_KEYS)


if __name__ == "__main__":
    main()
