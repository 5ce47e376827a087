"""The text of a StartingToken, and what such a text asks for."""

import base64
import json
from datetime import datetime

import pytest
from botocore.paginate import PageIterator, TokenDecoder, TokenEncoder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skysail.caller.tokens import StartingPoint, encode, encode_resume, parse

ONE = ("pageToken",)
TWO = ("KeyMarker", "VersionIdMarker")


def tok(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"pageToken": "t1"}, "eyJwYWdlVG9rZW4iOiAidDEifQ=="),
        (
            {"pageToken": "t1", "boto_truncate_amount": 1},
            "eyJwYWdlVG9rZW4iOiAidDEiLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
        ),
        (
            {"pageToken": None, "boto_truncate_amount": 1},
            "eyJwYWdlVG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
        ),
    ],
)
def test_a_token_is_the_base64_of_its_json(values, text):
    assert encode(values) == text


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.binary(max_size=6) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["pageToken", "boto_truncate_amount", 'k"ey', "kéy"]), VALUES))
@example({"pageToken": 'a"b'})
@example({"pageToken": "a\\b"})
@example({"pageToken": "\x7f"})
@example({"pageToken": "\n"})
@example({"pageToken": "é😀"})
@example({"key": {"id": {"B": b"\x00\xff"}, "n": [b"x", {"y": b""}]}})
@settings(max_examples=500)
def test_a_token_is_equal_to_botocores_and_botocore_reads_it(values):
    text = encode(values)
    assert text == TokenEncoder().encode(values)
    assert TokenDecoder().decode(text) == values
    assert encode(parse(text, ONE).values) == encode({k: v for k, v in values.items() if k[:4] != "boto"})


def test_a_value_that_is_neither_json_nor_bytes_cannot_be_in_a_token():
    with pytest.raises(TypeError):
        encode({"pageToken": datetime(2026, 1, 1)})


@pytest.mark.parametrize(
    ("text", "input_tokens", "values", "amount", "partial"),
    [
        ("", ONE, {"pageToken": ""}, 0, False),
        (tok({"pageToken": "t1"}), ONE, {"pageToken": "t1"}, 0, False),
        (tok({"pageToken": "t1", "boto_truncate_amount": 2}), ONE, {"pageToken": "t1"}, 2, True),
        (tok({"boto_truncate_amount": 2, "pageToken": "t1"}), ONE, {"pageToken": "t1"}, 2, True),
        (tok({"pageToken": None, "boto_truncate_amount": 0}), ONE, {"pageToken": None}, 0, True),
        (tok({"pageToken": "t1", "boto_truncate_amount": None}), ONE, {"pageToken": "t1"}, None, True),
        (tok({"pageToken": "t1"})[:4] + "\n" + tok({"pageToken": "t1"})[4:], ONE, {"pageToken": "t1"}, 0, False),
        ("t1", ONE, {"pageToken": "t1"}, 0, False),
        ("t1___2", ONE, {"pageToken": "t1"}, 2, True),
        ("None___2", ONE, {"pageToken": None}, 2, True),
        ("None", ONE, {"pageToken": None}, 0, False),
        ("t1___x", ONE, {"pageToken": "t1___x"}, 0, False),
        (tok([]), ONE, {"pageToken": tok([])}, 0, False),
        (tok({}), ONE, {}, 0, False),
        (tok({"pageToken": "t1"}).rstrip("="), ONE, {"pageToken": tok({"pageToken": "t1"}).rstrip("=")}, 0, False),
        ("k", TWO, {"KeyMarker": "k", "VersionIdMarker": None}, 0, False),
        ("k___v", TWO, {"KeyMarker": "k", "VersionIdMarker": "v"}, 0, False),
        ("k___v___3", TWO, {"KeyMarker": "k", "VersionIdMarker": "v"}, 3, True),
        ("None___v___3", TWO, {"KeyMarker": None, "VersionIdMarker": "v"}, 3, True),
        ("k___v___x", TWO, {"KeyMarker": "k___v___x", "VersionIdMarker": None}, 0, False),
        (
            tok({"pageToken": "AP8=", "boto_encoded_keys": [["pageToken"]]}),
            ONE,
            {"pageToken": b"\x00\xff"},
            0,
            False,
        ),
    ],
)
def test_a_starting_token_asks_for(text, input_tokens, values, amount, partial):
    assert parse(text, input_tokens) == StartingPoint(values, amount, partial)


