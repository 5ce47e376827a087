"""Certificates, load balancers, buckets, databases, container services, distributions and records as Terraform's
resources. Nobody tells a database's password: it is a variable. The provider imports no domain, so its records name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from skysail.seeds.managed_export import STICKY_S, further_names, records
from skysail.seeds.survey import Document, Survey
from skysail.seeds.terraform_resources import Labels, Reference, Resource, tags

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def managed(found: Survey, made: Labels, named: dict[str, Resource]) -> Iterator[Resource]:
    """Of one region, those that others refer to before them. `named` has its instances."""
    for each in found.certificates:
        arguments = _certified(each) | {"tags": tags(each)}
        named[each["name"]] = certificate = made.resource("certificate", each["name"], arguments)
        yield certificate
    for each in found.load_balancers:
        yield from _load_balancer(each, made, named)
    for each in found.buckets:
        arguments = {"name": each["name"], "bundle_id": each["bundleId"], "tags": tags(each)}
        named[each["name"]] = bucket = made.resource("bucket", each["name"], arguments)
        yield bucket
        for receiver in each.get("resourcesReceivingAccess", ()):
            name = receiver["name"]
            access = {"bucket_name": bucket.by_name, "resource_name": _by_name(named, name)}
            yield made.part(bucket, "bucket_resource_access", name, access)
    for each in found.databases:
        yield _database(each, made)
    for each in found.container_services:
        yield from _container_service(each, made, named)
    for each in found.distributions:
        yield _distribution(each, made, named)
    for each in found.domains:
        for record in records(each):
            arguments = {
                "domain_name": each["name"],
                "name": record.name,
                "type": record.type,
                "target": record.target,
                "is_alias": record.alias or None,
            }
            identifier = ",".join((record.name, each["name"], record.type, record.target))
            label = f"{record.name}_{each['name']}_{record.type}".lstrip("_")
            yield made.resource("domain_entry", label, arguments)._replace(identifier=identifier)


def passwords(resource: Resource) -> Iterator[str]:
    """The variables that it refers to."""
    for value in resource.arguments.values():
        if isinstance(value, Reference) and value.text.startswith("var."):
            yield value.text.removeprefix("var.")


def _load_balancer(document: Document, made: Labels, named: dict[str, Resource]) -> Iterator[Resource]:
    name = document["name"]
    arguments = {
        "name": name,
        "instance_port": document["instancePort"],
        "health_check_path": document.get("healthCheckPath"),
        "ip_address_type": document.get("ipAddressType"),
        "tags": tags(document),
    }
    named[name] = balancer = made.resource("lb", name, arguments)
    yield balancer
    of = {"lb_name": balancer.by_name}
    for each in document["certificates"]:
        certificate = made.part(balancer, "lb_certificate", each["name"], of | _certified(each))
        yield certificate
        if each.get("isAttached"):
            yield made.part(
                balancer, "lb_certificate_attachment", each["name"], of | {"certificate_name": certificate.by_name}
            )
    for health in document.get("instanceHealthSummary", ()):
        instance = health["instanceName"]
        yield made.part(balancer, "lb_attachment", instance, of | {"instance_name": _by_name(named, instance)})
    if document.get("httpsRedirectionEnabled"):
        policy = made.resource("lb_https_redirection_policy", name, of | {"enabled": True})
        yield policy
    options = document.get("configurationOptions", {})
    if options.get("SessionStickinessEnabled") == "true":
        lasts = int(options.get("SessionStickiness_LB_CookieDurationSeconds", STICKY_S))
        yield made.resource("lb_stickiness_policy", name, of | {"enabled": True, "cookie_duration": lasts})


def _certified(document: Document) -> dict[str, Any]:
    return {
        "name": document["name"],
        "domain_name": document["domainName"],
        "subject_alternative_names": list(further_names(document)),
    }


def _database(document: Document, made: Labels) -> Resource:
    arguments = {
        "relational_database_name": document["name"],
        "availability_zone": document["location"]["availabilityZone"],
        "blueprint_id": document["relationalDatabaseBlueprintId"],
        "bundle_id": document["relationalDatabaseBundleId"],
        "master_database_name": document["masterDatabaseName"],
        "master_username": document["masterUsername"],
        "backup_retention_enabled": document.get("backupRetentionEnabled"),
        "preferred_backup_window": document.get("preferredBackupWindow"),
        "preferred_maintenance_window": document.get("preferredMaintenanceWindow"),
        "publicly_accessible": document.get("publiclyAccessible"),
        "tags": tags(document),
    }
    database = made.resource("database", document["name"], arguments)
    password = Reference(f"var.{database.label}_master_password", "")
    return database._replace(arguments=arguments | {"master_password": password})


def _container_service(document: Document, made: Labels, named: Mapping[str, Resource]) -> Iterator[Resource]:
    name, domains = document["name"], document.get("publicDomainNames", {})
    certificates = [
        {"certificate_name": _by_name(named, one), "domain_names": list(names)} for one, names in domains.items()
    ]
    arguments = {
        "name": name,
        "power": document["power"],
        "scale": document["scale"],
        "is_disabled": document.get("isDisabled"),
        "public_domain_names": [{"certificate": certificates}] if certificates else [],
        "tags": tags(document),
    }
    service = made.resource("container_service", name, arguments)
    yield service
    runs = document.get("currentDeployment")
    if runs is not None:
        deployment = {
            "service_name": service.by_name,
            "container": [_container(one, container) for one, container in runs["containers"].items()],
            "public_endpoint": [_snake(runs["publicEndpoint"])] if runs.get("publicEndpoint") else [],
        }
        kind = "container_service_deployment_version"
        yield made.resource(kind, name, deployment)._replace(identifier=f"{name}/{runs['version']}")


def _container(name: str, container: Document) -> dict[str, Any]:
    members = {member: container.get(member) for member in ("image", "command", "environment", "ports")}
    return {"container_name": name, **{member: value for member, value in members.items() if value}}


def _distribution(document: Document, made: Labels, named: Mapping[str, Resource]) -> Resource:
    origin, certificate = document["origin"], document.get("certificateName")
    from_here = {"name": _by_name(named, origin["name"]), "region_name": origin["regionName"]}
    settings = _snake(document["cacheBehaviorSettings"])
    if (of_queries := settings["forwarded_query_strings"][0]).get("query_strings_allow_list"):
        of_queries["query_strings_allowed_list"] = of_queries.pop("query_strings_allow_list")
    arguments = {
        "name": document["name"],
        "bundle_id": document["bundleId"],
        "ip_address_type": document.get("ipAddressType"),
        "is_enabled": document.get("isEnabled"),
        "certificate_name": None if certificate is None else _by_name(named, certificate),
        "origin": [from_here | {"protocol_policy": origin["protocolPolicy"]}],
        "default_cache_behavior": [dict(document["defaultCacheBehavior"])],
        "cache_behavior_settings": [settings],
        "cache_behavior": [dict(one) for one in document.get("cacheBehaviors", ())],
        "tags": tags(document),
    }
    return made.resource("distribution", document["name"], arguments)


def _by_name(named: Mapping[str, Resource], name: str) -> Reference | str:
    return named[name].by_name if name in named else name


def _snake(members: Mapping[str, Any]) -> dict[str, Any]:
    """In the provider's words: structures are blocks, and what is empty is not said."""
    return {
        _WORDS.sub("_", name).lower(): [_snake(value)] if isinstance(value, Mapping) else value
        for name, value in members.items()
        if value not in ([], None)
    }
