#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ece_api_key
short_description: Give an API key of Elastic Cloud Enterprise a life cycle
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Creates, proves, stores, rotates and deletes an API key of Elastic Cloud Enterprise (ECE), which opens the API of that installation with
    exactly the rights of the user it belongs to.
  - "B(Present, with a store.) The store holds a secret; the secret has just been proven by using it; its key is active. A key that merely
    has the description is not enough, because a key whose secret nobody holds is useless."
  - "B(Present, without a store.) There is an active key of this description; of several the newest counts. A key can then be made only with
    O(return_secret=true), because its secret would be lost otherwise."
  - "B(Rotation.) The service changes no key in place, so that one that is due gets a successor. It is made, proven, stored and read back
    while its predecessor lives. After O(overlap) a later run revokes the predecessor, so run the task again; the stored record says which
    key it is and when its time has come."
  - "B(Whose keys.) A key is made for the user who is logged in, and for nobody else. Administrators see and delete the keys of other users
    with O(user_id). To make one for another user, log in as that user."
  - "B(Who logs in.) A user with O(username) and O(password), one of the user's keys, or a session. The built-in users C(admin) and
    C(readonly) can have no keys, which is found out before anything is written."
  - "B(Older releases.) Before ECE 3.7 keys have no end, whatever O(expiration) says, which is warned of. Releases before 3.7 may want a
    second factor, and those before 2.6 a second proof of the password. Neither can be given here."
  - "B(What it costs.) A run that changes nothing sends one request to learn who is logged in, one to prove the secret, and one for each
    page of the user's keys; with O(password) also one to log in and one to log out."
  - The key of the login itself is never deleted, as far as it can be told from others, see RV(login.key_id).
options:
  user_id:
    description:
      - The user whose key it is. Left out, it is the user who is logged in.
      - Keys of another user can be looked at and, with O(state=absent), deleted, by an administrator of the platform. A new one is refused,
        because ECE makes keys only for the user who is logged in.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.ece
  - keysmith.elastic.cloud_key
  - keysmith.elastic.lifecycle
  - keysmith.elastic.store
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.key
  - keysmith.elastic.attributes.ece
notes:
  - In check mode it logs in and out as a real run does.
seealso:
  - module: keysmith.elastic.ece_api_key_info
  - module: keysmith.elastic.ec_api_key
  - plugin: keysmith.elastic.ece_token
    plugin_type: lookup
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: A key for the automation, made with the password of its user
  keysmith.elastic.ece_api_key:
    url: https://ece.example.net:12443
    ca_path: /etc/keysmith/ece-ca.pem
    username: automation
    password: "{{ automation_password }}"
    description: ece-automation
    expiration: 90d
    renew_before: 14d
    store:
      type: file
      path: /etc/keysmith/keys/ece-automation.json
  register: automation

- name: From then on it is the login and renews itself; its predecessor goes in a run after the overlap
  keysmith.elastic.ece_api_key:
    login_store: /etc/keysmith/keys/ece-automation.json
    description: ece-automation
    expiration: 90d
    renew_before: 14d
    store:
      type: file
      path: /etc/keysmith/keys/ece-automation.json

- name: Deliver it
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/ece-automation.json') }}"
    dest: /etc/keysmith/ece_api_key
    mode: "0600"
  no_log: true
  when: automation.stored.changed

- name: A key that has an end, or is not kept
  keysmith.elastic.ece_api_key:
    description: terraform
    expiration: 30d
    strict_expiration: true
    mark_description: true
    store:
      type: file
      path: /etc/keysmith/keys/ece-terraform.json

- name: What would happen, without doing anything
  keysmith.elastic.ece_api_key:
    description: terraform
    expiration: 30d
    force_rotate: true
    store:
      type: file
      path: /etc/keysmith/keys/ece-terraform.json
  check_mode: true

- name: A key that nobody needs any more, together with its record
  keysmith.elastic.ece_api_key:
    description: terraform
    state: absent
    store:
      type: file
      path: /etc/keysmith/keys/ece-terraform.json

- name: An administrator deletes the key of somebody who has left
  keysmith.elastic.ece_api_key:
    username: admin
    password: "{{ admin_password }}"
    user_id: leaver
    description: laptop
    state: absent
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
      sample: V2lDZkdjQkNkYmtRbS1l
    name:
      description: Its description, without the mark that O(mark_description) adds.
      returned: always
      type: str
      sample: terraform
    description:
      description: Its description as the service shows it.
      returned: when the service shows the key
      type: str
      sample: terraform
    type:
      description: Its type, always V(cloud) here.
      returned: always
      type: str
      sample: cloud
    owner:
      description: The user whose it is.
      returned: always
      type: str
      sample: automation
    realm:
      description: The realm of that user, where the service tells it.
      returned: always
      type: str
      sample: found
    user_id:
      description: The user whose it is, as the service shows it.
      returned: when the service tells
      type: str
      sample: automation
    organization_id:
      description: Newer releases may show an organization.
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
      description: Always left out so far, because keys of ECE have no roles of their own.
      returned: when the service shows them
      type: dict
      sample: {}
    metadata:
      description: Always empty; other kinds of key have some.
      returned: always
      type: dict
      sample: {}
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
      sample: V2lDZkdjQkNkYmtRbS1l
    api_key:
      description: The key itself, as the service issued it.
      returned: always
      type: str
      sample: YXV0b21hdGlvbjpWMmxEWmtkalEwTms6c2VjcmV0LW9mLXRoZS1rZXk=
    encoded:
      description: The same, under the name that it has for other kinds of key.
      returned: always
      type: str
      sample: YXV0b21hdGlvbjpWMmxEWmtkalEwTms6c2VjcmV0LW9mLXRoZS1rZXk=
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
      sample: /etc/keysmith/keys/web1.json
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
      sample: V2lDZkdjQkNkYmtRbS1n
    how:
      description:
        - V(expires) for one that ends by itself, V(revoked) for one that is dead, V(left) for one that lives until its C(ends), when a
          later run revokes it. Null in check mode.
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
      description: The HTTP status of the service's answer.
      returned: when the service answered with an error
      type: int
      sample: 403
    type:
      description: The service's own code of the error.
      returned: when the service answered with an error
      type: str
      sample: root.unauthorized.rbac
    reason:
      description: The service's own words.
      returned: when the service answered with an error
      type: str
      sample: The user does not have the required permissions.
    ids:
      description: The keys that the failure is about.
      returned: when there are some
      type: list
      elements: str
      sample: [V2lDZkdjQkNkYmtRbS1l]
    planned:
      description: What the run had set out to do, and why.
      returned: when the run failed on the way
      type: list
      elements: str
      sample: ["rotated: 6d left, less than renew_before 14d"]
"""

from ..module_utils._ansible.run_key import run_key_module
from ..module_utils._kinds.ece_api_key import ECE_API_KEY


def main() -> None:
    run_key_module(ECE_API_KEY)


if __name__ == "__main__":
    main()
