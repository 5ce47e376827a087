"""One call as a flow: what it asks for, in which order, and what becomes of each outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Condition
from time import time
from typing import Any

import botocore.endpoint
import botocore.retryhandler
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries import adaptive, bucket, standard

from bench import as_ours, carried
from skysail.caller.core import Credentials, Destination, Send, Sleep, call, destination
from skysail.caller.rate import SendRate
from skysail.caller.retry import RetryQuota
from skysail.caller.settings import RetryMode, Settings
from skysail.caller.sync import Client
from skysail.errors import (
    AnswerError,
    ConnectError,
    NotFoundException,
    ParameterError,
    ReadTimeoutError,
    ServiceError,
    ServiceException,
    TransportError,
)
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.version import VERSION
from skysail.world import ManualClock, World, manual_world

MODEL = service_model()
URL = "https://lightsail.us-east-1.amazonaws.com/"
KEY = Key("AKIAONE", "s3cret")
SETTINGS = Settings("us-east-1", URL, "us-east-1", lambda: KEY)
NOW = 1_700_000_000.0

WELL = Response(200, {"x-amzn-requestid": "r-1", "content-type": "application/x-amz-json-1.1"}, b'{"instances":[]}')
DOWN = Response(503, {"x-amzn-requestid": "r-2"}, b'{"__type":"ServiceException","message":"later"}')
THROTTLED = Response(400, {}, b'{"__type":"ThrottlingException","message":"Rate exceeded"}')
NOT_FOUND = Response(400, {}, b'{"__type":"NotFoundException","code":"DoesNotExist","message":"no"}')
PAGE = Response(502, {"content-type": "text/html"}, b"<html><body>Bad Gateway</body></html>")
EMPTY = Response(500, {}, b"")
TEXT = Response(404, {}, b"who are you?")
REDIRECT = Response(301, {"location": "https://elsewhere/"}, b"")
LOST = ReadTimeoutError(endpoint_url=URL, error="timed out")
NO_WAY = ConnectError(endpoint_url=URL, error="refused")

Outcome = Response | TransportError


class Driven:
    """A call driven over these outcomes: what it asked for, and its answer or error."""

    def __init__(
        self,
        *outcomes: Outcome,
        to: Destination | None = None,
        quota: RetryQuota | None = None,
        rate: SendRate | None = None,
    ) -> None:
        clock = ManualClock(NOW)
        self.asked: list[Credentials | Send | Sleep] = []
        self.answer: dict[str, Any] | None = None
        self.error: Exception | None = None
        left = list(outcomes)
        flow = call(
            MODEL.operation("GetInstances"),
            {"includeHealthStatus": True},
            to or destination(SETTINGS, MODEL),
            quota or RetryQuota(),
            clock.now,
            lambda: 0.5,
            rate=rate,
        )
        given: Any = None
        try:
            while True:
                ask = flow.send(given)
                self.asked.append(ask)
                if isinstance(ask, Sleep) and rate is not None:
                    clock.advance(ask.seconds)
                given = {Credentials: lambda: KEY, Send: lambda: left.pop(0), Sleep: lambda: None}[type(ask)]()
        except StopIteration as end:
            self.answer = end.value
        except Exception as error:
            self.error = error
        assert left == [], "it was over too soon"

    @property
    def kinds(self) -> list[str]:
        return [type(ask).__name__ for ask in self.asked]

    @property
    def requests(self) -> list[Request]:
        return [ask.request for ask in self.asked if isinstance(ask, Send)]

    @property
    def pauses(self) -> list[float]:
        return [ask.seconds for ask in self.asked if isinstance(ask, Sleep)]


def test_a_call_asks_for_the_key_and_sends_one_signed_request() -> None:
    driven = Driven(WELL)
    assert driven.kinds == ["Credentials", "Send"]
    (request,) = driven.requests
    assert (request.method, request.url, request.body) == ("POST", URL, b'{"includeHealthStatus":true}')
    assert request.headers["x-amz-target"] == "Lightsail_20161128.GetInstances"
    assert request.headers["content-type"] == "application/x-amz-json-1.1"
    assert request.headers["user-agent"].startswith(f"skysail/{VERSION} Python/3.")
    assert "Credential=AKIAONE/20231114/us-east-1/lightsail/aws4_request" in request.headers["authorization"]
    assert driven.answer == {
        "instances": [],
        "ResponseMetadata": {
            "RequestId": "r-1",
            "HTTPStatusCode": 200,
            "HTTPHeaders": dict(WELL.headers),
            "RetryAttempts": 0,
        },
    }


@pytest.mark.parametrize("outcome", [DOWN, THROTTLED, PAGE, EMPTY, LOST, NO_WAY], ids=repr)
def test_what_may_pass_is_tried_again_with_the_key_asked_for_anew(outcome: Outcome) -> None:
    driven = Driven(outcome, outcome, WELL)
    assert driven.kinds == ["Credentials", "Send", "Sleep", "Credentials", "Send", "Sleep", "Credentials", "Send"]
    assert driven.answer is not None
    assert driven.answer["ResponseMetadata"]["RetryAttempts"] == 2
    first = 0.5 if outcome is THROTTLED else 0.025
    assert driven.pauses == [first, 2 * first]
    assert driven.requests[0] == driven.requests[1], "the same request, signed by the same clock"


@pytest.mark.parametrize("outcome", [NOT_FOUND, TEXT, REDIRECT], ids=repr)
def test_what_will_not_pass_is_raised_at_once(outcome: Outcome) -> None:
    driven = Driven(outcome)
    assert driven.kinds == ["Credentials", "Send"]
    assert isinstance(driven.error, ServiceError)
    assert driven.error.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert driven.error.operation_name == "GetInstances"


def test_the_last_try_raises_its_own_error_and_says_how_often_it_was_tried() -> None:
    driven = Driven(THROTTLED, LOST, DOWN)
    assert isinstance(driven.error, ServiceException)
    assert driven.error.response["ResponseMetadata"]["MaxAttemptsReached"] is True
    assert driven.error.response["ResponseMetadata"]["RetryAttempts"] == 2
    text = (
        "An error occurred (ServiceException) when calling the GetInstances operation (reached max retries: 2): later"
    )
    assert str(driven.error) == text
    assert Driven(DOWN, DOWN, LOST).error is LOST


def test_a_client_that_tries_once_never_pauses() -> None:
    driven = Driven(DOWN, to=replace(destination(SETTINGS, MODEL), max_attempts=1))
    assert driven.kinds == ["Credentials", "Send"]
    assert isinstance(driven.error, ServiceException)


def test_without_allowance_nothing_is_tried_again() -> None:
    quota = RetryQuota()
    while quota.acquire(NO_WAY):
        pass
    driven = Driven(DOWN, quota=quota)
    assert driven.kinds == ["Credentials", "Send"]
    assert isinstance(driven.error, ServiceException)


def test_a_success_gives_back_what_the_last_retry_cost() -> None:
    quota = RetryQuota()
    Driven(DOWN, DOWN, WELL, quota=quota)
    assert quota._left == 500 - 14
    Driven(WELL, quota=quota)
    assert quota._left == 500 - 13


def test_arguments_that_do_not_fit_ask_for_nothing() -> None:
    flow = call(MODEL.operation("GetInstance"), {}, destination(SETTINGS, MODEL), RetryQuota(), time, time)
    with pytest.raises(ParameterError, match='Missing required parameter in input: "instanceName"'):
        next(flow)


def test_an_answer_that_breaks_the_protocol_is_raised_and_not_tried_again() -> None:
    driven = Driven(replace(WELL, body=b"<html>"))
    assert isinstance(driven.error, AnswerError)
    assert driven.kinds == ["Credentials", "Send"]


# --- how fast it goes -------------------------------------------------------------------------------------


def test_a_rate_lets_the_first_calls_out_at_once() -> None:
    rate = SendRate(NOW)
    for _ in range(50):
        assert Driven(WELL, rate=rate).kinds == ["Credentials", "Send"]


def test_a_try_waits_for_the_rate_before_its_key_is_asked_for() -> None:
    rate = SendRate(NOW)
    rate.heard(NOW, throttled=True)
    driven = Driven(THROTTLED, WELL, rate=rate)
    assert driven.kinds == ["Sleep", "Credentials", "Send", "Sleep", "Sleep", "Credentials", "Send"]
    assert driven.pauses == pytest.approx([2.0, 0.5, 1.5]), "half a request a second: the retry's own pause counts"


def test_a_failure_that_is_final_is_told_to_the_rate_too() -> None:
    for outcome, limited in ((NOT_FOUND, False), (THROTTLED, True)):
        rate = SendRate(NOW)
        Driven(outcome, rate=rate, to=replace(destination(SETTINGS, MODEL), max_attempts=1))
        assert (rate.wait(NOW) > 0) == limited


# --- where it goes ----------------------------------------------------------------------------------------

DESTINATIONS = {
    "https://lightsail.us-east-1.amazonaws.com": "https://lightsail.us-east-1.amazonaws.com/",
    "http://127.0.0.1:4571": "http://127.0.0.1:4571/",
    "http://127.0.0.1:4571/": "http://127.0.0.1:4571/",
    "http://proxy/lightsail": "http://proxy/lightsail/",
    "local:": "http://localhost/",
    "local:./fleet.db": "http://localhost/",
}


@pytest.mark.parametrize("endpoint", DESTINATIONS)
def test_a_destination_is_the_endpoint_with_a_path(endpoint: str) -> None:
    assert destination(replace(SETTINGS, endpoint_url=endpoint), MODEL).url == DESTINATIONS[endpoint]


def test_the_signature_is_for_the_signing_region() -> None:
    settings = replace(SETTINGS, region="fips-us-east-1", signing_region="us-west-2")
    (request,) = Driven(WELL, to=destination(settings, MODEL)).requests
    assert "/us-west-2/lightsail/" in request.headers["authorization"]


AGENTS: dict[str, tuple[dict[str, str], str]] = {
    "more words": ({"user_agent_extra": "mine/1"}, f"skysail/{VERSION} Python/"),
    "an application": ({"user_agent_appid": "shop"}, "app/shop"),
    "another name": ({"user_agent": "other/2"}, "other/2"),
}


@pytest.mark.parametrize("name", AGENTS)
def test_a_client_calls_itself_as_it_is_told(name: str) -> None:
    options, part = AGENTS[name]
    agent = destination(replace(SETTINGS, **options), MODEL).user_agent  # type: ignore[arg-type]
    assert part in agent
    assert all(value in agent for value in options.values())


# --- beside botocore --------------------------------------------------------------------------------------

SCRIPTS: dict[str, list[Outcome]] = {
    "well": [WELL],
    "not found": [NOT_FOUND],
    "throttled once": [THROTTLED, WELL],
    "down once": [DOWN, WELL],
    "down": [DOWN, DOWN, DOWN],
    "throttled": [THROTTLED, THROTTLED, THROTTLED],
    "a page for people": [PAGE, PAGE, PAGE],
    "nothing at all": [EMPTY, WELL],
    "lost": [LOST, LOST, LOST],
    "refused, then well": [NO_WAY, WELL],
    "not found after a while": [DOWN, NOT_FOUND],
    "text": [TEXT],
    "a redirect": [REDIRECT],
}


class Scripted:
    """A transport that gives these outcomes in turn, for either client."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.left = list(outcomes)
        self.targets: list[str] = []

    def send(self, request: Request) -> Response:
        self.targets.append(request.headers["x-amz-target"])
        outcome = self.left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None: ...

    def before_send(self, request: Any, **_: Any) -> Any:
        return carried(self.send(as_ours(request)), request.url)


