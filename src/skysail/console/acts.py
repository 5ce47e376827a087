"""What the forms on an instance's pages do: a function an act, of the instance's client and the form.

Each gives the answers of the calls that it made: the page behind shows them as code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from skysail.console.asked import Fields
from skysail.errors import UsageError
from skysail.telling.firewall import port_infos, rule, rules_of, written

Instance = Mapping[str, Any]
Answers = list[Mapping[str, Any]]


class Doing(NamedTuple):
    """An act on one instance: whom to ask, which instance, and what was filled in. `look` asks without a trace."""

    act: Any
    look: Any
    name: str
    form: Fields


class Act(NamedTuple):
    """`tab` is where its form stands, and where it leads."""

    tab: str
    do: Callable[[Doing], Answers]


def start(doing: Doing) -> Answers:
    return [doing.act.start_instance(instanceName=doing.name)]


def stop(doing: Doing) -> Answers:
    return [doing.act.stop_instance(instanceName=doing.name)]


def reboot(doing: Doing) -> Answers:
    return [doing.act.reboot_instance(instanceName=doing.name)]


def delete(doing: Doing) -> Answers:
    """Only with its name typed. Raises UsageError."""
    if doing.form.one("confirm") != doing.name:
        raise UsageError(f"Type {doing.name} to delete it; nothing was done.")
    return delete_for_good(doing)


def delete_for_good(doing: Doing) -> Answers:
    """What was confirmed before, with its automatic snapshots."""
    found: Instance = doing.look.get_instance(instanceName=doing.name)["instance"]
    with_add_ons = {"forceDeleteAddOns": True} if found.get("addOns") else {}
    return [doing.act.delete_instance(instanceName=doing.name, **with_add_ons)]


def ports(doing: Doing) -> Answers:
    """The firewall as it was shown; if it has changed since, nothing is done. Raises UsageError."""
    now = rules_of(doing.look.get_instance_port_states(instanceName=doing.name)["portStates"])
    if sorted(doing.form.all("before")) != sorted(rule(port, sources) for port, sources in now.items()):
        raise UsageError("The firewall has changed since you opened this page; look again. Nothing was done.")
    infos = port_infos(written(doing.form.all("rule")))
    return [doing.act.put_instance_public_ports(instanceName=doing.name, portInfos=infos)]


def attach_ip(doing: Doing) -> Answers:
    """A static IP that is there, or a new one."""
    name = doing.form.one("static_ip")
    made = []
    if not name:
        name = doing.form.one("new_static_ip") or f"{doing.name}-ip"
        made = [doing.act.allocate_static_ip(staticIpName=name)]
    return [*made, doing.act.attach_static_ip(staticIpName=name, instanceName=doing.name)]


def detach_ip(doing: Doing) -> Answers:
    return [doing.act.detach_static_ip(staticIpName=doing.form.one("static_ip"))]


def release_ip(doing: Doing) -> Answers:
    return [*detach_ip(doing), doing.act.release_static_ip(staticIpName=doing.form.one("static_ip"))]


def snapshot(doing: Doing) -> Answers:
    name = doing.form.one("snapshot")
    return [doing.act.create_instance_snapshot(instanceName=doing.name, instanceSnapshotName=name)]


def delete_snapshot(doing: Doing) -> Answers:
    return [doing.act.delete_instance_snapshot(instanceSnapshotName=doing.form.one("snapshot"))]


def automatic(doing: Doing) -> Answers:
    """Switch automatic snapshots on, at an hour, or off."""
    if doing.form.one("off"):
        return [doing.act.disable_add_on(addOnType="AutoSnapshot", resourceName=doing.name)]
    at = {"snapshotTimeOfDay": doing.form.one("at") or "06:00"}
    request = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": at}
    return [doing.act.enable_add_on(resourceName=doing.name, addOnRequest=request)]


def tag(doing: Doing) -> Answers:
    key, value = doing.form.one("key"), doing.form.one("value")
    return [doing.act.tag_resource(resourceName=doing.name, tags=[{"key": key, **({"value": value} if value else {})}])]


def untag(doing: Doing) -> Answers:
    return [doing.act.untag_resource(resourceName=doing.name, tagKeys=doing.form.all("key"))]


def attach_disk(doing: Doing) -> Answers:
    disk, path = doing.form.one("disk"), doing.form.one("path")
    return [doing.act.attach_disk(diskName=disk, instanceName=doing.name, diskPath=path)]


def detach_disk(doing: Doing) -> Answers:
    return [doing.act.detach_disk(diskName=doing.form.one("disk"))]


ACTS: dict[str, Act] = {
    "start": Act("connect", start),
    "stop": Act("connect", stop),
    "reboot": Act("connect", reboot),
    "delete": Act("delete", delete),
    "ports": Act("networking", ports),
    "attach-ip": Act("networking", attach_ip),
    "detach-ip": Act("networking", detach_ip),
    "release-ip": Act("networking", release_ip),
    "snapshot": Act("snapshots", snapshot),
    "delete-snapshot": Act("snapshots", delete_snapshot),
    "automatic": Act("snapshots", automatic),
    "tag": Act("tags", tag),
    "untag": Act("tags", untag),
    "attach-disk": Act("storage", attach_disk),
    "detach-disk": Act("storage", detach_disk),
}

MANY: dict[str, Callable[[Doing], Answers]] = {
    "start": start,
    "stop": stop,
    "reboot": reboot,
    "tag": tag,
    "delete": delete_for_good,
}
"""What can be done to several at once."""


def order(form: Fields, first_zone: str) -> dict[str, Any]:
    """A CreateInstances from a form: names with blanks or commas between, tags a line or a comma each."""
    names = form.one("name").replace(",", " ").split()
    made: dict[str, Any] = {
        "instanceNames": names,
        "availabilityZone": form.one("zone") or first_zone,
        "blueprintId": form.one("blueprint"),
        "bundleId": form.one("bundle"),
        "keyPairName": form.one("key_pair"),
        "userData": form.one("user_data"),
        "ipAddressType": form.one("ip_address_type"),
        "tags": tags(form.one("tags")),
    }
    return {member: value for member, value in made.items() if value}


def tags(text: str) -> list[dict[str, str]]:
    """role=web, env=prod: a list of tags."""
    found = []
    for part in filter(None, (one.strip() for one in text.replace("\n", ",").split(","))):
        key, sign, value = part.partition("=")
        found.append({"key": key, "value": value} if sign else {"key": key})
    return found


def free_name(stem: str, at: datetime) -> str:
    """For a snapshot that nobody has named: web-2027-01-01-1200."""
    return f"{stem}-{at:%Y-%m-%d-%H%M}"
