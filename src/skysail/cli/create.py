"""`skysail instances create`: one or several, with the price said before and the address after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options
from skysail.telling.nearest import did_you_mean

if TYPE_CHECKING:
    from skysail.cli.acting import Acting

HELP = """
  skysail instances create web-3 --blueprint ubuntu_24_04 --bundle small_3_0
  skysail instances create db web --blueprint debian_12 --bundle nano_3_0

  NAME ...
  --blueprint ID  --bundle ID   skysail blueprints, skysail bundles list them
  --zone NAME                   us-east-1a; left out: the region's first
  --key-pair NAME               left out: the account's default key
  --user-data FILE              a script that runs at the first start
  --ip-address-type dualstack|ipv4|ipv6
  --tag KEY=VALUE               more than once

how
  --dry-run                     the request as JSON; nothing is made
  --wait  --no-wait             until it runs; usual on a terminal
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""


@click.command("create", cls=Command, help=HELP)
@click.argument("names", metavar="NAME", nargs=-1, required=True)
@click.option("--blueprint", required=True)
@click.option("--bundle", required=True)
@click.option("--zone")
@click.option("--key-pair")
@click.option("--user-data", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--ip-address-type", type=click.Choice(["dualstack", "ipv4", "ipv6"]))
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE")
@click.option("--dry-run", is_flag=True)
@click.option("--wait/--no-wait", default=None)
@act_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    names: tuple[str, ...],
    blueprint: str,
    bundle: str,
    zone: str | None,
    key_pair: str | None,
    user_data: Path | None,
    ip_address_type: str | None,
    tags: tuple[str, ...],
    dry_run: bool,
    wait: bool | None,
) -> int:
    # Late: help needs no service model and no catalogue.
    from skysail.cli.acting import Acting, can_ask
    from skysail.cli.rendering import json_text
    from skysail.telling.prices import catalogue, told

    acting = Acting(invocation, connection)
    region = acting.client.meta.region_name
    order: dict[str, Any] = {
        "instanceNames": list(names),
        "availabilityZone": zone or _first_zone(region),
        "blueprintId": blueprint,
        "bundleId": bundle,
        "keyPairName": key_pair,
        "userData": None if user_data is None else user_data.read_text(),
        "ipAddressType": ip_address_type,
        "tags": [_tag(text) for text in tags],
    }
    order = {name: value for name, value in order.items() if value}
    if dry_run:
        acting.screen.write(f"{json_text(order)}\n")
        return Status.DONE
    listed = catalogue().bundle(region, bundle)
    price = told(None if listed is None else float(listed["price"]))
    each = " each" if len(names) > 1 else ""
    acting.screen.tell(f"{', '.join(names)}  {bundle}, {blueprint}, {order['availabilityZone']}, {price}{each}")
    began = acting.now()
    try:
        operations = acting.do("create_instances", **order)["operations"]
    except CommandError as error:
        raise CommandError(_better(error.trouble, order, acting)) from error
    if not (can_ask() if wait is None else wait):
        acting.screen.write("".join(f"{one['resourceName']}  {one['id']}\n" for one in operations))
        return Status.DONE
    _tell_running(acting, names, began)
    return Status.DONE


def _better(trouble: Trouble, order: Mapping[str, Any], acting: Acting) -> Trouble:
    """The same refusal, with what was probably meant, or what has the name."""
    from skysail.telling.prices import catalogue

    region = acting.client.meta.region_name
    bundles = [one["bundleId"] for one in catalogue().bundles(region)] if catalogue().is_region(region) else []
    blueprints = [one["blueprintId"] for one in catalogue().blueprints()]
    for wanted, known, listing in (
        (order["bundleId"], bundles, "skysail bundles"),
        (order["blueprintId"], blueprints, "skysail blueprints"),
    ):
        if known and wanted not in known:
            meant = did_you_mean(wanted, known, 1)
            return replace(trouble, remedy=f"{f'{meant} ' if meant else ''}all of them: {listing}")
    zones = catalogue().zones(region) if bundles else []
    if zones and order["availabilityZone"] not in zones:
        return replace(trouble, remedy=f"zones of {region}: {', '.join(zones)}")
    if "already in use" in trouble.what:
        taken = [f"{name} by {kind}" for name in order["instanceNames"] if (kind := _holder(acting, name))]
        if taken:
            return replace(
                trouble, what=f"taken: {', '.join(taken)}", remedy="names are unique across kinds in a region"
            )
    return trouble


_KINDS = {
    "an instance": ("get_instance", "instanceName"),
    "a static IP": ("get_static_ip", "staticIpName"),
    "a disk": ("get_disk", "diskName"),
    "an instance snapshot": ("get_instance_snapshot", "instanceSnapshotName"),
    "a disk snapshot": ("get_disk_snapshot", "diskSnapshotName"),
    "a load balancer": ("get_load_balancer", "loadBalancerName"),
    "a database": ("get_relational_database", "relationalDatabaseName"),
}


def _holder(acting: Acting, name: str) -> str | None:
    """What kind of thing has that name; None where it is not found out."""
    for kind, (method, argument) in _KINDS.items():
        try:
            acting.do(method, **{argument: name})
        except CommandError:
            continue
        return kind
    return None


def _tell_running(acting: Acting, names: tuple[str, ...], began: float) -> None:
    from skysail.cli.rendering import state_text
    from skysail.telling.logins import login

    for instance in acting.wait(names, "running", began):
        addresses = [*filter(None, [instance.get("publicIpAddress")]), *instance.get("ipv6Addresses", ())]
        at = login(instance.get("username", ""), addresses[0]) if addresses else ""
        way_in = f"ssh {at}" if at else ""
        state = state_text("running", has_glyphs=acting.screen.has_glyphs)
        acting.screen.write(
            f"{instance['name']}  {state}  {acting.now() - began:.0f} s  {'  '.join(addresses)}  {way_in}\n"
        )


def _first_zone(region: str) -> str:
    """Raises CommandError for a region that the catalogue does not know."""
    from skysail.telling.prices import catalogue

    zones = catalogue().zones(region) if catalogue().is_region(region) else []
    if not zones:
        raise wrong_usage(f"the zones of {region} are not in the catalogue", f"--zone {region}a")
    return zones[0]


def _tag(text: str) -> dict[str, str]:
    key, sign, value = text.partition("=")
    if not key:
        raise wrong_usage(f"--tag {text} has no key", "--tag KEY=VALUE")
    return {"key": key, "value": value} if sign else {"key": key}
