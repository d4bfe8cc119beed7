# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module that revokes keys in bulk asks, beside the conditions of its service."""

from __future__ import annotations


class ModuleDocFragment:
    """``DOCUMENTATION`` is for every such module, ``CLOUD`` for those of Elastic Cloud and Elastic Cloud Enterprise."""

    DOCUMENTATION = r"""
options:
  except_ids:
    description:
      - Ids of keys that stay, whatever conditions they meet.
    type: list
    elements: str
    default: []
  expected_count:
    description:
      - How many keys are to be revoked. If another number would be hit, none is.
      - Required outside of check mode. In check mode it is not, so that the number can be found out.
    type: int
  own_key:
    description:
      - What becomes of the API key of the login itself, if it is meant.
      - V(keep) leaves it out and tells so in RV(kept), V(last) revokes it after all others are dead, V(fail) fails before anything
        is revoked.
    type: str
    choices: [keep, last, fail]
    default: keep
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
notes:
  - A secret belongs into a file of variables that only you can read, or is asked for (C(ansible.builtin.pause)), and never into the
    arguments of C(ansible-playbook), which every user of the machine can read. The playbook C(keysmith.elastic.revoke) does so.
"""

    CLOUD = r"""
options:
  own_key_id:
    description:
      - The id of the key of the login, where the service does not tell it. It tells none; the id is known with O(login_store), where the
        key's own text holds it, as on Elastic Cloud Enterprise, and where no other key ends at the same time.
      - Where it is not known, O(own_key) holds for every key that may be the login's, which are those that end at the same time, and where
        the service tells no end, those that never end. So V(keep) leaves them all out, V(fail) fails if one of them is meant, and V(last)
        revokes them after all others, one by one, until the login is dead.
    type: str
attributes:
  idempotent:
    support: full
    details:
      - The service does not show keys that were deleted. So a second run cannot tell work that is done from a mistake in the conditions. It
        succeeds and changes nothing, and warns of that.
notes:
  - The service searches nothing, so every page of the keys is read, whatever is selected.
  - Keys are deleted by their ids, one by one, with a pause of a second after each, as the service wants it. So 500 keys take more than 8
    minutes, in which nothing is shown. A warning tells how long it takes, also in check mode. A C(timeout) of the task has to be longer.
"""
