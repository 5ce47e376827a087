"""How a listing may end: what counts as a failure, and with which exit status."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skysail.cli.failures import Status

if TYPE_CHECKING:
    from skysail.cli.fleet_sources import Failure


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

    def apart(self, failures: Iterable[Failure], let_in: Collection[str]) -> tuple[list[Failure], list[Failure]]:
        """What failed, and what is left out: regions that accounts have not enabled. `let_in` are the logins whose keys
        are good elsewhere.
        """
        from skysail.cli.explanations import (
            means_not_enabled,
        )  # late: where nothing failed, there is nothing to explain

        failed: list[Failure] = []
        disabled: list[Failure] = []
        for failure in failures:
            if failure.login not in let_in or not means_not_enabled(failure.trouble):
                failed.append(failure)
            elif self.skips_disabled:
                disabled.append(failure)
            else:
                what, remedy = "the account has not enabled this region", "leave it out: --skip-disabled"
                failed.append(replace(failure, trouble=replace(failure.trouble, what=what, remedy=remedy)))
        return failed, disabled
