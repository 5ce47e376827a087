"""A fleet in parts on Dask's processes: the whole is the same as one machine's, even when a worker dies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import fleet_parts
import skysail
from fleets import REGIONS, accounts, arns, arns_in, fill, keys
from skysail.store.sqlite import SqliteStore

distributed = pytest.importorskip("distributed", reason="needs the extra skysail[dask]")

pytestmark = pytest.mark.whole


def test_parts_on_dask_are_the_whole_even_when_a_worker_dies(served: Any, tmp_path: Path) -> None:
    owners, regions = accounts(4), REGIONS[:4]
    store = SqliteStore(tmp_path / "fleet.db")
    expected = fill(store, ((account, region) for account in owners for region in regions), 20)
    store.close()
    server = served("--data", "fleet.db", "--page-size", "2")
    fleet = skysail.fleet(keys=keys(owners), regions=regions, endpoint_url=server.url)
    parts = fleet.partitions(4, checkpoints=tmp_path)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        dying = parts[1].name
        done = client.gather(client.map(fleet_parts.write, parts, folder=str(tmp_path), dying=dying, pure=False))
    process, length = map(int, (tmp_path / f"{dying}.died").read_text().split())
    path, finished_by = done[1]
    assert finished_by != process, "another process finished what the dead one had begun"
    assert 0 < length < Path(path).stat().st_size
    found = [arn for path, _ in done for arn in arns_in(Path(path))]
    assert len(found) == len(expected) == 320
    assert set(found) == expected
    assert sorted(found) == sorted(arns(fleet))
