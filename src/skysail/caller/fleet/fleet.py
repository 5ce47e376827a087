"""A walk over a fleet: one operation, listed in many accounts and regions at once.

    with skysail.fleet(profiles=["prod*"], regions="all", checkpoint="walk.json") as fleet:
        for page in fleet:
            ...

What is delivered and what is not, to the letter: iterating *hands out* a page; asking for the next one (or ending the
loop by exhaustion) *acknowledges* it. `token` and the checkpoint tell what is not acknowledged, nothing else. So
nothing is left out; what is acknowledged never comes again; and a page that was in hand when the loop was broken off or
the process was killed does come again. Where even that must not be, acknowledge by hand (`auto_acknowledge=False`, then
`acknowledge(note)`): the note, such as the length of the output, is stored with the state in one step, and tells the
next walk what to take back. `write_lines` does just that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from skysail.caller.fleet.checkpoint import Checkpoint
from skysail.caller.fleet.clients import Clients, Reach
from skysail.caller.fleet.ledger import Ledger, opened
from skysail.caller.fleet.lines import write_lines
from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace
from skysail.caller.fleet.threads import walk_in_threads
from skysail.caller.fleet.token import FleetState
from skysail.caller.fleet.walk import FleetProgress, Rules, Walk
from skysail.caller.narrowing import chosen
from skysail.errors import NotPageableError, ParameterError, UsageError
from skysail.protocol.members import ALL, Members
from skysail.protocol.model import Operation, service_model
from skysail.world import World, system_world

_ARN = "arn"


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What is walked, and how. It goes to another process as it is (pickle), with the keys that were given by value,
    and without any that were found.

    `operation` is the Python name. `fields` are dotted paths of items, None for all of them.
    """

    operation: str
    reach: Reach
    rules: Rules = field(default_factory=Rules)
    fields: tuple[str, ...] | None = None

    @property
    def listed(self) -> Operation:
        """The operation. Raises UsageError, NotPageableError."""
        model = service_model()
        name = model.methods.get(self.operation)
        if name is None:
            raise UsageError(f"there is no operation {self.operation!r}: give a client's method, such as get_instances")
        operation = model.operation(name)
        if operation.paging is None:
            raise NotPageableError(operation_name=self.operation)
        return operation

    def members(self) -> Members:
        """What of the answers is decoded: the fields, and what tells the account. Raises ParameterError."""
        if self.fields is None:
            return ALL
        operation = self.listed
        assert operation.output is not None
        assert operation.paging is not None
        with suppress(ParameterError):  # not everything that is listed has an ARN
            return chosen((*self.fields, _ARN), operation.output, operation.paging).page
        return chosen(self.fields, operation.output, operation.paging).page


