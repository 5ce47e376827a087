"""The asynchronous transport that opens sockets: the same servers as for the synchronous one, and cancellation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import START, Bench
from odd_servers import (
    BODY,
    HEADERS,
    LOST,
    Server,
    begins_and_hangs,
    believing,
    certificate,
    full,
    nobody,
    raw,
    serving,
)
from skysail.caller.aio import AsyncClient
from skysail.caller.aio_http import AioHttpTransport
from skysail.caller.http import HttpTransport
from skysail.caller.settings import Settings
from skysail.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    TransportError,
    UnsupportedError,
)
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key
from skysail.world import manual_world


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


def request(url: str) -> Request:
    return Request("POST", url.rstrip("/") + "/", {**HEADERS, "host": url.partition("//")[2]}, BODY)


def using(url: str, use: Callable[[AioHttpTransport], Awaitable[Any]], **options: Any) -> Any:
    """What comes of a transport's use, in an event loop of its own."""

    async def run() -> Any:
        transport = AioHttpTransport(url, **options)
        try:
            return await use(transport)
        finally:
            await transport.close()

    return asyncio.run(run())


def sent(url: str, times: int = 1, **options: Any) -> Response:
    async def use(transport: AioHttpTransport) -> Response:
        for _ in range(times):
            response = await transport.send(request(url))
        return response

    response: Response = using(url, use, **options)
    return response


def failure(url: str, **options: Any) -> TransportError:
    with pytest.raises(TransportError) as caught:
        sent(url, **options)
    return caught.value


def failure_of_the_other(url: str, **options: Any) -> TransportError:
    transport = HttpTransport(url, **options)
    with pytest.raises(TransportError) as caught:
        transport.send(request(url))
    transport.close()
    return caught.value


# --- a server that behaves --------------------------------------------------------------------------------


def test_a_request_arrives_and_its_response_comes_back_as_with_the_other_transport(server: Server) -> None:
    ours = sent(server.url)
    other = HttpTransport(server.url)
    theirs = other.send(request(server.url))
    other.close()
    assert (ours.status, ours.body) == (theirs.status, theirs.body)
    for headers in (ours.headers, theirs.headers):
        headers.pop("date")  # type: ignore[attr-defined]
    assert ours.headers == theirs.headers
    first, second = ({(name.lower(), value) for name, value in asked[2]} for asked in server.asked)
    assert first - second <= {("connection", "keep-alive")}
    assert {name for name, _ in first} <= {name for name, _ in second} | {"connection"}
    assert server.asked[0][:2] == server.asked[1][:2] == ("POST", "/")
    assert server.asked[0][3] == server.asked[1][3] == BODY


def test_a_path_and_a_query_are_kept(server: Server) -> None:
    url = f"{server.url}/ls/api/2016-11-28/GetInstances?x=%20y"
    using(server.url, lambda transport: transport.send(Request("POST", url, HEADERS, BODY)))
    assert server.asked[0][1] == "/ls/api/2016-11-28/GetInstances?x=%20y"


def test_one_connection_serves_many_requests(server: Server) -> None:
    sent(server.url, times=5)
    assert (len(server.asked), len(server.connections)) == (5, 1)


def test_a_connection_that_the_server_closed_in_between_is_opened_anew(server: Server) -> None:
    server.hangs_up = True

    async def use(transport: AioHttpTransport) -> None:
        for _ in range(3):
            assert (await transport.send(request(server.url))).status == 200
            await asyncio.to_thread(server.hung_up.acquire)

    using(server.url, use)
    assert len(server.connections) == 3


def test_a_closed_transport_opens_anew_when_it_is_used(server: Server) -> None:
    async def use(transport: AioHttpTransport) -> None:
        for _ in range(2):
            assert (await transport.send(request(server.url))).status == 200
            await transport.close()
            await asyncio.to_thread(server.hung_up.acquire)

    using(server.url, use)
    assert len(server.connections) == 2


@pytest.mark.parametrize("status", [200, 301, 400, 404, 429, 500, 503])
def test_every_status_is_a_response_and_no_redirect_is_followed(server: Server, status: int) -> None:
    server.status = status
    assert sent(server.url).status == status
    assert len(server.asked) == 1, "retries are not the transport's"


