"""The service as bytes: what is refused before any handler runs, in which order, and that nothing ever crashes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import ORDER, START, Bench, Refusal, refusal_in
from skysail.errors import ServiceError
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key, sign
from skysail.service.accounts import AccessKey, Accounts
from skysail.service.app import LARGEST_BODY
from skysail.service.identity import EXAMPLE_ACCOUNT
from skysail.store.base import Conflict, Place, Row
from skysail.store.sqlite import SqliteStore, SqliteTransaction

LISTED = Accounts({"AKIAONE": AccessKey("111122223333", "s3cret")})
NOT_JSON = "The request body is not valid JSON; send a JSON object."


def serialization(message: str) -> Refusal:
    return Refusal("SerializationException", None, message)


def invalid(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidParams", message)


def missing(member: str) -> str:
    return f"Value null at '{member}' failed to satisfy constraint: Member must not be null"


# --- bodies -----------------------------------------------------------------------------------------------

BODIES: dict[str, tuple[str, bytes, Refusal]] = {
    # operation, body, what is said
    "no JSON": ("GetInstances", b"pageToken=x", serialization(NOT_JSON)),
    "half of it": ("GetInstances", b'{"pageToken":', serialization(NOT_JSON)),
    "two of them": ("GetInstances", b"{}{}", serialization(NOT_JSON)),
    "no UTF-8": ("GetInstances", b'{"pageToken":"\xff"}', serialization(NOT_JSON)),
    "UTF-16": ("GetInstances", "{}".encode("utf-16"), serialization(NOT_JSON)),
    "a lone surrogate": ("GetInstances", b'{"pageToken":"\\ud800"}', serialization(NOT_JSON)),
    "NaN": ("GetInstances", b'{"pageToken":NaN}', serialization(NOT_JSON)),
    "a number beyond all bounds": ("GetInstances", b'{"pageToken":1e999}', serialization(NOT_JSON)),
    "a number of 5000 digits": ("GetInstances", b'{"pageToken":' + b"9" * 5000 + b"}", serialization(NOT_JSON)),
    "deeper than anything": ("GetInstances", b'{"pageToken":' * 70_000, serialization(NOT_JSON)),
    "deep lists": ("GetInstances", b"[" * 500_000, serialization(NOT_JSON)),
    "deep in an unknown member": ("GetInstances", b'{"x":' + b"[" * 500_000, serialization(NOT_JSON)),
    "null": ("GetInstances", b"null", serialization("NULL_VALUE can not be converted to a structure")),
    "a list": ("GetInstances", b"[]", serialization("START_ARRAY can not be converted to a structure")),
    "a text": ("GetInstances", b'"x"', serialization("STRING_VALUE can not be converted to a structure")),
    "a number for a text": (
        "GetInstances", b'{"pageToken":5}', serialization("NUMBER_VALUE can not be converted to a String: pageToken")
    ),
    "a text for a boolean": (
        "GetInstances", b'{"includeHealthStatus":"true"}',
        serialization("STRING_VALUE can not be converted to a Boolean: includeHealthStatus"),
    ),
    "a text for a list": (
        "CreateInstances", b'{"instanceNames":"web"}',
        serialization("STRING_VALUE can not be converted to a list: instanceNames"),
    ),
    "a null in a list": (
        "CreateInstances", b'{"instanceNames":["web",null]}',
        serialization("NULL_VALUE can not be converted to a String: instanceNames.2.member"),
    ),
    "a list for a structure": (
        "CreateInstances", b'{"instanceNames":[],"tags":[[]]}',
        serialization("START_ARRAY can not be converted to a structure: tags.1.member"),
    ),
    "a fraction for an integer": (
        "CreateDisk", b'{"sizeInGb":1.5}', serialization("DECIMAL_VALUE can not be converted to an Integer: sizeInGb")
    ),
    "a boolean for an integer": (
        "CreateDisk", b'{"sizeInGb":true}', serialization("BOOLEAN_VALUE can not be converted to an Integer: sizeInGb")
    ),
    "an empty body where a member is needed": (
        "GetInstance", b"", invalid(f"1 validation error detected: {missing('instanceName')}")
    ),
    "a null where a member is needed": (
        "GetInstance", b'{"instanceName":null}', invalid(f"1 validation error detected: {missing('instanceName')}")
    ),
    "several members missing": (
        "CreateInstances", b'{"instanceNames":["web"],"bundleId":"nano_3_0"}',
        invalid(f"2 validation errors detected: {missing('availabilityZone')}; {missing('blueprintId')}"),
    ),
    "outside an enumeration": (
        "CreateInstances",
        json.dumps({"instanceNames": ["web"], **ORDER, "ipAddressType": "ipv5"}).encode(),
        invalid(
            "1 validation error detected: Value 'ipv5' at 'ipAddressType' failed to satisfy constraint: "
            "Member must satisfy enum value set: [dualstack, ipv4, ipv6]"
        ),
    ),
    "a wrong type and a missing member": (
        "CreateInstances", b'{"instanceNames":[1]}',
        serialization("NUMBER_VALUE can not be converted to a String: instanceNames.1.member"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", BODIES)
def test_a_body_that_does_not_fit_is_refused_in_these_words(bench: Bench, why: str) -> None:
    operation, body, said = BODIES[why]
    assert refusal_in(bench.send(body, operation)) == said


def test_of_a_thousand_faults_a_hundred_are_told_but_a_wrong_type_among_them_counts_first(bench: Bench) -> None:
    texts: list[Any] = ["x"] * 1_000
    order = {"instanceNames": ["web"], **ORDER, "addOns": [{"addOnType": text} for text in texts]}
    said = refusal_in(bench.send(order, "CreateInstances")).message
    assert said.startswith("100 validation errors detected: ")
    assert said.count("Member must satisfy") == 100
    order["addOns"] = [*order["addOns"], {"addOnType": 1}]
    said = refusal_in(bench.send(order, "CreateInstances")).message
    assert said == "NUMBER_VALUE can not be converted to a String: addOns.1001.member.addOnType"


def test_text_that_is_no_unicode_comes_back_as_an_escape(bench: Bench) -> None:
    response = bench.lightsail.service.answer(Request("POST", "/\udc80", {"host": "local"}, b""))
    assert response.status == 404
    assert json.loads(response.body)["message"].startswith("POST /\udc80 names no operation")


TAKEN = {
    "nothing": b"",
    "an object": b"{}",
    "white space": b" \n{ }\t",
    "a null for a member": b'{"pageToken":null,"includeHealthStatus":null}',
    "an unknown member": b'{"whatever":{"deep":[1,null]}}',
    "a member twice": b'{"includeHealthStatus":true,"includeHealthStatus":false}',
}


@pytest.mark.parametrize("why", TAKEN)
def test_a_body_that_fits_is_taken(bench: Bench, why: str) -> None:
    response = bench.send(TAKEN[why])
    assert (response.status, msgspec.json.decode(response.body)) == (200, {"instances": []})


def test_a_body_of_one_mebibyte_is_taken_and_one_more_byte_is_not(bench: Bench) -> None:
    assert bench.send(b"{}".ljust(LARGEST_BODY)).status == 200
    said = refusal_in(bench.send(b"{}".ljust(LARGEST_BODY + 1)))
    text = "The request body is larger than 1048576 bytes."
    assert said == Refusal("RequestEntityTooLargeException", None, text, 413)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=8,
)
MEMBERS = ["instanceNames", "instanceName", "availabilityZone", "blueprintId", "bundleId", "tags", "key", "pageToken"]
bodies = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=5).map(lambda drawn: json.dumps(drawn).encode()),
)
OPERATIONS = ["CreateInstances", "GetInstances", "GetInstance", "DeleteInstance", "GetOperations", "TagResource"]


@given(st.sampled_from(OPERATIONS), bodies)
def test_no_body_makes_the_service_crash(operation: str, body: bytes) -> None:
    response = SHARED.send(body, operation)
    assert 200 <= response.status < 600
    if response.status != 200:
        said = refusal_in(response)
        assert said.kind.endswith("Exception")
        assert said.message
        assert not said.message.startswith("0 validation errors")


SHARED = Bench()


# --- who is asking ----------------------------------------------------------------------------------------


def test_a_request_without_a_signature_is_refused(bench: Bench) -> None:
    request = Request("POST", "/", {"x-amz-target": "Lightsail_20161128.GetInstances", "host": "local"}, b"{}")
    said = refusal_in(bench.lightsail.service.answer(request))
    assert said == Refusal("MissingAuthenticationTokenException", None, "Missing Authentication Token")


def test_a_changed_body_is_refused_where_keys_are_listed() -> None:
    bench = Bench(accounts=LISTED)
    key = Key("AKIAONE", "s3cret")
    assert bench.send(key=key).status == 200
    headers = {"x-amz-target": "Lightsail_20161128.GetInstances"}
    signed = sign(Request("POST", "http://local/", headers, b"{}"), key, "us-east-1", "lightsail", START)
    for forged in (
        replace(signed, body=b'{"includeHealthStatus":true}'),
        replace(signed, headers={**signed.headers, "x-amz-target": "Lightsail_20161128.GetOperations"}),
        replace(signed, headers={**signed.headers, "host": "elsewhere"}),
    ):
        assert refusal_in(bench.lightsail.service.answer(forged)).kind == "InvalidSignatureException"


def test_a_region_without_lightsail_is_refused(bench: Bench) -> None:
    said = refusal_in(bench.send(region="us-north-7"))
    assert said.kind == "InvalidSignatureException"
    assert "valid region, not 'us-north-7'" in said.message


def test_an_old_signature_is_refused(bench: Bench) -> None:
    headers = {"x-amz-target": "Lightsail_20161128.GetInstances"}
    signed = sign(Request("POST", "http://local/", headers, b"{}"), Key("a", "b"), "us-east-1", "lightsail", START)
    bench.clock.advance(300)
    assert bench.lightsail.service.answer(signed).status == 200
    bench.clock.advance(1)
    assert "Signature expired" in refusal_in(bench.lightsail.service.answer(signed)).message


ORDER_OF_CHECKS = {
    # what is wrong, and what is said first
    "operation, signature, body": ("GetPods", "x" * 5, b"[", "UnknownOperationException"),
    "signature, body": ("CreateInstances", "guess", b"[", "InvalidSignatureException"),
    "body": ("CreateInstances", "s3cret", b"[", "SerializationException"),
    "signature, not here yet": ("CreateDisk", "guess", b"{}", "InvalidSignatureException"),
}


@pytest.mark.parametrize("wrong", ORDER_OF_CHECKS)
def test_of_several_faults_the_first_is_named(wrong: str) -> None:
    operation, secret, body, kind = ORDER_OF_CHECKS[wrong]
    bench = Bench(accounts=LISTED)
    assert refusal_in(bench.send(body, operation, key=Key("AKIAONE", secret))).kind == kind


# --- answers ----------------------------------------------------------------------------------------------


def test_an_answer_has_its_type_and_a_request_id_of_its_own(bench: Bench) -> None:
    responses = [bench.send(), bench.send(b"["), bench.send(operation="GetPods")]
    assert {response.headers["content-type"] for response in responses} == {"application/x-amz-json-1.1"}
    assert len({response.headers["x-amzn-requestid"] for response in responses}) == 3
    assert all(len(response.headers["x-amzn-requestid"]) == 36 for response in responses)
    assert not any("x-amzn-errortype" in response.headers for response in responses)


def test_an_error_has_only_members_with_a_value_in_the_order_seen(bench: Bench) -> None:
    bench.create("web")
    body = json.dumps({"instanceNames": ["web"], **ORDER}).encode()
    expected = {
        "__type": "InvalidInputException",
        "code": "NameExists",
        "message": "Some names are already in use: web",
    }
    assert bench.send(body, "CreateInstances").body == json.dumps(expected, separators=(",", ":")).encode()
    assert set(json.loads(bench.send(b"[").body)) == {"__type", "message"}


def test_times_are_numbers_of_seconds_with_at_most_three_decimals(bench: Bench) -> None:
    bench.clock.advance(0.98765)
    bench.create("web")
    (instance,) = json.loads(bench.send().body)["instances"]
    assert instance["createdAt"] == START + 0.988


# --- health -----------------------------------------------------------------------------------------------


def health(bench: Bench, method: str = "GET") -> Response:
    return bench.lightsail.service.answer(Request(method, "/_skysail/health", {}, b""))


def test_health_needs_no_signature_and_tells_what_a_person_wants_to_know(bench: Bench) -> None:
    bench.create("web", "db")
    bench.lightsail.client("eu-west-1", "other").create_instances(
        instanceNames=["web"], **{**ORDER, "availabilityZone": "eu-west-1a"}
    )
    response = health(bench)
    said = json.loads(response.body)
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    version = said.pop("version")
    assert version.count(".") == 2
    assert said == {"status": "ready", "store": "memory", "instances": 3, "now": START}


@pytest.mark.parametrize(("there", "told"), [(1000, 1000), (1001, "more than 1,000"), (3000, "more than 1,000")])
def test_health_does_not_count_a_large_fleet(bench: Bench, there: int, told: int | str) -> None:
    place = Place("111122223333", "us-east-1")
    with bench.lightsail.store.begin(write=True) as transaction:
        transaction.insert([Row(place, "Instance", f"web-{number}", "id", number, b"{}") for number in range(there)])
    assert json.loads(health(bench).body)["instances"] == told


def test_health_names_the_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fleet.db")
    assert json.loads(health(bench).body)["store"] == str(tmp_path / "fleet.db")
    bench.close()


# --- trouble ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, "fleet.db"])
def test_a_store_that_fails_is_a_503_of_the_service_and_of_its_health(tmp_path: Path, name: str | None) -> None:
    bench = Bench(name and tmp_path / name)
    bench.create("web")
    bench.names()
    bench.close()
    for operation in ("GetInstances", "CreateInstances"):
        body = {"instanceNames": ["web"], **ORDER} if operation == "CreateInstances" else {}
        said = refusal_in(bench.send(body, operation))
        assert (said.kind, said.status) == ("ServiceUnavailableException", 503)
        assert said.message.startswith("The store failed: the store (")
    assert health(bench).status == 503


def test_a_refused_call_changes_nothing(bench: Bench) -> None:
    """The second name is refused by the store's own rule, after the first has been written."""
    with bench.lightsail.store.begin(write=False) as transaction:
        before = (transaction.places("Instance"), transaction.next_due())
    with pytest.raises(bench.client.exceptions.InvalidInputException):
        bench.create("good", "b@d")
    with bench.lightsail.store.begin(write=False) as transaction:
        assert (transaction.places("Instance"), transaction.next_due()) == before


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    for store in (None, tmp_path / "fleet.db"):
        bench = Bench(store)
        errors: list[BaseException] = []

        def work(mark: int, bench: Bench = bench, errors: list[BaseException] = errors) -> None:
            try:
                for count in range(10):
                    bench.client.create_instances(instanceNames=[f"web-{mark}-{count}"], **ORDER)
                    bench.client.get_instances()
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(mark,)) for mark in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        names = bench.names()
        assert len(names) == len(set(names)) == 60
        for mark in range(6):
            assert [name for name in names if name.startswith(f"web-{mark}-")] == [
                f"web-{mark}-{count}" for count in reversed(range(10))
            ]
        bench.close()


