"""`skysail instances show`: one instance, all of it, on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

if TYPE_CHECKING:
    from skysail.cli.acting import Acting, Instance

HELP = """
  skysail instances show web-1
  skysail instances show web-1 -o json

  how to reach it, its plan and price, addresses, firewall, disks, the last day
  of its CPU, snapshots and tags

  NAME
  -o text|json              json: what GetInstance says
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""

_DAY_S = 86_400
_LATELY_S = 1800
_GAP = "   "
_MARGIN = 14


@click.command("show", cls=Command, help=HELP)
@click.argument("name", metavar="NAME")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@act_options
@click.pass_obj
def command(invocation: Invocation, connection: Connection, name: str, output: str) -> int:
    # Late: help needs no service model.
    from skysail.cli.acting import Acting
    from skysail.cli.rendering import json_text

    acting = Acting(invocation, connection)
    with acting.told():
        instance = acting.instance(name)
    if output == "json":
        acting.screen.write(f"{json_text(instance)}\n")
    else:
        acting.screen.write(_text(instance, acting))
        acting.screen.tell(acting.place.in_summary)
    return Status.DONE


def _text(instance: Instance, acting: Acting) -> str:
    from skysail.cli.rendering import state_text
    from skysail.telling.ages import age

    ports = acting.do("get_instance_port_states", instanceName=instance["name"])["portStates"]
    rows: list[tuple[str, list[str]]] = [
        ("connect", _connect(instance)),
        ("plan", _plan(instance)),
        ("network", _network(instance, acting)),
        ("firewall", _firewall(ports)),
        ("disks", _disks(instance)),
        ("CPU, 24 h", _cpu(instance, acting)),
        ("snapshots", _snapshots(instance, acting)),
        ("tags", [" ".join(map(_tag, instance.get("tags", ()))) or "none"]),
        ("arn", [instance["arn"]]),
    ]
    state = state_text(instance["state"]["name"], has_glyphs=acting.screen.has_glyphs)
    created = instance["createdAt"].astimezone(UTC)
    old = age(acting.time - created.timestamp())
    head = f"{instance['name']}   {state}   made {created:%Y-%m-%d %H:%M} UTC ({old} ago)\n"
    return head + "".join(row(what, parts, acting.screen.width) for what, parts in rows)


def row(what: str, parts: Sequence[str], width: int | None) -> str:
    """A label and what stands behind it, on as few lines of that width as there must be; no part is cut."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}{_GAP}{part}" if lines[-1] else part
        if lines[-1] and width is not None and _MARGIN + len(longer) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    first, *others = lines
    margin = " " * _MARGIN
    return f"  {what:10}  {first}\n" + "".join(f"{margin}{line}\n" for line in others)


def _connect(instance: Instance) -> list[str]:
    address = instance.get("publicIpAddress") or next(iter(instance.get("ipv6Addresses", ())), None)
    key = instance.get("sshKeyName", "none")
    if address is None or instance["state"]["name"] != "running":
        return [f"not while it is {instance['state']['name']}", f"key {key}"]
    program = "rdp" if "windows" in instance.get("blueprintId", "") else "ssh"
    return [f"{program} {instance.get('username', '')}@{address}", f"key {key}"]


def _plan(instance: Instance) -> list[str]:
    from skysail.telling.prices import monthly_usd, told

    hardware = instance.get("hardware", {})
    transfer = instance.get("networking", {}).get("monthlyTransfer", {}).get("gbPerMonthAllocated")
    parts = [
        instance["bundleId"],
        f"{hardware.get('cpuCount', '?')} vCPU",
        f"{hardware.get('ramSizeInGb', 0):g} GB",
        "" if transfer is None else f"{transfer / 1024:g} TB/month" if transfer >= 1024 else f"{transfer} GB/month",
        f"{told(monthly_usd(instance))} (list price)",
        instance["blueprintId"],
    ]
    return [part for part in parts if part]


def _network(instance: Instance, acting: Acting) -> list[str]:
    public = instance.get("publicIpAddress")
    parts = [f"{public} dynamic" if public else "no public IPv4"]
    if instance.get("isStaticIp"):
        holders = acting.every("get_static_ips", "staticIps")
        parts = [f"{public} static ({one['name']})" for one in holders if one.get("attachedTo") == instance["name"]]
    if instance.get("privateIpAddress"):
        parts.append(f"{instance['privateIpAddress']} private")
    return [*parts, *instance.get("ipv6Addresses", ())]


def _firewall(states: Sequence[Mapping[str, Any]]) -> list[str]:
    from skysail.telling.firewall import rules_of, told

    return [f"{port} from {told(sources)}" for port, sources in rules_of(states).items()] or ["all closed"]


def _disks(instance: Instance) -> list[str]:
    def told(disk: Mapping[str, Any]) -> str:
        what = "system" if disk.get("isSystemDisk") else f"{disk.get('name', '')} at {disk.get('path', '?')}"
        return f"{disk.get('sizeInGb', '?')} GB {what}"

    return [told(disk) for disk in instance.get("hardware", {}).get("disks", ())] or ["none"]


def _cpu(instance: Instance, acting: Acting) -> list[str]:
    """The last day, and what is left of the capacity to burst, where the plan has any."""
    from skysail.cli.measurements import GAP, metric, points, told

    cpu, burst = metric("CPUUtilization"), metric("BurstCapacityPercentage")
    found = points(acting, instance["name"], cpu, _DAY_S)
    parts = told(cpu, found, acting.time, _DAY_S, has_blocks=acting.screen.has_blocks).split(GAP)
    left = points(acting, instance["name"], burst, _LATELY_S) if found else []
    return [*parts, *(f"burst left {one.value:.0f} %" for one in left[-1:])]


def _snapshots(instance: Instance, acting: Acting) -> list[str]:
    from skysail.telling.consequences import has_auto_snapshots

    name = instance["name"]
    manual = [
        one["name"]
        for one in acting.every("get_instance_snapshots", "instanceSnapshots")
        if one.get("fromInstanceName") == name
    ]
    counted = f"{len(manual)} manual{_listed(manual)}"
    if not has_auto_snapshots(instance):
        return [counted, "automatic ones are off"]
    automatic = acting.do("get_auto_snapshots", resourceName=name)["autoSnapshots"]
    at = next(one.get("snapshotTimeOfDay", "?") for one in instance["addOns"] if one["name"] == "AutoSnapshot")
    return [counted, f"{len(automatic)} automatic ({at} UTC)"]


def _listed(names: Sequence[str]) -> str:
    return f" ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})" if names else ""


def _tag(tag: Mapping[str, str]) -> str:
    return f"{tag['key']}={tag['value']}" if tag.get("value") else tag["key"]