def test_a_large_answer_comes_whole(server: Server) -> None:
    server.answer = bytes(range(256)) * 20_000
    assert sent(server.url).body == server.answer


# --- many at once -----------------------------------------------------------------------------------------

FLEET = [f"web-{number:02}" for number in range(30)]  # in the order of their listing: the last made comes first


@pytest.fixture
def fleet(server: Server) -> Iterator[Server]:
    """A server with thirty instances, three a page."""
    bench = Bench(page_size=3)
    bench.create(*FLEET[::-1])
    server.service = bench.lightsail.service.answer
    yield server
    bench.close()


def client_of(server: Server, **options: Any) -> AsyncClient:
    key = Key("local", "local")
    settings = Settings("us-east-1", server.url, "us-east-1", lambda: key)
    return AsyncClient(settings, AioHttpTransport(server.url, **options), manual_world(START))


def test_many_walks_share_the_pool_and_each_gets_its_own_pages(fleet: Server) -> None:
    async def walks() -> list[list[str]]:
        async with client_of(fleet, max_connections=4) as client:

            async def walk(ahead: int) -> list[str]:
                listing = client.get_paginator("get_instances").paginate(fetch_ahead=ahead)
                return [item["name"] async for page in listing for item in page["instances"]]

            return await asyncio.gather(*(walk(number % 2) for number in range(16)))

    assert asyncio.run(walks()) == [FLEET] * 16
    assert len(fleet.asked) == 16 * 10
    assert 1 < len(fleet.connections) <= 4


def test_more_requests_than_connections_wait_for_their_turn(server: Server) -> None:
    server.hold.clear()

    async def use(transport: AioHttpTransport) -> list[Response]:
        tasks = [asyncio.ensure_future(transport.send(request(server.url))) for _ in range(6)]
        while len(server.asked) < 2:
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(server.connections) == 2
        server.hold.set()
        return await asyncio.gather(*tasks)

    assert [response.status for response in using(server.url, use, max_connections=2)] == [200] * 6
    assert (len(server.asked), len(server.connections)) == (6, 2)


# --- cancellation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["before the answer", "in the middle of the answer"])
def test_a_cancelled_request_leaves_no_connection_whose_next_answer_is_the_leftover(server: Server, where: str) -> None:
    server.answer = b'{"instances":[], "first": "%s"}' % (b"x" * 100_000)
    server.hold.clear()
    server.halfway = threading.Event() if where != "before the answer" else None

    async def use(transport: AioHttpTransport) -> Response:
        task = asyncio.ensure_future(transport.send(request(server.url)))
        while not server.asked:
            await asyncio.sleep(0)
        if server.halfway is not None:
            await asyncio.to_thread(server.halfway.wait)
        for _ in range(20):  # what has come so far is read
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.answer, server.halfway = b'{"second":1}', None
        server.hold.set()
        assert await asyncio.to_thread(server.hung_up.acquire, timeout=5), "the first connection is still open"
        return await transport.send(request(server.url))

    assert using(server.url, use, max_connections=1).body == b'{"second":1}'
    assert len(server.connections) == 2


