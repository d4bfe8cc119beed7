# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""A create that lost its answer on a service whose keys carry no mark: what it made is revoked if it is certainly ours, else named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .._kinds.kind import Search
from .._model.errors import KeysmithError
from .._model.key import Key
from .._model.lifecycle import named
from .._model.lost_create import LostCreate, certainly_ours, suspects

if TYPE_CHECKING:
    from .execute import Execution

_AGAIN = "The answer to a create was lost and the key was made again"


class UnmarkedCreate:
    """The create of a key of this name, sent at ``sent`` (the service's time in ms)."""

    def __init__(self, execution: Execution, name: str, sent: int) -> None:
        self.execution, self.name, self.sent = execution, name, sent

    @contextmanager
    def told_of(self) -> Iterator[None]:
        """Let an error of the create that stands in for this one name what this one may have left behind."""
        try:
            yield
        except KeysmithError as problem:
            try:
                found = self._look(None)[1]
            except KeysmithError:
                found = []
            what = f"Look at {named([key.id for key in found])}, which it may have made." if found else ""
            problem.hint = " ".join(
                part for part in (problem.hint, "An earlier create had lost its answer.", what) if part
            )
            raise

    def see_to(self, made: Key) -> str:
        """Return what is to be told of the lost create, after seeing to it. ``made`` stands in for it and is stored."""
        try:
            lost, found = self._look(made)
            ids = [key.id for key in found]
            if certainly_ours(lost, found):
                self.execution.revoke(ids, "its secret was lost with the answer")
                return f"{_AGAIN}; {named(ids)}, which the lost one made, was revoked."
        except KeysmithError as problem:
            return f"{_AGAIN}; what the lost one made is not known: {problem.message}"
        if not found:
            return f"{_AGAIN}; no key of the lost one was found."
        return (
            f"{_AGAIN}. {named(ids)} of the same name may be what the lost one made, or somebody else's: look, and remove it with "
            "state: absent and id. With mark_description: true this is known for certain."
        )

    def _look(self, made: Key | None) -> tuple[LostCreate, list[Key]]:
        execution = self.execution
        record = execution.record
        keys, now = execution.service.find([Search(name=self.name, owner=execution.found.login.owner)])
        ours = [made.id] if made is not None else []
        if record is not None:
            ours += [record.current.id] if record.current is not None else []
            ours += [previous.id for previous in record.previous]
        lost = LostCreate(
            name=self.name,
            sent=self.sent,
            now=now or execution.now(),
            before=execution.found.keys,
            ours=frozenset(ours),
            creator=made.creator if made is not None else None,
            # Where the service tells no time, nothing can be said of when a key was made.
            held=execution.job.store is not None and now is not None,
        )
        return lost, suspects(lost, keys)
