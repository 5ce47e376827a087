"""A server in this process, on a real socket, with short times: whom it lets go, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from skysail.protocol.message import Manner, Request, Response
from skysail.serving.limits import Limits
from skysail.serving.server import listen, serve

LIMITS = Limits(
    body=1_000, head_s=0.1, request_s=0.2, idle_s=0.3, write_s=0.2, linger_s=0.1, parting_s=0.3, grace_s=0.05
)


class Echo:
    """Answers with the target and the body; a target names the manner, and what is to happen on the way."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.batches: list[int] = []

    def manner(self, request: Request) -> Manner:
        return "apart" if "apart" in request.target else "together" if "together" in request.target else "at once"

    def answer(self, request: Request) -> Response:
        if "held" in request.target:
            assert self.released.wait(10)
        if "bug" in request.target:
            raise ZeroDivisionError
        body = b"x" * 5_000_000 if "large" in request.target else request.target.encode() + b" " + request.body
        late = 0.05 if "late" in request.target else 0.0
        headers = {"location": "/\u2603"} if "odd-header" in request.target else {}
        return Response(200, headers, body, delay_s=late, is_cut="cut" in request.target)

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        self.batches.append(len(requests))
        return [self.answer(request) for request in requests]


class Running:
    def __init__(self, port: int, echo: Echo, stop: asyncio.Event, task: asyncio.Task[None], seen: list[Any]) -> None:
        self.port, self.echo, self.stop, self.task, self.seen = port, echo, stop, task, seen

    async def send(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=10_000_000)
        writer.write(sent)
        return reader, writer

    async def all_of(self, sent: bytes) -> bytes:
        """What comes back until the server closes."""
        reader, writer = await self.send(sent)
        received = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return received


@asynccontextmanager
async def running(limits: Limits = LIMITS) -> AsyncIterator[Running]:
    echo, stop, ready, seen = Echo(), asyncio.Event(), asyncio.Event(), []
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]

    def watch(request: Request, response: Response, seconds: float) -> None:
        seen.append((request.target, response.status))

    task = asyncio.create_task(serve(echo, listener, limits, watch, stop, ready.set))
    await ready.wait()
    try:
        yield Running(port, echo, stop, task, seen)
    finally:
        echo.released.set()
        stop.set()
        await asyncio.wait_for(task, 10)


def ask(*targets: str, last: bool = True) -> bytes:
    """Requests one behind the other; the last one ends the connection."""
    heads = [f"GET /{target} HTTP/1.1\r\nHost: h\r\n" for target in targets]
    return "\r\n".join(heads).encode() + (b"Connection: close\r\n\r\n" if last else b"\r\n")


def bodies(received: bytes) -> list[str]:
    return [part.rpartition(b"\r\n\r\n")[2].decode().strip() for part in received.split(b"HTTP/1.1 200 OK")[1:]]


