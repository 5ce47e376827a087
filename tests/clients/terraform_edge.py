"""What Terraform's AWS provider asks of domains, their records and distributions.

Like terraform_calls.py, from the provider's own source. Domains and records are replaced rather than changed. For a
distribution, every refusal of the service's to show or delete it means that it is gone.
"""

from __future__ import annotations

from typing import Any

from clients.terraform_calls import Kind, Provider, State, from_tags, given, to_tags


class Domain(Kind):
    name = "aws_lightsail_domain"
    settable = replaced = frozenset({"domain_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        provider.api.create_domain(domainName=config["domain_name"])
        return config["domain_name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = provider.api.get_domain(domainName=state["id"])["domain"]
        return {"arn": found["arn"], "domain_name": found["name"]}

    def delete(self, provider: Provider, state: State) -> None:
        provider.api.delete_domain(domainName=state["id"])


class DomainEntry(Kind):
    """A record's name is the part before the domain, "" for the domain itself."""

    name = "aws_lightsail_domain_entry"
    settable = replaced = frozenset({"domain_name", "is_alias", "name", "target", "type"})
    defaults = {"is_alias": False}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        provider.wait([provider.api.create_domain_entry(**self._request(config))["operation"]])
        return ",".join(config[part] for part in ("name", "domain_name", "type", "target")), {}

    def read(self, provider: Provider, state: State) -> State | None:
        name, domain, type, target = state["id"].split(",", 3)
        records = provider.api.get_domain(domainName=domain)["domain"]["domainEntries"]
        wanted = {"name": full_name(name, domain), "type": type, "target": target}
        found = next((one for one in records if wanted.items() <= one.items()), None)
        if found is None:
            return None
        shown = found["name"].removesuffix(domain).removesuffix(".")
        return {
            "domain_name": domain,
            "is_alias": found["isAlias"],
            "name": shown,
            "target": found["target"],
            "type": found["type"],
        }

    def delete(self, provider: Provider, state: State) -> None:
        """One that is not there any more is as good."""
        gone = provider.api.exceptions.NotFoundException, provider.api.exceptions.OperationFailureException
        try:
            answer = provider.api.delete_domain_entry(**self._request(state))
        except gone:
            return
        provider.wait([answer["operation"]])

    def _request(self, config: State) -> dict[str, Any]:
        entry = {
            "isAlias": config["is_alias"],
            "name": full_name(config["name"], config["domain_name"]),
            "target": config["target"],
            "type": config["type"],
        }
        return {"domainName": config["domain_name"], "domainEntry": entry}


class Distribution(Kind):
    """Blocks are lists of one, as Terraform has them; they are sent and read with the service's own member names."""

    name = "aws_lightsail_distribution"
    replaced = frozenset[str]()
    settable = frozenset(
        {
            *("name", "bundle_id", "cache_behavior", "cache_behavior_settings", "certificate_name"),
            *("default_cache_behavior", "ip_address_type", "is_enabled", "origin", "tags"),
        }
    )
    computed = frozenset({"cache_behavior_settings"})
    defaults = {"ip_address_type": "dualstack", "is_enabled": True}

    _UPDATED = {
        "cache_behavior_settings": "cacheBehaviorSettings",
        "cache_behavior": "cacheBehaviors",
        "default_cache_behavior": "defaultCacheBehavior",
        "is_enabled": "isEnabled",
        "origin": "origin",
        "certificate_name": "certificateName",
    }

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """One that is to be disabled is made first, and disabled then."""
        order = {
            "bundleId": config["bundle_id"],
            "defaultCacheBehavior": config["default_cache_behavior"],
            "distributionName": config["name"],
            "origin": config["origin"],
            "cacheBehaviorSettings": config.get("cache_behavior_settings"),
            "cacheBehaviors": config.get("cache_behavior"),
            "ipAddressType": config["ip_address_type"],
            "certificateName": config.get("certificate_name"),
            "tags": to_tags(config.get("tags")),
        }
        answer = provider.api.create_distribution(**given(order))
        provider.wait([answer["operation"]])
        if not config["is_enabled"]:
            self._update(provider, config["name"], {"isEnabled": False})
        return answer["distribution"]["name"], {}

    def read(self, provider: Provider, state: State) -> State | None:
        try:
            (found,) = provider.api.get_distributions(distributionName=state["id"])["distributions"]
        except provider.api.exceptions.InvalidInputException:
            return None
        origin = {member: found["origin"][member] for member in ("name", "protocolPolicy", "regionName")}
        return {
            "alternative_domain_names": found["alternativeDomainNames"],
            "arn": found["arn"],
            "bundle_id": found["bundleId"],
            "cache_behavior": found["cacheBehaviors"],
            "cache_behavior_settings": found["cacheBehaviorSettings"],
            "certificate_name": found.get("certificateName", ""),
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "default_cache_behavior": found["defaultCacheBehavior"],
            "domain_name": found["domainName"],
            "is_enabled": found["isEnabled"],
            "ip_address_type": found["ipAddressType"],
            "location": found["location"],
            "origin": origin,
            "name": found["name"],
            "origin_public_dns": found["originPublicDNS"],
            "resource_type": found["resourceType"],
            "status": found["status"],
            "support_code": found["supportCode"],
            "tags": from_tags(found),
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        """The addresses first, then all that one call changes, then the bundle."""
        if state["ip_address_type"] != config["ip_address_type"]:
            answer = provider.api.set_ip_address_type(
                resourceName=state["id"], resourceType="Distribution", ipAddressType=config["ip_address_type"]
            )
            provider.wait(answer["operations"])
        changes = {
            member: config.get(name, "" if name == "certificate_name" else [])
            for name, member in self._UPDATED.items()
            if not (name in self.computed and name not in config)
            and not self.same(name, state.get(name), config.get(name))
        }
        if changes:
            self._update(provider, state["id"], changes)
        if state["bundle_id"] != config["bundle_id"]:
            answer = provider.api.update_distribution_bundle(distributionName=state["id"], bundleId=config["bundle_id"])
            provider.wait([answer["operation"]])
        super().update(provider, state, config)

    def delete(self, provider: Provider, state: State) -> None:
        try:
            answer = provider.api.delete_distribution(distributionName=state["id"])
        except provider.api.exceptions.InvalidInputException:
            return
        provider.wait([answer["operation"]])

    def _update(self, provider: Provider, name: str, changes: State) -> None:
        provider.wait([provider.api.update_distribution(distributionName=name, **changes)["operation"]])

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        """Inner members that a configuration leaves out, and empty lists, are the service's to say."""
        if isinstance(found, dict) and isinstance(wanted, dict):
            return all(
                super(Distribution, self).same(member, found.get(member), value)
                if not isinstance(value, dict)
                else self.same(member, found.get(member, {}), value)
                for member, value in wanted.items()
            )
        return super().same(name, found, wanted)


def full_name(name: str, domain: str) -> str:
    name = name.lower().removesuffix(".")
    if name.endswith(domain):
        return name
    return f"{name}.{domain}" if name else domain
