"""An instance's addresses and firewall; what is to be changed stands in the address until it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from skysail.console.asked import Fields
from skysail.console.code import codes
from skysail.console.pages.fleet import called
from skysail.console.visit import Visit
from skysail.errors import UsageError
from skysail.telling.firewall import PROTOCOLS, Port, Rules, differences, port_infos, rule, rules_of, told, written

_MOST_LINKED = 500_000
"""Characters of the links that close or change a rule: each has all the other rules in it, so that many rules would
make a page that nobody can wait for.
"""
_DAY_S = 86_400
_WORLD_WARY = {22: "SSH", 3389: "RDP"}


class Line(NamedTuple):
    """A rule as it is shown; `without` are the other rules, for a link that closes or changes this one; None where
    there are too many.
    """

    port: Port
    ipv4: str
    ipv6: str
    warning: str
    without: list[str] | None
    text: str


def networking(visit: Visit, region: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    states = visit.look(region).get_instance_port_states(instanceName=found["name"])["portStates"]
    now = rules_of(states)
    asked = visit.asked.form if visit.asked.method == "POST" else visit.asked.query
    error = None
    try:
        wanted = _wanted(asked, now)
    except UsageError as wrong:
        error, wanted = {"what": str(wrong), "kind": "", "request_id": ""}, _without_new(asked, now)
    held = visit.every(region, "get_static_ips", "staticIps")
    change = {"instanceName": found["name"], "portInfos": port_infos(wanted)}
    is_changed = {port: set(sources) for port, sources in wanted.items()} != {p: set(s) for p, s in now.items()}
    look = called(visit, "GetInstancePortStates", {"instanceName": found["name"]}, region)
    return {
        "lines": _lines(wanted),
        "before": [rule(port, sources) for port, sources in now.items()],
        "rules": [rule(port, sources) for port, sources in wanted.items()],
        "differences": list(differences(now, wanted)) if is_changed else [],
        "draft": {name: asked.one(name) for name in ("protocol", "port", "sources")}
        if error or not asked.one("add")
        else {},
        "protocols": PROTOCOLS,
        "transferred": _transferred(visit, region, found["name"]),
        "static_ip": next((one for one in held if one.get("attachedTo") == found["name"]), None),
        "free_ips": [one for one in held if not one.get("isAttached")],
        "codes": codes(called(visit, "PutInstancePublicPorts", change, region) if is_changed else look),
        **({"error": error} if error else {}),
    }


def _transferred(visit: Visit, region: str, name: str) -> float:
    """Bytes in and out since the month began: both count against what the plan allows."""
    end = datetime.fromtimestamp(visit.now, UTC).replace(microsecond=0)
    begin = end.replace(day=1, hour=0, minute=0, second=0)
    if end == begin:
        return 0
    span: dict[str, Any] = {"startTime": begin, "endTime": end, "period": _DAY_S, "unit": "Bytes"}
    asked = {"instanceName": name, "statistics": ["Sum"], **span}
    look = visit.look(region).get_instance_metric_data
    found = [
        point for metric in ("NetworkIn", "NetworkOut") for point in look(metricName=metric, **asked)["metricData"]
    ]
    return float(sum(point["sum"] for point in found))


def _wanted(asked: Fields, now: Rules) -> Rules:
    """The rules in the address, with the one that is being added; those that hold, where it says nothing of them."""
    texts = list(_texts(asked, now))
    if asked.one("add"):
        protocol, ports, sources = asked.one("protocol"), asked.one("port"), asked.one("sources")
        text = f"{ports}/{protocol}" if ports and protocol in ("tcp", "udp") else protocol
        texts.append(f"{text}@{','.join(sources.replace(',', ' ').split())}" if sources else text)
    return written(texts)


def _without_new(asked: Fields, now: Rules) -> Rules:
    try:
        return written(_texts(asked, now))
    except UsageError:
        return now


def _texts(asked: Fields, now: Rules) -> list[str]:
    if "edit" in asked or "rule" in asked:
        return asked.all("rule")
    return [rule(port, sources) for port, sources in now.items()]


def _lines(rules: Rules) -> list[Line]:
    texts = {port: rule(port, sources) for port, sources in rules.items()}
    is_linked = len(texts) * sum(map(len, texts.values())) <= _MOST_LINKED
    made = []
    for port, sources in rules.items():
        ipv4 = [one for one in sources if ":" not in one]
        ipv6 = [one for one in sources if ":" in one]
        is_open = "0.0.0.0/0" in ipv4 or "::/0" in ipv6
        wary = next((name for number, name in _WORLD_WARY.items() if port.first <= number <= port.last), "")
        warning = f"{wary} is open to the world" if is_open and wary and port.protocol in ("tcp", "all") else ""
        without = [text for other, text in texts.items() if other != port] if is_linked else None
        made.append(Line(port, _from(ipv4), _from(ipv6), warning, without, ", ".join(sources)))
    return made


def _from(sources: list[str]) -> str:
    """Of one of the two firewalls, which know nothing of each other."""
    if any(one in ("0.0.0.0/0", "::/0") for one in sources):
        return "anywhere"
    return told(sources).replace("nowhere", "nobody")
