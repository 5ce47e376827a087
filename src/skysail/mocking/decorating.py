"""What a mock does to functions and classes that it decorates: each call, and each test, in a mock of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar, cast

from skysail.errors import UsageError

if TYPE_CHECKING:
    from unittest import TestCase

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_Anew = Callable[[], AbstractContextManager[Any]]
_TEST = "test"
_DONE = "__in_a_skysail_mock__"


def decorated(what: Decorated, anew: _Anew) -> Decorated:
    """Raises UsageError for what cannot be decorated."""
    if isinstance(what, type):
        return cast("Decorated", _class(what, anew))
    if isinstance(what, staticmethod | classmethod) or not callable(what):
        raise UsageError(f"skysail.mock() decorates functions and classes, not {what!r}: put it below @staticmethod")
    return cast("Decorated", _function(what, anew))


def _function(function: Any, anew: _Anew) -> Any:
    """A generator's mock is open from its first step to its end, also between steps: as if `with` stood in it. So a
    pytest fixture that yields has it open for the test.
    """
    if isasyncgenfunction(function):

        @wraps(function)
        async def inside(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with anew():
                steps, sent = function(*args, **kwargs), None
                try:
                    while True:
                        try:
                            given = await steps.asend(sent)
                        except StopAsyncIteration:
                            return
                        sent = yield given
                finally:
                    await steps.aclose()

    elif isgeneratorfunction(function):

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with anew():
                return (yield from function(*args, **kwargs))

    elif iscoroutinefunction(function):

        @wraps(function)
        async def inside(*args: Any, **kwargs: Any) -> Any:
            with anew():
                return await function(*args, **kwargs)

    else:

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with anew():
                return function(*args, **kwargs)

    setattr(inside, _DONE, True)
    return inside


def _class(kind: type, anew: _Anew) -> type:
    if _is_case(kind):
        kind.run = _function(kind.run, anew)  # type: ignore[method-assign]
        return kind
    tests = [name for name in dir(kind) if name.startswith(_TEST) and callable(getattr(kind, name))]
    if not tests:
        raise UsageError(f"{kind.__name__} has no method named {_TEST}…: decorate its functions one by one")
    if hasattr(kind, "setup_method"):
        _around(kind, anew)
        return kind
    for name in tests:
        function = getattr(kind, name)
        if not getattr(function, _DONE, False) and not isinstance(vars(kind).get(name), staticmethod | classmethod):
            setattr(kind, name, _function(function, anew))
    return kind


def _is_case(kind: type) -> TypeGuard[type[TestCase]]:
    unittest = sys.modules.get("unittest")  # whoever has a case has loaded it
    return unittest is not None and issubclass(kind, unittest.TestCase)


def _around(kind: Any, anew: _Anew) -> None:
    """Open before pytest's setup_method and closed after its teardown_method, so that both are in the test's mock."""
    set_up, tear_down = kind.setup_method, getattr(kind, "teardown_method", None)

    @wraps(set_up)
    def setup_method(self: Any, *args: Any) -> None:
        self._skysail_mock = anew()
        self._skysail_mock.__enter__()
        try:
            set_up(self, *args)
        except BaseException:
            self._skysail_mock.__exit__(None, None, None)
            raise

    def teardown_method(self: Any, *args: Any) -> None:
        try:
            if tear_down is not None:
                tear_down(self, *args)
        finally:
            self._skysail_mock.__exit__(None, None, None)

    if tear_down is not None:
        teardown_method = wraps(tear_down)(teardown_method)
    kind.setup_method, kind.teardown_method = setup_method, teardown_method
