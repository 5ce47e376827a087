"""`/_skysail/metrics` and `/_skysail/ready`: what those who run a server ask it, apart from all that it serves.

Metrics are in Prometheus' text format. They name operations and errors, never an account or a resource. With workers,
they are the sum over all; what the others count is up to a second old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from skysail.protocol.message import Manner, Request, Response
from skysail.serving.answering import Answerer, safely
from skysail.serving.tally import BUCKETS_S, Tally

METRICS, READY = "/_skysail/metrics", "/_skysail/ready"
_OURS = (METRICS, READY)
_HEALTH, _NOWHERE = "/_skysail/health", "/_skysail/"
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Operated:
    """A service with these two paths before it. `tally` gives what was counted, `is_draining` whether it is to end."""

    def __init__(
        self, service: Answerer, began_at: float, tally: Callable[[], Tally], is_draining: Callable[[], bool]
    ) -> None:
        self._service = service
        self._began_at = began_at
        self._tally = tally
        self._is_draining = is_draining

    def answer(self, request: Request) -> Response:
        path = _path(request)
        return self._operate(path, request) if path in _OURS else self._service.answer(request)

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        return self._service.answer_together(requests)  # none of them is for a path of ours

    def manner(self, request: Request) -> Manner:
        path = _path(request)
        if path == METRICS:
            return "at once"
        return self._service.manner(_for_health(request) if path == READY else request)

    def _operate(self, path: str, request: Request) -> Response:
        if request.method != "GET":
            return _as_json(405, {"message": f"{request.method} is not for {path}; GET it"}, {"allow": "GET"})
        if path == METRICS:
            refused = self._refused(request)
            if refused is not None:
                return refused
            text = as_text(self._tally(), self._began_at)
            return Response(200, {"content-type": _CONTENT_TYPE, "cache-control": "no-store"}, text.encode())
        if self._is_draining():
            return _as_json(503, {"status": "draining"})
        is_well = safely(self._service, _for_health(request)).status == 200
        return _as_json(200, {"status": "ready"}) if is_well else _as_json(503, {"status": "the store fails"})

    def _refused(self, request: Request) -> Response | None:
        """What the service says to one whom it talks to about nothing: who asks by a foreign name, or for the page of
        another site. It needs no store for that, and no key.
        """
        said = safely(self._service, Request("GET", _NOWHERE, _asker(request.headers), b""))
        return said if said.notes.get("error") == "AccessDeniedException" else None


def _asker(headers: Mapping[str, str]) -> dict[str, str]:
    """What says by which name, and for whose page, it is asked."""
    return {name: value for name, value in headers.items() if name == "host" or name.startswith("sec-fetch-")}


def _path(request: Request) -> str:
    return request.url.partition("?")[0]


def _for_health(request: Request) -> Request:
    return Request("GET", _HEALTH, request.headers, b"")


def _as_json(status: int, told: object, more: dict[str, str] | None = None) -> Response:
    headers = {"content-type": "application/json", "cache-control": "no-store", **(more or {})}
    return Response(status, headers, json.dumps(told).encode())


def as_text(tally: Tally, began_at: float) -> str:
    """A tally in Prometheus' text format; `began_at` is when the server began, in seconds since 1970."""
    requests = [
        ({"operation": operation, "status": status, "error": error}, number)
        for (operation, status, error), number in sorted(tally.requests.items())
    ]
    lines = [
        *_metric("requests_total", "counter", "Requests answered; error is AWS's code.", requests),
        *_histogram(tally),
        *_metric("connections", "gauge", "Connections that are open.", [({}, tally.connections)]),
        *_metric("requests_in_flight", "gauge", "Requests under way, this one too.", [({}, tally.in_flight)]),
        *_metric("flushes_total", "counter", "Flushes of the store for writes.", [({}, tally.flushes)]),
        *_metric(
            "answered_together_total",
            "counter",
            "Writes made durable by those flushes; other ones than in flushes_total are flushed by the database.",
            [({}, tally.answered_together)],
        ),
        *_metric(
            "processes_begun_total",
            "counter",
            "Processes that have begun to answer: more than there are workers, once one has died.",
            [({}, tally.begun)],
        ),
        "# HELP process_start_time_seconds When the server began, in seconds since 1970.",
        "# TYPE process_start_time_seconds gauge",
        f"process_start_time_seconds {began_at:.3f}",
    ]
    return "\n".join([*lines, ""])


_AGE = " With workers: of all of them, up to a second old."


def _metric(name: str, kind: str, what: str, samples: Iterable[tuple[dict[str, str], float]]) -> Iterator[str]:
    yield f"# HELP skysail_{name} {what}{_AGE}"
    yield f"# TYPE skysail_{name} {kind}"
    for labels, value in samples:
        yield f"skysail_{name}{_labels(labels)} {value}"


def _histogram(tally: Tally) -> Iterator[str]:
    name = "skysail_request_duration_seconds"
    yield f"# HELP {name} Seconds from a whole request to its answer, without what a fault holds it back for.{_AGE}"
    yield f"# TYPE {name} histogram"
    for operation, numbers in sorted(tally.durations.items()):
        counts = list(accumulate(int(number) for number in numbers[:-1]))
        for bound, count in zip([*map(str, BUCKETS_S), "+Inf"], counts, strict=True):
            yield f"{name}_bucket{_labels({'operation': operation, 'le': bound})} {count}"
        yield f"{name}_sum{_labels({'operation': operation})} {numbers[-1]:.6f}"
        yield f"{name}_count{_labels({'operation': operation})} {counts[-1]}"


_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def _labels(labels: dict[str, str]) -> str:
    inner = ",".join(f'{name}="{value.translate(_ESCAPED)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""
