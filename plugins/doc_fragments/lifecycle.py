# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a key's life, spelled the same for every kind of key."""

from __future__ import annotations


class ModuleDocFragment:
    """For every module that manages keys, beside the fragment ``store``."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) makes sure that there is a living key as described, see the description of this module.
      - V(absent) revokes. With O(store) it revokes what that store's key and its predecessors are and removes the record;
        without one, every active key that the other options mean.
    type: str
    choices: [present, absent]
    default: present
  renew_before:
    description:
      - A key is due when less than this is left of its life, as a duration such as V(14d) or a share of its life such as
        V(20%).
      - A duration must be shorter than the life of a new key.
    type: str
    default: 20%
  on_due:
    description:
      - What happens to a key that is due.
      - V(rotate) gives it a successor with a new secret.
      - V(extend) moves its end in place, where the service can; the secret stays the same. It never removes an end.
      - V(warn) and V(fail) leave it alone and say so.
    type: str
    choices: [rotate, extend, warn, fail]
    default: rotate
  on_drift:
    description:
      - What happens to a key that differs from the task.
      - V(auto) updates it in place where the service can, else rotates it if a new secret has somewhere to go (O(store)
        or O(return_secret)), else fails.
      - V(update) updates in place or fails, V(rotate) always gives it a successor, V(fail) leaves it alone and fails.
    type: str
    choices: [auto, update, rotate, fail]
    default: auto
  force_rotate:
    description:
      - Rotate now, whatever is left. It is for one run by hand, because it is never idempotent; O(rotate_if_created_before)
        is.
    type: bool
    default: false
  rotate_if_created_before:
    description:
      - Rotate a key that was made before this time, such as V(2026-11-21T03:00:00Z); without a zone it is UTC. It is the
        idempotent way to replace every secret that was there when an incident happened.
      - A time in the future is refused, because every run until then would rotate.
    type: str
  overlap:
    description:
      - How long a predecessor lives on after its successor has been proven and stored, for the new secret to reach its
        users.
      - Where the service can, the predecessor's end is shortened to this, and never lengthened, so that it dies even if
        nobody runs again; elsewhere a later run revokes it.
      - V(0s) revokes the predecessor in the same run, after O(settle).
    type: str
    default: 24h
  settle:
    description:
      - The least overlap, that is how long a client may take between reading a secret and using it.
    type: str
    default: 5s
  retire:
    description:
      - Whether what a new key succeeds is retired in this run, as O(overlap) says.
      - With V(false) every predecessor lives on as it is, listed in O(store), until a run with V(true) confirms that the
        consumers of the secret have taken it over; O(overlap) is counted from then on. It is for playbooks that make the key in
        one task, bring the secret to its consumers and check them in the next ones, and let the old key go in the last one.
      - What is confirmed already is not held up by it.
    type: bool
    default: true
    version_added: 0.2.0
  duplicates:
    description:
      - What happens to other active keys of the same name and owner that are neither this one nor its predecessors.
      - V(warn) lists them, V(fail) refuses to go on, V(retire) lets them end as predecessors do. Keys that this collection
        made for another store always stay, because somebody uses them.
    type: str
    choices: [fail, warn, retire]
    default: warn
  return_secret:
    description:
      - Whether the secret is returned in RV(secret). The whole result is then marked so that Ansible prints nothing of it;
        in a registered variable it can be used.
      - Without O(store) the secret is known only in the run that makes the key, and RV(secret) is empty in all later ones.
    type: bool
    default: false
"""
