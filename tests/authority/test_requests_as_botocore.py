"""Arguments, judged and written by botocore and by us: the same JSON, or the same report to the letter."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skysail.errors import ParameterError
from skysail.protocol.arguments import botocore_model
from skysail.protocol.codec import encode_request
from skysail.protocol.model import service_model

MODEL = service_model()
OPERATIONS = [
    "CreateInstances",
    "GetInstances",
    "GetInstanceMetricData",
    "PutInstancePublicPorts",
    "CreateContainerServiceDeployment",
    "CreateDistribution",
    "PutAlarm",
    "CreateRelationalDatabase",
    "GetRelationalDatabaseLogEvents",
    "UpdateRelationalDatabaseParameters",
    "SetupInstanceHttps",
    "GetCostEstimate",
    "CreateInstancesFromSnapshot",
    "UpdateInstanceMetadataOptions",
    "GetRegions",
]

texts = st.one_of(
    st.text(max_size=6), st.sampled_from(["", "web", "é😀", "\ud800", 'q"\\\n\x00', "\u2028", "ipv6", "tcp"])
)
integers = st.one_of(st.integers(0, 100_000), st.integers(-(2**70), 2**70), st.sampled_from([59, 60, 0, -1]))
FIXED = timezone(timedelta(hours=5, minutes=30))
moments = st.one_of(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, FIXED])),
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),
    st.integers(0, 4_000_000_000),
    st.floats(0, 4e9).map(lambda seconds: round(seconds, 3)),
    st.sampled_from(["2020-01-01", "2020-01-01T00:00:00Z", "1577836800", "Wed, 01 Jan 2020 00:00:00 GMT"]),
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": texts,
    "integer": integers,
    "long": integers,
    "boolean": st.booleans(),
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5),
    "double": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5),
    "timestamp": moments,
    "blob": st.binary(max_size=3),
}


class Text(str):
    """Not plainly a str, and yet one."""


wrong = st.sampled_from(
    [None, 5, 1.5, True, "x", b"x", [], {}, (), [None], {"x": 1}, {1}, Decimal("1.5"), Text("t"), object]
)
WRONG_ONE_IN = 25


def arguments_of(name: str, spoilt: bool) -> st.SearchStrategy[Any]:
    """Arguments for a shape, most of them as they should be; where they may be `spoilt`, some are not."""
    shape = MODEL.shape(name)
    if shape.type == "structure":
        members = {
            member: st.deferred(lambda of=of: arguments_of(of.shape, spoilt)) for member, of in shape.members.items()
        }
        required = {member: members[member] for member in shape.required}
        optional = {member: drawn for member, drawn in members.items() if member not in required}
        good = st.fixed_dictionaries(required, optional=optional)
        if not spoilt:
            return good
        short = st.fixed_dictionaries({}, optional=members)
        more = st.builds(lambda drawn, value: {**drawn, "Odd": value}, good, wrong)
        return st.one_of(*[good] * 6, short, more, wrong)
    if shape.type == "list":
        assert shape.member is not None
        good = st.lists(st.deferred(lambda: arguments_of(str(shape.member and shape.member.shape), spoilt)), max_size=3)
        return st.one_of(*[good] * 6, good.map(tuple), *([wrong] if spoilt else []))
    if shape.type == "map":
        assert shape.value_ is not None
        value = st.deferred(lambda: arguments_of(str(shape.value_ and shape.value_.shape), spoilt))
        good = st.dictionaries(texts, value, max_size=2)
        return st.one_of(*[good] * 6, st.dictionaries(st.integers(), value, max_size=1), wrong) if spoilt else good
    good = SCALARS[shape.type]
    return st.one_of(*[good] * WRONG_ONE_IN, wrong) if spoilt else good


def drawn(spoilt: bool) -> st.SearchStrategy[tuple[str, Any]]:
    drawn_of = {name: arguments_of(str(MODEL.operation(name).input), spoilt) for name in OPERATIONS}
    return st.sampled_from(OPERATIONS).flatmap(
        lambda name: st.tuples(st.just(name), drawn_of[name].filter(lambda found: isinstance(found, dict)))
    )


def theirs(name: str, arguments: dict[str, Any]) -> Any:
    """botocore's report, or the JSON that it sends."""
    model = botocore_model().operation_model(name)
    report = ParamValidator().validate(arguments, model.input_shape)
    if report.has_errors():
        return ("Parameter validation failed:", report.generate_report())
    return read(create_serializer("json", False).serialize_to_request(arguments, model)["body"])


