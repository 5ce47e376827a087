"""Several instances that were ticked: what becomes of each when it is deleted, and acting on all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from skysail.console.answers import Answer, Page
from skysail.console.visit import Visit
from skysail.errors import UsageError
from skysail.telling.consequences import has_auto_snapshots, parts_of_delete

MOST = 100
"""Of one page: its form is checked by the number of them, and a person is to have read it."""


class Chosen(NamedTuple):
    region: str
    instance: Mapping[str, Any]
    becomes: Sequence[str]
    """What comes with deleting it."""


def several(visit: Visit, *, refused: Mapping[str, Any] | None = None) -> Answer:
    """`refused` is what stands on the page besides when the form on it was refused."""
    on = (visit.asked.form if refused else visit.asked.query).all("on")
    if not 0 < len(on) <= MOST:
        raise UsageError(f"Tick 1 to {MOST} instances, not {len(on)}.")
    places = [one.partition("/")[::2] for one in on]
    snapshots = {region: _snapshots(visit, region) for region in {region for region, _ in places}}
    addresses = {region: _static_ips(visit, region) for region in snapshots}
    chosen = []
    for region, name in places:
        found = visit.look(region).get_instance(instanceName=name)["instance"]
        automatic = 1 if has_auto_snapshots(found) else 0
        manual = [one["name"] for one in snapshots[region] if one.get("fromInstanceName") == name]
        becomes = parts_of_delete(found, manual, 0, addresses[region].get(name))
        chosen.append(Chosen(region, found, [*becomes, *["its automatic snapshots go"] * automatic]))
    values = {"chosen": chosen, "on": on}
    return Page("several.html", f"{len(on)} instances", {**values, **(refused or {})}, 400 if refused else 200)


def _snapshots(visit: Visit, region: str) -> Sequence[Mapping[str, Any]]:
    return visit.every(region, "get_instance_snapshots", "instanceSnapshots")


def _static_ips(visit: Visit, region: str) -> Mapping[str, str]:
    """Which instance has which."""
    held = visit.every(region, "get_static_ips", "staticIps")
    return {one["attachedTo"]: one["name"] for one in held if one.get("attachedTo")}
