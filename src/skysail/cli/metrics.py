"""`skysail metrics`: what an instance did in the last hours, a line a metric, or every point for a program."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

HELP = """
  skysail metrics web-1
  skysail metrics web-1 --last 7d --metric CPUUtilization --metric NetworkOut
  skysail metrics web-1 -o csv > web-1.csv
  skysail metrics web-1 --last 7d --png web-1.png

  NAME
  --metric NAME           more than once; left out: CPU, burst, network, checks
  --last LENGTH           90m, 24h, 7d; left out: 24h
  -o text|json|csv        json, csv: every point, with its time and its peak
  --png FILE              a chart a metric, besides (needs skysail[png])
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""

_USUAL = ("CPUUtilization", "BurstCapacityPercentage", "NetworkIn", "NetworkOut", "StatusCheckFailed")


@click.command("metrics", cls=Command, help=HELP)
@click.argument("name", metavar="NAME")
@click.option("--metric", "names", multiple=True, metavar="NAME")
@click.option("--last", default="24h", metavar="LENGTH")
@click.option("-o", "--output", type=click.Choice(["text", "json", "csv"]), default="text")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@act_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    name: str,
    names: tuple[str, ...],
    last: str,
    output: str,
    png: Path | None,
) -> int:
    # Late: help needs no service model.
    from skysail.caller.endpoint import is_local
    from skysail.cli.acting import Acting
    from skysail.cli.measurements import charted, metric, points, told
    from skysail.cli.rendering import csv_line, json_text
    from skysail.service.clock import seconds

    span_s = seconds(last)
    asked = [metric(one) for one in dict.fromkeys(names or _USUAL)]
    draw = None if png is None else _drawing()  # what is missing is told before anything is asked
    acting = Acting(invocation, connection)
    with acting.told():
        acting.instance(name)
    end = acting.time
    found = {one: points(acting, name, one, span_s) for one in asked}
    if png is not None and draw is not None:
        width, height = draw(png, f"{name}, last {last}, UTC", charted(found, span_s), end - span_s, end)
        acting.screen.tell(f"{png}: {len(asked)} charts, {width} by {height} pixels")
    if output == "text":
        width, blocks = max(len(one.name) for one in asked), acting.screen.has_blocks
        lines = [f"{one.name:{width}}  {told(one, found[one], end, span_s, has_blocks=blocks)}\n" for one in asked]
        acting.screen.write("".join(lines))
        acting.screen.tell(f"{name}, last {last}   {acting.place.in_summary}")
        if is_local(acting.client.meta.config.endpoint_url):
            acting.screen.tell("a local Lightsail has no machine behind it: these are made up")
        return Status.DONE
    rows = [
        {"metric": one.name, "unit": one.unit, "time": at.isoformat(), one.useful.lower(): value, "maximum": peak}
        for one in asked
        for at, value, peak in found[one]
    ]
    if output == "json":
        acting.screen.write(f"{json_text(rows)}\n")
    else:
        header = ("metric", "unit", "time", "statistic", "value", "maximum")
        lines = [
            csv_line((one.name, one.unit, at.isoformat(), one.useful, str(value), str(peak)))
            for one in asked
            for at, value, peak in found[one]
        ]
        acting.screen.write(csv_line(header) + "".join(lines))
    return Status.DONE


def _drawing() -> Callable[..., tuple[int, int]]:
    """What writes the picture. Raises CommandError where Pillow is missing."""
    try:
        write: Callable[..., tuple[int, int]] = import_module("skysail.cli.charts").write_png
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "PIL":
            raise
        raise wrong_usage("--png needs Pillow", "pip install 'skysail[png]'") from error
    return write
