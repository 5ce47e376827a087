"""`skysail clock`: a local server's time, read and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options, server_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from skysail.caller.handle import ServerClock

HELP = """
  skysail clock                            what time it is there
  skysail clock advance 5m                 so much later; 90s, 1.5h, 1d12h too
  skysail clock settle                     to when nothing more is to come
  skysail clock set 2027-01-01T00:00Z      a time ahead; without a zone, UTC
  skysail clock run manual                 stand still until it is moved
  skysail clock run x60                    a minute a second, from its own time
  skysail clock real                       the machine's time again

Everything that is due by then has happened when the next request is answered.
The store keeps the clock: it outlives a restart, and servers that share a store
share it, within half a second. Signatures are judged by the machine's time.

which server
  --endpoint URL    else SKYSAIL_ENDPOINT, AWS_ENDPOINT_URL_LIGHTSAIL, else
                    http://127.0.0.1:4570; local:fleet.db without a server
  --profile NAME    whose key is an admin's, where the server lists keys
  -o text|json      text: the time alone; how fast it runs is on stderr
  -q  -v  --color auto|always|never  --debug
"""

_VERBS = {"advance": "5m", "set": "2027-01-01T00:00Z", "run": "x60"}
"""What needs a value, and such a value."""
_ALONE = ("settle", "real")


@click.command("clock", cls=Command, help=HELP)
@click.argument("verb", metavar="VERB", required=False)
@click.argument("value", metavar="VALUE", required=False)
@server_options
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    verb: str | None,
    value: str | None,
    profile: str | None,
    endpoint: str | None,
    output: str,
) -> int:
    # Late: help needs none of it.
    from skysail.cli.rendering import json_line
    from skysail.service.clock import written

    _check(verb, value)
    handle = invocation.administer(profile_name=profile, endpoint_url=endpoint)
    if verb is not None:
        _change(handle.clock, verb, value or "")
    now, rate = handle.clock.reading()
    screen = Screen(invocation)
    if output == "json":
        screen.write(json_line({"now": now, "time": written(now), "rate": rate}))
    else:
        screen.write(f"{written(now)}\n")
        screen.tell(f"{handle.endpoint_url}: the clock {spoken(rate)}")
    return Status.DONE


def _check(verb: str | None, value: str | None) -> None:
    if verb is not None and verb not in (*_ALONE, *_VERBS):
        raise wrong_usage(f"clock {verb} is none of {', '.join((*_VERBS, *_ALONE))}", "skysail clock --help")
    if verb in _VERBS and value is None:
        raise wrong_usage(f"clock {verb} needs a value", f"skysail clock {verb} {_VERBS[verb]}")
    if verb in _ALONE and value is not None:
        raise wrong_usage(f"clock {verb} takes no value", f"skysail clock set {value}")


def _change(clock: ServerClock, verb: str, value: str) -> None:
    """Raises UsageError for a value that is none, before the server is asked."""
    # Late, as above.
    from skysail.cli.serve import rate_named
    from skysail.service.clock import moment, seconds

    if verb == "advance":
        clock.advance(seconds(value))
    elif verb == "set":
        clock.set(moment(value))
    elif verb == "run":
        clock.run(rate_named(value, "clock run"))
    elif verb == "settle":
        clock.settle()
    else:
        clock.as_machine()


def spoken(rate: float) -> str:
    """How a clock runs, in words."""
    if rate == 0:
        return "stands still until it is moved"
    return "runs as fast as the machine's" if rate == 1 else f"runs {rate:,g} times as fast as the machine's"
