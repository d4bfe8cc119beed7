#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: es_api_key
short_description: Give an Elasticsearch API key a life cycle
version_added: 0.1.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Creates, proves, stores, updates, extends, rotates and revokes an API key of Elasticsearch, on the stack and on Elastic
    Cloud serverless projects.
  - "B(Present, with a store.) The store holds a secret; the secret has just been proven by using it; its key is
    active, is the login's or O(owner)'s, and is as the task describes it. A key that merely has the name is not enough,
    because a key whose secret nobody holds is useless."
  - "B(Present, without a store.) There is an active key of this name and owner that is as the task describes it;
    of several the newest counts. Its secret is not known here. A key can then be made only with O(return_secret=true),
    because its secret would be lost otherwise."
  - "B(Rotation.) A new key is made, proven, stored and read back, and only then is its predecessor's end shortened to
    O(overlap). At every moment the store holds a secret that works, whatever fails and whoever is killed; the next run goes
    on from there. What an unfinished run left behind is found by a mark in the key's metadata and revoked."
  - "B(Who logs in.) A user, with a role that has the cluster privilege C(manage_own_api_key); the keys are that user's, and
    never have more rights than that user. An API key as login serves for checking and for O(state=absent); Elasticsearch lets
    no API key update a key, or create one that has rights. The ways around that are O(grant) and, from Elasticsearch 9.4
    on, O(method=clone)."
  - "B(Serverless projects.) Log in with the credentials of the project's admin, as O(username) and O(password). An Elastic Cloud key with
    C(application_roles) in the project (M(keysmith.elastic.ec_api_key)) lists and revokes keys as these roles allow; up to 9.5
    Elasticsearch refuses to let it make any. Only what is public there is used. O(grant), O(run_as), O(method=clone) and, in
    O(role_descriptors), C(global), C(remote_indices), C(remote_cluster), C(run_as) and C(allow_restricted_indices) are refused by name."
  - "B(What it costs.) A run that changes nothing sends three requests with O(store), the proof of the secret among them,
    and two without."
  - Keys that Kibana, Fleet or Elastic Cloud on Kubernetes manage, and the key of the login itself, are never touched.
options:
  role_descriptors:
    description:
      - The key's rights, role by role, as Elasticsearch's API takes them. They are carried whole, fields that are unknown here
        included.
      - Left out, an existing key's rights stay as they are, and a successor gets its predecessor's.
      - The effective rights are never more than the owner's at the time of the last change.
      - "V({}) means every right of the owner, so it needs O(all_rights=true). A key without any right is V({none: {}}),
        where the name of the role does not matter."
      - Compared by meaning. The order of lists, the server's defaults and the two spellings of a query make no difference.
    type: dict
  all_rights:
    description:
      - Confirms that a key is to have every right of its owner, that is O(role_descriptors) empty or left out. Without it
        such a key is refused, because an undefined variable looks the same.
    type: bool
    default: false
  owner:
    description:
      - Whose key is meant. V(self) is the login, or with O(grant) the user of the grant; V(any) is everybody; else a user name.
      - Only a key's owner can update it, so for another owner's key log in as that user or with O(run_as).
      - "With O(state=absent) and neither O(name) nor O(id), a user name here means every active key of that user."
    type: str
    default: self
  grant:
    description:
      - Makes keys for another user, by that user's own credentials. Give O(grant.username) and O(grant.password), or
        O(grant.access_token).
      - "The login needs C(grant_api_key) and, to see and revoke what it makes, C(manage_api_key)."
    type: dict
    suboptions:
      username:
        description:
          - The user who is to own the key.
        type: str
      password:
        description:
          - The password of O(grant.username).
        type: str
      access_token:
        description:
          - A token of the user who is to own the key. Name that user in O(owner).
        type: str
      run_as:
        description:
          - The user who is to own the key, where that user's key is made by somebody who may run as them.
        type: str
  method:
    description:
      - How a key is made. V(auto) takes V(grant) where O(grant) is given, else V(create).
      - "V(clone) (Elasticsearch 9.4 and newer, experimental there) lets the stored key make its own successor, of the same
        owner and with the same rights. It needs the privilege C(clone_api_key), a first key made otherwise, a finite
        O(expiration), and O(role_descriptors) that do not change. The login can be the key itself; its predecessor is then
        not shortened."
    type: str
    choices: [auto, create, grant, clone]
    default: auto
  refresh:
    description:
      - Whether a create waits until searches show the key. V(true) makes it visible at once; V(wait_for) waits up to a second;
        V(false) does not wait, for many keys in a row.
    type: str
    choices: ["true", "wait_for", "false"]
    default: "true"
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.elasticsearch_key
  - keysmith.elastic.lifecycle
  - keysmith.elastic.store
  - keysmith.elastic.attributes
  - keysmith.elastic.attributes.key
  - keysmith.elastic.attributes.elasticsearch
