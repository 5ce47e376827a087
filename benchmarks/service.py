"""The local Lightsail as a server, beside moto's server and ministack, in one interleaved run.

    python -m benchmarks.service [--rounds 3] [--seconds 2]

Nobody else has Lightsail: the peers answer EC2's RunInstances and DescribeInstances, the nearest kin of CreateInstances
and GetInstance. A read is of one instance by name or id, in a fleet of one. Every request is made and signed before the
clock runs; skysail checks form, time and scope of the signatures, the peers nothing. skysail's creates into a file are
durable (flushed before the answer), the peers' are in memory. Load comes from a process of its own (two for reads while
others write); the servers and the load share the machine's cores. Ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.start import neutral_environment
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import Key, sign

SERVERS = Path(".venv-servers/bin")
MOST_CREATES = 40_000


class Wire(NamedTuple):
    """A peer's requests as bytes, for a server at a port."""

    ask: Callable[[int], bytes]
    """A first request, whose answer shows that the server is there."""
    create: Callable[[int, int], list[bytes]]
    """So many creates, of an instance each."""
    read: Callable[[int], bytes]
    """The request that reads the one instance that there is."""


class Peer(NamedTuple):
    """A server: how it is started with a port and a folder of its own, and how it is spoken to."""

    command: Callable[[int, Path], list[str]]
    environment: Callable[[int], dict[str, str]]
    wire: Wire


# --- requests ---------------------------------------------------------------------------------------------


