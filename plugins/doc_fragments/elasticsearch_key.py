# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a key in Elasticsearch, whatever its type."""

from __future__ import annotations


class ModuleDocFragment:
    """Whose key is meant, and what it opens, each module says itself."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The key's name, its identity together with its owner. It cannot be changed later.
      - 1 to 256 characters, without white space around them and without an underscore in front. V(*) has no special meaning.
    type: str
  id:
    description:
      - Addresses one key exactly, to update or revoke it. It cannot be given together with O(store), and a key that would have
        to be replaced is refused, because its successor has another id.
    type: str
  metadata:
    description:
      - What to note on the key. Left out, it stays as it is.
      - The names C(keysmith), and at the top those that begin with an underscore, are reserved.
      - A value that differs only in its spelling, such as V(3) and V('3'), is corrected in place and never causes a rotation.
    type: dict
  expiration:
    description:
      - How long a key lives from its creation, as whole V(s), V(m), V(h), V(d) or V(w), such as V(90d), or V(never).
      - A key ends sooner or later than a new one would, because time goes by; that alone is no difference. An end where
        there should be none, none where there should be one, and one further away than a new key's are differences.
      - Left out, a first key never ends, and a successor lives as long as its predecessor did.
    type: str
  owner_realm:
    description:
      - The realm of O(owner), where two realms know that name.
    type: str
notes:
  - Run it where the login may be, on the controller or in an execution environment (C(delegate_to=localhost)). The arguments of a
    module travel to the host where it runs, and who owns that host could make any key with the login.
  - An end that a key has can be moved, but never be removed, so O(expiration=never) needs a successor.
  - A task with C(async) is refused.
"""
