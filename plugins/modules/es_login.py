#!/usr/bin/python
# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_login
short_description: A login for the automation, with a narrow role and a password that lives in a store
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Makes a user of Elasticsearch that may manage its own API keys and holds just the rights that these keys are given, and keeps its role
    as described.
  - The password is random, 40 letters and digits. It goes into O(store) and nowhere else, and is proven by logging in with it.
  - Elasticsearch refuses a password as soon as there is another. So a change is written into the store first, beside the present
    password; then the user gets it, it is proven, and it becomes the current one. At every moment of that, also when the run is killed,
    O(login_store) with this store logs in, and the next run finishes what is left.
  - Without O(rights) only the password is cared for, of a user that exists. So a login can change its own password, for which it
    needs no privilege, and so the password of C(elastic) can be put into a store.
  - Nothing of somebody else's is touched. A user or role that this module has not made for this store is refused unless O(adopt=true).
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.store
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.elasticsearch
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Of a password it says that it changes, nothing else.
  idempotent:
    support: partial
    details:
      - O(force_rotate=true) changes the password on every run.
options:
  state:
    description:
      - V(present) makes sure that the user logs in with the stored password, and that user and role are as described.
      - V(absent) removes the user, its role, and the record of the store; only what this module has made for this store.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the user.
    type: str
    required: true
  rights:
    description:
      - What the keys of this login may be given, as one role descriptor. A key never has more rights than its owner.
      - C(manage_own_api_key) and C(monitor), which the login itself needs, are added to C(cluster).
      - What somebody else changes of the role is drift and is put right.
      - Without it neither role nor user are touched, and only the password is cared for.
    type: dict
  role:
    description:
      - The name of the role, by default O(name).
    type: str
  extra_roles:
    description:
      - More roles that the user has. They are not touched, but the user has these and no others. A login with more rights than
        asked is what a narrow role is meant to prevent, so a role that somebody else gave it is taken away again.
    type: list
    elements: str
    default: []
  max_age:
    description:
      - Change the password when it is older than this, such as V(90d). By default it is changed only when asked.
      - Its age is counted by the clock of the machine where the task runs, from when it was made.
    type: str
  force_rotate:
    description:
      - Change the password now. It is for one run by hand, because it is never idempotent; O(rotate_if_created_before) is.
      - Where a change is under way, finishing it is what is done.
    type: bool
    default: false
  rotate_if_created_before:
    description:
      - Change a password that was made before this time, such as V(2026-11-21T03:00:00Z); without a zone it is UTC.
      - A time in the future is refused, because every run until then would change it.
    type: str
  adopt:
    description:
      - Take over a user or role that exists already, or whose password somebody else has changed. It says that nobody else uses them,
        because their password stops working and their rights become those of the task.
      - With O(state=absent) it removes a user that was not made for this store.
    type: bool
    default: false
  leave_keys:
    description:
      - With O(state=absent), remove the user even if it owns active keys. They work on until their ends, but nobody can update
        them any more, and only somebody with C(manage_api_key) can revoke them.
    type: bool
    default: false
notes:
  - O(store) is required.
  - The first run needs a login with C(manage_security), such as C(elastic). Later runs that only change the password can be
    logged in as the user itself, by O(login_store).
  - C(elastic) and other reserved users can have their password changed, and nothing else. Leave O(rights) out and say
    O(adopt=true).
  - Elastic Cloud serverless has no users of its own.
seealso:
  - module: keysmith.elastic.es_api_key
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: The automation's login, made by the superuser
  keysmith.elastic.es_login:
    url: https://es.example.net:9200
    username: elastic
    password: "{{ elastic_password }}"
    name: automation
    rights:
      cluster: [monitor]
      indices:
        - names: ["logs-*"]
          privileges: [create_doc, auto_configure]
    store:
      type: file
      path: /etc/keysmith/automation.json

- name: Use it, in all tasks of a block
  module_defaults:
    group/keysmith.elastic.elasticsearch:
      url: https://es.example.net:9200
      login_store: /etc/keysmith/automation.json
  block:
    - name: A shipper's key
      keysmith.elastic.es_api_key:
        name: web7
        role_descriptors:
          writer:
            indices:
              - names: ["logs-*"]
                privileges: [create_doc, auto_configure]
        expiration: 90d
        store:
          type: file
          path: /etc/keysmith/keys/web7.json

    - name: It changes its own password, every quarter
      keysmith.elastic.es_login:
        name: automation
        max_age: 90d
        store:
          type: file
          path: /etc/keysmith/automation.json

    - name: After an incident, every password that was there before
      keysmith.elastic.es_login:
        name: automation
        rotate_if_created_before: "2026-11-21T03:00:00Z"
        store:
          type: file
          path: /etc/keysmith/automation.json

- name: Put the password of a user that exists into a store, and let nobody else know it
  keysmith.elastic.es_login:
    url: https://es.example.net:9200
    username: svc_reports
    password: "{{ svc_reports_password }}"
    name: svc_reports
    adopt: true
    store:
      type: file
      path: /etc/keysmith/svc_reports.json

- name: The login goes, its keys stay until they end
  keysmith.elastic.es_login:
    url: https://es.example.net:9200
    username: elastic
    password: "{{ elastic_password }}"
    name: automation
    state: absent
    leave_keys: true
    store:
      type: file
      path: /etc/keysmith/automation.json
"""

RETURN = r"""
login_made:
  description: The login, as it is now or would be after check mode; null with O(state=absent). Its password is never returned.
  returned: success
  type: dict
  contains:
    username:
      description: The user.
      returned: always
      type: str
      sample: automation
    role:
      description: Its role, null where O(rights) was left out.
      returned: always
      type: str
      sample: automation
    password_since:
      description: When its password was made, null where that is not known or it would be made.
      returned: always
      type: str
      sample: "2026-11-21T03:00:00Z"
reasons:
  description: What was done, or would be done, and why. Empty where nothing had to be done.
  returned: success
  type: list
  elements: str
  sample: ["role automation is made", "user automation is made", "password: the user is new"]
stored:
  description: Where the password is.
  returned: success
  type: dict
  contains:
    changed:
      description: Whether the stored password changed, or the attributes of the store; what a handler should look at.
      returned: always
      type: bool
    type:
      description: The kind of store.
      returned: always
      type: str
      sample: file
    location:
      description: Where it is.
      returned: always
      type: str
      sample: /etc/keysmith/automation.json
login:
  description: Who was logged in.
  returned: success
  type: dict
  contains:
    username:
      description: The user, or the owner of the key.
      returned: always
      type: str
    realm:
      description: The realm of the user.
      returned: always
      type: str
    type:
      description: What kind of login it was, in Elasticsearch's words.
      returned: always
      type: str
      sample: realm
    key_id:
      description: The id of the API key, null for other logins.
      returned: always
      type: str
    expiration:
      description: When that key ends, null where it does not.
      returned: always
      type: str
failure:
  description: What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description:
        - A stable word for the kind of failure, as in RV(keysmith.elastic.es_api_key#module:failure).
      returned: always
      type: str
      sample: refused
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: rights
    privileges:
      description: Cluster privileges that are missing.
      returned: when some are
      type: list
      elements: str
      sample: [manage_security]
    ids:
      description: The keys that the failure is about.
      returned: when there are some
      type: list
      elements: str
      sample: [VuaCfGcBCdbkQm-e5aOx]
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
      sample: "unable to authenticate user [automation] for REST request [/_security/_authenticate]"
"""

from ..module_utils._ansible.run_login import run_login_module


def main() -> None:
    run_login_module()


if __name__ == "__main__":
    main()
