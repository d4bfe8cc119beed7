# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ec_api_key
short_description: What Elastic Cloud tells of an API key
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Finds an API key of an Elastic Cloud organization as M(keysmith.elastic.ec_api_key) finds it without a store, which is the newest
    active one of a description, and returns what M(keysmith.elastic.ec_api_key_info) shows of it.
  - A key's secret is known to no server; that is what P(keysmith.elastic.stored_key#lookup) is for.
  - The options of the connection come from the call, from variables such as C(keysmith_ec_url), or from the environment, in this
    order. A login is taken whole from the first of them that gives one.
extends_documentation_fragment:
  - keysmith.elastic.elastic_cloud
  - keysmith.elastic.elastic_cloud.plugin
  - keysmith.elastic.elastic_cloud.organization
  - keysmith.elastic.key_lookup
  - keysmith.elastic.key_lookup.cloud
notes:
  - To look at many keys take M(keysmith.elastic.ec_api_key_info), which asks once for all of them.
seealso:
  - module: keysmith.elastic.ec_api_key_info
"""

EXAMPLES = r"""
- name: When does it end
  ansible.builtin.debug:
    msg: "{{ lookup('keysmith.elastic.ec_api_key', 'cloud-automation').expiration }}"

- name: Warn in time
  ansible.builtin.debug:
    msg: The key ends soon
  when: lookup('keysmith.elastic.ec_api_key', 'cloud-automation') is keysmith.elastic.expiring_within('14d')

- name: Go on without a key that is not there yet
  ansible.builtin.debug:
    msg: "{{ query('keysmith.elastic.ec_api_key', 'cloud-automation', 'ci', on_missing='skip') | map(attribute='name') }}"
"""

RETURN = r"""
_list:
  description: For each term the key that was found.
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1l
    name:
      description: Its description, without the mark that O(keysmith.elastic.ec_api_key#module:mark_description) adds.
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
      description: The id of the organization that it belongs to.
      returned: always
      type: str
      sample: "1000000001"
    realm:
      description: Always null; other kinds of key have one.
      returned: always
      type: str
      sample: null
    user_id:
      description: The id of the user who made it.
      returned: when the service tells
      type: str
      sample: "2000000002"
    organization_id:
      description: The id of its organization, as the service shows it.
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
      description: Its roles, as the service shows them.
      returned: when the service shows them
      type: dict
      sample: {organization: [{role_id: billing-admin, organization_id: "1000000001"}]}
    metadata:
      description: Always empty; other kinds of key have some.
      returned: always
      type: dict
      sample: {}
    login_expiration:
      description:
        - When the API key that the lookup logged in with ends, in UTC, by the header C(X-Elastic-Api-Key-Expiration). Null where it
          never does.
      returned: always
      type: str
      sample: "2027-02-19T03:00:00Z"
"""

from typing import ClassVar

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.list_keys import Listed
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import (
    ELASTIC_CLOUD,
    ConnectionGroup,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.ec_api_key_listing import EC_API_KEYS
from ansible_collections.keysmith.elastic.plugins.plugin_utils.key_lookup import CloudKeyLookup


class LookupModule(CloudKeyLookup):
    """One key of an Elastic Cloud organization per term."""

    kind = EC_API_KEYS
    group: ClassVar[ConnectionGroup] = ELASTIC_CLOUD
    scope: ClassVar[str] = "organization_id"

    def where(self, listed: Listed) -> str:
        """Return among whose keys there is none."""
        return f"in organization {listed.login.owner} is to be seen by this login"
