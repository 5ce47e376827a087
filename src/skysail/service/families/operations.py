"""The journal, as callers read it: newest first, kept for ever, also for resources that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.stored import as_stored

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetOperationRequestTypeDef,
        GetOperationsForResourceRequestTypeDef,
        GetOperationsRequestTypeDef,
    )

PAGE_SIZE = 200
"""Source: the model's documentation."""

family = Family("operations")


@family.reads("GetOperation")
def get_operation(context: Context, request: GetOperationRequestTypeDef) -> Answer:
    """One entry by its id. Raises NotFoundException."""
    record = context.journal.find(request["operationId"])
    if record is None:
        raise NotFoundException.because(  # inferred, by the pattern of the others
            f"The Operation does not exist: {request['operationId']}", "DoesNotExist"
        )
    return {"operation": as_stored(record)}


@family.reads("GetOperations")
def get_operations(context: Context, request: GetOperationsRequestTypeDef) -> Answer:
    """One page of all entries, newest first (seen; the model's text says otherwise)."""
    return context.listing(
        "operations", request, lambda after, limit: context.journal.page(None, after, limit), PAGE_SIZE
    )


@family.reads("GetOperationsForResource")
def get_operations_for_resource(context: Context, request: GetOperationsForResourceRequestTypeDef) -> Answer:
    """One page of the entries about one resource name; none for a name that never was (inferred)."""
    name = request["resourceName"]
    return context.listing(
        "operations", request, lambda after, limit: context.journal.page(name, after, limit), PAGE_SIZE
    )
