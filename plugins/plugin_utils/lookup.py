# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every lookup of the collection has in common: its options, its terms one by one, and errors that tell no secret."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.failure import unexpected
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.scrubber import Scrubber


class KeysmithLookup(LookupBase):
    """A lookup answers its terms in ``answer``; whatever that raises becomes one clear sentence, scrubbed (law 7)."""

    scrubber: Scrubber

    @abstractmethod
    def answer(self, term: Any) -> list[Any]:
        """Return what one term stands for; nothing where it is left out.

        :raises KeysmithError:
        """

    def prepare(self, variables: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the options.

        :param variables: those of the task, as they were written.
        :param given: what stands in the call of the lookup.
        :raises KeysmithError:
        """
        self.set_options(var_options=variables, direct=given)

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the answers to all terms, in their order."""
        self.scrubber = Scrubber()
        try:
            self.prepare(variables or {}, kwargs)
            return [answer for term in terms for answer in self.answer(term)]
        except (KeysmithError, AnsibleError) as error:
            problem: Exception = error
        except Exception as error:
            problem = unexpected(error)
        # Outside of the handlers, so that no exception hangs on this one whose text nobody has scrubbed.
        raise AnsibleLookupError(self.scrubber.scrub(str(problem)))

    def decide(self, option: str, problem: str, remedy: str, kind: type[KeysmithError]) -> None:
        """Fail, warn or say nothing of a term that has no answer, as the option (error, warn or skip) wants it.

        :raises KeysmithError: an error of that kind.
        """
        if self.get_option(option) == "error":
            raise kind(problem, remedy)
        if self.get_option(option) == "warn":
            self.warn(problem)

    def warn(self, text: str) -> None:
        """Warn, scrubbed."""
        Display().warning(self.scrubber.scrub(text))
