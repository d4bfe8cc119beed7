#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_cross_cluster_key
short_description: Give a cross-cluster API key of Elasticsearch a life cycle
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Creates, proves, stores, updates, extends, rotates and revokes the API key by which another cluster searches this one, or
    follows its indices. It is made on the remote cluster, the one that holds the data, and used by the local one.
  - "B(Present, with a store.) The store holds a secret; the secret has just been proven by using it; its key is
    active, is the login's or O(owner)'s, and opens what the task says. A key that merely has the name is not enough,
    because a key whose secret nobody holds is useless."
  - "B(Present, without a store.) There is an active cross-cluster key of this name and owner that is as the task describes it;
    of several the newest counts. Its secret is not known here. A key can then be made only with O(return_secret=true),
    because its secret would be lost otherwise. A user key of the same name is another key."
  - "B(Proof.) Such a key opens no REST call, but Elasticsearch says of a right secret that it is of another type and of a
    wrong one that it is wrong; so a stored secret is proven without the other cluster. Whether the connection between the
    clusters works is for the using side to see."
  - "B(Rotation.) A new key is made, proven, stored and read back, and only then is its predecessor's end shortened to
    O(overlap), in which the secret has to reach the keystore of every node of the using cluster."
  - "B(Who logs in.) A user with the cluster privileges C(manage_security) and C(monitor); the key is that user's.
    Elasticsearch lets no API key make or change one. A key's rights are what O(access) says, and no more; they do not
    depend on its owner's."
  - "B(What the cluster needs.) Elasticsearch 8.10 or newer (8.14 for production), and a licence that allows it (C(enterprise), or a trial),
    which is looked at before anything is written. Elastic Cloud serverless has no such keys."
options:
  access:
    description:
      - What the key opens, as Elasticsearch's API takes it. C(search) and C(replication) are lists of entries with C(names), and optionally
        C(allow_restricted_indices); entries of C(search) can also have C(query) and C(field_security), unless the key has C(replication).
      - A new key needs it. Left out, an existing key's access stays as it is, and a successor gets its predecessor's.
      - It is changed in place, the secret stays the same, and takes effect at once.
      - Compared by meaning. The order of lists, the server's defaults and the two spellings of a query make no difference.
    type: dict
  certificate_identity:
    description:
      - A regular expression (of Java) that the name in the signing certificate of the using cluster must fit (Elasticsearch 9.3 and newer).
      - Left out, it stays as it is. An empty text takes it away.
    type: str
  owner:
    description:
      - Whose key is meant. V(self) is the login, V(any) is everybody; else a user name.
      - Only a key's owner can update it, so for another owner's key log in as that user or with O(run_as).
      - "With O(state=absent) and neither O(name) nor O(id), a user name here means every active cross-cluster key of that user."
    type: str
    default: self
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.elasticsearch_key
  - keysmith.elastic.lifecycle
  - keysmith.elastic.store
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.key
  - keysmith.elastic.attributes.elasticsearch
notes:
  - Name and type of a key can never be changed.
  - Elasticsearch moves the end of such a key only together with its access or metadata, so the metadata is sent again as it is.
  - On hosted deployments, on Elastic Cloud Enterprise and on Elastic Cloud on Kubernetes the keystore of the using cluster is not this
    collection's to write. The key is made here, and its C(encoded) form put in where the product says.
seealso:
  - module: keysmith.elastic.es_api_key
  - module: keysmith.elastic.es_api_key_info
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
  - name: Connect to remote clusters
    description: What remote clusters need on both sides.
    link: https://www.elastic.co/docs/deploy-manage/remote-clusters
"""

EXAMPLES = r"""
# The connection stands in module_defaults here, and could as well come from the environment (KEYSMITH_ES_URL and the like).
# It leads to the cluster that holds the data.
- name: The key by which the cluster in Frankfurt searches this one
  module_defaults:
    group/keysmith.elastic.elasticsearch:
      url: https://es.example.net:9200
      ca_path: /etc/pki/es-ca.pem
      username: keysmith
      password: "{{ keysmith_password }}"
  block:
    - name: Make it, keep it, renew it two weeks before it ends
      keysmith.elastic.es_cross_cluster_key:
        name: from-frankfurt
        access:
          search:
            - names: ["logs-*", "metrics-*"]
        expiration: 90d
        renew_before: 14d
        overlap: 24h
        store:
          type: file
          path: /etc/keysmith/keys/from-frankfurt.json
      delegate_to: localhost
      register: crossing

    - name: Say why something happened
      ansible.builtin.debug:
        msg: "{{ crossing.reasons }}"
      when: crossing is changed

- name: Open less to it, in place; the secret stays the same
  keysmith.elastic.es_cross_cluster_key:
    name: from-frankfurt
    access:
      search:
        - names: ["logs-*"]
          query: {term: {public: true}}
    store:
      type: file
      path: /etc/keysmith/keys/from-frankfurt.json

- name: A key by which another cluster follows indices
  keysmith.elastic.es_cross_cluster_key:
    name: followers-in-madrid
    access:
      replication:
        - names: ["orders-*"]
    metadata:
      team: orders
    expiration: 180d
    store:
      type: file
      path: /etc/keysmith/keys/followers-in-madrid.json

- name: A key that only serves a cluster with a certain certificate (Elasticsearch 9.3 and newer)
  keysmith.elastic.es_cross_cluster_key:
    name: from-oslo
    access:
      search:
        - names: ["logs-*"]
    certificate_identity: CN=oslo-.*
    expiration: 90d
    store:
      type: file
      path: /etc/keysmith/keys/from-oslo.json

