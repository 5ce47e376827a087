"""The target for what only a local Lightsail has: its clock, faults, calls and reset."""

from __future__ import annotations

import json
from time import perf_counter

from bench import Bench
from fuzz.choices import Choices
from fuzz.oracles import LONGEST_S, Found
from fuzz.targets import ANSWERED
from fuzz.values import arguments
from skysail.protocol.message import Request

_PATHS = ("clock", "faults", "calls", "reset", "health", "", "x", "clock?", "calls?limit=")
_QUERIES = (
    "",
    "limit=1",
    "limit=\u0663",
    "limit=" + "9" * 5_000,
    "id=x",
    "after=x",
    "operation=GetInstances",
    "%ff=%ff",
    "&=&",
)
_NUMBERS = ("0", "1", "60", "-1", "0.5", "1e308", "9" * 400, "18446744073709551616", "null", "true", "1e400")
_TEXTS = (
    '"5m"', '"1d12h"', '"' + "9" * 400 + '"', '"2027-01-01T00:00Z"', '"0001-01-01T00:00:00+23:59"', '"\u0663s"', '""',
    '"9999-12-31T23:59:59-23:59"', '"Get*"', '"' + "*a" * 200 + '"', '"111122223333"', '"\\u0000"', '"throttle"',
    '"error"', '"delay"', '"cut"', '"after"', '"X"',
)  # fmt: skip
_NAMES = (
    "rate", "set", "advance", "kind", "operation", "account", "region", "first", "every", "share", "status", "code",
    "message", "seconds", "when", "id", "met", "self", "how", "",
)  # fmt: skip
_KINDS = ("throttle", "error", "delay", "cut")
_ORIGINS = ("http://localhost", "http://[", "null", "", "http://localhost:99999999")


def admin(choices: Choices) -> None:
    """A request for a path of the server's own; afterwards its clock runs and nothing fails on purpose."""
    bench = _BENCHES[0]
    members = {choices.one_of(_NAMES): _value(choices) for _ in range(choices.below(4))}
    path = f"/_skysail/{choices.one_of(_PATHS)}"
    if path.endswith("faults") and choices.chance(70):
        members["kind"] = json.dumps(choices.one_of(_KINDS))
    body = "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"
    octets = choices.mutated(body.encode()) if choices.chance(10) else body.encode()
    headers = {"host": "localhost", "content-type": "application/json"}
    if choices.chance(20):
        headers["origin"] = choices.one_of(_ORIGINS)
    query = choices.one_of(_QUERIES)
    target = f"{path}?{query}" if query else path + (choices.text() if choices.chance(10) else "")
    request = Request(choices.one_of(("POST", "POST", "GET", "DELETE", "HEAD", "PUT")), target, headers, octets)
    service = bench.lightsail.service
    try:
        began = perf_counter()
        response = service.answer(request)
        if perf_counter() - began > LONGEST_S:
            raise Found(f"{perf_counter() - began:.1f} s for {target}")
        if not isinstance(json.loads(response.body), dict) or response.status >= 500:
            raise Found(f"{request}: {response}")
        operation = choices.one_of(ANSWERED)
        service.answer(bench.signed(choices.mutated(arguments(choices, operation)), operation))
        shown = service.answer(Request("GET", "/_skysail/calls?limit=1", {"host": "localhost"}, b""))
        if shown.status != 200 or len(json.loads(shown.body)["calls"]) != 1:
            raise Found(f"{shown}")
    finally:
        service.faults.clear()
        service.clock.as_machine()
        if choices.chance(1):
            service.reset()


def _value(choices: Choices) -> str:
    return choices.one_of(_NUMBERS) if choices.chance(50) else choices.one_of(_TEXTS)


_BENCHES = [Bench()]
