#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec_api_key_revoke
short_description: Revoke API keys of an Elastic Cloud organization in bulk
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Deletes every living API key of an Elastic Cloud organization that meets all conditions, for the hour after a leak. For one key that is
    no longer needed take O(keysmith.elastic.ec_api_key#module:state=absent).
  - A key cannot be revived. So at least one condition must tell keys apart, and outside of check mode O(expected_count) must be the
    number of keys that would be hit. Else nothing is revoked, and the message tells that number and the first ids.
  - Where the service does not confirm the death of all keys, the task fails and RV(not_revoked) tells which may live on. A refusal
    (403) of one key does not keep the others from being revoked, unless none is dead after three of them; any other failure ends it.
  - "B(Who may.) A key of an owner of the organization every key of it, one of an owner of workload credentials those of its own user. The
    service does not tell a login which of the two it is. So a key that is not found may still live, where its user is another one."
options:
  secret:
    description:
      - The leaked secret itself, as the service issued it (V(essu_...)), or as the value of the header C(Authorization).
      - Its text names no key. So it logs in, the service tells when its key ends, and that tells which key it is. Where several keys end
        at that time, and where none does, the task fails, names those that it may be, and wants O(id) instead.
      - Once its key is deleted the secret has to be refused. If it still logs in, it is that of another key, and the task fails.
      - A secret that is refused opens nothing. That its key is dead cannot be told from a text that never was one, so the task succeeds,
        changes nothing, and warns.
      - No other condition can stand beside it but O(organization_id).
    type: str
  user_id:
    description:
      - The id of the user who made the keys. It is a condition by itself, for all keys of that user.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.elastic_cloud
  - keysmith.elastic.elastic_cloud.organization
  - keysmith.elastic.selection.cloud
  - keysmith.elastic.selection.time
  - keysmith.elastic.revocation
  - keysmith.elastic.revocation.cloud
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elastic_cloud
seealso:
  - module: keysmith.elastic.ec_api_key
  - module: keysmith.elastic.ec_api_key_info
  - module: keysmith.elastic.es_api_key_revoke
"""

EXAMPLES = r"""
- name: Which keys of the build servers were made since the leak
  keysmith.elastic.ec_api_key_revoke:
    description_pattern: "ci-*"
    created_after: "2026-11-21T01:00:00Z"
  check_mode: true
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.id }} {{ item.name }}"
  loop: "{{ found.revoked }}"
  loop_control:
    label: "{{ item.id }}"

- name: Revoke them, if they are still as many
  keysmith.elastic.ec_api_key_revoke:
    description_pattern: "ci-*"
    created_after: "2026-11-21T01:00:00Z"
    expected_count: "{{ found.revoked | length }}"

- name: The key of a secret that was found in a log
  keysmith.elastic.ec_api_key_revoke:
    secret: "{{ leaked_cloud_key }}"
    expected_count: 1

- name: What a user who has left made that never ends
  keysmith.elastic.ec_api_key_revoke:
    user_id: "2000000002"
    never_expires: true
  check_mode: true
"""

RETURN = r"""
revoked:
  description: The keys that were revoked, or would be in check mode, as they were before. The oldest comes first, the login's own last.
  returned: success, and when some could not be revoked
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1l
    name:
      description: Its description, without the mark that O(keysmith.elastic.ec_api_key#module:mark_description) adds.
      returned: always
      type: str
      sample: terraform
    description:
      description: Its description as the service shows it.
      returned: always
      type: str
      sample: terraform
    type:
      description: Its type, always V(cloud) here.
      returned: always
      type: str
      sample: cloud
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
    user_id:
      description: The id of the user who made it.
      returned: when the service tells
      type: str
      sample: "2000000002"
    organization_id:
      description: The id of its organization, as the service shows it.
      returned: when the service tells
      type: str
      sample: "1000000001"
    state:
      description: V(active) or V(expired). A key that was deleted is not shown any more.
      returned: always
      type: str
      sample: active
    creation:
      description: When it was made, in UTC.
      returned: always
      type: str
      sample: "2026-11-21T03:00:00Z"
    expiration:
      description: When it ends, in UTC. Null where it never does.
      returned: always
      type: str
      sample: "2027-02-19T03:00:00Z"
    invalidation:
      description: Always null; other kinds of key have one.
      returned: always
      type: str
      sample: null
    remaining_seconds:
      description: How much of its life is left, by the service's clock. Null where it never ends.
      returned: always
      type: int
      sample: 7776000
    managed_by:
      description: V(keysmith.elastic) for a key whose description has the mark of this collection, else null.
      returned: always
      type: str
      sample: null
    role_assignments:
      description: Its roles, as the service shows them.
      returned: when the service shows them
      type: dict
      sample: {organization: [{role_id: billing-admin, organization_id: "1000000001"}]}
    metadata:
      description: Always empty; other kinds of key have some.
      returned: always
      type: dict
      sample: {}
kept:
  description: Keys that are meant and stay as they are.
  returned: success, and when some could not be revoked
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1m
    name:
      description: Its description. Null where the service shows no key of this id.
      returned: always
      type: str
      sample: terraform
    why:
      description: Why it stays, in words.
      returned: always
      type: str
      sample: "it is the key of this login (own_key: keep)"
already_dead:
  description:
    - How many of the keys that O(id) or O(secret) names are not there any more. It is counted only where no living key is meant, else it
      is 0. Null where the service does not tell, because it shows no deleted keys.
  returned: success, and when some could not be revoked
  type: int
  sample: 0
not_revoked:
  description: The keys whose death the service did not confirm, as RV(revoked) shows them.
  returned: when some could not be revoked
  type: list
  elements: dict
  sample: []
reasons:
  description: What was done, and why.
  returned: success, and when some could not be revoked
  type: list
  elements: str
  sample: ["revoked: keys V2lDZkdjQkNkYmtRbS1l and V2lDZkdjQkNkYmtRbS1n"]
login:
  description: Who was logged in, as far as the service tells.
  returned: success, and when some could not be revoked
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
      description: A stable word for the kind of failure, V(not_revoked) where keys may live on.
      returned: always
      type: str
      sample: refused
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: description
    count:
      description: How many keys would be hit.
      returned: when O(expected_count) is missing or another number
      type: int
      sample: 3
    ids:
      description: The ids of the keys that are the reason.
      returned: when keys are the reason
      type: list
      elements: str
      sample: [V2lDZkdjQkNkYmtRbS1l]
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
    reason:
      description: The service's own words.
      returned: when the service answered with an error
      type: str
      sample: You do not have permission to do this.
"""

from ..module_utils._ansible.run_revoke import run_revocation_module
from ..module_utils._kinds.ec_api_key_revocation import EC_API_KEYS_REVOKED


def main() -> None:
    run_revocation_module(EC_API_KEYS_REVOKED)


if __name__ == "__main__":
    main()
