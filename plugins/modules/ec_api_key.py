#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec_api_key
short_description: Give an Elastic Cloud API key a life cycle
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Creates, proves, stores, rotates and deletes an API key of an Elastic Cloud organization, which opens the Elastic Cloud API and, with
    application roles, serverless projects.
  - "B(Present, with a store.) The store holds a secret; the secret has just been proven by using it; its key is active, and is as the
    task describes it. A key that merely has the description is not enough, because a key whose secret nobody holds is useless."
  - "B(Present, without a store.) There is an active key of this description that is as the task describes it; of several the newest
    counts. A key can then be made only with O(return_secret=true), because its secret would be lost otherwise."
  - "B(Rotation.) The service changes nothing in place, neither roles nor ends, so that a key that is due or differs gets a successor. It is
    made, proven, stored and read back while its predecessor lives. After O(overlap) a later run revokes the predecessor, so run the task
    again; the stored record says which key it is and when its time has come."
  - "B(What a key opens.) Without C(application_roles) in O(role_assignments) a key opens the Elastic Cloud API alone, not the
    Elasticsearch and Kibana of a project. Those of a hosted deployment no Elastic Cloud key ever opens; M(keysmith.elastic.es_api_key)
    makes keys for them."
  - "B(Who logs in.) A key of an owner of the organization sees all keys. One of an owner of workload credentials sees those of its own
    user only, so that what is absent to it may merely be hidden. The service tells a key neither its id nor its user."
  - "B(What it costs.) A run that changes nothing sends one request to prove the secret and one for each page of the organization's keys."
  - The key of the login itself is never deleted, as far as it can be told from others, see RV(login.key_id).
options:
  role_assignments:
    description:
      - The key's roles, as the API takes them. C(organization) and C(deployment) are lists, C(project) has a list for each type of project,
        V(elasticsearch), V(observability), V(security) or one that is yet unknown here.
      - Each entry has a C(role_id); for deployments and projects also V(all=true), or the ids in C(deployment_ids) or C(project_ids). With
        C(application_roles) it names roles inside the projects' Elasticsearch and Kibana.
      - An entry may leave out C(organization_id), which is O(organization_id) then, and the first part of a role's id, as in V(viewer) for
        V(deployment-viewer).
      - Left out, an existing key's roles stay as they are, and a successor gets its predecessor's, where the service shows them.
      - Compared by meaning. Neither the order nor whether entries are split or merged makes a difference.
    type: dict
  all_rights:
    description:
      - Confirms that a new key is to have every right of its creator, that is O(role_assignments) left out. Without it such a key is
        refused, because an undefined variable looks the same.
    type: bool
    default: false
extends_documentation_fragment:
  - keysmith.elastic.elastic_cloud
  - keysmith.elastic.elastic_cloud.organization
  - keysmith.elastic.cloud_key
  - keysmith.elastic.lifecycle
  - keysmith.elastic.store
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.key
  - keysmith.elastic.attributes.elastic_cloud
notes:
  - Whether the service takes O(role_assignments) is known only when they are sent, so not in check mode.
  - An organization has at most 500 active keys. From 450 on a new key is a reason to warn.
seealso:
  - module: keysmith.elastic.ec_api_key_info
  - module: keysmith.elastic.es_api_key
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: A key for Terraform, renewed two weeks before it ends
  keysmith.elastic.ec_api_key:
    description: terraform
    role_assignments:
      deployment:
        - role_id: deployment-admin
          all: true
    expiration: 90d
    renew_before: 14d
    store:
      type: file
      path: /etc/keysmith/keys/terraform.json
  register: terraform

- name: Deliver it
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/terraform.json') }}"
    dest: /etc/keysmith/ec_api_key
    mode: "0600"
  no_log: true
  when: terraform.stored.changed

- name: A key that reads in one serverless project, its Elasticsearch included
  keysmith.elastic.ec_api_key:
    description: search-frontend
    role_assignments:
      project:
        elasticsearch:
          - role_id: viewer
            project_ids: [abcdef0123456789abcdef0123456789]
            application_roles: [viewer]
    expiration: 30d
    mark_description: true
    store:
      type: file
      path: /etc/keysmith/keys/search-frontend.json

- name: A key that ends on a certain day, and not a day later
  keysmith.elastic.ec_api_key:
    description: contractor
    role_assignments:
      organization:
        - role_id: billing-admin
    expiration: "{{ '%Y-%m-%d' | strftime(now(utc=true).timestamp() + 30 * 86400) }}"
    strict_expiration: true
    on_due: warn
    store:
      type: file
      path: /etc/keysmith/keys/contractor.json

- name: A key of its own for the automation, made once with somebody's key
  keysmith.elastic.ec_api_key:
    description: cloud-automation
    role_assignments:
      organization:
        - role_id: organization-admin
    expiration: 90d
    store:
      type: file
      path: /etc/keysmith/keys/cloud-automation.json

- name: From then on it is the login and renews itself; its predecessor goes in a run after the overlap
  keysmith.elastic.ec_api_key:
    login_store: /etc/keysmith/keys/cloud-automation.json
    description: cloud-automation
    expiration: 90d
    store:
      type: file
      path: /etc/keysmith/keys/cloud-automation.json

- name: What would happen, without doing anything
  keysmith.elastic.ec_api_key:
    description: terraform
    expiration: 30d
    force_rotate: true
    store:
      type: file
      path: /etc/keysmith/keys/terraform.json
  check_mode: true

- name: A key that nobody needs any more, together with its record
  keysmith.elastic.ec_api_key:
    description: contractor
    state: absent
    store:
      type: file
      path: /etc/keysmith/keys/contractor.json

- name: One key exactly
  keysmith.elastic.ec_api_key:
    id: "{{ terraform.key.id }}"
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
      sample: essu_VmpKc1JGcEhZMEpEWkdKclVXMHRaVFZoVDNnNmRXazk=
    encoded:
      description: The same, under the name that it has for other kinds of key.
      returned: always
      type: str
      sample: essu_VmpKc1JGcEhZMEpEWkdKclVXMHRaVFZoVDNnNmRXazk=
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
  description: Who was logged in, as far as the service tells.
  returned: success
  type: dict
  contains:
    username:
      description: The id of the organization.
      returned: always
      type: str
      sample: "1000000001"
    realm:
      description: Always null; other logins have one.
      returned: always
      type: str
      sample: null
    type:
      description: Always V(cloud_api_key) here.
      returned: always
      type: str
      sample: cloud_api_key
    key_id:
      description:
        - The id of the login's key. It is known with O(login_store), where the key is the stored one itself, and where no other key ends at
          the same time; else it is null.
      returned: always
      type: str
      sample: V2lDZkdjQkNkYmtRbS1m
    expiration:
      description: When that key ends, in UTC, by the header C(X-Elastic-Api-Key-Expiration). Null where it never does.
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
      sample: root.permission_denied
    reason:
      description: The service's own words.
      returned: when the service answered with an error
      type: str
      sample: You do not have permission to do this.
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
from ..module_utils._kinds.ec_api_key import EC_API_KEY


def main() -> None:
    run_key_module(EC_API_KEY)


if __name__ == "__main__":
    main()
