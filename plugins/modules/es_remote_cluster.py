#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_remote_cluster
short_description: Tell a cluster of a remote cluster, and prove that it answers
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Sets what a cluster knows of a remote cluster that is opened by a cross-cluster API key, lets every node read its secure settings again
    where they have changed, and proves the connection by a search.
  - The key itself belongs into the keystore of every node first, for which there is C(keysmith.elastic.es_keystore_setting). The role
    C(keysmith.elastic.remote_cluster) does all of it in order.
  - Settings are written only where they differ. What the task does not name is left alone.
  - What Elasticsearch says in C(_remote/info) is no proof. A node whose key was revoked says C(connected) of the connections that it
    still has, and so does one whose licence has ended.
options:
  state:
    description:
      - With V(absent) every setting of the remote cluster is removed. The key stays in the keystores.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The alias of the remote cluster, which searches name it by. Letters, digits, hyphens and underscores.
    type: str
    required: true
  mode:
    description:
      - With V(sniff), Elasticsearch's own default, the cluster asks O(seeds) for the nodes of the remote cluster and connects to them,
        who must be reachable by the addresses that they publish. With V(proxy) it connects to O(proxy_address) alone.
    type: str
    choices: [proxy, sniff]
    default: sniff
  proxy_address:
    description:
      - Where the remote cluster server is reached in O(mode=proxy), as C(host:port). The port is 9443 unless it was changed.
    type: str
  server_name:
    description:
      - The name that is told to the server in the TLS handshake in O(mode=proxy). Elastic Cloud needs it.
    type: str
  seeds:
    description:
      - Addresses of remote cluster servers for O(mode=sniff), each as C(host:port).
    type: list
    elements: str
  skip_unavailable:
    description:
      - Whether searches over several clusters go on without this one when it cannot be reached. Elasticsearch's own default is V(true) from
        8.15 on.
    type: bool
  settings:
    description:
      - Other settings of the remote cluster by their names after C(cluster.remote.<alias>.), such as C(transport.compress) or
        C(proxy_socket_connections). With null one is removed.
    type: dict
    default: {}
  reload:
    description:
      - Let every node read its keystore again (C(POST _nodes/reload_secure_settings)), and fail where one did not. V(always) does so before
        anything else, V(on_failure) only where the remote cluster does not answer within 5 seconds.
      - A changed key is in use as soon as the server has answered. The connections of all nodes are made anew for it.
    type: str
    choices: [never, on_failure, always]
    default: never
  keystore_password:
    description:
      - The password of the keystores, where they have one. It must be the same on all nodes.
      - Without TLS between the nodes Elasticsearch refuses it in a cluster of several.
    type: str
  remote_uuid:
    description:
      - The C(cluster_uuid) of the remote cluster. If the cluster that the login opens is the same one, the task is refused.
    type: str
  search:
    description:
      - What to search on the remote cluster to prove that it answers, as the remote cluster calls it, such as V(logs-*). It must be within
        the access of the key. Without it the proof is only that the node says to be connected.
    type: str
  key_id:
    description:
      - The id of the key that has to be in use. If a node shows that it uses another one, it is waited for, and then it is a failure.
      - Elasticsearch names the key when it refuses an index, so one is searched for that does not exist. A key whose access covers every
        name shows nothing, nor does a login that may not search it; then this is no failure.
    type: str
  wait:
    description:
      - How long to wait until the remote cluster answers. With V(0s) nothing is proven.
    type: str
    default: 30s
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
attributes:
  check_mode:
    support: full
    details:
      - The licence, the privileges and O(remote_uuid) are checked, and nothing is proven.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(reload=always) it is C(changed) every time, because nobody can tell whether the nodes had to read anything new.
notes:
  - Needs the cluster privileges C(manage) and C(monitor), and for O(search) an index privilege on the remote cluster
    (C(remote_indices) of a role).
  - Each node has connections of its own. This module proves those of the node that answers at O(url); ask every node by its own address.
seealso:
  - module: keysmith.elastic.es_keystore_setting
  - module: keysmith.elastic.es_remote_probe
"""

EXAMPLES = r"""
- name: Tell the cluster of the remote cluster "far", not yet proving that it answers
  keysmith.elastic.es_remote_cluster:
    name: far
    mode: proxy
    proxy_address: far.example.net:9443
    server_name: far.example.net
    skip_unavailable: true
    settings:
      transport.compress: "true"
    wait: 0s

- name: See what would be different with seeds
  keysmith.elastic.es_remote_cluster:
    name: far
    seeds: ["far1.example.net:9443", "far2.example.net:9443"]
    wait: 0s
  check_mode: true

- name: Let all nodes read their keystores again
  keysmith.elastic.es_remote_cluster:
    name: retired
    state: absent
    reload: always