- name: A successor, whose predecessor lives on until the other cluster was seen to use the new one
  keysmith.elastic.es_cross_cluster_key:
    name: from-frankfurt
    rotate_if_created_before: "2026-11-21T03:00:00Z"
    retire: false
    store:
      type: file
      path: /etc/keysmith/keys/from-frankfurt.json
  register: crossing

- name: What goes into the keystore of every node there, as cluster.remote.<alias>.credentials
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/from-frankfurt.json') }}"
    dest: /etc/keysmith/credentials
    mode: "0600"
  no_log: true

- name: Now the predecessor may end
  keysmith.elastic.es_cross_cluster_key:
    name: from-frankfurt
    overlap: 1h
    store:
      type: file
      path: /etc/keysmith/keys/from-frankfurt.json

- name: No cluster needs it any more
  keysmith.elastic.es_cross_cluster_key:
    name: followers-in-madrid
    state: absent
    store:
      type: file
      path: /etc/keysmith/keys/followers-in-madrid.json
"""

RETURN = r"""
key:
  description:
    - The key as it is now, or in check mode as it would be. It never holds a secret.
    - Null when it is gone.
  returned: success
  type: dict
  contains:
    id:
      description: Its id. Null where a key is only predicted.
      returned: always
      type: str
      sample: VuaCfGcBCdbkQm-e5aOx
    name:
      description: Its name.
      returned: always
      type: str
      sample: from-frankfurt
    type:
      description: Its type, always V(cross_cluster) here.
      returned: always
      type: str
      sample: cross_cluster
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
    realm_type:
      description: The type of that realm.
      returned: when the server shows it (8.14 and newer)
      type: str
      sample: native
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
    access:
      description: What it opens, as the server shows it.
      returned: always
      type: dict
      sample: {search: [{names: ["logs-*"], allow_restricted_indices: false}]}
    certificate_identity:
      description: The pattern that the certificate of the using cluster must fit. Null where none is demanded.
      returned: always
      type: str
      sample: null
    role_descriptors:
      description: The rights that the server derives from the access.
      returned: when the server shows them
      type: dict
      sample: {cross_cluster: {cluster: [cross_cluster_search, monitor_enrich]}}
    metadata:
      description: Its metadata, without the mark of this collection.
      returned: always
      type: dict
      sample: {team: platform}
secret:
  description:
    - The secret in its forms. Ansible prints nothing of a result that holds one.
    - Its fields are null in check mode, and where a key was there already and O(store) does not hold its secret.
  returned: with O(return_secret=true) and O(state=present)
  type: dict
  contains:
    id:
      description: The key's id.
      returned: always
      type: str
      sample: VuaCfGcBCdbkQm-e5aOx
    api_key:
      description: The secret alone.
      returned: always
      type: str
      sample: ui2lp2axTNmsyakw9tvNnw
    encoded:
      description: Base64 of C(id:api_key), what goes into the keystore of the using cluster.
      returned: always
      type: str
      sample: VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==
    beats:
      description: "C(id:api_key), as Beats and Logstash want it."
      returned: always
      type: str
      sample: VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw
stored:
  description: What happened to the store. This is what a handler should look at.
  returned: with O(store)
  type: dict
  contains:
    changed:
      description: Whether what is stored has changed, be it the secret, its noted end, or the file's mode or owner.
      returned: always
      type: bool
      sample: true
    type:
      description: The kind of store.
      returned: always
      type: str
      sample: file
    location:
      description: Where it is.
      returned: always
      type: str
      sample: /etc/keysmith/keys/from-frankfurt.json
    confirmed:
      description: V(false) as long as a predecessor lives on because O(retire) was V(false), and no run with V(true) came after it.
      returned: always
      type: bool
      sample: true
previous:
  description: What was revoked, or will end, in this run, and what waits for its end.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The key's id.
      returned: always
      type: str
      sample: 1xaCfGcBCdbkQm-e5aOx
    how:
      description:
        - V(expires) for one that ends by itself, V(revoked) for one that is dead, V(left) for one that this login could not
          retire and a later run has to. Null in check mode.
        - V(waits) for one that lives on because of O(retire=false), in check mode, too.
      returned: always
      type: str
      sample: expires
    ends:
      description: When it ends, in UTC. Null in check mode, and where nobody knows.
      returned: always
      type: str
      sample: "2026-11-22T03:00:00Z"
reasons:
  description: Why something was done, or would be in check mode. Empty when nothing was.
  returned: success
  type: list
  elements: str
  sample: ["rotated: 6d left, less than renew_before 14d"]
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
  description: What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description:
        - A stable word for the kind of failure. V(bad_option), V(refused), V(store), V(taken_over), V(unproven), V(connection),
          V(tls), V(answer_lost), V(not_elasticsearch), V(unauthorized), V(forbidden), V(bad_request), V(not_found),
          V(unavailable), V(server), V(missing_library), V(write_in_check_mode) or V(error).
      returned: always
      type: str
      sample: forbidden
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: renew_before
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
      sample: "action [cluster:admin/xpack/security/cross_cluster/api_key/create] is unauthorized for user [reader]"
    ids:
      description: The keys that the failure is about.
      returned: when there are some
      type: list
      elements: str
      sample: [VuaCfGcBCdbkQm-e5aOx]
    planned:
      description: What the run had set out to do, and why.
      returned: when the run failed on the way
      type: list
      elements: str
      sample: ["rotated: 6d left, less than renew_before 14d"]
"""

from ..module_utils._ansible.run_key import run_key_module
from ..module_utils._kinds.es_cross_cluster_key import ES_CROSS_CLUSTER_KEY


def main() -> None:
    run_key_module(ES_CROSS_CLUSTER_KEY)


if __name__ == "__main__":
    main()
