"""What a search or a choice of fields needs of the answers, and that no more of them is decoded."""

from typing import Any

import jmespath
import pytest

from canned_service import CannedService
from paged_answers import finish
from skysail.caller.narrowing import chosen, wanted_by_search
from skysail.errors import AnswerError, ParameterError
from skysail.protocol.members import ALL, Members
from skysail.protocol.model import Paging, service_model

MODEL = service_model()
GET_INSTANCES = MODEL.operation("GetInstances")


def seen(expression: str) -> Any:
    """What is wanted of each instance, as a tree where ... is everything."""
    shown = tree(wanted(expression))
    assert shown.pop("nextPageToken") is ...
    assert list(shown) == ["instances"]
    return shown["instances"]


def wanted(expression: str) -> Members:
    assert GET_INSTANCES.paging is not None
    return wanted_by_search(expression, "GetInstancesResult", GET_INSTANCES.paging)


def tree(members: Members) -> Any:
    return ... if members.named is None else {name: tree(inner) for name, inner in members.named.items()}


NAME, STATE_NAME = {"name": ...}, {"state": {"name": ...}}


@pytest.mark.parametrize(
    ("expression", "of_each"),
    [
        ("instances[].name", NAME),
        ("instances[*].name", NAME),
        ("instances[0].name", NAME),
        ("instances[-1].name", NAME),
        ("instances[1:3].name", NAME),
        ("instances[].[name, state.name]", NAME | STATE_NAME),
        ("instances[].{n: name, s: state.name}", NAME | STATE_NAME),
        ("instances[?state.name == 'running'].name", NAME | STATE_NAME),
        ("instances[?state].name", NAME | {"state": ...}),
        ("instances[?tags].name", NAME | {"tags": {}}),
        ("instances[?tags == `[]`].name", NAME | {"tags": ...}),
        ("instances[?!isStaticIp].name", NAME | {"isStaticIp": ...}),
        ("instances[?tags[?key == 'a']].name", NAME | {"tags": {"key": ...}}),
        ("instances[].tags[?key == 'a'].value[]", {"tags": {"key": ..., "value": ...}}),
        ("instances[].hardware.disks[].path", {"hardware": {"disks": {"path": ...}}}),
        ("instances[].[hardware][].cpuCount", {"hardware": {"cpuCount": ...}}),
        ("instances[].{h: hardware}.h.cpuCount", {"hardware": ...}),
        ("instances[].state", {"state": ...}),
        ("instances[].state.nope", {"state": {}}),
        ("length(instances)", {}),
        ("length(instances[?tags])", {"tags": {}}),
        ("instances[].length(state)", {"state": ...}),
        ("instances[].type(state)", {"state": {}}),
        ("instances[0] | name", NAME),
        ("instances | [0].name", NAME),
        ("sort_by(instances, &name)[].state.name", NAME | STATE_NAME),
        ("max_by(instances, &createdAt).name", {"createdAt": ..., "name": ...}),
        ("map(&state.name, instances)", STATE_NAME),
        ("reverse(instances)[0].name", NAME),
        ("to_array(instances)[0].name", NAME),
        ("not_null(instances[0].name, instances[0].arn)", {"name": ..., "arn": ...}),
        ("join(', ', instances[].name)", NAME),
        ("instances[].to_string(name)", NAME),
        ("instances[0].name || instances[0].arn", {"name": ..., "arn": ...}),
        ("type(instances[0].state || instances[0].hardware)", {"state": ..., "hardware": {}}),
        ("instances.name", {}),
        ("nextPageToken", {}),
        ("NextToken", {}),
        ("ResponseMetadata.RequestId", {}),
        ("`1`", {}),
        ("[NextToken, length(instances)]", {}),
        ("instances", ...),
        ("instances[]", ...),
        ("instances[0]", ...),
        ("instances[?name == 'a']", ...),
        ("instances[0] == instances[1]", ...),
        ("contains(instances, `1`)", ...),
    ],
)
def test_a_search_wants_what_it_looks_at(expression, of_each):
    assert seen(expression) == of_each


@pytest.mark.parametrize(
    "expression",
    [
        "@",
        "[@]",
        "{page: @}",
        "@ == `1`",
        "length(@)",
        "*",
        "keys(@)",
        "instances[].*",
        "instances[].keys(state)",
        "instances[].values(state)",
        "to_string(instances[0].state)",
        "to_string(instances[0].name || [instances[0].state])",
        "to_string(instances[0].name || {x: instances[0].state})",
        "to_string(instances[0].name || {x: instances[0].state}.x)",
        "to_string(instances[0].name || {x: instances}.x[0])",
        "to_string(instances)",
        "&name",
        "type(&name)",
        "sort_by(instances, name)",
        "sort_by(instances)",
        "length()",
        "nope(instances)",
    ],
)
def test_where_it_cannot_be_told_what_is_looked_at_everything_is_decoded(expression):
    assert wanted(expression) == ALL


def test_what_the_listing_itself_reads_is_always_wanted():
    rule = GET_INSTANCES.paging
    assert tree(chosen(["name"], "GetInstancesResult", rule).page) == {"instances": NAME, "nextPageToken": ...}
    buckets = MODEL.operation("GetBuckets")
    assert buckets.paging is not None
    assert tree(wanted_by_search("buckets[].name", str(buckets.output), buckets.paging)) == {
        "buckets": NAME,
        "nextPageToken": ...,
        "accountLevelBpaSync": ...,
    }