def outcome_of(function: Callable[..., Any], **arguments: Any) -> tuple[str, str, Any]:
    try:
        return "answer", "", function(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], str(error), error.response
    except BotoCoreError as error:
        return type(error).__mro__[0].__name__, str(error), None


def both(outcomes: list[Outcome]) -> list[tuple[str, str, Any]]:
    """What botocore's client and ours make of the same outcomes; they have to send the same requests."""
    theirs, ours = Scripted(outcomes), Scripted(outcomes)
    botocores = botocore.session.Session().create_client(
        "lightsail",
        region_name="us-east-1",
        aws_access_key_id="AKIAONE",
        aws_secret_access_key="s3cret",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )
    botocores.meta.events.register("before-send", theirs.before_send)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.endpoint.time, "sleep", lambda seconds: None)
        expected = outcome_of(botocores.get_instance, instanceName="web")
    found = outcome_of(Client(SETTINGS, ours, manual_world()).get_instance, instanceName="web")
    assert ours.targets == theirs.targets
    assert ours.left == theirs.left == []
    return [expected, found]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_call_ends_as_botocores_does(name: str) -> None:
    """The same answer or error, with the same text, response and number of tries."""
    expected, found = both(SCRIPTS[name])
    assert found == expected


def test_tries_are_said_to_have_run_out_only_where_they_did() -> None:
    """botocore says so of whatever the last try brings, a success too."""
    for outcome in (WELL, NOT_FOUND):
        (*_, theirs), (*_, ours) = both([DOWN, DOWN, outcome])
        assert theirs["ResponseMetadata"].pop("MaxAttemptsReached") is True
        assert ours == theirs


