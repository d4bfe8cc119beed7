# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of Elastic Cloud, which every module for it shares."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` describes the options; ``PLUGIN``, for lookups beside it, adds where else their values may come from.

    ``ORGANIZATION`` is for what concerns the keys of one.
    """

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Address of the Elastic Cloud API, without a path. Other than the default it is for special regions, proxies and tests.
      - A user name or password in it is refused, because addresses are shown in messages.
      - "Environment: E(KEYSMITH_EC_URL)."
    type: str
    default: https://api.elastic-cloud.com
  api_key:
    description:
      - The Elastic Cloud API key to log in with, as the service issued it; it begins with C(essu_). An API key of an Elasticsearch is
        refused.
      - To make and delete keys it has to be one of an owner of the organization, or of its workload credentials.
      - "Give exactly one login: O(api_key) or O(login_store). It is taken from one place: the task together with
        C(module_defaults), else the environment."
      - "Environment: E(KEYSMITH_EC_API_KEY)."
    type: str
  login_store:
    description:
      - Log in with the key that M(keysmith.elastic.ec_api_key) keeps in this store, which is how a login is rotated as every other key.
      - It is the absolute path of the record, or a mapping as O(keysmith.elastic.ec_api_key#module:store), and is read where the task
        runs.
      - "Environment: E(KEYSMITH_EC_LOGIN_STORE), a path."
    type: raw
  ca_path:
    description:
      - Path of a file with the certificates, in PEM format, of the authorities to trust instead of the system's.
      - At most one of O(ca_path), O(ca_pem) and O(ca_fingerprint) can be given.
      - "Environment: E(KEYSMITH_EC_CA_PATH)."
    type: path
  ca_pem:
    description:
      - The text of those certificates itself, for places without files, such as a credential of a controller.
      - "Environment: E(KEYSMITH_EC_CA_PEM)."
    type: str
  ca_fingerprint:
    description:
      - The SHA-256 fingerprint of the authority's or of the server's own certificate, 64 hexadecimal digits with or
        without colons.
      - "Environment: E(KEYSMITH_EC_CA_FINGERPRINT)."
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is verified. With V(false) anybody on the way can read every secret.
      - "Environment: E(KEYSMITH_EC_VALIDATE_CERTS)."
    type: bool
    default: true
  proxy:
    description:
      - Address of an HTTP proxy, such as V(http://proxy.example.net:3128). The variables C(HTTP_PROXY) and the like
        are not looked at.
      - "Environment: E(KEYSMITH_EC_PROXY)."
    type: str
  proxy_username:
    description:
      - The user to log in to O(proxy) as.
      - "Environment: E(KEYSMITH_EC_PROXY_USERNAME)."
    type: str
  proxy_password:
    description:
      - The password of O(proxy_username).
      - "Environment: E(KEYSMITH_EC_PROXY_PASSWORD)."
    type: str
  connect_timeout:
    description:
      - Seconds to wait for a connection.
      - "Environment: E(KEYSMITH_EC_CONNECT_TIMEOUT)."
    type: float
    default: 10
  timeout:
    description:
      - Seconds to wait for an answer.
      - "Environment: E(KEYSMITH_EC_TIMEOUT)."
    type: float
    default: 60
  retries:
    description:
      - How often a request is repeated that could not be sent, or that the server was too busy to answer.
      - A request that creates a key is never repeated once it may have been carried out.
      - "Environment: E(KEYSMITH_EC_RETRIES)."
    type: int
    default: 3
  warn_login_expires:
    description:
      - Warn where the API key of the login ends within this time, such as V(14d); V(0s) never warns. The service tells that end
        with every answer.
      - "Environment: E(KEYSMITH_EC_WARN_LOGIN_EXPIRES)."
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

    ORGANIZATION = r"""
options:
  organization_id:
    description:
      - The id of the organization. Where the login sees one only, it is found by itself.
    type: str
"""

    PLUGIN = r"""
options:
  url:
    env:
      - name: KEYSMITH_EC_URL
    vars:
      - name: keysmith_ec_url
  api_key:
    env:
      - name: KEYSMITH_EC_API_KEY
    vars:
      - name: keysmith_ec_api_key
  login_store:
    env:
      - name: KEYSMITH_EC_LOGIN_STORE
    vars:
      - name: keysmith_ec_login_store
  ca_path:
    env:
      - name: KEYSMITH_EC_CA_PATH
    vars:
      - name: keysmith_ec_ca_path
  ca_pem:
    env:
      - name: KEYSMITH_EC_CA_PEM
    vars:
      - name: keysmith_ec_ca_pem
  ca_fingerprint:
    env:
      - name: KEYSMITH_EC_CA_FINGERPRINT
    vars:
      - name: keysmith_ec_ca_fingerprint
  validate_certs:
    env:
      - name: KEYSMITH_EC_VALIDATE_CERTS
    vars:
      - name: keysmith_ec_validate_certs
  proxy:
    env:
      - name: KEYSMITH_EC_PROXY
    vars:
      - name: keysmith_ec_proxy
  proxy_username:
    env:
      - name: KEYSMITH_EC_PROXY_USERNAME
    vars:
      - name: keysmith_ec_proxy_username
  proxy_password:
    env:
      - name: KEYSMITH_EC_PROXY_PASSWORD
    vars:
      - name: keysmith_ec_proxy_password
  connect_timeout:
    env:
      - name: KEYSMITH_EC_CONNECT_TIMEOUT
    vars:
      - name: keysmith_ec_connect_timeout
  timeout:
    env:
      - name: KEYSMITH_EC_TIMEOUT
    vars:
      - name: keysmith_ec_timeout
  retries:
    env:
      - name: KEYSMITH_EC_RETRIES
    vars:
      - name: keysmith_ec_retries
  warn_login_expires:
    env:
      - name: KEYSMITH_EC_WARN_LOGIN_EXPIRES
    vars:
      - name: keysmith_ec_warn_login_expires
"""
