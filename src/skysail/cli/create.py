"""`skysail instances create`: one or several, with the price said before and the address after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

if TYPE_CHECKING:
    from skysail.cli.acting import Acting

HELP = """
  skysail instances create web-3 --blueprint ubuntu_24_04 --bundle small_3_0
  skysail instances create db web --blueprint debian_12 --bundle nano_3_0

  NAME ...
  --blueprint ID  --bundle ID   skysail call GetBlueprints, GetBundles list them
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
    operations = acting.do("create_instances", **order)["operations"]
    if not (can_ask() if wait is None else wait):
        acting.screen.write("".join(f"{one['resourceName']}  {one['id']}\n" for one in operations))
        return Status.DONE
    _tell_running(acting, names, began)
    return Status.DONE


def _tell_running(acting: Acting, names: tuple[str, ...], began: float) -> None:
    for instance in acting.wait(names, "running", began):
        address = instance.get("publicIpAddress") or next(iter(instance.get("ipv6Addresses", ())), "")
        login = f"ssh {instance.get('username', '')}@{address}"
        acting.screen.write(f"{instance['name']}  running  {acting.now() - began:.0f} s  {address}  {login}\n")


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
