#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ece_api_key_audit
short_description: Audit the API keys of Elastic Cloud Enterprise
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Lists the API keys of an installation of Elastic Cloud Enterprise (ECE), those of all users where the login may see them, and says
    what is wrong with them. Changes nothing in the service.
  - The result is of bounded size. O(report) names a file that takes the complete audit; M(keysmith.elastic.key_report) makes
    pages and metrics of such files, of several services and of Elasticsearch together. Neither holds a secret.
  - "B(What is found,) as C(code), in the order of its weight. A V(problem) is what nobody should have, or what breaks a policy that
    an option sets; a V(warning) is for somebody to look at."
  - "C(rotation_leftover), problem: the key still works although this collection has made another one of the same description, and that
    longer than O(leftover_after) ago. It is told by the mark of O(keysmith.elastic.ece_api_key#module:mark_description) in both
    descriptions; without it the two are C(duplicate_name)."
  - "C(lives_too_long), problem: see O(max_life). C(old), problem: see O(max_age)."
  - "C(ending_soon), warning: the key ends within O(warn_within)."
  - "C(never_expires), warning: the key has no end."
  - "C(duplicate_name), warning: several active keys of one user have the same description, and all of these were made longer ago
    than O(leftover_after), so that they are not the two of a rotation that is under way. One of them may be a leftover."
  - "C(expired), info: the key has ended, and the service still shows it."
  - An ECE key has exactly the rights of its user, so that there is nothing to say of its rights.
  - "B(Who sees what.) Administrators and viewers of the platform see the keys of all users. Others see their own, which is told in
    C(blind_spot) and in every report."
options:
  cluster:
    description:
      - What the installation is called in reports, where it stands beside clusters. By default its address.
    type: str
  user_id:
    description:
      - The user whose keys are audited. Left out, it is everybody whose keys the login may see.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.audit
  - keysmith.elastic.audit.cloud
  - keysmith.elastic.ece
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.ece
notes:
  - These services do not tell whether the user who made a key is still there, and the key works on without that user. So unlike
    M(keysmith.elastic.es_api_key_audit) this module finds no keys of owners that are gone.
  - The service searches nothing, so every page of keys is read, whatever is selected.
seealso:
  - module: keysmith.elastic.key_report
  - module: keysmith.elastic.ece_api_key_info
  - module: keysmith.elastic.es_api_key_audit
"""

EXAMPLES = r"""
- name: What is wrong with the keys of all users, as an administrator
  keysmith.elastic.ece_api_key_audit:
    username: admin
    password: "{{ admin_password }}"
  register: audited

- name: Tell it of each user
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.name }} of {{ item.owner }}: {{ item.text }}"
  loop: "{{ audited.findings }}"
  loop_control:
    label: "{{ item.id }}"

- name: The same of all users with policies, and a file with all of it
  keysmith.elastic.ece_api_key_audit:
    username: admin
    password: "{{ admin_password }}"
    cluster: ECE in Frankfurt
    max_life: 365d
    max_age: 365d
    report: /etc/keysmith/audits/ece.json
  register: measured

- name: Say how many keys of ECE break which policy
  ansible.builtin.debug:
    var: measured.violations

- name: Only one's own keys, two months ahead
  keysmith.elastic.ece_api_key_audit:
    user_id: automation
    warn_within: 60d
"""

RETURN = r"""
cluster:
  description: What it is called in reports.
  returned: success
  type: str
  sample: ece.example.net:12443
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
      description: How many users they belong to.
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
      sample: {never_expires: 5, duplicate_name: 2}
violations:
  description: Of how many keys each code is said that a policy brings about.
  returned: success
  type: dict
  contains:
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
      description: Its description, without the mark that O(keysmith.elastic.ece_api_key#module:mark_description) adds.
      returned: always
      type: str
      sample: terraform
    owner:
      description: The user whose key it is. Null where the service does not tell.
      returned: always
      type: str
      sample: kim
    realm:
      description: The realm of that user, where that is the login itself and the service tells it, else null.
      returned: always
      type: str
      sample: null
    creator:
      description: The id of the user who made it. Null where the service does not tell.
      returned: always
      type: str
      sample: kim
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
  description: Always null here, since no login is told which users exist.
  returned: success
  type: str
  sample: null
rights_unknown:
  description: Always null here; a key has the rights of its user.
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
  sample: /etc/keysmith/audits/ece.json
login:
  description: Who was logged in.
  returned: success
  type: dict
  contains:
    username:
      description: The user, to whom a key that was logged in with belongs.
      returned: always
      type: str
      sample: automation
    realm:
      description: The user's realm, where the service tells it.
      returned: always
      type: str
      sample: found
    type:
      description: V(cloud_api_key) for a key, V(ece_user) for a session.
      returned: always
      type: str
      sample: cloud_api_key
    key_id:
      description:
        - The id of the login's key. It is known with O(login_store), where the key's own text holds it, and where no other key ends at the
          same time; else it is null, as for a session.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1m
    expiration:
      description: When that key ends, in UTC, by the header C(X-Elastic-Api-Key-Expiration). Null where it never does, and for a session.
      returned: always
      type: str
      sample: "2027-02-19T03:00:00Z"
failure:
  description:
    - What went wrong, for playbooks, as C(keysmith.elastic.ece_api_key) returns it. The sentence for people is in C(msg).
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
      sample: root.unauthorized.rbac
    errno:
      description: The system's word for why the file could not be written.
      returned: when O(report) could not be written
      type: str
      sample: ENOSPC
    reason:
      description: The service's own words.
      returned: when the service answered with an error
      type: str
      sample: The user does not have the required permissions.
"""

from ..module_utils._ansible.run_audit import run_audit_module
from ..module_utils._kinds.ece_api_key_listing import ECE_API_KEYS_OF_ALL


def main() -> None:
    run_audit_module(ECE_API_KEYS_OF_ALL)


if __name__ == "__main__":
    main()