def test_a_walk_cancelled_in_the_middle_of_a_page_leaves_a_client_that_works(fleet: Server) -> None:
    service, asked, go = fleet.service, threading.Event(), threading.Event()
    assert service is not None

    def slow(request: Request) -> Response:
        if len(fleet.asked) == 3:
            asked.set()
            go.wait(30)
        return service(request)

    fleet.service = slow

    async def walks() -> tuple[list[str], list[str]]:
        async with client_of(fleet, max_connections=1) as client:
            seen: list[str] = []
            token: list[str] = []

            async def walk(start: str | None = None) -> None:
                config = {"StartingToken": start}
                async for page in client.get_paginator("get_instances").paginate(PaginationConfig=config):
                    seen.extend(item["name"] for item in page["instances"])
                    token.append(page.get("NextToken", ""))

            task = asyncio.ensure_future(walk())
            await asyncio.to_thread(asked.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            before = list(seen)
            go.set()
            await walk(token[-1])
            return before, seen

    before, seen = asyncio.run(walks())
    assert before == FLEET[:6]
    assert seen == FLEET


# --- a server that does not behave ------------------------------------------------------------------------


def test_an_answer_that_takes_too_long_is_a_read_timeout(server: Server) -> None:
    server.hold.clear()
    error = failure(server.url, read_timeout_s=0.1)
    assert type(error) is ReadTimeoutError
    assert error.sent


def test_an_answer_that_stops_in_the_middle_is_a_read_timeout() -> None:
    with raw(begins_and_hangs) as url:
        assert type(failure(url, read_timeout_s=0.1)) is ReadTimeoutError


@pytest.mark.parametrize("where", LOST)
def test_a_connection_that_ends_before_the_answer_does_is_lost(where: str) -> None:
    with raw(lambda connection: connection.sendall(LOST[where])) as url:
        error = failure(url)
        other = failure_of_the_other(url)
    assert type(error) is type(other) is ConnectionLostError
    assert str(error) == str(other)


def test_a_port_where_nobody_listens_refuses() -> None:
    url = nobody()
    error = failure(url)
    assert type(error) is ConnectError
    assert str(error) == f'Could not connect to the endpoint URL: "{url}"'
    assert not error.sent


def test_a_server_that_takes_no_more_connections_is_a_connect_timeout() -> None:
    with full() as url:
        error = failure(url, connect_timeout_s=0.2)
    assert type(error) is ConnectTimeoutError
    assert not error.sent


# --- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(own_certificate: Path) -> Iterator[Server]:
    with serving(Server(context=believing(own_certificate))) as server:
        yield server


def test_a_server_without_tls_is_a_tls_error(server: Server) -> None:
    error = failure(server.url.replace("http:", "https:"))
    assert type(error) is TLSError
    assert str(error).startswith("SSL validation failed for https://127.0.0.1:")
    assert not error.sent


def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(secure: Server) -> None:
    error = failure(secure.url)
    assert type(error) is TLSError
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert secure.asked == []


def test_a_certificate_is_believed_by_its_bundle_and_by_those_who_do_not_look(
    secure: Server, own_certificate: Path
) -> None:
    for verify in (f"{own_certificate}.crt", False):
        assert sent(secure.url, verify=verify).status == 200


# --- proxies ----------------------------------------------------------------------------------------------

FAR = "http://lightsail.example:8080"


def test_a_proxy_is_sent_the_whole_url_and_who_we_are(server: Server) -> None:
    proxies = {"http": server.url.replace("//", "//me:p%40ss@"), "https": "http://other"}
    assert sent(FAR, proxies=proxies).status == 200
    ((_, path, headers, _),) = server.asked
    assert path == f"{FAR}/"
    given = {name.lower(): value for name, value in headers}
    assert given["host"] == "lightsail.example:8080"
    assert given["proxy-authorization"] == "Basic bWU6cEBzcw=="


def test_a_proxy_makes_a_tunnel_for_those_it_knows(secure: Server, server: Server, own_certificate: Path) -> None:
    server.lets_through = "Basic bWU6cEBzcw=="
    proxies = {"https": server.url.replace("//", "//me:p%40ss@")}
    assert sent(secure.url, times=2, proxies=proxies, verify=f"{own_certificate}.crt").status == 200
    assert [command for command, *_ in server.asked] == ["CONNECT"]
    for _, _, headers, _ in secure.asked:
        assert "proxy-authorization" not in {name.lower() for name, _ in headers}


def test_a_proxy_that_refuses_the_tunnel_is_a_proxy_error(server: Server) -> None:
    error = failure("https://lightsail.example", proxies={"https": server.url.replace("//", "//me:secret@")})
    assert type(error) is ProxyError
    assert server.asked[0][:2] == ("CONNECT", "lightsail.example:443")
    assert "secret" not in str(error)
    assert not error.sent


def test_a_proxy_that_is_not_there_is_a_proxy_error_without_its_password() -> None:
    bare = nobody()
    for endpoint in (FAR, FAR.replace("http:", "https:")):
        proxy = bare.replace("//", "//me:secret@")
        error = failure(endpoint, proxies={"http": proxy, "https": proxy})
        assert type(error) is ProxyError
        assert str(error) == f'Failed to connect to proxy URL: "{bare}"'


def test_a_proxies_config_is_refused_and_the_way_out_named() -> None:
    with pytest.raises(UnsupportedError, match=r"use skysail\.client in a thread"):
        AioHttpTransport("https://x", proxies_config={"proxy_ca_bundle": "x"})
