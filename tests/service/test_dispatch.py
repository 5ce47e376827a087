"""Which operation a request names, and what is said about those that are not here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bench import Bench, refusal_in
from skysail.protocol.message import Request
from skysail.protocol.model import service_model
from skysail.service import dispatch
from skysail.service.dispatch import Family, Operations, not_yet
from skysail.service.families import FAMILIES

MODEL = service_model()
HANDLED = {name for family in FAMILIES for name in family.operations}
TARGET = "x-amz-target"


def least(shape_name: str) -> Any:
    """The least value that a request's shape takes."""
    shape = MODEL.shape(shape_name)
    bound = int(shape.min or 0)
    if shape.type == "structure":
        return {member: least(shape.members[member].shape) for member in shape.required}
    if shape.type == "list":
        return [least(shape.member.shape)] * bound if shape.member else []
    if shape.type == "string":
        return shape.enum[0] if shape.enum else "web".ljust(bound, "x")
    return {"map": {}, "boolean": False, "integer": bound or 1, "long": bound or 1, "timestamp": 0.0, "blob": ""}.get(
        shape.type, 1.5
    )


@pytest.mark.parametrize("name", sorted(MODEL))
def test_every_operation_of_the_model_is_answered_or_refused_by_its_name(bench: Bench, name: str) -> None:
    operation = MODEL.operation(name)
    response = bench.send({} if operation.input is None else least(operation.input), name)
    if name in HANDLED:
        kind = "" if response.status == 200 else refusal_in(response).kind
        assert kind in ("", "NotFoundException", "InvalidInputException")
    else:
        said = refusal_in(response)
        assert (said.kind, said.status, said.code) == ("NotImplementedException", 501, None)
        assert said.message.startswith(f"skysail does not have {name} yet; `skysail call {name}` reaches")


@pytest.mark.parametrize("name", sorted(set(MODEL) - HANDLED))
def test_what_is_not_here_yet_says_so_to_a_caller_of_ours(bench: Bench, name: str) -> None:
    operation = MODEL.operation(name)
    with pytest.raises(bench.client.exceptions.ClientError, match=f"does not have {name} yet") as caught:
        getattr(bench.client, operation.method)(**({} if operation.input is None else least(operation.input)))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0, "it would not help"


def test_every_handler_is_of_an_operation_of_the_model() -> None:
    assert set(MODEL) >= HANDLED


def test_an_operation_has_one_family_and_every_step_that_is_scheduled_has_a_handler() -> None:
    names = [name for family in FAMILIES for name in family.operations]
    steps = [name for family in FAMILIES for name in family.steps]
    assert len(names) == len(set(names))
    assert len(steps) == len(set(steps))
    sources = Path(dispatch.__file__).parent.rglob("*.py")
    named = {name for source in sources for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', source.read_text())}
    assert named - {"skysail.service", "co.uk"} <= set(steps), "nothing else in the service's code is written so"


@pytest.mark.parametrize("name", sorted(HANDLED))
def test_an_operation_by_its_target_and_by_its_path_is_the_same(name: str) -> None:
    by_target, by_path = Bench(), Bench()
    for bench in (by_target, by_path):
        bench.create("web")
    operation = MODEL.operation(name)
    body = {} if operation.input is None else least(operation.input)
    path = f"http://local/ls/api/2016-11-28/{name}"
    assert by_target.send(body, name) == by_path.send(body, None, url=path)


GOOD = {
    "a target": Request("POST", "/", {TARGET: "Lightsail_20161128.GetDisks"}, b""),
    "a target and a query": Request("POST", "/?x=1", {TARGET: "Lightsail_20161128.GetDisks"}, b""),
    "an absolute URL": Request("POST", "http://127.0.0.1:4571/", {TARGET: "Lightsail_20161128.GetDisks"}, b""),
    "a URL without a path": Request("POST", "http://127.0.0.1:4571", {TARGET: "Lightsail_20161128.GetDisks"}, b""),
    "a path": Request("POST", "/ls/api/2016-11-28/GetDisks", {}, b""),
    "a path before a target": Request(
        "POST", "/ls/api/2016-11-28/GetDisks", {TARGET: "Lightsail_20161128.GetInstances"}, b""
    ),
}


@pytest.mark.parametrize("form", GOOD)
def test_an_operation_is_named_by_target_or_path(form: str) -> None:
    operations = Operations.of(MODEL, [])
    assert operations.named_by(GOOD[form]).name == "GetDisks"


UNKNOWN = {
    "no target": ("POST", "/", {}, "POST / names no"),
    "an empty target": ("POST", "/", {TARGET: ""}, "POST / names no"),
    "an unknown operation": (
        "POST", "/", {TARGET: "Lightsail_20161128.GetPods"}, "X-Amz-Target 'Lightsail_20161128.GetPods' names no"
    ),
    "an operation in lower case": ("POST", "/", {TARGET: "Lightsail_20161128.getinstances"}, "names no"),
    "no operation": ("POST", "/", {TARGET: "Lightsail_20161128."}, "names no"),
    "no dot": ("POST", "/", {TARGET: "GetInstances"}, "names no"),
    "another service": ("POST", "/", {TARGET: "DynamoDB_20120810.GetInstances"}, "names no"),
    "another version": ("POST", "/ls/api/2017-01-01/GetInstances", {}, "POST /ls/api/2017-01-01/GetInstances names no"),
    "more of a path": ("POST", "/ls/api/2016-11-28/GetInstances/x", {}, "names no"),
    "no operation in a path": ("POST", "/ls/api/2016-11-28/", {}, "names no"),
    "another path": ("POST", "/x", {TARGET: "Lightsail_20161128.GetInstances"}, "names no"),
    "GET": ("GET", "/", {TARGET: "Lightsail_20161128.GetInstances"}, "names no"),
    "a browser": ("GET", "/favicon.ico?x=1", {}, "GET /favicon.ico names no"),
}  # fmt: skip


@pytest.mark.parametrize("why", UNKNOWN)
def test_a_request_that_names_no_operation_is_told_how_one_is_named(bench: Bench, why: str) -> None:
    method, url, headers, said = UNKNOWN[why]
    response = bench.lightsail.service.answer(Request(method, url, headers, b""))
    refusal = refusal_in(response)
    assert (refusal.kind, refusal.status) == ("UnknownOperationException", 404)
    assert said in refusal.message
    assert "send POST / with X-Amz-Target: Lightsail_20161128.<Operation>" in refusal.message


def test_a_service_with_fewer_families_does_not_have_the_others_operations() -> None:
    family = Family("one")

    @family.reads("GetDisks")
    def get_disks(context: Any, request: Any) -> dict[str, Any]:
        return {"disks": []}

    operations = Operations.of(MODEL, [family])
    assert operations.handler(MODEL.operation("GetDisks")).handler is get_disks
    assert not operations.handler(MODEL.operation("GetDisks")).writes
    with pytest.raises(type(not_yet("x")), match="does not have GetInstances yet"):
        operations.handler(MODEL.operation("GetInstances"))


def test_a_missing_member_is_told_before_that_the_operation_is_not_here(bench: Bench) -> None:
    """As with the real service, the form of a request comes first."""
    bench.lightsail.service.operations = Operations.of(MODEL, [])
    assert refusal_in(bench.send(b"{}", "CreateBucket")).kind == "InvalidInputException"
    assert refusal_in(bench.send(b"{}", "GetBuckets")).kind == "NotImplementedException"
