"""`skysail instances --org --role-name R`: the accounts of an organization, found and walked by the real command."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from running_server import SKYSAIL, RunningServer, neutral_environment

KEYS = {"aws_access_key_id": "AKIAMASTER0000000001", "aws_secret_access_key": "x", "region_name": "us-east-1"}


@pytest.mark.whole
def test_the_accounts_of_an_organization_are_walked_each_by_its_role(
    served: Callable[..., RunningServer], tmp_path: Path
) -> None:
    others = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    others.start()
    try:
        address = "http://{}:{}".format(*others.get_host_and_port())
        organization = boto3.client("organizations", endpoint_url=address, **KEYS)
        organization.create_organization(FeatureSet="ALL")
        for name in ("one", "two"):
            organization.create_account(AccountName=name, Email=f"{name}@example.com")
        accounts = {account["Id"] for account in organization.list_accounts()["Accounts"]}
        environment = neutral_environment(
            tmp_path,
            AWS_ACCESS_KEY_ID=KEYS["aws_access_key_id"],
            AWS_SECRET_ACCESS_KEY="x",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_ENDPOINT_URL_ORGANIZATIONS=address,
            AWS_ENDPOINT_URL_STS=address,
            AWS_ENDPOINT_URL_LIGHTSAIL=served("--pace", "instant").url,
        )
        walked = subprocess.run(
            [SKYSAIL, "instances", "--org", "--role-name", "Reader", "--region", "us-east-1", "-o", "jsonl"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (walked.returncode, walked.stdout) == (0, "")
        assert f"{len(accounts)} places" in walked.stderr
    finally:
        others.stop()
