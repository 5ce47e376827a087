"""Domains and their DNS records: create, look, change, delete; in us-east-1 alone. All done at once (seen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.home_region import check_home
from skysail.service.journal import about, shown
from skysail.service.nouns import dns_records
from skysail.service.nouns.dns_zones import DOMAIN
from skysail.service.refusals import invalid
from skysail.service.resources import Draft, Resource
from skysail.service.stored import as_stored
from skysail.service.tags import tags

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateDomainEntryRequestTypeDef,
        CreateDomainRequestTypeDef,
        DeleteDomainEntryRequestTypeDef,
        DeleteDomainRequestTypeDef,
        GetDomainRequestTypeDef,
        GetDomainsRequestTypeDef,
        UpdateDomainEntryRequestTypeDef,
    )

KIND = DOMAIN
PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("domains")


@family.writes("CreateDomain")
def create_domain(context: Context, request: CreateDomainRequestTypeDef) -> Answer:
    """Make a zone, with its name servers.

    Raises InvalidInputException: the region is another, the name is bad or in use, a tag does not fit, or the quota is
    reached.
    """
    _check_region(context)
    name = request["domainName"]
    dns_records.check_domain_name(name)
    wanted = tags(request.get("tags", ()))
    context.resources.check_free([name])
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    everywhere = identity.globally(context.place)
    zone = f"/hostedzone/Z{identity.base36(resource_id, 13).upper()}"
    document = {
        "name": name,
        "arn": identity.arn(everywhere, KIND, resource_id),
        "supportCode": identity.support_code(context.place, zone),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(everywhere),
        "resourceType": KIND,
        "tags": wanted,
        "domainEntries": dns_records.first(resource_id, name),
    }
    (domain,) = context.resources.create(KIND, [Draft(resource_id, name, document)])
    return _one(context, "CreateDomain", domain)


@family.reads("GetDomain")
def get_domain(context: Context, request: GetDomainRequestTypeDef) -> Answer:
    """One domain with all its records. Raises NotFoundException. Raises InvalidInputException: another region."""
    _check_region(context)
    return {"domain": as_stored(context.resources.row(KIND, request["domainName"]))}


@family.reads("GetDomains")
def get_domains(context: Context, request: GetDomainsRequestTypeDef) -> Answer:
    """One page of all domains, newest first. Raises InvalidInputException: another region."""
    _check_region(context)
    return context.kind_listing("domains", request, KIND, PAGE_SIZE)


@family.writes("DeleteDomain")
def delete_domain(context: Context, request: DeleteDomainRequestTypeDef) -> Answer:
    """Delete a domain with all its records. Raises NotFoundException. Raises InvalidInputException: another region."""
    _check_region(context)
    domain = context.resources.get(KIND, request["domainName"])
    context.resources.delete(domain)
    return _one(context, "DeleteDomain", domain)


@family.writes("CreateDomainEntry")
def create_domain_entry(context: Context, request: CreateDomainEntryRequestTypeDef) -> Answer:
    """Add a record. An id is none that one can choose, and options are discontinued (model): neither counts.

    Raises NotFoundException. Raises InvalidInputException: another region, or the record does not fit, by itself or
    beside the others.
    """
    _check_region(context)
    asked = dns_records.record(request["domainName"], request["domainEntry"])
    domain = context.resources.get(KIND, request["domainName"])
    _set(context, domain, dns_records.added(domain.name, _records(domain), asked))
    return _one(context, "CreateDomainEntry", domain)


@family.writes("UpdateDomainEntry")
def update_domain_entry(context: Context, request: UpdateDomainEntryRequestTypeDef) -> Answer:
    """Put a record in the place of the one with its id; the new one has another id (inferred).

    Raises NotFoundException. Raises OperationFailureException: no record has that id. Raises InvalidInputException:
    another region, or the record does not fit, by itself or beside the others.
    """
    _check_region(context)
    asked = dns_records.record(request["domainName"], request["domainEntry"])
    if not request["domainEntry"].get("id"):
        raise invalid("Input error: Id should not be empty")
    domain = context.resources.get(KIND, request["domainName"])
    _set(context, domain, dns_records.replaced(domain.name, _records(domain), request["domainEntry"]["id"], asked))
    return {"operations": shown(context.journal.succeeded("UpdateDomainEntry", about(domain)))}


@family.writes("DeleteDomainEntry")
def delete_domain_entry(context: Context, request: DeleteDomainEntryRequestTypeDef) -> Answer:
    """Take a record away that is known by its name, type, target and whether it is an alias.

    Raises NotFoundException. Raises OperationFailureException: there is none such. Raises InvalidInputException:
    another region, or no zone is without it.
    """
    _check_region(context)
    domain = context.resources.get(KIND, request["domainName"])
    _set(context, domain, dns_records.removed(domain.name, _records(domain), request["domainEntry"]))
    return _one(context, "DeleteDomainEntry", domain)


def _check_region(context: Context) -> None:
    check_home(context, "Domain", "domain resources")


def _records(domain: Resource) -> list[dns_records.Record]:
    found: list[dns_records.Record] = domain.document.get("domainEntries", [])
    return found


def _set(context: Context, domain: Resource, records: list[dns_records.Record]) -> None:
    domain.document["domainEntries"] = records
    context.resources.save(domain)


def _one(context: Context, operation: str, domain: Resource) -> Answer:
    """The answer with its one entry; it has no details (seen)."""
    return {"operation": shown(context.journal.succeeded(operation, about(domain)))[0]}
