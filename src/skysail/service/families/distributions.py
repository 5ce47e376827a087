"""Distributions: create, look, change, delete; in us-east-1 alone.

States and their ways: InProgress → Deployed, and again with each change; a deleted one is disabled, and gone a little
later (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import cache_settings, distribution_certificates, subdomains, waf
from skysail.service.nouns.distributions import (
    DEPLOYED,
    DEPLOYED_STEP,
    DISTRIBUTION,
    IN_PROGRESS,
    change,
    check_region,
    distribution,
    idle,
    switch,
)
from skysail.service.nouns.origins import origin
from skysail.service.refusals import invalid, unsupported
from skysail.service.resources import Draft, Resource
from skysail.service.stored import document
from skysail.service.tags import tags
from skysail.store.base import Due

Request = Mapping[str, Any]
"""The types of boto3's lack some members yet."""

KIND = DISTRIBUTION
PAGE_SIZE = 20
"""Inferred from that of instances."""
IPV6_ONLY = "ipv6"

_GONE = "distribution.gone"
_SUBDOMAIN_MADE, _SUBDOMAIN_TIED = "distribution.subdomain_made", "distribution.subdomain_tied"
_ONE_BY_ONE = ("defaultRootObject", "customErrorResponses")
"""What is shown of one that is asked for by name alone (model)."""

family = Family("distributions")


@family.writes("CreateDistribution")
def create_distribution(context: Context, request: Request) -> Answer:
    """Make a distribution, with a certificate, a firewall and a subdomain where they are asked for.

    It is InProgress, then Deployed; then its subdomain is made. Raises NotFoundException: no such certificate. Raises
    InvalidInputException: another region, the origin, a setting, the bundle, the name or a tag does not fit, or the
    quota is reached.
    """
    check_region(context)
    name, bundle = request["distributionName"], _bundle(context, request["bundleId"])
    certificate, subdomain = request.get("certificateName"), request.get("subdomainName")
    wanted = tags(request.get("tags", ()))
    settings = _settings(context, request, {"waf": waf.OFF, "bundleId": bundle})
    if request.get("ipAddressType") == IPV6_ONLY:
        raise unsupported(f"A distribution does not support the IP address type: {IPV6_ONLY}")  # inferred
    if subdomain is not None:
        subdomains.check_name(subdomain)
        if certificate:
            raise invalid("You can't specify both a certificate and a subdomain for a distribution.")
    context.resources.check_free([name])
    if certificate:
        distribution_certificates.check(context, certificate, None)
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    new = {
        "name": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_code(context.place, f"E{identity.base36(resource_id, 13).upper()}"),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "alternativeDomainNames": [],
        "status": IN_PROGRESS,
        "isEnabled": True,
        "domainName": f"d{identity.base36(f'{resource_id} edge', 13)}.cloudfront.net",
        "bundleId": bundle,
        "cacheBehaviorSettings": cache_settings.settings({}),
        "cacheBehaviors": [],
        "ableToUpdateBundle": True,
        "ipAddressType": request.get("ipAddressType", "dualstack"),
        "tags": wanted,
        "viewerMinimumTlsProtocolVersion": "TLSv1.2_2021",
        **settings,
    }
    if subdomain is not None:
        new["subdomain"] = {"name": subdomain, "state": "Creating"}
    private = {} if subdomain is None else {"subdomainWanted": True}
    (made,) = context.resources.create(KIND, [Draft(resource_id, name, new, private)])
    if certificate:
        distribution_certificates.attach(context, made, certificate)
    switch(context, made, "enabled", True)
    switch(context, made, "waf", made.document["waf"]["isWafEnabled"])
    records = change(context, made, "CreateDistribution")
    return {"distribution": _shown(made.document, {}, False), "operation": shown(records)[0]}


@family.reads("GetDistributions")
def get_distributions(context: Context, request: Request) -> Answer:
    """One page of all distributions, newest first, or one by its name with all that it has.

    Raises InvalidInputException: another region, or there is none of that name.
    """
    check_region(context)
    if "distributionName" in request:
        one = distribution(context, request["distributionName"]).document
        return context.whole("distributions", request, [_shown(one, subdomains.tied(context), True)])
    tied = subdomains.tied(context)
    return context.listing(
        "distributions",
        request,
        lambda after, limit: context.resources.page(KIND, after, limit),
        PAGE_SIZE,
        lambda row: _shown(document(row), tied, False),
    )


@family.writes("UpdateDistribution")
def update_distribution(context: Context, request: Request) -> Answer:
    """Change what is named; it is InProgress, then Deployed again.

    Raises NotFoundException: no such certificate. Raises InvalidInputException: another region, there is none of that
    name, it is not deployed, or what is named does not fit.
    """
    changed = idle(context, request["distributionName"])
    settings = _settings(context, request, changed.document)
    certificate = _certificate(request, changed)
    if certificate:
        distribution_certificates.check(context, certificate, changed)
    changed.document |= settings
    if certificate:
        distribution_certificates.attach(context, changed, certificate)
    elif certificate == "":
        distribution_certificates.detach(context, changed)
    changed.document["isEnabled"] = request.get("isEnabled", changed.document["isEnabled"])
    switch(context, changed, "enabled", changed.document["isEnabled"])
    switch(context, changed, "waf", changed.document["waf"]["isWafEnabled"])
    return {"operation": shown(change(context, changed, "UpdateDistribution"))[0]}