def test_of_several_who_want_one_name_one_has_it() -> None:
    bench = Bench()
    outcomes: list[str] = []
    start = threading.Barrier(5)

    def work() -> None:
        start.wait()
        try:
            bench.create("web")
            outcomes.append("made")
        except bench.client.exceptions.InvalidInputException as error:
            outcomes.append(str(error.code))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["NameExists"] * 4 + ["made"]


def test_the_page_size_of_a_service_is_that_of_all_its_listings(tmp_path: Any) -> None:
    bench = Bench(page_size=3)
    bench.create(*[f"web-{count}" for count in range(7)])
    sizes = [len(page["instances"]) for page in bench.client.get_paginator("get_instances").paginate()]
    assert sizes == [3, 3, 1]
    sizes = [len(page["operations"]) for page in bench.client.get_paginator("get_operations").paginate()]
    assert sizes == [3, 3, 1]


def test_a_page_of_instances_has_20_and_a_full_last_page_names_no_next(bench: Bench) -> None:
    bench.create(*[f"web-{count}" for count in range(40)])
    first = bench.client.get_instances()
    second = bench.client.get_instances(pageToken=first["nextPageToken"])
    assert [len(first["instances"]), len(second["instances"])] == [20, 20]
    assert "nextPageToken" not in second
    assert [one["name"] for one in first["instances"] + second["instances"]] == bench.names()


