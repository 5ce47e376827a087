"""Metrics in the form that Prometheus reads, and whether a server is ready; both before the service sees them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from skysail.protocol.message import Manner, Request, Response
from skysail.server import LocalLightsail
from skysail.service.accounts import AccessKey, Accounts
from skysail.service.hosts import Hosts
from skysail.serving.metrics import Operated, as_text
from skysail.serving.tally import Tally


class Service:
    """Is asked how it is, and for nothing else; `health` is what it says, an error is raised."""

    def __init__(self, health: int | Exception = 200) -> None:
        self.health = health

    def manner(self, request: Request) -> Manner:
        return "apart"

    def answer(self, request: Request) -> Response:
        if isinstance(self.health, Exception):
            raise self.health
        return Response(self.health if request.url == "/_skysail/health" else 418, {}, b"")

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        return [self.answer(request) for request in requests]


def ask(path: str, method: str = "GET", health: int | Exception = 200, is_draining: bool = False) -> Response:
    operated = Operated(Service(health), 1.0, Tally, lambda: is_draining)
    return operated.answer(Request(method, path, {}, b""))


READINESS: list[tuple[int | Exception, bool, int, str]] = [
    (200, False, 200, "ready"),
    (200, True, 503, "draining"),
    (503, False, 503, "the store fails"),
    (403, False, 503, "the store fails"),
    (OSError(), False, 503, "the store fails"),
]


@pytest.mark.parametrize(("health", "is_draining", "status", "said"), READINESS)
def test_ready_is_who_takes_requests_and_has_a_store_that_answers(
    health: int | Exception, is_draining: bool, status: int, said: str
) -> None:
    response = ask("/_skysail/ready", health=health, is_draining=is_draining)
    assert (response.status, json.loads(response.body)) == (status, {"status": said})


def test_metrics_need_no_store() -> None:
    assert ask("/_skysail/metrics?x=1", health=OSError()).status == 200
    operated = Operated(Service(), 1.0, Tally, lambda: False)
    assert operated.manner(Request("GET", "/_skysail/metrics", {}, b"")) == "at once"
    assert operated.manner(Request("GET", "/_skysail/ready", {}, b"")) == "apart"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:4570"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
    ],
)
def test_metrics_are_told_by_no_name_that_the_service_does_not_answer_to(headers: dict[str, str], status: int) -> None:
    with LocalLightsail(hosts=Hosts()) as local:
        operated = Operated(local.service, 1.0, Tally, lambda: False)
        assert operated.answer(Request("GET", "/_skysail/metrics", headers, b"")).status == status


def test_metrics_need_no_key() -> None:
    with LocalLightsail(accounts=Accounts({"AKIA": AccessKey("111122223333", "secret")})) as local:
        operated = Operated(local.service, 1.0, Tally, lambda: False)
        assert operated.answer(Request("GET", "/_skysail/metrics", {"host": "any.example"}, b"")).status == 200


@pytest.mark.parametrize("path", ["/_skysail/metrics", "/_skysail/ready"])
def test_both_are_only_got(path: str) -> None:
    response = ask(path, method="POST")
    assert (response.status, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/", "/_skysail/calls", "/_skysail/metricsx", "/x/_skysail/ready"])
def test_all_other_paths_are_the_services(path: str) -> None:
    assert ask(path).status == 418


def test_the_text_is_as_prometheus_reads_it() -> None:
    tally = Tally(connections=3, in_flight=1, flushes=2, answered_together=7)
    tally.count(Response(200, {}, b"", notes={"operation": "GetInstance"}), 0.0007)
    tally.count(Response(200, {}, b"", notes={"operation": "GetInstance"}), 20.0)
    tally.count(Response(400, {}, b"", notes={"error": 'a"b\\c\nd'}), None)
    lines = as_text(tally, 1_795_662_711.6543).split("\n")
    assert lines[-1] == ""
    assert [line for line in lines if line.startswith("#")][::2] == [
        line for line in lines if line.startswith("# HELP")
    ]
    assert [line for line in lines if line and not line.startswith("#")] == [
        'skysail_requests_total{operation="",status="400",error="a\\"b\\\\c\\nd"} 1',
        'skysail_requests_total{operation="GetInstance",status="200",error=""} 2',
        'skysail_request_duration_seconds_bucket{operation="GetInstance",le="0.0005"} 0',
        *(
            f'skysail_request_duration_seconds_bucket{{operation="GetInstance",le="{bound}"}} 1'
            for bound in ("0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5")
        ),
        *(
            f'skysail_request_duration_seconds_bucket{{operation="GetInstance",le="{bound}"}} 1'
            for bound in ("1.0", "2.5", "5.0", "10.0")
        ),
        'skysail_request_duration_seconds_bucket{operation="GetInstance",le="+Inf"} 2',
        'skysail_request_duration_seconds_sum{operation="GetInstance"} 20.000700',
        'skysail_request_duration_seconds_count{operation="GetInstance"} 2',
        "skysail_connections 3",
        "skysail_requests_in_flight 1",
        "skysail_flushes_total 2",
        "skysail_answered_together_total 7",
        "skysail_processes_begun_total 1",
        "process_start_time_seconds 1795662711.654",
    ]
