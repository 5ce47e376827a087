"""Which accounts and regions are read, and a client for each that can do nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from skysail.caller.fleet.clients import Places, Reach
from skysail.caller.fleet.places import FleetPlace
from skysail.caller.sync import Client
from skysail.caller.transport import Transport
from skysail.mirroring.only_reads import OnlyReads
from skysail.opening import open_transport
from skysail.world import World

_CONNECTIONS = 10


class Reached(NamedTuple):
    """A place, and its client."""

    place: FleetPlace
    client: Client


@contextmanager
def reaching(places: Sequence[FleetPlace], reach: Reach, world: World) -> Iterator[Iterator[Reached]]:
    """A client for each, made when it comes to it; all connections are closed behind the block.

    Taking the next one raises ConfigurationError, and botocore's errors.
    """

    def opened(place: FleetPlace) -> Reached:
        settings = known.settings(place)
        return Reached(place, Client(settings, OnlyReads(known.transport(settings)), world))

    known: Places[Transport] = Places(reach, open_transport, _CONNECTIONS)
    try:
        yield map(opened, places)
    finally:
        for transport in known.transports():
            transport.close()
