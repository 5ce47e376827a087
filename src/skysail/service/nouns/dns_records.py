"""DNS records: what a valid one is, in which form it is kept, and which can stand beside each other in a zone.

The rules and the texts of refusals are Route 53's, which keeps Lightsail's zones (inferred); those that are seen of
Lightsail itself are marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from skysail.errors import OperationFailureException
from skysail.service.identity import hex_digits
from skysail.service.refusals import invalid

Record = dict[str, Any]
"""id, name, target, isAlias and type: as a domain shows them in its entries."""

TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT")
WILDCARD = "\\052"
"""How a leading asterisk is shown (seen)."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = rf"(?=.{{1,255}}$){_LABEL}(?:\.{_LABEL})*\.?"
_RECORD_NAME = re.compile(rf"(?=.{{1,255}}$)(?:\\052\.)?{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_NUMBER = r"(?:[0-5]?\d{1,4}|6(?:[0-4]\d{3}|5(?:[0-4]\d\d|5(?:[0-2]\d|3[0-5]))))"
"""Of 16 bits."""
_QUOTED = r'"(?:[^"\\]|\\.){0,255}"'
_ALIAS_TARGETS = (
    r"(?:dualstack\.)?[0-9a-z-]+\.[a-z0-9-]+\.elb\.amazonaws\.com",  # a load balancer
    r"[0-9a-z]+\.cloudfront\.net",  # a distribution
    r"[0-9a-z.-]+\.cs\.amazonlightsail\.com",  # a container service
)
"""Source: the model."""


def check_domain_name(name: str) -> None:
    """Raises InvalidInputException: what it names can be no zone (text inferred)."""
    if not _DOMAIN.fullmatch(name):
        raise invalid(f"The domain name is not valid: {name}")


def record(domain: str, asked: Mapping[str, Any]) -> Record:
    """A record as it is kept: small letters, no dot behind its name and its target (seen).

    Raises InvalidInputException: its name is not in the zone, or type, target and alias do not fit each other.
    """
    name = record_name(asked.get("name", ""))
    type, target, is_alias = asked.get("type", ""), asked.get("target", ""), asked.get("isAlias", False)
    if not name:
        raise _wrong("Name should not be empty", name)
    if name != domain.lower() and not name.endswith(f".{domain.lower()}"):
        raise invalid(f"RRSet with DNS name {name}. is not permitted in zone {domain}.")
    if not _RECORD_NAME.fullmatch(name):
        raise _wrong("Name should be a valid domain name", name)
    if type not in TYPES:
        raise _wrong(f"Type should be one of {', '.join(TYPES)}", type)
    if is_alias:
        _check_alias(type, target)
    elif wrong := _TARGETS[type](target):
        raise _wrong(wrong, target)
    if type not in ("TXT", "SOA"):
        target = target.removesuffix(".")
    return identified({"name": name, "target": target, "isAlias": is_alias, "type": type})


def record_name(name: str) -> str:
    name = name.lower().removesuffix(".")
    return WILDCARD + name[1:] if name.startswith("*.") else name


def identified(found: Mapping[str, Any]) -> Record:
    """With an id that follows from the rest: 32 bits with a sign, as text (seen; how it follows is inferred)."""
    told = "\n".join(str(found[member]) for member in ("name", "type", "target", "isAlias"))
    number = int(hex_digits(told, "record", 8), 16)
    return {"id": str(number - 2**32 if number >= 2**31 else number), **found}


def first(zone_id: str, domain: str) -> list[Record]:
    """The records that a zone begins with: four name servers and the start of authority (forms seen)."""
    servers = []
    for tld in ("com", "co.uk", "net", "org"):
        digits = int(hex_digits(zone_id, f"server {tld}", 8), 16)
        servers.append(f"ns-{digits % 2048}.awsdns-{digits // 2048 % 64:02d}.{tld}")
    start = f"{servers[1]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
    targets = [*(("NS", server) for server in servers), ("SOA", start)]
    return [
        identified({"name": domain.lower(), "target": target, "isAlias": False, "type": type})
        for type, target in targets
    ]


def added(domain: str, records: Sequence[Record], new: Record) -> list[Record]:
    """A zone's records with one more. Raises InvalidInputException: it cannot stand beside those that are there."""
    of_name = [one for one in records if one["name"] == new["name"]]
    of_type = [one for one in of_name if one["type"] == new["type"]]
    is_start = new["type"] == "SOA"  # the zone has one, at its apex
    if (is_start and not _is_apex(domain, new)) or any(
        is_start or one["isAlias"] or new["isAlias"] or _is_same(one, new) for one in of_type
    ):
        raise invalid(
            f"Tried to create resource record set [name='{new['name']}.', type='{new['type']}'] but it already exists"
        )  # seen in part
    if new["type"] == "CNAME" and _is_apex(domain, new):
        raise invalid(f"RRSet of type CNAME with DNS name {new['name']}. is not permitted at apex in zone {domain}.")
    if of_name and "CNAME" in (new["type"], of_name[0]["type"]):
        raise invalid(
            f"RRSet of type {new['type']} with DNS name {new['name']}. is not permitted as it conflicts with other "
            f"records with the same DNS name in zone {domain}."
        )
    return sorted([*records, new], key=_place)


def removed(domain: str, records: Sequence[Record], gone: Mapping[str, Any]) -> list[Record]:
    """A zone's records without one, known by name, type, target and whether it is an alias.

    Raises OperationFailureException: there is none such (class seen in part). Raises InvalidInputException: no zone is
    without it.
    """
    wanted = {"type": "", "isAlias": False, **gone, "name": record_name(gone.get("name", ""))}
    found = next((one for one in records if _is_same(one, wanted)), None)
    if found is None:
        raise OperationFailureException.because(
            f"Tried to delete resource record set [name='{wanted['name']}.', type='{wanted['type']}'] but it was not "
            "found",
            "DoesNotExist",
        )
    left = [one for one in records if one is not found]
    _check_whole(domain, records, left)
    return left


def replaced(domain: str, records: Sequence[Record], id: str, new: Record) -> list[Record]:
    """A zone's records with one in the place of that of an id.

    Raises OperationFailureException: none has it. Raises InvalidInputException: the new one cannot stand beside the
    others, or no zone is without the former one.
    """
    former = next((one for one in records if one["id"] == id), None)
    if former is None:
        raise OperationFailureException.because(f"The DomainEntry does not exist: {id}", "DoesNotExist")
    left = [one for one in records if one is not former]
    changed = added(domain, left, new)
    _check_whole(domain, records, changed)
    return changed


def _check_whole(domain: str, before: Sequence[Record], after: Sequence[Record]) -> None:
    """Raises InvalidInputException: the zone would lose what no zone is without."""
    lost = {one["type"] for one in before if _is_apex(domain, one)}
    lost -= {one["type"] for one in after if _is_apex(domain, one)}
    for type, number in (("SOA", "exactly one SOA record"), ("NS", "at least one NS record for the zone itself")):
        if type in lost:
            raise invalid(f"A HostedZone must contain {number}.")


def _is_apex(domain: str, one: Record) -> bool:
    return bool(one["name"] == domain.lower())


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    members = ("name", "type", "isAlias")
    if any(one[member] != other[member] for member in members):
        return False
    return bool(str(one["target"]).removesuffix(".") == str(other.get("target", "")).removesuffix("."))


def _place(one: Record) -> tuple[list[str], str]:
    """Route 53's order: by the labels from behind, then by type; those alike as they came (seen)."""
    return str(one["name"]).split(".")[::-1], str(one["type"])


def _wrong(reason: str, value: str) -> Exception:
    """Form seen."""
    return invalid(f"Input error: {reason}: {value}" if value else f"Input error: {reason}")


def _check_alias(type: str, target: str) -> None:
    if type not in ("A", "AAAA"):
        raise _wrong("Type should be A or AAAA for an alias", type)
    if not any(re.fullmatch(form, target.lower().removesuffix(".")) for form in _ALIAS_TARGETS):
        raise _wrong(
            "Target should be a load balancer's, distribution's or container service's domain name",
            target,
        )


def _address(family: type[IPv4Address | IPv6Address], text: str) -> Callable[[str], str]:
    wrong = f"Target should be a valid {text} address"

    def look(target: str) -> str:
        try:
            family(target)
        except AddressValueError:
            return wrong
        return wrong if "%" in target else ""  # an IPv6 address of one machine's network

    return look


def _matches(pattern: str, text: str) -> Callable[[str], str]:
    form = re.compile(pattern, re.IGNORECASE | re.ASCII)
    return lambda target: "" if form.fullmatch(target) else f"Target should be {text}"


_TARGETS: dict[str, Callable[[str], str]] = {
    "A": _address(IPv4Address, "IPv4"),
    "AAAA": _address(IPv6Address, "IPv6"),
    "CNAME": _matches(_HOST, "a valid domain name"),
    "MX": _matches(rf"{_NUMBER} +{_HOST}", "a priority and a domain name"),
    "NS": _matches(_HOST, "a valid domain name"),
    "SOA": _matches(rf"{_HOST} +{_HOST}(?: +\d+){{5}}", "two domain names and five numbers"),
    "SRV": _matches(rf"(?:{_NUMBER} +){{3}}{_HOST}", "a priority, a weight, a port and a domain name"),
    "TXT": _matches(rf"{_QUOTED}(?: +{_QUOTED})*", "enclosed in quotation marks"),  # seen
}
"""By type: what is wrong with a target, "" for nothing."""
