"""How much of each thing an account may have in a region, where a service is asked to mind it.

Source: the table of AWS's service quotas (2026); texts as in the user guide or public reports, but for those marked.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from skysail.service.refusals import over_quota
from skysail.service.resources import Draft, Resources

Quotas = Literal["none", "real"]
QUOTAS: tuple[Quotas, ...] = get_args(Quotas)


class Quota(NamedTuple):
    """The largest number of resources of a kind, and what is said to one who wants more."""

    most: int
    text: str


_TOO_MANY_CERTIFICATES = "Sorry, you've requested too many certificates for your account."
REAL: dict[str, Quota] = {
    "Instance": Quota(20, "Sorry, you've reached the maximum number of instances for your account."),
    "Certificate": Quota(10, _TOO_MANY_CERTIFICATES),
    "LoadBalancerTlsCertificate": Quota(10, _TOO_MANY_CERTIFICATES),
    "LoadBalancer": Quota(  # inferred
        10, "Sorry, you've reached the maximum number of load balancers for your account."
    ),
    "ContainerService": Quota(
        100, "Sorry, you've either reached or will exceed your maximum limit of Lightsail Container Services."
    ),
    "Domain": Quota(6, "Sorry, you've reached the maximum number of domains for your account."),  # text inferred
    "Distribution": Quota(  # text inferred
        20, "Sorry, you've reached the maximum number of distributions for your account."
    ),
    "Subdomain": Quota(30, "Sorry, you've reached the maximum number of subdomains for your account."),  # text inferred
    "Bucket": Quota(20, "Sorry, you've reached the maximum number of buckets for your account."),  # text inferred
    "RelationalDatabase": Quota(  # text inferred
        40, "Sorry, you've reached the maximum number of databases for your account."
    ),
    "StaticIp": Quota(5, "Sorry, you have reached the maximum number of static IP addresses."),
}
IN_ALL_REGIONS = frozenset({"Bucket"})
"""Of these an account has so many in all of its regions together."""
IN_A_YEAR = {"Certificate": 20, "LoadBalancerTlsCertificate": 20}
"""Of these, so many can be asked for in 365 days, whatever became of them."""
_YEAR_S = 365 * 86_400
_ASKED_FOR = "AskedForInAYear"
"""Kind and name space of what keeps when that was; no call shows it."""
LARGEST_DISKS_GB = 20_000
"""All additional disks of an account in a region together."""


def check_number(quotas: Quotas, resources: Resources, kind: str, more: int = 1) -> None:
    """Raises InvalidInputException where `more` resources of that kind would be too many; else they count."""
    quota = REAL.get(kind)
    if quotas == "real" and quota:
        if kind in IN_ALL_REGIONS:
            are_more = resources.number_in_all_regions(kind) > quota.most - more
        else:
            resources.guard(kind)
            are_more = resources.are_more(kind, quota.most - more)
        if more > quota.most or are_more:
            raise over_quota(quota.text)
        if kind in IN_A_YEAR:
            _count_in_year(resources, kind, quota.text)


def _count_in_year(resources: Resources, kind: str, text: str) -> None:
    kept = resources.find(_ASKED_FOR, kind, _ASKED_FOR)
    if kept is None:
        place = resources.place
        draft = Draft(f"{_ASKED_FOR} {place.account} {place.region} {kind}", kind, {}, {"at": []})
        (kept,) = resources.create(_ASKED_FOR, [draft], _ASKED_FOR)
    times = [at for at in kept.private["at"] if at > resources.now - _YEAR_S]
    if len(times) >= IN_A_YEAR[kind]:
        raise over_quota(text)
    kept.private["at"] = [*times, resources.now]
    resources.save(kept)
