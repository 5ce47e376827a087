"""Arguments that need more than a look: judged and written by botocore itself.

Dates in their many forms, decimals, tuples, subclasses — and everything that is wrong, so that the report is
botocore's to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from skysail.errors import ParameterError
from skysail.protocol.model import Operation, service_model


@cache
def botocore_model() -> ServiceModel:
    """botocore's own view of the same service model."""
    version = service_model().api_version
    return ServiceModel(Loader().load_service_model("lightsail", "service-2", version), "lightsail")


def encode_exactly(operation: Operation, arguments: Mapping[str, Any], check: bool) -> bytes:
    """The body that botocore would send. Raises ParameterError with botocore's report, if it is to be checked."""
    model = botocore_model().operation_model(operation.name)
    assert model.input_shape is not None
    if check:
        report = ParamValidator().validate(dict(arguments), model.input_shape)
        if report.has_errors():
            raise ParameterError(report=report.generate_report())
    body = create_serializer("json", False).serialize_to_request(dict(arguments), model)["body"]
    assert isinstance(body, bytes)
    return body
