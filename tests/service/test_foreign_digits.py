"""Where a number stands in a text, it is written in the digits 0 to 9, and in no other script's."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench
from skysail.errors import ServiceError

THREE = "\u0663"
DATABASE = {
    "relationalDatabaseName": "base",
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "micro_2_0",
    "masterDatabaseName": "main",
    "masterUsername": "main_user",
}

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a backup window": ("create_relational_database", {**DATABASE, "preferredBackupWindow": f"0{THREE}:00-05:00"}),
    "a maintenance window": (
        "create_relational_database",
        {**DATABASE, "preferredMaintenanceWindow": f"sun:0{THREE}:00-sun:05:00"},
    ),
    "a parameter": (
        "update_relational_database_parameters",
        {
            "relationalDatabaseName": "there",
            "parameters": [{"parameterName": "max_connections", "parameterValue": THREE}],
        },
    ),
    "success codes": (
        "create_container_service",
        {
            "serviceName": "service",
            "power": "nano",
            "scale": 1,
            "deployment": {
                "containers": {"web": {"image": "nginx", "ports": {"80": "HTTP"}}},
                "publicEndpoint": {
                    "containerName": "web",
                    "containerPort": 80,
                    "healthCheck": {"successCodes": f"20{THREE}"},
                },
            },
        },
    ),
    "the date of a restore": (
        "create_instances_from_snapshot",
        {
            "sourceInstanceName": "web",
            "restoreDate": f"202{THREE}-11-15",
            "instanceNames": ["restored"],
            "availabilityZone": "us-east-1a",
            "bundleId": "nano_3_0",
        },
    ),
    "a telephone number": (
        "create_contact_method",
        {"protocol": "SMS", "contactEndpoint": f"+120655501{THREE}"},
    ),
}


@pytest.mark.parametrize("what", CALLS)
def test_they_are_refused(what: str) -> None:
    bench = Bench()
    bench.instance("web")
    bench.client.create_relational_database(**{**DATABASE, "relationalDatabaseName": "there"})
    bench.settle()
    operation, arguments = CALLS[what]
    with pytest.raises(ServiceError, match=THREE) as caught:
        getattr(bench.client, operation)(**arguments)
    assert caught.value.code == "InvalidParams"
