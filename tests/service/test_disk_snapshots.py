"""Snapshots of disks: which source is meant."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refusal
from skysail.errors import InvalidInputException, NotFoundException


@pytest.mark.parametrize("sources", [{}, {"diskName": "data", "instanceName": "web"}])
def test_a_disk_or_an_instance_is_named_and_not_both(bench: Bench, sources: dict[str, Any]) -> None:
    bench.instance("web")
    with pytest.raises(InvalidInputException) as caught:
        bench.client.create_disk_snapshot(diskSnapshotName="snap", **sources)
    text = "You must specify either a disk name or an instance name, but not both."
    assert (refusal(caught.value).code, refusal(caught.value).message) == ("InvalidParams", text)


def test_a_disk_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NotFoundException, match="The Disk does not exist: data"):
        bench.client.create_disk_snapshot(diskSnapshotName="snap", diskName="data")
