"""The operations as methods: `client.get_instances(pageToken=…)`, made from the service model by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore import exceptions as botocore

from skysail import errors
from skysail.errors import SERVICE_ERRORS, ServiceError
from skysail.protocol.members import ALL, Members
from skysail.protocol.model import Model, Operation

Call = Callable[[Operation, Mapping[str, Any], Members], Any]


class Method:
    """One operation, callable with its members as keyword arguments; its docstring is the model's text.

    Of an answer only `members` is decoded.
    """

    def __init__(self, operation: Operation, model: Model, call: Call, members: Members = ALL) -> None:
        self.__name__ = operation.method
        self.__qualname__ = f"Lightsail.{operation.method}"
        self._operation = operation
        self._model = model
        self._call = call
        self._members = members

    def __call__(self, *args: Any, **arguments: Any) -> Any:
        if args:
            raise TypeError(f"{self.__name__}() only accepts keyword arguments.")
        return self._call(self._operation, arguments, self._members)

    def narrowed(self, members: Members) -> Method:
        """The same operation, decoding only these members of its answers."""
        return Method(self._operation, self._model, self._call, members)

    @property
    def output(self) -> str | None:
        """The name of the shape of its answers; None where they are empty."""
        return self._operation.output

    def __repr__(self) -> str:
        return f"<skysail operation {self._operation.name}>"

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        lines = [plain(self._model.documentation(self._operation.name)), "", "Keyword arguments:"]
        shape = self._model.shape(self._operation.input) if self._operation.input else None
        for name, member in (shape.members if shape else {}).items():
            need = " (required)" if shape and name in shape.required else ""
            lines.append(f"  {name}: {self._model.shape(member.shape).type}{need}")
        return "\n".join(lines)


class Exceptions:
    """`client.exceptions`: the model's errors by name, and `ClientError`, for `except` lines."""

    ClientError = botocore.ClientError
    AccessDeniedException: type[errors.AccessDeniedException]
    AccountSetupInProgressException: type[errors.AccountSetupInProgressException]
    InvalidInputException: type[errors.InvalidInputException]
    NotFoundException: type[errors.NotFoundException]
    OperationFailureException: type[errors.OperationFailureException]
    RegionSetupInProgressException: type[errors.RegionSetupInProgressException]
    ServiceException: type[errors.ServiceException]
    UnauthenticatedException: type[errors.UnauthenticatedException]

    def _named(self, name: str) -> type[ServiceError]:
        found = SERVICE_ERRORS.get(name)
        if found is None:
            known = ", ".join(SERVICE_ERRORS)
            raise AttributeError(f"{self!r} object has no attribute {name!r}. Valid exceptions are: {known}")
        return found

    if not TYPE_CHECKING:  # a checker has the names above
        __getattr__ = _named

    def __dir__(self) -> Iterator[str]:
        yield from ("ClientError", "from_code", *SERVICE_ERRORS)

    def from_code(self, error_code: str) -> type[botocore.ClientError]:
        """The class for a code on the wire; ClientError where the model has none."""
        return SERVICE_ERRORS.get(error_code, botocore.ClientError)

    def __repr__(self) -> str:
        return "<skysail exceptions of Lightsail>"


def plain(html: str) -> str:
    """The model's HTML as text: tags out, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", "", html.replace("</p>", " ")).split())
