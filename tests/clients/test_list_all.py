"""aws-list-all as it comes: every listing of the API at once, of whatever noun, as botocore's model has them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from running_server import REGION, RunningServer
from skysail.service.families.index import OPERATIONS

pytestmark = pytest.mark.clients

NO_LISTING = {"GetProfile", "GetBuckets"}
"""It takes every Get… without arguments for an answer of lists alone; on AWS too these have something else."""


@pytest.fixture(scope="module")
def server(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """With AWS's own pages: it takes an answer with a token for no listing."""
    with RunningServer(tmp_path_factory.mktemp("server"), "--pace", "instant") as server:
        yield server


@pytest.fixture
def nouns(lightsail: Any) -> None:
    """One of several nouns each."""
    lightsail.create_container_service(serviceName="shop", power="nano", scale=1)
    lightsail.create_load_balancer(loadBalancerName="lb", instancePort=80)
    lightsail.create_certificate(certificateName="cert", domainName="example.com")
    lightsail.allocate_static_ip(staticIpName="ip")
    lightsail.create_disk(diskName="data", availabilityZone=f"{REGION}a", sizeInGb=8)
    lightsail.create_domain(domainName="example.com")
    lightsail.create_relational_database(
        relationalDatabaseName="db",
        relationalDatabaseBlueprintId="mysql_8_0",
        relationalDatabaseBundleId="micro_2_0",
        masterDatabaseName="shop",
        masterUsername="admin1",
    )


def test_every_listing_is_answered_and_what_there_is_is_found(
    nouns: None, run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    told = run("aws-list-all", "query", "--service", "lightsail", "--region", REGION, "--directory", tmp_path / "out")
    assert told.returncode == 0, told.stderr
    lines = re.findall(r"^(\+\+\+|---|!!!|>:\|) lightsail \S+ (\w+) ", told.stdout, re.MULTILINE)
    results = {operation: result for result, operation in lines}
    assert len(results) > 20, told.stdout
    with_trouble = {operation for operation, result in results.items() if result not in ("+++", "---")}
    assert {operation for operation in with_trouble if operation in OPERATIONS} <= NO_LISTING, told.stdout
    found = {operation for operation, result in results.items() if result == "+++"}
    assert {"GetContainerServices", "GetLoadBalancers", "GetCertificates", "GetStaticIps", "GetDisks"} <= found
    assert {"GetDomains", "GetRelationalDatabases"} <= found
    assert {"GetAlarms", "GetInstances"} & found == set(), "there is none"
    (written,) = (tmp_path / "out").glob("lightsail_GetContainerServices_*.json")
    answer = json.loads(written.read_text())["response"]
    assert [one["containerServiceName"] for one in answer["containerServices"]] == ["shop"]
