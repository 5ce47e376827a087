"""`skysail export`: a store or a service as a seed, JSON, Terraform, Parquet."""

from __future__ import annotations

import json

import pytest

from skysail.seeds.reading import parsed
from skysail.server import LocalLightsail

ACCOUNT = "111122223333"
SEED = {
    "account": ACCOUNT,
    "regions": {
        "us-east-1": {
            "instances": [{"name": "web", "count": 2, "bundle": "nano_3_0", "blueprint": "debian_12", "age": "3d"}]
        },
        "eu-west-1": {"static_ips": [{"name": "spare"}]},
    },
}


@pytest.fixture
def store(tmp_path):
    with LocalLightsail(tmp_path / "fleet.db") as local:
        local.seed(SEED)
    return str(tmp_path / "fleet.db")


def test_a_store_is_a_seed_that_gives_it_again(cli, store, tmp_path):
    told = cli("export", store, "--output-file", str(tmp_path / "fleet.yaml"))
    assert (told.status, told.out) == (0, "")
    assert told.err == f"2 instances and 1 other resource from {store}\n"
    (made,) = parsed((tmp_path / "fleet.yaml").read_text(), "fleet.yaml")
    assert set(made.seed.regions) == {"us-east-1", "eu-west-1"}
    assert cli("seed", str(tmp_path / "fleet.yaml"), "--into", str(tmp_path / "copy.db")).status == 0
    assert cli("diff", store, str(tmp_path / "copy.db"), "--brief", "--account", ACCOUNT).status == 1  # other ids


def test_the_service_that_is_asked_is_exported(cli, bench):
    bench.instance("web")
    told = cli("export", "--region", "us-east-1", "-q", bench=bench)
    assert (told.status, told.err) == (0, "")
    (made,) = parsed(told.out, "x")
    assert [each.name for each in made.seed.regions["us-east-1"].instances] == ["web"]


def test_json_is_what_the_aws_cli_prints(cli, store):
    told = cli("export", store, "-o", "json", "-q")
    assert [each["name"] for each in json.loads(told.out)["instances"]] == ["web-2", "web-1"] or len(
        json.loads(told.out)["instances"]
    ) == 2


def test_terraform_has_import_blocks(cli, store):
    told = cli("export", store, "-o", "terraform", "-q", "--region", "us-east-1")
    assert 'import {\n  to = aws_lightsail_instance.web-1\n  id = "web-1"\n}' in told.out


def test_parquet_has_the_instances(cli, store, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    assert cli("export", store, "-o", "parquet", "--output-file", str(tmp_path / "f.parquet")).status == 0
    assert sorted(parquet.read_table(tmp_path / "f.parquet")["name"].to_pylist()) == ["web-1", "web-2"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["absent.db"], "there is no absent.db"),
        (
            ["{store}", "--endpoint", "http://127.0.0.1:9"],
            "{store} is a store; --profile and --endpoint name a service",
        ),
        (["--account", ACCOUNT], "--account is for a store, which may have several"),
        (["{store}", "--region", "us-west-2"], "{store} has nothing there"),
    ],
)
def test_what_is_wrong_is_told(cli, store, arguments, line):
    told = cli("export", *(each.format(store=store) for each in arguments))
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith(f"error: {line.format(store=store)}")
