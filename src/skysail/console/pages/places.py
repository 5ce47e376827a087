"""All regions: where there are instances, and where there can be."""

from __future__ import annotations

from skysail.console.answers import Answer, Page
from skysail.console.visit import USUAL_REGION, Visit


def places(visit: Visit) -> Answer:
    """Those with instances first, and then in the order of their names."""
    known = visit.inhabited
    counts = {} if known is None else known.instances
    regions = visit.catalogue("get_regions", "regions", USUAL_REGION)
    values = {
        "places": sorted(regions, key=lambda one: (not counts.get(one["name"]), one["name"])),
        "counts": counts,
        "counted_to": None if known is None else known.counted_to,
    }
    return Page("places.html", "regions", values)
