"""One call, from arguments to answer, as a flow that does no input or output.

The flow asks — for credentials, for a request to be sent, for a pause — and is sent what it asked for. A driver
(`sync.py`) is the loop that obeys. A failure of the outside is sent in as a value, so the flow decides whether it
is final.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from platform import python_version
from typing import Any, NamedTuple

from skysail.caller.endpoint import before_path
from skysail.caller.legacy import LEGACY
from skysail.caller.rate import SendRate
from skysail.caller.retry import STANDARD, RetryQuota, RetryRule, is_throttling
from skysail.caller.settings import Settings
from skysail.errors import ServiceError, TransportError
from skysail.protocol import codec
from skysail.protocol.members import ALL, Members
from skysail.protocol.message import Request, Response
from skysail.protocol.model import Model, Operation
from skysail.protocol.sigv4 import Key, sign
from skysail.version import VERSION


class Credentials(NamedTuple):
    """Asks for the key to sign with; it may have to be renewed first. Answered with a Key."""


class Send(NamedTuple):
    """Asks for a request to be sent. Answered with a Response, or with the TransportError it met."""

    request: Request


class Sleep(NamedTuple):
    """Asks for a pause, in seconds. Answered with None."""

    seconds: float


Flow = Generator[Credentials | Send | Sleep, Any, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where calls go, how they are signed and named, and how they are tried again."""

    url: str
    region: str
    service: str
    target_prefix: str
    user_agent: str
    max_attempts: int
    retry_rule: RetryRule
    checks_arguments: bool


def destination(settings: Settings, model: Model) -> Destination:
    """Where a client with these settings sends its calls."""
    return Destination(
        url=f"{before_path(settings.endpoint_url)}/",
        region=settings.signing_region,
        service="lightsail",
        target_prefix=model.target_prefix,
        user_agent=_user_agent(settings),
        max_attempts=settings.max_attempts,
        retry_rule=LEGACY if settings.retry_mode == "legacy" else STANDARD,
        checks_arguments=settings.parameter_validation,
    )


def _user_agent(settings: Settings) -> str:
    """What the client calls itself, by botocore's settings: a name in place of its own, an application, more words."""
    words = [
        settings.user_agent or f"skysail/{VERSION} Python/{python_version()}",
        f"app/{settings.user_agent_appid}" if settings.user_agent_appid else "",
        settings.user_agent_extra or "",
    ]
    return " ".join(word for word in words if word)


def call(
    operation: Operation,
    arguments: Mapping[str, Any],
    to: Destination,
    quota: RetryQuota,
    now: Callable[[], float],
    fraction: Callable[[], float],
    members: Members = ALL,
    rate: SendRate | None = None,
) -> Flow:
    """Encode, sign, send, judge; pause and try again where that may help; return these members of the answer.

    A `rate` is asked before each try whether it may go out yet, and told what became of it.

    Raises ParameterError, TransportError, AnswerError, ServiceError.
    """
    body = codec.encode_request(operation, arguments, to.checks_arguments)
    headers = {
        "content-type": codec.CONTENT_TYPE,
        "user-agent": to.user_agent,
        "x-amz-target": f"{to.target_prefix}.{operation.name}",
    }
    unsigned = Request("POST", to.url, headers, body)
    retries = cost = 0
    while True:
        if rate is not None:  # asked before the key: a signature is not to grow old while it waits
            while pause := rate.wait(now()):
                yield Sleep(pause)
        key: Key = yield Credentials()
        outcome: Response | TransportError = yield Send(sign(unsigned, key, to.region, to.service, now()))
        if isinstance(outcome, Response) and outcome.status < 301:
            if rate is not None:
                rate.heard(now(), throttled=False)
            quota.release(cost)
            return codec.decode_answer(operation, outcome, retries, members)
        response = outcome if isinstance(outcome, Response) else None
        error = codec.decode_error(operation, outcome, retries) if isinstance(outcome, Response) else outcome
        if rate is not None:
            rate.heard(now(), throttled=is_throttling(error))
        if not to.retry_rule.is_retryable(error):
            raise error
        if retries + 1 >= to.max_attempts:
            raise _exhausted(error)
        cost = quota.acquire(error)
        if not cost:
            raise error
        retries += 1
        yield Sleep(to.retry_rule.pause_before(retries, error, response, fraction()))


def _exhausted(error: Exception) -> Exception:
    """The last error, saying so in botocore's words where it came from the service."""
    if not isinstance(error, ServiceError):
        return error
    error.response["ResponseMetadata"]["MaxAttemptsReached"] = True
    return type(error)(error.response, error.operation_name)
