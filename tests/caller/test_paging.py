"""The paging flow: what it asks for, what it gives, and when it ends."""

import base64
import json
from decimal import Decimal

import pytest

from paged_answers import INSTANCES, METADATA, Scripted, three_three_two
from skysail.caller.paging import Fetch, Page, Plan, Progress, items_of, pages, read_plan
from skysail.errors import AccessDeniedException, InvalidInputException, PagingError
from skysail.protocol.model import Paging, service_model

DETAILED = Paging(
    input_tokens=("KeyMarker", "VersionIdMarker"),
    output_tokens=("NextKeyMarker", "NextVersionIdMarker"),
    result_keys=("Versions", "Prefixes", "Note", "Count", "Kind"),
    more_results="IsTruncated",
    limit_key="MaxKeys",
    non_aggregate_keys=("Owner", "Bucket.Name"),
)


def tok(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def untok(token):
    return None if token is None else json.loads(base64.b64decode(token))


def conversation(rule, plan, answer_to, arguments=None, progress=None):
    """All that a flow asks for and gives, in order, when its questions are answered by a function."""
    flow = pages(rule, plan, arguments or {}, progress)
    said = []
    step = next(flow, None)
    while step is not None:
        said.append(step)
        try:
            step = flow.send(answer_to(**step.arguments)) if isinstance(step, Fetch) else next(flow)
        except StopIteration:
            step = None
    return said


def contents(said):
    return [step.content for step in said if isinstance(step, Page)]


def requests(said):
    return [step.arguments for step in said if isinstance(step, Fetch)]


def test_a_listing_is_a_conversation_of_questions_and_pages():
    answers = Scripted([{"instances": ["a"], "nextPageToken": "t1"}, {"instances": ["b"]}])
    assert conversation(INSTANCES, Plan(), answers, {"other": 1}) == [
        Fetch({"other": 1}),
        Page({"instances": ["a"], "nextPageToken": "t1", "NextToken": tok({"pageToken": "t1"})}),
        Fetch({"other": 1, "pageToken": "t1"}),
        Page({"instances": ["b"]}),
    ]


def test_the_callers_arguments_stay_as_they_are():
    arguments = {"pageToken": "t1"}
    conversation(INSTANCES, Plan(), three_three_two(), arguments)
    assert arguments == {"pageToken": "t1"}


@pytest.mark.parametrize(
    ("max_items", "lengths", "resume"),
    [
        (None, [3, 3, 2], None),
        (8, [3, 3, 2], None),
        (100, [3, 3, 2], None),
        (1, [1], {"pageToken": None, "boto_truncate_amount": 1}),
        (4, [3, 1], {"pageToken": "t1", "boto_truncate_amount": 1}),
        (7, [3, 3, 1], {"pageToken": "t2", "boto_truncate_amount": 1}),
        (3, [3], {"pageToken": "t1"}),
        (6, [3, 3], {"pageToken": "t2"}),
        (0, [0], {"pageToken": None, "boto_truncate_amount": 0}),
        (-1, [2], {"pageToken": None, "boto_truncate_amount": -1}),
        (-4, [0], {"pageToken": None, "boto_truncate_amount": -4}),
    ],
)
def test_max_items_ends_the_listing_there(max_items, lengths, resume):
    progress = Progress()
    said = conversation(INSTANCES, Plan(max_items), three_three_two(), progress=progress)
    assert [len(page["instances"]) for page in contents(said)] == lengths
    assert untok(progress.resume_token) == resume
    assert len(requests(said)) == len(lengths)
    assert untok(contents(said)[-1].get("NextToken")) == resume


def test_no_items_wanted_and_none_on_the_first_page_goes_on_with_the_second():
    progress = Progress()
    answers = Scripted([{"instances": [], "nextPageToken": "t1"}])
    assert len(conversation(INSTANCES, Plan(0), answers, progress=progress)) == 2
    assert untok(progress.resume_token) == {"pageToken": "t1"}


def test_the_resume_token_of_a_cut_page_is_known_before_the_page_is_given():
    progress = Progress()
    flow = pages(INSTANCES, Plan(2), {}, progress)
    page = flow.send(three_three_two()(**next(flow).arguments))
    assert progress.resume_token == page.content["NextToken"] == tok({"pageToken": None, "boto_truncate_amount": 2})


def test_the_resume_token_behind_a_whole_page_is_known_when_more_is_asked_for():
    progress = Progress()
    flow = pages(INSTANCES, Plan(3), {}, progress)
    page = flow.send(three_three_two()(**next(flow).arguments))
    assert progress.resume_token is None
    with pytest.raises(StopIteration):
        next(flow)
    assert progress.resume_token == page.content["NextToken"] == tok({"pageToken": "t1"})


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        (None, [3, 3, 2]),
        (tok({"pageToken": "t1"}), [3, 2]),
        (tok({"pageToken": "t1", "boto_truncate_amount": 2}), [1, 2]),
        (tok({"boto_truncate_amount": 2, "pageToken": "t1"}), [1, 2]),
        (tok({"pageToken": None, "boto_truncate_amount": 2}), [1, 3, 2]),
        (tok({"pageToken": "t1", "boto_truncate_amount": 99}), [0, 2]),
        (tok({"pageToken": "t1", "boto_truncate_amount": -1}), [1, 2]),
        (tok({"pageToken": "t1", "boto_truncate_amount": None}), [3, 2]),
        (tok({"pageToken": "t1", "boto_truncate_amount": True}), [2, 2]),
        (tok({"pageToken": "None"}), [3, 3, 2]),
        (tok({}), [3, 3, 2]),
        ("t1", [3, 2]),
        ("t1___2", [1, 2]),
        ("None___2", [1, 3, 2]),
        ("None", [3, 3, 2]),
    ],
)
def test_a_starting_token_begins_the_listing_there(text, lengths):
    said = conversation(INSTANCES, Plan(starting_token=text), three_three_two())
    assert [len(page["instances"]) for page in contents(said)] == lengths
    assert len(requests(said)) == len(lengths)