@family.writes("DeleteDistribution")
def delete_distribution(context: Context, request: Request) -> Answer:
    """Begin to delete a distribution: it is disabled at once, and gone a little later.

    Raises InvalidInputException: another region, there is none of that name, or it is not deployed.
    """
    going = idle(context, request.get("distributionName"))
    going.document |= {"status": IN_PROGRESS, "isEnabled": False}
    switch(context, going, "enabled", False)
    context.resources.save(going)
    records = context.journal.started("DeleteDistribution", about(going))
    context.resources.later(going, _GONE, context.timing.distribution_deletion_s, records)
    return {"operation": shown(records)[0]}


@family.step(DEPLOYED_STEP)
def deployed(context: Context, due: Due) -> None:
    """All edges have it as it is; a new one gets its subdomain now, where one was asked for."""
    found = context.resources.get(KIND, due.name)
    found.document["status"] = DEPLOYED
    if found.private.pop("subdomainWanted", False):
        _begin_subdomain(context, found, due)
    else:
        context.journal.finish(due)
    context.resources.save(found)


@family.step(_SUBDOMAIN_MADE)
def subdomain_made(context: Context, due: Due) -> None:
    """Its new subdomain is there, and is being tied to it; from here on the subdomain itself tells how it is."""
    found = context.resources.get(KIND, due.name)
    subdomains.set_attaching(context, found.document.pop("subdomain")["name"], found)
    context.resources.save(found)
    context.resources.later(found, _SUBDOMAIN_TIED, context.timing.subdomain_s, context.journal.ended_by(due))


@family.step(_SUBDOMAIN_TIED)
def subdomain_tied(context: Context, due: Due) -> None:
    """It is reached by its new subdomain."""
    subdomain = subdomains.made_for(context, context.resources.get(KIND, due.name))
    if subdomain is not None:
        subdomains.set_attached(context, subdomain, subdomain.document["attachingResource"])
    context.journal.finish(due)


@family.step(_GONE)
def gone(context: Context, due: Due) -> None:
    """It is there no longer; its certificate and its subdomain are free for others."""
    found = context.resources.get(KIND, due.name)
    distribution_certificates.detach(context, found)
    subdomains.let_go(context, found)
    for pending in context.resources.delete(found):
        context.journal.fail(pending, "DistributionDeleted", "The distribution was deleted.")
    context.journal.finish(due)


def _settings(context: Context, request: Request, former: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a request sets, checked; the others stay."""
    found: dict[str, Any] = {}
    private_access = request.get("enablePrivateOriginAccess")
    if "origin" in request:
        found |= origin(context, request["origin"], private_access)
    elif private_access is not None:
        raise invalid("You must specify the origin together with enablePrivateOriginAccess.")
    for member, checked in (
        ("defaultCacheBehavior", cache_settings.default_behavior),
        ("cacheBehaviorSettings", cache_settings.settings),
        ("cacheBehaviors", cache_settings.behaviors),
        ("defaultRootObject", cache_settings.root_object),
        ("customErrorResponses", cache_settings.error_responses),
    ):
        if member in request:
            found[member] = checked(request[member])
    if "viewerMinimumTlsProtocolVersion" in request:
        found["viewerMinimumTlsProtocolVersion"] = request["viewerMinimumTlsProtocolVersion"]
    return found | {"waf": waf.firewall(former.get("waf", waf.OFF), str(former.get("bundleId", "")), request)}


def _certificate(request: Request, changed: Resource) -> str | None:
    """The certificate that a distribution is to have: "" for none of its own, None for no change. Texts inferred."""
    name, use_default = request.get("certificateName"), request.get("useDefaultCertificate")
    if use_default and name:
        raise invalid("You can't specify a certificate together with useDefaultCertificate.")
    if use_default is False and not (name or changed.document.get("certificateName")):
        raise invalid("You must specify a certificate when useDefaultCertificate is false.")
    return "" if use_default else name


def _bundle(context: Context, bundle_id: str) -> str:
    if bundle_id not in {bundle["bundleId"] for bundle in context.catalogue.distribution_bundles()}:
        raise invalid(f"The specified bundle does not exist: {bundle_id}")  # inferred
    return bundle_id


def _begin_subdomain(context: Context, found: Resource, due: Due) -> None:
    """What stands in the way is told by the distribution and by its entry; the distribution stays (model)."""
    name = found.document["subdomain"]["name"]
    refusal = subdomains.begin(context, name)
    if refusal is None:
        context.resources.later(found, _SUBDOMAIN_MADE, context.timing.subdomain_s, context.journal.ended_by(due))
        return
    code = refusal.code or ""
    found.document["subdomain"] |= {"state": "Error", "errorCode": code, "errorDetails": refusal.message}
    context.journal.fail(due, code, refusal.message)


def _shown(whole: dict[str, Any], tied: Mapping[str, dict[str, str]], by_name: bool) -> dict[str, Any]:
    """With its subdomain, once that tells itself how it is."""
    subdomain = tied.get(whole.get("arn", ""))
    return {
        **{member: value for member, value in whole.items() if by_name or member not in _ONE_BY_ONE},
        **({} if subdomain is None else {"subdomain": subdomain}),
    }
