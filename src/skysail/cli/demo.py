"""`skysail demo`: the main job in twenty seconds, on a service in memory; on a terminal it then stays up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.rendering import fit, header_line, row_line
from skysail.cli.screen import Screen
from skysail.cli.summary import instances
from skysail.telling.columns import cell, choose

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.caller.typed import InstancesPage, PaginationConfig
    from skysail.server import LocalLightsail

HELP = """
  skysail demo                          until Ctrl-C
  skysail instances --endpoint demo     in a second terminal, as anywhere
  skysail demo | cat                    shows the same, and ends by itself

A Lightsail in memory with a few hundred instances in four regions: walks them,
cuts a page and resumes it. It needs no account, no network and no keys, and
touches nothing of yours.

  --port N     4571, where the endpoint `demo` looks; 0 takes a free one
  -q  -v  --color auto|always|never  --debug
"""

DEFAULT_PORT = 4571
_SHOWN = 5


@click.command("demo", cls=Command, help=HELP)
@click.option("--port", type=click.IntRange(0, 65_535), default=DEFAULT_PORT)
@look_options
@click.pass_obj
def command(invocation: Invocation, port: int) -> None:
    # Late: all of the service, for this command alone.
    from skysail.seeds.demo import REGIONS, demo_lightsail

    screen = Screen(invocation)
    with demo_lightsail(invocation.world) as local:
        clients = {region: local.client(region) for region in REGIONS}
        screen.write(walked(clients, invocation))
        screen.write(first_rows(clients[REGIONS[0]], screen, invocation.world.now()))
        screen.write(cut_and_resumed(clients[REGIONS[0]]))
        if screen.is_terminal:
            stay(local, port, screen)
        else:
            screen.write(
                f"\nOn a terminal `skysail demo` stays up. Then, in a second one:\n{NEXT.format(endpoint='demo')}"
            )


def walked(clients: dict[str, Client], invocation: Invocation) -> str:
    """Every page of every region, with the client's paginator."""
    began = invocation.world.now()
    lines = []
    total = page_count = 0
    for region, client in clients.items():
        pages = [len(page["instances"]) for page in client.get_paginator("get_instances").paginate()]
        lines.append(f"  {region:<16}{sum(pages):>4} in {len(pages)} page{'' if len(pages) == 1 else 's'}\n")
        total += sum(pages)
        page_count += len(pages)
    seconds = invocation.world.now() - began
    title = f"A Lightsail in memory: {instances(total)} in {len(clients)} regions. Nothing of yours is touched.\n\n"
    return f"{title}{''.join(lines)}  {'walked':<16}{total:>4} in {page_count} pages, {seconds * 1000:.0f} ms\n\n"


def first_rows(client: Client, screen: Screen, now: float) -> str:
    """The head of what `skysail instances` shows."""
    columns = choose(None)
    found = client.get_instances()["instances"][:_SHOWN]
    rows = [[cell(column, instance, now) for column in columns] for instance in found]
    table = fit(
        [column.header for column in columns],
        rows,
        has_colour=screen.has_colour,
        has_glyphs=screen.has_glyphs,
        measure=screen.measure,
    )
    return "".join(["$ skysail instances\n", header_line(table), *(row_line(table, row) for row in rows), "…\n\n"])


def cut_and_resumed(client: Client) -> str:
    """A page that MaxItems cuts says how to go on, and a listing that is given that token goes on right there."""
    first = _page(client, {"MaxItems": _SHOWN})
    second = _page(client, {"MaxItems": _SHOWN, "StartingToken": first["NextToken"]})
    return (
        '>>> paginator = client.get_paginator("get_instances")\n'
        f'>>> page = next(iter(paginator.paginate(PaginationConfig={{"MaxItems": {_SHOWN}}})))\n'
        f"{_names(first)}\n"
        '>>> page["NextToken"]                 # absent exactly when nothing is left\n'
        f"{first['NextToken']}\n"
        f'>>> config = {{"MaxItems": {_SHOWN}, "StartingToken": page["NextToken"]}}\n'
        ">>> page = next(iter(paginator.paginate(PaginationConfig=config)))\n"
        f"{_names(second)}\n"
    )


def _page(client: Client, config: PaginationConfig) -> InstancesPage:
    return next(iter(client.get_paginator("get_instances").paginate(PaginationConfig=config)))


def _names(page: InstancesPage) -> str:
    return " ".join(instance["name"] for instance in page["instances"])


NEXT = """
  skysail instances --endpoint {endpoint}
  skysail instances --endpoint {endpoint} --region eu-central-1 --max-items 8
  skysail instances --endpoint {endpoint} --region us-west-2 --columns +ram,+tags,-age
  skysail instances --endpoint {endpoint} --query "instances[].publicIpAddress"
  skysail call StopInstance instanceName=api-1 --endpoint {endpoint}

  >>> import skysail
  >>> client = skysail.client("lightsail", "us-east-1", endpoint_url="{endpoint}")
  >>> for page in client.get_paginator("get_instances").paginate():
  ...     print(len(page["instances"]), page.get("NextToken"))
"""


def stay(local: LocalLightsail, port: int, screen: Screen) -> None:
    """Serve until Ctrl-C. Raises ListenError."""
    from skysail.service.app import LARGEST_BODY
    from skysail.serving.limits import Limits
    from skysail.serving.server import run

    def ready(url: str) -> None:
        endpoint = "demo" if port == DEFAULT_PORT else url
        up = f"\nUp on {url} until Ctrl-C. In a browser: {url}/console/\nIn a second terminal:\n"
        screen.write(f"{up}{NEXT.format(endpoint=endpoint)}Ready.\n")

    run(local.with_console(), host="127.0.0.1", port=port, limits=Limits(body=LARGEST_BODY), on_ready=ready)
    screen.write("stopped; nothing is left behind\n")