@pytest.mark.parametrize(
    ("amount", "max_items", "listed", "resume"),
    [
        (1, 1, [["i4"]], {"pageToken": "t1", "boto_truncate_amount": 2}),
        (1, 3, [["i4", "i5"], ["i6"]], {"pageToken": "t2", "boto_truncate_amount": 1}),
        (2, 1, [["i5"]], {"pageToken": "t2"}),
        (0, 0, [[]], {"pageToken": "t1", "boto_truncate_amount": 0}),
    ],
)
def test_max_items_counts_from_where_the_starting_token_begins(amount, max_items, listed, resume):
    progress = Progress()
    text = tok({"pageToken": "t1", "boto_truncate_amount": amount})
    said = conversation(INSTANCES, Plan(max_items, text), three_three_two(), progress=progress)
    assert [page["instances"] for page in contents(said)] == listed
    assert untok(progress.resume_token) == resume


@pytest.mark.parametrize("bad", ["NQ==", "a___b___2", 5])
def test_a_starting_token_that_is_none_is_refused_before_anything_is_asked(bad):
    with pytest.raises((ValueError, TypeError)):
        next(pages(INSTANCES, Plan(starting_token=bad), {}))


@pytest.mark.parametrize("amount", ["1", 1.5, [], {}])
def test_an_amount_that_is_no_whole_number_is_refused_with_the_first_answer(amount):
    text = tok({"pageToken": "t1", "boto_truncate_amount": amount})
    flow = pages(INSTANCES, Plan(starting_token=text), {})
    answer = three_three_two()(**next(flow).arguments)
    with pytest.raises(TypeError, match=r"boto_truncate_amount is .*, not a whole number"):
        flow.send(answer)


def test_an_amount_of_null_leaves_nothing_to_count_a_cut_from():
    text = tok({"pageToken": "t1", "boto_truncate_amount": None})
    flow = pages(INSTANCES, Plan(2, text), {})
    answer = three_three_two()(**next(flow).arguments)
    with pytest.raises(TypeError, match="boto_truncate_amount is null"):
        flow.send(answer)


def test_the_first_page_after_a_starting_token_has_its_result_key_even_if_the_answer_has_not():
    first = contents(conversation(INSTANCES, Plan(starting_token="t1"), Scripted([{}])))
    assert first == [{"instances": None}]
    assert contents(conversation(INSTANCES, Plan(), Scripted([{}]))) == [{}]


