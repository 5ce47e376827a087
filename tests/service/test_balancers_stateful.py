"""Random lives of what stands in front of instances: both sides always agree, and a refused call changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from balancer_calls import BALANCERS, BEGINNING, calls_of_balancers
from world_life import World

CERTIFICATE_WAYS = {
    "PENDING_VALIDATION": {"ISSUED", "FAILED", "EXPIRED"},
    "ISSUED": {"EXPIRED"},
}


class Balancers(World):
    beginning = BEGINNING
    more_listings = ("GetLoadBalancers", "GetCertificates")

    def __init__(self) -> None:
        super().__init__()
        self.certificates: dict[str, dict[str, Any]] = {}

    @rule(drawn=st.lists(calls_of_balancers(), min_size=5, max_size=15))
    def do_some(self, drawn: list[tuple[str, dict[str, Any]]]) -> None:
        for operation, arguments in drawn:
            self.do(operation, arguments)

    def everything(self) -> list[Any]:
        certificates = [self.ask("GetLoadBalancerTlsCertificates", loadBalancerName=name) for name in BALANCERS]
        return [*super().everything(), *certificates, self.ask("GetCertificates", includeCertificateDetails=True)]

    def balancers(self) -> list[dict[str, Any]]:
        answer = self.ask("GetLoadBalancers")
        assert answer is not None
        return list(answer["loadBalancers"])

    @invariant()
    def behind_a_load_balancer_are_instances_that_are_there_as_healthy_as_they_run(self) -> None:
        states = {instance["name"]: instance["state"]["name"] for instance in self.listed("GetInstances")}
        for balancer in self.balancers():
            targets = {one["instanceName"]: one for one in balancer["instanceHealthSummary"]}
            assert len(targets) == len(balancer["instanceHealthSummary"])
            assert targets.keys() <= states.keys()
            for name, target in targets.items():
                assert ("instanceHealthReason" in target) is (target["instanceHealth"] != "healthy")
                if target["instanceHealth"] == "healthy":
                    assert states[name] == "running"

    @invariant()
    def a_load_balancer_and_its_certificates_agree(self) -> None:
        for balancer in self.balancers():
            answer = self.ask("GetLoadBalancerTlsCertificates", loadBalancerName=balancer["name"])
            assert answer is not None
            certificates = answer["tlsCertificates"]
            shown = [{"name": one["name"], "isAttached": one["isAttached"]} for one in reversed(certificates)]
            assert balancer["tlsCertificateSummaries"] == shown
            assert all(one["loadBalancerName"] == balancer["name"] for one in certificates)
            attached = [one for one in certificates if one["isAttached"]]
            assert len(certificates) <= 2
            assert len(attached) <= 1
            assert (balancer["protocol"], balancer["publicPorts"]) == (
                ("HTTP_HTTPS", [80, 443]) if attached else ("HTTP", [80])
            )
            assert attached or not balancer["httpsRedirectionEnabled"]
            assert all("issuedAt" in one for one in attached)
            self.goes_its_way(certificates)

    @invariant()
    def certificates_go_their_way(self) -> None:
        answer = self.ask("GetCertificates", includeCertificateDetails=True)
        assert answer is not None
        self.goes_its_way([one["certificateDetail"] for one in answer["certificates"]])

    def goes_its_way(self, certificates: list[dict[str, Any]]) -> None:
        for now in certificates:
            before = self.certificates.get(now["arn"], now)["status"]
            assert now["status"] == before or now["status"] in CERTIFICATE_WAYS[before]
            assert (now["status"] in ("ISSUED", "EXPIRED")) is ("notAfter" in now)
            self.certificates[now["arn"]] = now


class TestBalancers(Balancers.TestCase):
    settings = settings(max_examples=14, stateful_step_count=12)
