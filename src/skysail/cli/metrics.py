"""`skysail metrics`: what an instance did in the last hours, a line a metric, or every point for a program."""

from __future__ import annotations

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

HELP = """
  skysail metrics web-1
  skysail metrics web-1 --last 7d --metric CPUUtilization --metric NetworkOut
  skysail metrics web-1 -o csv > web-1.csv

  NAME
  --metric NAME           more than once; left out: CPU, burst, network, checks
  --last LENGTH           90m, 24h, 7d; left out: 24h
  -o text|json|csv        json, csv: every point, with its time and its peak
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q                      nothing but the result and errors
  --color auto|always|never  --debug
"""

_USUAL = ("CPUUtilization", "BurstCapacityPercentage", "NetworkIn", "NetworkOut", "StatusCheckFailed")


@click.command("metrics", cls=Command, help=HELP)
@click.argument("name", metavar="NAME")
@click.option("--metric", "names", multiple=True, metavar="NAME")
@click.option("--last", default="24h", metavar="LENGTH")
@click.option("-o", "--output", type=click.Choice(["text", "json", "csv"]), default="text")
@act_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    name: str,
    names: tuple[str, ...],
    last: str,
    output: str,
    quiet: bool,
) -> int:
    # Late: help needs no service model.
    from skysail.cli.acting import Acting
    from skysail.cli.measurements import metric, points, told
    from skysail.cli.rendering import csv_line, json_text
    from skysail.service.clock import seconds

    invocation.is_json = output == "json"
    span_s = seconds(last)
    asked = [metric(one) for one in dict.fromkeys(names or _USUAL)]
    acting = Acting(invocation, connection, quiet=quiet)
    with acting.told():
        acting.instance(name)
    end = acting.now()
    found = {one.name: points(acting, name, one, span_s) for one in asked}
    if output == "text":
        width = max(len(one.name) for one in asked)
        lines = [f"{one.name:{width}}  {told(one, found[one.name], end, span_s)}\n" for one in asked]
        acting.screen.write("".join(lines))
        acting.screen.tell(f"{name}, last {last}   {acting.place.in_summary}")
        return Status.DONE
    rows = [
        {"metric": one.name, "unit": one.unit, "time": at.isoformat(), one.useful.lower(): value, "maximum": peak}
        for one in asked
        for at, value, peak in found[one.name]
    ]
    if output == "json":
        acting.screen.write(f"{json_text(rows)}\n")
    else:
        header = ("metric", "unit", "time", "statistic", "value", "maximum")
        lines = [
            csv_line((one.name, one.unit, at.isoformat(), one.useful, str(value), str(peak)))
            for one in asked
            for at, value, peak in found[one.name]
        ]
        acting.screen.write(csv_line(header) + "".join(lines))
    return Status.DONE
