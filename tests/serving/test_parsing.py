"""Requests out of bytes: the same however the bytes are cut, and never more of them than the limits say."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.serving.limits import Limits
from skysail.serving.parsing import Incoming, Refusal, RequestParser

LIMITS = Limits(body=100, read=1_000, head=2_000, headers=20)
POST = b"POST /a?b=c HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nX-Two: 2\r\n"


def fed(*parts: bytes) -> list[Incoming | Refusal]:
    parser = RequestParser(LIMITS)
    return [found for part in parts for found in parser.feed(part)]


def test_a_request_has_its_target_headers_and_body() -> None:
    (found,) = fed(POST + b"Content-Length: 3\r\n\r\nabc")
    assert isinstance(found, Incoming)
    request = found.request
    assert (request.method, request.target, request.body) == ("POST", "/a?b=c", b"abc")
    assert request.headers == {"host": "h", "x-two": "1,2", "content-length": "3"}
    assert found.keeps_alive


STREAM = (
    POST + b"Content-Length: 3\r\n\r\nabc"
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" + POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n"
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_how_the_bytes_are_cut_makes_no_difference(cuts: list[int]) -> None:
    places = sorted({0, *cuts, len(STREAM)})
    found = fed(*(STREAM[begin:end] for begin, end in pairwise(places)))
    assert found == fed(STREAM)
    assert [(one.request.target, one.request.body) for one in found if isinstance(one, Incoming)] == [
        ("/a?b=c", b"abc"),
        ("/", b""),
        ("/a?b=c", b"def"),
        ("/ws", b""),
        ("/last", b""),
    ]


@pytest.mark.parametrize("ending", [b"HTTP/1.0\r\n\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"])
def test_a_caller_of_http_1_0_needs_no_host_and_gets_one_answer(ending: bytes) -> None:
    (found,) = fed(b"GET / " + ending)
    assert isinstance(found, Incoming)
    assert not found.keeps_alive


def test_of_a_body_beyond_the_limit_a_little_more_is_kept_and_the_rest_read() -> None:
    (found,) = fed(POST + b"Content-Length: 900\r\n\r\n", *[b"x" * 90] * 10)
    assert isinstance(found, Incoming)
    assert LIMITS.body < len(found.request.body) <= LIMITS.body + 90
    assert found.keeps_alive


def test_a_body_beyond_all_bounds_is_answered_while_it_comes() -> None:
    parser = RequestParser(LIMITS)
    found = [one for part in (POST + b"Content-Length: 9000\r\n\r\n", *[b"x" * 90] * 20) for one in parser.feed(part)]
    assert [isinstance(one, Incoming) and not one.is_whole and not one.keeps_alive for one in found] == [True]
    assert parser.is_over


TOO_MUCH = {
    "a long target": b"GET /" + b"a" * 3_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "a long header": POST + b"A: " + b"a" * 3_000 + b"\r\n\r\n",
    "many headers": POST + b"A: a\r\n" * 20 + b"\r\n",
    "a header without end": POST + b"A: " + b"a" * 30_000,
}


@pytest.mark.parametrize("size", [1, 7, 1_000, 100_000])
@pytest.mark.parametrize("case", TOO_MUCH)
def test_a_head_beyond_the_limit_is_refused_however_it_comes(case: str, size: int) -> None:
    sent = TOO_MUCH[case]
    found = fed(*(sent[start : start + size] for start in range(0, len(sent), size)))
    assert [(one.status if isinstance(one, Refusal) else None) for one in found] == [431]


def test_a_head_that_came_with_the_end_of_a_large_body_is_not_too_large() -> None:
    parser = RequestParser(LIMITS)
    assert parser.feed(POST + b"Content-Length: 5000\r\n\r\n" + b"x" * 10) == []
    large = RequestParser(Limits(body=10_000, head=2_000))
    assert large.feed(POST + b"Content-Length: 5000\r\n\r\n") == []
    (found,) = large.feed(b"x" * 5_000 + b"GET / HT")
    (following,) = large.feed(b"TP/1.1\r\nHost: h\r\n\r\n")
    assert isinstance(found, Incoming)
    assert isinstance(following, Incoming)
    assert following.request.target == "/"


def test_what_stands_before_what_is_malformed_is_given_first() -> None:
    found = fed(POST + b"\r\nnonsense\r\n\r\n" + POST)
    assert [type(one) for one in found] == [Incoming, Refusal]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_bytes_make_it_fail(noise: bytes, size: int) -> None:
    for sent in (noise, POST + noise, POST + b"Transfer-Encoding: chunked\r\n\r\n" + noise):
        found = fed(*(sent[start : start + size] for start in range(0, len(sent), size)))
        assert all(isinstance(one, Incoming) for one in found[:-1])


def test_who_asks_to_be_told_to_go_on_is_known_until_the_body_comes() -> None:
    parser = RequestParser(LIMITS)
    parser.feed(POST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert parser.asks_to_go_on
    parser.feed(b"a")
    assert not parser.asks_to_go_on
