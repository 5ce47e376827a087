"""The error tree: as it is drawn, as the model has it, as botocore's users catch it, and across processes."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest
from botocore import exceptions as botocore

from bench import Bench
from skysail import errors
from skysail.errors import SERVICE_ERRORS, ServiceError, SkysailError
from skysail.protocol.model import service_model

MODEL = service_model()
NAMED = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, SkysailError) and found.__module__ == errors.__name__
}


def drawn() -> dict[str, tuple[str, str]]:
    """What the module's docstring draws: each error's parent, and the words behind it."""
    parents = [("SkysailError", -1)]
    tree: dict[str, tuple[str, str]] = {}
    for line in str(errors.__doc__).splitlines():
        found = re.match(r"^((?:│   |    )*)(?:├── |└── )(.+)$", line)
        if not found:
            continue
        depth = len(found[1]) // 4
        names, _, words = found[2].partition("  ")
        parents = [*[one for one in parents if one[1] < depth]]
        for name in filter(None, (part.strip() for part in names.split(","))):
            tree[name] = (parents[-1][0], words.strip())
        parents.append((names.split(",")[0].strip(), depth))
    return tree


def test_the_tree_is_the_one_that_is_drawn() -> None:
    is_in = {name: found.__mro__[1].__name__ for name, found in NAMED.items() if name != "SkysailError"}
    assert {name: parent for name, (parent, _) in drawn().items()} == is_in


def test_the_counterparts_in_botocore_are_those_that_are_drawn() -> None:
    for name, (_, words) in drawn().items():
        foreign = {base.__name__ for base in NAMED[name].__bases__ if base.__module__ != errors.__name__}
        assert set(re.findall(r"\b[A-Z]\w+(?:Error|NotFound)\b", words)) == foreign, name


def test_the_eight_of_the_service_are_the_models() -> None:
    modelled = {shape for name in MODEL for shape in MODEL.operation(name).errors}
    assert set(SERVICE_ERRORS) == modelled
    assert {name for name in modelled if MODEL.shape(name).fault} == {"ServiceException"}
    assert {name for name, error in SERVICE_ERRORS.items() if error.status_code == 500} == {"ServiceException"}
    assert {error.status_code for error in SERVICE_ERRORS.values()} == {400, 500}


def test_an_error_of_the_service_shows_what_the_answer_held() -> None:
    error = errors.NotFoundException(
        {
            "Error": {"Code": "NotFoundException", "Message": "no such thing"},
            "code": "DoesNotExist",
            "message": "no such thing",
            "tip": "look elsewhere",
            "ResponseMetadata": {"RequestId": "r-1", "HTTPStatusCode": 400},
        },
        "GetInstance",
    )
    assert (error.kind, error.code, error.message, error.tip) == (
        "NotFoundException",
        "DoesNotExist",
        "no such thing",
        "look elsewhere",
    )
    assert (error.request_id, error.status, error.operation_name) == ("r-1", 400, "GetInstance")


@pytest.mark.parametrize("response", [{}, {"Error": {}}, {"Error": {"Code": None}, "code": 5, "ResponseMetadata": {}}])
def test_an_error_of_a_poor_answer_can_still_be_shown(response: Any) -> None:
    error = ServiceError(response, "GetInstances")
    assert (error.code, error.tip, error.request_id, error.status) == (None, None, None, None)
    assert isinstance(error.kind, str)
    assert str(error)


def test_because_makes_what_the_codec_sends() -> None:
    error = errors.InvalidInputException.because("no", "NameExists", tip="take another")
    assert (error.kind, error.code, error.message, error.tip, error.status) == (
        "InvalidInputException",
        "NameExists",
        "no",
        "take another",
        400,
    )
    other = ServiceError.because("later", kind="ThrottlingException", status=429)
    assert (other.kind, other.code, other.status) == ("ThrottlingException", None, 429)
    assert errors.ServiceException.because("oh").status == 500


ARGUMENTS: dict[str, dict[str, Any]] = {
    # botocore's classes take their texts from keyword arguments
    "ParameterError": {"report": "x"},
    "UnknownServiceError": {"service_name": "s3", "known_service_names": ["lightsail"]},
    "NotPageableError": {"operation_name": "get_alarms"},
    "PartialCredentialsError": {"provider": "env", "cred_var": "secret"},
    "ProfileNotFoundError": {"profile": "work"},
    "InvalidRegionError": {"region_name": "a b"},
    "SettingError": {"error_msg": "x"},
    "RetryModeError": {"provided_retry_mode": "x", "valid_modes": ["standard"]},
    "MaxAttemptsError": {"provided_max_attempts": 0, "min_value": 1},
    "ProxyError": {"proxy_url": "http://proxy", "error": "x"},
    "TransferError": {"error": "x"},
    "AnswerError": {"error": "x"},
    "PagingError": {"message": "x"},
    "ConnectError": {"endpoint_url": "https://x/", "error": "y"},
    "ConnectTimeoutError": {"endpoint_url": "https://x/", "error": "y"},
    "ReadTimeoutError": {"endpoint_url": "https://x/", "error": "y"},
    "ConnectionLostError": {"endpoint_url": "https://x/", "error": "y"},
    "TLSError": {"endpoint_url": "https://x/", "error": "y"},
}


def made(name: str) -> SkysailError:
    kind = NAMED[name]
    if issubclass(kind, ServiceError):
        return kind(kind.because("no", "DoesNotExist").response, "GetInstance")
    if issubclass(kind, botocore.BotoCoreError):
        return kind(**ARGUMENTS.get(name, {}))
    return kind("what was being done, what was found, what to do")


@pytest.mark.parametrize("name", NAMED)
def test_an_error_survives_pickling_and_copying(name: str) -> None:
    error = made(name)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error) != ""
        assert getattr(again, "response", None) == getattr(error, "response", None)
        assert getattr(again, "operation_name", None) == getattr(error, "operation_name", None)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_error_with_a_counterpart_has_botocores_text(name: str) -> None:
    for parent in NAMED[name].__mro__[1:]:
        if parent.__module__ == botocore.__name__ and name != "AnswerError":
            assert str(made(name)) == str(parent(**ARGUMENTS[name]))
            return
    assert name == "AnswerError"


def test_a_refusal_is_caught_as_botocores_users_catch_it(bench: Bench) -> None:
    for kind in (
        botocore.ClientError,
        ServiceError,
        SkysailError,
        errors.NotFoundException,
        bench.client.exceptions.NotFoundException,
        bench.client.exceptions.ClientError,
    ):
        with pytest.raises(kind):
            bench.client.get_instance(instanceName="web")
    with pytest.raises(botocore.ParamValidationError):
        bench.client.get_instance()


def test_only_failures_before_the_request_was_sent_say_that_it_was_not() -> None:
    unsent = {"ConnectError", "ConnectTimeoutError", "TLSError", "ProxyError"}
    transport = [found for found in NAMED.values() if issubclass(found, errors.TransportError)]
    assert {found.__name__ for found in transport if not found.sent} == unsent
