"""Several processes for one address: how connections are spread, what happens when one dies, and how all end."""

from __future__ import annotations

import http.client
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from skysail.serving.workers import Lives

PROGRAM = Path(__file__).with_name("telling_workers.py")


class Parent:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline().rpartition(":")[2] or 0)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def who(self, target: str = "/") -> int:
        """The process that answers on a connection of its own."""
        with closing(self.connect()) as connection:
            return asked(connection, target)

    def end(self) -> tuple[int, str]:
        """Its status and what it said."""
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


def asked(connection: http.client.HTTPConnection, target: str = "/") -> int:
    connection.request("GET", target)
    return int(connection.getresponse().read())


@contextmanager
def parent(*arguments: str) -> Iterator[Parent]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield Parent(process)
    finally:
        process.kill()
        process.communicate()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or " Z " not in Path(f"/proc/{pid}/stat").read_text()


def eventually_gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(is_alive(pid) for pid in pids)


def test_connections_are_spread_evenly() -> None:
    with parent("3") as serving:
        answered = Counter(serving.who() for _ in range(30))
        assert sorted(answered.values()) == [10, 10, 10]
        assert serving.process.pid not in answered


def test_a_worker_that_dies_takes_only_its_own_connections_along_and_is_replaced() -> None:
    with parent("2") as serving:
        first = {serving.who(), serving.who()}
        with closing(serving.connect()) as one, closing(serving.connect()) as other:
            dying, staying = asked(one), asked(other)
            with pytest.raises(http.client.RemoteDisconnected):
                asked(one, "/die")
            assert asked(other) == staying
        deadline = time.monotonic() + 20
        while len(now := {serving.who(), serving.who()}) < 2:
            assert time.monotonic() < deadline
        assert dying not in now
        assert first & now == {staying}
        serving.process.terminate()
        assert serving.end() == (0, "a worker ended with status 3; another one begins in its place\n")


def test_workers_that_die_at_once_again_and_again_end_it() -> None:
    with parent("2", "dying") as serving:
        status, errors = serving.end()
        assert status == 1
        assert errors.endswith("workers end again and again as soon as they begin, the last one with status 4\n")


@pytest.mark.parametrize("to_all", [False, True], ids=["to the parent", "to all processes at once"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_what_has_begun(number: signal.Signals, to_all: bool) -> None:
    with parent("2") as serving:
        pids = {serving.who(), serving.who()}
        with closing(serving.connect()) as connection:
            connection.request("GET", "/slow")
            time.sleep(0.1)
            for pid in [serving.process.pid, *(pids if to_all else ())]:
                os.kill(pid, number)
            response = connection.getresponse()
            assert int(response.read()) in pids
            assert response.getheader("connection") == "close"
        assert serving.end() == (0, "")
        assert eventually_gone(pids)


def test_asked_twice_all_of_them_end_at_once() -> None:
    with parent("2") as serving:
        pids = {serving.who(), serving.who()}
        with closing(serving.connect()) as connection:
            connection.request("GET", "/slow")
            time.sleep(0.1)
            serving.process.terminate()
            time.sleep(0.05)
            serving.process.terminate()
            with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
                connection.getresponse()
        assert serving.end()[0] == -signal.SIGTERM
        assert eventually_gone(pids)


def test_left_alone_by_a_parent_that_was_killed_workers_finish_what_has_begun_and_end() -> None:
    with parent("2") as serving:
        pids = {serving.who(), serving.who()}
        with closing(serving.connect()) as connection:
            connection.request("GET", "/slow")
            time.sleep(0.1)
            serving.process.kill()
            assert int(connection.getresponse().read()) in pids
        assert eventually_gone(pids)


def test_who_was_let_in_by_the_kernel_before_the_end_is_answered() -> None:
    with parent("2") as serving:
        serving.process.send_signal(signal.SIGSTOP)  # so that nothing is accepted
        with closing(serving.connect()) as connection:
            connection.request("GET", "/")
            serving.process.terminate()
            serving.process.send_signal(signal.SIGCONT)
            assert int(connection.getresponse().read())
        assert serving.end() == (0, "")


def test_a_worker_that_does_not_take_its_connections_does_not_keep_the_others_from_theirs() -> None:
    with parent("2") as serving, ExitStack() as opened, selectors.DefaultSelector() as waiting:
        stopped, going = serving.who(), serving.who()
        os.kill(stopped, signal.SIGSTOP)
        for _ in range(700):
            connection = opened.enter_context(closing(serving.connect()))
            connection.request("GET", "/")
            waiting.register(connection.sock, selectors.EVENT_READ)
        answered = 0
        while answered <= 350:  # more than its turns: once the pipe of the stopped one is full
            found = waiting.select(20)
            assert found, f"{answered} were answered"
            for key, _ in found:
                assert isinstance(key.fileobj, socket.socket)
                assert key.fileobj.recv(1_000).endswith(b"%d" % going)
                waiting.unregister(key.fileobj)
                answered += 1
        os.kill(stopped, signal.SIGKILL)


LIVES = {
    "long ones: at once, whenever": ([100.0] * 20, [0.1] * 20),
    "short ones: later and later, then never": ([0.5] * 6, [0.1, 0.2, 0.4, 0.8, 1.6, None]),
    "a long one makes good": ([0.5, 0.5, 0.5, 10.0, 0.5], [0.1, 0.2, 0.4, 0.1, 0.1]),
}


@pytest.mark.parametrize("case", LIVES)
def test_how_soon_another_one_begins(case: str) -> None:
    lived, pauses = LIVES[case]
    lives = Lives()
    assert [lives.pause_after(seconds) for seconds in lived] == pauses
