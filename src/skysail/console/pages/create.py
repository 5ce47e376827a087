"""A new instance: where, what, how large, what it is called. The form can stand in the address, but for the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skysail.console.answers import Answer, Page
from skysail.console.asked import Fields
from skysail.console.visit import USUAL_REGION, Visit

Entry = Mapping[str, Any]

USUAL_BLUEPRINT = "ubuntu_24_04"


def create(visit: Visit, *, kept: Mapping[str, Any] | None = None) -> Answer:
    """`kept` is what stands on the page besides, for a form that was sent: why it was refused, or the same as code."""
    asked = visit.asked.form if kept else visit.asked.query
    region = asked.one("region") or visit.asked.query.one("region")
    region = region if region in visit.regions else USUAL_REGION
    blueprints = [one for one in visit.catalogue("get_blueprints", "blueprints", region) if one.get("isActive", True)]
    blueprint = _chosen(asked, "blueprint", [one["blueprintId"] for one in blueprints], USUAL_BLUEPRINT)
    platform = next((one["platform"] for one in blueprints if one["blueprintId"] == blueprint), "LINUX_UNIX")
    bundles = [one for one in visit.catalogue("get_bundles", "bundles", region) if one.get("isActive", True)]
    usual = next((one["bundleId"] for one in bundles if platform in one.get("supportedPlatforms", ())), "")
    bundle = _chosen(asked, "bundle", [one["bundleId"] for one in bundles], usual)
    values = {
        "asked": asked,
        "region": region,
        "regions": visit.catalogue("get_regions", "regions", USUAL_REGION),
        "zones": zones(visit, region),
        "blueprints": _grouped(blueprints),
        "blueprint": blueprint,
        "platform": platform,
        "bundles": _ranked(bundles),
        "bundle": next((one for one in bundles if one["bundleId"] == bundle), None),
        "key_pairs": [one["name"] for one in visit.every(region, "get_key_pairs", "keyPairs")],
    }
    return Page("create.html", "new instance", {**values, **(kept or {})}, 400 if "error" in (kept or {}) else 200)


def zones(visit: Visit, region: str) -> list[str]:
    """Those of a region, by name; at least one that may be there."""
    asked = visit.look(region).get_regions(includeAvailabilityZones=True)["regions"]
    found = next((one.get("availabilityZones", ()) for one in asked if one["name"] == region), ())
    return [one["zoneName"] for one in found] or [f"{region}a"]


def _chosen(asked: Fields, name: str, known: Sequence[str], usual: str) -> str:
    wanted = asked.one(name)
    if wanted in known:
        return wanted
    return usual if usual in known else known[0]


def _grouped(blueprints: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Operating systems, applications and Windows, as people look for them."""
    groups: dict[str, list[Entry]] = {"Systems": [], "Applications": [], "Windows": []}
    for one in blueprints:
        windows = one.get("platform") == "WINDOWS"
        groups["Windows" if windows else "Systems" if one.get("type") == "os" else "Applications"].append(one)
    return [(title, found) for title, found in groups.items() if found]


_FAMILIES = {"c": ", compute optimized", "m": ", memory optimized", "g": ", with a GPU"}
"""By what a bundle's id begins with."""


def _ranked(bundles: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """By what they run and what they are for, each group by price; the usual ones first."""
    groups: dict[str, list[Entry]] = {}
    for one in sorted(bundles, key=lambda one: float(one["price"])):
        system = "Windows" if "WINDOWS" in one.get("supportedPlatforms", ()) else "Linux"
        family = _FAMILIES.get(one["bundleId"].partition("_")[0], "")
        title = f"{system}{family}" if one.get("publicIpv4AddressCount", 1) else f"{system}, IPv6 only"
        groups.setdefault(title, []).append(one)
    return sorted(groups.items(), key=lambda group: (group[0].partition(",")[0], group[0].count(","), group[0]))
