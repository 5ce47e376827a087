"""`skysail serve`: a Lightsail of one's own on a port, until it is told to stop."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.loading import seeding
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.cli.store_files import store_file
from skysail.cli.summary import instances
from skysail.version import VERSION

if TYPE_CHECKING:
    import socket

    from skysail.service.quotas import Quotas
    from skysail.service.timing import Pace

_MOST_COUNTED = 10_000
"""How many instances are counted before the first request is waited for."""

HELP = """
  skysail serve                        in memory, on http://127.0.0.1:4570
  skysail serve --data fleet.db        in a file: durable before each answer
  skysail serve --data postgresql://me@db/fleet      one of any number
  skysail serve --port 0 --ready-file url.txt      for scripts: a free port

AWS's tools find it by AWS_ENDPOINT_URL_LIGHTSAIL. It prints `Ready.` when the
first request would be answered, and stops at Ctrl-C or SIGTERM.

  --port N           4570; 0 takes a free one and prints it
  --host ADDRESS     127.0.0.1; any but a loopback address needs --auth
  --allow-host NAME  another name that clients on this machine call it by
  --data FILE|URL    the store; made where there is none. Without: in memory
  --page-size N      items a page of a listing; else as AWS: 20 instances
  --pace NAME        of changes of state: instant, brisk (1 to 2 s), real
  --clock NAME       real, manual (skysail clock advance 5m), or x60: so fast
  --quotas NAME      none, or real: 20 instances and 5 static IPs a region
  --seed FILE        what there is at first, in a store without instances: a
                     seed (skysail seed), or what a listing printed
  --auth FILE        TOML with the keys let in, signatures checked: [[keys]]
                     access_key_id, secret_access_key, account
  --workers N        processes that share the work; with --data. Else one
  --log NAME         a line a request on standard error: none, text or json
  --ready-file PATH  gets the address when it is ready
  -q  -v  --color auto|always|never  --debug
"""


def rate(context: click.Context, option: click.Parameter, given: str | None) -> float | None:
    return None if given is None else rate_named(given, "--clock")


def rate_named(given: str, what: str) -> float:
    """How much faster than the machine's a clock of that name runs; `what` was given it. Raises CommandError."""
    found = re.fullmatch(r"x(\d+(\.\d+)?)", given)
    rates = {"real": 1.0, "manual": 0.0}
    if given not in rates and not found:
        raise wrong_usage(f"{what} {given} is none of real, manual, x60 (60 times as fast)")
    return float(found[1]) if found else rates[given]


@click.command("serve", cls=Command, help=HELP)
@click.option("--port", type=click.IntRange(0, 65_535), default=4570)
@click.option("--host", default="127.0.0.1")
@click.option("--data", metavar="FILE|URL")
@click.option("--page-size", type=click.IntRange(min=1))
@click.option("--pace", type=click.Choice(["instant", "brisk", "real"]), default="brisk")
@click.option("--quotas", type=click.Choice(["none", "real"]), default="none")
@click.option("--clock", callback=rate)
@click.option("--allow-host", multiple=True, metavar="NAME")
@click.option("--seed", type=click.Path(path_type=Path))
@click.option("--auth", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1, 64), default=1)
@click.option("--log", type=click.Choice(["none", "text", "json"]), default="none")
@click.option("--ready-file", type=click.Path(path_type=Path))
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    port: int,
    host: str,
    data: str | None,
    page_size: int | None,
    pace: Pace,
    quotas: Quotas,
    clock: float | None,
    allow_host: tuple[str, ...],
    seed: Path | None,
    auth: Path | None,
    workers: int,
    log: Literal["none", "text", "json"],
    ready_file: Path | None,
) -> None:
    # Late: all of the service and its server, for this command alone.
    from skysail.server import LocalLightsail, is_database
    from skysail.service.accounts import Accounts, read_accounts
    from skysail.service.app import LARGEST_BODY
    from skysail.service.hosts import Hosts
    from skysail.serving.limits import Limits, within_open_files
    from skysail.serving.log import RequestLog, logs
    from skysail.serving.server import nobody, run

    check_workers(workers, data)
    address = loopback(host)
    if address is None and auth is None:
        raise wrong_usage(
            f"--host {host} without --auth would let everyone in",
            "make keys: skysail token new > keys.toml; skysail serve --auth keys.toml",
        )
    sowing = None if seed is None else seeding(invocation, seed)
    accounts = Accounts() if auth is None else read_accounts(auth)
    only_account = None
    if sowing is not None and (sown_for := sowing.accounts(accounts)) is not accounts:
        accounts, only_account = sown_for, sown_for.usual
    place = data if data is None or is_database(data) else store_file(data, "--data")
    limits = within_open_files(Limits(body=LARGEST_BODY))

    def made(clock: float | None) -> LocalLightsail:
        return LocalLightsail(
            place,
            world=invocation.world,
            accounts=accounts,
            pace=pace,
            page_size=page_size,
            quotas=quotas,
            clock=clock,
            hosts=Hosts(allow_host) if auth is None else None,  # a signature holds for one name, and needs a key
        )

    with told_in(ready_file) as tell, ExitStack() as opened, ExitStack() as shut_before_forks:
        if sowing is not None and isinstance(place, Path):
            sowing.into_new_file(place)
        local = shut_before_forks.enter_context(made(clock))
        if sowing is not None:
            sowing.into_service(local)
        clock_rate = local.clock.rate
        with local.store.begin(write=False) as transaction:
            places = transaction.places("Instance", _MOST_COUNTED + 1)
        counted = sum(places.values())
        owners = {place.account for place in places}
        held = Held(
            local.store.description if is_database(data) else data,
            min(counted, _MOST_COUNTED),
            len(owners),
            counted > _MOST_COUNTED,
            min(owners) if len(owners) == 1 and counted <= _MOST_COUNTED else None,
        )
        screen = Screen(invocation)
        watch = nobody
        if log != "none":
            opened.enter_context(logs(log))
            watch = RequestLog(log, sys.stderr.fileno(), invocation.world.now).watch

        def ready(url: str) -> None:
            tell(url)
            if sowing is not None:
                screen.write(f"{sowing.told()}\n")
            screen.write(
                start_text(
                    url,
                    held,
                    pace,
                    clock_rate,
                    is_open=auth is None,
                    account=only_account,
                    missing=len(local.service.operations.missing()),
                )
            )

        if workers == 1:
            run(local.with_console(), host=address or host, port=port, limits=limits, on_ready=ready, watch=watch)
            return

        from skysail.serving.tally import Board, Place
        from skysail.serving.worker import work
        from skysail.serving.workers import run as run_workers

        board = Board(workers)

        def take_part(number: int, pipe: socket.socket) -> None:
            with made(clock=None) as own:  # the store's: it may have been changed since
                work(own.with_console(), pipe, limits, Place(board, number), watch)

        shut_before_forks.close()  # connections and threads: each worker has its own
        run_workers(take_part, workers, host=address or host, port=port, on_ready=ready)
        if isinstance(place, Path):  # two that let go of it at once each leave the log to the other
            made(clock=None).close()


