"""Which operation a request names, and which family answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from skysail.errors import ServiceError
from skysail.protocol.message import Manner, Request
from skysail.protocol.model import Model, Operation
from skysail.service.context import Context
from skysail.store.base import Due

Answer = Mapping[str, Any]
AfterCommit = Callable[[], Answer]
"""An answer that takes long to work out and needs nothing of the store any more: made when the transaction has ended,
so that nobody waits for it."""
Handler = Callable[[Context, Any], Answer | AfterCommit]
Step = Callable[[Context, Due], None]


@dataclass(frozen=True, slots=True)
class Handled:
    """An operation's handler and whether it changes anything.

    `lacks` says what of the real one is not there ("" for nothing), `is_slow` that it takes more than some ms.
    """

    handler: Handler
    writes: bool
    lacks: str = ""
    is_slow: bool = False


@dataclass(frozen=True)
class Family:
    """The operations of one noun, and the changes that come due later."""

    name: str
    operations: dict[str, Handled] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)

    def reads(self, operation: str, lacks: str = "", is_slow: bool = False) -> Callable[[Handler], Handler]:
        """The handler of an operation that only looks."""
        return self._handles(operation, False, lacks, is_slow)

    def writes(self, operation: str, lacks: str = "", is_slow: bool = False) -> Callable[[Handler], Handler]:
        """The handler of an operation that changes something."""
        return self._handles(operation, True, lacks, is_slow)

    def _handles(self, operation: str, writes: bool, lacks: str, is_slow: bool) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.operations[operation] = Handled(handler, writes, lacks, is_slow)
            return handler

        return register

    def step(self, name: str) -> Callable[[Step], Step]:
        """What is done when a change of that name is due."""

        def register(step: Step) -> Step:
            self.steps[name] = step
            return step

        return register


Found = TypeVar("Found")


class ByModule(Mapping[str, Found]):
    """What families have by name, from the names of their modules: each is loaded when something of it is asked for."""

    def __init__(self, modules: Mapping[str, str], has: Callable[[str], Mapping[str, Found]]) -> None:
        self._modules = modules
        self._has = has
        self._found: dict[str, Found] = {}

    def __getitem__(self, name: str) -> Found:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._has(self._modules[name])[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules


@dataclass(frozen=True)
class Operations:
    """All that a service can do, from its families."""

    model: Model
    handled: Mapping[str, Handled]
    steps: Mapping[str, Step]

    @classmethod
    def of(cls, model: Model, families: Sequence[Family]) -> Operations:
        handled: dict[str, Handled] = {}
        steps: dict[str, Step] = {}
        for family in families:
            handled |= family.operations
            steps |= family.steps
        return cls(model, handled, steps)

    def missing(self) -> list[str]:
        """The operations of the model that are not here."""
        return sorted(name for name in self.model if name not in self.handled)

    def named_by(self, request: Request) -> Operation:
        """The operation that a request is for. Raises ServiceError (UnknownOperationException).

        Named by X-Amz-Target at "/", or by the last part of /ls/api/<version>/<Operation>, as some SDKs do.
        """
        name = self._name(request)
        if request.method != "POST" or name not in self.model:
            raise unknown_operation(request, self.model)
        return self.model.operation(name)

    def changes(self, operation: Operation) -> bool:
        """Whether an operation changes anything, or gives secrets away, which leave a trace."""
        handled = self.handled.get(operation.name)
        return handled is not None and handled.writes

    def manner(self, request: Request) -> Manner:
        """How a request is best answered by a store in this process."""
        handled = self.handled.get(self._name(request))
        if handled is None:
            return "at once"
        if handled.is_slow:
            return "apart"
        return "together" if handled.writes else "at once"

    def _name(self, request: Request) -> str:
        path = request.target.partition("?")[0]
        by_path = path.removeprefix(f"/ls/api/{self.model.api_version}/")
        if by_path != path:
            return by_path
        prefix, _, target = request.headers.get("x-amz-target", "").partition(".")
        return target if path == "/" and prefix == self.model.target_prefix else ""

    def handler(self, operation: Operation) -> Handled:
        """Raises ServiceError (NotImplementedException) for what skysail does not have yet."""
        found = self.handled.get(operation.name)
        if found is None:
            raise not_yet(operation.name)
        return found


def not_yet(what: str) -> ServiceError:
    """The one answer for what the real service has and this one does not."""
    return ServiceError.because(
        f"skysail does not have {what} yet; `skysail call {what.split()[0]}` reaches the real service "
        "when no local endpoint is set",
        kind="NotImplementedException",
        status=501,
    )


def unknown_operation(request: Request, model: Model) -> ServiceError:
    """Status by the API reference's common errors; the text is ours, where the real one has often none."""
    target = request.headers.get("x-amz-target")
    asked = f"X-Amz-Target {target!r}" if target else f"{request.method} {request.target.partition('?')[0]}"
    return ServiceError.because(
        f"{asked} names no operation of Lightsail's API {model.api_version}; "
        f"send POST / with X-Amz-Target: {model.target_prefix}.<Operation>",
        kind="UnknownOperationException",
        status=404,
    )
