"""What an act on an instance brings with it that people do not expect, said before the act. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skysail.telling.prices import monthly_usd, told

Instance = Mapping[str, Any]


def of_stop(instance: Instance) -> list[str]:
    name, address = instance["name"], instance.get("publicIpAddress")
    billed = f"it stays billed ({told(monthly_usd(instance))})"
    if instance.get("isStaticIp") or not address:
        return [
            f"{name}: {f'its address {address} is static and stays' if address else 'it has no address'}; {billed}."
        ]
    return [
        f"{name}: its address {address} is dynamic and will change; {billed}.",
        "A static IP would not keep this address, but would keep the next one:",
        f"skysail call AllocateStaticIp staticIpName={name}-ip",
    ]


def of_reboot(instance: Instance) -> list[str]:
    return [f"{instance['name']}: all that runs on it is cut off; its addresses stay."]


def of_delete(instance: Instance, manual: Sequence[str], automatic: int, static_ip: str | None) -> list[str]:
    """`manual` are the names of its snapshots that stay; `automatic` is how many go with it."""
    return [f"{instance['name']}: {', '.join(parts_of_delete(instance, manual, automatic, static_ip))}. {FOR_GOOD}"]


FOR_GOOD = "This can't be undone."


def parts_of_delete(instance: Instance, manual: Sequence[str], automatic: int, static_ip: str | None) -> list[str]:
    """The same, one by one."""
    disks = [disk["name"] for disk in instance.get("hardware", {}).get("disks", ()) if not disk.get("isSystemDisk")]
    parts = []
    if manual:
        stays = "stays" if len(manual) == 1 else "stay"
        parts.append(f"{len(manual)} manual snapshot{'' if len(manual) == 1 else 's'} {stays} (billed)")
    if automatic:
        what = "one" if manual else "snapshot"
        parts.append(f"{automatic} automatic {what}{' goes' if automatic == 1 else 's go'}")
    if disks:
        plural = len(disks) > 1
        verbs = "are detached and stay" if plural else "is detached and stays"
        parts.append(f"disk{'s' if plural else ''} {spoken(disks)} {verbs} (billed)")
    if static_ip:
        parts.append(f"static IP {static_ip} stays, billed while nothing uses it")
    elif instance.get("publicIpAddress"):
        parts.append(f"its address {instance['publicIpAddress']} is lost")
    return [*parts, "its own disk goes"]


def has_auto_snapshots(instance: Instance) -> bool:
    """Whether the service makes one of it each day."""
    return any(
        one.get("name") == "AutoSnapshot" and one.get("status") == "Enabled" for one in instance.get("addOns", ())
    )


def indented(lines: Sequence[str]) -> str:
    """The first line as it is, the others under its text."""
    margin = " " * (lines[0].find(": ") + 2)
    return "\n".join([lines[0], *(f"{margin}{line}" for line in lines[1:])])


def spoken(words: Sequence[str]) -> str:
    """a, b and c"""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