notes:
  - Shortening a predecessor, like every change of a key, makes Elasticsearch take its owner's rights anew. A predecessor of
    an owner who has gained rights gains them for the time of O(overlap), within its own O(role_descriptors). Where the
    owner has lost rights that the predecessor still has, the rotation stops before anything is replaced.
  - Rights that are taken away together with a rotation are taken from the new secret; the old one keeps them until its end.
    Use O(overlap=0s), or O(on_drift=update) beforehand, where that is too late.
  - No O(overlap) can promise that no client sees a refused secret. Clients that read the secret again for every connection are safe
    with the default of O(settle).
  - In place, Elasticsearch changes O(role_descriptors) and O(metadata) from 8.4 on and the end of a key from 8.13 on. Older servers
    get a successor instead, and a later run revokes the predecessor. Keys can be searched from 7.15 on.
seealso:
  - module: keysmith.elastic.es_api_key_info
  - plugin: keysmith.elastic.stored_key
    plugin_type: lookup
  - plugin: keysmith.elastic.api_key_beats
    plugin_type: filter
  - name: Elasticsearch API keys
    description: What an API key is, and what its owner's rights mean for it.
    link: https://www.elastic.co/docs/deploy-manage/api-keys/elasticsearch-api-keys
"""

EXAMPLES = r"""
# The connection stands in module_defaults here, and could as well come from the environment (KEYSMITH_ES_URL and the like).
- name: The keys of a shipper
  module_defaults:
    group/keysmith.elastic.elasticsearch:
      url: https://es.example.net:9200
      ca_path: /etc/pki/es-ca.pem
      username: keysmith
      password: "{{ keysmith_password }}"
  block:
    - name: A key of 90 days, replaced two weeks before it ends
      keysmith.elastic.es_api_key:
        name: "filebeat-{{ inventory_hostname }}"
        role_descriptors:
          writer:
            cluster: [monitor]
            indices:
              - names: ["logs-*"]
                privileges: [create_doc, auto_configure]
        metadata:
          team: platform
        expiration: 90d
        renew_before: 14d
        overlap: 24h
        store:
          type: file
          path: "/etc/keysmith/keys/{{ inventory_hostname }}.json"
      delegate_to: localhost
      register: shipper

    - name: Deliver it
      ansible.builtin.copy:
        content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/' ~ inventory_hostname ~ '.json', form='beats') }}"
        dest: /etc/filebeat/api_key
        mode: "0600"
      no_log: true
      notify: Restart filebeat

    - name: Say why something happened
      ansible.builtin.debug:
        msg: "{{ shipper.reasons }}"
      when: shipper is changed

- name: Change a role in place, the secret stays the same
  keysmith.elastic.es_api_key:
    name: "filebeat-{{ inventory_hostname }}"
    role_descriptors:
      writer:
        cluster: [monitor]
        indices:
          - names: ["logs-*", "metrics-*"]
            privileges: [create_doc, auto_configure]
    store:
      type: file
      path: "/etc/keysmith/keys/{{ inventory_hostname }}.json"

- name: What would happen to it, without doing anything
  keysmith.elastic.es_api_key:
    name: "filebeat-{{ inventory_hostname }}"
    expiration: 90d
    on_drift: rotate
    store:
      type: file
      path: "/etc/keysmith/keys/{{ inventory_hostname }}.json"
  check_mode: true
  register: prediction

- name: After an incident, replace every secret that was there at that time, once, whatever is left of its life
  keysmith.elastic.es_api_key:
    name: "filebeat-{{ inventory_hostname }}"
    rotate_if_created_before: "2026-11-21T03:00:00Z"
    overlap: 1h
    store:
      type: file
      path: "/etc/keysmith/keys/{{ inventory_hostname }}.json"

- name: Rotate now, and end the old secret in the same run
  keysmith.elastic.es_api_key:
    name: "filebeat-{{ inventory_hostname }}"
    force_rotate: true
    overlap: 0s
    store:
      type: file
      path: "/etc/keysmith/keys/{{ inventory_hostname }}.json"

- name: A successor, whose predecessor lives on until its consumers have been told and checked
  keysmith.elastic.es_api_key:
    name: checked-importer
    role_descriptors:
      reader:
        indices:
          - names: [catalogue]
            privileges: [read]
    expiration: 30d
    retire: false
    store:
      type: file
      path: /etc/keysmith/keys/checked-importer.json
  register: checked

- name: A consumer tries it
  ansible.builtin.uri:
    url: https://es.example.net:9200/_security/_authenticate
    headers:
      Authorization: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/checked-importer.json', form='header') }}"
  no_log: true
  when: not checked.stored.confirmed

- name: Only now may the predecessor end
  keysmith.elastic.es_api_key:
    name: checked-importer
    store:
      type: file
      path: /etc/keysmith/keys/checked-importer.json
  when: not checked.stored.confirmed

