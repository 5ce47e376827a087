"""What is fuzzed: each target makes a case of its own out of choices, and says what must hold of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from bench import Bench
from fuzz.choices import Choices
from fuzz.oracles import Found, check_answer
from fuzz.values import arguments
from modelled import misfits
from noun_calls import BEGINNING_WITH_OTHERS
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import AccessKey, Accounts
from skysail.service.families import FAMILIES

Target = Callable[[Choices], object]

KEY = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
_KEYS = {KEY.access_key_id: AccessKey("111122223333", KEY.secret_access_key)}
_CALLS_A_WORLD = 1_000
_OPERATIONS = list(service_model())
PAGED = [
    name
    for name in _OPERATIONS
    if (shape := service_model().operation(name).input) and "pageToken" in service_model().shape(shape).members
]
ANSWERED = sorted({name for family in FAMILIES for name in family.operations})
_HEADERS = (
    "authorization", "x-amz-date", "date", "x-amz-target", "host", "content-type", "x-amz-security-token",
    "x-amz-content-sha256", "content-length", "x-b",
)  # fmt: skip
_PATHS = ("/", "/ls/api/2016-11-28/GetInstances", "/_skysail/health", "//", "/?", "/?X-Amz-Signature=0", "*", "")


class Worlds:
    """Services with something to most names, each for a number of calls: so that what calls leave does not pile up."""

    def __init__(self) -> None:
        self.data: str | None = None
        """Where they are kept: None for memory."""
        self._left = 0
        self._bench: Bench | None = None

    def bench(self) -> Bench:
        if self._left == 0 or self._bench is None:
            self.close()
            self._bench = Bench(self.data, accounts=Accounts(_KEYS), page_size=2)
            self._bench.lightsail.service.reset()
            for operation, given in BEGINNING_WITH_OTHERS:
                ask(self._bench, self._bench.signed(given, operation, key=KEY))
                self._bench.settle()
            self._left = _CALLS_A_WORLD
        self._left -= 1
        return self._bench

    def close(self) -> None:
        if self._bench is not None:
            self._bench.close()
            self._bench = None


WORLDS = Worlds()


def ask(bench: Bench, request: Request) -> Response:
    """The answer, which must be one."""
    began = perf_counter()
    response = bench.lightsail.service.answer(request)
    check_answer(request, response, perf_counter() - began)
    return response


def anything(choices: Choices) -> None:
    """A request of any bytes."""
    headers = {choices.one_of(_HEADERS): choices.text() for _ in range(choices.below(6))}
    if choices.chance(50):
        headers["x-amz-target"] = f"Lightsail_20161128.{choices.one_of(_OPERATIONS)}"
    if choices.chance(20):
        headers["content-type"] = "application/x-www-form-urlencoded"
    url = choices.one_of(_PATHS) if choices.chance(70) else choices.text()
    method = choices.one_of(("POST", "GET", "HEAD", "OPTIONS", "PUT", "")) if choices.chance(90) else choices.text()
    ask(WORLDS.bench(), Request(method, url, headers, choices.octets(60)))


def calls(choices: Choices) -> None:
    """A signed call with odd arguments, in a world with something in it, at any time."""
    bench = WORLDS.bench()
    operation = choices.one_of(_OPERATIONS if choices.chance(5) else ANSWERED)
    if choices.chance(10):
        bench.clock.advance(choices.one_of((1, 60, 90_000)))
    response = ask(bench, bench.signed(arguments(choices, operation), operation, key=KEY))
    if response.status == 200 and (wrong := misfits(operation, response)):
        raise Found(f"{operation} answers otherwise than the model: {wrong}")


def sts(choices: Choices) -> None:
    """A signed call of the query protocol."""
    bench = WORLDS.bench()
    body = choices.mutated(b"Action=GetCallerIdentity&Version=2011-06-15")
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    ask(bench, bench.signed(body, None, key=KEY, service="sts", headers=headers))


def signatures(choices: Choices) -> None:
    """A rightly signed request with something changed: whoever is let in has said the same as before."""
    bench = WORLDS.bench()
    request = bench.signed(b"{}", key=KEY)
    signed = request.headers["authorization"]
    if choices.chance(70):
        text = choices.mutated(signed.encode()).decode("utf-8", "surrogateescape")
        changed = replace(request, headers={**request.headers, "authorization": text})
        is_same = _parts(text) == _parts(signed)
    else:
        name = choices.one_of([name for name in request.headers if name != "authorization"])
        value = request.headers[name]
        text = choices.mutated(value.encode()).decode("latin-1")
        changed = replace(request, headers={**request.headers, name: text})
        is_same = text.split() == value.split()
    if ask(bench, changed).status == 200 and not is_same:
        raise Found(f"let in with {changed.headers}")


def _parts(authorization: str) -> object:
    algorithm, _, rest = authorization.strip().partition(" ")
    pieces = [piece.partition("=") for piece in re.split(r"[,\s]+", rest, flags=re.ASCII) if piece]
    named = {name: value for name, _, value in pieces}
    return algorithm, {name: named.get(name) for name in ("Credential", "SignedHeaders", "Signature")}


def page_tokens(choices: Choices) -> None:
    """A page token that was changed, or brought to another listing: never taken."""
    bench = WORLDS.bench()
    listing = bench.send({}, "GetOperations", key=KEY)
    token = json.loads(listing.body)["nextPageToken"]
    operation = choices.one_of(PAGED)
    changed = choices.mutated(token.encode()).decode("latin-1") if choices.chance(80) else token
    given: dict[str, Any] = {"pageToken": changed}
    for name in service_model().shape(str(service_model().operation(operation).input)).required:
        given[name] = "web-1"
    response = ask(bench, bench.signed(given, operation, key=KEY))
    if response.status == 200 and (changed != token or operation != "GetOperations"):
        raise Found(f"{operation} took {changed!r} for {token!r}")
