"""The transport that opens sockets, against servers that behave, servers that do not, and none at all."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

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

BODY = b'{"pageToken":"x"}'
HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "Lightsail_20161128.GetInstances"}


class Server(ThreadingHTTPServer):
    """Answers on a free port of this machine, and keeps what it was asked, by connection."""

    daemon_threads = True

    def __init__(self, answer: bytes = b'{"instances":[]}', status: int = 200, context: ssl.SSLContext | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answer, self.status = answer, status
        self.connections: list[object] = []
        self.asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.hangs_up = False
        self.hung_up = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def shutdown_request(self, request: object) -> None:
        super().shutdown_request(request)  # type: ignore[arg-type]
        self.hung_up.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that gives up is no matter here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.command, self.path, self.headers.items(), body))
        self.server.hold.wait(30)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.send_header("X-Amzn-RequestId", "r-1")
        self.send_header("X-Twice", "a")
        self.send_header("X-Twice", "b")
        if self.server.status == 301:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.answer)
        self.close_connection = self.server.hangs_up

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.items(), b""))
        self.send_error(407)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


@contextmanager
def raw(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that takes connections one by one, reads a request from each, and then does as it likes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while BODY not in (received := connection.recv(65536)) and received:
                    pass
                behave(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


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


def begins_and_hangs(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning")
    while connection.recv(1024):
        pass


def test_an_answer_that_stops_in_the_middle_is_a_read_timeout() -> None:
    with raw(begins_and_hangs) as url:
        assert type(failure(url, read_timeout_s=0.1)) is ReadTimeoutError


LOST = {
    "before any answer": b"",
    "in the status line": b"HTTP/1.1 2",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly the beginning",
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.6\r\n",
}


@pytest.mark.parametrize("where", LOST)
def test_a_connection_that_ends_before_the_answer_does_is_lost(where: str) -> None:
    with raw(lambda connection: connection.sendall(LOST[where])) as url:
        error = failure(url)
    assert type(error) is ConnectionLostError
    assert str(error).startswith("Connection was closed before we received a valid response from endpoint URL")
    assert error.sent


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    error = failure(url)
    assert type(error) is ConnectError
    assert str(error) == f'Could not connect to the endpoint URL: "{url}"'
    assert not error.sent


def test_a_server_that_takes_no_more_connections_is_a_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        error = failure(f"http://127.0.0.1:{address[1]}", connect_timeout_s=0.2)
        for one in waiting:
            one.close()
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
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that only those believe who are given it; its key stands in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(Server(context=context)) as server:
        yield server


def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(secure: Server) -> None:
    error = failure(secure.url)
    assert type(error) is TLSError
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert secure.asked == []


def test_a_certificate_is_believed_by_its_bundle_and_by_those_who_do_not_look(
    secure: Server, certificate: Path
) -> None:
    for verify in (f"{certificate}.crt", False):
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for endpoint in (FAR, FAR.replace("http:", "https:")):
        proxy = f"http://me:secret@127.0.0.1:{port}"
        error = failure(endpoint, proxies={"http": proxy, "https": proxy})
        assert type(error) is ProxyError
        assert str(error) == f'Failed to connect to proxy URL: "http://127.0.0.1:{port}"'
