# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every lookup of the collection has in common: its options, its terms one by one, and errors that tell no secret."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.failure import unexpected
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import KeysmithError
from ansible_collections.keysmith.elastic.plugins.module_utils._model.secret import Scrubber


class KeysmithLookup(LookupBase):
    """A lookup answers its terms in ``answer``; whatever that raises becomes one clear sentence, scrubbed (law 7)."""

    scrubber: Scrubber

    @abstractmethod
    def answer(self, term: Any) -> list[Any]:
        """Return what one term stands for; nothing where it is left out.

        :raises KeysmithError:
        """

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the answers to all terms, in their order."""
        self.set_options(var_options=variables, direct=kwargs)
        self.scrubber = Scrubber()
        try:
            return [answer for term in terms for answer in self.answer(term)]
        except KeysmithError as error:
            problem = error
        except Exception as error:
            problem = unexpected(error)
        # Outside of the handlers, so that no exception hangs on this one whose text nobody has scrubbed.
        raise AnsibleLookupError(self.scrubber.scrub(str(problem)))

    def warn(self, text: str) -> None:
        """Warn, scrubbed."""
        Display().warning(self.scrubber.scrub(text))
