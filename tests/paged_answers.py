"""Operations to page through, for the tests: answers by script, or by token as a service gives them."""

from __future__ import annotations

from collections.abc import Coroutine
from copy import deepcopy
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from skysail.protocol.model import Paging

INSTANCES = Paging(("pageToken",), ("nextPageToken",), ("instances",))
METADATA = {"RequestId": "4b1c", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


class Scripted:
    """An operation that gives these answers in turn, whatever it is asked; an exception among them is raised."""

    def __init__(self, answers: list[Any]) -> None:
        self.requests: list[dict[str, Any]] = []
        self._answers = answers

    def __call__(self, **arguments: Any) -> Any:
        self.requests.append(arguments)
        if len(self.requests) > len(self._answers):
            raise ConnectionError("the script is at its end")
        answer = self._answers[len(self.requests) - 1]
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        return deepcopy(answer)

    async def awaited(self, **arguments: Any) -> Any:
        return self(**arguments)


class Listed:
    """GetInstances over these pages of items: the first without a token, the others by `tokens`, t1, t2, …"""

    def __init__(self, *pages: list[Any], tokens: list[str] | None = None, fails_at: int | None = None) -> None:
        self.requests: list[dict[str, Any]] = []
        self._pages = pages
        self._tokens = [f"t{number}" for number in range(1, len(pages))] if tokens is None else tokens
        self._fails_at = fails_at

    def __call__(self, **arguments: Any) -> dict[str, Any]:
        self.requests.append(arguments)
        if unknown := sorted(arguments.keys() - {"pageToken"}):
            raise ParamValidationError(report=f'Unknown parameter in input: "{unknown[0]}", must be one of: pageToken')
        if not isinstance(token := arguments.get("pageToken", ""), str):
            raise ParamValidationError(report=f"Invalid type for parameter pageToken, value: {token}")
        if arguments and token not in self._tokens:
            raise refusal("InvalidInputException", "the token is not one of ours")
        number = self._tokens.index(token) + 1 if arguments else 0
        if number == self._fails_at:
            raise refusal("ServiceException", "try again later")
        following = self._tokens[number : number + 1]
        named = {"nextPageToken": following[0]} if following else {}
        return {"instances": list(self._pages[number]), **named, "ResponseMetadata": dict(METADATA)}

    async def awaited(self, **arguments: Any) -> dict[str, Any]:
        return self(**arguments)


def three_three_two(**options: Any) -> Listed:
    """i0 to i7 on pages of three, three and two, reached with no token, t1, t2."""
    return Listed(["i0", "i1", "i2"], ["i3", "i4", "i5"], ["i6", "i7"], **options)


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetInstances")


def finish(awaitable: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that never has to wait, without the cost of an event loop."""
    try:
        awaitable.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")