class Fleet:
    """One walk over a fleet: `for page in fleet`, `async for page in fleet`, or one by one `fleet.items()`.

    It goes on where it was left: a second loop walks what the first one did not deliver, and tries anew what failed.
    One loop at a time. With a checkpoint the file is this object's until `close()`, the end of a `with` block, or
    until nobody holds the object any more.
    """

    def __init__(
        self, plan: FleetPlan, ledger: Ledger, *, auto_acknowledge: bool = True, world: World | None = None
    ) -> None:
        """Sends nothing. Raises UsageError, NotPageableError, ParameterError for a plan that cannot be."""
        self._plan = plan
        self._operation = plan.listed
        self._members = plan.members()
        self._world = world or system_world()
        self._is_automatic = auto_acknowledge
        self._ledger = ledger
        self._walk: Walk | None = None
        self._is_walking = False

    # --- walking ----------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[FleetPage]:
        """Raises what a place fails with, where failures are to be raised; CheckpointError; UsageError for a second
        loop beside the first."""
        return self._pages(by_item=False)

    def __aiter__(self) -> AsyncIterator[FleetPage]:
        """The same in an event loop. Over a network it needs the extra `skysail[async]`."""
        return self._pages_async(by_item=False)

    def items(self) -> FleetItems:
        """The items of all pages, each a dict with `_account`, `_region` and `_profile` behind its own members: to be
        run through with `for` or `async for`.

        An item is acknowledged when the next one is asked for; on disk when its page ends, or the loop.
        """
        return FleetItems(self._items, self._items_async)

    def write_lines(self, path: str | Path, every_s: float = 1.0) -> int:
        """Walk, and append each labelled item to a file as a line of JSON; gives how many bytes the file has then.

        With a checkpoint nothing stands in the file twice, and nothing is missing, whenever the process is killed: the
        file's length is stored with the state, every so many seconds, and what was written behind it is taken back when
        the walk goes on. Raises UsageError where the file is not the one that belongs to the checkpoint.
        """
        with self._acknowledged_by_hand():
            return write_lines(self, Path(path), every_s, self._world.now)

    def acknowledge(self, note: Any = None) -> None:
        """Count everything handed out so far as delivered, the page or item in hand too. With a checkpoint, that and
        the note (any JSON value) are on disk when this returns, in one step.

        Raises UsageError for a note where acknowledgement is automatic: the next one, without it, would replace it.
        """
        if note is not None and self._is_automatic:
            raise UsageError(
                "a note is for fleet(…, auto_acknowledge=False): it says what has been acknowledged by hand"
            )
        self._ledger.acknowledge(note)

    # --- what is known ----------------------------------------------------------------------------------------

    @property
    def token(self) -> str | None:
        """The resume token for all that is not acknowledged, what failed included; None when nothing is missing."""
        return self._ledger.state.token

    @property
    def failures(self) -> Mapping[FleetPlace, Exception]:
        """What the last loop failed with, by place."""
        return {} if self._walk is None else dict(self._walk.failures)

    @property
    def note(self) -> Any:
        """The note of the last acknowledgement by hand, perhaps of the process before this one; None without one."""
        return self._ledger.note

    @property
    def progress(self) -> FleetProgress:
        """How far the loop has come; without one, the last."""
        return (self._walk or self._new_walk()).progress

    @property
    def delivered_items(self) -> int:
        """How many items have been acknowledged, over all the walks of one checkpoint."""
        return self._ledger.items

    def account_of(self, place: FleetPlace) -> str | None:
        """The number of a place's account: as role, instances or other places have told it, else as STS tells it; None
        where nobody does. It may send a request."""
        told = None if self._walk is None else self._walk.account(place.login)
        if told is not None:
            return told
        with closing(self._clients()) as clients:
            return clients.account(place)

    # --- parts ------------------------------------------------------------------------------------------------

    def partitions(self, most: int, checkpoints: str | Path | None = None) -> list[FleetPart]:
        """What is missing, in at most so many parts of about the same number of places, each for a process of its own.

        The places of one login stay together as far as that goes, because they share a pace. `checkpoints` is a folder
        that all processes see: there each part keeps a file, so that one that dies can be walked again from there.
        """
        left = [(place, at) for place, at in self._ledger.state.positions.items() if at != "done"]
        order = {login: number for number, login in enumerate(dict.fromkeys(place.login for place, _ in left))}
        left.sort(key=lambda pair: order[pair[0].login])
        count = min(max(1, most), len(left))
        cuts = [len(left) * number // count for number in range(count + 1)] if count else []
        return [
            FleetPart(
                plan=self._plan,
                state=replace(self._ledger.state, positions=dict(left[begin:end])),
                name=f"part-{number:04d}-of-{count:04d}",
                checkpoints=None if checkpoints is None else str(checkpoints),
            )
            for number, (begin, end) in enumerate(pairwise(cuts), 1)
        ]

    # --- the end ----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let another walk have the checkpoint's file."""
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inside -----------------------------------------------------------------------------------------------

    def _pages(self, *, by_item: bool) -> Generator[FleetPage, None, None]:
        with self._walking() as walk, closing(self._clients()) as clients:
            flow, most = walk.flow(), self._plan.rules.concurrency
            with closing(walk_in_threads(flow, clients.call, most, self._world.sleep)) as pages:
                for page in pages:
                    yield self._handed_out(page, by_item)
                    if self._is_automatic:
                        self._ledger.acknowledge()

    async def _pages_async(self, *, by_item: bool) -> AsyncGenerator[FleetPage, None]:
        tasks = import_module("skysail.caller.fleet.tasks")  # late: asyncio costs 20 ms
        with self._walking() as walk:
            clients = tasks.AsyncClients(*self._to_call())
            async with (
                aclosing(clients),
                aclosing(tasks.walk_in_tasks(walk.flow(), clients.call, self._world.asleep)) as pages,
            ):
                async for page in pages:
                    yield self._handed_out(page, by_item)
                    if self._is_automatic:
                        await tasks.beside(self._ledger.acknowledge)

    def _items(self) -> Iterator[dict[str, Any]]:
        try:
            with closing(self._pages(by_item=True)) as pages:
                for page in pages:
                    for item in page.labelled():
                        self._ledger.give_item()
                        yield item
                        if self._is_automatic:
                            self._ledger.count_items()
        finally:
            if self._is_automatic:
                self._ledger.save()

    async def _items_async(self) -> AsyncIterator[dict[str, Any]]:
        try:
            async with aclosing(self._pages_async(by_item=True)) as pages:
                async for page in pages:
                    for item in page.labelled():
                        self._ledger.give_item()
                        yield item
                        if self._is_automatic:
                            self._ledger.count_items()
        finally:
            if self._is_automatic:
                self._ledger.save()

    @contextmanager
    def _walking(self) -> Iterator[Walk]:
        """A walk from what is acknowledged on, while the block runs."""
        if self._is_walking:
            raise UsageError("this fleet is being walked: end that loop first, or make a fleet of its own for this one")
        self._is_walking = True
        try:
            self._ledger.rewind()
            self._walk = self._new_walk()
            yield self._walk
        finally:
            self._is_walking = False

    @contextmanager
    def _acknowledged_by_hand(self) -> Iterator[None]:
        before, self._is_automatic = self._is_automatic, False
        try:
            yield
        finally:
            self._is_automatic = before

    def _new_walk(self) -> Walk:
        world, rules = self._world, self._plan.rules
        return Walk(self._operation, self._ledger.state, rules, world.now, world.fraction)

    def _handed_out(self, page: FleetPage, by_item: bool) -> FleetPage:
        fields = self._plan.fields
        if fields is not None and _ARN not in fields:
            for item in page.items:
                item.pop(_ARN, None)
        self._ledger.hand_out(page, 0 if by_item else len(page.items))
        return page

    def _to_call(self) -> tuple[Reach, str, Members, int, World]:
        return self._plan.reach, self._plan.operation, self._members, self._plan.rules.concurrency, self._world

    def _clients(self) -> Clients:
        return Clients(*self._to_call())


class FleetItems:
    """The items of a walk, for `for` and for `async for`."""

    def __init__(
        self,
        walk: Callable[[], Iterator[dict[str, Any]]],
        walk_async: Callable[[], AsyncIterator[dict[str, Any]]],
    ) -> None:
        self._walk = walk
        self._walk_async = walk_async

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._walk()

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return self._walk_async()


@dataclass(frozen=True, slots=True)
class FleetPart:
    """A part of a fleet's walk, to be walked by any process: it can be pickled, and sends nothing until it is walked.

    In it stand the names of profiles and roles, which the other process looks up for itself, and the keys that were
    given by value; no connection, and no key that was found. `name` is unique among the parts of one cut.
    """

    plan: FleetPlan
    state: FleetState
    name: str
    checkpoints: str | None = None

    @property
    def places(self) -> list[FleetPlace]:
        """Those that this part walks."""
        return list(self.state.positions)

    def walk(self, *, auto_acknowledge: bool = True, world: World | None = None) -> Fleet:
        """The part as a fleet of its own: from its checkpoint, where there is one. Raises CheckpointError."""
        checkpoint = None if self.checkpoints is None else Checkpoint(Path(self.checkpoints, f"{self.name}.json"))
        return Fleet(self.plan, opened(self.state, checkpoint), auto_acknowledge=auto_acknowledge, world=world)
