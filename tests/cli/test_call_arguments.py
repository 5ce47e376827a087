"""An operation by what somebody typed, and its arguments by the types in the service model."""

from __future__ import annotations

import pytest

from skysail.cli.call_arguments import arguments_of, operation_named
from skysail.cli.failures import CommandError
from skysail.protocol.model import service_model
from skysail.telling.nearest import bare


@pytest.mark.parametrize("typed", ["GetInstances", "getinstances", "get-instances", "get_instances", "GET-INSTANCES"])
def test_an_operation_is_found_in_every_spelling(typed):
    assert operation_named(typed).name == "GetInstances"


def test_no_two_operations_and_no_two_members_are_spelled_alike():
    model = service_model()
    assert len({bare(name) for name in model}) == len(list(model))
    for name in model:
        members = model.shape(model.operation(name).input or "GetInstancesRequest").members
        assert len({bare(member) for member in members}) == len(members)


def test_every_operation_is_found_by_its_python_name():
    for method, name in service_model().methods.items():
        assert operation_named(method).name == name


def test_an_unknown_operation_is_told_with_the_nearest():
    with pytest.raises(CommandError) as caught:
        operation_named("GetInstancs")
    assert caught.value.trouble.what == "no operation GetInstancs"
    assert caught.value.trouble.remedy == "did you mean GetInstances, GetInstance or GetInstanceState?"


CREATE = "availabilityZone=us-east-1a", "blueprintId=b", "bundleId=n"
CASES = {
    "text": ("GetInstance", ["instanceName=a=b"], {"instanceName": "a=b"}),
    "a number stays text where text is wanted": ("GetInstance", ["instanceName=17"], {"instanceName": "17"}),
    "a member in another spelling": ("GetInstance", ["instance-name=x"], {"instanceName": "x"}),
    "booleans": ("GetBundles", ["includeInactive=TRUE"], {"includeInactive": True}),
    "no": ("GetBundles", ["includeInactive=false"], {"includeInactive": False}),
    "a whole number": ("CreateDisk", ["diskName=d", "availabilityZone=z", "sizeInGb=8"],
                       {"diskName": "d", "availabilityZone": "z", "sizeInGb": 8}),
    "a list with commas": ("CreateInstances", ["instanceNames=a,b", *CREATE], {"instanceNames": ["a", "b"]}),
    "a list by repeating": ("CreateInstances", ["instanceNames=a", "instanceNames=b,c", *CREATE],
                            {"instanceNames": ["a", "b", "c"]}),
    "a list as JSON": ("CreateInstances", ['instanceNames=["a,b"]', *CREATE], {"instanceNames": ["a,b"]}),
    "an empty list": ("CreateInstances", ["instanceNames=", *CREATE], {"instanceNames": []}),
    "structures in a list": (
        "CreateInstances", ["instanceNames=a", *CREATE, 'tags={"key": "k"}', 'tags=[{"key": "l"}]'],
        {"instanceNames": ["a"], "tags": [{"key": "k"}, {"key": "l"}]},
    ),
    "a structure": (
        "OpenInstancePublicPorts", ["instanceName=a", 'portInfo={"fromPort": 22}'],
        {"instanceName": "a", "portInfo": {"fromPort": 22}},
    ),
    "a time by number": ("GetCostEstimate", ["resourceName=a", "startTime=1", "endTime=2026-01-02"],
                         {"resourceName": "a", "startTime": 1.0, "endTime": "2026-01-02"}),
    "nothing": ("GetRegions", [], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_values_become_what_the_model_says(case):
    operation, pairs, expected = CASES[case]
    got = arguments_of(operation_named(operation), pairs)
    assert {name: got[name] for name in expected} == expected
    assert got.keys() - expected.keys() <= {"availabilityZone", "blueprintId", "bundleId"}


def test_json_stands_beside_pairs():
    got = arguments_of(operation_named("GetInstance"), [], '{"instance_name": "x"}')
    assert got == {"instanceName": "x"}


@pytest.mark.parametrize(
    ("operation", "pairs", "document", "what", "remedy"),
    [
        ("GetBundles", ["includeInactiv=true"], None, "GetBundles has no member includeInactiv", "includeInactive?"),
        ("GetInstances", ["x=1"], None, "GetInstances has no member x", "its members: pageToken"),
        ("GetBundles", ["includeInactive"], None, "includeInactive is not key=value", "its members: "),
        ("GetBundles", ["includeInactive=1"], None, "includeInactive=1 is not true or false", ""),
        ("CreateDisk", ["sizeInGb=8.5"], None, "sizeInGb=8.5 is not a whole number", ""),
        ("GetInstance", ["instanceName=a", "instanceName=b"], None, "instanceName was given 2 times", ""),
        ("GetInstance", ["instanceName=a"], '{"instanceName": "b"}', "instanceName stands both in --json", ""),
        ("GetInstance", [], "[]", "--json is not an object", ""),
        ("GetInstance", [], "{", "--json is not JSON", ""),
        ("OpenInstancePublicPorts", ["portInfo=22"], None, "OpenInstancePublicPorts needs instanceName", ""),
        ("OpenInstancePublicPorts", ["portInfo={22"], None, "portInfo is not JSON", ""),
        (
            "StopInstance", ["force=true"], None, "StopInstance needs instanceName",
            "skysail call StopInstance instanceName=…",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_wrong_usage(operation, pairs, document, what, remedy):
    with pytest.raises(CommandError) as caught:
        arguments_of(operation_named(operation), pairs, document)
    assert what in caught.value.trouble.what
    assert remedy in (caught.value.trouble.remedy or "")
    assert caught.value.trouble.status == 2