class Held(NamedTuple):
    """What is in the store; `data` is None for memory."""

    data: str | None
    instances: int
    accounts: int
    are_more: bool = False
    """There are more instances, and more accounts perhaps; those are not counted."""
    only_account: str | None = None
    """Whose all of them are, where that is known."""


def start_text(
    url: str, held: Held, pace: str, rate: float = 1, *, is_open: bool, account: str | None = None, missing: int = 0
) -> str:
    """What is said when the first request would be answered; its last line is for machines too.

    `missing` is how many operations of the API are not here.
    """
    store = f"store {held.data}" if held.data else "in memory"
    if held.data:
        accounts = f", {held.accounts} account{'' if held.accounts == 1 else 's'}" if held.accounts else ""
        store += (
            f" (more than {instances(held.instances)})"
            if held.are_more
            else f" ({instances(held.instances)}{accounts})"
        )
    auth = "none, loopback only" if is_open else "keys, signatures checked"
    clock = "" if rate == 1 else "   clock manual" if rate == 0 else f"   clock x{rate:g}"
    lines = [
        f"skysail {VERSION}   {store}   pace {pace}{clock}   auth {auth}",
        f"  API     {url}   export AWS_ENDPOINT_URL_LIGHTSAIL={url}",
        f"  console {url}/console/",
        "  health  /_skysail/health   live, ready, store, clock as JSON",
    ]
    if is_open:
        number = held.only_account or "111122223333"
        picks = f"the access key picks the account: {number} is account {number}"
        lines.append(f"  keys    any; {picks if account is None else f'all are of account {account}'}")
    if missing:
        lines.append(f"  lacks   {missing} of the API's operations: skysail operations --missing")
    return "\n".join([*lines, "Ready.", ""])


def check_workers(workers: int, data: str | None) -> None:
    """Raises CommandError where so many cannot share the work."""
    from skysail.serving.workers import can_fork  # late, as above

    if workers > 1 and not can_fork():
        raise wrong_usage(f"--workers {workers}: this system cannot fork a process", "skysail serve, without it")
    if workers > 1 and data is None:
        raise wrong_usage(
            f"--workers {workers} without --data: what is in memory is in one process",
            f"skysail serve --workers {workers} --data fleet.db",
        )


def loopback(host: str) -> str | None:
    """The address to listen on if only this machine reaches it, else None."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return host if ip_address(host).is_loopback else None
    except ValueError:
        return None


@contextmanager
def told_in(ready_file: Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes the address to the file, whole at once. The file is there only while it is true: a
    former run's is removed before, this run's behind. Raises CommandError where it cannot be written.
    """

    def tell(url: str) -> None:
        if ready_file is not None:
            unfinished = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
            unfinished.write_text(f"{url}\n")
            unfinished.replace(ready_file)

    try:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        yield tell
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
    except OSError as error:
        raise wrong_usage(f"cannot write --ready-file {ready_file}: {error.strerror}") from error
