"""`skysail serve` as a process: when it is ready, what it refuses to start on, how it stops, what outlives it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from running_server import REGION, SKYSAIL, ZONE, RunningServer, neutral_environment
from skysail.version import VERSION

pytestmark = pytest.mark.whole

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}


# Ready. ------------------------------------------------------------------------------------------------------------


def health(server: RunningServer) -> dict[str, Any]:
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    connection.request("GET", "/_skysail/health")
    response = connection.getresponse()
    assert (response.status, response.getheader("content-type")) == (200, "application/json")
    found: dict[str, Any] = json.loads(response.read())
    connection.close()
    return found


def test_ready_means_that_the_first_request_is_answered(served: Any, tmp_path: Path) -> None:
    server = served("--ready-file", "url.txt")
    assert (tmp_path / "url.txt").read_text() == f"{server.url}\n"
    assert health(server)["status"] == "ready"


def test_health_tells_version_store_instances_and_time(served: Any, boto3_client: Any, account: str) -> None:
    in_memory, in_file = served(), served("--data", "fleet.db")
    boto3_client(in_file.url, account).create_instances(instanceNames=["a1", "a2"], **ORDER)
    found = health(in_file)
    assert (found["version"], found["instances"]) == (VERSION, 2)
    assert Path(found["store"]).name == "fleet.db"
    assert found["now"] > 1.7e9
    assert (health(in_memory)["store"], health(in_memory)["instances"]) == ("memory", 0)


# What it begins with. ----------------------------------------------------------------------------------------------


def fleet_file(folder: Path, account: str, count: int) -> Path:
    path = folder / "fleet.jsonl"
    arn = f"arn:aws:lightsail:{REGION}:{account}:Instance"
    path.write_text("\n".join(json.dumps({"name": f"s-{n}", "arn": f"{arn}/{n}"}) for n in range(count)))
    return path


@pytest.mark.parametrize("data", [[], ["--data", "fleet.db"], ["--data", "fleet.db", "--workers", "2"]])
def test_a_store_without_instances_begins_with_those_of_a_file(
    served: Any, boto3_client: Any, account: str, tmp_path: Path, data: list[str]
) -> None:
    server = served("--seed", str(fleet_file(tmp_path, account, 3)), *data)
    assert [one["name"] for one in boto3_client(server.url, account).get_instances()["instances"]] == [
        "s-0",
        "s-1",
        "s-2",
    ]
    boto3_client(server.url, account).delete_instance(instanceName="s-1")
    assert server.stop() == 0
    if data:
        again = served("--seed", str(fleet_file(tmp_path, account, 9)), *data)
        assert [one["name"] for one in boto3_client(again.url, account).get_instances()["instances"]] == ["s-0", "s-2"]


# What it logs. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_each_request_is_a_line_of_its_log_if_it_is_asked_for_one(
    served: Any, boto3_client: Any, account: str, workers: str
) -> None:
    server = served("--data", "fleet.db", "--workers", workers, "--log", "json")
    client = boto3_client(server.url, account)
    client.create_instances(instanceNames=["web"], **ORDER)
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            boto3_client(server.url, account).get_instance(instanceName="absent")
    health(server)
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.errors.splitlines()]
    assert [line.get("operation", line.get("path")) for line in lines] == [
        "CreateInstances", "GetInstance", "GetInstance", "/_skysail/health",
    ]  # fmt: skip
    assert [line["status"] for line in lines] == [200, 400, 400, 200]
    assert lines[2]["id"] == refused.value.response["ResponseMetadata"]["RequestId"]
    assert (lines[2]["error"], lines[2]["account"], lines[2]["region"]) == ("NotFoundException", account, REGION)


# What it counts. ---------------------------------------------------------------------------------------------------


def got(server: RunningServer, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(*server.address, timeout=30)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_metrics_are_of_all_workers(served: Any, boto3_client: Any, account: str, reach: Any, workers: str) -> None:
    server = served("--data", "fleet.db", "--workers", workers)
    boto3_client(server.url, account).create_instances(instanceNames=["web"], **ORDER)
    for _ in range(4):
        with pytest.raises(ClientError):
            boto3_client(server.url, account).get_instance(instanceName="absent")
    with socket.create_connection(server.address) as connection:
        connection.sendall(b"what?\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")
    wanted = {
        'skysail_requests_total{operation="CreateInstances",status="200",error=""} 1',
        'skysail_requests_total{operation="GetInstance",status="400",error="NotFoundException"} 4',
        'skysail_requests_total{operation="",status="400",error="BadRequestException"} 1',
        'skysail_request_duration_seconds_count{operation="GetInstance"} 4',
        "skysail_flushes_total 1",
        "skysail_answered_together_total 1",
        f"skysail_processes_begun_total {workers}",
    }
    reach(lambda: "\n".join(sorted(wanted - set(got(server, "/_skysail/metrics")[1].splitlines()))), "")
    assert got(server, "/_skysail/ready") == (200, '{"status": "ready"}')


# What it does not start on. ----------------------------------------------------------------------------------------


def refused(folder: Path, *options: str) -> str:
    """The one line that a server says which cannot start."""
    done = subprocess.run(
        [SKYSAIL, "serve", "--port", "0", *options],
        cwd=folder,
        env=neutral_environment(folder),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_that_is_taken_is_named_with_a_way_out(served: Any, tmp_path: Path) -> None:
    port = served().address[1]
    said = refused(tmp_path, "--port", str(port))
    assert f"port {port} is in use" in said
    assert "--port 0" in said


def another_programs(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE theirs (a)")


def a_newer_skysails(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE meta (a)")
        file.execute(f"PRAGMA application_id = {0x534B5953}")
        file.execute("PRAGMA user_version = 9999")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a text": (lambda path: path.write_text("instances: 20\n" * 100), "is not a skysail store"),
    "another program's database": (another_programs, "SQLite database of another program"),
    "a newer skysail's store": (a_newer_skysails, "written by a newer skysail"),
    "a folder": (lambda path: path.mkdir(), "fleet.db"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_store_is_refused_and_left_as_it_was(tmp_path: Path, case: str) -> None:
    make, text = FILES[case]
    make(tmp_path / "fleet.db")
    before = (tmp_path / "fleet.db").read_bytes() if case != "a folder" else b""
    assert text in refused(tmp_path, "--data", "fleet.db")
    assert ((tmp_path / "fleet.db").read_bytes() if case != "a folder" else b"") == before


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    assert "nowhere/fleet.db" in refused(tmp_path, "--data", "nowhere/fleet.db")


# How it stops. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_leaves_one_whole_file_behind(
    served: Any, boto3_client: Any, account: str, tmp_path: Path, number: signal.Signals
) -> None:
    server = served("--data", "fleet.db", "--ready-file", "url.txt")
    boto3_client(server.url, account).create_instances(instanceNames=["web"], **ORDER)
    assert server.stop(number) == 0
    assert server.errors == ""
    left = {path.name for path in tmp_path.iterdir() if path.suffix != ".stderr"}
    assert left == {"fleet.db"}, "neither a write-ahead log nor the ready file of a server that is gone"


def begun(server: RunningServer, account: str) -> tuple[socket.socket, bytes]:
    """A connection on which a creation has begun, as the server has confirmed, and what is still to be sent on it."""
    body = json.dumps({"instanceNames": ["web"], **ORDER}).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Lightsail_20161128.CreateInstances"}
    request = AWSRequest("POST", f"{server.url}/", headers, body)
    SigV4Auth(Credentials(account, "secret"), "lightsail", REGION).add_auth(request)
    sent = dict(request.headers) | {
        "Host": server.url.rpartition("/")[2],
        "Content-Length": str(len(body)),
        "Expect": "100-continue",
    }
    connection = socket.create_connection(server.address, timeout=30)
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    connection.sendall(f"POST / HTTP/1.1\r\n{lines}\r\n".encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection, body


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def is_listening(server: RunningServer) -> bool:
    try:
        socket.create_connection(server.address, timeout=30).close()
    except ConnectionError:
        return False
    return True


def test_a_request_that_has_begun_is_finished_before_the_end(
    served: Any, boto3_client: Any, account: str, reach: Any
) -> None:
    server = served("--data", "fleet.db")
    connection, body = begun(server, account)
    with connection:
        server.process.send_signal(signal.SIGTERM)
        reach(lambda: str(is_listening(server)), "False")
        connection.sendall(body)
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert server.wait() == 0
    server.start()
    (instance,) = boto3_client(server.url, account).get_instances()["instances"]
    assert instance["name"] == "web"


def test_a_caller_who_never_finishes_does_not_keep_it_from_stopping(served: Any, account: str) -> None:
    server = served()
    connection, _ = begun(server, account)
    with connection, socket.create_connection(server.address):
        assert server.stop() == 0
        assert rest(connection).startswith(b"HTTP/1.1 408 ")


def test_workers_are_one_service_and_leave_one_whole_file_behind(
    served: Any, boto3_client: Any, account: str, tmp_path: Path
) -> None:
    server = served("--data", "fleet.db", "--workers", "2", "--page-size", "2", "--ready-file", "url.txt")
    boto3_client(server.url, account).create_instances(instanceNames=["a1", "a2", "a3"], **ORDER)
    first = boto3_client(server.url, account).get_instances()
    second = boto3_client(server.url, account).get_instances(pageToken=first["nextPageToken"])
    assert [instance["name"] for page in (first, second) for instance in page["instances"]] == ["a3", "a2", "a1"]
    assert server.stop() == 0
    assert server.errors == ""
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".stderr"} == {"fleet.db"}


# What outlives it. -------------------------------------------------------------------------------------------------


def test_a_page_token_is_good_after_a_restart_of_a_server_on_a_file(
    served: Any, boto3_client: Any, account: str
) -> None:
    server = served("--data", "fleet.db", "--page-size", "2")
    names = [f"web-{number}" for number in range(5)]
    boto3_client(server.url, account).create_instances(instanceNames=names, **ORDER)
    first = boto3_client(server.url, account).get_instances()
    server.stop()
    server.start()
    second = boto3_client(server.url, account).get_instances(pageToken=first["nextPageToken"])
    server.kill()
    server.start()
    third = boto3_client(server.url, account).get_instances(pageToken=second["nextPageToken"])
    found = [instance["name"] for page in (first, second, third) for instance in page["instances"]]
    assert found == names[::-1]


def test_a_server_in_memory_forgets_and_its_tokens_end_with_it(served: Any, boto3_client: Any, account: str) -> None:
    server = served("--page-size", "1")
    client = boto3_client(server.url, account)
    client.create_instances(instanceNames=["a1", "a2"], **ORDER)
    token = client.get_instances()["nextPageToken"]
    server.stop()
    server.start()
    client = boto3_client(server.url, account)
    assert client.get_instances()["instances"] == []
    with pytest.raises(ClientError, match="The page token is not valid"):
        client.get_instances(pageToken=token)


# Its clock, and its names. -------------------------------------------------------------------------------------


def asked(server: RunningServer, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    found = response.status, json.loads(response.read())
    connection.close()
    return found


def test_a_manual_clock_stands_until_it_is_moved_also_over_a_restart(
    served: Any, boto3_client: Any, account: str
) -> None:
    server = served("--data", "fleet.db", "--clock", "manual")
    client = boto3_client(server.url, account)
    client.create_instances(instanceNames=["web"], **ORDER)
    before = asked(server, "GET", "/_skysail/clock")[1]["now"]
    server.kill()
    server.start()
    assert asked(server, "GET", "/_skysail/clock") == (200, asked(server, "GET", "/_skysail/clock")[1])
    assert asked(server, "GET", "/_skysail/clock")[1]["now"] == before
    client = boto3_client(server.url, account)
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "pending"
    assert asked(server, "POST", "/_skysail/clock", b'{"advance": "5m"}')[1]["now"] == before + 300
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "running"


def test_an_open_server_answers_to_its_own_names_alone(served: Any) -> None:
    server = served("--allow-host", "lightsail")
    for host, status in (("evil.example", 403), ("lightsail:80", 200), ("localhost", 200)):
        assert asked(server, "GET", "/_skysail/health", Host=host)[0] == status


# Two on one file. --------------------------------------------------------------------------------------------------


def test_two_servers_on_one_file_are_one_service(served: Any, boto3_client: Any, account: str) -> None:
    options = ("--data", "fleet.db", "--page-size", "2", "--pace", "instant")
    one, other = (boto3_client(served(*options).url, account) for _ in range(2))
    one.create_instances(instanceNames=["a1", "a2", "a3"], **ORDER)
    assert other.get_instance_state(instanceName="a1")["state"]["name"] == "running"
    other.stop_instance(instanceName="a1")
    assert one.get_instance_state(instanceName="a1")["state"]["name"] == "stopped"
    token = one.get_instances()["nextPageToken"]
    (last,) = other.get_instances(pageToken=token)["instances"]
    assert last["name"] == "a1"


def test_a_name_that_two_servers_are_asked_for_at_once_is_given_once(
    served: Any, boto3_client: Any, account: str
) -> None:
    clients = [boto3_client(served("--data", "fleet.db").url, account) for _ in range(2)]
    names = [f"web-{number}" for number in range(25)]

    def create(client: Any) -> list[str]:
        made = []
        for name in names:
            with suppress(client.exceptions.InvalidInputException):
                client.create_instances(instanceNames=[name], **ORDER)
                made.append(name)
        return made

    with ThreadPoolExecutor(4) as threads:
        made = [name for of_one in threads.map(create, clients * 2) for name in of_one]
    assert sorted(made) == sorted(names)
    pages = clients[0].get_paginator("get_instances").paginate()
    assert sorted(pages.search("instances[].name")) == sorted(names)
