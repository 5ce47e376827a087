"""What a boto3 user finds on a client, whichever way it is driven: operations as methods, paginators, `meta`,
`exceptions`. The synchronous and the asynchronous client are this with a loop each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from skysail.caller.core import Flow, call, destination
from skysail.caller.methods import Exceptions, Method
from skysail.caller.pages import BasePaginator
from skysail.caller.rate import SendRate
from skysail.caller.settings import Settings
from skysail.errors import NotPageableError, UnsupportedError
from skysail.protocol.members import Members
from skysail.protocol.model import Model, Operation, service_model
from skysail.world import World


class Meta:
    """`client.meta`: where the client talks to, and the model it was made from."""

    def __init__(self, settings: Settings, model: Model) -> None:
        self.region_name = settings.region
        self.endpoint_url = settings.endpoint_url
        self.partition = "aws"
        self.config = settings
        self._model = model

    @property
    def method_to_api_mapping(self) -> Mapping[str, str]:
        """get_instances -> GetInstances."""
        return self._model.methods

    @property
    def service_model(self) -> Any:
        """botocore's ServiceModel, loaded when first asked for."""
        # Late: botocore's own model costs some 100 ms to load, and few callers look at it.
        from skysail.protocol.arguments import botocore_model

        return botocore_model()

    @property
    def events(self) -> Any:
        """botocore's event system, which is not here. Raises UnsupportedError, which says what to use instead."""
        raise UnsupportedError(
            "client.meta.events is botocore's event system, which skysail does not have; "
            "keep boto3 for code that hooks into requests, or pass a transport of your own"
        )


AnyPaginator = TypeVar("AnyPaginator", bound=BasePaginator[Any])


class BaseClient(ABC, Generic[AnyPaginator]):
    """A client without its loop."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._model = service_model()
        self._settings = settings
        self._world = world
        self._destination = destination(settings, self._model)
        self._quota = self._destination.retry_rule.quota()
        self._rate = SendRate(world.now()) if settings.retry_mode == "adaptive" else None
        self.meta: Meta = Meta(settings, self._model)
        self.exceptions: Exceptions = Exceptions()
        self.waiter_names: list[str] = []

    def _method(self, name: str) -> Method:
        operation = None if name.startswith("_") else self._model.methods.get(name)
        if operation is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        method = Method(self._model.operation(operation), self._model, self._call)
        self.__dict__[name] = method
        return method

    if not TYPE_CHECKING:  # a checker knows the operations by name, and refuses what is none
        __getattr__ = _method

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._model.methods})

    def can_paginate(self, operation_name: str) -> bool:
        """Whether there is a paginator for get_instances and the like. Raises KeyError for no operation."""
        return self._model.operation(self._model.methods[operation_name]).paging is not None

    def get_paginator(self, operation_name: str) -> AnyPaginator:
        """A paginator for an operation, by its Python name. Raises NotPageableError, KeyError."""
        if not self.can_paginate(operation_name):
            raise NotPageableError(operation_name=operation_name)
        operation = self._model.operation(self._model.methods[operation_name])
        return self._paginator(operation, getattr(self, operation_name))

    def get_waiter(self, waiter_name: str) -> Any:
        """Lightsail has no waiters in botocore, so every name is unknown. Raises ValueError."""
        raise ValueError(f"Waiter does not exist: {waiter_name}")

    def _flow(self, operation: Operation, arguments: Mapping[str, Any], members: Members) -> Flow:
        """One call of an operation, to be driven."""
        now, fraction = self._world.now, self._world.fraction
        return call(operation, arguments, self._destination, self._quota, now, fraction, members, self._rate)

    @abstractmethod
    def _call(self, operation: Operation, arguments: Mapping[str, Any], members: Members) -> Any:
        """Drive one call: these members of the answer, or what is awaited for them."""

    @abstractmethod
    def _paginator(self, operation: Operation, method: Any) -> AnyPaginator:
        """A paginator of this client's kind that asks `method` for its pages."""
