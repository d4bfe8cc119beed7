#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_api_key_revoke
short_description: Revoke API keys of an Elasticsearch in bulk
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Revokes every living key that meets all conditions, user keys and cross-cluster keys, for the hour after a leak. For one key that
    is no longer needed take O(keysmith.elastic.es_api_key#module:state=absent).
  - A key cannot be revived. So at least one condition must tell keys apart, and outside of check mode O(expected_count) must be the
    number of keys that would be hit. Else nothing is revoked, and the message tells that number and the first ids.
  - Keys are revoked by id, up to 1000 in one request, and the server has to confirm each. Where it does not confirm all, the task
    fails and RV(not_revoked) tells which may live on.
  - Keys that Kibana, Fleet or Elastic Cloud on Kubernetes manage are left out and told in RV(kept), because what uses them
    would break or make new ones. Revoke them where they are managed.
  - "B(Who may.) With C(manage_api_key) every user key, with C(manage_security) cross-cluster keys as well, with
    C(manage_own_api_key) a user's own keys. A login that cannot see all that is meant is refused, since it could not tell
    whether a key has escaped it."
  - When run again it finds no living key. That is a success if as many dead keys as O(expected_count) meet the conditions,
    so that a mistake in them is not taken for work that is done. Elasticsearch keeps dead keys for a week or longer.
options:
  secret:
    description:
      - The leaked secret itself, as C(encoded), C(id:api_key) or the value of the header C(Authorization).
      - The key is found by the id in it, whoever owns it. The secret is tried on the server first. If it opens nothing the task
        fails, because then another secret has leaked than the one that was thought.
      - No other condition can stand beside it but O(owner) and O(type).
    type: str
  owner:
    description:
      - The user whose keys are meant. V(self) is the login, which for an API key is its owner; V(any) is everybody.
      - By default it is V(self), and with O(secret) V(any).
      - A user's name or V(self) is a condition by itself, for all keys of that user. V(any) is none.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.selection
  - keysmith.elastic.selection.time
  - keysmith.elastic.revocation
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
attributes:
  idempotent:
    support: full
notes:
  - Keys can be searched from Elasticsearch 7.15 on.
seealso:
  - module: keysmith.elastic.ec_api_key_revoke
  - module: keysmith.elastic.ece_api_key_revoke
  - module: keysmith.elastic.es_api_key
  - module: keysmith.elastic.es_api_key_info
"""

EXAMPLES = r"""
- name: What would be hit
  keysmith.elastic.es_api_key_revoke:
    name_pattern: "ci-*"
    owner: svc_indexer
    created_after: "2026-11-21T01:00:00Z"
  check_mode: true
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.id }} {{ item.name }}"
  loop: "{{ found.revoked }}"
  loop_control:
    label: "{{ item.id }}"

- name: Revoke them, if they are still as many
  keysmith.elastic.es_api_key_revoke:
    name_pattern: "ci-*"
    owner: svc_indexer
    created_after: "2026-11-21T01:00:00Z"
    expected_count: "{{ found.revoked | length }}"

- name: A secret was found in a log - which key is it, and does it open anything; outside of check mode its key goes
  keysmith.elastic.es_api_key_revoke:
    secret: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
    expected_count: 1
  check_mode: true

- name: Which keys a user who has left still has, those that Kibana and the like look after left out
  keysmith.elastic.es_api_key_revoke:
    owner: svc_reports
    owner_realm: default_native
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
      sample: VuaCfGcBCdbkQm-e5aOx
    name:
      description: Its name.
      returned: always
      type: str
      sample: filebeat-web1
    type:
      description: V(rest) or V(cross_cluster).
      returned: always
      type: str
      sample: rest
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
    state:
      description: V(active), V(expired) or V(invalidated).
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
      description: When it was revoked, in UTC. Null where it was not, or where the server does not tell (before 8.12).
      returned: always
      type: str
      sample: null
    remaining_seconds:
      description: How much of its life is left, by the server's clock where it tells it. Null where it never ends.
      returned: always
      type: int
      sample: 7776000
    managed_by:
      description:
        - V(keysmith.elastic) for a key that this collection made, the name of the product for one that Kibana, Fleet or Elastic
          Cloud on Kubernetes manages, else null.
      returned: always
      type: str
      sample: keysmith.elastic
    role_descriptors:
      description: Its rights, as the server shows them.
      returned: when the server shows them (8.5 and newer)
      type: dict
      sample: {writer: {cluster: [monitor]}}
    metadata:
      description: Its metadata, without the mark of this collection.
      returned: always
      type: dict
      sample: {team: platform}
    access:
      description: What a cross-cluster key gives access to.
      returned: for cross-cluster keys
      type: dict
      sample: {search: [{names: ["logs-*"]}]}
    certificate_identity:
      description: The pattern that the certificate of a cross-cluster key's user must have.
      returned: for cross-cluster keys that have one (9.3 and newer)
      type: str
      sample: CN=host,OU=engineering
    realm_type:
      description: The type of the owner's realm.
      returned: when the server shows it (8.14 and newer)
      type: str
      sample: native
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
      sample: VuaCfGcBCdbkQm-e5aOx
    name:
      description: Its name. Null where the server knows no key of this id.
      returned: always
      type: str
      sample: kibana-alerting
    why:
      description: Why it stays, in words.
      returned: always
      type: str
      sample: "managed by fleet: it is revoked there"
already_dead:
  description:
    - How many keys that are meant were dead before. It is counted only where no living one is meant, else it is 0.
  returned: success, and when some could not be revoked
  type: int
  sample: 0
not_revoked:
  description: The keys whose death the server did not confirm, as RV(revoked) shows them.
  returned: when some could not be revoked
  type: list
  elements: dict
  sample: []
reasons:
  description: What was done, and why.
  returned: success, and when some could not be revoked
  type: list
  elements: str
  sample: ["revoked: keys VuaCfGcBCdbkQm-e5aOx and WuaCfGcBCdbkQm-e5aOy"]
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
      description: When that API key ends, in UTC. Null where it never does, or the login is none.
      returned: always
      type: str
      sample: null
failure:
  description:
    - What went wrong, for playbooks, as C(keysmith.elastic.es_api_key) returns it. The sentence for people is in C(msg).
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
      sample: name
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
      sample: [VuaCfGcBCdbkQm-e5aOx]
    privileges:
      description: What the login lacks; one of them suffices.
      returned: when a privilege is missing
      type: list
      elements: str
      sample: [manage_api_key]
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
"""

from ..module_utils._ansible.run_revoke import run_revocation_module
from ..module_utils._kinds.es_api_key_revocation import ES_API_KEYS_REVOKED


def main() -> None:
    run_revocation_module(ES_API_KEYS_REVOKED)


if __name__ == "__main__":
    main()
