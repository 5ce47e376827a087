"""The caches of distributions: emptied, and when that was done last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns.distributions import DISTRIBUTION, check_region, distribution, idle
from skysail.service.resources import Resource
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetDistributionLatestCacheResetRequestTypeDef,
        ResetDistributionCacheRequestTypeDef,
    )

IN_PROGRESS, COMPLETED = "InProgress", "Completed"
"""CloudFront's words (inferred)."""
_RESET = "distribution.cache_reset"

family = Family("distribution_caches")


@family.writes("ResetDistributionCache")
def reset_distribution_cache(context: Context, request: ResetDistributionCacheRequestTypeDef) -> Answer:
    """Begin to empty its caches; done a little later.

    Raises InvalidInputException: another region, there is none of that name, or it is not deployed (inferred).
    """
    found = idle(context, request.get("distributionName"))
    reset = {"status": IN_PROGRESS, "createTime": round(context.now, 3)}
    found.private["cacheReset"] = reset
    context.resources.save(found)
    records = context.journal.started("ResetDistributionCache", about(found))
    context.resources.later(found, _RESET, context.timing.cache_reset_s, records)
    return {**reset, "operation": shown(records)[0]}


@family.reads("GetDistributionLatestCacheReset")
def get_latest_cache_reset(context: Context, request: GetDistributionLatestCacheResetRequestTypeDef) -> Answer:
    """The last one of a distribution, or of all; neither member where there was none (inferred).

    Raises InvalidInputException: another region, or there is none of that name.
    """
    check_region(context)
    if "distributionName" in request:
        return _reset(distribution(context, request["distributionName"]))
    resets = [_reset(one) for one in context.resources.all_of(DISTRIBUTION)]
    return max(resets, key=lambda reset: float(reset.get("createTime", 0.0)), default={})


@family.step(_RESET)
def reset_done(context: Context, due: Due) -> None:
    """Its caches are empty."""
    found = context.resources.get(DISTRIBUTION, due.name)
    found.private["cacheReset"]["status"] = COMPLETED
    context.resources.save(found)
    context.journal.finish(due)


def _reset(found: Resource) -> dict[str, Any]:
    reset: dict[str, Any] = found.private.get("cacheReset", {})
    return reset
