"""What a fleet of a million costs beside one of a thousand: both loaded by the command's own way, asked in turns.

    python -m benchmarks.million [--instances 1000000] [--size full|plain] [--rounds 400] [--postgres URL]

The fleets are files of JSON lines, made beforehand and not measured. Each request is signed, answered by the service in
this process and encoded; creates are durable. Each round asks both stores each question once, so that what the machine
does meanwhile meets both alike; a figure is the median of its rounds. With --postgres, a database that is empty and may
be filled, the same is asked of stores in PostgreSQL (in two schemas of it).
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from benchmarks.fleet import documents, name_of
from skysail.cli.invocation import Invocation
from skysail.cli.loading import Loading
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key, sign
from skysail.server import LocalLightsail

SMALL = 1_000
PAGE = 100
ACCOUNT = "123456789012"
ORDER = {"availabilityZone": "us-east-1a", "blueprintId": "amazon_linux_2023", "bundleId": "nano_3_0"}


class Fleet:
    """A service on a store with so many instances, and what is asked of it."""

    def __init__(self, place: str | Path, count: int) -> None:
        began = time.perf_counter()
        self._lightsail = LocalLightsail(place, page_size=PAGE)
        self._asked("GetInstance", instanceName=name_of(0))
        self.start_s = time.perf_counter() - began
        self._count = count
        self._made = 0
        self._tokens = self._walked()

    def questions(self) -> dict[str, Callable[[], Response]]:
        """Each asks one thing; a listing's are of its first pages, its middle and its end."""
        tokens = self._tokens
        return {
            "first page": lambda: self._asked("GetInstances"),
            "page in the middle": lambda: self._asked("GetInstances", pageToken=tokens["middle"]),
            "last page": lambda: self._asked("GetInstances", pageToken=tokens["last"]),
            "page of names": lambda: self._asked("GetActiveNames", pageToken=tokens["names"]),
            "one instance": lambda: self._asked("GetInstance", instanceName=name_of(self._count // 2)),
            "create": self._create,
            "health": lambda: self._answered(Request("GET", "http://localhost/_skysail/health", {}, b"")),
        }

    def close(self) -> None:
        self._lightsail.close()

    def _walked(self) -> dict[str, str]:
        """The tokens of a listing's middle and last page, and of the second page of names."""
        names = json.loads(self._asked("GetActiveNames").body)["nextPageToken"]
        found, token, pages = {"names": names}, None, self._count // PAGE
        for page in range(1, pages):
            answer = self._asked("GetInstances", **({"pageToken": token} if token else {}))
            token = answer.body.rpartition(b'"nextPageToken":"')[2].partition(b'"')[0].decode()
            if page == pages // 2:
                found["middle"] = token
        return found | {"last": token or ""}

    def _create(self) -> Response:
        self._made += 1
        return self._asked("CreateInstances", instanceNames=[f"made-{self._made}"], **ORDER)

    def _asked(self, operation: str, **arguments: Any) -> Response:
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"Lightsail_20161128.{operation}"}
        request = Request("POST", "http://localhost/", headers, json.dumps(arguments).encode())
        return self._answered(sign(request, Key(ACCOUNT, "local"), "us-east-1", "lightsail", time.time()))

    def _answered(self, request: Request) -> Response:
        response = self._lightsail.service.answer(request)
        if response.status != 200:
            raise SystemExit(f"status {response.status}: {response.body[:500]!r}")
        return response


def loaded(place: str | Path, lines: Path, count: int) -> float:
    """Load a fleet, and give the seconds."""
    began = time.perf_counter()
    loading = Loading(Invocation(), (lines,))
    assert loading.into_store(place).done.taken == count
    return time.perf_counter() - began


@contextmanager
def fleets(places: Mapping[int, str | Path], lines: Mapping[int, Path]) -> Iterator[dict[int, Fleet]]:
    """The loaded stores, by their sizes; says how long that took."""
    with ExitStack() as stack:
        found = {}
        for count, place in places.items():
            seconds = loaded(place, lines[count], count)
            print(f"  {count:>9,} instances loaded: {seconds:.1f} s, {count / seconds:,.0f} a second")
            found[count] = Fleet(place, count)
            stack.callback(found[count].close)
        yield found


def measured(fleets: Mapping[int, Fleet], rounds: int) -> dict[str, dict[int, float]]:
    """Milliseconds of each question, by the size of the fleet."""
    asked = {count: fleet.questions() for count, fleet in fleets.items()}
    took: dict[str, dict[int, list[float]]] = {}
    for number in range(rounds):
        for what in next(iter(asked.values())):
            for count in sorted(asked, reverse=bool(number % 2)):
                began = time.perf_counter()
                asked[count][what]()
                took.setdefault(what, {}).setdefault(count, []).append((time.perf_counter() - began) * 1000)
    return {what: {count: median(times) for count, times in by_size.items()} for what, by_size in took.items()}


def show(found: Mapping[str, Mapping[int, float]], fleets: Mapping[int, Fleet]) -> None:
    small, large = sorted(fleets)
    print(f"  {'ms':20}{f'of {small:,}':>14}{f'of {large:,}':>14}{'ratio':>8}")
    starts = {count: fleet.start_s * 1000 for count, fleet in fleets.items()}
    for what, took in {"open and first read": starts, **found}.items():
        print(f"  {what:20}{took[small]:14.3f}{took[large]:14.3f}{took[large] / took[small]:8.2f}")
    print(f"  last page / first page of {large:,}: {found['last page'][large] / found['first page'][large]:.2f}")


def in_schema(url: str, schema: str) -> str:
    """The URL of a store in a schema of its own, which is made."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-c search_path={schema}')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=1_000_000)
    parser.add_argument("--size", choices=["full", "plain"], default="full")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--postgres", metavar="URL")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = {}
        for count in (SMALL, asked.instances):
            lines[count] = folder / f"{count}.jsonl"
            with lines[count].open("wb") as file:
                file.writelines(document + b"\n" for document in documents(count, asked.size))
        kinds: dict[str, Mapping[int, str | Path]] = {"SQLite": {count: folder / f"{count}.db" for count in lines}}
        if asked.postgres:
            kinds["PostgreSQL"] = {count: in_schema(asked.postgres, f"fleet_{count}") for count in lines}
        for kind, places in kinds.items():
            mean = lines[asked.instances].stat().st_size / asked.instances
            print(f"{kind}: {asked.instances:,} instances of {mean:,.0f} bytes, {asked.rounds} rounds, medians")
            with fleets(places, lines) as made:
                show(measured(made, asked.rounds), made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"memory of this process at most: {peak:.0f} MB")


if __name__ == "__main__":
    main()
