"""An instance's ports, as callers open, close and put them."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench
from skysail.errors import NotFoundException


def port(from_port: int, to_port: int | None = None, protocol: str = "tcp", **sources: Any) -> dict[str, Any]:
    return {"fromPort": from_port, "toPort": to_port or from_port, "protocol": protocol, **sources}


def states(bench: Bench) -> list[tuple[int, int, str, tuple[str, ...]]]:
    found = bench.client.get_instance_port_states(instanceName="web")["portStates"]
    assert {one["state"] for one in found} <= {"open"}
    assert [one["cidrs"] for one in found] == [one["cidrs"] for one in bench.get()["networking"]["ports"]]
    return [(one["fromPort"], one["toPort"], one["protocol"], (*one["cidrs"], *one["ipv6Cidrs"])) for one in found]


ANYWHERE = ("0.0.0.0/0", "::/0")
DEFAULTS = [(80, 80, "tcp", ANYWHERE), (22, 22, "tcp", ANYWHERE)]


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped"])
def test_ports_are_opened_closed_and_put_at_once_in_every_state(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    assert states(bench) == DEFAULTS
    opened = bench.client.open_instance_public_ports(instanceName="web", portInfo=port(8000, 8080, "udp"))["operation"]
    assert (opened["operationType"], opened["operationDetails"]) == ("OpenInstancePublicPorts", "8000-8080/udp")
    assert (opened["status"], opened["resourceType"], opened["isTerminal"]) == ("Succeeded", "Instance", True)
    assert states(bench) == [*DEFAULTS, (8000, 8080, "udp", ANYWHERE)]
    closed = bench.client.close_instance_public_ports(instanceName="web", portInfo=port(22))["operation"]
    assert (closed["operationType"], closed["operationDetails"]) == ("CloseInstancePublicPorts", "22/tcp")
    assert states(bench) == [DEFAULTS[0], (8000, 8080, "udp", ANYWHERE)]
    infos = [port(22, cidrs=["192.0.2.1"]), port(443)]
    put = bench.client.put_instance_public_ports(instanceName="web", portInfos=infos)["operation"]
    assert (put["operationType"], put["operationDetails"]) == ("PutInstancePublicPorts", "22/tcp, 443/tcp")
    assert states(bench) == [(22, 22, "tcp", ("192.0.2.1/32",)), (443, 443, "tcp", ANYWHERE)]
    bench.client.put_instance_public_ports(instanceName="web", portInfos=[])
    assert states(bench) == []


def test_all_protocols_are_all_and_shown_by_a_number_in_the_instance(bench: Bench) -> None:
    bench.instance()
    bench.client.put_instance_public_ports(instanceName="web", portInfos=[{"protocol": "all"}])
    assert states(bench) == [(0, 65535, "all", ANYWHERE)]
    assert bench.get()["networking"]["ports"][0]["protocol"] == "-1"
    bench.client.close_instance_public_ports(instanceName="web", portInfo={"protocol": "all"})
    assert states(bench) == []


def test_opening_adds_sources_and_closing_some_leaves_the_others(bench: Bench) -> None:
    bench.instance()
    bench.client.put_instance_public_ports(instanceName="web", portInfos=[port(22, cidrs=["192.0.2.1"])])
    more = port(22, cidrs=["198.51.100.0/24"], cidrListAliases=["lightsail-connect"])
    bench.client.open_instance_public_ports(instanceName="web", portInfo=more)
    [shown] = bench.get()["networking"]["ports"]
    assert shown["cidrs"] == ["192.0.2.1/32", "198.51.100.0/24"]
    assert (shown["accessFrom"], shown["cidrListAliases"]) == ("Custom", ["lightsail-connect"])
    bench.client.close_instance_public_ports(instanceName="web", portInfo=port(22, cidrs=["192.0.2.1"]))
    assert states(bench) == [(22, 22, "tcp", ("198.51.100.0/24",))]
    bench.client.close_instance_public_ports(instanceName="web", portInfo=port(23))
    assert len(states(bench)) == 1, "what is not open stays closed"


def test_no_such_instance(bench: Bench) -> None:
    for call, arguments in (
        (bench.client.open_instance_public_ports, {"portInfo": port(22)}),
        (bench.client.close_instance_public_ports, {"portInfo": port(22)}),
        (bench.client.put_instance_public_ports, {"portInfos": []}),
        (bench.client.get_instance_port_states, {}),
    ):
        with pytest.raises(NotFoundException, match="The Instance does not exist: web"):
            call(instanceName="web", **arguments)
