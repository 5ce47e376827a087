"""The AWS SDK for JavaScript as it comes from npm, against a server in another process."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from running_server import RunningServer, neutral_environment

HOME = Path(__file__).parent.parent / "javascript"
PROGRAM = HOME / "fleet.mjs"
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(NODE is None, reason="node is not on the PATH"),
    pytest.mark.skipif(
        not (HOME / "node_modules" / "@aws-sdk" / "client-lightsail").is_dir(),
        reason=f"the SDK is not in {HOME / 'node_modules'}: `make test` installs it",
    ),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the JavaScript program saw, on a server with pages of two that checks every signature."""
    folder = tmp_path_factory.mktemp("javascript")
    (folder / "keys.toml").write_text(
        '[[keys]]\naccess_key_id = "AKIAJAVASCRIPT"\nsecret_access_key = "of/javascript+"\naccount = "123456789012"\n'
    )
    with RunningServer(folder, "--pace", "instant", "--page-size", "2", "--auth", "keys.toml") as server:
        done = subprocess.run(
            [str(NODE), str(PROGRAM), server.url, "AKIAJAVASCRIPT", "of/javascript+"],
            env=neutral_environment(folder),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_fleet_is_created_and_listed_page_by_page(seen: dict[str, Any]) -> None:
    assert seen["created"] == [[f"js-{number}", "Started"] for number in range(1, 6)]
    assert seen["pages"] == [["js-5", "js-4"], ["js-3", "js-2"], ["js-1"]]


def test_an_instance_stops_starts_and_is_deleted(seen: dict[str, Any]) -> None:
    assert seen["states"] == ["running", "stopped", "running"]
    assert seen["left"] == [["js-5"]]


def test_dates_and_numbers_arrive_as_such(seen: dict[str, Any]) -> None:
    assert (seen["createdAtIsADate"], seen["ramSizeInGb"]) == (True, 0.5)


def test_a_refusal_is_thrown_as_the_models_own_class(seen: dict[str, Any]) -> None:
    refused = {"status": 400, "isOfItsClass": True}
    assert seen["nameInUse"] == refused | {
        "name": "InvalidInputException",
        "code": "NameExists",
        "message": "Some names are already in use: js-1",
    }
    assert seen["notFound"] == refused | {
        "name": "NotFoundException",
        "code": "DoesNotExist",
        "message": "The Instance does not exist: js-1",
    }
