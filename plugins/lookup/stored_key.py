# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: stored_key
short_description: The secret of an API key, or the password of a login, from its store
version_added: 0.1.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Reads the record that a module of this collection keeps in its store (O(keysmith.elastic.es_api_key#module:store)) and returns
    the secret in the form that a client wants.
  - Of a store of M(keysmith.elastic.es_login) it returns the user's name or password.
  - Nothing is asked of any server, so it does not tell whether the key still lives; O(on_expired) goes by the end that the
    record notes, and the controller's clock.
  - There is one exception. While a change of a login's password is under way its record holds two passwords, and only the server
    knows which of them is right. For V(password) it is then asked, at O(url) or O(cloud_id).
extends_documentation_fragment:
  - keysmith.elastic.elasticsearch
  - keysmith.elastic.elasticsearch.plugin
options:
  _terms:
    description:
      - Absolute paths of records, or stores as mappings, which is what O(keysmith.elastic.es_api_key#module:store) is.
    type: list
    elements: raw
    required: true
  form:
    description:
      - V(encoded) is base64 of C(id:api_key), what most clients call the API key.
      - "V(beats) is C(id:api_key), as Beats and Logstash want it."
      - V(header) is the value of the HTTP header C(Authorization).
      - V(id) and V(secret) are its two parts.
      - V(json) is a text like Elasticsearch's answer to the creation of the key.
      - V(username) and V(password) are what a stored login has (since 0.2.0), and all but V(record) of the others what a key has.
      - V(record) is the whole record as a mapping, with its times in milliseconds since 1970.
    type: str
    choices: [encoded, beats, header, id, secret, json, username, password, record]
    default: encoded
  on_missing:
    description:
      - What to do where there is no record, or none that holds a key or a password yet.
      - V(error) fails; V(warn) leaves the term out and warns; V(skip) leaves it out.
    type: str
    choices: [error, warn, skip]
    default: error
  on_expired:
    description:
      - What to do where the key has reached its end. Logins have none.
      - V(error) fails; V(warn) returns the secret all the same and warns; V(skip) leaves the term out.
    type: str
    choices: [error, warn, skip]
    default: error
  type:
    description:
      - The kind of store, for terms that are paths.
    type: str
    choices: [file]
    default: file
  mode:
    description:
      - The mode that a record's file may have, for terms that are paths, by default V('0600'). A file that more people can read is
        refused.
    type: raw
  follow:
    description:
      - Whether a symbolic link is followed, for terms that are paths.
    type: bool
    default: false
notes:
  - Lookups run on the controller, wherever the task runs. For a store on another host, read it with C(ansible.builtin.slurp)
    there and use the filters of this collection.
  - A lookup does not know the C(no_log) of its task. Set it on every task that shows what it is given.
  - In C(module_defaults) it is run for every task and every item of a loop. Reading a file costs next to nothing.
  - A message calls the parts of a store C(store.path), C(store.mode) and so on.
  - Of the connection options only those that say where the server is are used, as they are in the environment, in variables or
    given here; the login is always the stored one. Without O(url) and O(cloud_id) the password that worked before the change is returned,
    with a warning. O(login_store) of the modules needs none of this, because it tries both passwords by itself.
seealso:
  - module: keysmith.elastic.es_api_key
  - module: keysmith.elastic.es_login
  - plugin: keysmith.elastic.api_key_beats
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Deliver a shipper's key
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', form='beats') }}"
    dest: /etc/filebeat/api_key
    mode: "0600"
  no_log: true

- name: Log in with a stored key, in all tasks of a block
  module_defaults:
    group/keysmith.elastic.elasticsearch:
      url: https://es.example.net:9200
      api_key: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json') }}"
  block:
    - name: What the key can see, itself at least
      keysmith.elastic.es_api_key_info:

- name: Use it in a request
  ansible.builtin.uri:
    url: https://es.example.net:9200/_security/_authenticate
    headers:
      Authorization: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', form='header') }}"
  no_log: true

- name: Give a program the password of its user
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/svc_reports.json', form='password',
      url='https://es.example.net:9200') }}"
    dest: /etc/keysmith/password
    mode: "0600"
  no_log: true

- name: Only the keys that are there already
  ansible.builtin.debug:
    msg: "{{ query('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', '/etc/keysmith/keys/web2.json',
      form='id', on_missing='skip') }}"

- name: Warn in time
  ansible.builtin.debug:
    msg: The key ends soon
  vars:
    record: "{{ lookup('keysmith.elastic.stored_key', '/etc/keysmith/keys/web1.json', form='record') }}"
  when: record is keysmith.elastic.expiring_within('14d')

- name: The same store as the module has it
  ansible.builtin.copy:
    content: "{{ lookup('keysmith.elastic.stored_key', store) }}"
    dest: /etc/keysmith/encoded
    mode: "0600"
  vars:
    store:
      type: file
      path: /etc/keysmith/keys/web1.json
  no_log: true
