# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of Elasticsearch, which every module for it shares."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` describes the options; ``PLUGIN``, for lookups beside it, adds where else their values may come from."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Address of Elasticsearch, or a list of addresses of the same cluster, such as V(https://es.example.net:9200).
      - Of several addresses the next one is tried where one cannot be reached.
      - A user name or password in it is refused, because addresses are shown in messages.
      - "Environment: E(KEYSMITH_ES_URL), several addresses separated by commas."
    type: list
    elements: str
  cloud_id:
    description:
      - The Cloud ID of an Elastic Cloud deployment, as its page shows it. Give it or O(url).
      - "Environment: E(KEYSMITH_ES_CLOUD_ID)."
    type: str
  api_key:
    description:
      - An Elasticsearch API key to log in with, either C(encoded) or as C(id:api_key).
      - It serves for everything that reads, and for revoking. Elasticsearch lets no API key update a key,
        or create one that has rights.
      - "Give exactly one login: O(api_key), O(username) with O(password), O(token), O(login_store), or O(client_cert) alone.
        A login is taken whole from one place: the task together with C(module_defaults), else the environment."
      - "Environment: E(KEYSMITH_ES_API_KEY)."
    type: str
  username:
    description:
      - The user to log in as, together with O(password).
      - "Environment: E(KEYSMITH_ES_USERNAME)."
    type: str
  password:
    description:
      - The password of O(username).
      - "Environment: E(KEYSMITH_ES_PASSWORD)."
    type: str
  token:
    description:
      - A bearer token to log in with, from Elasticsearch's token service or as a JWT that a realm accepts.
      - "Environment: E(KEYSMITH_ES_TOKEN)."
    type: str
  login_store:
    description:
      - Log in with the user and the password that M(keysmith.elastic.es_login) keeps in this store.
      - It is the absolute path of the record, or a mapping as O(keysmith.elastic.es_login#module:store), and is read where the task runs.
      - While a change of the password is under way the record holds two. The one that is not known to work yet is tried
        where the server refuses the other.
      - "Environment: E(KEYSMITH_ES_LOGIN_STORE), a path."
    type: raw
    version_added: 0.2.0
  client_cert:
    description:
      - Path of a client certificate in PEM format, with its private key in the same file or in O(client_key).
      - Without another login it is the login, by a PKI realm; beside one it serves a proxy or server that demands it.
      - "Environment: E(KEYSMITH_ES_CLIENT_CERT)."
    type: path
  client_key:
    description:
      - Path of the private key of O(client_cert) in PEM format, without a passphrase.
      - "Environment: E(KEYSMITH_ES_CLIENT_KEY)."
    type: path
  run_as:
    description:
      - Act as this user, in everything. The login needs the privilege to run as that user.
      - Keys that are made are then that user's, and that user's keys can be updated.
      - "Environment: E(KEYSMITH_ES_RUN_AS)."
    type: str
  ca_path:
    description:
      - Path of a file with the certificates, in PEM format, of the authorities to trust instead of the system's.
      - At most one of O(ca_path), O(ca_pem) and O(ca_fingerprint) can be given.
      - "Environment: E(KEYSMITH_ES_CA_PATH)."
    type: path
  ca_pem:
    description:
      - The text of those certificates itself, for places without files, such as a credential of a controller.
      - "Environment: E(KEYSMITH_ES_CA_PEM)."
    type: str
  ca_fingerprint:
    description:
      - The SHA-256 fingerprint of the authority's or of the server's own certificate, 64 hexadecimal digits with or
        without colons, as Elasticsearch prints it when it starts for the first time.
      - "Environment: E(KEYSMITH_ES_CA_FINGERPRINT)."
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is verified. With V(false) anybody on the way can read every secret.
      - "Environment: E(KEYSMITH_ES_VALIDATE_CERTS)."
    type: bool
    default: true
  proxy:
    description:
      - Address of an HTTP proxy, such as V(http://proxy.example.net:3128). The variables C(HTTP_PROXY) and the like
        are not looked at.
      - "Environment: E(KEYSMITH_ES_PROXY)."
    type: str
  proxy_username:
    description:
      - The user to log in to O(proxy) as.
      - "Environment: E(KEYSMITH_ES_PROXY_USERNAME)."
    type: str
  proxy_password:
    description:
      - The password of O(proxy_username).
      - "Environment: E(KEYSMITH_ES_PROXY_PASSWORD)."
    type: str
  connect_timeout:
    description:
      - Seconds to wait for a connection.
      - "Environment: E(KEYSMITH_ES_CONNECT_TIMEOUT)."
    type: float
    default: 10
  timeout:
    description:
      - Seconds to wait for an answer.
      - "Environment: E(KEYSMITH_ES_TIMEOUT)."
    type: float
    default: 60
  retries:
    description:
      - How often a request is repeated that could not be sent, or that the server was too busy to answer.
      - A request that creates a key is never repeated once it may have been carried out.
      - "Environment: E(KEYSMITH_ES_RETRIES)."
    type: int
    default: 3
  warn_login_expires:
    description:
      - Warn where the API key of the login ends within this time, such as V(14d); V(0s) never warns.
      - "Environment: E(KEYSMITH_ES_WARN_LOGIN_EXPIRES)."
    type: str
    default: 14d
requirements:
  - requests (Python library) where the task runs
notes:
  - The environment variables are read on the controller, also for a task that runs elsewhere. An option of the task or
    of C(module_defaults) comes before them.
  - Proxies, certificates and logins are taken from these options alone, never from C(~/.netrc) or the system's
    C(REQUESTS_CA_BUNDLE).
"""

    PLUGIN = r"""
options:
  url:
    env:
      - name: KEYSMITH_ES_URL
    vars:
      - name: keysmith_es_url
  cloud_id:
    env:
      - name: KEYSMITH_ES_CLOUD_ID
    vars:
      - name: keysmith_es_cloud_id
  api_key:
    env:
      - name: KEYSMITH_ES_API_KEY
    vars:
      - name: keysmith_es_api_key
  username:
    env:
      - name: KEYSMITH_ES_USERNAME
    vars:
      - name: keysmith_es_username
  password:
    env:
      - name: KEYSMITH_ES_PASSWORD
    vars:
      - name: keysmith_es_password
  token:
    env:
      - name: KEYSMITH_ES_TOKEN
    vars:
      - name: keysmith_es_token
  login_store:
    env:
      - name: KEYSMITH_ES_LOGIN_STORE
    vars:
      - name: keysmith_es_login_store
  client_cert:
    env:
      - name: KEYSMITH_ES_CLIENT_CERT
    vars:
      - name: keysmith_es_client_cert
  client_key:
    env:
      - name: KEYSMITH_ES_CLIENT_KEY
    vars:
      - name: keysmith_es_client_key
  run_as:
    env:
      - name: KEYSMITH_ES_RUN_AS
    vars:
      - name: keysmith_es_run_as
  ca_path:
    env:
      - name: KEYSMITH_ES_CA_PATH
    vars:
      - name: keysmith_es_ca_path
  ca_pem:
    env:
      - name: KEYSMITH_ES_CA_PEM
    vars:
      - name: keysmith_es_ca_pem
  ca_fingerprint:
    env:
      - name: KEYSMITH_ES_CA_FINGERPRINT
    vars:
      - name: keysmith_es_ca_fingerprint
  validate_certs:
    env:
      - name: KEYSMITH_ES_VALIDATE_CERTS
    vars:
      - name: keysmith_es_validate_certs
  proxy:
    env:
      - name: KEYSMITH_ES_PROXY
    vars:
      - name: keysmith_es_proxy
  proxy_username:
    env:
      - name: KEYSMITH_ES_PROXY_USERNAME
    vars:
      - name: keysmith_es_proxy_username
  proxy_password:
    env:
      - name: KEYSMITH_ES_PROXY_PASSWORD
    vars:
      - name: keysmith_es_proxy_password
  connect_timeout:
    env:
      - name: KEYSMITH_ES_CONNECT_TIMEOUT
    vars:
      - name: keysmith_es_connect_timeout
  timeout:
    env:
      - name: KEYSMITH_ES_TIMEOUT
    vars:
      - name: keysmith_es_timeout
  retries:
    env:
      - name: KEYSMITH_ES_RETRIES
    vars:
      - name: keysmith_es_retries
  warn_login_expires:
    env:
      - name: KEYSMITH_ES_WARN_LOGIN_EXPIRES
    vars:
      - name: keysmith_es_warn_login_expires
"""
