"""One call as a flow: what it asks for, in which order, and what becomes of each outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import Any

import botocore.endpoint
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bench import as_ours, carried
from skysail.caller.core import Credentials, Destination, Send, Sleep, call, destination
from skysail.caller.retry import RetryQuota
from skysail.caller.settings import Settings
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
from skysail.world import manual_world

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

    def __init__(self, *outcomes: Outcome, to: Destination | None = None, quota: RetryQuota | None = None) -> None:
        self.asked: list[Credentials | Send | Sleep] = []
        self.answer: dict[str, Any] | None = None
        self.error: Exception | None = None
        left = list(outcomes)
        flow = call(
            MODEL.operation("GetInstances"),
            {"includeHealthStatus": True},
            to or destination(SETTINGS, MODEL),
            quota or RetryQuota(),
            lambda: NOW,
            lambda: 0.5,
        )
        given: Any = None
        try:
            while True:
                ask = flow.send(given)
                self.asked.append(ask)
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


# --- where it goes ----------------------------------------------------------------------------------------

DESTINATIONS = {
    "https://lightsail.us-east-1.amazonaws.com": "https://lightsail.us-east-1.amazonaws.com/",
    "http://127.0.0.1:4571": "http://127.0.0.1:4571/",
    "http://127.0.0.1:4571/": "http://127.0.0.1:4571/",
    "http://proxy/lightsail": "http://proxy/lightsail/",
    "local:": "http://local/",
    "local:./fleet.db": "http://local/",
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
