"""The loop that drives a walk with asyncio: calls as tasks, pages to whoever iterates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

from skysail.caller.aio import AsyncClient
from skysail.caller.fleet.clients import FAILURES, Places, Reach
from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace
from skysail.caller.fleet.walk import Await, Call, Flow, Give, Outcome
from skysail.protocol.members import Members
from skysail.world import World

AsyncCallPlace = Callable[[FleetPlace, dict[str, Any]], Awaitable[Outcome]]


async def walk_in_tasks(
    flow: Flow, call: AsyncCallPlace, asleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[FleetPage, None]:
    """The pages of a walk, as `walk_in_threads` gives them. Calls that are under way at its end are cancelled."""
    under_way: set[asyncio.Future[Outcome]] = set()
    with closing(flow):
        try:
            ask = next(flow)
            while True:
                if isinstance(ask, Call):
                    under_way.add(asyncio.ensure_future(call(ask.place, ask.arguments)))
                    ask = next(flow)
                elif isinstance(ask, Await):
                    ask = flow.send(await _brought(under_way, ask.seconds))
                elif isinstance(ask, Give):
                    yield ask.page
                    ask = next(flow)
                else:
                    await asleep(ask.seconds)
                    ask = next(flow)
        except StopIteration:
            return
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)


async def _brought(under_way: set[asyncio.Future[Outcome]], seconds: float | None) -> list[Outcome]:
    """What has come; if nothing has, the first to come within so many seconds."""
    if not under_way:
        return []
    done, _ = await asyncio.wait(under_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    under_way -= done
    return [task.result() for task in done]


class AsyncClients:
    """Calls places of a fleet, from tasks of one event loop."""

    def __init__(self, reach: Reach, operation: str, members: Members, concurrency: int, world: World) -> None:
        self._places = Places(reach, reach.connections.open_async, concurrency)
        self._method = operation
        self._members = members
        self._world = world
        self._known: dict[FleetPlace, tuple[Callable[..., Awaitable[dict[str, Any]]], int]] = {}

    async def call(self, place: FleetPlace, arguments: dict[str, Any]) -> Outcome:
        """One call of the operation, tried once."""
        began, attempts = self._world.now(), 1
        try:
            method, attempts = self._known.get(place) or self._opened(place)
            return Outcome(place, began, answer=await method(**arguments))
        except FAILURES as error:
            return Outcome(place, began, error=error, max_attempts=attempts)

    async def aclose(self) -> None:
        self._known.clear()
        for transport in self._places.transports():
            await transport.close()

    def _opened(self, place: FleetPlace) -> tuple[Callable[..., Awaitable[dict[str, Any]]], int]:
        settings = self._places.settings(place)
        # Each call is tried once: what is tried again, and when, is for the walk to say.
        client = AsyncClient(replace(settings, max_attempts=1), self._places.transport(settings), self._world)
        method = getattr(client, self._method).narrowed(self._members)
        self._known[place] = method, settings.max_attempts
        return self._known[place]


async def beside(work: Callable[[], None]) -> None:
    """Do what waits for a disk in a thread, not in the event loop."""
    await asyncio.to_thread(work)
