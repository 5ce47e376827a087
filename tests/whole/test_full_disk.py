"""A disk that is full: what cannot be kept is refused in AWS's form, what is there is answered, and room ends it."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crash.changes import ORDER
from crash.looks import Journal, connected, resources
from running_server import SKYSAIL, neutral_environment
from skysail.errors import ServiceError

pytestmark = [pytest.mark.whole, pytest.mark.skipif(sys.platform != "linux", reason="limits a process from outside")]


def create_until_it_is_full(client: Any) -> tuple[list[str], ServiceError]:
    """The names that were answered, and the first refusal."""
    kept: list[str] = []
    for number in range(2000):
        try:
            client.create_instances(instanceNames=[f"web-{number}"], **ORDER)
        except ServiceError as error:
            return kept, error
        kept.append(f"web-{number}")
    raise AssertionError("it never became full")


def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(served: Any, tmp_path: Path) -> None:
    server = served("--data", "fleet.db", "--pace", "instant")
    client = connected(server.url)
    client.create_instances(instanceNames=["first"], **ORDER)
    # No file of the process may become larger: as far as SQLite can see, the disk is full.
    unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_500_000, unlimited[1]))

    kept, refusal = create_until_it_is_full(client)
    assert (refusal.kind, refusal.status) == ("ServiceUnavailableException", 503)
    assert "full" in refusal.message
    assert server.errors.count("the store failed: fleet.db") == 1
    assert len(kept) > 20
    documents = resources(client)
    assert set(documents) == {"first", *kept}, "what is there is answered, and the refused one is not there"
    assert len(Journal().read_on(client)) == len(documents)

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
    client.create_instances(instanceNames=["last"], **ORDER)
    server.kill()
    server.start()
    assert set(resources(connected(server.url))) == {"first", *kept, "last"}


def test_a_store_that_cannot_be_made_for_want_of_room_is_told_in_one_line(tmp_path: Path) -> None:
    told = subprocess.run(
        [str(SKYSAIL), "serve", "--port", "0", "--data", "fleet.db"],
        cwd=tmp_path,
        env=neutral_environment(tmp_path, PYTHONDONTWRITEBYTECODE="1"),  # or Python leaves half of one behind
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert told.stdout == ""
    assert "error: fleet.db could not be read or written (disk I/O error) — see whether the disk is full" in told.stderr
    assert told.stderr.count("\n") == 1
