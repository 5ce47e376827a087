"""One instance, a tab each: how to reach it, what it measures, its network, storage, snapshots, tags and history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from skysail.console import plain
from skysail.console.acts import free_name
from skysail.console.answers import Answer, Page
from skysail.console.code import codes
from skysail.console.pages.fleet import called
from skysail.console.visit import Visit
from skysail.errors import UsageError
from skysail.telling.consequences import has_auto_snapshots, of_reboot, of_stop, parts_of_delete
from skysail.telling.logins import login

Values = Mapping[str, Any]


def instance(visit: Visit, region: str, name: str, tab: str = "connect", *, refused: Values | None = None) -> Answer:
    """`refused` is what stands on the page besides when a form on it was refused."""
    if tab not in TABS:
        raise UsageError(f"an instance has {', '.join(TABS)}, not {tab}")
    found = visit.look(region).get_instance(instanceName=name)["instance"]
    if visit.asked.query.one("format") == "json":
        return plain.json(found)
    values: dict[str, Any] = {
        "instance": found,
        "region": region,
        "name": name,
        "tab": tab,
        "tabs": TABS,
        "bundle": visit.bundles(region).get(found.get("bundleId", "")),
        "codes": codes(called(visit, "GetInstance", {"instanceName": name}, region)),
        "forbidden": _forbidden(found["state"]["name"]),
        "of_stop": [f"{line.rstrip(':.')}." for line in of_stop(found)[:2]],  # a third names a command
        "of_reboot": of_reboot(found),
        "is_busy": found["state"]["name"] not in ("running", "stopped"),
        **TABS[tab](visit, region, found),
    }
    return Page(f"instance_{tab}.html", f"{name} · {tab}", {**values, **(refused or {})}, 400 if refused else 200)


def _connect(visit: Visit, region: str, found: Values) -> Values:
    address = found.get("publicIpAddress") or next(iter(found.get("ipv6Addresses", ())), None)
    return {
        "login": login(found.get("username", ""), address or ""),
        "is_windows": "windows" in found.get("blueprintId", ""),
    }


def _metrics(visit: Visit, region: str, found: Values) -> Values:
    from skysail.console.pages.metrics import charts

    return charts(visit, region, found["name"])


def _networking(visit: Visit, region: str, found: Values) -> Values:
    from skysail.console.pages.networking import networking

    return networking(visit, region, found)


def _storage(visit: Visit, region: str, found: Values) -> Values:
    disks = found.get("hardware", {}).get("disks", ())
    every = visit.every(region, "get_disks", "disks")
    return {
        "free_disks": [one for one in every if one.get("state") == "available"],
        "system": [disk for disk in disks if disk.get("isSystemDisk")],
        "disks": [disk for disk in disks if not disk.get("isSystemDisk")],
        "codes": codes(called(visit, "GetDisks", {}, region)),
    }


def _snapshots(visit: Visit, region: str, found: Values) -> Values:
    name = found["name"]
    taken = visit.every(region, "get_instance_snapshots", "instanceSnapshots")
    is_on = has_auto_snapshots(found)
    automatic = visit.look(region).get_auto_snapshots(resourceName=name)["autoSnapshots"] if is_on else []
    return {
        "snapshots": [one for one in taken if one.get("fromInstanceName") == name],
        "automatic": automatic,
        "is_automatic": is_on,
        "proposed": free_name(name, datetime.fromtimestamp(visit.now, UTC)),
        "codes": codes(called(visit, "GetInstanceSnapshots", {}, region)),
    }


def _forbidden(state: str) -> Mapping[str, str]:
    """Which acts the state forbids, and why."""
    return {
        "start": "" if state == "stopped" else f"it is {state}",
        "stop": "" if state == "running" else f"it is {state}",
        "reboot": "" if state == "running" else f"it is {state}",
    }


def _tags(visit: Visit, region: str, found: Values) -> Values:
    return {}


def _history(visit: Visit, region: str, found: Values) -> Values:
    asked = {"resourceName": found["name"]}
    token = visit.asked.query.one("after")
    page = visit.look(region).get_operations_for_resource(**asked, **({"pageToken": token} if token else {}))
    return {
        "operations": page["operations"],
        "next": page.get("nextPageToken"),
        "codes": codes(called(visit, "GetOperationsForResource", asked, region)),
    }


def _delete(visit: Visit, region: str, found: Values) -> Values:
    values = _snapshots(visit, region, found)
    holders = visit.every(region, "get_static_ips", "staticIps") if found.get("isStaticIp") else []
    arguments = {"instanceName": found["name"], "forceDeleteAddOns": bool(found.get("addOns"))}
    return {
        "parts": parts_of_delete(
            found,
            [one["name"] for one in values["snapshots"]],
            len(values["automatic"]),
            next((one["name"] for one in holders if one.get("attachedTo") == found["name"]), None),
        ),
        "codes": codes(called(visit, "DeleteInstance", arguments, region)),
    }


TABS: dict[str, Callable[[Visit, str, Values], Values]] = {
    "connect": _connect,
    "metrics": _metrics,
    "networking": _networking,
    "storage": _storage,
    "snapshots": _snapshots,
    "tags": _tags,
    "history": _history,
    "delete": _delete,
}
