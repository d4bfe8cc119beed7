#!/usr/bin/python

# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: key_report
short_description: Make reports of audits of API keys
version_added: 0.2.0
author:
  - keysmith.elastic contributors (@keysmith)
description:
  - Takes the files that M(keysmith.elastic.es_api_key_audit), M(keysmith.elastic.ec_api_key_audit) and
    M(keysmith.elastic.ece_api_key_audit) have written, one for each cluster, organization of Elastic Cloud or installation of Elastic Cloud
    Enterprise, and makes one report of them, as a web page, Markdown, metrics for Prometheus, JSON, and a table for the terminal.
  - Options, results and metrics call all of these a cluster. In what people read it is the word that fits all that is reported, which is
    service where several kinds stand side by side.
  - Every form also tells when the credential ends that each audit logged in with, where it has an end.
  - Talks to no server. The reports hold no secret; but they tell which keys there are, so think about who may read them.
  - Whatever somebody has typed as the name of a key is shown as text in every form, never taken for markup.
options:
  sources:
    description:
      - Absolute paths of audits, on the machine where the task runs. Each cluster needs a name of its own.
    type: list
    elements: path
    default: []
  unaudited:
    description:
      - Clusters that could not be audited. The report tells them, so that nobody takes silence for peace.
    type: list
    elements: dict
    default: []
    suboptions:
      cluster:
        description:
          - What the cluster is called in reports.
        type: str
        required: true
      reason:
        description:
          - Why there is no audit.
        type: str
        required: true
      kind:
        description:
          - What it is.
        type: str
        choices: [elasticsearch, elastic_cloud, ece]
        default: elasticsearch
  notes:
    description:
      - Sentences that the report is to say of a cluster, beside its keys. Those of a cluster that no source is of are left out.
    type: list
    elements: dict
    default: []
    suboptions:
      cluster:
        description:
          - What the cluster is called in reports.
        type: str
        required: true
      note:
        description:
          - The sentence.
        type: str
        required: true
  title:
    description:
      - The heading of O(html) and O(markdown).
    type: str
    default: API keys
  html:
    description:
      - Absolute path for a web page. It is one file that loads nothing, with a timeline of what ends when. It can be read without
        JavaScript, which adds filters and sorting.
    type: path
  markdown:
    description:
      - Absolute path for a Markdown file with the clusters, the first 200 keys of which something is said, and those that end next.
    type: path
  prometheus:
    description:
      - Absolute path for metrics in Prometheus's text format. In the folder of the node exporter's textfile collector its name has to end
        with C(.prom).
      - "The metrics: C(keysmith_audit_success), C(keysmith_audit_timestamp_seconds), C(keysmith_audit_complete), C(keysmith_keys) by state,
        C(keysmith_findings) by code and severity, for each audit whose login ends C(keysmith_login_expiration_timestamp_seconds), and for
        each active key that ends C(keysmith_key_expiration_timestamp_seconds)."
    type: path
  json:
    description:
      - Absolute path for all of it as JSON, which can be a source again.
    type: path
  mode:
    description:
      - The mode of the files but for O(prometheus), as an octal string.
    type: raw
    default: "0600"
  prometheus_mode:
    description:
      - The mode of O(prometheus), as an octal string. The node exporter runs as a user of its own, who must be able to read it.
    type: raw
    default: "0644"
extends_documentation_fragment:
  - keysmith.elastic.attributes
attributes:
  check_mode:
    support: full
    details:
      - In check mode no file is written, and the table is returned all the same.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Every file is written on every run, because ages and the time left have moved on. The result is C(changed) only if keys, findings,
        policies, clusters or O(title) are others than a file showed before, or its mode was another.
  async:
    support: full
seealso:
  - module: keysmith.elastic.es_api_key_audit
  - module: keysmith.elastic.ec_api_key_audit
  - module: keysmith.elastic.ece_api_key_audit
"""

EXAMPLES = r"""
- name: Audit a cluster
  keysmith.elastic.es_api_key_audit:
    cluster: production
    report: /etc/keysmith/audits/production.json

- name: A page for people, and metrics for the alarms
  keysmith.elastic.key_report:
    sources: [/etc/keysmith/audits/production.json]
    title: API keys of Example
    html: /etc/keysmith/reports/keys.html
    prometheus: /etc/keysmith/reports/keys.prom
  register: reported

- name: The table
  ansible.builtin.debug:
    var: reported.table

- name: Refuse to go on while a key has a problem
  ansible.builtin.assert:
    that: reported.summary.severities.problem < 10000
    fail_msg: "{{ reported.summary.severities.problem }} keys have a problem"

- name: The same report, telling that one cluster is missing in it
  keysmith.elastic.key_report:
    sources: [/etc/keysmith/audits/production.json]
    unaudited:
      - cluster: disaster-recovery
        reason: It is switched off.
    markdown: /etc/keysmith/reports/keys.md
"""

RETURN = r"""
files:
  description: The files that were asked for.
  returned: success
  type: list
  elements: dict
  contains:
    form:
      description: V(html), V(markdown), V(prometheus) or V(json).
      returned: always
      type: str
      sample: html
    path:
      description: The file's path.
      returned: always
      type: str
      sample: /etc/keysmith/reports/keys.html
    changed:
      description: Whether it shows another picture than before.
      returned: always
      type: bool
      sample: true
table:
  description: The report as lines for a terminal, with the first 40 keys of which something is said.
  returned: success
  type: list
  elements: str
  sample:
    - "CLUSTER     LOGIN ENDS  ACTIVE  ENDED  PROBLEMS  WARNINGS  END SOON  NEVER END"
    - "production  12d            116      4         3         5         2          5"
summary:
  description: How many keys there are of what, in all clusters.
  returned: success
  type: dict
  contains:
    api_keys:
      description: How many keys there are.
      returned: always
      type: int
      sample: 120
    states:
      description: How many of them are V(active), V(expired) and V(invalidated).
      returned: always
      type: dict
      sample: {active: 116, expired: 4, invalidated: 0}
    types:
      description: How many of them are of each type.
      returned: always
      type: dict
      sample: {rest: 90, cross_cluster: 2, cloud: 28}
    managers:
      description: How many of them this V(collection), another V(product) and V(nobody) looks after.
      returned: always
      type: dict
      sample: {collection: 90, product: 8, nobody: 22}
    owners:
      description: How many owners they have.
      returned: always
      type: int
      sample: 7
    severities:
      description: How many keys have findings, each counted once, by the worst of them.
      returned: always
      type: dict
      sample: {problem: 3, warning: 5, info: 4}
    codes:
      description: Of how many keys each code is said. Every code is there.
      returned: always
      type: dict
      sample: {owner_missing: 1, all_rights: 2, never_expires: 5}
clusters:
  description: The clusters that were audited.
  returned: success
  type: list
  elements: str
  sample: [production]
unaudited:
  description: The clusters that were not.
  returned: success
  type: list
  elements: str
  sample: [disaster-recovery]
failure:
  description:
    - What went wrong, for playbooks. The sentence for people is in C(msg).
  returned: failure
  type: dict
  contains:
    code:
      description: A stable word for the kind of failure.
      returned: always
      type: str
      sample: bad_audit
    option:
      description: The option that is wrong.
      returned: when an option is wrong
      type: str
      sample: html
    errno:
      description: The system's word for why a file could not be written.
      returned: when a file could not be written
      type: str
      sample: ENOSPC
"""

from ..module_utils._ansible.run_report import run_report_module


def main() -> None:
    run_report_module()


if __name__ == "__main__":
    main()
