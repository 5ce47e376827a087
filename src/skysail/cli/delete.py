"""`skysail instances delete`: gone for good, after saying what goes with it, what stays, and what stays billed."""

from __future__ import annotations

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection
from skysail.cli.power import chosen, overview, power_options

HELP = """
  skysail instances delete web-1
  skysail instances delete --where state=stopped --where tag:role=batch --yes

  manual snapshots, disks and static IPs stay, and stay billed; automatic
  snapshots and the instance's own disk go

which
  NAME ...                  or
  --where CONDITION         as in skysail instances; all must hold

how
  --yes                     without the question, which a program needs
  --wait  --no-wait         there is nothing to wait for: it is gone at once
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""


@click.command("delete", cls=Command, help=HELP)
@click.option("--yes", "-y", is_flag=True)
@power_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    names: tuple[str, ...],
    conditions: tuple[str, ...],
    wait: bool | None,
    yes: bool,
) -> int:
    # Late: help needs no service model and no catalogue.
    from skysail.cli.acting import Acting, in_turn
    from skysail.telling.consequences import has_auto_snapshots, indented, of_delete

    acting = Acting(invocation, connection)
    found = chosen(acting, names, conditions)
    if not found:
        acting.screen.tell(f"nothing: no instance fits in {acting.place.in_summary}")
        return Status.DONE
    snapshots = acting.every("get_instance_snapshots", "instanceSnapshots")
    static_ips = acting.every("get_static_ips", "staticIps")
    for instance in found if len(found) <= 3 else ():
        name = instance["name"]
        manual = [one["name"] for one in snapshots if one.get("fromInstanceName") == name]
        # Where they are not switched on the service refuses to list them.
        asked = acting.do("get_auto_snapshots", resourceName=name) if has_auto_snapshots(instance) else {}
        automatic = asked.get("autoSnapshots", ())
        static = next((one["name"] for one in static_ips if one.get("attachedTo") == name), None)
        acting.screen.tell(indented(of_delete(instance, manual, len(automatic), static)))
    all_names = [instance["name"] for instance in found]
    if len(found) == 1:
        acting.confirm_typed(f"Type {all_names[0]} to delete it", all_names[0], yes=yes, act="delete")
    else:
        acting.screen.tell(overview(found))
        question = f"Type {len(found)} to delete these {len(found)}; it can't be undone"
        acting.confirm_typed(question, str(len(found)), yes=yes, act="delete")
    in_turn(all_names, lambda name: acting.do("delete_instance", instanceName=name, forceDeleteAddOns=True))
    acting.screen.tell(f"deleted: {', '.join(all_names)}   {acting.place.in_summary}")
    return Status.DONE