"""

RETURN = r"""
_list:
  description: For each term what O(form) says, a mapping for V(record) and a text else.
  type: list
  elements: raw
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.connect import connect
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.login_store import login_in
from ansible_collections.keysmith.elastic.plugins.module_utils._api.elasticsearch import ElasticsearchApi, check_product
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import (
    OptionError,
    StoreError,
    Unauthorized,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._model.lifecycle import rendered
from ansible_collections.keysmith.elastic.plugins.module_utils._model.login_record import LoginRecord
from ansible_collections.keysmith.elastic.plugins.module_utils._model.record import Current, Record
from ansible_collections.keysmith.elastic.plugins.module_utils._stores.store import open_store, store_options
from ansible_collections.keysmith.elastic.plugins.plugin_utils.api_key import kind_of, text_of
from ansible_collections.keysmith.elastic.plugins.plugin_utils.connected_lookup import ConnectedLookup


def _as_json(record: Record, current: Current) -> str:
    """Return a text like the server's answer to the create."""
    secret, end = current.secret, current.expiration
    answer = {"id": secret.id, "name": record.name, **({} if end is None else {"expiration": end})}
    return json.dumps({**answer, "api_key": secret.value, "encoded": secret.encoded})


KEY_FORMS: dict[str, Callable[[Record, Current], Any]] = {
    "encoded": lambda record, current: current.secret.encoded,
    "beats": lambda record, current: current.secret.beats,
    "header": lambda record, current: current.secret.header,
    "id": lambda record, current: current.id,
    "secret": lambda record, current: current.secret.value,
    "json": _as_json,
    "record": lambda record, current: record.to_dict(),
}
LOGIN_FORMS = ("username", "password", "record")


class LookupModule(ConnectedLookup):
    """One record per term."""

    def answer(self, term: Any) -> list[Any]:
        """Return what is stored in the wanted form."""
        options = self._store(term)
        store = open_store(options, read_only=True)
        record = store.read()
        if record is None:
            self._missing(f"{store.location} holds no record.")
            return []
        if isinstance(record, LoginRecord):
            return self._of_login(record, options, store.location)
        return self._of_key(record, store.location)

    def _of_key(self, record: Record, where: str) -> list[Any]:
        form, current = self._form(KEY_FORMS, f"{where} holds a key"), record.current
        if current is None:
            self._missing(f"{where} holds a record without a key: its creation was not finished.")
            return []
        for secret in (current.secret.forms(), *((one.secret,) for one in record.previous)):
            self.scrubber.add(*secret)
        if current.expiration is not None and current.expiration <= time.time() * 1000:
            ended = f"The key {current.id} in {where} ended at {rendered(current.expiration)}."
            self.decide("on_expired", ended, "Run the module that renews it.", StoreError)
            if self.get_option("on_expired") == "skip":
                return []
        return [KEY_FORMS[form](record, current)]

    def _of_login(self, record: LoginRecord, store: Mapping[str, Any], where: str) -> list[Any]:
        form = self._form(LOGIN_FORMS, f"{where} holds a login")
        for password in record.passwords():
            self.scrubber.add_login(record.owner.username, password)
        if form == "record":
            return [record.to_dict()]
        if form == "username":
            return [record.owner.username]
        if not record.passwords():
            self._missing(f"{where} holds a login without a password: its creation was not finished.")
            return []
        return [login_in(record).password if record.pending is None else self._working_password(record, store, where)]

    def _form(self, forms: Any, what: str) -> str:
        form = str(self.get_option("form"))
        if form not in forms:
            raise OptionError("form", f"{what}, which has no form {form!r}.", f"Give one of {', '.join(forms)}.")
        return form

    def _working_password(self, record: LoginRecord, store: Mapping[str, Any], where: str) -> str:
        """Ask the server which password of a change under way is right.

        :raises Unauthorized: neither.
        """
        connection = self.connection()
        if not connection["url"] and not connection["cloud_id"]:
            self.warn(
                f"A change of the password of {record.name} is under way, and which of the two in {where} is right could not be asked: "
                "give url. The one that worked before is returned."
            )
            return login_in(record).password
        alone = dict.fromkeys((name for login in self.group.logins for name in login), None)
        options = {**connection, **alone, "run_as": None, "login_store": store}
        with connect(options, self.group, self.scrubber, check_product, read_only=True) as client:
            try:
                ElasticsearchApi(client).authenticate()
            except Unauthorized as refused:
                raise StoreError(
                    f"The server refuses every password of {record.name} in {where}: {refused.reason}.",
                    "Run es_login as somebody who may set the user's password.",
                ) from None
            return str(client.auth.password)

    def _store(self, term: Any) -> dict[str, Any]:
        """Return the store that a term means, as the option ``store`` of a module."""
        path = text_of(term)
        if path is not None:
            return store_options(path, **{name: self.get_option(name) for name in ("type", "mode", "follow")})
        if isinstance(term, Mapping):
            return store_options({str(name): text_of(value) or value for name, value in term.items()})
        raise OptionError("_terms", f"A term is {kind_of(term)}.", "Give paths of records, or stores as mappings.")

    def _missing(self, problem: str) -> None:
        self.decide("on_missing", problem, "Run the module that fills it, or say on_missing: skip.", StoreError)
