"""What Terraform's AWS provider asks of container services and of their deployments.

Like terraform_calls.py, from the provider's own source. A deployment stays behind when it is destroyed: Terraform
forgets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clients.terraform_calls import Kind, Provider, State, from_tags, given, to_tags


class ContainerService(Kind):
    name = "aws_lightsail_container_service"
    replaced = frozenset({"name"})
    settable = replaced | {"power", "scale", "is_disabled", "public_domain_names", "private_registry_access", "tags"}
    computed = frozenset({"private_registry_access"})
    defaults = {"is_disabled": False}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """A service that is to be disabled is made first, and disabled then."""
        order = {
            "serviceName": config["name"],
            "power": config["power"],
            "scale": config["scale"],
            "publicDomainNames": config.get("public_domain_names"),
            "privateRegistryAccess": registry_access(config),
            "tags": to_tags(config.get("tags")),
        }
        provider.api.create_container_service(**given(order))
        self._wait(provider, config["name"], ("PENDING",), ("READY",))
        if config["is_disabled"]:
            provider.api.update_container_service(serviceName=config["name"], isDisabled=True)
            self._wait(provider, config["name"], ("UPDATING",), ("DISABLED",))
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = service(provider, state["id"])
        return {
            "arn": found["arn"],
            "availability_zone": found["location"]["availabilityZone"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "is_disabled": found["isDisabled"],
            "name": found["containerServiceName"],
            "power": found["power"],
            "power_id": found["powerId"],
            "principal_arn": found["principalArn"],
            "private_domain_name": found["privateDomainName"],
            "private_registry_access": found["privateRegistryAccess"]["ecrImagePullerRole"]["isActive"],
            "public_domain_names": found.get("publicDomainNames"),
            "resource_type": found["resourceType"],
            "scale": found["scale"],
            "state": found["state"],
            "tags": from_tags(found),
            "url": found["url"],
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        """A certificate that is no longer mentioned is sent without names."""
        difference = provider.plan(self, config, state)
        if difference.keys() - {"tags"}:
            former, names = state.get("public_domain_names") or {}, config.get("public_domain_names") or {}
            order = {
                "serviceName": state["id"],
                "isDisabled": config["is_disabled"],
                "power": config["power"],
                "scale": config["scale"],
                "publicDomainNames": {**{name: [] for name in former}, **names} if former != names else None,
                "privateRegistryAccess": registry_access(config),
            }
            provider.api.update_container_service(**{name: value for name, value in order.items() if value is not None})
            is_off = "is_disabled" in difference and config["is_disabled"]
            self._wait(provider, state["id"], ("UPDATING",), ("DISABLED",) if is_off else ("READY", "RUNNING"))
        super().update(provider, state, config)

    def delete(self, provider: Provider, state: State) -> None:
        provider.api.delete_container_service(serviceName=state["id"])

        def look() -> str:
            try:
                return str(service(provider, state["id"])["state"])
            except provider.api.exceptions.NotFoundException:
                return "gone"

        provider.wait_until(("DELETING",), ("gone",), look)

    def _wait(self, provider: Provider, name: str, pending: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        provider.wait_until(pending, wanted, lambda: str(service(provider, name)["state"]))


class DeploymentVersion(Kind):
    name = "aws_lightsail_container_service_deployment_version"
    settable = replaced = frozenset({"service_name", "container", "public_endpoint"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        order = {
            "serviceName": config["service_name"],
            "containers": config["container"],
            "publicEndpoint": config.get("public_endpoint"),
        }
        answer = provider.api.create_container_service_deployment(**given(order))
        version = answer["containerService"]["nextDeployment"]["version"]
        identifier = f"{config['service_name']}/{version}"
        provider.wait_until(
            ("ACTIVATING",), ("ACTIVE",), lambda: str((_deployment(provider, identifier) or {}).get("state"))
        )
        return identifier, {}

    def read(self, provider: Provider, state: State) -> State | None:
        found = _deployment(provider, state["id"])
        if found is None:
            return None
        return {
            "container": {
                name: {member: value for member, value in container.items() if value}
                for name, container in found["containers"].items()
            },
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "public_endpoint": found.get("publicEndpoint"),
            "service_name": state["id"].partition("/")[0],
            "state": found["state"],
            "version": found["version"],
        }

    def delete(self, provider: Provider, state: State) -> None:
        """A warning is all."""


def service(provider: Provider, name: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = provider.api.get_container_services(serviceName=name)["containerServices"]
    return found[0]


def registry_access(config: State) -> dict[str, Any] | None:
    is_active = config.get("private_registry_access")
    return None if is_active is None else {"ecrImagePullerRole": {"isActive": is_active}}


def _deployment(provider: Provider, identifier: str) -> Mapping[str, Any] | None:
    name, _, version = identifier.partition("/")
    found = provider.api.get_container_service_deployments(serviceName=name)["deployments"]
    return next((one for one in found if one["version"] == int(version)), None)
