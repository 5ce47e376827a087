"""The composition root: a local Lightsail, made of a store, a world, a service and its families.

The one place that knows everything. `local:` endpoints, `skysail serve`, the demo and tests get their service here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from skysail.caller.transport import InProcess
from skysail.errors import StoreError, UsageError
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import Accounts
from skysail.service.app import Service
from skysail.service.clock import REAL
from skysail.service.families import operations
from skysail.service.families.index import STEPS
from skysail.service.hosts import Hosts
from skysail.service.quotas import Quotas
from skysail.service.timing import TIMINGS, Pace
from skysail.store.base import Store, Transaction
from skysail.store.sqlite import SqliteStore
from skysail.world import World, system_world

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.console.console import Console
    from skysail.console.door import Door
    from skysail.seeds.sources import Source
    from skysail.service.dispatch import Operations
    from skysail.service.inspecting.inspection import Inspection


class LocalLightsail:
    """A Lightsail of one's own, in this process.

    `store` is one that was made before, or the path of a file, or a database's URL, or None for memory. `world` brings
    the clock. `pace` says how long changes of state take. `page_size` overrides the size of listings that come in pages
    (None: each one's own, 20 instances; a function is asked for each). `quotas`: "real" for those of a new account,
    "none" for a fleet of any size. `clock`: how many times as fast as the machine's time the service's runs, 0 for one
    that only `clock.advance(minutes=5)` moves, 1 for the machine's itself; None for the store's own.

    `clock`, `faults` and `calls` are there to be looked at and changed; `unread_pages()` tells which answers' next
    pages nobody asked for; `restore(snapshot())` is what a test is isolated by; `reset()` forgets everything.

    Raises StoreError for a store that cannot be opened, UsageError for a `page_size` below 1 or a `clock` below 0.
    """

    def __init__(
        self,
        store: Store | str | Path | None = None,
        *,
        world: World | None = None,
        accounts: Accounts | None = None,
        pace: Pace = "brisk",
        page_size: int | Callable[[], int] | None = None,
        quotas: Quotas = "none",
        clock: float | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        self.world = world or system_world()
        self.store: Store = opened(store) if store is None or isinstance(store, str | Path) else store
        self.service = Service(
            self.store,
            self.world,
            known_operations(),
            accounts=accounts,
            timing=TIMINGS[pace],
            quotas=quotas,
            hosts=hosts,
        )
        self.page_size = page_size
        self.clock, self.faults, self.calls = self.service.clock, self.service.faults, self.service.calls
        self.unread_pages = self.service.unread_pages
        self.reset = self.service.reset
        if clock == REAL:
            self.clock.as_machine()
        elif clock is not None and clock != self.clock.rate:
            self.clock.run(clock)

    def client(self, region_name: str = "us-east-1", access_key_id: str = "local", secret: str = "local") -> Client:
        """A client of this service, with what `skysail.client` gives; the access key picks the account."""
        from skysail.caller.settings import Settings  # late: a server has no client, nor has a test with boto3's
        from skysail.caller.sync import Client

        key = Key(access_key_id, secret)
        settings = Settings(region_name, "local:", region_name, lambda: key)
        return Client(settings, InProcess(self.service.answer, self.world.sleep), self.world)

    def with_console(self) -> Door:
        """The service with its web console at /console/, to be served; the console is loaded when it is asked for."""
        from skysail.console.door import Door  # late: a service in a program's own process has no pages

        return Door(self.service, lambda: self._console().answer)

    def _console(self) -> Console:
        from skysail.console.console import Console  # late, as above: it loads the client, and a template engine
        from skysail.console.visit import Ways

        service = self.service
        accounts = service.accounts
        keys = None if accounts.is_open else accounts.key
        ways = Ways(service.answer, service.look, self.world, self._fill_with_demo if accounts.is_open else None)
        return Console(ways, service.check_host, keys)

    def _fill_with_demo(self, account: str) -> None:
        """Raises SeedError where a name is taken, StoreError."""
        from skysail.seeds.demo import demo  # late, as in `seed`
        from skysail.seeds.growing import grown
        from skysail.seeds.sources import sown

        self.service.fill(grown(sown(demo()), self.clock.now(), account).into)

    @property
    def page_size(self) -> int | Callable[[], int] | None:
        """How many items a page of a listing has; None: each listing's own. It may be changed at any time."""
        return self.service.page_size

    @page_size.setter
    def page_size(self, size: int | Callable[[], int] | None) -> None:
        if isinstance(size, int) and size < 1:
            raise UsageError(f"a page has at least 1 item, not {size}")
        self.service.page_size = size

    def seed(self, source: Source) -> None:
        """Have what a seed says: a file's path, a dict, or what `skysail.seed()` made. Raises SeedError, StoreError."""
        from skysail.seeds.growing import grown  # late, and no cycle: seeds are grown on a service like this one
        from skysail.seeds.sources import sown

        self.service.fill(grown(sown(source), self.clock.now(), self.service.accounts.usual).into)

    def snapshot(self) -> Callable[[], None]:
        """All that it holds now, for `restore`. Raises UnsupportedError on a database."""
        return self.service.snapshot()

    def restore(self, snapshot: Callable[[], None]) -> None:
        """Be again as it was then; a snapshot serves any number of times."""
        snapshot()

    def close(self) -> None:
        """Let its store go; one in memory is gone with it."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def inspection(transaction: Transaction) -> Inspection:
    """What is wrong in a store, by all that a service here knows."""
    from skysail.service.inspecting.inspection import Inspection  # late: it is rarely asked for

    return Inspection(transaction, STEPS.keys())


def opened(place: str | Path | None) -> Store:
    """The store in a file, at a `postgresql://` URL, or in memory for None; made where there is none.

    Raises StoreError.
    """
    if not is_database(place):
        return SqliteStore(place)
    try:
        from skysail.store.postgres import PostgresStore  # late: with a library that only those need who have it
    except ImportError as error:
        raise StoreError("a store in PostgreSQL needs psycopg: pip install 'skysail[postgres]'") from error
    return PostgresStore(str(place))


def is_database(place: str | Path | None) -> bool:
    """Whether it is a URL of a database, not a file."""
    return isinstance(place, str) and place.startswith(("postgresql://", "postgres://"))


_shared: dict[str, LocalLightsail] = {}
_sharing = Lock()


def shared(endpoint_url: str) -> LocalLightsail:
    """The service behind `local:` or `local:PATH`: one a place, shared by all clients of the process.

    So two clients of one program (two regions, say) see one fleet, as they would see one Lightsail. It lives as long
    as the process; everything in a file is there when the answer is. Raises StoreError.
    """
    path = endpoint_url.removeprefix("local:")
    place = str(Path(path).expanduser().resolve()) if path else ""
    with _sharing:
        if place not in _shared:
            _shared[place] = LocalLightsail(place or None)
        return _shared[place]


def known_operations() -> Operations:
    """The operations of the installed botocore's model, and what a service has of them."""
    return operations(service_model())