def over(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


MANNERS = ["at-once", "together", "apart"]


@pytest.mark.parametrize("manner", MANNERS)
def test_requests_sent_ahead_are_answered_in_their_order(manner: str) -> None:
    async def test() -> None:
        targets = [f"{number}-{MANNERS[number % 3] if manner == 'apart' else manner}" for number in range(40)]
        async with running() as server:
            received = await server.all_of(ask(*targets))
        assert bodies(received) == [f"/{target}" for target in targets]

    over(test)


def test_those_who_wait_meanwhile_are_answered_together() -> None:
    async def test() -> None:
        async with running() as server:
            first = asyncio.create_task(server.all_of(ask("held-together")))
            while not server.echo.batches:
                await asyncio.sleep(0.001)
            others = [asyncio.create_task(server.all_of(ask(f"together-{number}"))) for number in range(9)]
            await asyncio.sleep(0.1)
            assert await server.all_of(ask("read-meanwhile")) != b""
            server.echo.released.set()
            assert bodies(await first) == ["/held-together"]
            assert [bodies(await other) for other in others] == [[f"/together-{number}"] for number in range(9)]
            assert server.echo.batches == [1, 9]

    over(test)


def test_a_bug_takes_none_of_those_along_who_were_answered_with_it(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with running() as server:
            first = asyncio.create_task(server.all_of(ask("held-together")))
            while not server.echo.batches:
                await asyncio.sleep(0.001)
            others = [asyncio.create_task(server.all_of(ask(f"together-{what}"))) for what in ("a", "bug", "b")]
            await asyncio.sleep(0.1)
            server.echo.released.set()
            await first
            received = [await other for other in others]
            assert [one[9:12] for one in received] == [b"200", b"500", b"200"]

    over(test)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("manner", MANNERS)
def test_a_header_that_no_header_can_be_is_a_failure_and_leaves_nobody_waiting(
    manner: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with running() as server:
            received = await server.all_of(ask(f"odd-header-{manner}", "next"))
        assert received.startswith(b"HTTP/1.1 500 ")
        assert bodies(received) == ["/next"]

    over(test)
    assert "UnicodeEncodeError" in caplog.text


@pytest.mark.parametrize("manner", MANNERS)
def test_a_late_answer_is_late_for_its_caller_alone_and_a_cut_one_breaks_the_connection(manner: str) -> None:
    async def test() -> None:
        async with running() as server:
            late = asyncio.create_task(server.all_of(ask(f"late-{manner}")))
            await asyncio.sleep(0.01)
            assert bodies(await server.all_of(ask("swift"))) == ["/swift"]
            assert not late.done()
            assert bodies(await late) == [f"/late-{manner}"]
            assert await server.all_of(ask(f"cut-{manner}")) == b""

    over(test)


SLOW = {
    "who sends nothing is let go without a word": (b"", b""),
    "who ends no header is told so": (b"GET / HTTP/1.1\r\nHo", b"HTTP/1.1 408"),
    "who ends no body is told so": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", b"HTTP/1.1 408"),
    "who sends one request and a half is answered and told so": (ask("one", last=False) + b"GET", b"HTTP/1.1 200"),
}


@pytest.mark.parametrize("case", SLOW)
def test_time_is_limited(case: str) -> None:
    sent, answer = SLOW[case]

    async def test() -> None:
        async with running() as server:
            received = await server.all_of(sent)
        assert received.startswith(answer)
        assert bool(received) == bool(answer)

    over(test)


def test_a_byte_now_and_then_does_not_keep_a_request_alive() -> None:
    async def test() -> None:
        async with running() as server:
            reader, writer = await server.send(b"GET / HTTP/1.1\r\n")
            reading = asyncio.create_task(reader.read())
            while not reading.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
            assert reading.result().startswith(b"HTTP/1.1 408")
            writer.close()

    over(test)


def test_who_does_not_read_its_answers_is_let_go() -> None:
    async def test() -> None:
        async with running() as server:
            reader, writer = await server.send(ask(*["large"] * 20))
            await asyncio.sleep(1.0)
            assert len(server.seen) < 20
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(20 * 5_000_000)
            writer.close()

    over(test)


def test_who_reads_nothing_is_let_go_also_if_it_goes_on_sending() -> None:
    async def test() -> None:
        async with running(replace(LIMITS, head_s=60.0)) as server:
            loop = asyncio.get_running_loop()
            with socket.create_connection(("127.0.0.1", server.port)) as caller:
                caller.sendall(ask("large", "large", "large", last=False) + b"GET / HTTP/1.1\r\nA: ")
                caller.setblocking(False)
                with pytest.raises(ConnectionError):
                    for _ in range(500):
                        await loop.sock_sendall(caller, b"a")
                        await asyncio.sleep(0.01)

    over(test)


def test_one_who_sends_much_ahead_leaves_others_their_turn() -> None:
    async def test() -> None:
        async with running() as server:
            much = asyncio.create_task(server.all_of(ask(*[f"much-{number}" for number in range(2_000)])))
            while not server.seen:
                await asyncio.sleep(0)
            await server.all_of(ask("other"))
            assert len(bodies(await much)) == 2_000
            assert server.seen.index(("/other", 200)) < 1_000

    over(test)


def test_who_asks_whether_to_go_on_is_told_so_when_it_is_its_turn() -> None:
    async def test() -> None:
        async with running() as server:
            asks = (
                b"POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
            )
            reader, writer = await server.send(ask("a-together", last=False) + asks)
            before = await reader.readuntil(b"HTTP/1.1 100 Continue\r\n\r\n")
            writer.write(b"x")
            after = await reader.read()
            writer.close()
        assert bodies(before.removesuffix(b"HTTP/1.1 100 Continue\r\n\r\n")) == ["/a-together"]
        assert bodies(after) == ["/b x"]

    over(test)


def test_there_are_only_so_many_connections() -> None:
    async def test() -> None:
        async with running(replace(LIMITS, connections=2, idle_s=10.0)) as server:
            held = [await server.send(b"") for _ in range(2)]
            await asyncio.sleep(0.05)
            assert (await server.all_of(ask("one"))).startswith(b"HTTP/1.1 503")
            held[0][1].close()
            await asyncio.sleep(0.05)
            assert bodies(await server.all_of(ask("one"))) == ["/one"]
            held[1][1].close()

    over(test)


def test_so_many_more_are_told_why_they_are_not_taken_and_others_are_not() -> None:
    async def test() -> None:
        async with running(replace(LIMITS, connections=1, refused=2, idle_s=10.0, linger_s=10.0)) as server:
            callers = [await server.send(b"") for _ in range(6)]
            answers = [await reader.read(12) for reader, _ in callers[1:3]]
            assert answers == [b"HTTP/1.1 503"] * 2
            for reader, _ in callers[3:]:
                with suppress(ConnectionError):
                    assert await reader.read() == b""
            for _, writer in callers:
                writer.close()

    over(test)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows has no limit of open files")
@pytest.mark.parametrize(("files", "connections"), [(800, 300), (600, 100), (4_000, 1_000)])
def test_there_are_no_more_connections_than_open_files_for_them(files: int, connections: int) -> None:
    program = "from skysail.serving.limits import Limits, within_open_files as w; print(w(Limits(body=1)).connections)"
    limited = f'ulimit -n {files}; exec "$0" -c "$1"'
    ran = subprocess.run(["sh", "-c", limited, sys.executable, program], capture_output=True, text=True, check=True)
    assert int(ran.stdout) == connections


@pytest.mark.parametrize("manner", MANNERS)
def test_at_its_end_it_answers_all_that_was_sent_and_says_that_it_was_the_last(manner: str) -> None:
    async def test() -> None:
        async with running() as server:
            connections = [
                await server.send(ask(f"held-{manner}-{n}" if manner != "at-once" else f"{n}", last=False))
                for n in range(8)
            ]
            await asyncio.sleep(0.05)
            idle_reader, idle_writer = await server.send(b"")
            await asyncio.sleep(0.01)
            server.stop.set()
            await asyncio.sleep(0.01)
            with pytest.raises(ConnectionError):
                await server.send(b"")
            idle_writer.write(ask("sent-before-it-was-known", last=False))
            server.echo.released.set()
            for reader, writer in connections:
                assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
                writer.close()
            received = await idle_reader.read()
            assert bodies(received) == ["/sent-before-it-was-known"]
            assert b"\r\nconnection: close\r\n" in received
            idle_writer.close()

    over(test)


def test_at_its_end_those_are_answered_whom_the_kernel_has_let_in() -> None:
    async def test() -> None:
        async with running() as server:
            callers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
            for number, caller in enumerate(callers):
                caller.sendall(ask(f"{number}", last=False))
                caller.setblocking(False)
                if number == 25:
                    await asyncio.sleep(0)  # the first half is accepted, but not all of that is done yet
            server.stop.set()
            loop = asyncio.get_running_loop()
            received = [bodies(await loop.sock_recv(caller, 1_000)) for caller in callers]
            assert received == [[f"/{number}"] for number in range(50)]
            for caller in callers:
                caller.close()

    over(test)


def test_at_its_end_a_caller_who_goes_on_sending_can_read_all_answers() -> None:
    async def test() -> None:
        # A busy machine may take a while to read what was written.
        async with running(replace(LIMITS, write_s=5, linger_s=5, parting_s=5)) as server:
            reader, writer = await server.send(b"")

            async def go_on() -> None:
                with suppress(ConnectionError):
                    while True:
                        writer.write(ask("together", last=False))
                        await writer.drain()
                        await asyncio.sleep(0)

            sending = asyncio.create_task(go_on())
            await asyncio.sleep(0.02)
            server.stop.set()
            received = await reader.read()
            sending.cancel()
            writer.close()
            assert received.count(b"HTTP/1.1 200 OK") == len(server.seen)
            assert received.rpartition(b"HTTP/1.1 200 OK")[2].count(b"\r\nconnection: close\r\n") == 1

    over(test)


def test_at_its_end_it_waits_for_no_half_request_for_ever() -> None:
    async def test() -> None:
        async with running(replace(LIMITS, head_s=60, request_s=60, idle_s=60)) as server:
            reader, writer = await server.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
            await asyncio.sleep(0.01)
            server.stop.set()
            assert (await reader.read()).startswith(b"HTTP/1.1 408")
            writer.close()
            await asyncio.wait_for(server.task, 5)

    over(test)


def test_a_head_request_has_an_answer_without_a_body() -> None:
    async def test() -> None:
        async with running() as server:
            received = await server.all_of(b"HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b""

    over(test)
