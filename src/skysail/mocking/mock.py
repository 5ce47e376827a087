"""`skysail.mock()`: a Lightsail of their own for the clients of a test, and nothing that reaches the network."""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, TypeVar

from skysail.caller.transport import InProcess, divert
from skysail.mocking import botocore_hooks, in_force, surroundings
from skysail.mocking.decorating import decorated
from skysail.protocol.message import Request
from skysail.server import LocalLightsail
from skysail.service.accounts import OneAccount
from skysail.service.quotas import Quotas
from skysail.service.timing import Pace

ACCOUNT = "123456789012"
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Mock:
    """What `mock()` gives: `with` it, or decorate with it. Each block, and each call of what is decorated, has a new
    Lightsail.
    """

    def __init__(self, *, region: str | None, passthrough: Collection[str], credentials: bool, **service: Any) -> None:
        self._region = region
        self._passthrough = frozenset(passthrough)
        self._credentials = credentials
        self._service = service
        self._blocks: list[Block] = []

    def __enter__(self) -> LocalLightsail:
        local = LocalLightsail(**self._service)
        block = Block(local, self._passthrough, self._credentials, self._region)
        block.open()
        self._blocks.append(block)
        return local

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._blocks.pop().close()

    def __call__(self, what: Decorated) -> Decorated:
        """A function (plain, async, or a generator of either kind), or a class with tests."""
        return decorated(what, self._anew)

    def _anew(self) -> Mock:
        return Mock(region=self._region, passthrough=self._passthrough, credentials=self._credentials, **self._service)


class Block:
    """One open mock."""

    outer: in_force.Opened | None = None
    is_open = False

    def __init__(
        self, local: LocalLightsail, passthrough: Collection[str], credentials: bool, region: str | None
    ) -> None:
        self.local = local
        self.way = InProcess(local.service.answer, local.world.sleep)
        self._passthrough = passthrough
        self._credentials = credentials
        self._region = region

    def open(self) -> None:
        botocore_hooks.install()
        divert(_into_mock)
        if self._credentials:
            surroundings.enter(self._region)
        in_force.enter(self)

    def close(self) -> None:
        in_force.leave(self)
        if self._credentials:
            surroundings.leave()
        self.local.close()

    def takes(self, service: str, operation: str) -> bool:
        return service == "lightsail" or (service, operation) == ("sts", "GetCallerIdentity")

    def lets_out(self, service: str, url: str) -> bool:
        return service in self._passthrough or any(
            "://" in place and url.startswith(place) for place in self._passthrough
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
    account: str = ACCOUNT,
    page_size: int | None = None,
    pace: Pace = "instant",
    clock: float | None = None,
    quotas: Quotas = "none",
    passthrough: Collection[str] = (),
    credentials: bool = True,
) -> Mock:
    """A Lightsail for the clients of boto3, botocore, aiobotocore, the AWS CLI and skysail, made before or inside.

        with skysail.mock() as lightsail:
            boto3.client("lightsail").create_instances(...)
            lightsail.calls("CreateInstances")

    Inside, Lightsail and STS's GetCallerIdentity are answered by a `LocalLightsail` in memory, which `with` gives;
    calls of other services raise OutsideMockError, but for those named in `passthrough` ("s3", or the beginning of a
    URL) and those that moto's `mock_aws` takes. All keys belong to `account`. `region` is the default one; else the
    surroundings', else us-east-1. `credentials=False` leaves variables, files and profiles as they are.

    `pace` "instant" has a change of state done at the next look; with "brisk" or "real" it takes its time, and
    `clock=0` has that time stand until `lightsail.clock.advance(minutes=5)`. `page_size`: instances and such a page.
    """
    return Mock(
        region=region,
        passthrough=passthrough,
        credentials=credentials,
        accounts=OneAccount(account=account),
        page_size=page_size,
        pace=pace,
        clock=clock,
        quotas=quotas,
    )
