#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ece_api_key_info
short_description: List API keys of Elastic Cloud Enterprise
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Lists the API keys of a user of Elastic Cloud Enterprise (ECE) with everything the service tells of them. Their secrets are
    known to nobody and never returned.
  - Every option is a condition, and a key is listed when it meets all of them. Of an option's several values it has to meet one.
  - "B(Who sees what.) Everybody sees the own keys. Administrators and viewers of the platform see those of other users with O(user_id)."
options:
  user_id:
    description:
      - The user whose keys are listed. Left out, it is the user who is logged in.
    type: str
extends_documentation_fragment:
  - keysmith.elastic.ece
  - keysmith.elastic.selection.cloud
  - keysmith.elastic.selection.cloud_state
  - keysmith.elastic.selection.time
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.ece
  - keysmith.elastic.attributes.info
notes:
  - The service searches nothing, so every page of the user's keys is read, whatever is selected.
seealso:
  - module: keysmith.elastic.ece_api_key
  - plugin: keysmith.elastic.expiring_within
    plugin_type: test
"""

EXAMPLES = r"""
- name: The keys that end within two weeks
  keysmith.elastic.ece_api_key_info:
    expiring_within: 14d
  register: ending

- name: Tell about them
  ansible.builtin.debug:
    msg: "{{ item.name }} ends at {{ item.expiration }}"
  loop: "{{ ending.api_keys }}"
  loop_control:
    label: "{{ item.id }}"

- name: Keys that never end
  keysmith.elastic.ece_api_key_info:
    never_expires: true

- name: What was made for the build servers within a year
  keysmith.elastic.ece_api_key_info:
    description_pattern: ["ci-*"]
    created_after: 365d
    state: any

- name: The keys of another user, as an administrator
  keysmith.elastic.ece_api_key_info:
    username: admin
    password: "{{ admin_password }}"
    user_id: leaver
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
      sample: V2lDZkdjQkNkYmtRbS1l
    name:
      description: Its description, without the mark that O(keysmith.elastic.ece_api_key#module:mark_description) adds.
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
  description:
    - What went wrong, for playbooks, as C(keysmith.elastic.ece_api_key) returns it. The sentence for people is in C(msg).
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
"""

from ..module_utils._ansible.run_info import run_info_module
from ..module_utils._kinds.ece_api_key_listing import ECE_API_KEYS


def main() -> None:
    run_info_module(ECE_API_KEYS)


if __name__ == "__main__":
    main()
