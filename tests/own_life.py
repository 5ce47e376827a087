"""The life of a fleet, driven by skysail's own client in a process of its own; prints, as JSON, what it saw.

python own_life.py <endpoint>
"""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import Any

import skysail

NAMES = [f"own-{number}" for number in range(1, 46)]
PATIENCE_S = 30


def main(endpoint: str) -> dict[str, Any]:
    """All that the client was told, from the first instance to the last refusal."""
    client = skysail.client(
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
    )
    seen: dict[str, Any] = {}
    made = client.create_instances(
        instanceNames=NAMES, availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
    )
    seen["created"] = [operation["status"] for operation in made["operations"]]
    paginator = client.get_paginator("get_instances")
    seen["page sizes"] = [len(page["instances"]) for page in paginator.paginate()]
    seen["names"] = list(paginator.paginate().search("instances[].name"))

    seen["states"] = [reach(client, "running")]
    client.stop_instance(instanceName="own-1")
    seen["states"].append(reach(client, "stopped"))
    client.start_instance(instanceName="own-1")
    seen["states"].append(reach(client, "running"))

    for name in NAMES[3:]:
        client.delete_instance(instanceName=name)
    seen["left"] = [instance["name"] for instance in paginator.paginate().build_full_result()["instances"]]
    try:
        client.get_instance(instanceName="own-45")
    except client.exceptions.NotFoundException as error:
        seen["refusal"] = [error.kind, error.code, error.message, error.status]
    return seen


def reach(client: skysail.Client, wanted: str) -> str:
    """The state of own-1 when it is the wanted one, or what it still is when patience has run out."""
    deadline = monotonic() + PATIENCE_S
    while True:
        state = str(client.get_instance_state(instanceName="own-1")["state"]["name"])
        if state == wanted or monotonic() > deadline:
            return state


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
