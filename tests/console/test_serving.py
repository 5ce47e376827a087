"""The console behind a real server: with several processes, and nothing of it loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import skysail
from running_server import RunningServer, neutral_environment

pytestmark = pytest.mark.whole

IDLE = """
import sys
from skysail.protocol.message import Request
from skysail.server import LocalLightsail
door = LocalLightsail().with_console()
assert door.answer(Request("GET", "/_skysail/health", {"host": "localhost"}, b"")).status == 200
loaded = {"jinja2", "skysail.console.console", "skysail.caller.sync"} & set(sys.modules)
assert not loaded, loaded
assert door.answer(Request("GET", "/console/instances", {"host": "localhost"}, b"")).status == 200
assert "jinja2" in sys.modules
"""


def test_nothing_of_it_is_loaded_before_it_is_asked_for(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", IDLE], env=neutral_environment(tmp_path), check=True, timeout=60)


def test_every_worker_answers(tmp_path: Path) -> None:
    with RunningServer(tmp_path, "--data", "fleet.db", "--workers", "2") as server:
        client = skysail.client(
            region_name="us-east-1", endpoint_url=server.url, aws_access_key_id="local", aws_secret_access_key="x"
        )
        client.create_instances(
            instanceNames=["web"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
        )
        for _ in range(8):
            with urlopen(f"{server.url}/console/instances") as page:
                assert b"web</a>" in page.read()
        with urlopen(Request(server.url, headers={"accept": "text/html"})) as page:
            assert page.url == f"{server.url}/console/instances"
            assert page.headers["cache-control"] == "no-store"


def test_a_test_s_server_has_it_too(lightsail_server: str) -> None:
    with urlopen(f"{lightsail_server}/console/") as page:
        assert b"No instances" in page.read()


def test_the_start_text_says_where_it_is(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, starts=False)
    server.launch()
    with server:
        assert server.process.stdout is not None
        told = [server.process.stdout.readline() for _ in range(3)]
        [line] = [line for line in told if line.startswith("  console ")]
        assert line.split()[1].endswith("/console/")
