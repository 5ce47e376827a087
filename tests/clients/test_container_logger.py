"""lightsaillogger as it comes: the logs of a container service's containers, which it asks the AWS CLI for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.clients

PROGRAM = "from lightsaillogger import LightsailLogger; LightsailLogger('shop', 1).start_logging(60)"
CONFIG = "[default]\ncli_timestamp_format = iso8601\n"
"""As version 2 of the AWS CLI has it; the tool takes a time for text."""


@pytest.fixture
def logging(
    lightsail: Any, tools: Path, surroundings: dict[str, str], tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    """The tool, which goes on until it is ended, on a service of two containers."""
    lightsail.create_container_service(serviceName="shop", power="nano", scale=2)
    image = {"image": "nginx", "ports": {"80": "HTTP"}}
    lightsail.create_container_service_deployment(serviceName="shop", containers={"nginx": image, "api": image})
    (tmp_path / "config").write_text(CONFIG)
    path = os.pathsep.join([str(Path(sys.executable).parent), surroundings["PATH"]])
    process = subprocess.Popen(
        [str(tools / "python"), "-u", "-c", PROGRAM],
        env={**surroundings, "PATH": path, "TERM": "dumb", "AWS_CONFIG_FILE": str(tmp_path / "config")},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def test_it_shows_the_lines_of_all_containers_through_all_pages(logging: subprocess.Popen[str]) -> None:
    assert logging.stdout is not None
    shown = []
    for line in logging.stdout:
        shown.append(line.strip())
        if line.startswith("Fetched: "):
            break
    logging.kill()
    logging.stdout.close()
    for container in ("nginx", "api"):
        of_one = {line[line.index("[deployment") :] for line in shown if f"{container} " in line}
        assert of_one == {
            "[deployment:1] Creating your deployment",
            "[deployment:1] Started 2 new nodes",
            "[deployment:1] Reached a steady state",
        }
    assert shown[-1].startswith("Fetched: 6 ")
