#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_api_key_info
short_description: List the API keys of an Elasticsearch
version_added: 0.1.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Lists API keys of Elasticsearch, user keys and cross-cluster keys, with everything the server tells of them. Their secrets
    are known to nobody and never returned.
  - Every option is a condition, and a key is listed when it meets all of them. Of an option's several values it has to meet one.
  - Reads every page, so it also lists the keys of a cluster that has tens of thousands.
  - "B(Who sees what.) With the cluster privilege C(read_security) or C(manage_api_key) a login sees every key. With only
    C(manage_own_api_key) a user sees that user's keys and an API key sees itself; the module warns that other keys may exist."
options:
  owner:
    description:
      - The user whose keys are listed. V(any) is everybody, V(self) the login, which for an API key is its owner.
    type: str
    default: any
  state:
    description:
      - V(active) for keys that can log in, V(expired) for those that have reached their end, V(invalidated) for those that were
        revoked, V(any) for all. Elasticsearch keeps dead keys for a week or longer.
    type: list
    elements: str
    choices: [active, expired, invalidated, any]
    default: [active]
  with_limited_by:
    description:
      - Whether to return for each key the rights of its owner, which limit its own (Elasticsearch 8.5 and newer). An API key as
        login needs C(manage_api_key) for it.
    type: bool
    default: false
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.selection
  - keysmith.elastic.selection.time
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
  - keysmith.elastic.attributes.info
notes:
  - Keys can be searched from Elasticsearch 7.15 on.
  - The server sorts out what it can, by its own clock; only what it cannot be asked for is sorted out here.
seealso:
  - module: keysmith.elastic.es_api_key
  - plugin: keysmith.elastic.expiring_within
    plugin_type: test
"""

EXAMPLES = r"""
- name: The keys that end within two weeks
  keysmith.elastic.es_api_key_info:
    expiring_within: 14d
  register: ending

- name: Tell about them
  ansible.builtin.debug:
    msg: "{{ item.name }} of {{ item.owner }} ends at {{ item.expiration }}"
  loop: "{{ ending.api_keys }}"
  loop_control:
    label: "{{ item.id }}"

- name: Keys that never end, except those that Kibana and the like look after
  keysmith.elastic.es_api_key_info:
    never_expires: true
    type: rest
    managed_by: [collection, nobody]
  register: endless

- name: Refuse to go on while somebody has made one
  ansible.builtin.assert:
    that: endless.api_keys | selectattr('owner', 'equalto', 'svc_indexer') | length == 0
    fail_msg: "{{ endless.total }} keys never end"

- name: All keys of a shipper, dead ones included
  keysmith.elastic.es_api_key_info:
    name: "filebeat-{{ inventory_hostname }}"
    state: any

- name: What a team has, by its metadata
  keysmith.elastic.es_api_key_info:
    name_pattern: ["filebeat-*", "metricbeat-*"]
    metadata:
      team: platform
      deployment.stage: production

- name: One user's keys that are older than a year, with the rights that limit them
  keysmith.elastic.es_api_key_info:
    owner: svc_indexer
    owner_realm: default_native
    created_before: 365d
    with_limited_by: true

- name: What was made during an incident, whatever became of it since
  keysmith.elastic.es_api_key_info:
    created_after: "2026-11-21T01:00:00Z"
    created_before: "2026-11-21T03:00:00Z"
    state: [active, expired, invalidated]

- name: Does the key of this record still live, asked with nothing but the key itself
  keysmith.elastic.es_api_key_info:
    url: https://es.example.net:9200
    api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
    id: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', form='id') }}"
"""

RETURN = r"""
api_keys:
  description: The keys, the oldest first.
  returned: success
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
    limited_by:
      description: The rights of the owner at the time of the key's last change, which limit its own.
      returned: with O(with_limited_by=true)
      type: list
      elements: dict
      sample: [{keysmith: {cluster: [manage_own_api_key]}}]
total:
  description: How many keys are listed.
  returned: success
  type: int
  sample: 1
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
      description: A stable word for the kind of failure.
      returned: always
      type: str
      sample: forbidden
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: expiring_within
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

from ..module_utils._ansible.run_info import run_info_module
from ..module_utils._kinds.es_api_key_listing import ES_API_KEYS


def main() -> None:
    run_info_module(ES_API_KEYS)


if __name__ == "__main__":
    main()