@pytest.mark.parametrize("end", [{}, {"nextPageToken": None}, {"nextPageToken": ""}])
def test_a_page_without_a_next_token_is_the_last(end):
    said = conversation(INSTANCES, Plan(), Scripted([{"instances": [1], **end}]))
    assert said[1:] == [Page({"instances": [1], **end})]


def test_empty_pages_and_pages_without_the_result_key_are_given_like_others():
    answers = Scripted([{"instances": [], "nextPageToken": "a"}, {"nextPageToken": "b"}, {"instances": [1]}])
    assert [items_of(INSTANCES, page) for page in contents(conversation(INSTANCES, Plan(), answers))] == [
        [],
        [],
        [1],
    ]


@pytest.mark.parametrize("said", ["The page token is not valid.", "Invalid pageToken", "PAGETOKEN: no such thing"])
def test_a_refused_token_keeps_its_error_and_a_note_says_where_tokens_come_from(said):
    refused = InvalidInputException.because(said, "InvalidParams")
    text = str(refused)
    for arguments, starting_token in ({}, "t9"), ({"pageToken": "t9"}, None):
        flow = pages(INSTANCES, Plan(starting_token=starting_token), arguments)
        next(flow)
        with pytest.raises(InvalidInputException) as raised:
            flow.throw(refused)
        assert raised.value is refused
        assert str(refused) == text
        (note,) = refused.__notes__
        assert "StartingToken" in note
        del refused.__notes__


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, InvalidInputException.because("The page token is not valid.")),
        ({"pageToken": "t9"}, InvalidInputException.because("The region is not valid.")),
        ({"pageToken": "t9"}, AccessDeniedException.because("Nobody may use this page token.")),
    ],
)
def test_other_refusals_stay_as_they_are(arguments, error):
    flow = pages(INSTANCES, Plan(), arguments)
    next(flow)
    with pytest.raises(type(error)) as raised:
        flow.throw(error)
    assert raised.value is error
    assert not hasattr(error, "__notes__")


def test_a_token_refused_in_the_middle_is_noted_too():
    flow = pages(INSTANCES, Plan(), {})
    next(flow)
    flow.send({"nextPageToken": "t1"})
    next(flow)
    with pytest.raises(InvalidInputException) as raised:
        flow.throw(InvalidInputException.because("The page token is not valid."))
    assert raised.value.__notes__


def test_a_readers_token_that_comes_twice_is_the_end_of_its_log():
    rule = service_model().operation("GetRelationalDatabaseLogEvents").paging
    answers = [{"resourceLogEvents": [n], "nextForwardToken": token} for n, token in enumerate(["f/1", "f/2", "f/2"])]
    said = conversation(rule, Plan(), Scripted(answers))
    assert requests(said) == [{}, {"pageToken": "f/1"}, {"pageToken": "f/2"}]
    assert [page["resourceLogEvents"] for page in contents(said)] == [[0], [1], [2]]


def test_the_same_next_token_twice_is_an_error_behind_the_page_that_repeats_it():
    answers = Scripted([{"instances": [n], "nextPageToken": "t1"} for n in range(3)])
    flow = pages(INSTANCES, Plan(), {})
    assert isinstance(flow.send(answers(**next(flow).arguments)), Page)
    assert isinstance(flow.send(answers(**next(flow).arguments)), Page)
    with pytest.raises(PagingError) as raised:
        next(flow)
    assert str(raised.value) == ("Error during pagination: The same next token was received twice: {'pageToken': 't1'}")


def test_max_items_reached_on_a_repeated_token_is_no_error():
    progress = Progress()
    answers = Scripted([{"instances": [n], "nextPageToken": "t1"} for n in range(3)])
    conversation(INSTANCES, Plan(2), answers, progress=progress)
    assert untok(progress.resume_token) == {"pageToken": "t1"}


def test_a_page_that_names_its_own_starting_token_is_fetched_once_more():
    answers = Scripted([{"nextPageToken": "t1"}, {"nextPageToken": "t2"}, {}])
    said = conversation(INSTANCES, Plan(starting_token="t1"), answers)
    assert requests(said) == [{"pageToken": "t1"}, {"pageToken": "t1"}, {"pageToken": "t2"}]


