"""Rules of a firewall: any sequence of openings and closings leaves open what a plain set says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.errors import InvalidInputException
from skysail.service.nouns import firewall
from skysail.service.nouns.firewall import Rule

SSH = {"fromPort": 22, "toPort": 22, "protocol": "tcp"}
PORTS = st.sampled_from([(22, 22, "tcp"), (80, 80, "tcp"), (8000, 8080, "udp")])
SOURCES = st.lists(st.sampled_from(["192.0.2.1/32", "198.51.100.0/24", "0.0.0.0/0"]), max_size=2, unique=True)
IPV6_SOURCES = st.lists(st.sampled_from(["2001:db8::/32", "::/0"]), max_size=2, unique=True)
RULES = st.builds(
    lambda ports, cidrs, ipv6, aliases: Rule(*ports, tuple(cidrs), tuple(ipv6), tuple(aliases)),
    PORTS,
    SOURCES,
    IPV6_SOURCES,
    st.sampled_from([(), ("lightsail-connect",)]),
)


def open_to(rule: Rule) -> set[tuple[Any, str]]:
    return {(rule.ports, source) for source in (*rule.cidrs, *rule.ipv6_cidrs, *rule.aliases)}


@given(st.lists(st.tuples(st.booleans(), RULES), max_size=12))
def test_what_is_open_is_what_a_plain_set_says(changes: list[tuple[bool, Rule]]) -> None:
    rules: list[Rule] = []
    expected: set[tuple[Any, str]] = set()
    for opens, rule in changes:
        if opens:
            rules = firewall.opened(rules, rule)
            expected |= open_to(firewall.open_to_all(rule))
        else:
            rules = firewall.closed(rules, rule)
            expected -= open_to(rule) if not rule.is_empty else {one for one in expected if one[0] == rule.ports}
        assert set().union(*map(open_to, rules)) == expected
        assert len({rule.ports for rule in rules}) == len(rules), "one rule for the same ports"
        assert not any(rule.is_empty for rule in rules)
        assert [firewall.rule_of(firewall.entry(rule)) for rule in rules] == rules


@pytest.mark.parametrize(
    ("port_info", "rule"),
    [
        (
            {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["192.0.2.1"]},
            Rule(22, 22, "tcp", ("192.0.2.1/32",)),
        ),
        ({"protocol": "all"}, Rule(0, 65535, "all")),
        ({"fromPort": 8, "toPort": -1, "protocol": "icmp"}, Rule(8, -1, "icmp")),
        (
            {"fromPort": 1, "toPort": 2, "protocol": "udp", "ipv6Cidrs": ["2001:DB8::1", "2001:db8::1/128"]},
            Rule(1, 2, "udp", (), ("2001:db8::1/128",)),
        ),
    ],
)
def test_port_infos_as_rules(port_info: dict[str, Any], rule: Rule) -> None:
    assert firewall.requested(port_info) == rule


@pytest.mark.parametrize(
    ("port_info", "text"),
    [
        ({"fromPort": 90, "toPort": 80, "protocol": "tcp"}, "The port range is not valid: 90-80/tcp"),
        ({"fromPort": 0, "toPort": 65536, "protocol": "udp"}, "The port range is not valid: 0-65536/udp"),
        ({"fromPort": -1, "toPort": 80, "protocol": "tcp"}, "The port range is not valid: -1-80/tcp"),
        ({"fromPort": 300, "toPort": 0, "protocol": "icmp"}, "The port range is not valid: 300-0/icmp"),
        ({**SSH, "cidrs": ["10.0.0.0/33"]}, "The CIDR is not valid: 10.0.0.0/33"),
        ({**SSH, "cidrs": ["::/0"]}, "The CIDR is not valid: ::/0"),
        ({**SSH, "ipv6Cidrs": ["10.0.0.0/8"]}, "The CIDR is not valid: 10.0.0.0/8"),
        ({**SSH, "cidrListAliases": ["me"]}, "The CIDR list alias is not valid: me"),
    ],
)
def test_port_infos_that_are_none(port_info: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidInputException) as caught:
        firewall.requested(port_info)
    assert caught.value.message == text


@pytest.mark.parametrize(
    ("protocol", "cidrs", "ipv6_cidrs"),
    [("tcp", ("0.0.0.0/0",), ("::/0",)), ("icmp", ("0.0.0.0/0",), ()), ("icmpv6", (), ("::/0",))],
)
def test_without_a_source_a_rule_is_for_everyone_that_its_protocol_reaches(
    protocol: str, cidrs: tuple[str, ...], ipv6_cidrs: tuple[str, ...]
) -> None:
    assert firewall.open_to_all(Rule(8, 0, protocol)) == Rule(8, 0, protocol, cidrs, ipv6_cidrs)


@pytest.mark.parametrize(
    ("rule", "access_from"),
    [
        (Rule(1, 1, "tcp", ("0.0.0.0/0",), ("::/0",)), "Anywhere (0.0.0.0/0 and ::/0)"),
        (Rule(1, 1, "tcp", ("0.0.0.0/0",)), "Anywhere (0.0.0.0/0)"),
        (Rule(1, 1, "tcp", (), ("::/0",)), "Anywhere (::/0)"),
        (Rule(1, 1, "tcp", ("192.0.2.1/32",)), "Custom"),
        (Rule(1, 1, "tcp", (), (), ("lightsail-connect",)), "Custom"),
    ],
)
def test_from_where_a_rule_gives_access(rule: Rule, access_from: str) -> None:
    assert firewall.entry(rule)["accessFrom"] == access_from


def test_sixty_sources_of_a_kind_are_the_most() -> None:
    sources = tuple(f"10.0.0.{number}/32" for number in range(60))
    firewall.check_sources([Rule(1, 1, "tcp", sources, ("::/0",))])
    with pytest.raises(InvalidInputException, match="maximum number of IPv4 source addresses: 60"):
        firewall.check_sources([Rule(1, 1, "tcp", sources), Rule(2, 2, "tcp", ("0.0.0.0/0",))])


def test_more_ports_than_can_be_had_are_refused_before_they_are_looked_at() -> None:
    several = [{"fromPort": number, "toPort": number, "protocol": "icmp"} for number in range(60)]
    assert len(firewall.put([*several, *[{**one, "protocol": "icmpv6"} for one in several]])) == 120
    with pytest.raises(InvalidInputException, match="maximum number of ports that can be put at once: 120"):
        firewall.put([{"fromPort": "nobody looks"}] * 121)