- name: Forget the remote cluster
  keysmith.elastic.es_remote_cluster:
    name: far
    state: absent
"""

RETURN = r"""
remote:
  description:
    - What the node says of the remote cluster, as C(_remote/info) does, and its C(name). More than what is listed here may be told.
    - Null where there is none. In check mode as it is, not as it would be.
  returned: success
  type: dict
  contains:
    name:
      description: The alias.
      returned: always
      type: str
      sample: far
    connected:
      description: Whether the node has connections to it. It may have some though the key is refused.
      returned: always
      type: bool
      sample: true
    mode:
      description: V(proxy) or V(sniff).
      returned: always
      type: str
      sample: proxy
    proxy_address:
      description: Where it is reached.
      returned: in mode proxy
      type: str
      sample: far.example.net:9443
    server_name:
      description: The name told in the TLS handshake.
      returned: in mode proxy
      type: str
      sample: far.example.net
    num_proxy_sockets_connected:
      description: How many connections there are.
      returned: in mode proxy
      type: int
      sample: 18
    max_proxy_socket_connections:
      description: How many there can be.
      returned: in mode proxy
      type: int
      sample: 18
    seeds:
      description: Whom to ask for the nodes.
      returned: in mode sniff
      type: list
      elements: str
      sample: ["far1.example.net:9443"]
    num_nodes_connected:
      description: To how many nodes there is a connection.
      returned: in mode sniff
      type: int
      sample: 3
    max_connections_per_cluster:
      description: To how many there can be.
      returned: in mode sniff
      type: int
      sample: 3
    initial_connect_timeout:
      description: How long the node waits for its first connection.
      returned: always
      type: str
      sample: 30s
    skip_unavailable:
      description: Whether searches go on without it.
      returned: always
      type: bool
      sample: true
    cluster_credentials:
      description: A word in place of the key, which is there only where the keystore of the node has one.
      returned: when the node has a key for it
      type: str
      sample: "::es_redacted::"
cluster:
  description: The cluster that was asked.
  returned: success
  type: dict
  contains:
    uuid:
      description: Its C(cluster_uuid).
      returned: always
      type: str
      sample: zPL9WPDpT3Gp-PAEYrzxHg
    version:
      description: Its version.
      returned: always
      type: str
      sample: 9.5.3
    license:
      description: The type of its licence.
      returned: always
      type: str
      sample: enterprise
nodes:
  description: Its nodes that connect to remote clusters (role C(remote_cluster_client)), the one that was asked first. Each needs the key.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The node's id.
      returned: always
      type: str
      sample: bpbZaBM9ToSsWPktEbyDSA
    name:
      description: Its name.
      returned: always
      type: str
      sample: es1
trust:
  description:
    - How the node that was asked connects to remote clusters, for C(keysmith.elastic.es_remote_probe), as far as it shows that.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether it wants TLS.
      returned: always
      type: bool
      sample: true
    ca_paths:
      description:
        - Files with authorities that it has read, for whatever purpose, since it does not tell for which. A path that is not absolute
          begins at its folder of configuration. Empty where it trusts authorities that only Java can read.
      returned: always
      type: list
      elements: str
      sample: [certs/far-ca.crt]
    verification:
      description: V(full), or V(none) where there is nothing to verify with. Its C(verification_mode) it does not tell.
      returned: always
      type: str
      sample: full
key_in_use:
  description: The id of the key that the node was seen to use. Null where O(key_id) was not asked for, or nothing was to be seen.
  returned: success
  type: str
  sample: ZJOEIKIBsRvOUbwHTW_q
documents:
  description: How many documents O(search) has found. Null where nothing was searched.
  returned: success
  type: int
  sample: 1204
reasons:
  description: Why something was, or would be, done.
  returned: success
  type: list
  elements: str
  sample: ["settings differ: cluster.remote.far.mode: None -> 'proxy'"]
failure:
  description:
    - What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description: A stable word for the kind of failure, V(refused), V(not_reloaded) or V(not_connected) for example.
      returned: always
      type: str
      sample: not_connected
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: proxy_address
    reason:
      description: The server's own words.
      returned: when the server gave a reason
      type: str
      sample: "Unable to connect to [far]"
    nodes:
      description: The nodes that did not read their secure settings again, each with the reason.
      returned: when the code is V(not_reloaded)
      type: list
      elements: str
      sample: ["es2: Provided keystore password was incorrect"]
    license:
      description: The licence that does not suffice.
      returned: when the licence does not suffice
      type: str
      sample: basic
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
"""

from ..module_utils._ansible.run_remote_cluster import run_remote_cluster_module


def main() -> None:
    run_remote_cluster_module()


if __name__ == "__main__":
    main()
