"""`skysail.mock()`: a Lightsail of their own for the clients of a test, and nothing that reaches the network."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from skysail.caller.transport import InProcess, divert
from skysail.errors import UsageError
from skysail.mocking import botocore_hooks, in_force, surroundings
from skysail.mocking.all_pages import habit, must_be_read, smallest
from skysail.mocking.chaos import unleash
from skysail.mocking.decorating import decorated
from skysail.protocol.message import Request
from skysail.server import LocalLightsail
from skysail.service.accounts import OneAccount
from skysail.service.identity import EXAMPLE_ACCOUNT
from skysail.service.quotas import Quotas
from skysail.service.timing import Pace
from skysail.world import seeded_world, system_world

if TYPE_CHECKING:
    from skysail.seeds.sources import Source

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What `mock()` was told."""

    region: str | None
    account: str
    page_size: int | None
    all_pages: bool | None
    pace: Pace
    clock: float | None
    quotas: Quotas
    passthrough: frozenset[str]
    credentials: bool
    chaos: float
    random_seed: int | None
    seed: Source | None

    def service(self) -> LocalLightsail:
        """A new one."""
        local = LocalLightsail(
            world=system_world() if self.random_seed is None else seeded_world(self.random_seed),
            accounts=OneAccount(account=self.account),
            pace=self.pace,
            page_size=smallest(self.page_size, self.wants_all_pages()),
            quotas=self.quotas,
            clock=self.clock,
        )
        if self.seed is not None:
            local.seed(self.seed)
        if self.chaos:
            unleash(local, self.chaos)
        return local

    def wants_all_pages(self) -> bool:
        return habit.all_pages if self.all_pages is None else self.all_pages


class Mock:
    """What `mock()` gives: `with` it, or decorate with it. Each block, and each call of what is decorated, has a new
    Lightsail.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._blocks: list[Block] = []

    def __enter__(self) -> LocalLightsail:
        block = Block(self._options.service(), self._options)
        block.open()
        self._blocks.append(block)
        return block.local

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block = self._blocks.pop()
        unread = block.local.unread_pages() if kind is None and self._options.wants_all_pages() else []
        block.close()
        must_be_read(unread)

    def __call__(self, what: Decorated) -> Decorated:
        """A function (plain, async, or a generator of either kind), or a class with tests."""
        return decorated(what, lambda: Mock(self._options))


class Block:
    """One open mock."""

    outer: in_force.Opened | None = None
    is_open = False

    def __init__(self, local: LocalLightsail, options: Options) -> None:
        self.local = local
        self.way = InProcess(local.service.answer, local.world.sleep)
        self._options = options

    def open(self) -> None:
        botocore_hooks.install()
        divert(_into_mock)
        if self._options.credentials:
            surroundings.enter(self._options.region)
        in_force.enter(self)

    def close(self) -> None:
        in_force.leave(self)
        if self._options.credentials:
            surroundings.leave()
        self.local.close()

    def takes(self, service: str, operation: str) -> bool:
        return service == "lightsail" or (service, operation) == ("sts", "GetCallerIdentity")

    def lets_out(self, service: str, url: str) -> bool:
        return service in self._options.passthrough or any(
            "://" in place and url.startswith(place) for place in self._options.passthrough
        )


def _into_mock(request: Request) -> InProcess | None:
    """Where a request of skysail's own clients goes."""
    mock = in_force.current()
    if mock is None or mock.lets_out("lightsail", request.url):
        return None
    return mock.way


def mock(
    *,
    region: str | None = None,
    account: str = EXAMPLE_ACCOUNT,
    page_size: int | None = None,
    all_pages: bool | None = None,
    pace: Pace = "instant",
    clock: float | None = None,
    quotas: Quotas = "none",
    passthrough: Collection[str] = (),
    credentials: bool = True,
    chaos: float = 0.0,
    random_seed: int | None = None,
    seed: Source | None = None,
) -> Mock:
    """A Lightsail for the clients of boto3, botocore, aiobotocore, the AWS CLI and skysail, made before or inside.

        with skysail.mock() as lightsail:
            boto3.client("lightsail").create_instances(...)
            lightsail.calls("CreateInstances")

    Inside, Lightsail and STS's GetCallerIdentity are answered by a `LocalLightsail` in memory, which `with` gives;
    calls of other services raise OutsideMockError, but for those named in `passthrough` ("s3", or the beginning of a
    URL) and those that moto's `mock_aws` takes. All keys belong to `account`. `region` is the default one; else the
    surroundings', else us-east-1. `credentials=False` leaves variables, files and profiles as they are. `quotas="real"`
    holds the fleet to a new account's numbers.

    `pace` "instant" has a change of state done at the next look; with "brisk" it takes seconds, with "real" as long as
    in AWS. `clock` is how many times as fast as the machine's time the service's runs: `clock=0` has it stand until
    `lightsail.clock.advance(minutes=5)`. `page_size` is how many items a page has (20, where nothing is said).

    `seed` is what there is to begin with: a seed's file, a dict, or what `skysail.seed()` made.

    `all_pages=True` has pages of one item, unless `page_size` says otherwise, and the block ends with an
    UnreadPagesError, which names the lines, where an answer's nextPageToken was left unused.

    `chaos=0.05` throttles, fails or cuts 5 of 100 calls, and lets pages be of any size. `random_seed` makes chance, and
    so chaos and all ids, the same each time.

    Raises UsageError for a `chaos` that is no share; where the block begins, SeedError, and UsageError for a
    `page_size` below 1.
    """
    if not 0 <= chaos < 1:
        raise UsageError(f"chaos is the share of calls that go wrong, from 0 to below 1, not {chaos!r}")
    return Mock(
        Options(
            region=region,
            account=account,
            page_size=page_size,
            all_pages=all_pages,
            pace=pace,
            clock=clock,
            quotas=quotas,
            passthrough=frozenset(passthrough),
            credentials=credentials,
            chaos=chaos,
            random_seed=random_seed,
            seed=seed,
        )
    )
