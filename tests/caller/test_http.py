"""The transport that opens sockets, against servers that behave, servers that do not, and none at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

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
from skysail.caller.http import HttpTransport
from skysail.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    TransportError,
)
from skysail.protocol.message import Request, Response


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


def send(transport: HttpTransport, url: str) -> Response:
    return transport.send(Request("POST", url.rstrip("/") + "/", {**HEADERS, "host": url.partition("//")[2]}, BODY))


def failure(url: str, **options: object) -> TransportError:
    transport = HttpTransport(url, **options)  # type: ignore[arg-type]
    with pytest.raises(TransportError) as caught:
        send(transport, url)
    transport.close()
    return caught.value


# --- a server that behaves --------------------------------------------------------------------------------


def test_a_request_arrives_as_it_is_and_the_response_comes_back(server: Server) -> None:
    transport = HttpTransport(server.url)
    response = send(transport, server.url)
    ((method, path, headers, body),) = server.asked
    assert (method, path, body) == ("POST", "/", BODY)
    sent = [(name.lower(), value) for name, value in headers]
    assert set(sent) >= {*HEADERS.items(), ("host", server.url.removeprefix("http://"))}
    assert len({name for name, _ in sent}) == len(sent), "no header stands there twice"
    assert (response.status, response.body) == (200, b'{"instances":[]}')
    assert response.headers["x-amzn-requestid"] == "r-1"
    assert all(name == name.lower() for name in response.headers)
    transport.close()


def test_a_header_that_came_twice_is_one_value(server: Server) -> None:
    transport = HttpTransport(server.url)
    assert send(transport, server.url).headers["x-twice"] == "a, b"
    transport.close()


def test_a_path_and_a_query_are_kept(server: Server) -> None:
    transport = HttpTransport(server.url)
    transport.send(Request("POST", f"{server.url}/ls/api/2016-11-28/GetInstances?x=%20y", HEADERS, BODY))
    assert server.asked[0][1] == "/ls/api/2016-11-28/GetInstances?x=%20y"
    transport.close()


def test_one_connection_serves_many_requests(server: Server) -> None:
    transport = HttpTransport(server.url)
    for _ in range(5):
        send(transport, server.url)
    assert (len(server.asked), len(server.connections)) == (5, 1)
    transport.close()


def test_threads_have_connections_of_their_own_and_give_them_back(server: Server) -> None:
    transport = HttpTransport(server.url, max_connections=3)
    server.hold.clear()
    threads = [threading.Thread(target=send, args=(transport, server.url)) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(server.asked) < 3:
        pass
    server.hold.set()
    for thread in threads:
        thread.join()
    assert len(server.connections) == 3
    send(transport, server.url)
    assert len(server.connections) == 3
    transport.close()


def test_a_connection_that_the_server_closed_in_between_is_opened_anew(server: Server) -> None:
    transport = HttpTransport(server.url)
    server.hangs_up = True
    for _ in range(3):
        assert send(transport, server.url).status == 200
        server.hung_up.acquire()
    assert len(server.connections) == 3
    transport.close()


def test_a_closed_transport_opens_anew_when_it_is_used(server: Server) -> None:
    transport = HttpTransport(server.url)
    for _ in range(2):
        assert send(transport, server.url).status == 200
        transport.close()
    assert len(server.connections) == 2


@pytest.mark.parametrize("status", [200, 301, 400, 404, 429, 500, 503])
def test_every_status_is_a_response_and_no_redirect_is_followed(server: Server, status: int) -> None:
    server.status = status
    transport = HttpTransport(server.url)
    assert send(transport, server.url).status == status
    assert len(server.asked) == 1, "retries are not the transport's"
    transport.close()


def test_a_large_answer_comes_whole(server: Server) -> None:
    server.answer = bytes(range(256)) * 20_000
    transport = HttpTransport(server.url)
    assert send(transport, server.url).body == server.answer
    transport.close()


# --- a server that does not -------------------------------------------------------------------------------


def test_an_answer_that_takes_too_long_is_a_read_timeout(server: Server) -> None:
    server.hold.clear()
    error = failure(server.url, read_timeout_s=0.1)
    assert type(error) is ReadTimeoutError
    assert str(error).startswith(f'Read timeout on endpoint URL: "{server.url}')
    assert error.sent


def test_an_answer_that_stops_in_the_middle_is_a_read_timeout() -> None:
    with raw(begins_and_hangs) as url:
        assert type(failure(url, read_timeout_s=0.1)) is ReadTimeoutError


@pytest.mark.parametrize("where", LOST)
def test_a_connection_that_ends_before_the_answer_does_is_lost(where: str) -> None:
    with raw(lambda connection: connection.sendall(LOST[where])) as url:
        error = failure(url)
    assert type(error) is ConnectionLostError
    assert str(error).startswith("Connection was closed before we received a valid response from endpoint URL")
    assert error.sent


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


def test_a_server_without_tls_is_a_tls_error(server: Server) -> None:
    url = server.url.replace("http:", "https:")
    error = failure(url)
    assert type(error) is TLSError
    assert str(error).startswith(f"SSL validation failed for {url}")
    assert not error.sent


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(own_certificate: Path) -> Iterator[Server]:
    with serving(Server(context=believing(own_certificate))) as server:
        yield server


def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(secure: Server) -> None:
    error = failure(secure.url)
    assert type(error) is TLSError
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert secure.asked == []


def test_a_certificate_is_believed_by_its_bundle_and_by_those_who_do_not_look(
    secure: Server, own_certificate: Path
) -> None:
    for verify in (f"{own_certificate}.crt", False):
        transport = HttpTransport(secure.url, verify=verify)
        assert send(transport, secure.url).status == 200
        transport.close()


# --- proxies ----------------------------------------------------------------------------------------------

FAR = "http://lightsail.example:8080"


def test_a_proxy_is_sent_the_whole_url_and_who_we_are(server: Server) -> None:
    proxy = server.url.replace("//", "//me:p%40ss@")
    transport = HttpTransport(FAR, proxies={"http": proxy, "https": "http://other"})
    assert send(transport, FAR).status == 200
    ((_, path, headers, _),) = server.asked
    assert path == f"{FAR}/"
    sent = {name.lower(): value for name, value in headers}
    assert sent["host"] == "lightsail.example:8080"
    assert sent["proxy-authorization"] == "Basic bWU6cEBzcw=="
    transport.close()


def test_a_proxy_for_the_other_scheme_is_not_used(server: Server) -> None:
    transport = HttpTransport(server.url, proxies={"https": "http://127.0.0.1:9"})
    assert send(transport, server.url).status == 200
    transport.close()


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


def test_a_proxy_makes_a_tunnel_for_those_it_knows(secure: Server, server: Server, own_certificate: Path) -> None:
    server.lets_through = "Basic bWU6cEBzcw=="
    proxies = {"https": server.url.replace("//", "//me:p%40ss@")}
    transport = HttpTransport(secure.url, proxies=proxies, verify=f"{own_certificate}.crt")
    for _ in range(2):
        assert send(transport, secure.url).status == 200
    assert [command for command, *_ in server.asked] == ["CONNECT"]
    assert all("proxy-authorization" not in dict(headers) for _, _, headers, _ in secure.asked)
    transport.close()
