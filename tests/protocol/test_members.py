"""Which members of an answer are wanted, and decoding these alone."""

import json
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_answers import answers
from skysail.errors import AnswerError, ParameterError
from skysail.protocol.codec import decode_answer
from skysail.protocol.members import ALL, Members, Place, project, want_fields
from skysail.protocol.message import Response
from skysail.protocol.model import service_model
from skysail.protocol.types import answer_decoder, narrowed_decoder

MODEL = service_model()
GET_INSTANCES = MODEL.operation("GetInstances")


def tree(drawn: Any) -> Members:
    """{"state": {"name": ...}} as Members; ... is everything."""
    return ALL if drawn is ... else Members({name: tree(inner) for name, inner in drawn.items()})


def decoded(body: Any, members: Members, operation: str = "GetInstances") -> dict[str, Any]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = decode_answer(MODEL.operation(operation), Response(200, {}, text), members=members)
    del answer["ResponseMetadata"]
    return answer


# Choosing


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ([], {}),
        (["name"], {"name": ...}),
        (["name", "state.name", "state.code"], {"name": ..., "state": {"name": ..., "code": ...}}),
        (["state.name", "state"], {"state": ...}),
        (["state", "state.name"], {"state": ...}),
        (["hardware.disks.path", "tags.key"], {"hardware": {"disks": {"path": ...}}, "tags": {"key": ...}}),
        (["hardware.disks"], {"hardware": {"disks": ...}}),
        (["ipv6Addresses"], {"ipv6Addresses": ...}),
    ],
)
def test_fields_are_dotted_paths_that_pass_through_lists(fields, wanted):
    assert want_fields(Place("Instance"), fields) == tree(wanted)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (["publicIp"], 'Unknown field: "publicIp"; did you mean publicIpAddress?'),
        (["public_ip_address"], 'Unknown field: "public_ip_address"; did you mean publicIpAddress?'),
        (["state.nam"], 'Unknown field: "state.nam", which has no "nam"; did you mean name?'),
        (["state.qqq"], 'Unknown field: "state.qqq", which has no "qqq"; must be one of: code, name'),
        (["name.first"], 'Unknown field: "name.first"; inside a string nothing can be chosen'),
        ([""], 'Unknown field: ""; must be one of: name, arn, '),
        ([5], "A field is a str such as 'state.name', not 5"),
        ("name", "fields is a list of names: ['name'], not 'name'"),
    ],
)
def test_a_field_that_the_model_does_not_have_is_refused_with_the_nearest_name(fields, text):
    with pytest.raises(ParameterError) as raised:
        want_fields(Place("Instance"), fields)
    assert isinstance(raised.value, ParamValidationError)
    assert text in str(raised.value)


def test_nothing_can_be_chosen_inside_a_map():
    assert want_fields(Place("DomainEntry"), ["options"]) == tree({"options": ...})
    with pytest.raises(ParameterError, match="inside a map nothing can be chosen"):
        want_fields(Place("DomainEntry"), ["options.a"])


def test_items_that_are_no_structures_have_no_fields():
    with pytest.raises(ParameterError, match="an item is a string, without members"):
        want_fields(Place("string"), ["name"])


def test_members_are_equal_and_of_one_hash_whatever_the_order_of_their_names():
    one, other = tree({"a": {"b": ...}, "c": {}}), tree({"c": {}, "a": {"b": ...}})
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, tree({"a": {"b": ...}}), tree({"a": ..., "c": {}}), ALL}) == 4


@pytest.mark.parametrize(
    ("value", "members", "left"),
    [
        ({"a": 1, "b": 2}, {"a": ...}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": ...}}, {"a": {"b": 1}}),
        ({"a": [{"b": 1, "c": 2}, None, {}]}, {"a": {"b": ...}}, {"a": [{"b": 1}, None, {}]}),
        ({"a": 1}, {}, {}),
        ({"a": 1}, {"b": ...}, {}),
        ([{"a": 1}, None], {}, [{}, None]),
        ("text", {"a": ...}, "text"),
        (None, {"a": ...}, None),
        ({"a": {"b": 1}}, ..., {"a": {"b": 1}}),
    ],
)
def test_a_projection_keeps_what_is_wanted_and_lists_with_all_their_places(value, members, left):
    assert project(value, tree(members)) == left


# Decoding


def test_only_what_is_wanted_is_looked_at():
    body = {"instances": [{"name": "web", "createdAt": "never", "state": {"name": 5, "code": None}}], "x": 1}
    assert decoded(body, tree({"instances": {"name": ...}})) == {"instances": [{"name": "web"}]}
    with pytest.raises(AnswerError):
        decoded(body, ALL)
    with pytest.raises(AnswerError):
        decoded(body, tree({"instances": {"createdAt": ...}}))


@pytest.mark.parametrize(
    "body",
    [
        b'{"instances":[{"name":"web","arn":"a","state":null,"tags":null}],"nextPageToken":null}',
        b'{"instances":[{"name":null,"arn":"a"},null,{}]}',
        b'{"instances":[{"name":"\\ud800","arn":NaN}]}',
        b'{"instances":null}',
        b'{"instances":[{"arn":"a","name":"web"},{"name":"again","name":"web"}]}',
        b"{}",
        b"",
    ],
)
def test_odd_answers_are_narrowed_too(body):
    wanted = tree({"instances": {"name": ..., "state": {}}, "nextPageToken": ...})
    assert decoded(body, wanted) == project(decoded(body, ALL), wanted)


@pytest.mark.parametrize("body", [b'{"instances":["web"]}', b'{"instances":{"name":"web"}}', b'{"instances":[[]]}'])
def test_a_wrong_kind_where_something_is_wanted_is_an_error_however_little_that_is(body):
    for members in ALL, tree({"instances": {"name": ...}}), tree({"instances": {}}):
        with pytest.raises(AnswerError):
            decoded(body, members)


def test_decoders_are_made_once_for_the_same_members():
    wanted = {"instances": {"name": ...}}
    assert narrowed_decoder("GetInstancesResult", tree(wanted)) is narrowed_decoder("GetInstancesResult", tree(wanted))
    assert narrowed_decoder("GetInstancesResult", ALL) is answer_decoder("GetInstancesResult")


def some_members(shape_name: str) -> st.SearchStrategy[Members]:
    shape = MODEL.shape(shape_name)
    if shape.type == "list":
        assert shape.member is not None
        return some_members(shape.member.shape)
    if shape.type != "structure":
        return st.just(ALL)
    inside = {
        name: st.just(ALL) | st.deferred(lambda of=of: some_members(of.shape)) for name, of in shape.members.items()
    }
    names = st.lists(st.sampled_from([*inside, *list(inside)[:4]]), max_size=6, unique=True) if inside else st.just([])
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: inside[name] for name in chosen})).map(Members)


@given(st.data(), st.sampled_from(["GetInstances", "GetDisks", "GetOperations", "GetDomains", "GetActiveNames"]))
@settings(max_examples=300)
def test_what_is_decoded_of_some_members_is_what_is_left_of_all_members(data, operation):
    shape = str(MODEL.operation(operation).output)
    body = data.draw(answers(shape, absent=False))
    members = data.draw(some_members(shape))
    assert decoded(body, members, operation) == project(decoded(body, ALL, operation), members)
