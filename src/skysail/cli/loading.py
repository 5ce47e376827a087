"""A fleet that is in files, into a store: for `skysail import`, and for `skysail serve --seed`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skysail.cli.failures import CommandError, Trouble, wrong_usage
from skysail.cli.instance_files import files_in, read
from skysail.cli.invocation import Invocation
from skysail.cli.summary import instances
from skysail.seeds.told_apart import is_seed
from skysail.service.importing import Found, Import, Refusal
from skysail.service.ready_instances import KIND
from skysail.store.base import Conflict, Transaction

if TYPE_CHECKING:
    from skysail.cli.sowing import Sowing
    from skysail.server import LocalLightsail
    from skysail.service.accounts import Accounts


class Loaded(NamedTuple):
    """What was done, and to which store, without a secret that its URL may have."""

    done: Import
    store: str


class Loading:
    """What is to be loaded: the files that `paths` name. Raises CommandError where there are none.

    `account` and `region` are for instances that do not tell theirs; `skips`: what is refused is left out,
    and `way_to_skip` is how one gets that.
    """

    def __init__(
        self,
        invocation: Invocation,
        paths: tuple[Path, ...],
        account: str | None = None,
        region: str | None = None,
        *,
        skips: bool = False,
        way_to_skip: str = "--skip-refused",
    ) -> None:
        self._new_id = invocation.world.new_id
        self._account = account
        self._region = region
        self._skips = skips
        self._way_to_skip = way_to_skip
        try:
            self.files = files_in(paths)
        except OSError as error:
            raise wrong_usage(f"cannot read {error.filename}: {error.strerror}") from error
        if not self.files:
            raise wrong_usage(f"no *.json or *.jsonl in {', '.join(map(str, paths))}")

    def into_store(self, place: Path | str) -> Loaded:
        """All of it into the store in a file, or in the database at a URL, which is made where there is none.

        Raises as `into`; StoreError.
        """
        # Late: no store is needed to show help.
        from skysail.server import opened
        from skysail.store.sqlite_load import made_with

        if isinstance(place, Path) and not place.exists():
            with made_with(place) as transaction:
                return Loaded(self.into(transaction), str(place))
        store = opened(place)
        try:
            with store.begin(write=True) as transaction:
                return Loaded(self.into(transaction), store.description)
        except Conflict as error:
            what = f"others changed the same things in {store.description} meanwhile ({error})"
            raise CommandError(Trouble(what, "nothing was imported; try again")) from error
        finally:
            store.close()

    def into(self, transaction: Transaction) -> Import:
        """Raises CommandError where something is refused and nothing may be left out, or a file cannot be read."""
        done = Import(transaction, account=self._account, region=self._region, new_id=self._new_id)
        done.take(self._found())
        if done.refused and not self._skips:
            raise CommandError(refused(done, self._way_to_skip))
        return done

    def _found(self) -> Iterator[Found | Refusal]:
        for path in self.files:
            try:
                yield from read(path)
            except OSError as error:
                raise wrong_usage(f"cannot read {path}: {error.strerror}") from error


class Seeding:
    """What a service is to begin with, in a store that has no instances yet; one that has some stays as it is."""

    def __init__(self, invocation: Invocation, path: Path) -> None:
        self._path = path
        self._loading = Loading(invocation, (path,), way_to_skip="skysail import --skip-refused")
        self._done: Import | None = None

    def into_new_file(self, path: Path) -> None:
        """Where there is no file yet, one is made in the quickest way. Raises as `Loading.into_store`."""
        if not path.exists():
            self._done = self._loading.into_store(path).done

    def accounts(self, given: Accounts) -> Accounts:
        """Instances bring the number of theirs along."""
        return given

    def into_service(self, local: LocalLightsail) -> None:
        """Raises as `Loading.into`; StoreError."""
        if self._done is None:
            with local.store.begin(write=True) as transaction:
                if not transaction.places(KIND, 1):
                    self._done = self._loading.into(transaction)

    def told(self) -> str:
        return f"seed {self._path}: " + (
            "not read, the store has instances already" if self._done is None else instances(self._done.taken)
        )


def seeding(invocation: Invocation, path: Path) -> Seeding | Sowing:
    """What `--seed` names: a seed, or what a listing printed. Raises SeedError, CommandError."""
    if not path.exists() or not is_seed(path):
        return Seeding(invocation, path)
    from skysail.cli.sowing import Sowing  # late: the other kind needs no YAML

    return Sowing(path)


def refused(done: Import, way_to_skip: str) -> Trouble:
    """Why nothing was imported."""
    more = f" (and {done.refused - 1:,} more)" if done.refused > 1 else ""
    others_kept = f"; {way_to_skip} imports the other {done.taken:,}" if done.taken else ""
    return Trouble(f"{done.refusals[0]}{more}", f"nothing was imported{others_kept}")
