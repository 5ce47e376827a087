"""Servers on free ports of this machine, that behave or do not: for the tests of the transports that open sockets."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

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
        self.halfway: threading.Event | None = None
        """When there is one, half an answer is sent before `hold` is waited for; then it is set."""
        self.service: Callable[[Request], Response] | None = None
        """Answers in place of `answer` and `status`."""
        self.lets_through: str | None = None
        """The Proxy-Authorization for which a tunnel is made; nobody's when it is None."""
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
        if self.server.service is not None:
            self.serve(self.server.service, body)
            return
        answer = self.server.answer
        if self.server.halfway is None:
            self.server.hold.wait(30)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Amzn-RequestId", "r-1")
        self.send_header("X-Twice", "a")
        self.send_header("X-Twice", "b")
        if self.server.status == 301:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.end_headers()
        if self.server.halfway is not None:
            self.wfile.write(answer[: len(answer) // 2])
            self.wfile.flush()
            self.server.halfway.set()
            self.server.hold.wait(30)
            answer = answer[len(answer) // 2 :]
        self.wfile.write(answer)
        self.close_connection = self.server.hangs_up

    def serve(self, service: Callable[[Request], Response], body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = service(Request("POST", "http://local" + self.path, headers, body))
        self.send_response(response.status)
        for name, value in {**response.headers, "content-length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.items(), b""))
        if self.server.lets_through is None or self.headers["proxy-authorization"] != self.server.lets_through:
            self.send_error(407)
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            there = threading.Thread(target=pump, args=(self.connection, far))
            there.start()
            pump(far, self.connection)
            there.join()
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


def pump(source: socket.socket, target: socket.socket) -> None:
    """All that comes from one to the other, to its end."""
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)


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


def begins_and_hangs(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning")
    while connection.recv(1024):
        pass


LOST = {
    "before any answer": b"",
    "in the status line": b"HTTP/1.1 2",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly the beginning",
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.6\r\n",
}


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that only those believe who are given it; its key stands in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    path = folder / "own.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def believing(certificate: Path) -> ssl.SSLContext:
    """What a server of that certificate works by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def full() -> Iterator[str]:
    """Where a server takes no more connections; its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


def nobody() -> str:
    """The URL of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"
