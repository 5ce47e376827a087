"""What can be ordered and where: bundles, blueprints, also of databases, regions. All on one page (inferred)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetBlueprintsRequestTypeDef,
        GetBundlesRequestTypeDef,
        GetRegionsRequestTypeDef,
        GetRelationalDatabaseBlueprintsRequestTypeDef,
        GetRelationalDatabaseBundlesRequestTypeDef,
    )

family = Family("catalogue")


@family.reads("GetBundles")
def get_bundles(context: Context, request: GetBundlesRequestTypeDef) -> Answer:
    """The plans, those for new instances only unless `includeInactive`; transfer as the region has it."""
    bundles = context.catalogue.bundles(context.region)
    return context.whole("bundles", request, _wanted(bundles, request))


@family.reads("GetBlueprints")
def get_blueprints(context: Context, request: GetBlueprintsRequestTypeDef) -> Answer:
    """The images, those for new instances only unless `includeInactive`."""
    return context.whole("blueprints", request, _wanted(context.catalogue.blueprints(), request))


@family.reads("GetRegions")
def get_regions(context: Context, request: GetRegionsRequestTypeDef) -> Answer:
    """The regions; their zones where asked for."""
    zones = request.get("includeAvailabilityZones", False)
    database_zones = request.get("includeRelationalDatabaseAvailabilityZones", False)
    return {"regions": context.catalogue.regions(zones, database_zones)}


@family.reads("GetRelationalDatabaseBundles")
def get_relational_database_bundles(context: Context, request: GetRelationalDatabaseBundlesRequestTypeDef) -> Answer:
    """The plans of databases, those for new ones only unless `includeInactive`."""
    wanted = [
        bundle
        for bundle in context.catalogue.database_bundles(context.region)
        if bundle["isActive"] or request.get("includeInactive")
    ]
    return context.whole("bundles", request, wanted)


@family.reads("GetRelationalDatabaseBlueprints")
def get_relational_database_blueprints(
    context: Context, request: GetRelationalDatabaseBlueprintsRequestTypeDef
) -> Answer:
    """The engines of databases, by major version."""
    return context.whole("blueprints", request, context.catalogue.database_blueprints(context.region))


def _wanted(entries: list[dict[str, Any]], request: Any) -> list[dict[str, Any]]:
    """Active entries, and those of one app category where it is asked for."""
    category = request.get("appCategory")
    return [
        entry
        for entry in entries
        if (entry["isActive"] or request.get("includeInactive"))
        and _categories(entry) == ([category] if category else [])
    ]


def _categories(entry: dict[str, Any]) -> list[str]:
    """A bundle may serve several app categories, a blueprint is of one; most are of none."""
    several: list[str] = entry.get("supportedAppCategories", [])
    return several or ([entry["appCategory"]] if "appCategory" in entry else [])
