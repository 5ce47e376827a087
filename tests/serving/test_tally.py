"""What is counted: within bounds, by several processes, and never less than before, whoever dies."""

from __future__ import annotations

import os
import struct

import pytest

from skysail.protocol.message import Response
from skysail.serving.tally import BUCKETS_S, Board, Place, Tally, total


def answer(operation: str = "GetInstance", status: int = 200, error: str = "") -> Response:
    return Response(status, {}, b"", notes={"operation": operation} | ({"error": error} if error else {}))


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0, 0), (0.0005, 0), (0.0006, 1), (10.0, 13), (11.0, 14)])
def test_a_request_is_counted_by_what_became_of_it_and_by_its_time(seconds: float, bucket: int) -> None:
    tally = Tally()
    tally.count(answer(status=400, error="NotFoundException"), seconds)
    assert tally.requests == {("GetInstance", "400", "NotFoundException"): 1}
    expected = [0.0] * (len(BUCKETS_S) + 1)
    expected[bucket] = 1
    assert tally.durations == {"GetInstance": [*expected, seconds]}


def test_what_was_refused_before_it_was_a_request_has_no_time() -> None:
    tally = Tally()
    tally.count(Response(408, {}, b"", notes={"error": "RequestTimeoutException"}), None)
    assert (tally.requests, tally.durations) == ({("", "408", "RequestTimeoutException"): 1}, {})


def test_nobody_makes_more_labels_than_there_is_room_for() -> None:
    tally, board = Tally(), Board(1)
    for number in range(5_000):
        tally.count(answer(error=f"{number:0200}"), 0.001)
        tally.count(answer(operation=f"{number}"), 0.001)
    assert len(tally.requests) <= 1_001
    assert sum(tally.requests.values()) == 10_000
    board.put(0, tally)
    assert board.read(0) == tally


def test_all_are_added_up() -> None:
    one, other = Tally(connections=2, flushes=3), Tally(connections=5, in_flight=1)
    one.count(answer(), 0.1)
    other.count(answer(), 0.2)
    other.count(answer("GetDisk"), 0.3)
    found = total([one, other])
    assert found.requests == {("GetInstance", "200", ""): 2, ("GetDisk", "200", ""): 1}
    assert found.durations["GetInstance"][-1] == pytest.approx(0.3)
    assert (found.connections, found.in_flight, found.flushes, found.begun) == (7, 1, 3, 2)
    assert one.requests == {("GetInstance", "200", ""): 1}, "what was added up is as it was"


def test_a_process_that_dies_while_it_writes_leaves_what_it_had_written() -> None:
    board = Board(2)
    place = Place(board, 1)
    place.tally.count(answer(), 0.1)
    place.put()
    before = board.read(1)
    at = board._half(1, board._number(1) + 1)
    board._memory[at : at + 12] = struct.pack("=Q", 5_000) + b"torn"
    assert board.read(1) == before
    assert board.read(0) is None


def test_the_next_process_in_a_place_goes_on_from_there_and_all_others_see_it() -> None:
    board = Board(2)
    own = Place(board, 0)
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            theirs = Place(board, 1)
            theirs.tally.connections = 4
            theirs.tally.count(answer(), 0.1)
            theirs.put()
            os._exit(0)
        os.waitpid(pid, 0)
    found = own.of_all()
    assert found.requests == {("GetInstance", "200", ""): 2}
    assert (found.begun, found.connections) == (3, 4)
