#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_remote_probe
short_description: Try from a node's host whether a remote cluster can be reached
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Connects to the remote cluster server of another cluster as a node would, shakes hands with it, and closes the connection. No key is
    needed or sent, and Elasticsearch is not asked anything.
  - A node that cannot connect says little more than that. This module says whether the name is not known, nobody listens, one side wants
    TLS and the other does not, or the certificate is not trusted, before any key is made.
  - It runs where the node runs, and reads the authorities that the node trusts.
options:
  addresses:
    description:
      - Addresses to try, each as C(host:port), all of which must answer.
    type: list
    elements: str
    required: true
  tls:
    description:
      - Whether the node wants TLS, which is its setting C(xpack.security.remote_cluster_client.ssl.enabled).
    type: bool
    default: true
  ca_paths:
    description:
      - Absolute paths of the authorities that the node trusts (C(xpack.security.remote_cluster_client.ssl.certificate_authorities)).
        Without any it is those of the system, as Python finds them. Java brings its own, so give O(verification=none) where you cannot name
        the file.
    type: list
    elements: path
    default: []
  verification:
    description:
      - What of the certificate is verified, as C(xpack.security.remote_cluster_client.ssl.verification_mode) has it. V(certificate)
        leaves the name out, V(none) everything.
    type: str
    choices: [full, certificate, none]
    default: full
  server_name:
    description:
      - The name that is told to the server in the handshake, by default that of the address.
    type: str
  connect_timeout:
    description:
      - Seconds to wait for a connection.
    type: float
    default: 10
extends_documentation_fragment:
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.info
attributes:
  async:
    support: full
    details:
      - No secret is in its result.
seealso:
  - module: keysmith.elastic.es_remote_cluster
"""

EXAMPLES = r"""
- name: Nobody is at home
  keysmith.elastic.es_remote_probe:
    addresses: ["127.0.0.1:1"]
    tls: false
    connect_timeout: 2
  register: tried
  failed_when: tried.failure.code != 'connection'

- name: Tell why
  ansible.builtin.debug:
    msg: "{{ tried.msg }}"
"""

RETURN = r"""
reached:
  description: The addresses that have answered, which are all of them.
  returned: success
  type: list
  elements: str
  sample: ["far.example.net:9443"]
failure:
  description:
    - What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description: A stable word for the kind of failure, V(connection) or V(tls) for example.
      returned: always
      type: str
      sample: tls
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: ca_paths
"""

from ..module_utils._ansible.run_remote_probe import run_remote_probe_module


def main() -> None:
    run_remote_probe_module()


if __name__ == "__main__":
    main()
