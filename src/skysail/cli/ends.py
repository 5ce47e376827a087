"""How a listing may end: what counts as a failure, and with which exit status."""

from __future__ import annotations

from dataclasses import dataclass

from skysail.cli.failures import Status


@dataclass(frozen=True, slots=True)
class Ends:
    """`fails_empty`: nothing found is a status of its own. `skips_disabled`: a region that an account has not enabled
    is left out, and is no failure.
    """

    fails_empty: bool = False
    skips_disabled: bool = False

    def status(self, count: int) -> Status:
        """That of a listing in which nothing failed."""
        return Status.NOT_AS_ASKED if self.fails_empty and not count else Status.DONE
