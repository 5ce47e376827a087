"""snapshot() and restore(): a service as it was, with all that it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ORDER, Bench
from postgres_server import needs_postgres, shared
from skysail.errors import UnsupportedError
from skysail.server import LocalLightsail
from skysail.world import manual_world


def order(name: str) -> dict[str, object]:
    return ORDER | {"instanceNames": [name]}


@pytest.mark.parametrize("place", ["memory", "file"])
def test_all_that_was_is_back_however_often(place: str, tmp_path: Path) -> None:
    store = None if place == "memory" else tmp_path / "fleet.db"
    with LocalLightsail(store, world=manual_world(), clock=0, page_size=1) as lightsail:
        client = lightsail.client()
        client.create_instances(**order("web-1"))
        client.create_instances(**order("web-2"))
        client.get_instances()
        lightsail.faults.throttle("GetDisks")
        was = lightsail.snapshot()
        seen = (client.get_instance(instanceName="web-1"), client.get_operations(), lightsail.clock.now())
        lightsail.restore(was)
        for _ in range(2):
            lightsail.clock.advance(minutes=5)
            client.delete_instance(instanceName="web-1")
            client.create_instances(**order("web-3"))
            lightsail.faults.clear()
            lightsail.restore(was)
            assert [rule.operation for rule in lightsail.faults.rules()] == ["GetDisks"]
            assert [page.operation for page in lightsail.unread_pages()] == ["GetInstances"]
            assert len(lightsail.calls("CreateInstances")) == 2
            now = (client.get_instance(instanceName="web-1"), client.get_operations(), lightsail.clock.now())
            for told in (*seen[:2], *now[:2]):
                told.pop("ResponseMetadata", None)
            assert now == seen
            lightsail.restore(was)


def test_what_was_begun_goes_on_after_it(bench: Bench) -> None:
    bench.create("web")
    was = bench.lightsail.snapshot()
    bench.lightsail.clock.settle()
    assert bench.client.get_instance_state(instanceName="web")["state"]["name"] == "running"
    bench.lightsail.restore(was)
    assert bench.client.get_instance_state(instanceName="web")["state"]["name"] == "pending"
    bench.lightsail.clock.settle()
    assert bench.client.get_instance_state(instanceName="web")["state"]["name"] == "running"


def test_settling_leaves_what_comes_every_day(bench: Bench) -> None:
    bench.create("web")
    bench.client.enable_add_on(
        resourceName="web",
        addOnRequest={"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}},
    )
    before = bench.clock.now()
    after = bench.lightsail.clock.settle()
    assert before < after < before + 3_600


@needs_postgres
def test_a_database_that_others_use_cannot_be_put_back() -> None:
    with (
        LocalLightsail(shared().database()) as lightsail,
        pytest.raises(UnsupportedError, match="in memory"),
    ):
        lightsail.snapshot()
