"""`skysail mirror` and `skysail diff`: a copy of a running service, killed and gone on with, and what differs."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

import skysail
from running_server import SKYSAIL, RunningServer, neutral_environment
from skysail.server import LocalLightsail

ACCOUNT = "111122223333"
NEW = {"availabilityZone": "us-east-1a", "blueprintId": "debian_12", "bundleId": "nano_3_0"}


def environment(folder, **more):
    return neutral_environment(folder, AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY="x", **more)


def skysail_command(folder, *arguments, **more):
    return subprocess.run(
        [str(SKYSAIL), *arguments], cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120
    )


@pytest.mark.whole
def test_a_mirror_taken_while_it_is_written_to_and_killed_ends_equal_when_writes_stop(tmp_path):
    (tmp_path / "fleet.yaml").write_text(
        f"account: '{ACCOUNT}'\nregions:\n  us-east-1:\n    instances: "
        "[{name: web, count: 400, bundle: nano_3_0, blueprint: debian_12, static_ip: '{name}-ip'}]\n"
    )
    mirror = [
        str(SKYSAIL), "mirror", "--endpoint", "", "--region", "us-east-1", "--region", "eu-west-1", "--into", "copy.db"
    ]  # fmt: skip
    with RunningServer(tmp_path, "--seed", "fleet.yaml", "--pace", "instant") as server:
        mirror[3] = server.url
        client = skysail.client(
            region_name="us-east-1", endpoint_url=server.url, aws_access_key_id=ACCOUNT, aws_secret_access_key="x"
        )
        for kill in range(6):
            process = subprocess.Popen(
                mirror, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            ends = time.monotonic() + 0.35 + 0.08 * kill
            written = 0
            while time.monotonic() < ends and process.poll() is None:
                client.create_instances(instanceNames=[f"new-{kill}-{written}"], **NEW)
                if written % 2:
                    client.delete_instance(instanceName=f"new-{kill}-{written - 1}")
                written += 1
            process.kill()
            process.wait()
        ended = subprocess.run(mirror, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")
        if (
            "us-east-1 (default)" not in ended.stdout
        ):  # the last kill came behind that place: what is done is not redone
            ended = subprocess.run(mirror, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True)
        assert "us-east-1 (default)" in ended.stdout
        same = skysail_command(tmp_path, "diff", server.url, "copy.db", "--region", "us-east-1")
        assert (same.returncode, same.stdout, same.stderr) == (0, "", "")

        client.stop_instance(instanceName="web-7")
        client.delete_instance(instanceName="web-8")
        client.release_static_ip(staticIpName="web-8-ip")
        differs = skysail_command(tmp_path, "diff", "copy.db", server.url, "--region", "us-east-1")
    assert differs.returncode == 1
    lines = differs.stdout.splitlines()
    assert lines[0] == "us-east-1"
    assert "  - Instance web-8" in lines
    assert "  ~ Instance web-7" in lines
    assert '      state.name: "running" -> "stopped"' in lines
    assert "  - StaticIp web-8-ip" in lines
    assert lines[-1] == "3 differences: 0 added, 2 removed, 1 changed"


@pytest.fixture
def stores(tmp_path):
    for name, instances in (("a.db", ["web-1", "web-2"]), ("b.db", ["web-2", "web-3"])):
        with LocalLightsail(tmp_path / name, pace="instant") as local:
            local.client(access_key_id=ACCOUNT).create_instances(instanceNames=instances, **NEW)
    return str(tmp_path / "a.db"), str(tmp_path / "b.db")


def test_a_difference_as_json_has_all_values(cli, stores):
    told = cli("diff", *stores, "-o", "json")
    assert told.status == 1
    found = {(each["kind"], each["name"]): each for each in json.loads(told.out)}
    assert found["Instance", "web-1"]["what"] == "removed"
    assert found["Instance", "web-3"]["what"] == "added"
    arns = [each for each in found["Instance", "web-2"]["members"] if each["path"] == "arn"]
    assert len(arns) == 1
    assert arns[0]["left"] != arns[0]["right"]


def test_in_brief_only_resources_are_named(cli, stores):
    told = cli("diff", *stores, "--brief")
    assert told.out.splitlines()[:2] == ["us-east-1", "  - Instance web-1"]
    assert " -> " not in told.out


def test_a_store_is_equal_to_itself(cli, stores):
    assert cli("diff", stores[0], stores[0]) == (0, "", "")


def test_what_a_side_does_not_show_is_said(cli, tmp_path, stores):
    with LocalLightsail(stores[0]) as local:
        local.faults.error("GetDisks", code="AccessDeniedException", status=400)
    told = cli("diff", stores[0], stores[0])
    assert (told.status, told.out, told.err) == (3, "", "not compared: Disk (AccessDeniedException)\n")


def test_wrong_sides_are_told(cli, tmp_path, stores):
    told = cli("diff", "absent.db", stores[0])
    assert told.status == 2
    assert told.err.startswith("error: there is no store absent.db")
    with LocalLightsail(stores[1]) as local:
        local.client(access_key_id="444455556666").allocate_static_ip(staticIpName="ip")
    told = cli("diff", stores[0], stores[1])
    assert told.err == f"error: {stores[1]} has 2 accounts: {ACCOUNT}, 444455556666 — --account {ACCOUNT}\n"
    assert cli("diff", stores[0], stores[1], "--account", ACCOUNT).status == 1


def test_a_place_that_cannot_be_reached_fails_alone(tmp_path):
    told = skysail_command(
        tmp_path, "mirror", "--endpoint", "http://127.0.0.1:9", "--region", "us-east-1", "--into", "copy.db"
    )
    assert told.returncode == 3
    assert told.stderr.splitlines() == [
        "One place is missing:",
        "  default  us-east-1  no connection to http://127.0.0.1:9 — is it running? skysail serve starts one",
        "go on: skysail mirror --endpoint http://127.0.0.1:9 --region us-east-1 --into copy.db",
    ]


def test_a_profile_misspelt_is_told_with_the_one_that_was_meant(cli, tmp_path, monkeypatch):
    (tmp_path / "config").write_text("[profile prod-eu]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    told = cli("mirror", "--profile", "prd-*", "--into", str(tmp_path / "copy.db"))
    assert (told.status, told.out) == (2, "")
    assert "(prd-*) could not be found — did you mean prod-eu? all of them: skysail doctor\n" in told.err
