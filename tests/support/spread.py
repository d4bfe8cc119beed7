# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which system tests one server is enough for; everything else runs on every server. With KEYSMITH_LONG=1 nothing is left out.

What is listed here is mostly runs of ansible-playbook, which cost ten times what all other tests cost together, and what it proves is
how playbooks behave, not how a server does: the requests that they send are proven on both real servers by other tests. Or it takes
thousands of keys.
"""

from __future__ import annotations

import os

from support import elasticsearch_node

EMULATOR = "emulator"
# Names the servers that system tests run on in gates beside this one.
BESIDE = "KEYSMITH_BESIDE"
OLDER, NEWER = elasticsearch_node.VERSIONS

# By file, or by file and test: the one real server that it runs on, beside the emulator.
ON_ONE_REAL_SERVER = {
    "test_audit.py::test_the_example_of_the_role_runs": OLDER,
    "test_audit.py::test_the_role_reports_on_all_clusters_and_fails_at_its_end": OLDER,
    "test_bootstrap.py": NEWER,
    "test_examples.py": NEWER,
    "test_names.py::test_more_than_ten_thousand_keys": OLDER,
    "test_quickstart.py::test_it_ends_with_a_table_and_without_a_secret": OLDER,
    "test_readme.py": NEWER,
    "test_revoke_playbook.py": OLDER,
    "test_rotate.py": NEWER,
    "test_rotate_many.py::test_killed_runs_leave_working_secrets_and_one_plain_run_mends_the_rest": NEWER,
    "test_runner.py": NEWER,
}

# What the emulator need not run, too, where a gate beside it runs it on this real server.
REAL_IS_ENOUGH = {
    "test_audit.py::test_the_example_of_the_role_runs": OLDER,
    "test_audit.py::test_the_role_reports_on_all_clusters_and_fails_at_its_end": OLDER,
    "test_remote_cluster.py::test_from_nothing_to_a_rotation_under_load": OLDER,
    "test_revoke_playbook.py::test_successors_first": OLDER,
    "test_revoke_playbook.py::test_two_clusters_one_number": OLDER,
    "test_rotate.py": NEWER,
}


def left_to(file: str, test: str, server: str | None, chosen: list[str]) -> str | None:
    """The server that runs this test instead of `server`; None: the test is to run.

    `server`: None for a test that takes none of those that were chosen, and would do the same three times.
    """
    if os.environ.get("KEYSMITH_LONG"):
        return None
    if server is None:
        return None if EMULATOR in chosen else EMULATOR
    listed = REAL_IS_ENOUGH if server == EMULATOR else ON_ONE_REAL_SERVER
    one = listed.get(file) or listed.get(f"{file}::{test}") or server
    if server == EMULATOR and one not in os.environ.get(BESIDE, "").split(","):
        return None
    return None if server == one else one
