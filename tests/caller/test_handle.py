"""A server's clock, faults, calls and reset: the same by hand in this process, and by requests to another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import skysail
from bench import ORDER, START, Bench
from running_server import RunningServer
from skysail.caller.credentials import FixedKey
from skysail.caller.handle import Fault, ServerHandle
from skysail.caller.transport import InProcess
from skysail.errors import AnswerError, ConnectError, ServiceError, UnsupportedError, UsageError
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key
from skysail.server import LocalLightsail
from skysail.service.accounts import AccessKey, Accounts
from skysail.service.faults import Rule

Handle = LocalLightsail | ServerHandle


def requests_to(bench: Bench, key: Key | None = None) -> ServerHandle:
    transport = InProcess(bench.lightsail.service.answer)
    return ServerHandle("local:", transport, FixedKey(key or Key("local", "local")), bench.clock.now)


@pytest.fixture(params=["by hand", "by requests"])
def handle(request: pytest.FixtureRequest, bench: Bench) -> Handle:
    return bench.lightsail if request.param == "by hand" else requests_to(bench)


def test_a_clock_is_read_moved_and_run(handle: Handle, bench: Bench) -> None:
    assert (handle.clock.now(), handle.clock.rate) == (START, 1)
    assert handle.clock.advance(1.5, minutes=1, hours=1, days=1) == START + 90_061.5
    assert handle.clock.set(datetime(2027, 1, 1, tzinfo=UTC)) == 1_798_761_600
    assert handle.clock.set(1_798_761_601) == 1_798_761_601
    handle.clock.run(0)
    bench.clock.advance(5)
    assert (handle.clock.now(), handle.clock.rate) == (1_798_761_601, 0)
    handle.clock.as_machine()
    assert (handle.clock.now(), handle.clock.rate) == (START + 5, 1)


def test_faults_are_asked_for_counted_and_cleared(handle: Handle, bench: Bench) -> None:
    first = handle.faults.throttle("GetInstances", first=2, region="us-east-1")
    handle.faults.error("GetDisks", code="OperationFailureException", status=400, message="no", every=2)
    handle.faults.delay("Get*", 3)
    handle.faults.cut("CreateInstances", "after", share=0.5, account="111122223333")
    assert [bench.send().status for _ in range(3)] == [400, 400, 200]
    told = [(rule.kind, rule.operation, rule.met, rule.injected) for rule in handle.faults.rules()]
    assert told == [
        ("throttle", "GetInstances", 2, 2),
        ("error", "GetDisks", 0, 0),
        ("delay", "Get*", 1, 1),
        ("cut", "CreateInstances", 0, 0),
    ]
    assert (handle.faults.rules()[3].when, handle.faults.rules()[2].seconds) == ("after", 3)
    assert handle.faults.clear(first.id) == 1
    assert handle.faults.clear() == 3
    assert list(handle.faults.rules()) == []


def test_calls_are_told_by_operation_and_error_and_forgotten(handle: Handle, bench: Bench) -> None:
    bench.create("web")
    bench.send(b"{}", "GetInstance")
    assert len(handle.calls()) == 2
    (create,) = handle.calls("CreateInstances")
    assert create["arguments"]["instanceNames"] == ["web"]
    (get,) = handle.calls(error="InvalidInputException")
    assert (get["operation"], get["status"]) == ("GetInstance", 400)
    handle.calls.clear()
    assert handle.calls() == []


def test_a_reset_forgets_one_account_or_all(handle: Handle, bench: Bench) -> None:
    bench.create("web")
    bench.lightsail.client(access_key_id="111122223333").create_instances(instanceNames=["theirs"], **ORDER)
    handle.faults.throttle("GetDisks")
    handle.reset("111122223333")
    assert bench.names() == ["web"]
    handle.reset()
    assert bench.names() == []
    assert list(handle.faults.rules()) == []


REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "back": (lambda handle: handle.clock.advance(-1), "a clock only goes forward, not by -1 s"),
    "no length": (lambda handle: handle.clock.advance(float("nan")), "a clock only goes forward"),
    "the past": (lambda handle: handle.clock.set(5), "a clock only goes forward: it is 2023-11-14T22:13:20Z"),
    "no rate": (lambda handle: handle.clock.run(-1), "a clock runs 0 "),
    "no such kind": (lambda handle: handle.faults.add("explode"), "no fault: Invalid enum value 'explode'"),
    "no such member": (lambda handle: handle.faults.cut(frist=2), "no fault: .* unknown field `frist`"),
    "no such fault": (lambda handle: handle.faults.clear("none"), "there is no fault none"),
    "nothing": (lambda handle: handle.faults.delay(seconds=0), "no fault: a delay needs seconds"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_in_the_same_words(handle: Handle, case: str) -> None:
    call, text = REFUSED[case]
    with pytest.raises(UsageError, match=text):
        call(handle)


def test_both_kinds_of_fault_have_the_same_members() -> None:
    members = Rule.__struct_fields__
    assert set(members) == set(Fault.__struct_fields__)
    rule, fault = Rule("cut", id="x"), Fault("x", "cut")
    assert [getattr(rule, name) for name in members] == [getattr(fault, name) for name in members]


def test_more_than_the_last_thousand_calls_are_not_to_be_had_at_once(bench: Bench) -> None:
    handle = requests_to(bench)
    for _ in range(3):
        bench.send()
    calls = handle.calls(limit=2)
    assert len(calls) == 2
    assert handle.calls(after=calls[0]["id"]) == calls[1:]
    with pytest.raises(UsageError, match="limit is a number between 1 and 1000, not 1001"):
        handle.calls(limit=1_001)


KEYS = Accounts(
    {
        "AKIAADMIN": AccessKey("111122223333", "s3cret", administers=True),
        "AKIAUSER": AccessKey("111122223333", "s3cret"),
    }
)


def test_a_server_that_lists_keys_is_administered_by_one_that_may() -> None:
    bench = Bench(accounts=KEYS)
    assert requests_to(bench, Key("AKIAADMIN", "s3cret")).clock.advance(minutes=5) == START + 300
    assert requests_to(bench, Key("AKIAUSER", "s3cret")).health().keys() == {"status", "version"}
    for key, kind in (
        (Key("AKIAUSER", "s3cret"), "AccessDeniedException"),
        (Key("AKIAADMIN", "x"), "InvalidSignatureException"),
        (Key("AKIANONE", "x"), "UnrecognizedClientException"),
    ):
        with pytest.raises(ServiceError) as refused:
            requests_to(bench, key).reset()
        assert (refused.value.kind, refused.value.status) == (kind, 403)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RunningServer(tmp_path_factory.mktemp("handled")) as server:
        yield server.url


def test_a_server_elsewhere_is_reached_by_its_address(url: str) -> None:
    handle = skysail.server_handle(url)
    client = skysail.client(endpoint_url=url)
    handle.clock.run(0)
    client.create_instances(instanceNames=["web"], **ORDER)
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "pending"
    handle.clock.advance(minutes=5)
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "running"
    handle.faults.throttle("GetInstances", first=1)
    assert len(client.get_instances()["instances"]) == 1, "tried again"
    assert handle.faults.rules()[0].injected == 1
    assert [call["status"] for call in handle.calls("GetInstances")] == [400, 200]
    handle.reset()
    assert handle.health()["instances"] == 0
    handle.close()


def test_a_server_is_found_where_a_client_would_find_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LIGHTSAIL", url)
    assert skysail.server_handle().health()["status"] == "ready"
    monkeypatch.delenv("AWS_ENDPOINT_URL_LIGHTSAIL")
    assert skysail.server_handle().endpoint_url == "http://127.0.0.1:4570"


def test_a_store_without_a_server_has_them_too(tmp_path: Path) -> None:
    handle = skysail.server_handle(f"local:{tmp_path}/fleet.db")
    assert handle.clock.set(4_000_000_000) == pytest.approx(4_000_000_000, abs=60)
    assert skysail.server_handle(f"local:{tmp_path}/fleet.db").clock.now() == pytest.approx(4_000_000_000, abs=60)


def test_where_no_server_is_there_is_no_connection() -> None:
    with pytest.raises(ConnectError):
        skysail.server_handle("http://127.0.0.1:1").clock.now()


def test_aws_has_no_such_things_and_is_not_asked() -> None:
    with pytest.raises(UnsupportedError, match="a local service's"):
        skysail.server_handle("https://lightsail.us-east-1.amazonaws.com")


STRANGERS = {
    "a page": Response(404, {}, b"<html>not found</html>"),
    "a list of somebody else": Response(200, {}, b"[1]"),
    "an object of somebody else": Response(200, {}, b'{"status": "fine"}'),
    "an error of somebody else": Response(400, {}, b'{"error": "no"}'),
    "nothing": Response(200, {}, b""),
}


@pytest.mark.parametrize("case", STRANGERS)
def test_an_answer_of_another_program_is_told_as_that(case: str) -> None:
    def answer(request: Request) -> Response:
        return STRANGERS[case]

    handle = ServerHandle("http://127.0.0.1:80", InProcess(answer), FixedKey(Key("a", "b")), lambda: START)
    with pytest.raises(AnswerError, match=r"what answers at 127\.0\.0\.1:80 is no skysail serve"):
        handle.clock.now()