def test_a_rule_that_reads_more_than_names_is_not_narrowed():
    rule = Paging(("pageToken",), ("nextPageToken || instances[-1].name",), ("instances",))
    assert wanted_by_search("instances[].arn", "GetInstancesResult", rule) == ALL
    assert chosen(["arn"], "GetInstancesResult", rule).page == ALL


def test_what_is_no_expression_is_jmespaths_error():
    with pytest.raises(jmespath.exceptions.ParseError):
        wanted("][")


# On the wire: a time that is none shows whether it was decoded


UNREADABLE = {"name": "web", "createdAt": "never", "state": {"name": "running", "code": 16}}
BODIES = [{"instances": [UNREADABLE, None]}, {"instances": [UNREADABLE]}]


def walk(**arguments: Any) -> Any:
    return CannedService(*BODIES).client().get_paginator("get_instances").paginate(**arguments)


def awaited(**arguments: Any) -> Any:
    return CannedService(*BODIES).async_client().get_paginator("get_instances").paginate(**arguments)


async def everything(iterable: Any) -> list[Any]:
    return [each async for each in iterable]


def test_a_search_decodes_only_what_it_looks_at():
    assert list(walk().search("instances[].name")) == ["web", "web"]
    assert finish(everything(awaited().search("instances[].name"))) == ["web", "web"]
    for needs_the_time in "instances[].createdAt", "instances[0]", "@", "instances[?createdAt].name":
        with pytest.raises(AnswerError):
            list(walk().search(needs_the_time))
        with pytest.raises(AnswerError):
            finish(everything(awaited().search(needs_the_time)))


def test_the_text_of_a_type_error_repeats_what_was_decoded():
    client = CannedService({"instances": [{"name": "web", "arn": "a", "state": {"name": "running"}}]}).client()
    with pytest.raises(jmespath.exceptions.JMESPathTypeError) as raised:
        list(client.get_paginator("get_instances").paginate().search("sort_by(instances, &state)[].name"))
    assert "'state': {}" in str(raised.value)
    assert "arn" not in str(raised.value)


def test_items_with_fields_hold_these_members_where_they_are_there_and_no_others_are_decoded():
    fields = ["name", "publicIpAddress", "state.name"]
    item = {"name": "web", "state": {"name": "running"}}
    assert list(walk().items(fields)) == [item, None, item]
    assert finish(everything(awaited().items(fields=fields))) == [item, None, item]
    assert list(walk().items(fields=[])) == [{}, None, {}]
    for undecoded in None, ["createdAt"]:
        with pytest.raises(AnswerError):
            list(walk().items(fields=undecoded))


def test_items_with_fields_begin_at_the_starting_token_and_end_with_max_items():
    iterator = walk(PaginationConfig={"StartingToken": "None___1", "MaxItems": 2})
    assert list(iterator.items(fields=iter(["name"]))) == [None, {"name": "web"}]
    assert iterator.resume_token is None
    iterator = walk(PaginationConfig={"MaxItems": 1})
    assert list(iterator.items(fields=["name"])) == [{"name": "web"}]
    rest = walk(PaginationConfig={"StartingToken": iterator.resume_token})
    assert list(rest.items(fields=["name"])) == [None, {"name": "web"}]


def test_a_field_that_is_none_is_refused_before_anything_is_asked_for():
    service = CannedService({"instances": []})
    for client in service.client(), service.async_client():
        with pytest.raises(ParameterError, match="did you mean publicIpAddress"):
            client.get_paginator("get_instances").paginate().items(fields=["publicIp"])
    assert service.asked == []


def test_the_pages_themselves_stay_whole():
    with pytest.raises(AnswerError):
        list(walk())
    with pytest.raises(AnswerError):
        walk().build_full_result()


def test_a_search_tells_the_resume_token_and_the_non_aggregate_part_as_a_walk_does():
    sync = {"status": "InSync"}
    client = CannedService({"buckets": [{"name": "a"}, {"name": "b"}], "accountLevelBpaSync": sync}).client()
    iterator = client.get_paginator("get_buckets").paginate(PaginationConfig={"MaxItems": 1})
    assert list(iterator.search("buckets[].name")) == ["a"]
    assert iterator.non_aggregate_part == {"accountLevelBpaSync": sync}
    assert iterator.resume_token is not None


# What somebody has put in the operation's place


def replaced(service: CannedService) -> Any:
    client = service.client()
    original = client.get_instances
    client.get_instances = lambda **arguments: original(**arguments)
    return client.get_paginator("get_instances").paginate()


def test_a_method_that_was_replaced_is_called_as_it_is_and_its_answers_are_whole():
    with pytest.raises(AnswerError):
        list(replaced(CannedService(*BODIES)).search("instances[].name"))
    well = {"name": "web", "arn": "a", "state": {"name": "running", "code": 16}}
    service = CannedService({"instances": [well]}, {"instances": [None]})
    assert list(replaced(service).search("instances[].name")) == ["web"]
    assert list(replaced(service).items(fields=["name", "state.code"])) == [
        {"name": "web", "state": {"code": 16}},
        None,
    ]
    with pytest.raises(ParameterError):
        replaced(service).items(fields=["publicIp"])


def test_another_operations_method_in_its_place_is_not_narrowed_by_the_wrong_model():
    client = CannedService({"disks": [{"name": "data", "path": "/dev/xvdf"}]}).client()
    client.get_instances = client.get_disks
    assert list(client.get_paginator("get_instances").paginate().search("disks[].path")) == ["/dev/xvdf"]
