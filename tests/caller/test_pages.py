"""Paginators and page iterators: boto3's objects, and what they do that botocore's do not."""

import base64
import json
import subprocess
import sys
from copy import deepcopy
from itertools import islice

import jmespath
import pytest
from botocore.exceptions import ClientError, PaginationError

from bench import Bench
from paged_answers import INSTANCES, Listed, Scripted, three_three_two
from skysail.caller.pages import PageIterator, Paginator, iterate, join, make_paginator
from skysail.caller.paging import Plan, pages
from skysail.errors import InvalidInputException, NotPageableError, PagingError, UsageError
from skysail.protocol.model import Paging, service_model


def tok(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def listing(call, **config) -> PageIterator:
    return Paginator(call, INSTANCES, "GetInstances").paginate(PaginationConfig=config)


# Objects


def test_a_paginators_class_is_named_after_its_operation():
    paginator = make_paginator(service_model().operation("GetInstances"), three_three_two())
    assert type(paginator).__name__ == "Lightsail.Paginator.GetInstances"
    assert isinstance(paginator, Paginator)
    assert paginator.PAGE_ITERATOR_CLS is PageIterator
    assert [key.expression for key in paginator.result_keys] == ["instances"]
    assert isinstance(paginator.result_keys[0], jmespath.parser.ParsedResult)
    assert "GetInstances" in repr(paginator)


def test_an_operation_without_a_page_token_has_no_paginator():
    with pytest.raises(NotPageableError) as raised:
        make_paginator(service_model().operation("GetRegions"), three_three_two())
    assert str(raised.value) == "Operation cannot be paginated: get_regions"


def test_an_operation_that_botocore_has_no_paginator_for_can_be_listed_too():
    alarms = service_model().operation("GetAlarms")
    answers = Scripted([{"alarms": [1], "nextPageToken": "t1"}, {"alarms": [2]}])
    assert not alarms.paginator
    assert list(make_paginator(alarms, answers).paginate().items()) == [1, 2]


def test_paginate_takes_keywords_only_and_sends_nothing():
    call = three_three_two()
    paginator = Paginator(call, INSTANCES, "GetInstances")
    with pytest.raises(TypeError):
        paginator.paginate("t1")
    paginator.paginate(nonsense=1)
    assert call.requests == []


def test_each_paginate_is_independent_and_the_callers_dicts_stay_as_they_are():
    paginator = Paginator(three_three_two(), INSTANCES, "GetInstances")
    config = {"MaxItems": 4}
    arguments = {"PaginationConfig": config}
    first, second = paginator.paginate(**arguments), paginator.paginate(**arguments)
    list(first)
    assert (first.resume_token is None, second.resume_token is None) == (False, True)
    assert arguments == {"PaginationConfig": {"MaxItems": 4}}
    assert config == {"MaxItems": 4}


def test_a_page_iterator_is_an_iterable_and_no_iterator():
    iterator = listing(three_three_two())
    with pytest.raises(TypeError, match="'PageIterator' object is not an iterator"):
        next(iterator)
    with pytest.raises(TypeError):
        len(iterator)
    assert iterator.non_aggregate_part == {}
    assert iterator.result_keys[0].expression == "instances"


@pytest.mark.parametrize("config", [None, [], "MaxItems"])
def test_a_pagination_config_that_is_no_dict_is_a_type_error(config):
    with pytest.raises(TypeError, match="PaginationConfig must be a dict"):
        Paginator(three_three_two(), INSTANCES, "GetInstances").paginate(PaginationConfig=config)


@pytest.mark.parametrize("token", [5, b"t1", {"pageToken": "t1"}])
def test_a_starting_token_that_is_no_str_is_a_type_error_at_the_first_page(token):
    call = three_three_two()
    iterator = listing(call, StartingToken=token)
    with pytest.raises(TypeError, match="StartingToken must be a str"):
        list(iterator)
    assert call.requests == []


@pytest.mark.parametrize("token", ["NQ==", "bnVsbA==", tok({"boto_encoded_keys": [["nobody"]]})])
def test_a_starting_token_that_encodes_no_object_is_a_value_error(token):
    with pytest.raises(ValueError, match=f"Bad starting token: {token}"):
        list(listing(three_three_two(), StartingToken=token))


# Walking


def test_a_page_is_asked_for_when_the_loop_asks_for_it():
    call = three_three_two()
    walk = iter(listing(call))
    assert call.requests == []
    for number in range(1, 4):
        next(walk)
        assert len(call.requests) == number
    assert next(walk, None) is None
    assert len(call.requests) == 3


def test_an_abandoned_walk_closes_its_flow():
    flow = pages(INSTANCES, Plan(), {})
    walk = iterate(flow, three_three_two())
    next(walk)
    walk.close()
    with pytest.raises(StopIteration):
        next(flow)


def test_each_pass_begins_at_the_beginning():
    iterator = listing(three_three_two())
    assert list(iterator) == list(iterator)
    assert len(iterator.build_full_result()["instances"]) == 8


def test_two_walks_at_once_do_not_disturb_each_other():
    iterator = listing(three_three_two())
    assert [one["instances"] == two["instances"] for one, two in zip(iterator, iterator, strict=True)] == [
        True,
        True,
        True,
    ]


def test_an_error_passes_through_and_the_last_pages_next_token_goes_on_from_there():
    iterator = listing(three_three_two(fails_at=2))
    walk = iter(iterator)
    kept = [next(walk), next(walk)]
    with pytest.raises(ClientError, match="try again later"):
        next(walk)
    assert next(walk, None) is None
    assert iterator.resume_token is None
    rest = listing(three_three_two(), StartingToken=kept[-1]["NextToken"])
    assert list(rest.items()) == ["i6", "i7"]


def test_a_break_on_a_page_that_max_items_ends_has_a_next_token_and_no_resume_token():
    iterator = listing(three_three_two(), MaxItems=3)
    seen = []
    for page in iterator:
        seen.append(page)
        break
    assert seen[-1]["NextToken"] == tok({"pageToken": "t1"})
    assert iterator.resume_token is None


def test_a_repeated_token_is_botocores_error_and_ours():
    with pytest.raises(PaginationError) as raised:
        list(listing(Scripted([{"nextPageToken": "t"}] * 3)))
    assert isinstance(raised.value, PagingError)


def test_what_the_caller_does_to_a_page_does_not_change_the_walk():
    call = three_three_two()
    for page in listing(call):
        page.clear()
    assert call.requests == [{}, {"pageToken": "t1"}, {"pageToken": "t2"}]


def test_a_cut_in_a_first_page_reached_by_hand_keeps_the_token_that_led_there():
    iterator = Paginator(three_three_two(), INSTANCES, "GetInstances").paginate(
        pageToken="t1", PaginationConfig={"MaxItems": 2}
    )
    full = iterator.build_full_result()
    assert full["NextToken"] == iterator.resume_token == tok({"pageToken": "t1", "boto_truncate_amount": 2})


def test_an_empty_starting_token_and_a_cut_in_the_first_page_give_that_page_and_a_token():
    (page,) = listing(three_three_two(), StartingToken=tok({}), MaxItems=2)
    assert page["instances"] == ["i0", "i1"]
    assert page["NextToken"] == tok({"pageToken": None, "boto_truncate_amount": 2})


def test_a_token_of_another_region_is_refused_by_the_service_and_a_note_says_where_tokens_come_from():
    bench = Bench(page_size=1)
    bench.create("web-1", "web-2")
    (page,) = bench.client.get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": 1})
    elsewhere = bench.lightsail.client("eu-west-1")
    with pytest.raises(InvalidInputException) as direct:
        elsewhere.get_instances(pageToken=page["nextPageToken"])
    walks = [
        elsewhere.get_paginator("get_instances").paginate(PaginationConfig={"StartingToken": page["NextToken"]}),
        elsewhere.get_paginator("get_instances").paginate(pageToken=page["nextPageToken"]),
    ]
    for walk in walks:
        with pytest.raises(InvalidInputException) as raised:
            list(walk)
        assert str(raised.value) == str(direct.value)
        assert "with the same arguments, account and region" in raised.value.__notes__[0]
    assert not hasattr(direct.value, "__notes__")
    bench.close()


# The resume token


def test_the_resume_token_can_be_set_to_a_place_in_the_listing():
    iterator = listing(three_three_two())
    iterator.resume_token = {"pageToken": "t1", "boto_truncate_amount": 2}
    assert iterator.resume_token == tok({"pageToken": "t1", "boto_truncate_amount": 2})


@pytest.mark.parametrize("value", ["t1", None, {}, {"pageToken": "t1", "foo": 1}])
def test_the_resume_token_cannot_be_set_to_anything_else(value):
    iterator = listing(three_three_two())
    with pytest.raises(ValueError) as raised:
        iterator.resume_token = value
    assert str(raised.value) == f"Bad starting token: {value}"


def test_the_resume_token_outlives_a_second_pass_that_comes_to_the_end():
    iterator = listing(Scripted([{"instances": [1, 2]}, {"instances": []}]), MaxItems=1)
    list(iterator)
    list(iterator)
    assert iterator.resume_token == tok({"pageToken": None, "boto_truncate_amount": 1})


# Views


def test_a_full_result_joins_the_pages_and_ends_with_the_next_token():
    full = listing(three_three_two(), MaxItems=4).build_full_result()
    assert full == {
        "instances": ["i0", "i1", "i2", "i3"],
        "NextToken": tok({"pageToken": "t1", "boto_truncate_amount": 1}),
    }
    assert list(full) == ["instances", "NextToken"]


@pytest.mark.parametrize(
    ("answers", "max_items", "full"),
    [
        ([{"instances": [], "nextPageToken": "a"}, {"instances": []}], None, {"instances": []}),
        ([{"nextPageToken": "a"}, {}], None, {}),
        (
            [{"instances": [1], "nextPageToken": "a"}],
            0,
            {"instances": [], "NextToken": tok({"pageToken": None, "boto_truncate_amount": 0})},
        ),
    ],
)
def test_a_full_result_holds_only_what_some_page_held(answers, max_items, full):
    assert listing(Scripted(answers), MaxItems=max_items).build_full_result() == full


def test_a_full_result_has_the_next_token_of_its_own_walk_alone():
    iterator = listing(Scripted([{"instances": [1, 2]}, {"instances": [1]}]), MaxItems=1)
    list(iterator)
    assert iterator.resume_token is not None
    assert iterator.build_full_result() == {"instances": [1]}


def test_a_full_result_leaves_the_pages_lists_alone():
    first = {"instances": [1], "nextPageToken": "a"}
    answers = iter([first, {"instances": [2]}])
    assert listing(lambda **_: next(answers)).build_full_result() == {"instances": [1, 2]}
    assert first["instances"] == [1]


@pytest.mark.parametrize(
    ("pages_values", "joined"),
    [
        ([[1], [2, 3]], [1, 2, 3]),
        ([1, 2], 3),
        (["a", "b"], "ab"),
        ([{"k": 1}, {"k": 2}], {"k": 1}),
        ([[1], {"k": 2}], [1]),
        ([None, [2]], [2]),
    ],
)
def test_values_are_joined_by_their_kind(pages_values, joined):
    full: dict = {}
    for value in pages_values:
        join(full, {"List": {"Items": value}}, ["List.Items"])
    assert full == {"List": {"Items": joined}}


@pytest.mark.parametrize("values", [["a", [1]], [[1], "a"], [1, "a"], [{"k": 1}, [1]]])
def test_values_of_different_kinds_cannot_be_joined(values):
    full: dict = {}
    join(full, {"a": values[0]}, ["a"])
    before = deepcopy(full)
    with pytest.raises(TypeError):
        join(full, {"a": values[1]}, ["a"])
    assert full == before


def test_a_full_result_takes_the_non_aggregate_members_of_the_first_page():
    rule = Paging(("In",), ("Out",), ("S.Items",), non_aggregate_keys=("S.Owner", "Region"))
    answers = Scripted([{"S": {"Items": [1], "Owner": "o"}, "Out": "t"}, {"S": {"Items": [2], "Owner": "p"}}])
    iterator = Paginator(answers, rule, "List").paginate()
    assert iterator.build_full_result() == {"S": {"Items": [1, 2], "Owner": "o"}, "Region": None}
    assert iterator.non_aggregate_part == {"S": {"Owner": "o"}, "Region": None}


def test_items_come_one_by_one_and_pages_only_as_they_are_needed():
    call = three_three_two()
    assert list(islice(listing(call).items(), 4)) == ["i0", "i1", "i2", "i3"]
    assert len(call.requests) == 2


def test_items_begin_at_the_starting_token_and_end_with_max_items():
    iterator = listing(three_three_two(), StartingToken="t1___1", MaxItems=3)
    assert list(iterator.items()) == ["i4", "i5", "i6"]
    assert iterator.resume_token == tok({"pageToken": "t2", "boto_truncate_amount": 1})


def test_fields_need_the_operations_model():
    with pytest.raises(UsageError, match="this paginator was made without"):
        listing(three_three_two()).items(fields=["name"])


def test_items_pass_over_pages_that_have_none():
    answers = Scripted([{"nextPageToken": "a"}, {"instances": [], "nextPageToken": "b"}, {"instances": [1]}])
    assert list(listing(answers).items()) == [1]


NAMED = [
    {"instances": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "nextPageToken": "t"},
    {"instances": [{"name": "c", "id": 3}]},
]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("instances[].name", ["a", "b", "c"]),
        ("instances[].[name, id]", [["a", 1], ["b", 2], ["c", 3]]),
        ("[instances[0].name, nope]", ["a", None, "c", None]),
        ("instances[0].name", ["a", "c"]),
        ("nope", [None, None]),
        ("instances[].nope", []),
    ],
)
def test_a_search_yields_what_each_page_holds_lists_by_their_elements(expression, found):
    assert list(listing(Scripted(NAMED)).search(expression)) == found


