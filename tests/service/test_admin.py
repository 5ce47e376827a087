"""What only a local Lightsail has: its clock, faults, calls and reset, for whom they are, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import ORDER, START, Bench, refusal
from skysail.errors import ConnectionLostError, ServiceError, UsageError
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key, sign
from skysail.server import LocalLightsail
from skysail.service.accounts import AccessKey, Accounts
from skysail.service.calls import Calls
from skysail.service.clock import moment, seconds
from skysail.service.hosts import Hosts
from skysail.world import manual_world

JSON = {"content-type": "application/json", "host": "127.0.0.1:4570"}


def ask(
    bench: Bench, method: str, path: str, members: Any = None, headers: Mapping[str, str] = JSON, key: Key | None = None
) -> tuple[int, Any]:
    body = b"" if members is None else json.dumps(members).encode()
    request = Request(method, f"http://127.0.0.1:4570/_skysail/{path}", headers, body)
    if key is not None:
        request = sign(request, key, "us-east-1", "lightsail", bench.clock.now())
    response = bench.lightsail.service.answer(request)
    return response.status, json.loads(response.body)


def said(bench: Bench, *asked: Any, **how: Any) -> str:
    status, body = ask(bench, *asked, **how)
    assert status >= 400
    return f"{body['__type']}: {body['message']}" if status == 403 else str(body["message"])


# --- the clock --------------------------------------------------------------------------------------------


def test_a_clock_is_the_machines_until_it_is_changed(bench: Bench) -> None:
    bench.clock.advance(5)
    assert ask(bench, "GET", "clock") == (200, {"now": START + 5, "time": "2023-11-14T22:13:25Z", "rate": 1.0})


def test_a_clock_that_is_advanced_makes_what_is_due(bench: Bench) -> None:
    bench.create("web")
    assert ask(bench, "POST", "clock", {"advance": "5m"})[1]["now"] == START + 300
    assert bench.client.get_instance_state(instanceName="web")["state"]["name"] == "running"


@pytest.mark.parametrize(("rate", "later"), [(0, 0.0), (1, 10.0), (60, 600.0)])
def test_a_clock_runs_as_fast_as_it_is_told(bench: Bench, rate: float, later: float) -> None:
    ask(bench, "POST", "clock", {"rate": rate})
    bench.clock.advance(10)
    assert bench.lightsail.clock.now() == START + later


def test_a_clock_is_set_to_a_time_ahead(bench: Bench) -> None:
    assert ask(bench, "POST", "clock", {"set": "2027-01-01T00:00Z"})[1]["time"] == "2027-01-01T00:00:00Z"
    bench.create("web")
    assert bench.client.get_instances()["instances"][0]["createdAt"].year == 2027


def test_a_clock_outlives_its_service_and_is_the_same_for_all_on_a_store(tmp_path: Path) -> None:
    one, other = Bench(tmp_path / "fleet.db"), Bench(tmp_path / "fleet.db")
    one.lightsail.clock.run(0)
    one.lightsail.clock.advance(hours=1)
    other.clock.advance(0.5)
    assert other.lightsail.clock.now() == START + 3_600
    other.lightsail.clock.advance(days=1)
    one.clock.advance(0.5)
    assert one.lightsail.clock.now() == START + 90_000
    one.close()
    other.close()
    again = Bench(tmp_path / "fleet.db")
    again.clock.advance(1_000)
    assert (again.lightsail.clock.now(), again.lightsail.clock.rate) == (START + 90_000, 0)


def test_signatures_are_judged_by_the_machines_time(bench: Bench) -> None:
    bench.lightsail.clock.advance(days=400)
    assert bench.send().status == 200


CLOCK_REFUSED = {
    "backwards": ({"advance": -1}, "'-1' is no length of time: 90, 90s, 5m, 1.5h, 1d12h"),
    "no time": ({"advance": "soon"}, "'soon' is no length of time"),
    "the past": ({"set": 5}, "a clock only goes forward: it is 2023-11-14T22:13:20Z, not to be 1970-01-01T00:00:05Z"),
    "no date": ({"set": "tomorrow"}, "'tomorrow' is no time: 2027-01-01T00:00Z, or seconds since 1970"),
    "beyond all time": ({"advance": "999999w"}, "a clock goes as far as the year 9999"),
    "before all time": ({"set": "0001-01-01T00:00:00+23:59"}, "a clock only goes forward: it is 2023-11-14T22:13:20Z"),
    "a rate of 400 digits": ({"rate": 10**400}, "rate is a number, not 1000"),
    "nothing": ({}, 'say {"advance": "5m"}'),
    "something else": ({"advanse": 5}, "advanse is none of rate, set, advance, settle, machine"),
    "a rate of nonsense": ({"rate": "fast"}, "rate is a number, not 'fast'"),
    "a rate below nothing": ({"rate": -1}, "a clock runs 0 (only when moved) to 1,000,000 times as fast, not -1"),
}


@pytest.mark.parametrize("case", CLOCK_REFUSED)
def test_a_clock_refuses_what_it_cannot_be(bench: Bench, case: str) -> None:
    members, text = CLOCK_REFUSED[case]
    assert said(bench, "POST", "clock", members).startswith(text)
    assert bench.lightsail.clock.now() == START


@pytest.mark.parametrize(("text", "length"), [("90", 90), ("90s", 90), ("1.5h", 5_400), ("1d12h", 129_600), ("0", 0)])
def test_lengths_of_time_are_read(text: str, length: float) -> None:
    assert seconds(text) == length


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2027-01-01T00:00") == moment("2027-01-01T01:00+01:00") == moment("1798761600")


# --- faults -----------------------------------------------------------------------------------------------


def outcomes(bench: Bench, count: int, operation: str = "GetInstances") -> list[str]:
    return [bench.send(b"{}", operation).notes.get("error", "") for _ in range(count)]


def test_the_first_so_many_are_throttled_and_counted(bench: Bench) -> None:
    bench.lightsail.faults.throttle("GetInstances", first=2)
    assert outcomes(bench, 4) == ["ThrottlingException", "ThrottlingException", "", ""]
    assert outcomes(bench, 1, "GetRegions") == [""]
    (rule,) = ask(bench, "GET", "faults")[1]["faults"]
    assert (rule["met"], rule["injected"], rule["first"]) == (2, 2, 2)


def test_each_third_meets_an_error_of_ones_own(bench: Bench) -> None:
    ask(bench, "POST", "faults", {"kind": "error", "operation": "Get*", "every": 3, "code": "ServiceException"})
    assert outcomes(bench, 7) == ["", "", "ServiceException"] * 2 + [""]
    bench.send()
    third = bench.send()
    assert (third.status, json.loads(third.body)["message"]) == (500, "A fault that was asked for.")


def test_a_share_of_them_meets_it_by_chance_and_the_same_ones_from_the_same_seed() -> None:
    def met() -> list[str]:
        bench = Bench(seed=7)
        bench.lightsail.faults.throttle(share=0.25)
        return outcomes(bench, 400)

    assert met() == met()
    assert 60 < met().count("ThrottlingException") < 140


def test_a_fault_is_met_in_its_own_account_and_region_only(bench: Bench) -> None:
    bench.lightsail.faults.throttle(account="111122223333", region="eu-west-1")
    key = Key("111122223333", "x")
    met = [bench.send(key=k, region=r).status for k in (key, None) for r in ("eu-west-1", "us-east-1")]
    assert met == [400, 200, 200, 200]


def test_what_is_throttled_is_not_done_and_what_is_late_or_cut_after_is(bench: Bench) -> None:
    faults = bench.lightsail.faults
    order = {**ORDER, "instanceNames": ["web"]}
    faults.throttle("CreateInstances", first=1)
    assert bench.send(order, "CreateInstances").status == 400
    faults.cut("CreateInstances", first=1)
    assert bench.send(order, "CreateInstances").is_cut
    assert bench.client.get_instances()["instances"] == []
    faults.cut("CreateInstances", "after", first=1)
    assert bench.send(order, "CreateInstances").is_cut
    assert len(bench.client.get_instances()["instances"]) == 1
    faults.delay("GetInstances", 2.5, first=1)
    assert bench.send().delay_s == 2.5


FETCHED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (FETCHED, 403),
        (FETCHED | {"sec-fetch-site": "same-site"}, 403),
        (FETCHED | {"sec-fetch-mode": "navigate"}, 200),
        (FETCHED | {"sec-fetch-site": "same-origin"}, 200),
        (FETCHED | {"sec-fetch-site": "none"}, 200),
        ({}, 200),
    ],
)
def test_a_page_of_another_site_has_no_work_done_for_it(bench: Bench, headers: dict[str, str], status: int) -> None:
    for path in ("/_skysail/calls", "/_skysail/health", "/console/help", "/console/static/0/console.js"):
        request = Request("GET", path, {"host": "localhost", **headers}, b"")
        assert bench.lightsail.with_console().answer(request).status == status, path


def test_what_takes_long_is_told_apart_from_the_rest(bench: Bench) -> None:
    service = bench.lightsail.service

    def manner(path: str) -> str:
        return service.manner(Request("GET", f"/_skysail/{path}", {"host": "localhost"}, b""))

    assert {manner(path) for path in ("health", "clock")} == {"at once"}
    assert {manner(path) for path in ("calls", "calls?limit=1000", "pages", "inhabited", "coming")} == {"apart"}


def test_a_client_in_the_same_process_waits_for_what_is_late_and_loses_what_is_cut(bench: Bench) -> None:
    bench.lightsail.faults.delay("GetInstances", 7)
    bench.client.get_instances()
    assert bench.clock.now() == START + 7
    bench.lightsail.faults.cut("GetRegions")
    with pytest.raises(ConnectionLostError):
        bench.client.get_regions()
    assert bench.lightsail.faults.rules()[1].injected == 3, "tried again, as a broken connection is"


def test_the_first_so_many_are_so_many_over_all_services_of_a_store(tmp_path: Path) -> None:
    benches = [Bench(tmp_path / "fleet.db", seed=number) for number in range(3)]
    benches[0].lightsail.faults.throttle(first=5)
    for bench in benches:
        bench.clock.advance(0.5)
    met = [outcomes(bench, 1)[0] for _ in range(4) for bench in benches]
    assert met.count("ThrottlingException") == 5


def test_faults_are_cleared_one_or_all(bench: Bench) -> None:
    first, second = bench.lightsail.faults.throttle(), bench.lightsail.faults.delay(seconds=1)
    assert ask(bench, "DELETE", f"faults?id={first.id}") == (200, {"cleared": 1})
    assert [rule.id for rule in bench.lightsail.faults.rules()] == [second.id]
    assert said(bench, "DELETE", "faults?id=none") == "there is no fault none"
    assert ask(bench, "DELETE", "faults") == (200, {"cleared": 1})
    assert outcomes(bench, 1) == [""]


FAULT_REFUSED = {
    "no kind": ({}, 'say which: {"kind": "throttle"}'),
    "another kind": ({"kind": "explode"}, "no fault: Invalid enum value 'explode'"),
    "another member": ({"kind": "cut", "frist": 2}, "no fault: Object contains unknown field `frist`"),
    "a member of ours": ({"kind": "cut", "self": 2}, "no fault: Object contains unknown field `self`"),
    "no number": ({"kind": "cut", "first": "two"}, "no fault: Expected `int | null`, got `str`"),
    "none at all": ({"kind": "cut", "first": 0}, "no fault: first is at least 1"),
    "a share of more than all": ({"kind": "cut", "share": 1.5}, "no fault: share is between 0 and 1"),
    "two ways to choose": ({"kind": "cut", "share": 0.5, "every": 2}, "no fault: every and share do not go together"),
    "a delay of nothing": ({"kind": "delay"}, "no fault: a delay needs seconds"),
    "a day": ({"kind": "delay", "seconds": 86_400}, "no fault: seconds are between 0 and 3600"),
    "an error that is none": ({"kind": "error", "status": 200}, "no fault: status is an error's: 400 to 599"),
    "a code with a line break": ({"kind": "error", "code": "a\r\nb"}, "no fault: code is letters"),
}


@pytest.mark.parametrize("case", FAULT_REFUSED)
def test_a_fault_that_makes_no_sense_is_refused(bench: Bench, case: str) -> None:
    members, text = FAULT_REFUSED[case]
    assert said(bench, "POST", "faults", members).startswith(text)
    assert bench.lightsail.faults.rules() == ()


# --- calls ------------------------------------------------------------------------------------------------


def test_calls_tell_who_asked_for_what_with_which_arguments_and_how_it_went(bench: Bench) -> None:
    bench.create("web")
    with pytest.raises(ServiceError):
        bench.client.get_instance(instanceName="none")
    (create,) = bench.lightsail.calls("CreateInstances")
    assert (create["at"], create["status"], create["region"]) == (START, 200, "us-east-1")
    assert create["arguments"]["instanceNames"] == ["web"]
    calls = ask(bench, "GET", "calls?error=NotFoundException")[1]["calls"]
    assert [(call["operation"], call["status"], call["error"]) for call in calls] == [
        ("GetInstance", 400, "NotFoundException")
    ]
    assert ask(bench, "GET", f"calls?after={create['id']}&limit=5")[1]["calls"] == calls


def test_calls_show_no_secret(bench: Bench) -> None:
    bench.create("web", userData="password=s3cret")
    bench.send({"relationalDatabaseName": "db", "masterUserPassword": "s3cret"}, "CreateRelationalDatabase")
    bench.send({"instanceName": "web", "emailAddress": "a@s3cret", "domainNames": ["a.b"]}, "SetupInstanceHttps")
    found = ask(bench, "GET", "calls")[1]["calls"]
    assert len(found) == 3
    assert "s3cret" not in json.dumps(found)
    assert found[0]["arguments"]["userData"] == "***"


CLUMSY = [
    ("CreateRelationalDatabase", {"masterUserPasword": "s3cret"}),
    ("CreateRelationalDatabase", {"MasterUserPassword": {"value": ["s3cret"]}}),
    ("GetInstances", {"password": "s3cret"}),
    ("CreateInstances", {"tags": "s3cret"}),
    ("CreateInstances", {"tags": [{"key": "role", "vaule": "s3cret"}]}),
    ("CreateInstances", {"bundleId": {"password": "s3cret"}}),
    ("CreateContainerServiceDeployment", {"containers": {"web": {"environment": {"PASSWORD": "s3cret"}}}}),
]


@pytest.mark.parametrize(("operation", "arguments"), CLUMSY)
def test_calls_show_no_secret_that_stands_where_none_is_expected(
    bench: Bench, operation: str, arguments: dict[str, Any]
) -> None:
    bench.send(arguments, operation)
    assert "***" in json.dumps(bench.lightsail.calls())
    assert "s3cret" not in json.dumps(bench.lightsail.calls())


def test_calls_show_what_is_no_secret_whole(bench: Bench) -> None:
    tags = [{"key": "role", "value": "web"}]
    bench.create("web", tags=tags, ipAddressType="ipv4")
    ports = {"web": {"image": "nginx", "ports": {"80": "HTTP"}}}
    bench.send({"serviceName": "site", "containers": ports}, "CreateContainerServiceDeployment")
    create, deploy = bench.lightsail.calls()
    assert (create["arguments"]["tags"], create["arguments"]["ipAddressType"]) == (tags, "ipv4")
    assert deploy["arguments"] == {"serviceName": "site", "containers": ports}


@pytest.mark.parametrize("body", [b"", b"[", b"[1]", b"null", b'{"a":' + b"[" * 9_000, b"\xff", b'{"set":"\xff"}'])
def test_calls_take_whatever_was_sent(bench: Bench, body: bytes) -> None:
    bench.send(body)
    assert ask(bench, "GET", "calls")[0] == 200


def test_so_many_calls_are_kept_and_no_more() -> None:
    bench = Bench()
    for _ in range(10_050):
        bench.lightsail.calls.add(1.0, Request("POST", "/", {}, b"{}"), Response(200, {}, b""))
    assert len(bench.lightsail.calls()) == 10_000


def test_large_calls_are_kept_by_their_bytes() -> None:
    calls = Calls()
    for number in range(2_124):
        calls.add(number, Request("POST", "/", {}, b"x" * 16_384), Response(200, {}, b"", notes={"id": f"{number}"}))
    assert [call["id"] for call in calls()] == [f"{number}" for number in range(76, 2_124)]


def test_a_call_tells_its_program_and_why_it_was_refused(bench: Bench) -> None:
    with pytest.raises(ServiceError):
        bench.client.get_instance(instanceName="nobody")
    [call] = bench.lightsail.calls()
    assert call["message"] == "The Instance does not exist: nobody"
    assert call["agent"].startswith("skysail/")


@pytest.mark.parametrize(
    ("message", "told"), [("not t0p-s3cret1!", None), ("x" * 1_001, None), ("too short", "too short")]
)
def test_a_refusal_that_repeats_a_secret_or_may_is_not_told(message: str, told: str | None) -> None:
    calls = Calls()
    body = b'{"relationalDatabaseName": "db", "masterUserPassword": "t0p-s3cret1!"}'
    notes = {"id": "1", "operation": "CreateRelationalDatabase", "error": "X", "message": message}
    calls.add(1.0, Request("POST", "/", {}, body), Response(400, {}, b"", notes=notes))
    assert calls()[0].get("message") == told


def test_calls_are_forgotten_when_asked(bench: Bench) -> None:
    bench.send()
    assert ask(bench, "DELETE", "calls") == (200, {})
    assert bench.lightsail.calls() == []


# --- reset ------------------------------------------------------------------------------------------------


def test_a_reset_forgets_everything_but_the_time(bench: Bench) -> None:
    bench.lightsail.clock.advance(minutes=5)
    bench.create("web")
    bench.lightsail.faults.throttle("GetDisks")
    assert ask(bench, "POST", "reset", {}) == (200, {})
    assert bench.client.get_instances()["instances"] == []
    assert bench.client.get_operations()["operations"] == []
    assert bench.lightsail.faults.rules() == ()
    assert bench.lightsail.clock.now() == START + 300
    bench.create("web")
    bench.clock.advance(60)
    assert bench.client.get_instance_state(instanceName="web")["state"]["name"] == "running"


def test_a_reset_of_one_account_leaves_the_others(bench: Bench) -> None:
    bench.create("web")
    other = bench.lightsail.client(access_key_id="111122223333")
    other.create_instances(instanceNames=["theirs"], **ORDER)
    assert ask(bench, "POST", "reset", {"account": "111122223333"})[0] == 200
    assert other.get_instances()["instances"] == []
    assert len(bench.client.get_instances()["instances"]) == 1
    assert said(bench, "POST", "reset", {"account": "mine"}) == "an account is 12 digits, not mine"


# --- who may ----------------------------------------------------------------------------------------------

LISTED = Accounts(
    {
        "AKIAADMIN": AccessKey("111122223333", "s3cret", administers=True),
        "AKIAUSER": AccessKey("111122223333", "s3cret"),
        "AKIAREADS": AccessKey("111122223333", "s3cret", only_reads=True),
    }
)


def test_where_keys_are_listed_only_one_that_administers_may(tmp_path: Path) -> None:
    bench = Bench(accounts=LISTED)
    assert ask(bench, "GET", "clock", key=Key("AKIAADMIN", "s3cret"))[0] == 200
    assert "may not administer" in said(bench, "GET", "clock", key=Key("AKIAUSER", "s3cret"))
    assert "InvalidSignatureException" in said(bench, "GET", "clock", key=Key("AKIAADMIN", "other"))
    assert "UnrecognizedClientException" in said(bench, "POST", "reset", {}, key=Key("AKIANONE", "x"))
    assert "MissingAuthenticationToken" in said(bench, "POST", "reset", {})


def test_everybody_may_know_that_it_lives_and_who_administers_what_there_is() -> None:
    bench = Bench(accounts=LISTED)
    assert set(ask(bench, "GET", "health")[1]) == {"status", "version"}
    known = ask(bench, "GET", "health", key=Key("AKIAADMIN", "s3cret"))[1]
    assert set(known) == {"status", "version", "store", "instances", "now"}


BROWSERS = {
    "a form": {"content-type": "application/x-www-form-urlencoded"},
    "a form with JSON as text": {"content-type": "text/plain"},
    "another origin": JSON | {"origin": "http://evil.example"},
    "another port": JSON | {"origin": "http://127.0.0.1:80"},
    "an origin that is no URL": JSON | {"origin": "http://["},
    "an origin that hides": JSON | {"origin": "null"},
}


@pytest.mark.parametrize("case", BROWSERS)
def test_a_page_of_somebody_else_can_change_nothing(bench: Bench, case: str) -> None:
    bench.create("web")
    status, _ = ask(bench, "POST", "reset", {}, headers={"host": "127.0.0.1:4570", **BROWSERS[case]})
    assert status == 400
    assert len(bench.client.get_instances()["instances"]) == 1


def test_a_page_of_its_own_may(bench: Bench) -> None:
    assert ask(bench, "POST", "reset", {}, headers=JSON | {"origin": "http://127.0.0.1:4570"})[0] == 200


WRONG = [
    ("GET", "nothing", 404, "/_skysail/nothing is none of /_skysail/health, /_skysail/clock"),
    ("PUT", "clock", 405, "PUT is none of GET, POST"),
    ("GET", "calls?limit=0", 400, "limit is a number between 1 and 1000, not 0"),
    ("GET", f"calls?limit={'9' * 5_000}", 400, "limit is a number between 1 and 1000, not 999"),
    ("GET", "calls?limit=٣", 400, "limit is a number between 1 and 1000, not ٣"),
    ("GET", "\udc80", 404, "/_skysail/\udc80 is none of /_skysail/health"),
    ("GET", "calls?operatoin=x", 400, "operatoin is none of operation, account, region, error, after, limit"),
]


@pytest.mark.parametrize(("method", "path", "status", "text"), WRONG)
def test_what_is_not_there_is_told(bench: Bench, method: str, path: str, status: int, text: str) -> None:
    found, body = ask(bench, method, path)
    assert (found, body["message"][: len(text)]) == (status, text)


@pytest.mark.parametrize("body", [b"[", b"[]", b"1", b"{" * 5_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(bench: Bench, body: bytes) -> None:
    request = Request("POST", "/_skysail/clock", JSON, body)
    assert bench.lightsail.service.answer(request).status == 400


# --- keys that only read ----------------------------------------------------------------------------------


def test_a_key_that_only_reads_changes_nothing_and_is_told_so_in_iams_words() -> None:
    bench = Bench(accounts=LISTED)
    reader = bench.lightsail.client("us-east-1", "AKIAREADS", "s3cret")
    assert reader.get_instances()["instances"] == []
    with pytest.raises(ServiceError) as refused:
        reader.create_instances(instanceNames=["web"], **ORDER)
    assert refusal(refused.value).kind == "AccessDeniedException"
    assert refused.value.response["Error"]["Message"] == (
        "User: arn:aws:iam::111122223333:user/AKIAREADS is not authorized to perform: lightsail:CreateInstances on "
        "resource: * because no identity-based policy allows the lightsail:CreateInstances action"
    )
    with pytest.raises(ServiceError, match="not authorized"):
        reader.download_default_key_pair()


# --- names of the server ----------------------------------------------------------------------------------

OWN = ["localhost", "localhost:4570", "LOCALHOST:1", "fleet.localhost:80", "127.0.0.1", "127.1.2.3:4570", "[::1]:4570",
       "::1", "lightsail:4570"]  # fmt: skip
FOREIGN = ["evil.example", "evil.example:4570", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
           "", None, "[fe80::1]", "notlocalhost", "0.0.0.0",
           "$(id).localhost", "a;b.localhost:1", "a b.localhost", "[127.0.0.1]x",
           "localhost:1:2", "localhost:x", "\u0131.localhost", "user@localhost", "localhost,localhost"]  # fmt: skip


@pytest.mark.parametrize("host", OWN)
def test_a_server_answers_to_its_own_names(host: str) -> None:
    Hosts(("Lightsail",)).check(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_a_server_answers_to_no_other_name(host: str | None) -> None:
    with pytest.raises(ServiceError, match="does not answer to the name"):
        Hosts(("lightsail",)).check(host)


def test_a_foreign_name_is_refused_before_anything_else() -> None:
    with LocalLightsail(hosts=Hosts(), world=manual_world()) as local:
        for path in ("/", "/_skysail/health"):
            response = local.service.answer(Request("GET", path, {"host": "evil.example"}, b""))
            assert (response.status, json.loads(response.body)["__type"]) == (403, "AccessDeniedException")


def test_no_page_can_have_an_answer_among_its_own_bytes(bench: Bench) -> None:
    response = bench.lightsail.service.answer(Request("GET", "/_skysail/calls", {"host": "localhost"}, b""))
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_client_in_the_same_process_is_let_in_by_its_own_name() -> None:
    with LocalLightsail(hosts=Hosts(), world=manual_world()) as local:
        assert local.client().get_instances()["instances"] == []


def test_the_handle_says_what_is_wrong_with_the_call() -> None:
    with LocalLightsail(clock=0, world=manual_world()) as local:
        with pytest.raises(UsageError, match="only goes forward"):
            local.clock.advance(-1)
        with pytest.raises(UsageError, match="first is at least 1"):
            local.faults.throttle(first=0)
        assert local.clock.rate == 0


def test_where_there_is_anything_is_told_without_counting_all_of_it(bench: Bench) -> None:
    assert ask(bench, "GET", "inhabited")[1]["accounts"] == []
    for account, region, count in (("111122223333", "eu-west-1", 2), ("222233334444", "us-east-1", 1_003)):
        client = bench.lightsail.client(region, account)
        for begin in range(0, count, 50):
            names = [f"web-{one}" for one in range(begin, min(begin + 50, count))]
            client.create_instances(**{**ORDER, "availabilityZone": f"{region}a"}, instanceNames=names)
    first = {"accounts": ["111122223333", "222233334444"], "account": "111122223333", "counted_to": 1_000}
    assert ask(bench, "GET", "inhabited") == (200, first | {"instances": {"eu-west-1": 2}})
    second = ask(bench, "GET", "inhabited?account=222233334444")[1]
    assert (second["account"], second["instances"]) == ("222233334444", {"us-east-1": 1_001})
    assert said(bench, "GET", "inhabited?account=x") == "an account is 12 digits, not x"


def test_what_is_to_come_is_told_in_its_order(bench: Bench) -> None:
    bench.create("web")
    [coming] = ask(bench, "GET", "coming")[1]["coming"]
    assert (coming["name"], coming["region"]) == ("web", "us-east-1")
    assert START < coming["at"] < START + 60
    bench.settle()
    bench.get("web")
    assert ask(bench, "GET", "coming") == (200, {"coming": []})


def test_who_looks_on_meets_no_fault_and_is_in_no_list(bench: Bench) -> None:
    bench.create(*(f"web-{one}" for one in range(25)))
    bench.lightsail.calls.clear()
    bench.lightsail.faults.throttle()
    assert bench.lightsail.service.look(bench.signed()).status == 200
    assert bench.lightsail.calls() == []
    assert bench.lightsail.unread_pages() == []
    assert bench.send().status == 400
    assert [rule.met for rule in bench.lightsail.faults.rules()] == [1]
