"""A seed into the service that `skysail serve` begins with, where its store has no instances yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skysail.cli.summary import with_others
from skysail.seeds.growing import grown
from skysail.seeds.reading import read
from skysail.service.accounts import Accounts, OneAccount
from skysail.service.identity import EXAMPLE_ACCOUNT
from skysail.service.ready_instances import KIND

if TYPE_CHECKING:
    from skysail.server import LocalLightsail


class Sowing:
    """Raises SeedError for a file that is no seed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sown = read(path)
        self._told = "not read, the store has instances already"

    def accounts(self, given: Accounts) -> Accounts:
        """Where neither keys nor seed name an account, all keys are of one: whoever calls sees what was sown."""
        if given.is_open and not any(sown.seed.account for sown in self._sown):
            return OneAccount(account=EXAMPLE_ACCOUNT)
        return given

    def into_new_file(self, path: Path) -> None:
        """A service has to be there first."""

    def into_service(self, local: LocalLightsail) -> None:
        """Raises SeedError, StoreError."""
        with local.store.begin(write=False) as transaction:
            if transaction.places(KIND, 1):
                return
        made = grown(self._sown, local.clock.now(), local.service.accounts.usual)
        local.service.fill(made.into)
        self._told = with_others(made.count(KIND), len(made.rows))

    def told(self) -> str:
        return f"seed {self._path}: {self._told}"
