"""SIGTERM under load: whoever was heard has a whole answer, what was answered is in the file, and the end is soon."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from itertools import count
from typing import Any, NamedTuple

import pytest

from running_server import REGION, ZONE, RunningServer
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import Key, sign

pytestmark = pytest.mark.whole

CLIENTS = 24
ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}


class Seen(NamedTuple):
    """What one caller saw until the server let it go."""

    made: list[str]
    """The names whose creation was answered."""
    ids: list[str]
    """Of all requests that were answered."""
    unanswered: list[str]
    """The name of a request that the server did not take: at most one."""


def signed(url: str, account: str, operation: str, arguments: dict[str, Any]) -> Request:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"Lightsail_20161128.{operation}"}
    request = Request("POST", f"{url}/", headers, json.dumps(arguments).encode())
    return sign(request, Key(account, "secret"), REGION, "lightsail", time.time())


def call_until_it_ends(server: RunningServer, account: str, caller: int) -> Seen:
    """By turns a creation and a read, until the server lets nobody in any more.

    Even callers keep their connection until the server says that an answer was its last; odd ones have a new one for
    each request.
    """
    seen = Seen([], [], [])
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    for number in count():
        name = f"web-{caller}-{number}"
        is_creation = number % 2 == 0
        arguments = {"instanceNames": [name], **ORDER} if is_creation else {}
        request = signed(server.url, account, "CreateInstances" if is_creation else "GetInstances", arguments)
        try:
            connection.request("POST", "/", request.body, dict(request.headers))
            response = connection.getresponse()
        except ConnectionRefusedError:
            break
        except (http.client.RemoteDisconnected, ConnectionError):
            seen.unanswered.append(name)
            break
        body = response.read()  # raises IncompleteRead where it is not whole
        assert response.status == 200, body
        seen.ids.append(response.headers["x-amzn-requestid"])
        if is_creation:
            seen.made.append(name)
        if caller % 2 == 0 and response.will_close:
            break
        if caller % 2:
            connection.close()
    connection.close()
    return seen


@pytest.mark.parametrize("workers", ["1", "2"])
def test_asked_to_stop_under_load_it_answers_all_it_heard_and_keeps_all_it_answered(
    served: Any, boto3_client: Any, account: str, workers: str
) -> None:
    server = served("--data", "fleet.db", "--workers", workers, "--log", "json", "--page-size", "1000")
    seen: list[Seen] = []
    threads = [
        threading.Thread(target=lambda caller=caller: seen.append(call_until_it_ends(server, account, caller)))
        for caller in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.7)  # of load
    asked_at = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.wait() == 0
    assert time.monotonic() - asked_at < 10
    for thread in threads:
        thread.join(30)
    assert len(seen) == CLIENTS, "each caller saw whole answers alone, all of them good"

    logged = {json.loads(line)["id"] for line in server.errors.splitlines()}
    assert logged == {id for one in seen for id in one.ids}, "what was answered has arrived"

    made = {name for one in seen for name in one.made}
    assert len(made) > CLIENTS
    server.start()
    pages = boto3_client(server.url, account).get_paginator("get_instances").paginate()
    assert set(pages.search("instances[].name")) == made, "all that was answered, and nothing else"