def ours(name: str, arguments: dict[str, Any]) -> Any:
    try:
        return read(encode_request(MODEL.operation(name), arguments))
    except ParameterError as error:
        return tuple(str(error).split("\n", 1))


def read(body: bytes) -> Any:
    return typed(json.loads(body))


def typed(value: Any) -> Any:
    """JSON with the type of each scalar beside it: 1 is not 1.0, nor True."""
    if isinstance(value, dict):
        return {key: typed(element) for key, element in value.items()}
    if isinstance(value, list):
        return [typed(element) for element in value]
    return (type(value).__name__, value)


@given(drawn(spoilt=False))
@settings(max_examples=150)
def test_good_arguments_are_written_as_botocore_writes_them(case: tuple[str, dict[str, Any]]) -> None:
    name, arguments = case
    assert ours(name, arguments) == theirs(name, arguments)


@given(drawn(spoilt=True))
@settings(max_examples=250)
@example(("GetInstances", {"pageToken": "\ud800"}))
@example(("GetInstances", {"pageToken": Text("t")}))
@example(("GetInstances", {"pagetoken": "t", "Odd": 1}))
@example(("CreateInstances", {"instanceNames": "web"}))
def test_any_arguments_are_judged_as_botocore_judges_them(case: tuple[str, dict[str, Any]]) -> None:
    name, arguments = case
    assert ours(name, arguments) == theirs(name, arguments)


REPORTS = {
    "missing": ("GetInstance", {}, 'Missing required parameter in input: "instanceName"'),
    "unknown": (
        "GetInstance",
        {"instanceName": "web", "Name": "web"},
        'Unknown parameter in input: "Name", must be one of: instanceName, includeHealthStatus',
    ),
    "a wrong type": (
        "GetInstance",
        {"instanceName": 5},
        "Invalid type for parameter instanceName, value: 5, type: <class 'int'>, valid types: <class 'str'>",
    ),
    "too small": (
        "GetInstanceMetricData",
        {
            "instanceName": "web",
            "metricName": "CPUUtilization",
            "period": 59,
            "startTime": 0,
            "endTime": 1,
            "unit": "Percent",
            "statistics": [],
        },
        "Invalid value for parameter period, value: 59, valid min value: 60",
    ),
    "several": (
        "CreateInstances",
        {"instanceNames": ["web", None], "tags": [{"key": 1}]},
        'Missing required parameter in input: "availabilityZone"\n'
        'Missing required parameter in input: "blueprintId"\n'
        'Missing required parameter in input: "bundleId"\n'
        "Invalid type for parameter instanceNames[1], value: None, type: <class 'NoneType'>, "
        "valid types: <class 'str'>\n"
        "Invalid type for parameter tags[0].key, value: 1, type: <class 'int'>, valid types: <class 'str'>",
    ),
}


@pytest.mark.parametrize("why", REPORTS)
def test_a_report_reads(why: str) -> None:
    name, arguments, report = REPORTS[why]
    with pytest.raises(ParameterError) as caught:
        encode_request(MODEL.operation(name), arguments)
    assert str(caught.value) == f"Parameter validation failed:\n{report}"


def test_what_plainly_fits_never_reaches_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its validator and serializer are slow to load; a listing must not need them."""
    monkeypatch.setitem(__import__("sys").modules, "skysail.protocol.arguments", None)
    plain = {
        "instanceNames": ["web"],
        "availabilityZone": "a",
        "blueprintId": "b",
        "bundleId": "c",
        "tags": [{"key": "k"}],
    }
    assert json.loads(encode_request(MODEL.operation("CreateInstances"), plain)) == plain
    assert encode_request(MODEL.operation("GetInstances"), {}) == b"{}"
    assert (
        encode_request(MODEL.operation("GetInstances"), {"includeHealthStatus": True})
        == b'{"includeHealthStatus":true}'
    )
    with pytest.raises(ImportError):
        encode_request(MODEL.operation("GetInstances"), {"pageToken": None})


def test_every_operation_takes_arguments_or_none_at_all() -> None:
    for name in MODEL:
        operation = MODEL.operation(name)
        if operation.input is None or not MODEL.shape(operation.input).required:
            assert encode_request(operation, {}) == b"{}"


def test_unchecked_arguments_are_written_as_they_are() -> None:
    """As with botocore's Config(parameter_validation=False)."""
    operation = MODEL.operation("GetInstance")
    for arguments in ({"instanceName": 5}, {}, {"includeHealthStatus": "yes"}):
        model = botocore_model().operation_model("GetInstance")
        expected = create_serializer("json", False).serialize_to_request(arguments, model)["body"]
        assert read(encode_request(operation, arguments, check=False)) == read(expected)