def test_a_service_token_none_in_words_begins_again():
    answers = Scripted([{"nextPageToken": "t1"}, {"nextPageToken": "None"}, {}])
    assert requests(conversation(INSTANCES, Plan(), answers)) == [{}, {"pageToken": "t1"}, {}]


def test_the_next_token_stands_behind_the_services_members_and_before_the_metadata():
    (page, _, _) = contents(conversation(INSTANCES, Plan(), three_three_two()))
    assert list(page) == ["instances", "nextPageToken", "NextToken", "ResponseMetadata"]
    assert page["nextPageToken"] == "t1"
    assert page["ResponseMetadata"] == METADATA


def test_a_cut_page_keeps_the_services_token_which_points_past_the_cut():
    (page,) = contents(conversation(INSTANCES, Plan(1), three_three_two()))
    assert page["nextPageToken"] == "t1"
    assert untok(page["NextToken"]) == {"pageToken": None, "boto_truncate_amount": 1}


def test_a_token_given_by_hand_leads_the_first_request_and_is_replaced_then():
    said = conversation(INSTANCES, Plan(), three_three_two(), {"pageToken": "t1"})
    assert requests(said) == [{"pageToken": "t1"}, {"pageToken": "t2"}]


def test_a_cut_in_a_first_page_reached_by_hand_is_resumed_there():
    progress = Progress()
    (page,) = contents(conversation(INSTANCES, Plan(2), three_three_two(), {"pageToken": "t1"}, progress))
    assert untok(page["NextToken"]) == {"pageToken": "t1", "boto_truncate_amount": 2}
    assert progress.resume_token == page["NextToken"]


@pytest.mark.parametrize("text", [tok({"pageToken": "t2"}), tok({"pageToken": None})])
def test_a_starting_token_overrides_a_token_given_by_hand(text):
    asked = requests(conversation(INSTANCES, Plan(1, text), three_three_two(), {"pageToken": "t1"}))
    assert asked == [{name: token for name, token in untok(text).items() if token}]


def test_an_empty_starting_token_with_a_cut_in_the_first_page_resumes_there():
    progress = Progress()
    conversation(INSTANCES, Plan(2, tok({})), three_three_two(), progress=progress)
    assert untok(progress.resume_token) == {"pageToken": None, "boto_truncate_amount": 2}


def test_a_starting_token_with_a_key_too_many_cannot_be_made_a_resume_token():
    text = tok({"pageToken": "t1", "other": 1})
    with pytest.raises(ValueError) as raised:
        conversation(INSTANCES, Plan(2, text), Scripted([{"instances": [1, 2, 3]}]))
    assert str(raised.value) == ("Bad starting token: {'pageToken': 't1', 'other': 1, 'boto_truncate_amount': 2}")


DETAILED_PAGES = [
    {
        "Versions": ["a", "b"],
        "Prefixes": ["p"],
        "Note": "x",
        "Count": 2,
        "Kind": {"k": 1},
        "Owner": "o",
        "Bucket": {"Name": "n"},
        "IsTruncated": True,
        "NextKeyMarker": "b",
        "NextVersionIdMarker": "",
    },
    {"Versions": ["c"], "Count": 1, "Owner": "later", "IsTruncated": False, "NextKeyMarker": "c"},
]


def test_several_tokens_move_together_and_more_results_has_the_last_word():
    progress = Progress()
    said = conversation(DETAILED, Plan(page_size=2), Scripted(DETAILED_PAGES), {"VersionIdMarker": "v"}, progress)
    assert requests(said) == [{"VersionIdMarker": "v", "MaxKeys": 2}, {"MaxKeys": 2, "KeyMarker": "b"}]
    assert [untok(page.get("NextToken")) for page in contents(said)] == [
        {"KeyMarker": "b", "VersionIdMarker": None},
        None,
    ]


def test_the_non_aggregate_part_is_the_first_pages():
    progress = Progress()
    conversation(DETAILED, Plan(), Scripted(DETAILED_PAGES), progress=progress)
    assert progress.non_aggregate_part == {"Owner": "o", "Bucket": {"Name": "n"}}


