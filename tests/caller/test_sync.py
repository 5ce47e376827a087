"""The synchronous client: how a call is driven, and what a boto3 user finds on it, beside botocore's own client."""

from __future__ import annotations

import copy
import inspect
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, OperationNotPageableError, ParamValidationError

from bench import ORDER, Bench
from skysail.caller.core import Credentials, Send, Sleep
from skysail.caller.settings import Settings
from skysail.caller.sync import Client, run
from skysail.errors import (
    ConnectError,
    NoCredentialsError,
    NotFoundException,
    NotPageableError,
    UnsupportedError,
)
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.world import manual_world

MODEL = service_model()
KEY = Key("AKIAONE", "s3cret")
SETTINGS = Settings("us-east-1", "https://lightsail.us-east-1.amazonaws.com", "us-east-1", lambda: KEY)


@pytest.fixture(scope="module")
def boto3s() -> Any:
    """botocore's client of the same service; nothing is sent with it."""
    return botocore.session.Session().create_client(
        "lightsail", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


class Recording:
    """A transport that gives one response, or raises, and keeps what it was sent."""

    def __init__(self, outcome: Response | Exception) -> None:
        self.requests: list[Request] = []
        self.closed = 0
        self._outcome = outcome

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def close(self) -> None:
        self.closed += 1


WELL = Response(200, {"x-amzn-requestid": "r-1"}, b'{"instances":[]}')


# --- driving ----------------------------------------------------------------------------------------------


def asks(*wanted: Any) -> Generator[Any, Any, dict[str, Any]]:
    """A flow that asks for these, and returns what it was given."""
    given = []
    for ask in wanted:
        given.append((yield ask))
    return {"given": given}


def test_a_flow_is_given_what_it_asks_for() -> None:
    transport = Recording(WELL)
    pauses: list[float] = []
    request = Request("POST", "/", {}, b"")
    answer = run(asks(Credentials(), Send(request), Sleep(1.5)), lambda: KEY, transport, pauses.append)
    assert answer == {"given": [KEY, WELL, None]}
    assert (transport.requests, pauses) == ([request], [1.5])


def test_a_failure_on_the_way_is_given_as_a_value_and_a_bug_is_raised() -> None:
    error = ConnectError(endpoint_url="https://x/", error="refused")
    send = Send(Request("POST", "/", {}, b""))
    assert run(asks(send), lambda: KEY, Recording(error), lambda seconds: None) == {"given": [error]}
    with pytest.raises(ZeroDivisionError):
        run(asks(send), lambda: KEY, Recording(ZeroDivisionError()), lambda seconds: None)


def test_a_flow_that_raises_ends_the_call() -> None:
    def fails() -> Iterator[Any]:
        yield Credentials()
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(fails(), lambda: KEY, Recording(WELL), lambda seconds: None)  # type: ignore[arg-type]


def test_a_client_without_credentials_says_so_and_sends_nothing() -> None:
    def none() -> Key:
        raise NoCredentialsError

    transport = Recording(WELL)
    client = Client(Settings("us-east-1", "https://x", "us-east-1", none), transport, manual_world())
    with pytest.raises(NoCredentialsError, match="Unable to locate credentials"):
        client.get_instances()
    assert transport.requests == []


def test_pauses_are_the_worlds() -> None:
    world = manual_world()
    before = world.now()
    client = Client(SETTINGS, Recording(ConnectError(endpoint_url="https://x/", error="refused")), world)
    with pytest.raises(ConnectError):
        client.get_instances()
    assert 0 < world.now() - before < 0.15


# --- methods ----------------------------------------------------------------------------------------------


def test_every_operation_of_botocores_client_is_a_method_here(boto3s: Any, bench: Bench) -> None:
    methods = set(boto3s.meta.method_to_api_mapping)
    assert methods == set(MODEL.methods)
    assert methods <= set(dir(bench.client))
    for name in methods:
        assert getattr(bench.client, name).__name__ == name


def test_public_names_that_botocores_client_has_and_ours_does_not_are_these(boto3s: Any, bench: Bench) -> None:
    missing = {name for name in dir(boto3s) if not name.startswith("_")} - set(dir(bench.client))
    assert missing == {"generate_presigned_url"}


def test_a_method_is_made_once_and_is_the_same_each_time(bench: Bench) -> None:
    assert bench.client.get_instances is bench.client.get_instances
    assert repr(bench.client.get_instances) == "<skysail operation GetInstances>"
    assert callable(bench.client.get_instances)


@pytest.mark.parametrize("name", ["get_instance_s", "GetInstances", "_call_it", "__wrapped__", ""])
def test_what_is_no_operation_is_an_attribute_error(bench: Bench, name: str) -> None:
    assert not hasattr(bench.client, name)
    with pytest.raises(AttributeError, match="object has no attribute"):
        getattr(bench.client, name)


def test_positional_arguments_are_a_type_error_in_botocores_words(boto3s: Any, bench: Bench) -> None:
    texts = []
    for client in (boto3s, bench.client):
        with pytest.raises(TypeError) as caught:
            client.get_instances("web")
        texts.append(str(caught.value))
    assert texts[0] == texts[1] == "get_instances() only accepts keyword arguments."


CALLS: dict[str, Callable[[Any], Any]] = {
    "an unknown argument": lambda client: client.get_instances(page_token="x"),
    "a missing argument": lambda client: client.get_instance(),
    "a wrong type": lambda client: client.get_instance(instanceName=None),
    "no paginator": lambda client: client.get_paginator("get_instance"),
    "no such paginator": lambda client: client.get_paginator("get_pods"),
    "can it paginate what is not there": lambda client: client.can_paginate("GetInstances"),
    "a waiter": lambda client: client.get_waiter("instance_running"),
    "no such exception": lambda client: client.exceptions.NoSuchInstance,
}


@pytest.mark.parametrize("call", CALLS)
def test_what_is_wrong_raises_what_botocore_raises(boto3s: Any, bench: Bench, call: str) -> None:
    raised: list[Exception] = []
    for client in (boto3s, bench.client):
        with pytest.raises(Exception) as caught:  # whatever botocore's is
            CALLS[call](client)
        raised.append(caught.value)
    theirs, ours = raised
    assert isinstance(ours, type(theirs))
    if call != "no such exception":
        assert str(ours) == str(theirs)


def test_a_method_documents_itself(bench: Bench) -> None:
    text = bench.client.get_instance.__doc__
    assert text.startswith("Returns information about a specific Amazon Lightsail instance")
    assert "  instanceName: string (required)\n  includeHealthStatus: boolean" in text
    assert "<p>" not in text
    assert inspect.getdoc(bench.client.get_instances)
    for name in MODEL.methods:
        assert "Keyword arguments:" in getattr(bench.client, name).__doc__


def test_documentation_has_no_mark_up_left(bench: Bench) -> None:
    for name in MODEL.methods:
        assert "</" not in getattr(bench.client, name).__doc__


# --- paginators -------------------------------------------------------------------------------------------


def test_can_paginate_is_botocores_wherever_botocore_can(boto3s: Any, bench: Bench) -> None:
    for name in MODEL.methods:
        if boto3s.can_paginate(name):
            assert bench.client.can_paginate(name)
            assert type(bench.client.get_paginator(name)).__name__ == type(boto3s.get_paginator(name)).__name__
        else:
            paging = MODEL.operation(MODEL.methods[name]).paging
            assert bench.client.can_paginate(name) == (paging is not None)


def test_no_paginator_is_botocores_error_and_ours(bench: Bench) -> None:
    for kind in (NotPageableError, OperationNotPageableError):
        with pytest.raises(kind, match="Operation cannot be paginated: get_instance"):
            bench.client.get_paginator("get_instance")


# --- meta and exceptions ----------------------------------------------------------------------------------


def test_meta_says_what_botocores_says(boto3s: Any) -> None:
    client = Client(SETTINGS, Recording(WELL), manual_world())
    for name in ("region_name", "endpoint_url", "partition", "method_to_api_mapping"):
        assert getattr(client.meta, name) == getattr(boto3s.meta, name), name
    ours, theirs = client.meta.service_model, boto3s.meta.service_model
    assert (ours.service_name, ours.api_version) == (theirs.service_name, theirs.api_version)
    assert ours.operation_names == theirs.operation_names
    assert client.waiter_names == boto3s.waiter_names == []
    assert client.meta.config.region == "us-east-1"


def test_botocores_events_are_not_here_and_that_is_said(bench: Bench) -> None:
    with pytest.raises(UnsupportedError, match="event system, which skysail does not have"):
        bench.client.meta.events.register("before-send", print)


def test_exceptions_are_those_of_botocores_client_by_name(boto3s: Any, bench: Bench) -> None:
    assert set(dir(bench.client.exceptions)) >= {name for name in dir(boto3s.exceptions) if name[0].isupper()}
    for name in dir(bench.client.exceptions):
        assert getattr(bench.client.exceptions, name) is not None
        assert hasattr(boto3s.exceptions, name)
    assert bench.client.exceptions.from_code("NotFoundException") is NotFoundException
    assert bench.client.exceptions.from_code("Whatever") is ClientError
    assert bench.client.exceptions.ClientError is ClientError


# --- closing ----------------------------------------------------------------------------------------------


def test_closing_lets_go_of_the_transport() -> None:
    transport = Recording(WELL)
    client = Client(SETTINGS, transport, manual_world())
    client.close()
    assert transport.closed == 1
    with client as same:
        assert same is client
        same.get_instances()
    assert transport.closed == 2
    with pytest.raises(KeyError), client:
        raise KeyError
    assert transport.closed == 3


# --- sharing ----------------------------------------------------------------------------------------------


def test_threads_may_share_a_client(bench: Bench) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            bench.client.create_instances(instanceNames=[f"web-{number}"], **ORDER)
            for _ in range(10):
                assert bench.client.get_instance(instanceName=f"web-{number}")["instance"]["name"] == f"web-{number}"
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(bench.names()) == 8


def test_a_client_is_not_asked_for_odd_attributes_before_it_is_whole() -> None:
    """copy and pickle look at an object that has no members yet."""
    client = Client(SETTINGS, Recording(WELL), manual_world())
    assert copy.copy(client).get_instances()["instances"] == []


def test_an_answer_is_a_plain_dict_of_the_callers_own(bench: Bench) -> None:
    bench.create("web")
    one, other = bench.client.get_instances(), bench.client.get_instances()
    assert type(one) is dict
    assert list(one) == ["instances", "ResponseMetadata"]
    one["instances"].clear()
    assert len(other["instances"]) == 1


def test_arguments_are_not_changed(bench: Bench) -> None:
    names, tags = ["web"], [{"key": "a", "value": ""}]
    bench.client.create_instances(instanceNames=names, tags=tags, **ORDER)
    assert (names, tags) == (["web"], [{"key": "a", "value": ""}])


def test_a_report_on_arguments_is_botocores_class(bench: Bench) -> None:
    with pytest.raises(ParamValidationError, match='Unknown parameter in input: "page_token"'):
        bench.client.get_instances(page_token="x")
