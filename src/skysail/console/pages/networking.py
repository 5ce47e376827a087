"""An instance's addresses and firewall; what is to be changed stands in the address until it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.console.code import codes
from skysail.console.pages.fleet import called
from skysail.console.visit import Visit


def networking(visit: Visit, region: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    states = visit.look(region).get_instance_port_states(instanceName=found["name"])["portStates"]
    held = visit.every(region, "get_static_ips", "staticIps")
    return {
        "ports": states,
        "static_ip": next((one for one in held if one.get("attachedTo") == found["name"]), None),
        "free_ips": [one for one in held if not one.get("isAttached")],
        "codes": codes(called(visit, "GetInstancePortStates", {"instanceName": found["name"]}, region)),
    }
