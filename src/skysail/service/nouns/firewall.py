"""An instance's firewall: rules that say which ports are open, and to whom.

A rule is known by its ports and protocol; its sources are IPv4 ranges, IPv6 ranges and aliases. (Sources: rules of the
user guide and the model; texts inferred.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from skysail.service.refusals import invalid, over_quota

ANYWHERE_IPV4 = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"
ALIASES = ("lightsail-connect",)
MOST_SOURCES = 60
"""Addresses of one kind, IPv4 or IPv6, in all rules of an instance (source: user guide)."""
MOST_RULES = 2 * MOST_SOURCES
"""Ports that are put in one call: each has a source of one kind, at least (inferred: the real one's own limit)."""
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Rule:
    from_port: int
    to_port: int
    protocol: str
    cidrs: tuple[str, ...] = ()
    ipv6_cidrs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def ports(self) -> tuple[int, int, str]:
        return self.from_port, self.to_port, self.protocol

    @property
    def is_empty(self) -> bool:
        return not (self.cidrs or self.ipv6_cidrs or self.aliases)

    def __str__(self) -> str:
        """As the journal has it: 22/tcp, or 8000-8080/tcp (a range is inferred)."""
        ports = str(self.from_port) if self.from_port == self.to_port else f"{self.from_port}-{self.to_port}"
        return f"{ports}/{self.protocol}"


def requested(port_info: Mapping[str, Any]) -> Rule:
    """A PortInfo as a rule; without any source, it is open to everyone. Raises InvalidInputException."""
    rule = Rule(
        port_info.get("fromPort", 0),
        port_info.get("toPort", 0),
        port_info.get("protocol", "tcp"),
        _networks(port_info.get("cidrs", ()), IPv4Network),
        _networks(port_info.get("ipv6Cidrs", ()), IPv6Network),
        _aliases(port_info.get("cidrListAliases", ())),
    )
    if rule.protocol == "all":  # all ports, whatever was said of them (seen as 0 to 65535)
        rule = replace(rule, from_port=0, to_port=_LAST_PORT)
    _check_ports(rule)
    return rule


def put(port_infos: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """All rules that an instance is to have. Raises InvalidInputException."""
    if len(port_infos) > MOST_RULES:
        raise over_quota(f"You've reached the maximum number of ports that can be put at once: {MOST_RULES}")
    rules: list[Rule] = []
    for port_info in port_infos:
        rules = opened(rules, requested(port_info))
    return rules


def open_to_all(rule: Rule) -> Rule:
    """A rule that names no source is for everyone: of its own kind of address, for a protocol that has only one."""
    if not rule.is_empty:
        return rule
    return replace(
        rule,
        cidrs=() if rule.protocol == "icmpv6" else (ANYWHERE_IPV4,),
        ipv6_cidrs=() if rule.protocol == "icmp" else (ANYWHERE_IPV6,),
    )


def opened(rules: Sequence[Rule], more: Rule) -> list[Rule]:
    """With another rule: its sources join those of a rule with the same ports (inferred), else it stands last."""
    wanted = open_to_all(more)
    if all(rule.ports != wanted.ports for rule in rules):
        return [*rules, wanted]
    return [_joined(rule, wanted) if rule.ports == wanted.ports else rule for rule in rules]


def closed(rules: Sequence[Rule], less: Rule) -> list[Rule]:
    """Without those ports; where sources are named, without them alone (inferred). What is not open stays closed."""
    left = []
    for rule in rules:
        if rule.ports != less.ports:
            left.append(rule)
        elif not less.is_empty:
            remaining = replace(
                rule,
                cidrs=tuple(one for one in rule.cidrs if one not in less.cidrs),
                ipv6_cidrs=tuple(one for one in rule.ipv6_cidrs if one not in less.ipv6_cidrs),
                aliases=tuple(one for one in rule.aliases if one not in less.aliases),
            )
            left += [] if remaining.is_empty else [remaining]
    return left


def check_sources(rules: Sequence[Rule]) -> None:
    """Raises InvalidInputException: more sources of a kind than an instance's rules can have."""
    for kind, count in (
        ("IPv4", sum(len(rule.cidrs) for rule in rules)),
        ("IPv6", sum(len(rule.ipv6_cidrs) for rule in rules)),
    ):
        if count > MOST_SOURCES:
            raise over_quota(f"You've reached the maximum number of {kind} source addresses: {MOST_SOURCES}")


def entry(rule: Rule) -> dict[str, Any]:
    """A rule as an instance's `networking.ports` shows it.

    accessType is lower case on the wire (seen), whatever the model's enum says; "all" protocols are "-1" (seen).
    """
    sources = [*rule.cidrs, *rule.ipv6_cidrs]
    is_public = all(one in (ANYWHERE_IPV4, ANYWHERE_IPV6) for one in sources) and sources and not rule.aliases
    return {
        "fromPort": rule.from_port,
        "toPort": rule.to_port,
        "protocol": "-1" if rule.protocol == "all" else rule.protocol,
        "accessFrom": f"Anywhere ({' and '.join(sources)})" if is_public else "Custom",  # inferred: Custom
        "accessType": "public",
        "commonName": "",
        "accessDirection": "inbound",
        "cidrs": list(rule.cidrs),
        "ipv6Cidrs": list(rule.ipv6_cidrs),
        "cidrListAliases": list(rule.aliases),
    }


def rule_of(entry: Mapping[str, Any]) -> Rule:
    """The other way: a rule from an instance's document."""
    protocol = entry.get("protocol", "tcp")
    return Rule(
        entry.get("fromPort", 0),
        entry.get("toPort", 0),
        "all" if protocol == "-1" else protocol,
        tuple(entry.get("cidrs", ())),
        tuple(entry.get("ipv6Cidrs", ())),
        tuple(entry.get("cidrListAliases", ())),
    )


def state(rule: Rule) -> dict[str, Any]:
    """A rule as GetInstancePortStates shows it: only open ones are there (seen)."""
    return {
        "fromPort": rule.from_port,
        "toPort": rule.to_port,
        "protocol": rule.protocol,
        "state": "open",
        "cidrs": list(rule.cidrs),
        "ipv6Cidrs": list(rule.ipv6_cidrs),
        "cidrListAliases": list(rule.aliases),
    }


def _joined(rule: Rule, more: Rule) -> Rule:
    return replace(
        rule,
        cidrs=_once((*rule.cidrs, *more.cidrs)),
        ipv6_cidrs=_once((*rule.ipv6_cidrs, *more.ipv6_cidrs)),
        aliases=_once((*rule.aliases, *more.aliases)),
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _networks(texts: Iterable[str], kind: type[IPv4Network] | type[IPv6Network]) -> tuple[str, ...]:
    """Ranges as they are shown: a single address as /32 or /128 (inferred), host bits cut off."""
    found = []
    for text in texts:
        try:
            found.append(str(kind(text, strict=False)))
        except ValueError:
            raise invalid(f"The CIDR is not valid: {text}") from None
    return _once(found)


def _aliases(texts: Iterable[str]) -> tuple[str, ...]:
    for text in texts:
        if text not in ALIASES:
            raise invalid(f"The CIDR list alias is not valid: {text}")
    return _once(texts)


def _check_ports(rule: Rule) -> None:
    """tcp and udp: a range of ports. ICMP: a type and a code, -1 for all of them."""
    if rule.protocol in ("icmp", "icmpv6"):
        fits = -1 <= rule.from_port <= 255 and -1 <= rule.to_port <= 255
    else:
        fits = 0 <= rule.from_port <= rule.to_port <= _LAST_PORT
    if not fits:
        raise invalid(f"The port range is not valid: {rule.from_port}-{rule.to_port}/{rule.protocol}")
