"""An instance's firewall as people write it, `22/tcp@198.51.100.0/24`, and the difference between two. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from skysail.errors import UsageError

PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "all")
ANYWHERE = ("0.0.0.0/0", "::/0")

_RULE = re.compile(
    r"(?:(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?/)?(?P<protocol>[a-z0-9]+)(?:@(?P<sources>.+))?", re.IGNORECASE
)
_BARE = re.compile(r"(?P<numbers>[0-9]{1,9}(?:-[0-9]{1,9})?)(?P<sources>(?:@.+)?)")
"""What people mean TCP by, as in a seed."""
_ICMP_ANY = -1


Wrong = Callable[..., Exception]
"""Makes an error of what is wrong, and of what would be right."""


def _usage_error(what: str, remedy: str = "") -> Exception:
    return UsageError(f"{what}; {remedy}" if remedy else what)


class Port(NamedTuple):
    """What a rule is about; the service has one rule for each."""

    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        if self.protocol == "all" or self.first == _ICMP_ANY:
            return self.protocol
        numbers = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{numbers}/{self.protocol}"


Rules = dict[Port, tuple[str, ...]]
"""The sources that each port is open to: CIDR blocks, of IPv4 before those of IPv6, and aliases."""


def rules_of(states: Iterable[Mapping[str, Any]]) -> Rules:
    """Of what GetInstancePortStates says."""
    return {
        Port(one["protocol"], one["fromPort"], one["toPort"]): (
            *one.get("cidrs", ()),
            *one.get("ipv6Cidrs", ()),
            *one.get("cidrListAliases", ()),
        )
        for one in states
        if one.get("state", "open") == "open"
    }


def written(texts: Iterable[str], wrong: Wrong = _usage_error) -> Rules:
    """22/tcp or 22, 8000-8010/udp, all, icmp; behind @ the sources, with commas. Raises UsageError, or `wrong`'s."""
    rules: Rules = {}
    for text in texts:
        port, sources = _rule(text, wrong)
        rules[port] = (*rules.get(port, ()), *(one for one in sources if one not in rules.get(port, ())))
    return rules


def port_infos(rules: Rules) -> list[dict[str, Any]]:
    """As PutInstancePublicPorts takes them."""
    return [port_info(port, sources) for port, sources in rules.items()]


def port_info(port: Port, sources: Iterable[str]) -> dict[str, Any]:
    info: dict[str, Any] = {"protocol": port.protocol, "fromPort": port.first, "toPort": port.last}
    for source in sources:
        info.setdefault(_kind(source), []).append(source)
    return info


def rule(port: Port, sources: Iterable[str]) -> str:
    """As `written` reads it: 22/tcp@198.51.100.0/24; without sources for anywhere."""
    listed = list(sources)
    return f"{port}" if set(listed) == set(ANYWHERE) else f"{port}@{','.join(listed)}"


def told(sources: Iterable[str]) -> str:
    """anywhere; 198.51.100.0/24; nowhere"""
    all_of_them = list(sources)
    if set(ANYWHERE) <= set(all_of_them):
        all_of_them = ["anywhere", *(one for one in all_of_them if one not in ANYWHERE)]
    return ", ".join(all_of_them) or "nowhere"


def differences(before: Rules, after: Rules) -> Iterator[str]:
    """A line each: what is open to others than before, what is opened, and with a minus in front what is closed."""
    width = max((len(str(port)) for port in (*before, *after)), default=0)
    for port, sources in after.items():
        if port not in before:
            yield f"  {port!s:{width}}  + {told(sources)}"
        elif set(before[port]) != set(sources):
            yield f"  {port!s:{width}}  {told(before[port])} -> {told(sources)}"
    for port, sources in before.items():
        if port not in after:
            yield f"- {port!s:{width}}  {told(sources)}"


def _rule(text: str, wrong: Wrong) -> tuple[Port, tuple[str, ...]]:
    bare = _BARE.fullmatch(text)
    found = _RULE.fullmatch(f"{bare['numbers']}/tcp{bare['sources']}" if bare else text)
    protocol = found["protocol"].lower() if found else ""
    if found is None or protocol not in PROTOCOLS:
        raise wrong(f"{text} is no port", "such as 22/tcp, 8000-8010/udp, 22/tcp@198.51.100.0/24, icmp, all")
    has_numbers = found["first"] is not None
    if has_numbers and protocol not in ("tcp", "udp"):
        raise wrong(f"{text}: {protocol} has no port numbers", protocol)
    if not has_numbers and protocol in ("tcp", "udp"):
        raise wrong(f"{text} names no port", f"22/{protocol}, or all of them: 0-65535/{protocol}")
    sources = tuple(filter(None, (found["sources"] or "").split(","))) or ANYWHERE
    if not has_numbers:
        return (Port("all", 0, 65535) if protocol == "all" else Port(protocol, _ICMP_ANY, _ICMP_ANY)), sources
    first = int(found["first"])
    last = int(found["last"] or first)
    if not first <= last <= 65535:
        raise wrong(f"{text}: ports go upwards, and to 65535")
    return Port(protocol, first, last), sources


def _kind(source: str) -> str:
    if ":" in source:
        return "ipv6Cidrs"
    return "cidrs" if source[0].isdigit() else "cidrListAliases"
