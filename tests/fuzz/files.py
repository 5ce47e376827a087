"""Targets that are no requests: answers to the client, and texts that people hand over."""

from __future__ import annotations

import json
import tempfile
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from fuzz.choices import Choices
from fuzz.values import KNOWN
from skysail.caller import tokens
from skysail.caller.fleet.token import FleetState
from skysail.cli.instance_files import read
from skysail.errors import ConfigurationError, SkysailError, UsageError
from skysail.protocol import codec
from skysail.protocol.message import Response
from skysail.protocol.model import service_model
from skysail.service.accounts import read_accounts
from skysail.service.importing import Import
from skysail.store.sqlite import SqliteStore

_INSTANCE = {
    "name": "web-1",
    "arn": "arn:aws:lightsail:us-east-1:111122223333:Instance/86f49ee4-26b3-4c2e-a8f6-1bbbdf6b7d9b",
    "createdAt": "2023-11-15T06:00:00+00:00",
    "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
    "resourceType": "Instance",
    "tags": [{"key": "a", "value": "b"}],
    "hardware": {"cpuCount": 2, "disks": [{"createdAt": 1700000000.123, "sizeInGb": 20}], "ramSizeInGb": 0.5},
    "state": {"code": 16, "name": "running"},
}
_FLEET = json.dumps(
    {
        "skysail_fleet": 1,
        "operation": "GetInstances",
        "arguments": {"includeHealthStatus": True},
        "logins": [
            {"profile": "a", "done": ["us-east-1"], "left": {"eu-west-1": {"pageToken": "x"}, "eu-west-2": None}}
        ],
    }
).encode()
_FILE = json.dumps({"instances": [_INSTANCE]}).encode()
_KEYS_FILE = b"""[[keys]]
access_key_id = "AKIDEXAMPLE"
secret_access_key = "secret"
account = "111122223333"
"""
_OPERATIONS = list(service_model())


def answers(choices: Choices) -> None:
    """A body in answer to the client's call."""
    operation = service_model().operation("GetInstances" if choices.chance(50) else choices.one_of(_OPERATIONS))
    body = choices.mutated(_FILE) if choices.chance(80) else choices.octets(60)
    response = Response(choices.one_of((200, 400, 500)), {"content-type": "application/x-amz-json-1.1"}, body)
    try:
        if response.status == 200:
            codec.decode_answer(operation, response)
        else:
            str(codec.decode_error(operation, response))
    except (SkysailError, BotoCoreError, ClientError):
        pass


def starting_tokens(choices: Choices) -> None:
    """A StartingToken."""
    given = {"pageToken": choices.one_of(KNOWN), "boto_truncate_amount": choices.below(3)}
    text = tokens.encode(given)
    if choices.chance(50):
        text = tokens._base64(choices.mutated(json.dumps(given).encode()).decode("latin-1"))
    elif choices.chance(80):
        text = choices.mutated(text.encode()).decode("latin-1")
    with suppress(ValueError):
        tokens.parse(text, ("pageToken",))


def import_files(choices: Choices) -> None:
    """A file for `skysail import`."""

    def imported(path: Path) -> None:
        store = SqliteStore()
        with store.begin(write=True) as transaction:
            done = Import(transaction, account=None, region=None, new_id=lambda: "an id")
            done.take(read(path))
        store.close()

    _in_a_file(choices.mutated(_FILE), imported)


def keys_files(choices: Choices) -> None:
    """A file for `skysail serve --auth`."""

    def read_keys(path: Path) -> None:
        with suppress(ConfigurationError):
            read_accounts(path)

    _in_a_file(choices.mutated(_KEYS_FILE), read_keys)


def fleet_tokens(choices: Choices) -> None:
    """A resume token of a fleet."""
    with suppress(UsageError):
        state = FleetState.of_token(b64encode(choices.mutated(_FLEET)).decode())
        if not state.is_done:
            FleetState.of_token(str(state.token))


_FOLDER = tempfile.TemporaryDirectory(prefix="skysail-fuzz-")
_PATH = Path(_FOLDER.name) / "file"  # always the same one: Python keeps something of each path that it has seen


def _in_a_file(octets: bytes, use: Callable[[Path], None]) -> None:
    _PATH.write_bytes(octets)
    use(_PATH)