def test_created_at_is_the_clocks_time(bench: Bench) -> None:
    bench.create("web")
    assert bench.get()["createdAt"] == datetime.fromtimestamp(START, UTC)


def test_a_response_tells_logs_who_asked_for_what_and_what_went_wrong(bench: Bench) -> None:
    found = dict(bench.send({"instanceName": "web"}, "GetInstance").notes)
    assert found.pop("id")
    assert found == {
        "operation": "GetInstance",
        "account": EXAMPLE_ACCOUNT,
        "region": "us-east-1",
        "error": "NotFoundException",
        "message": "The Instance does not exist: web",
    }


def test_requests_answered_together_are_answered_as_if_each_had_come_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fleet.db")
    orders = [bench.signed({**ORDER, "instanceNames": [name]}, "CreateInstances") for name in ("aa", "bb", "aa")]
    assert [response.status for response in bench.lightsail.service.answer_together(orders)] == [200, 200, 400]
    assert [instance["name"] for instance in bench.client.get_instances()["instances"]] == ["bb", "aa"]


def test_a_flush_that_fails_is_a_503_for_all_who_waited_for_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fleet.db")
    orders = [bench.signed({**ORDER, "instanceNames": [name]}, "CreateInstances") for name in ("aa", "bb")]
    bench.lightsail.close()
    responses = bench.lightsail.service.answer_together(orders)
    assert [response.status for response in responses] == [503, 503]


