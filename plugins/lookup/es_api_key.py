# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: es_api_key
short_description: What an Elasticsearch tells of an API key
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Finds an API key as M(keysmith.elastic.es_api_key) finds it without a store, which is the newest active one of a name and an
    owner, and returns what M(keysmith.elastic.es_api_key_info) shows of it.
  - A key's secret is known to no server; that is what P(keysmith.elastic.stored_key#lookup) is for.
  - The options of the connection come from the call, from variables such as C(keysmith_es_url), or from the environment, in this
    order. A login is taken whole from the first of them that gives one.
options:
  _terms:
    description:
      - Names of keys, or their ids with O(by=id).
    type: list
    elements: str
    required: true
  by:
    description:
      - What the terms are. A key of an id is found dead or alive; its C(state) tells.
    type: str
    choices: [name, id]
    default: name
  owner:
    description:
      - The user whose key it is. V(self) is the login, which for an API key is its owner; V(any) is everybody.
      - By default it is V(self), and with O(by=id) V(any).
    type: str
  owner_realm:
    description:
      - The realm of O(owner), where two realms know that name.
    type: str
  type:
    description:
      - The type of key.
    type: str
    choices: [rest, cross_cluster, any]
    default: rest
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.elasticsearch.plugin
  - keysmith.elastic.key_lookup
notes:
  - To look at many keys take M(keysmith.elastic.es_api_key_info), which asks once for all of them.
seealso:
  - module: keysmith.elastic.es_api_key_info
"""

EXAMPLES = r"""
- name: When does it end
  ansible.builtin.debug:
    msg: "{{ lookup('keysmith.elastic.es_api_key', 'web1').expiration }}"

- name: Warn in time, with a login and an address from variables
  ansible.builtin.debug:
    msg: The key ends soon
  vars:
    keysmith_es_url: https://es.example.net:9200
    keysmith_es_api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
    key: "{{ lookup('keysmith.elastic.es_api_key', 'web1') }}"
  when: key is keysmith.elastic.expiring_within('14d')

- name: Do the keys of these records still live
  ansible.builtin.debug:
    msg: "{{ query('keysmith.elastic.es_api_key', *ids, by='id') | map(attribute='state') }}"
  vars:
    ids: "{{ query('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', form='id') }}"

- name: Go on without a key that is not there yet
  ansible.builtin.debug:
    msg: "{{ query('keysmith.elastic.es_api_key', 'web1', 'web9', owner='any', on_missing='skip') | map(attribute='name') }}"
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
"""

from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.list_keys import Listed
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key_listing import ES_API_KEYS
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import NoSuchKey
from ansible_collections.keysmith.elastic.plugins.plugin_utils.key_lookup import KeyLookup


class LookupModule(KeyLookup):
    """One key of an Elasticsearch per term."""

    kind = ES_API_KEYS

    def selection(self, term: str) -> dict[str, Any]:
        """Return the options of the listing for one term."""
        by_id = self.get_option("by") == "id"
        return {
            "id" if by_id else "name": [term],
            "owner": self.get_option("owner") or ("any" if by_id else "self"),
            "owner_realm": self.get_option("owner_realm"),
            "type": self.get_option("type"),
            "state": ["any" if by_id else "active"],
        }

    def missing(self, term: str, listed: Listed) -> None:
        """Say that there is no such key, or that this login may not see it."""
        what = f"No key of the id {term}" if self.get_option("by") == "id" else f"No active key named {term!r}"
        owner = self.get_option("owner") or "self"
        whose = (
            ""
            if self.get_option("by") == "id" or owner == "any"
            else f" of {listed.login.owner if owner == 'self' else owner}"
        )
        blind = "" if listed.blind_spot is None else f" {listed.blind_spot}"
        self.decide("on_missing", f"{what}{whose} is to be seen.{blind}", "Or say on_missing: skip.", NoSuchKey)