def test_a_search_sees_the_next_token():
    found = list(listing(three_three_two()).search("NextToken"))
    assert found == [tok({"pageToken": "t1"}), tok({"pageToken": "t2"}), None]


def test_an_expression_that_is_none_is_an_error_at_the_first_value_and_sends_nothing():
    call = three_three_two()
    found = listing(call).search("][")
    with pytest.raises(jmespath.exceptions.JMESPathError):
        next(found)
    assert call.requests == []


def test_result_key_iterators_share_one_walk_that_begins_with_the_first_item_asked_for():
    rule = Paging(("In",), ("Out",), ("A", "B"))
    call = Scripted([{"A": [1], "B": ["x"], "Out": "t"}, {"A": [2]}])
    numbers, letters = Paginator(call, rule, "List").paginate().result_key_iters()
    assert (numbers.result_key.expression, letters.result_key.expression) == ("A", "B")
    assert call.requests == []
    assert (list(numbers), list(letters)) == ([1, 2], ["x"])
    assert (list(numbers), list(letters)) == ([], [])
    assert len(call.requests) == 2


def test_walking_pages_does_not_load_jmespath():
    program = """
import sys
from skysail.caller.pages import make_paginator
from skysail.protocol.model import service_model
answers = iter([{"instances": [1], "nextPageToken": "t"}, {"instances": [2]}])
iterator = make_paginator(service_model().operation("GetInstances"), lambda **_: next(answers)).paginate()
print(iterator.build_full_result(), "jmespath" in sys.modules)
iterator.result_keys
print("jmespath" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n") == ["{'instances': [1, 2]} False", "True", ""]


def test_pages_of_many_tokens_of_every_look_are_all_walked():
    tokens = ["___", "a___1", "é", "😀", '"', "\\", "NQ==", " ", "0", "null"]
    call = Listed(*[[number] for number in range(len(tokens) + 1)], tokens=tokens)
    assert list(listing(call).items()) == list(range(len(tokens) + 1))