class Contended(SqliteStore):
    """A store on which so many transactions come too late."""

    def __init__(self, conflicts: int, *, reads: bool = False) -> None:
        super().__init__()
        self.conflicts = conflicts
        self.reads = reads

    @contextmanager
    def begin(self, write: bool) -> Iterator[SqliteTransaction]:
        with super().begin(write) as transaction:
            yield transaction
            if write != self.reads and self.conflicts > 0:
                self.conflicts -= 1
                raise Conflict("another came first")


def test_a_transaction_that_came_too_late_is_done_again_as_if_nothing_had_been(bench: Bench) -> None:
    contended = Bench(Contended(3))
    contended.create("web")
    assert contended.client.get_instances()["instances"][0]["name"] == "web"
    assert len(contended.client.get_operations()["operations"]) == 1


def test_a_transaction_that_always_comes_too_late_is_given_up() -> None:
    contended = Bench(Contended(1000))
    with pytest.raises(ServiceError, match=r"begun 8 times.*: another came first") as refusal:
        contended.create("web")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


@pytest.mark.parametrize("operation", ["GetInstances", None])
def test_a_look_that_broke_off_is_done_again_whatever_it_was_for(operation: str | None) -> None:
    """As where a database has ended the connection: the faults and the clock are looked for there too."""

    def asked(contended: Bench) -> int:
        if operation is None:
            return contended.lightsail.service.answer(Request("GET", "/_skysail/health", {}, b"")).status
        return contended.send(b"{}", operation).status

    assert asked(Bench(Contended(3, reads=True))) == 200
    assert asked(Bench(Contended(1000, reads=True))) == 503


