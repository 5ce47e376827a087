"""Where the pages of a fleet's listing come from: a walk in this process, or one on the workers of Dask.

Either tells what is missing, as one token, and what failed, place by place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from skysail.caller.fleet.token import FleetState
from skysail.cli.explanations import explained
from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.outputs import Instances, length

if TYPE_CHECKING:
    from skysail.caller.fleet.fleet import Fleet, FleetPart
    from skysail.caller.fleet.places import FleetPlace

_KEEP_EVERY_S = 1.0
_PARTS_A_THREAD = 4
_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """What a place failed with."""

    login: str
    region: str
    trouble: Trouble

    @classmethod
    def of(cls, place: FleetPlace, error: Exception) -> Failure:
        return cls(str(place.login), place.region, explained(error, str(place), place.login.profile))


@dataclass(frozen=True, slots=True)
class Coming:
    """How far a walk has come, in places, and which of them takes longest."""

    places: int
    done: int
    failed: int = 0
    slowest: str | None = None
    slowest_s: float = 0.0


class Source(Protocol):
    """`delivered` is called when the last page stands where it belongs, and `keep` when nothing more will come."""

    def pages(self) -> Iterator[Instances]: ...
    def delivered(self) -> None: ...
    def keep(self) -> None: ...
    @property
    def token(self) -> str | None: ...
    @property
    def failures(self) -> list[Failure]: ...
    @property
    def coming(self) -> Coming: ...


class Here:
    """A walk in this process, with threads. Raises what the fleet raises; CommandError for an output that is not the
    one that belongs to the checkpoint.

    With a checkpoint and an output that is a file, its length is kept with the place, once a second: what a killed
    process wrote behind that is taken back. Of a pipe nothing can be taken back, so there each page is kept.
    """

    def __init__(self, fleet: Fleet, out: TextIO | None, now: Callable[[], float]) -> None:
        self._fleet = fleet
        self._now = now
        self._kept_at = now()
        self._file: int | None = None
        if out is not None:
            out.flush()
            self._file = None if length(out) is None else out.fileno()
            self._take_back()

    def pages(self) -> Iterator[Instances]:
        with closing(iter(self._fleet)) as pages:  # type: ignore[type-var]
            for page in pages:
                yield page.labelled()

    def delivered(self) -> None:
        if self._file is None:
            self._fleet.acknowledge()
        elif self._now() - self._kept_at >= _KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        if self._file is None:
            return
        os.fsync(self._file)
        self._fleet.acknowledge(os.fstat(self._file).st_size)
        self._kept_at = self._now()

    @property
    def token(self) -> str | None:
        return self._fleet.token

    @property
    def failures(self) -> list[Failure]:
        return [Failure.of(place, error) for place, error in self._fleet.failures.items()]

    @property
    def coming(self) -> Coming:
        at = self._fleet.progress
        return Coming(at.places, at.done, at.failed, None if at.slowest is None else str(at.slowest), at.slowest_s)

    def _take_back(self) -> None:
        """Cut off what was written behind the last acknowledgement."""
        known = self._fleet.note
        if self._file is None:
            if known is not None:
                raise wrong_usage("this walk has written to a file so far", "go on with it: >> FILE, or --output-file")
        elif known is None:
            self.keep()  # what stands there already is not this walk's
        else:
            found = os.fstat(self._file).st_size
            if not isinstance(known, int) or found < known:
                raise wrong_usage(
                    f"the output has {found} bytes, but this walk had written {known}",
                    "give the file that it wrote to, with >> or --output-file",
                )
            os.ftruncate(self._file, known)
            os.lseek(self._file, known, os.SEEK_SET)


class OnDask:
    """A walk in parts, on the workers of a Dask scheduler. What a part found comes when the whole part has been walked.

    Raises CommandError where the extra is missing, or there is no such scheduler.
    """

    def __init__(self, fleet: Fleet, address: str) -> None:
        try:
            self._distributed: Any = import_module("distributed")
        except ModuleNotFoundError as error:
            raise wrong_usage("--dask needs Dask", "pip install 'skysail[dask]'") from error
        self._fleet = fleet
        self._address = address
        self._state = None if fleet.token is None else FleetState.of_token(fleet.token)
        self._brought: Brought | None = None
        self._failures: list[Failure] = []

    def pages(self) -> Iterator[Instances]:
        with self._connected() as client:
            threads = sum(client.nthreads().values())
            parts = self._fleet.partitions(_PARTS_A_THREAD * max(1, threads))
            asked = {client.submit(walk_part, part, pure=False): part for part in parts}
            for future in self._distributed.as_completed(list(asked)):
                part = asked[future]
                try:
                    self._brought = future.result()
                except Exception as error:  # any: what a worker died of is told, and the other parts go on
                    self._failures += [_not_walked(place, error) for place in part.places]
                    continue
                yield self._brought.instances

    def delivered(self) -> None:
        brought = self._brought
        assert brought is not None
        assert self._state is not None
        self._state = replace(self._state, positions={**self._state.positions, **brought.state.positions})
        self._failures += brought.failures

    def keep(self) -> None:
        """There is nothing to keep: what has been delivered stands in the token."""

    @property
    def token(self) -> str | None:
        return None if self._state is None else self._state.token

    @property
    def failures(self) -> list[Failure]:
        return self._failures

    @property
    def coming(self) -> Coming:
        places = {} if self._state is None else self._state.positions
        done = sum(position == "done" for position in places.values())
        return Coming(len(places), done, len(self._failures))

    def _connected(self) -> Any:
        try:
            return self._distributed.Client(self._address, timeout=_CONNECT_TIMEOUT_S)
        except (OSError, ValueError) as error:
            what = f"no Dask scheduler at {self._address}"
            raise CommandError(Trouble(what, "dask scheduler starts one", Status.NO_CONNECTION)) from error


@dataclass(frozen=True, slots=True)
class Brought:
    """What a part of a walk found, how far it came, and what failed in it."""

    instances: list[dict[str, Any]]
    state: FleetState
    failures: list[Failure]


def walk_part(part: FleetPart) -> Brought:
    """Walk a part of a fleet, in a process that Dask chose."""
    with part.walk() as fleet:
        instances = [instance for page in fleet for instance in page.labelled()]
        if fleet.token is None:
            state = replace(part.state, positions=dict.fromkeys(part.places, "done"))
        else:
            state = FleetState.of_token(fleet.token)
        return Brought(instances, state, [Failure.of(place, error) for place, error in fleet.failures.items()])


def _not_walked(place: FleetPlace, error: Exception) -> Failure:
    trouble = Trouble(f"its worker failed: {type(error).__name__}: {error}", "try again", place=str(place))
    return Failure(str(place.login), place.region, trouble)