- name: Keep the secret and move its end, for clients that cannot be told a new one (Elasticsearch 8.13 and newer)
  keysmith.elastic.es_api_key:
    name: legacy-importer
    role_descriptors:
      reader:
        indices:
          - names: [catalogue]
            privileges: [read]
    expiration: 30d
    renew_before: 10d
    on_due: extend
    store:
      type: file
      path: /etc/keysmith/keys/legacy-importer.json
      mode: "0640"

- name: Hand the secret to other tasks instead of a store; nothing prints it
  keysmith.elastic.es_api_key:
    name: "one-job-{{ inventory_hostname }}"
    role_descriptors:
      reader:
        indices:
          - names: ["reports-*"]
            privileges: [read]
    expiration: 2h
    return_secret: true
  register: job_key

- name: Use it while it is known, in the run that made it
  ansible.builtin.copy:
    content: "{{ job_key.secret | keysmith.elastic.api_key_header }}"
    dest: /etc/keysmith/header
    mode: "0600"
  no_log: true
  when: job_key is changed

- name: A key with every right of its owner, which has to be said
  keysmith.elastic.es_api_key:
    name: "break-glass-{{ inventory_hostname }}"
    all_rights: true
    expiration: 1h
    store:
      type: file
      path: /etc/keysmith/keys/break-glass.json

- name: A key that belongs to another user, made with that user's password
  keysmith.elastic.es_api_key:
    name: indexer
    grant:
      username: svc_indexer
      password: "{{ svc_indexer_password }}"
    role_descriptors:
      indexer:
        indices:
          - names: [catalogue]
            privileges: [index]
    expiration: 60d
    store:
      type: file
      path: /etc/keysmith/keys/indexer.json

- name: The same for a login that may act as that user
  keysmith.elastic.es_api_key:
    run_as: svc_reports
    name: reports
    role_descriptors:
      reader:
        indices:
          - names: ["reports-*"]
            privileges: [read]
    expiration: 60d
    store:
      type: file
      path: /etc/keysmith/keys/reports.json

- name: A first key that may make its own successors (Elasticsearch 9.4 and newer)
  keysmith.elastic.es_api_key:
    name: self-renewing
    role_descriptors:
      agent:
        cluster: [clone_api_key, manage_own_api_key]
        indices:
          - names: ["logs-*"]
            privileges: [create_doc]
    expiration: 7d
    store:
      type: file
      path: /etc/keysmith/keys/self-renewing.json

- name: It renews itself, no other login is needed (Elasticsearch 9.4 and newer)
  keysmith.elastic.es_api_key:
    url: https://es.example.net:9200
    api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/self-renewing.json') }}"
    name: self-renewing
    method: clone
    expiration: 7d
    renew_before: 2d
    store:
      type: file
      path: /etc/keysmith/keys/self-renewing.json

- name: The key of a project, made with the credentials of its admin (serverless)
  keysmith.elastic.es_api_key:
    url: https://shop.es.eu-west-1.aws.elastic.cloud
    name: shop-search
    role_descriptors:
      reader:
        indices:
          - names: ["products-*"]
            privileges: [read]
    expiration: 30d
    store:
      type: file
      path: /etc/keysmith/keys/shop-search.json

- name: An Elastic Cloud key with the application role admin revokes it, but up to 9.5 could not have made it (serverless)
  keysmith.elastic.es_api_key:
    url: https://shop.es.eu-west-1.aws.elastic.cloud
    api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/shop-automation.json') }}"
    name: shop-search
    owner: any
    state: absent
    store:
      type: file
      path: /etc/keysmith/keys/shop-search.json

- name: A key that nobody needs any more, together with its record
  keysmith.elastic.es_api_key:
    name: legacy-importer
    state: absent
    store:
      type: file
      path: /etc/keysmith/keys/legacy-importer.json
      mode: "0640"

- name: Every active key of this name that is the login's own
  keysmith.elastic.es_api_key:
    name: "one-job-{{ inventory_hostname }}"
    state: absent

- name: One key exactly, whoever owns it
  keysmith.elastic.es_api_key:
    id: "{{ shipper.key.id }}"
    owner: any
    state: absent

- name: Every active key of somebody who has left
  keysmith.elastic.es_api_key:
    owner: svc_indexer
    owner_realm: default_native
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
      sample: VuaCfGcBCdbkQm-e5aOx
    name:
      description: Its name.
      returned: always
      type: str
      sample: filebeat-web1
    type:
      description: Its type, always V(rest) here.
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
    role_descriptors:
      description: Its rights, as the server shows them (8.5 and newer).
      returned: when the server shows them
      type: dict
      sample: {writer: {cluster: [monitor]}}
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
      description: Base64 of C(id:api_key), what most clients call the API key.
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
      sample: "action [cluster:admin/xpack/security/api_key/create] is unauthorized for user [reader]"
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
from ..module_utils._kinds.es_api_key import ES_API_KEY


def main() -> None:
    run_key_module(ES_API_KEY)


if __name__ == "__main__":
    main()