MANNERS = {
    # operation: in memory, in a file
    "GetInstance": ("at once", "at once"),
    "CreateInstances": ("at once", "together"),
    "GetInstanceAccessDetails": ("apart", "apart"),
    "Nonsense": ("at once", "at once"),
}


@pytest.mark.parametrize("operation", MANNERS)
def test_a_carrier_is_told_how_a_request_is_best_answered(tmp_path: Path, operation: str) -> None:
    stores = Bench(), Bench(tmp_path / "fleet.db")
    asked = [bench.lightsail.service.manner(bench.signed(b"{}", operation)) for bench in stores]
    assert tuple(asked) == MANNERS[operation]


@pytest.mark.parametrize(("method", "manner"), [("GET", "at once"), ("POST", "apart"), ("DELETE", "apart")])
def test_what_administers_is_answered_apart_where_it_changes_anything(tmp_path: Path, method: str, manner: str) -> None:
    request = Request(method, "/_skysail/clock", {}, b"")
    assert Bench(tmp_path / "fleet.db").lightsail.service.manner(request) == manner


def test_who_looks_while_something_is_due_is_answered_apart_for_that_writes(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fleet.db")
    service, look = bench.lightsail.service, bench.signed(b"{}", "GetRegions")
    assert service.manner(look) == "at once"
    bench.create("web")
    assert service.manner(look) == "at once"
    bench.settle()
    assert service.manner(look) == "apart"
    assert bench.state() == "running"
    assert service.manner(look) == "at once"