def test_a_not_found_answer_is_the_models_class_for_both() -> None:
    assert issubclass(NotFoundException, ClientError)
    client = Client(SETTINGS, Scripted([NOT_FOUND]), manual_world())
    with pytest.raises(client.exceptions.NotFoundException) as caught:
        client.get_instance(instanceName="web")
    assert json.loads(NOT_FOUND.body)["code"] == caught.value.code


# --- the other modes, beside botocore ---------------------------------------------------------------------

PAUSE_S = 0.031  # what one exchange takes
CLOCKED: dict[str, list[Outcome]] = {
    "well": [WELL] * 8,
    "throttled once": [WELL, WELL, THROTTLED, *[WELL] * 30],
    "throttled at once": [THROTTLED, WELL, THROTTLED, WELL, WELL],
    "throttled and lost": [*[WELL] * 40, THROTTLED, THROTTLED, THROTTLED, LOST, WELL, THROTTLED, NOT_FOUND, WELL, WELL],
    "down": [DOWN, DOWN, DOWN, DOWN, DOWN, WELL, PAGE, NO_WAY, LOST, EMPTY, TEXT, WELL],
    "fast, slow, fast": [*[WELL] * 20, THROTTLED, *[WELL] * 60, THROTTLED, *[WELL] * 20],
}


