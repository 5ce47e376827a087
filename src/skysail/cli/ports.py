"""`skysail ports`: an instance's firewall, and what a change of it would open and close, before it does."""

from __future__ import annotations

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

HELP = """
  skysail ports show web-1
  skysail ports set web-1 22/tcp@198.51.100.0/24 80/tcp 443/tcp
  skysail ports open web-1 8000-8010/tcp

  show   what is open, and to whom
  set    these and no others: what is not in the list is closed
  open   these too; a port that is open gets these sources in place of its own
  close  these

  NAME PORT ...   22 or 22/tcp, 8000-8010/udp, icmp, icmpv6, all; behind an @
                  the sources, with commas between; without it, anywhere

how
  --dry-run       only the difference
  --yes           without the question, which a program needs
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""

_VERBS = ("show", "set", "open", "close")


@click.command("ports", cls=Command, help=HELP)
@click.argument("verb", type=click.Choice(_VERBS), metavar="VERB")
@click.argument("name", metavar="NAME")
@click.argument("ports", metavar="PORT", nargs=-1)
@click.option("--dry-run", is_flag=True)
@click.option("--yes", "-y", is_flag=True)
@act_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    verb: str,
    name: str,
    ports: tuple[str, ...],
    dry_run: bool,
    yes: bool,
) -> int:
    # Late: help needs no service model.
    from skysail.cli.acting import Acting
    from skysail.telling.firewall import Rules, differences, port_infos, rules_of, told, written

    asked = written(ports, wrong_usage)
    if bool(asked) == (verb == "show"):
        remedy = "skysail ports --help" if verb == "show" else f"skysail ports {verb} {name} 22/tcp"
        raise wrong_usage("show takes no ports" if verb == "show" else f"which ports is it to {verb}?", remedy)
    acting = Acting(invocation, connection)
    with acting.told():
        acting.instance(name)
    before = rules_of(acting.do("get_instance_port_states", instanceName=name)["portStates"])
    if verb == "show":
        width = max((len(str(port)) for port in before), default=0)
        acting.screen.write("".join(f"{port!s:{width}}  {told(sources)}\n" for port, sources in before.items()))
        acting.screen.tell(f"{name}: {len(before)} open, all others closed   {acting.place.in_summary}")
        return Status.DONE
    after: Rules = asked if verb == "set" else before | asked
    if verb == "close":
        unknown = [str(port) for port in asked if port not in before]
        if unknown:
            raise wrong_usage(f"{name} has no rule {', '.join(unknown)}", f"skysail ports show {name}")
        after = {port: sources for port, sources in before.items() if port not in asked}
    lines = list(differences(before, after))
    if not lines:
        acting.screen.tell(f"{name}: nothing to change   {acting.place.in_summary}")
        return Status.DONE
    if dry_run:
        acting.screen.write("".join(f"{_marked(line, acting.screen.has_colour)}\n" for line in lines))
        return Status.DONE
    acting.screen.tell("\n".join(_marked(line, acting.screen.error_has_colour) for line in lines))
    acting.confirm("Apply?", yes=yes, act=f"ports {verb}")
    if verb == "set":
        acting.do("put_instance_public_ports", instanceName=name, portInfos=port_infos(after))
    else:  # each by itself: what others change meanwhile stays as they have it
        for info in port_infos(asked):
            acting.do(f"{verb}_instance_public_ports", instanceName=name, portInfo=info)
    acting.screen.tell(f"{name}: {len(after)} open, all others closed   {acting.place.in_summary}")
    return Status.DONE


def _marked(line: str, has_colour: bool) -> str:
    """The minus of what will be closed in red."""
    return f"\x1b[31m-\x1b[0m{line[1:]}" if has_colour and line.startswith("-") else line
