#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_keystore_setting
short_description: Keep a secure setting in the keystore of an Elasticsearch node
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Sets or removes a setting in a node's keystore by Elasticsearch's own command C(elasticsearch-keystore), and only where it differs.
  - The value is written to the command's standard input and never is one of its arguments. It is compared with what
    C(elasticsearch-keystore show) tells, within this module, and returned nowhere. After a change it is read back.
  - The node reads its keystore when it starts, and those settings that can be changed while it runs, such as the keys for remote
    clusters, when it is told to (O(keysmith.elastic.es_remote_cluster#module:reload)).
options:
  name:
    description:
      - The name of the setting, such as C(cluster.remote.<alias>.credentials).
    type: str
    required: true
  value:
    description:
      - Its value, one line. For a remote cluster it is the key in the form C(encoded).
    type: str
  state:
    description:
      - V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  program:
    description:
      - The path of C(elasticsearch-keystore) on the host.
    type: path
    default: /usr/share/elasticsearch/bin/elasticsearch-keystore
  config_dir:
    description:
      - The folder of the node's configuration, where the command does not find it by itself (its C(ES_PATH_CONF)).
    type: path
  keystore_password:
    description:
      - The password of the keystore, where it has one.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Of the value it is only told that it changes.
  idempotent:
    support: full
  async:
    support: none
    details:
      - The file in which Ansible keeps the arguments of an asynchronous task would hold the value.
notes:
  - Become the user who owns the keystore, which is V(root) for installed packages.
  - Ansible copies a module with its arguments into a file on the host, which it removes afterwards, but not when it is killed. Set the
    variable C(ansible_pipelining) to V(true) for the task, and nothing is written there. C(requiretty) in the host's sudoers forbids that.
seealso:
  - module: keysmith.elastic.es_remote_cluster
"""

EXAMPLES = r"""
- name: Put the key for the remote cluster "far" into the keystore
  keysmith.elastic.es_keystore_setting:
    name: cluster.remote.far.credentials
    value: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
    program: /etc/keysmith/bin/elasticsearch-keystore
  vars:
    ansible_pipelining: true

- name: Take it out again
  keysmith.elastic.es_keystore_setting:
    name: cluster.remote.far.credentials
    state: absent
    program: /etc/keysmith/bin/elasticsearch-keystore
"""

RETURN = r"""
was_there:
  description: Whether the setting was there before, with whatever value.
  returned: success
  type: bool
  sample: true
failure:
  description:
    - What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description: A stable word for the kind of failure, V(keystore) for example.
      returned: always
      type: str
      sample: keystore
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: keystore_password
"""

from ..module_utils._ansible.run_keystore_setting import run_keystore_setting_module


def main() -> None:
    run_keystore_setting_module()


if __name__ == "__main__":
    main()