class Clocked(Scripted):
    """Keeps when each try went out; an exchange takes its time."""

    def __init__(self, outcomes: list[Outcome], clock: ManualClock) -> None:
        super().__init__(outcomes)
        self.times: list[float] = []
        self._clock = clock

    def send(self, request: Request) -> Response:
        self.times.append(self._clock.now())
        self._clock.advance(PAUSE_S)
        return super().send(request)


def botocores_on(clock: ManualClock, mode: RetryMode, patch: pytest.MonkeyPatch) -> Any:
    """A client of botocore's that lives by this clock, and whose chance is one half."""

    class HeldClock:
        def current_time(self) -> float:
            return clock.now()

    class HeldCondition(Condition):
        def wait(self, timeout: float | None = None) -> bool:
            clock.advance(max(timeout or 0, 1e-6))  # less would not move a clock of today
            return True

    class HeldBucket(bucket.TokenBucket):
        def __init__(self, max_rate: float, clock: Any) -> None:
            super().__init__(max_rate, clock)
            self._new_fill_rate_condition = HeldCondition(self._lock)

    patch.setattr(adaptive.bucket, "Clock", HeldClock)
    patch.setattr(adaptive.bucket, "TokenBucket", HeldBucket)
    patch.setattr(standard, "ExponentialBackoff", partial(standard.ExponentialBackoff, random=lambda: 0.5))
    patch.setattr(botocore.retryhandler.random, "random", lambda: 0.5)
    patch.setattr(botocore.endpoint.time, "sleep", clock.advance)
    return botocore.session.Session().create_client(
        "lightsail",
        region_name="us-east-1",
        aws_access_key_id="AKIAONE",
        aws_secret_access_key="s3cret",
        config=Config(retries={"mode": mode}),
    )


def until_the_end(transport: Clocked, function: Callable[..., Any]) -> list[tuple[str, str]]:
    """Calls until every outcome was seen; what became of each."""
    ends = []
    while transport.left:
        kind, text, _ = outcome_of(function, instanceName="web")
        ends.append((kind, text))
    return ends


@pytest.mark.parametrize("mode", ["adaptive", "legacy"])
@pytest.mark.parametrize("name", CLOCKED)
def test_in_each_mode_tries_go_out_when_botocores_do(name: str, mode: RetryMode) -> None:
    outcomes = [*CLOCKED[name], *[WELL] * 5]
    clocks = ManualClock(NOW), ManualClock(NOW)
    theirs, ours = (Clocked(outcomes, clock) for clock in clocks)
    with pytest.MonkeyPatch.context() as patch:
        client = botocores_on(clocks[0], mode, patch)
        client.meta.events.register("before-send", theirs.before_send)
        expected = until_the_end(theirs, client.get_instance)
    held = manual_world(clock=clocks[1])
    world = World(held.now, held.sleep, held.asleep, lambda: 0.5, held.new_id)
    settings = replace(SETTINGS, retry_mode=mode, max_attempts=5 if mode == "legacy" else 3)
    found = until_the_end(ours, Client(settings, ours, world).get_instance)
    assert found == expected
    assert ours.times == pytest.approx(theirs.times, abs=1e-3)
