"""The bundles of distributions: what there is to order, and another one for a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import monthly_bundle, waf
from skysail.service.nouns.distributions import DISTRIBUTION, check_region, idle
from skysail.service.refusals import invalid
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import UpdateDistributionBundleRequestTypeDef

_MONTH_OVER = "distribution.month_over"

family = Family("distribution_bundles")


@family.reads("GetDistributionBundles")
def get_distribution_bundles(context: Context, request: object) -> Answer:
    """What can be ordered. Raises InvalidInputException: another region (inferred)."""
    check_region(context)
    return {"bundles": context.catalogue.distribution_bundles()}


@family.writes("UpdateDistributionBundle")
def update_distribution_bundle(context: Context, request: UpdateDistributionBundleRequestTypeDef) -> Answer:
    """Give a distribution another bundle, once a calendar month; done at once (inferred).

    Raises InvalidInputException: another region, there is no such distribution or bundle, it is not deployed, has it
    already, was given another one this month, or has a firewall that the bundle does not have (texts inferred).
    """
    changed = idle(context, request.get("distributionName"))
    bundle_id = request.get("bundleId", "")
    if bundle_id not in {bundle["bundleId"] for bundle in context.catalogue.distribution_bundles()}:
        raise invalid(f"The specified bundle does not exist: {bundle_id}")
    waf.check_bundle(changed.document.get("waf", waf.OFF), bundle_id)
    monthly_bundle.change(context, changed, bundle_id, _MONTH_OVER)
    return {"operation": shown(context.journal.succeeded("UpdateDistributionBundle", about(changed)))[0]}


@family.step(_MONTH_OVER)
def month_over(context: Context, due: Due) -> None:
    """Its bundle can be changed again."""
    monthly_bundle.begin_month(context, DISTRIBUTION, due)
