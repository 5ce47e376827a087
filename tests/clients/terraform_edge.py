"""What Terraform's AWS provider asks of domains and their records.

Like terraform_calls.py, from the provider's own source. All of both is replaced rather than changed.
"""

from __future__ import annotations

from typing import Any

from clients.terraform_calls import Kind, Provider, State


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


def full_name(name: str, domain: str) -> str:
    name = name.lower().removesuffix(".")
    if name.endswith(domain):
        return name
    return f"{name}.{domain}" if name else domain
