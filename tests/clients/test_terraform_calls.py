"""Terraform's AWS provider against the local Lightsail: each resource type applied, read, changed and destroyed."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_calls import (
    DEFAULT_KEY,
    Disk,
    DiskAttachment,
    Instance,
    InstancePublicPorts,
    KeyPair,
    Kind,
    Provider,
    State,
    StaticIp,
    StaticIpAttachment,
)
from clients.terraform_cases import Case, check

ZONE = "us-east-1a"
WEB = {"name": "web", "availability_zone": ZONE, "blueprint_id": "amazon_linux_2023", "bundle_id": "nano_3_0"}
DATA = {"name": "data", "availability_zone": ZONE, "size_in_gb": 8}
PUBLIC_KEY = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDdnoG+eRj6HeD28Y6wgGWtjtktGa68OxYkOD+k6lKquNiFHYojpZy8oORfMdcf"
    "WSV8QSgEbilDBbWE59zwgfRkk2obZKeTACK7VgW3n5UOwywkXEkc0AkXxaVZDkWBCdE8rxvAC18cx8Ni8LlFRRqgYd2m5mE2TzEs"
    "DvwhQ7PuHBuguPt2uixbBTxNd0+lvHkT5C4FmQcNk4a6wCDrzVO0quRhcvmjWLIpvqXtzyvAJ+kYq9uZAkGgm50ZvRhoxUMfvIWX"
    "Vw+9YUhVOG5bdyU7RZQtsfP1xc1Xau4+URoAC/xTM53F98238OhLJd3W83dAPfLp3Oo0EdrMNhKw0rDN"
)

INSTANCE, STATIC_IP, STATIC_IP_ATTACHMENT, KEY_PAIR = Instance(), StaticIp(), StaticIpAttachment(), KeyPair()
PORTS, DISK, DISK_ATTACHMENT = InstancePublicPorts(), Disk(), DiskAttachment()


def add_on(time: str, status: str = "Enabled") -> State:
    return {"add_on": [{"type": "AutoSnapshot", "snapshot_time": time, "status": status}]}


def rules(*ports: int, **more: Any) -> State:
    rule = {"protocol": "tcp", **more}
    return {"instance_name": "web", "port_info": [{"from_port": port, "to_port": port, **rule} for port in ports]}


def instance_case(config: State, changed: State, *, replaces: bool = False) -> Case:
    return Case(
        INSTANCE, {**WEB, **config}, {**WEB, **changed}, replaces, lambda api: api.get_instance(instanceName="web")
    )


def static_ip_case(config: State, changed: State) -> Case:
    return Case(STATIC_IP, config, changed, True, lambda api: api.get_static_ip(staticIpName=changed["name"]))


def key_pair_case(config: State, changed: State, *, replaces: bool = False) -> Case:
    return Case(KEY_PAIR, config, changed, replaces, lambda api: api.get_key_pair(keyPairName=config["name"]))


def disk_case(config: State, changed: State, *, replaces: bool = False) -> Case:
    return Case(
        DISK, {**DATA, **config}, {**DATA, **changed}, replaces, lambda api: api.get_disk(diskName=DATA["name"])
    )


CASES = {
    "instance, its tags": instance_case(
        {"tags": {"stage": "test", "old": "yes"}}, {"tags": {"stage": "live", "new": ""}}
    ),
    "instance, tags given and taken away": instance_case({}, {"tags": {"stage": "test"}}),
    "instance, all tags taken away": instance_case({"tags": {"stage": "test"}}, {}),
    "instance, automatic snapshots switched on": instance_case({}, add_on("06:00")),
    "instance, automatic snapshots at another time": instance_case(add_on("06:00"), add_on("10:00")),
    "instance, automatic snapshots switched off": instance_case(add_on("10:00"), add_on("10:00", "Disabled")),
    "instance, IPv4 alone to dual stack": instance_case({"ip_address_type": "ipv4"}, {"ip_address_type": "dualstack"}),
    "instance, dual stack to IPv4 alone": instance_case({}, {"ip_address_type": "ipv4"}),
    "instance, another bundle": instance_case({}, {"bundle_id": "micro_3_0"}, replaces=True),
    "instance, user data": instance_case({}, {"user_data": "#!/bin/sh\necho hello\n"}, replaces=True),
    "instance, a key pair of its own": Case(
        INSTANCE,
        {**WEB, "key_pair_name": "key"},
        {**WEB, "key_pair_name": "key", "tags": {"stage": "test"}},
        False,
        lambda api: api.get_instance(instanceName="web"),
        [(KEY_PAIR, {"name": "key"})],
    ),
    "static IP, another name": static_ip_case({"name": "front"}, {"name": "entrance"}),
    "static IP attachment, another instance": Case(
        STATIC_IP_ATTACHMENT,
        {"static_ip_name": "front", "instance_name": "web"},
        {"static_ip_name": "front", "instance_name": "other"},
        True,
        lambda api: api.get_static_ip(staticIpName="front")["staticIp"]["isAttached"],
        [(INSTANCE, WEB), (INSTANCE, {**WEB, "name": "other"}), (STATIC_IP, {"name": "front"})],
    ),
    "key pair, made by the service": key_pair_case({"name": "key"}, {"name": "key", "tags": {"stage": "test"}}),
    "key pair, imported": key_pair_case(
        {"name": "key", "public_key": PUBLIC_KEY, "tags": {"stage": "test"}},
        {"name": "key", "public_key": PUBLIC_KEY, "tags": {"stage": "live"}},
    ),
    "key pair, imported in place of a made one": key_pair_case(
        {"name": "key"}, {"name": "key", "public_key": PUBLIC_KEY}, replaces=True
    ),
    "ports, other ones": Case(
        PORTS,
        rules(80),
        rules(80, 443),
        True,
        lambda api: api.get_instance_port_states(instanceName="web")["portStates"],
        [(INSTANCE, WEB)],
    ),
    "ports, from some networks": Case(
        PORTS,
        rules(125, cidrs=["192.168.1.0/24", "1.1.1.1/32"]),
        rules(125, cidrs=["10.0.0.0/8"], ipv6_cidrs=["2001:db8::/32"]),
        True,
        lambda api: api.get_instance_port_states(instanceName="web")["portStates"],
        [(INSTANCE, WEB)],
    ),
    "ports, for the browser's terminal": Case(
        PORTS,
        rules(22, cidr_list_aliases=["lightsail-connect"]),
        rules(22, cidrs=["10.0.0.0/8"], cidr_list_aliases=["lightsail-connect"]),
        True,
        lambda api: api.get_instance_port_states(instanceName="web")["portStates"],
        [(INSTANCE, WEB)],
    ),
    "disk, its tags": disk_case({"tags": {"stage": "test"}}, {"tags": {"stage": "live", "keep": "yes"}}),
    "disk, a larger one": disk_case({}, {"size_in_gb": 32}, replaces=True),
    "disk attachment, another path": Case(
        DISK_ATTACHMENT,
        {"disk_name": "data", "instance_name": "web", "disk_path": "/dev/xvdf"},
        {"disk_name": "data", "instance_name": "web", "disk_path": "/dev/xvdg"},
        True,
        lambda api: api.get_disk(diskName="data")["disk"]["isAttached"],
        [(INSTANCE, WEB), (DISK, DATA)],
    ),
}


class TestEachResource:
    @pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
    def test_is_applied_changed_and_destroyed_and_no_plan_in_between_shows_a_difference(
        self, provider: Provider, case: Case
    ) -> None:
        check(provider, case)

    @pytest.mark.parametrize(
        ("kind", "state"),
        [
            (INSTANCE, {"id": "web"}),
            (STATIC_IP, {"id": "front"}),
            (STATIC_IP_ATTACHMENT, {"static_ip_name": "front"}),
            (KEY_PAIR, {"id": "key"}),
            (PORTS, {"instance_name": "web"}),
            (DISK, {"id": "data"}),
            (DISK_ATTACHMENT, {"id": "data,web"}),
        ],
        ids=lambda value: value.name if isinstance(value, Kind) else "",
    )
    def test_that_never_was_is_read_as_gone(self, provider: Provider, kind: Kind, state: State) -> None:
        assert provider.refresh(kind, state) is None


class TestAWholeStack:
    CONFIG: list[tuple[Kind, State]] = [
        (KEY_PAIR, {"name": "key"}),
        (INSTANCE, {**WEB, "key_pair_name": "key", "tags": {"stage": "test"}, **add_on("06:00")}),
        (STATIC_IP, {"name": "front"}),
        (STATIC_IP_ATTACHMENT, {"static_ip_name": "front", "instance_name": "web"}),
        (PORTS, rules(80, 443)),
        (DISK, DATA),
        (DISK_ATTACHMENT, {"disk_name": "data", "instance_name": "web", "disk_path": "/dev/xvdf"}),
    ]

    def test_stands_without_a_difference_and_is_destroyed_in_the_other_order(self, provider: Provider) -> None:
        states = [provider.apply(kind, config) for kind, config in self.CONFIG]
        seen = []
        for (kind, config), state in zip(self.CONFIG, states, strict=True):
            refreshed = provider.refresh(kind, state)
            assert refreshed is not None
            assert provider.plan(kind, config, refreshed) == {}
            seen.append(refreshed)
        instance, static_ip = seen[1], seen[2]
        assert (instance["is_static_ip"], instance["public_ip_address"]) == (True, static_ip["ip_address"])

        for (kind, _), state in reversed(list(zip(self.CONFIG, seen, strict=True))):
            provider.destroy(kind, state)
            assert provider.refresh(kind, state) is None

    def test_of_an_instance_deleted_behind_its_back_shows_what_is_to_be_made_again(self, provider: Provider) -> None:
        states = [provider.apply(kind, config) for kind, config in self.CONFIG]
        provider.destroy(INSTANCE, states[1])
        gone = [
            kind.name
            for (kind, _), state in zip(self.CONFIG, states, strict=True)
            if provider.refresh(kind, state) is None
        ]
        assert gone == [
            "aws_lightsail_instance",
            "aws_lightsail_static_ip_attachment",
            "aws_lightsail_instance_public_ports",
            "aws_lightsail_disk_attachment",
        ]


def test_an_instance_without_a_key_pair_has_the_default_one_which_is_no_difference(provider: Provider) -> None:
    state = provider.apply(INSTANCE, WEB)
    assert state["key_pair_name"] == DEFAULT_KEY
    assert len(state["ipv6_addresses"]) == 1


def test_a_rule_that_names_no_networks_is_read_with_all_of_them(provider: Provider) -> None:
    provider.apply(INSTANCE, WEB)
    (rule,) = provider.apply(PORTS, rules(80))["port_info"]
    assert (rule["cidrs"], rule["ipv6_cidrs"]) == (["0.0.0.0/0"], ["::/0"])


def test_automatic_snapshots_switched_off_keep_their_time_of_day(provider: Provider) -> None:
    state = provider.apply(INSTANCE, {**WEB, **add_on("10:00")})
    changed = {**WEB, **add_on("10:00", "Disabled")}
    assert provider.apply(INSTANCE, changed, state)["add_on"] == changed["add_on"]
