"""`skysail operations`: what is here, what is not, and a status for CI."""

from __future__ import annotations

import json

import botocore
import pytest

from skysail.cli.operations import state, summary
from skysail.protocol.model import service_model
from skysail.service.dispatch import Family, Operations

STATIC_IPS = Family("static_ips")
STATIC_IPS.reads("GetStaticIps")(lambda context, request: {})
STATIC_IPS.reads("GetStaticIp", lacks="a nose")(lambda context, request: {})
FEW = Operations.of(service_model(), [STATIC_IPS])


@pytest.fixture
def few(monkeypatch):
    """A service of two operations, one in part."""
    monkeypatch.setattr("skysail.server.known_operations", lambda: FEW)


def test_every_operation_of_the_model_has_a_line(cli):
    told = cli("operations")
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == sorted(service_model())
    assert [line.split(None, 1)[1] for line in lines if line.startswith("GetInstances ")] == ["complete"]
    assert told.err.startswith(f"botocore {botocore.__version__} knows {len(set(service_model()))} operations: ")
    assert told.status == 0


def test_what_is_missing_is_told_with_a_status_for_ci(cli, few):
    told = cli("operations", "--missing", "-o", "json", "--fail")
    states = json.loads(told.out)
    assert told.status == 4
    assert states["GetStaticIp"] == "lacks a nose"
    assert states["GetInstances"] == "missing"
    assert "GetStaticIps" not in states
    assert len(states) == len(set(service_model())) - 1


def test_nothing_is_written_where_nothing_is_missing(cli, few, monkeypatch):
    class Everything(dict):
        def get(self, name, default=None):
            return STATIC_IPS.operations["GetStaticIps"]

        def __contains__(self, name):
            return True

    monkeypatch.setattr("skysail.server.known_operations", lambda: Operations(FEW.model, Everything(), {}))
    told = cli("operations", "--missing", "--fail")
    assert (told.status, told.out) == (0, "")


def test_the_summary_counts():
    assert state(FEW, "GetStaticIps") == "complete"
    assert summary(["complete"] * 3, "1.2.3") == "botocore 1.2.3 knows 3 operations: 3 are here"
    states = ["complete", "missing", "missing", "lacks a nose"]
    assert summary(states, "1.2.3") == (
        "botocore 1.2.3 knows 4 operations: 2 are here, 1 of them in part; 2 are missing"
    )
