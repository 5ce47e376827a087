"""Cloud Custodian as it comes: `custodian run` over the instances of a server in another process."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from running_server import REGION, ZONE

pytestmark = pytest.mark.clients

Run = Callable[..., subprocess.CompletedProcess[str]]
Found = Callable[..., list[dict[str, Any]]]

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12"}
OWNER = {"key": "owner", "value": "ada"}
ADAS = {"type": "value", "key": "tags[?key=='owner'].value | [0]", "value": "ada"}
"""By JMESPath: Custodian's short form `tag:owner` wants tags in the form of other services, not of Lightsail."""


@pytest.fixture
def fleet(lightsail: Any) -> None:
    """Five instances on three pages: two bundles, one of them stopped, two with an owner."""
    lightsail.create_instances(instanceNames=["web-1", "web-2"], bundleId="nano_3_0", tags=[OWNER], **ORDER)
    lightsail.create_instances(instanceNames=["web-3"], bundleId="nano_3_0", tags=[{"key": "spare"}], **ORDER)
    lightsail.create_instances(instanceNames=["big-1", "big-2"], bundleId="large_3_0", **ORDER)
    lightsail.stop_instance(instanceName="web-2")


@pytest.fixture
def policies(tmp_path: Path) -> Callable[..., Path]:
    """A policy file, with one policy."""

    def written(*filters: Any, actions: tuple[Any, ...] = ()) -> Path:
        policy = {"name": "fleet", "resource": "aws.lightsail-instance", "filters": filters, "actions": actions}
        path = tmp_path / "policies.json"
        path.write_text(json.dumps({"policies": [policy]}))
        return path

    return written


@pytest.fixture
def found(run: Run, policies: Callable[..., Path], tmp_path: Path) -> Found:
    """What one `custodian run` with these filters found, as it writes it down."""

    def resources(*filters: Any, actions: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        path = policies(*filters, actions=actions)
        done = run("custodian", "run", "--region", REGION, "--cache-period", "0", "-s", tmp_path / "out", path)
        assert done.returncode == 0, done.stderr
        read: list[dict[str, Any]] = json.loads((tmp_path / "out" / "fleet" / "resources.json").read_text())
        return read

    return resources


def names(resources: list[dict[str, Any]]) -> list[str]:
    return sorted(resource["name"] for resource in resources)


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        pytest.param([], ["big-1", "big-2", "web-1", "web-2", "web-3"], id="none"),
        pytest.param([{"state.name": "stopped"}], ["web-2"], id="value, within a member"),
        pytest.param(
            [{"type": "value", "key": "hardware.ramSizeInGb", "op": "ge", "value": 4}], ["big-1", "big-2"], id="number"
        ),
        pytest.param(
            [{"type": "value", "key": "name", "op": "regex", "value": "^web"}],
            ["web-1", "web-2", "web-3"],
            id="pattern",
        ),
        pytest.param([ADAS, {"state.name": "running"}], ["web-1"], id="tag"),
        pytest.param([{**ADAS, "value": "absent"}], ["big-1", "big-2", "web-3"], id="without the tag"),
        pytest.param(
            [{"type": "value", "key": "createdAt", "value_type": "age", "op": "lt", "value": 1}],
            ["big-1", "big-2", "web-1", "web-2", "web-3"],
            id="age, of a time",
        ),
        pytest.param(
            [{"type": "list-item", "key": "networking.ports", "attrs": [{"fromPort": 22}, {"protocol": "tcp"}]}],
            ["big-1", "big-2", "web-1", "web-2", "web-3"],
            id="list-item, an open port",
        ),
        pytest.param(
            [{"type": "reduce", "group-by": "bundleId", "sort-by": "name", "order": "desc", "limit": 1}],
            ["big-2", "web-3"],
            id="reduce, one of each bundle",
        ),
    ],
)
def test_filters_over_all_pages(found: Found, filters: list[Any], wanted: list[str]) -> None:
    assert names(found(*filters)) == wanted


@pytest.mark.usefixtures("fleet")
def test_whose_account_it_is_comes_from_get_caller_identity(found: Found, account: str, tmp_path: Path) -> None:
    (instance,) = found({"name": "web-1"})
    assert instance["arn"].startswith(f"arn:aws:lightsail:{REGION}:{account}:Instance/")
    metadata = json.loads((tmp_path / "out" / "fleet" / "metadata.json").read_text())
    assert metadata["config"]["account_id"] == account


@pytest.mark.usefixtures("fleet")
def test_a_report_tells_of_what_was_found(
    found: Found, run: Run, policies: Callable[..., Path], tmp_path: Path
) -> None:
    found(ADAS)
    done = run("custodian", "report", "--region", REGION, "-s", tmp_path / "out", policies(ADAS))
    assert done.returncode == 0, done.stderr
    assert sorted(row["name"] for row in csv.DictReader(StringIO(done.stdout))) == ["web-1", "web-2"]


@pytest.mark.usefixtures("fleet")
def test_a_webhook_is_told_of_each(found: Found, listener: tuple[str, list[Any]]) -> None:
    url, heard = listener
    told = {"what": "resource.name", "state": "resource.state.name"}
    found(ADAS, actions=({"type": "webhook", "url": url, "method": "POST", "batch": False} | body(told),))
    assert sorted(heard, key=str) == [{"what": "web-1", "state": "running"}, {"what": "web-2", "state": "stopped"}]


def body(members: dict[str, str]) -> dict[str, str]:
    """The body of a webhook is a JMESPath expression."""
    return {"body": "{" + ", ".join(f"{name}: {path}" for name, path in members.items()) + "}"}


@pytest.fixture
def listener() -> Iterator[tuple[str, list[Any]]]:
    """An address that hears JSON, and what it has heard."""
    heard: list[Any] = []

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join()
