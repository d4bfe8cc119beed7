# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a key of Elastic Cloud or of Elastic Cloud Enterprise."""

from __future__ import annotations


class ModuleDocFragment:
    """What a key opens, and whose it is, each module says itself."""

    DOCUMENTATION = r"""
options:
  description:
    description:
      - The key's description, its identity within the organization, or on Elastic Cloud Enterprise among the keys of its user. Upper and
        lower case are told apart, and the service takes several keys of one description.
    type: str
    aliases: [name]
  id:
    description:
      - Addresses one key exactly, to look at or delete it. It cannot be given together with O(store), and a key that would have to be
        replaced is refused, because its successor has another id.
    type: str
  expiration:
    description:
      - How long a new key lives, such as V(90d) or V(12h), in whole hours, on Elastic Cloud at most a year; V(never) for a key without an
        end; or the time at which it is to end, such as V(2027-03-31), which is rounded down to whole hours from now on.
      - Left out, a new key gets what the service gives by default, and a successor as long a life as its predecessor had.
      - A duration is used up by the clock, so an existing key is never compared with it, except that a key without an end is replaced
        where one is wanted, and the other way round.
      - What the service made of it is checked, and told of where it is something else. So C(never) may come to an end in three months, and
        a key of Elastic Cloud Enterprise before 3.7 have no end at all.
    type: str
  strict_expiration:
    description:
      - Whether a new key to which the service gave another end than O(expiration) is deleted, before it is stored, and the module fails.
    type: bool
    default: false
  mark_description:
    description:
      - Whether a new key's description gets a short mark behind it, such as C([ks:0123456789ab]). It is not part of its identity.
      - These keys have no metadata. With the mark a key whose secret was lost, because the answer to its creation was lost, is found and
        deleted for certain. Without it such a key is deleted only if it can be nobody else's, and reported with its id otherwise.
      - A service that refuses a second key of one description gets the mark all the same, with a warning, because nothing could be rotated
        there without it.
    type: bool
    default: false
notes:
  - V(on_due=extend) and V(on_drift=update) are refused, because the service changes nothing in place.
  - Keys are deleted one by one, with a pause of a second in between, as the service wants it.
  - What is a name in messages is the description.
  - A key that is the login and the one that is rotated (O(login_store) and O(store) are the same) is revoked by its successor, after all
    else. Whatever still logs in with its text is locked out then, so log in with O(login_store).
"""