@pytest.mark.parametrize("text", ["a___b___2", "a___b___c", "___________"])
def test_text_with_more_parts_than_there_are_tokens_is_refused_in_botocores_words(text):
    with pytest.raises(ValueError) as raised:
        parse(text, ONE)
    assert str(raised.value) == f"Bad starting token: {text}"


@pytest.mark.parametrize(
    "text",
    [
        "NQ==",
        "bnVsbA==",
        tok("text"),
        tok(True),
        tok({"boto_encoded_keys": [["nobody"]]}),
        tok({"pageToken": 5, "boto_encoded_keys": [["pageToken"]]}),
        tok({"boto_encoded_keys": [[]]}),
        tok({"a": [], "boto_encoded_keys": [["a", 3]]}),
        base64.b64encode(b"[" * 100_000).decode(),
    ],
)
def test_an_encoded_token_that_can_be_none_is_refused(text):
    with pytest.raises(ValueError, match="Bad starting token: "):
        parse(text, ONE)


@pytest.mark.parametrize("text", [5, b"t1", {"pageToken": "t1"}, 2.5, ["t1"]])
def test_a_starting_token_that_is_no_str_is_refused(text):
    with pytest.raises(TypeError, match="StartingToken must be a str"):
        parse(text, ONE)


def outcome(read, text, input_tokens):
    try:
        return read(text, input_tokens)
    except Exception as error:
        return error


def theirs(text, input_tokens):
    iterator = PageIterator(None, list(input_tokens), [], None, [], [], None, None, text, None, {})
    return iterator._parse_starting_token()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.sampled_from(["AP8=", "=", "t1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pageToken", "KeyMarker", "boto_truncate_amount", "boto_encoded_keys", "a"]), inner
        )
    ),
    max_leaves=8,
)
TEXTS = (
    st.text(max_size=12)
    | st.lists(st.sampled_from(["t1", "None", "2", "x", "", " 5 ", "-1", "1_0"]), max_size=5).map("___".join)
    | JSON.map(tok)
    | st.dictionaries(st.sampled_from(["pageToken", "boto_truncate_amount"]), st.sampled_from(["AP8=", "!", 5])).map(
        lambda values: tok({**values, "boto_encoded_keys": [["pageToken"]]})
    )
    | JSON.map(lambda value: tok(value).rstrip("="))
    | st.binary(max_size=9).map(lambda raw: base64.b64encode(raw).decode())
)


@given(TEXTS, st.sampled_from([ONE, TWO]))
@settings(max_examples=1500)
def test_any_text_asks_for_what_it_asks_for_in_botocore(text, input_tokens):
    expected = outcome(theirs, text, input_tokens)
    actual = outcome(parse, text, input_tokens)
    if isinstance(expected, AttributeError | LookupError):  # by accident: nothing in botocore means to raise these
        expected = ValueError(f"Bad starting token: {text}")
    if isinstance(expected, Exception):
        assert (type(actual), str(actual)) == (type(expected), str(expected))
    else:
        assert actual[:2] == expected


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ({"pageToken": "t1"}, True),
        ({"pageToken": None, "boto_truncate_amount": 0}, True),
        ({}, False),
        ({"boto_truncate_amount": 1}, False),
        ({"pageToken": "t1", "foo": 1}, False),
        ({"PageToken": "t1"}, False),
        ("t1", False),
        (None, False),
        ([("pageToken", "t1")], False),
    ],
)
def test_a_resume_token_is_made_of_exactly_the_input_tokens(values, good):
    if good:
        assert encode_resume(values, ONE) == tok(values)
    else:
        with pytest.raises(ValueError) as raised:
            encode_resume(values, ONE)
        assert str(raised.value) == f"Bad starting token: {values}"
