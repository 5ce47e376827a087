"""What Terraform's AWS provider asks of certificates and of load balancers with all that hangs on them.

Like terraform_calls.py, from the provider's own source. A load balancer's parts are resource types of their own; that
of an attached certificate is only forgotten when it is destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clients.terraform_calls import Kind, Provider, State, from_tags, given, to_tags


class Certificate(Kind):
    name = "aws_lightsail_certificate"
    replaced = frozenset({"name", "domain_name", "subject_alternative_names"})
    settable = replaced | {"tags"}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        order = {
            "certificateName": config["name"],
            "domainName": config["domain_name"],
            "subjectAlternativeNames": with_domain(config),
            "tags": to_tags(config.get("tags")),
        }
        provider.wait(provider.api.create_certificate(**given(order))["operations"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State | None:
        """By the name alone, and yet the details are read."""
        answer = provider.api.get_certificates(certificateName=state["id"])
        if not answer["certificates"]:
            return None
        found = answer["certificates"][0]["certificateDetail"]
        return {
            "arn": found["arn"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "domain_name": found["domainName"],
            "domain_validation_options": [
                {"domain_name": record["domainName"], **in_lower_case(record["resourceRecord"])}
                for record in found["domainValidationRecords"]
                if "resourceRecord" in record
            ],
            "name": found["name"],
            "subject_alternative_names": sorted(found["subjectAlternativeNames"]),
            "tags": from_tags(found),
        }

    def delete(self, provider: Provider, state: State) -> None:
        provider.wait(provider.api.delete_certificate(certificateName=state["id"])["operations"])

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        return is_same_but_for_domain(name, found, wanted) or super().same(name, found, wanted)


class LoadBalancer(Kind):
    name = "aws_lightsail_lb"
    replaced = frozenset({"name", "instance_port"})
    settable = replaced | {"health_check_path", "ip_address_type", "tags"}
    defaults = {"health_check_path": "/", "ip_address_type": "dualstack"}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """The address type is not sent: the service's own default is the schema's."""
        order = {
            "healthCheckPath": config["health_check_path"],
            "instancePort": config["instance_port"],
            "loadBalancerName": config["name"],
            "tags": to_tags(config.get("tags")),
        }
        provider.wait(provider.api.create_load_balancer(**given(order))["operations"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = balancer(provider, state["id"])
        return {
            "arn": found["arn"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "dns_name": found["dnsName"],
            "health_check_path": found["healthCheckPath"],
            "instance_port": found["instancePort"],
            "ip_address_type": found["ipAddressType"],
            "protocol": found["protocol"],
            "public_ports": found["publicPorts"],
            "name": found["name"],
            "support_code": found["supportCode"],
            "tags": from_tags(found),
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        if state["health_check_path"] != config["health_check_path"]:
            set_attribute(provider, state["id"], "HealthCheckPath", config["health_check_path"])
        super().update(provider, state, config)

    def delete(self, provider: Provider, state: State) -> None:
        provider.wait(provider.api.delete_load_balancer(loadBalancerName=state["id"])["operations"])


class Attachment(Kind):
    name = "aws_lightsail_lb_attachment"
    settable = replaced = frozenset({"lb_name", "instance_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        answer = provider.api.attach_instances_to_load_balancer(
            loadBalancerName=config["lb_name"], instanceNames=[config["instance_name"]]
        )
        provider.wait(answer["operations"])
        return f"{config['lb_name']},{config['instance_name']}", {}

    def read(self, provider: Provider, state: State) -> State | None:
        balancer_name, instance_name = state["id"].split(",")
        shown = balancer(provider, balancer_name)["instanceHealthSummary"]
        if instance_name not in [one["instanceName"] for one in shown]:
            return None
        return {"lb_name": balancer_name, "instance_name": instance_name}

    def delete(self, provider: Provider, state: State) -> None:
        balancer_name, instance_name = state["id"].split(",")
        answer = provider.api.detach_instances_from_load_balancer(
            loadBalancerName=balancer_name, instanceNames=[instance_name]
        )
        provider.wait(answer["operations"])


class TlsCertificate(Kind):
    name = "aws_lightsail_lb_certificate"
    settable = replaced = frozenset({"lb_name", "name", "domain_name", "subject_alternative_names"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        answer = provider.api.create_load_balancer_tls_certificate(
            loadBalancerName=config["lb_name"],
            certificateName=config["name"],
            certificateDomainName=config["domain_name"],
            certificateAlternativeNames=with_domain(config),
        )
        provider.wait(answer["operations"])
        return f"{config['lb_name']},{config['name']}", {}

    def read(self, provider: Provider, state: State) -> State | None:
        found = tls_certificate(provider, state["id"])
        return found and {
            "arn": found["arn"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "domain_name": found["domainName"],
            "domain_validation_records": [
                {"domain_name": record["domainName"], **in_lower_case(record)}
                for record in found["domainValidationRecords"]
            ],
            "lb_name": found["loadBalancerName"],
            "name": found["name"],
            "subject_alternative_names": sorted(found["subjectAlternativeNames"]),
            "support_code": found["supportCode"],
        }

    def delete(self, provider: Provider, state: State) -> None:
        balancer_name, name = state["id"].split(",")
        answer = provider.api.delete_load_balancer_tls_certificate(loadBalancerName=balancer_name, certificateName=name)
        provider.wait(answer["operations"])

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        return is_same_but_for_domain(name, found, wanted) or super().same(name, found, wanted)


class TlsCertificateAttachment(Kind):
    name = "aws_lightsail_lb_certificate_attachment"
    settable = replaced = frozenset({"lb_name", "certificate_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        answer = provider.api.attach_load_balancer_tls_certificate(
            loadBalancerName=config["lb_name"], certificateName=config["certificate_name"]
        )
        provider.wait(answer["operations"])
        return f"{config['lb_name']},{config['certificate_name']}", {}

    def read(self, provider: Provider, state: State) -> State | None:
        found = tls_certificate(provider, state["id"])
        if found is None or not found["isAttached"]:
            return None
        return {"lb_name": state["id"].split(",")[0], "certificate_name": found["name"]}

    def delete(self, provider: Provider, state: State) -> None:
        """Only a warning: there is no call to detach a certificate."""


class HttpsRedirectionPolicy(Kind):
    name = "aws_lightsail_lb_https_redirection_policy"
    replaced = frozenset({"lb_name"})
    settable = replaced | {"enabled"}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        set_attribute(provider, config["lb_name"], "HttpsRedirectionEnabled", as_text(config["enabled"]))
        return config["lb_name"], {}

    def read(self, provider: Provider, state: State) -> State:
        return {"enabled": balancer(provider, state["id"])["httpsRedirectionEnabled"], "lb_name": state["id"]}

    def update(self, provider: Provider, state: State, config: State) -> None:
        set_attribute(provider, state["id"], "HttpsRedirectionEnabled", as_text(config["enabled"]))

    def delete(self, provider: Provider, state: State) -> None:
        set_attribute(provider, state["id"], "HttpsRedirectionEnabled", "false")


class StickinessPolicy(Kind):
    name = "aws_lightsail_lb_stickiness_policy"
    replaced = frozenset({"lb_name"})
    settable = replaced | {"enabled", "cookie_duration"}

    _ATTRIBUTES = {
        "enabled": "SessionStickinessEnabled",
        "cookie_duration": "SessionStickiness_LB_CookieDurationSeconds",
    }

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        for name, attribute in self._ATTRIBUTES.items():
            set_attribute(provider, config["lb_name"], attribute, as_text(config[name]))
        return config["lb_name"], {}

    def read(self, provider: Provider, state: State) -> State:
        options = balancer(provider, state["id"])["configurationOptions"]
        return {
            "cookie_duration": int(options[self._ATTRIBUTES["cookie_duration"]]),
            "enabled": {"true": True, "false": False}[options[self._ATTRIBUTES["enabled"]]],
            "lb_name": state["id"],
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        for name, attribute in self._ATTRIBUTES.items():
            if state[name] != config[name]:
                set_attribute(provider, state["id"], attribute, as_text(config[name]))

    def delete(self, provider: Provider, state: State) -> None:
        set_attribute(provider, state["id"], self._ATTRIBUTES["enabled"], "false")


def balancer(provider: Provider, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = provider.api.get_load_balancer(loadBalancerName=name)["loadBalancer"]
    return found


def tls_certificate(provider: Provider, identifier: str) -> State | None:
    """One of a load balancer's, by "<load balancer>,<certificate>"."""
    balancer_name, name = identifier.split(",")
    listed = provider.api.get_load_balancer_tls_certificates(loadBalancerName=balancer_name)["tlsCertificates"]
    return next((one for one in listed if one["name"] == name), None)


def set_attribute(provider: Provider, name: str, attribute: str, value: str) -> None:
    answer = provider.api.update_load_balancer_attribute(
        loadBalancerName=name, attributeName=attribute, attributeValue=value
    )
    provider.wait(answer["operations"])


def as_text(value: bool | int) -> str:
    return str(value).lower()


def with_domain(config: State) -> list[str]:
    """The names that are asked for: the domain is always one of them, as the service's answer has it."""
    return sorted({config["domain_name"], *config.get("subject_alternative_names", ())})


def is_same_but_for_domain(name: str, found: Sequence[str], wanted: Sequence[str] | None) -> bool:
    """The provider adds the domain to what a configuration wants, which the test has no need to say."""
    return (
        name == "subject_alternative_names" and set(wanted or ()) <= set(found) and len(found) <= 1 + len(wanted or ())
    )


def in_lower_case(record: Mapping[str, str]) -> State:
    return {f"resource_record_{member}": record.get(member, "") for member in ("name", "type", "value")}
