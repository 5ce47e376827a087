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
    + POST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 9\r\n\r\nGET /evil"
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
        ("/a?b=c", b"GET /evil"),
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


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

TOO_MUCH = {
    "a long target": b"GET /" + b"a" * 3_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "a long header": POST + b"A: " + b"a" * 3_000 + b"\r\n\r\n",
    "many headers": POST + b"A: a\r\n" * 20 + b"\r\n",
    "a header without end": POST + b"A: " + b"a" * 30_000,
    "a trailer without end": POST + CHUNKED + b"0\r\nA: " + b"a" * 150_000,
    "many trailers": POST + CHUNKED + b"0\r\n" + b"A: a\r\n" * 20 + b"\r\n",
    "a chunk's size without end": POST + CHUNKED + b"0" * 150_000,
    "something about a chunk without end": POST + CHUNKED + b"1;a=" + b"a" * 150_000,
    "empty lines without end": b"\r\n" * 15_000,
}


@pytest.mark.parametrize("size", [7, 1_000, 100_000])
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


SEVERAL_READINGS = {
    "two lengths": (b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "a length twice": (b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "a list of lengths": (b"Content-Length: 3, 3\r\n\r\nabc", 400),
    "a signed length": (b"Content-Length: +3\r\n\r\nabc", 400),
    "no length": (b"Content-Length:\r\n\r\n", 400),
    "a length beyond all numbers": (b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "a length and chunks": (b"Content-Length: 3\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
    "a length behind the body": (CHUNKED + b"0\r\nContent-Length: 3\r\n\r\n", 400),
    "chunks twice": (b"Transfer-Encoding: chunked\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "an unknown encoding": (b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    "packed chunks": (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "a space before the colon": (b"Content-Length : 3\r\n\r\nabc", 400),
    "a folded header": (b"A: b\r\n c\r\n\r\n", 400),
    "a line without CR": (b"A: b\nContent-Length: 3\r\n\r\nabc", 400),
    "a CR alone": (b"A: b\rContent-Length: 3\r\n\r\nabc", 400),
    "a zero byte": (b"A: b\0c\r\n\r\n", 400),
    "a chunk's size with a sign": (CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk's size with 0x": (CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk's size beyond all numbers": (CHUNKED + b"f" * 20 + b"\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk longer than it says": (CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n", 400),
    "a chunk's line without CR": (CHUNKED + b"3\nabc\n0\n\n", 400),
    "two hosts": (b"Host: other\r\n\r\n", 400),
}


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize("case", SEVERAL_READINGS)
def test_what_others_may_read_in_another_way_is_refused(case: str, size: int) -> None:
    headers, status = SEVERAL_READINGS[case]
    sent = POST + headers
    found = fed(*(sent[start : start + size] for start in range(0, len(sent), size)))
    assert [(one.status if isinstance(one, Refusal) else None) for one in found] == [status]


def test_what_stands_behind_a_body_adds_no_headers() -> None:
    (found,) = fed(POST + CHUNKED + b"0\r\nX-Amz-Target: evil\r\nHost: evil\r\nX-Two: 3\r\n\r\n")
    assert isinstance(found, Incoming)
    assert found.request.headers == {"host": "h", "x-two": "1,2", "transfer-encoding": "chunked"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=["a tunnel", "HTTP/2", "HTTP/0.9", "HTTP/2's greeting", "TLS"],
)
def test_what_is_no_plain_http_1_is_refused(sent: bytes, status: int) -> None:
    (found,) = fed(sent)
    assert isinstance(found, Refusal)
    assert found.status == status


def test_a_body_in_many_small_chunks_is_one_body() -> None:
    (found,) = fed(POST + CHUNKED, *[b"2\r\nab\r\n"] * 40, b"0\r\n\r\n")
    assert isinstance(found, Incoming)
    assert found.request.body == b"ab" * 40


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
    old = RequestParser(LIMITS)
    old.feed(b"POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert not old.asks_to_go_on
