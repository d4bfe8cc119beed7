#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_credential_info
short_description: Tell who is logged in to an Elasticsearch, and what that login may do
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Tells whose the credential is that the connection options give, by what it logs in, when it ends, which privileges it holds,
    and what it can do with API keys, in the terms of this collection.
  - Every login that the server accepts may ask this, an API key without any right as well.
  - A login that the server refuses is a failure, which tells the server's reason.
options:
  privileges:
    description:
      - Privileges to ask about, beside those that matter to API keys, which are always asked about.
      - The server answers for the whole login. The rights of an API key are those of its role descriptors that its owner held, too.
      - A name that the server does not know is refused.
    type: dict
    suboptions:
      cluster:
        description:
          - Names of cluster privileges.
        type: list
        elements: str
      index:
        description:
          - Privileges over indices.
        type: list
        elements: dict
        suboptions:
          names:
            description:
              - Names of indices, data streams and aliases, or patterns of them. They need not exist.
            type: list
            elements: str
            required: true
          privileges:
            description:
              - Names of index privileges.
            type: list
            elements: str
            required: true
          allow_restricted_indices:
            description:
              - Whether a pattern means the restricted indices that it fits as well.
            type: bool
            default: false
      application:
        description:
          - Privileges of applications, such as Kibana.
        type: list
        elements: dict
        suboptions:
          application:
            description:
              - Name of the application, such as V(kibana-.kibana).
            type: str
            required: true
          privileges:
            description:
              - Names of its privileges or actions. The server does not check that they exist.
            type: list
            elements: str
            required: true
          resources:
            description:
              - What of the application, such as V(space:default).
            type: list
            elements: str
            default: ["*"]
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
  - keysmith.elastic.attributes.info
seealso:
  - module: keysmith.elastic.es_api_key_info
"""

EXAMPLES = r"""
- name: Who is this
  keysmith.elastic.es_credential_info:
  register: me

- name: Show it
  ansible.builtin.debug:
    msg: "{{ me.credential.username }} of {{ me.credential.realm }} ends {{ me.credential.expiration or 'never' }}"

- name: Refuse to begin with a login that could not finish
  ansible.builtin.assert:
    that: me.can.create_keys
    fail_msg: "{{ me.why_not.create_keys | default('') }}"

- name: May the shipper's key write, asked with nothing but the key itself
  keysmith.elastic.es_credential_info:
    url: https://es.example.net:9200
    api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
    privileges:
      cluster: [monitor]
      index:
        - names: ["logs-*", "metrics-*"]
          privileges: [create_doc, auto_configure]
  register: shipper

- name: Say so
  ansible.builtin.debug:
    msg: "{{ 'It may' if shipper.holds_all else 'It may not' }}"
"""

RETURN = r"""
credential:
  description: Whose it is, and when it ends. Never its secret.
  returned: success
  type: dict
  contains:
    username:
      description: The user, or the owner of the API key. With O(run_as) the user that it acts as.
      returned: always
      type: str
      sample: keysmith
    realm:
      description: The user's realm. Null where it is not known.
      returned: always
      type: str
      sample: default_native
    realm_type:
      description: The type of that realm, V(native) or V(pki) (a client certificate) for example. Null where it is not known.
      returned: always
      type: str
      sample: native
    type:
      description: How the login was made, in the server's words, V(realm), V(api_key) or V(token) for example.
      returned: always
      type: str
      sample: realm
    roles:
      description: The user's roles. An API key has none; its rights are its own.
      returned: always
      type: list
      elements: str
      sample: [keysmith]
    key_id:
      description: The id of the API key of the login, else null.
      returned: always
      type: str
      sample: null
    key_name:
      description: The name of that API key, else null.
      returned: always
      type: str
      sample: null
    managed_by:
      description: V(elasticsearch) or, for keys of Elastic Cloud, V(cloud). Null before Elasticsearch 9.1, and where the login is no key.
      returned: always
      type: str
      sample: null
    expiration:
      description: When that API key ends, in UTC. Null where it never does, or the login is none.
      returned: always
      type: str
      sample: null
    remaining_seconds:
      description: How much of its life is left, by the clock of the machine that the task runs on. Null where it never ends.
      returned: always
      type: int
      sample: null
    run_as:
      description: The user that the login acts as, if O(run_as) says so, else null.
      returned: always
      type: str
      sample: null
privileges:
  description: Which privileges the login holds, of those that were asked about.
  returned: success
  type: dict
  contains:
    cluster:
      description:
        - Each cluster privilege, and whether it is held. Always among them are C(manage_own_api_key), C(manage_api_key),
          C(manage_security), C(read_security), C(grant_api_key), C(clone_api_key) and C(monitor), as far as the server knows them.
      returned: always
      type: dict
      sample: {manage_own_api_key: true, manage_api_key: false}
    index:
      description: For each name of O(privileges.index) its privileges, and whether they are held.
      returned: always
      type: dict
      sample: {"logs-*": {create_doc: true}}
    application:
      description: For each application and resource of O(privileges.application) its privileges, and whether they are held.
      returned: always
      type: dict
      sample: {}
holds_all:
  description: Whether everything that O(privileges) asks about is held. Null where it asks about nothing.
  returned: success
  type: bool
  sample: true
can:
  description: What the login can do with API keys on this server.
  returned: success
  type: dict
  contains:
    create_keys:
      description: Make keys of its own that have rights.
      returned: always
      type: bool
      sample: true
    update_keys:
      description: Change its own keys in place, their end as well.
      returned: always
      type: bool
      sample: true
    grant_keys:
      description: Make keys for other users whose password or token is at hand (O(keysmith.elastic.es_api_key#module:grant)).
      returned: always
      type: bool
      sample: true
    clone_keys:
      description: Let a key make its own successor (O(keysmith.elastic.es_api_key#module:method=clone)).
      returned: always
      type: bool
      sample: true
    manage_cross_cluster_keys:
      description: Make, change and revoke cross-cluster keys.
      returned: always
      type: bool
      sample: true
    see_own_keys:
      description: List its own keys. An API key sees itself.
      returned: always
      type: bool
      sample: true
    see_all_keys:
      description: List every key, whoever owns it.
      returned: always
      type: bool
      sample: true
    revoke_own_keys:
      description: Revoke its own keys. An API key may revoke itself.
      returned: always
      type: bool
      sample: true
    revoke_all_keys:
      description: Revoke every user key, whoever owns it.
      returned: always
      type: bool
      sample: true
why_not:
  description: For each thing in RV(can) that the login cannot do, why, in words.
  returned: success
  type: dict
  sample: {see_all_keys: "it needs the cluster privilege read_security, manage_api_key or manage_security"}
server:
  description: The server. Null where the login may not ask for it, for which it needs C(monitor).
  returned: success
  type: dict
  contains:
    version:
      description: Its version.
      returned: always
      type: str
      sample: 9.5.3
    flavor:
      description: V(default), or V(serverless) for a serverless project of Elastic Cloud.
      returned: always
      type: str
      sample: default
    cluster_uuid:
      description: The id of the cluster.
      returned: always
      type: str
      sample: zPL9WPDpT3Gp-PAEYrzxHg
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
      sample: unauthorized
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: privileges.cluster
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
      sample: "unable to authenticate user [keysmith] for REST request [/_security/_authenticate]"
"""

from ..module_utils._ansible.run_credential_info import run_credential_info_module


def main() -> None:
    run_credential_info_module()


if __name__ == "__main__":
    main()