def test_a_page_delivered_in_part_gives_its_other_result_keys_only_once():
    text = tok({"KeyMarker": None, "VersionIdMarker": None, "boto_truncate_amount": 1})
    first = contents(conversation(DETAILED, Plan(starting_token=text), Scripted(DETAILED_PAGES)))[0]
    assert [first[key] for key in DETAILED.result_keys] == [["b"], [], "", 2, None]


def test_a_page_of_which_nothing_was_delivered_keeps_its_other_result_keys():
    text = tok({"KeyMarker": "k", "VersionIdMarker": None})
    first = contents(conversation(DETAILED, Plan(starting_token=text), Scripted(DETAILED_PAGES)))[0]
    assert [first[key] for key in DETAILED.result_keys] == [["a", "b"], ["p"], "x", 2, {"k": 1}]


def test_a_token_by_the_name_of_next_token_gives_way_to_the_one_that_resumes():
    rule = Paging(("NextToken",), ("NextToken",), ("Secrets",))
    answers = [{"Secrets": [1, 2], "NextToken": "raw", "Tail": 1}, {"Secrets": [3], "NextToken": ""}]
    said = conversation(rule, Plan(), Scripted(answers))
    assert requests(said) == [{}, {"NextToken": "raw"}]
    assert [untok(page.get("NextToken")) for page in contents(said)] == [{"NextToken": "raw"}, None]
    (cut,) = contents(conversation(rule, Plan(1), Scripted(answers)))
    assert untok(cut["NextToken"]) == {"NextToken": None, "boto_truncate_amount": 1}


def test_a_token_that_cannot_be_written_as_text_does_not_stop_the_listing():
    rule = Paging(("Start",), ("Last",), ("Items",))
    answers = [{"Items": [1, 2], "Last": {"id": Decimal(1)}}, {"Items": [3]}]
    said = conversation(rule, Plan(), Scripted(answers))
    assert ["NextToken" in page for page in contents(said)] == [False, False]
    assert requests(said) == [{}, {"Start": {"id": Decimal(1)}}]
    with pytest.raises(TypeError):
        conversation(rule, Plan(2), Scripted(answers))


@pytest.mark.parametrize(
    ("config", "plan"),
    [
        ({}, Plan()),
        ({"MaxItems": None, "StartingToken": None, "PageSize": None}, Plan()),
        ({"MaxItems": 4}, Plan(4)),
        ({"MaxItems": "4"}, Plan(4)),
        ({"MaxItems": " 5 "}, Plan(5)),
        ({"MaxItems": "1_0"}, Plan(10)),
        ({"MaxItems": 2.7}, Plan(2)),
        ({"MaxItems": True}, Plan(1)),
        ({"maxItems": 4, "Foo": 1}, Plan()),
        ({"StartingToken": "NQ=="}, Plan(starting_token="NQ==")),
    ],
)
def test_a_pagination_config_is_read(config, plan):
    assert read_plan(INSTANCES, config) == plan


@pytest.mark.parametrize(
    ("config", "error", "text"),
    [
        ({"MaxItems": "abc"}, ValueError, "invalid literal for int() with base 10: 'abc'"),
        ({"MaxItems": ""}, ValueError, "invalid literal for int() with base 10: ''"),
        ({"MaxItems": []}, TypeError, "int() argument must be"),
        ({"MaxItems": "abc", "PageSize": 1}, ValueError, "invalid literal"),
        (
            {"PageSize": 0},
            PagingError,
            "Error during pagination: PageSize parameter is not supported for the pagination interface"
            " for this operation.",
        ),
        (None, TypeError, "PaginationConfig must be a dict, not NoneType"),
        ([], TypeError, "PaginationConfig must be a dict, not list"),
        ("MaxItems", TypeError, "PaginationConfig must be a dict, not str"),
    ],
)
def test_a_pagination_config_that_cannot_be_is_refused(config, error, text):
    with pytest.raises(error) as raised:
        read_plan(INSTANCES, config)
    assert str(raised.value).startswith(text)


@pytest.mark.parametrize(("kind", "given", "sent"), [(int, "5", 5), (str, 5, "5"), (str, "5", "5")])
def test_a_page_size_is_sent_as_the_operation_wants_it(kind, given, sent):
    assert read_plan(DETAILED, {"PageSize": given}, kind).page_size == sent
