"""`skysail instances` over many places, the installed command against a real server: failures, kill -9, pipes, Dask."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fleets import arns_in, fill
from running_server import SKYSAIL, neutral_environment
from skysail.caller.fleet.token import FleetState
from skysail.store.sqlite import SqliteStore

pytestmark = pytest.mark.whole

PROFILES = {"prod-us": "111122223333", "prod-eu": "444455556666"}
KILLS = 2


@pytest.fixture
def places(served: Any, tmp_path: Path) -> Any:
    """`places(regions, size)`: that many instances in each region of two profiles' accounts, and an environment."""

    def made(regions: list[str], size: int) -> tuple[set[str], dict[str, str]]:
        store = SqliteStore(tmp_path / "fleet.db")
        expected = fill(store, ((account, region) for account in PROFILES.values() for region in regions), size)
        store.close()
        server = served("--data", "fleet.db", "--page-size", "2")
        lines = [f"[profile {n}]\naws_access_key_id={key}\naws_secret_access_key=x\n" for n, key in PROFILES.items()]
        (tmp_path / "config").write_text("".join(lines))
        environment = neutral_environment(tmp_path, AWS_ENDPOINT_URL_LIGHTSAIL=server.url)
        return expected, {**environment, "AWS_CONFIG_FILE": str(tmp_path / "config")}

    return made


def skysail(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SKYSAIL), *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_region_that_fails_leaves_the_rest_and_status_3(places: Any) -> None:
    expected, environment = places(["us-east-1", "eu-west-1"], 3)
    told = skysail(
        environment, "instances", "--profile", "prod-*", "--region", "all", "--region", "nowhere-1", "-o", "jsonl"
    )
    assert told.returncode == 3
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert {instance["arn"] for instance in found} == expected
    assert Counter(instance["_profile"] for instance in found) == {"prod-us": 6, "prod-eu": 6}
    assert "Two places are missing:" in told.stderr
    assert {json.loads(line)["error"]["place"] for line in told.stderr.splitlines() if line.startswith("{")} == {
        "prod-us/nowhere-1",
        "prod-eu/nowhere-1",
    }
    assert "go on: skysail instances --profile 'prod-*'" in told.stderr


def test_a_killed_command_delivers_every_instance_once(places: Any, tmp_path: Path) -> None:
    """Into a file of the shell's: `skysail instances --checkpoint walk.json -o jsonl >> fleet.jsonl`."""
    expected, environment = places(["us-east-1", "eu-west-1", "us-west-2", "ap-south-1"], 1200)
    lines, checkpoint = tmp_path / "fleet.jsonl", tmp_path / "walk.json"
    command = [str(SKYSAIL), "instances", "--checkpoint", str(checkpoint), "-o", "jsonl", "--concurrency", "1"]
    where = ["--profile", "prod-*", "--region", "us-*", "--region", "eu-west-1", "--region", "ap-south-1"]
    kept = []
    for _ in range(KILLS):
        with lines.open("ab") as out, subprocess.Popen([*command, *where], env=environment, stdout=out) as process:
            before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
            size = lines.stat().st_size
            # Until it has kept its place behind something new, and written more than that.
            while process.poll() is None and not (
                checkpoint.exists()
                and checkpoint.stat().st_mtime_ns != before
                and (json.loads(checkpoint.read_text())["note"] or 0) > size
                and lines.stat().st_size > json.loads(checkpoint.read_text())["note"]
            ):
                pass
            assert process.poll() is None, "it ended before it could be killed: give it more to do"
            process.kill()
        kept.append(json.loads(checkpoint.read_text())["note"])
    assert kept == sorted(kept)
    assert kept[0] > 0
    assert lines.stat().st_size > kept[-1], "something has to be taken back"
    with lines.open("ab") as out:
        subprocess.run(command, env=environment, stdout=out, check=True, timeout=60)
    found = arns_in(lines)
    assert len(found) == len(expected) == 9600
    assert set(found) == expected
    again = skysail(environment, *command[1:])
    assert again.returncode == 2, "the file belongs to the walk, and this is a pipe"


def test_what_ctrl_c_says_can_be_pasted_into_the_shell(places: Any, tmp_path: Path) -> None:
    expected, environment = places(["us-east-1", "eu-west-1"], 600)
    environment["PATH"] = f"{SKYSAIL.parent}:{environment['PATH']}"
    lines = tmp_path / "a fleet.jsonl"
    command = ["skysail", "instances", "--profile", "prod-*", "--region", "us-east-1", "--region", "eu-west-1"]
    options = ["-o", "jsonl", "--checkpoint", str(tmp_path / "walk.json"), "--concurrency", "1"]
    with (
        lines.open("ab") as out,
        subprocess.Popen(
            [*command, *options], env=environment, stdout=out, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        while process.poll() is None and lines.stat().st_size < 10_000:
            pass
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 130, told
    assert told.startswith("stopped at ")
    assert 0 < len(arns_in(lines)) < len(expected)
    subprocess.run(["sh", "-c", told.partition("Go on: ")[2]], env=environment, check=True, timeout=60)
    found = arns_in(lines)
    assert len(found) == len(expected) == 2400
    assert set(found) == expected


def test_a_table_goes_through_a_pipe(places: Any) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra skysail[arrow]")
    parquet = pytest.importorskip("pyarrow.parquet")
    expected, environment = places(["us-east-1"], 3)
    for kind in ("arrow", "parquet"):
        told = subprocess.run(
            [str(SKYSAIL), "instances", "--profile", "prod-*", "--region", "us-east-1", "-o", kind],
            env=environment, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        read = pa.ipc.open_stream(told.stdout).read_all() if kind == "arrow" else None
        table = read or parquet.read_table(pa.BufferReader(told.stdout))
        assert set(table["arn"].to_pylist()) == expected


def test_on_dask_it_is_the_same_fleet(places: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra skysail[dask]")
    expected, environment = places(["us-east-1", "eu-west-1"], 3)
    for name in ("AWS_CONFIG_FILE", "AWS_ENDPOINT_URL_LIGHTSAIL"):
        monkeypatch.setenv(name, environment[name])
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        where = ["--profile", "prod-*", "--region", "us-east-1", "--region", "eu-west-1", "--region", "nowhere-1"]
        told = skysail(environment, "instances", *where, "-o", "jsonl", "--dask", cluster.scheduler_address)
    assert told.returncode == 3, told.stderr
    assert {json.loads(line)["arn"] for line in told.stdout.splitlines()} == expected
    assert "Two places are missing:" in told.stderr
    left = FleetState.of_token(told.stderr.rpartition("--starting-token ")[2].strip()).positions
    assert {str(place) for place, at in left.items() if at != "done"} == {"prod-us/nowhere-1", "prod-eu/nowhere-1"}
    assert len(left) == 6