def as_bytes(request: Request, port: int) -> bytes:
    headers = {**request.headers, "host": f"127.0.0.1:{port}", "content-length": str(len(request.body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request.method} {request.target} HTTP/1.1\r\n{head}\r\n".encode() + request.body


def lightsail(port: int, operation: str, **arguments: Any) -> bytes:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"Lightsail_20161128.{operation}"}
    request = Request("POST", f"http://127.0.0.1:{port}/", headers, json.dumps(arguments).encode())
    return as_bytes(sign(request, Key("local", "local"), "us-east-1", "lightsail", time.time()), port)


def create_instances(port: int, count: int) -> list[bytes]:
    order = {"availabilityZone": "us-east-1a", "blueprintId": "amazon_linux_2023", "bundleId": "nano_3_0"}
    first = time.time_ns()
    return [lightsail(port, "CreateInstances", instanceNames=[f"web-{first + i}"], **order) for i in range(count)]


def read_instance(port: int) -> bytes:
    (instance,) = json.loads(body_of(port, lightsail(port, "GetInstances")))["instances"]
    return lightsail(port, "GetInstance", instanceName=instance["name"])


def ec2(port: int, action: str, **arguments: Any) -> bytes:
    body = urlencode({"Action": action, "Version": "2016-11-15", **arguments}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = Request("POST", f"http://127.0.0.1:{port}/", headers, body)
    return as_bytes(sign(request, Key("local", "local"), "us-east-1", "ec2", time.time()), port)


def run_instances(port: int, count: int) -> list[bytes]:
    order = {"ImageId": "ami-12c6146b", "InstanceType": "t3.nano", "MinCount": 1, "MaxCount": 1}
    return [ec2(port, "RunInstances", **order)] * count


def describe_instance(port: int) -> bytes:
    answer = body_of(port, ec2(port, "DescribeInstances")).decode()
    name = answer.split("<instanceId>")[1].split("<")[0]
    return ec2(port, "DescribeInstances", **{"InstanceId.1": name})


LIGHTSAIL = Wire(lambda port: lightsail(port, "GetInstances"), create_instances, read_instance)
EC2 = Wire(lambda port: ec2(port, "DescribeInstances"), run_instances, describe_instance)


def skysail(*arguments: str, in_file: bool = False) -> Peer:
    def command(port: int, folder: Path) -> list[str]:
        data = ["--data", str(folder / "fleet.db")] if in_file else []
        return [str(Path(sys.executable).with_name("skysail")), "serve", "--port", str(port), *data, *arguments]

    return Peer(command, lambda port: {}, LIGHTSAIL)


MOTO = Peer(lambda port, folder: [str(SERVERS / "moto_server"), "-p", str(port)], lambda port: {}, EC2)
MINISTACK = Peer(lambda port, folder: [str(SERVERS / "ministack")], lambda port: {"GATEWAY_PORT": str(port)}, EC2)
PEERS = {
    "skysail": skysail(),
    "skysail, file": skysail(in_file=True),
    "skysail, file, 2 workers": skysail("--workers", "2", in_file=True),
    "ministack": MINISTACK,
    "moto": MOTO,
}


# --- servers ----------------------------------------------------------------------------------------------


class Running(NamedTuple):
    port: int
    start_s: float
    process: subprocess.Popen[bytes]


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """A server of one's own: started, answering, and ended with the block."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        request = peer.wire.ask(port)
        began = time.perf_counter()
        process = subprocess.Popen(
            peer.command(port, Path(folder)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=neutral_environment() | peer.environment(port),
            start_new_session=True,
        )
        try:
            while True:
                try:
                    body_of(port, request)
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - began > 60:
                        raise SystemExit(f"no answer from {peer.command(port, Path(folder))}") from None
                    time.sleep(0.002)
            yield Running(port, time.perf_counter() - began, process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def body_of(port: int, request: bytes) -> bytes:
    """What one request is answered with. Raises OSError, SystemExit for anything but 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    if response.status != 200:
        raise SystemExit(f"status {response.status}: {body[:500]!r}")
    return body


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    """Of the process and all its children (session's leader and group are one)."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == process.pid:
                    lines = (entry / "smaps_rollup").read_text().splitlines()
                    total += next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024
            except (OSError, StopIteration):
                continue
    return total


# --- measuring --------------------------------------------------------------------------------------------


class Load(NamedTuple):
    answered: int
    elapsed_s: float
    took_s: Sequence[float]

    @property
    def a_second(self) -> float:
        return self.answered / self.elapsed_s

    def quantile(self, share: float) -> float:
        return self.took_s[int(len(self.took_s) * share)]


def begin(port: int, requests: Sequence[bytes], connections: int, seconds: float, repeat: bool = False) -> Any:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    job = {
        "port": port,
        "connections": connections,
        "seconds": seconds,
        "repeat": repeat,
        "requests": [base64.b64encode(request).decode() for request in requests],
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    return process


def end(process: Any) -> Load:
    printed = process.stdout.read()
    if process.wait():
        raise SystemExit("the load failed")
    return Load(**json.loads(printed))


def reads(port: int, request: bytes, connections: int, seconds: float) -> Load:
    return end(begin(port, [request], connections, seconds, repeat=True))


def creates(peer: Peer, port: int, connections: int, seconds: float) -> Load:
    return end(begin(port, peer.wire.create(port, MOST_CREATES), connections, seconds))


def measured(peer: Peer, seconds: float) -> dict[str, float]:
    """All figures of one peer, on servers of its own."""
    figures: dict[str, float] = {}
    with running(peer) as server:
        time.sleep(0.5)
        figures["start ms"] = server.start_s * 1000
        figures["idle MB"] = resident_mb(server.process)
        body_of(server.port, peer.wire.create(server.port, 1)[0])
        time.sleep(2.1)  # until it runs: the slowest state of "brisk"
        read = peer.wire.read(server.port)
        reads(server.port, read, 1, seconds / 4)
        for connections in (1, 8, 64):
            found = reads(server.port, read, connections, seconds)
            figures[f"reads/s, {connections}"] = found.a_second
            if connections == 1:
                figures["read p50 ms"] = found.quantile(0.5) * 1000
        alone = reads(server.port, read, 2, seconds)
        writing = begin(server.port, peer.wire.create(server.port, MOST_CREATES), 2, seconds + 1)
        time.sleep(0.5)
        beside = reads(server.port, read, 2, seconds)
        end(writing)
        figures["read p95 beside writers ÷ alone"] = beside.quantile(0.95) / alone.quantile(0.95)
    with running(peer) as server:
        for connections in (1, 64):
            figures[f"creates/s, {connections}"] = creates(peer, server.port, connections, seconds).a_second
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--peers", default=";".join(PEERS), help="separated by ;")
    asked = parser.parse_args()
    names = [name for name in PEERS if name in asked.peers.split(";")]
    rounds = [{name: measured(PEERS[name], asked.seconds) for name in names} for _ in range(asked.rounds)]

    print(f"servers, {asked.rounds} rounds, medians")
    print(f"{'':32}" + "".join(f"{name.removeprefix('skysail, '):>17}" for name in names))
    for row in rounds[0][names[0]]:
        print(f"{row:32}" + "".join(f"{median(figures[name][row] for figures in rounds):17.2f}" for name in names))
    for beside in {"ministack", "moto"} & set(names):
        print(f"as a multiple of {beside}'s, round by round")
        for row in rounds[0][names[0]]:
            ratios = [median(figures[name][row] / figures[beside][row] for figures in rounds) for name in names]
            print(f"{row:32}" + "".join(f"{ratio:17.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
