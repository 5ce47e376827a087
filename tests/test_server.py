"""The composition root: what a local Lightsail is made of, and what `local:` endpoints share."""

from __future__ import annotations

from pathlib import Path

import pytest

import skysail
from bench import ORDER
from skysail.errors import NotAStoreError, StoreError
from skysail.server import LocalLightsail, shared
from skysail.service.families import FAMILIES
from skysail.store.sqlite import SqliteStore
from skysail.world import manual_world


def test_a_store_may_be_none_a_path_as_text_a_path_or_a_store(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    own = SqliteStore()
    for store, description in ((None, "memory"), (str(path), str(path)), (path, str(path)), (own, "memory")):
        lightsail = LocalLightsail(store)
        assert lightsail.store.description == description
        lightsail.close()


def test_a_file_outlives_its_service(tmp_path: Path) -> None:
    with LocalLightsail(tmp_path / "fleet.db", world=manual_world()) as lightsail:
        lightsail.client().create_instances(instanceNames=["web"], **ORDER)
    with LocalLightsail(tmp_path / "fleet.db", world=manual_world()) as lightsail:
        assert [one["name"] for one in lightsail.client().get_instances()["instances"]] == ["web"]
    with pytest.raises(StoreError, match="closed"):
        lightsail.store.begin(write=False).__enter__()


def test_two_services_in_memory_are_two() -> None:
    one, other = LocalLightsail(), LocalLightsail()
    one.client().create_instances(instanceNames=["web"], **ORDER)
    assert other.client().get_instances()["instances"] == []


def test_a_client_is_of_the_region_and_account_it_was_asked_for() -> None:
    lightsail = LocalLightsail(world=manual_world())
    client = lightsail.client("eu-west-1", "111122223333")
    client.create_instances(instanceNames=["web"], **{**ORDER, "availabilityZone": "eu-west-1a"})
    (instance,) = client.get_instances()["instances"]
    assert instance["arn"].startswith("arn:aws:lightsail:eu-west-1:111122223333:Instance/")
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == "local:"


def test_an_unknown_pace_is_refused() -> None:
    with pytest.raises(KeyError):
        LocalLightsail(pace="leisurely")  # type: ignore[arg-type]


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a store " * 100)
    with pytest.raises(NotAStoreError):
        LocalLightsail(tmp_path / "notes.txt")


def test_every_family_is_in_the_service() -> None:
    lightsail = LocalLightsail()
    handled = lightsail.service.operations.handled
    assert set(handled) == {name for family in FAMILIES for name in family.operations}


# --- what local: endpoints share --------------------------------------------------------------------------


def client(endpoint_url: str, region: str = "us-east-1") -> skysail.Client:
    return skysail.client("lightsail", region_name=region, endpoint_url=endpoint_url)


def test_clients_of_one_file_see_one_fleet_however_its_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "sub").mkdir()
    client(f"local:{tmp_path}/fleet.db").create_instances(instanceNames=["web"], **ORDER)
    for path in ("fleet.db", "./fleet.db", "sub/../fleet.db", "~/fleet.db"):
        assert len(client(f"local:{path}").get_instances()["instances"]) == 1
        assert shared(f"local:{path}") is shared(f"local:{tmp_path}/fleet.db")
    assert client("local:other.db").get_instances()["instances"] == []


def test_clients_of_local_see_one_fleet_in_memory_by_account_and_region() -> None:
    client("local:", "eu-north-1").create_instances(
        instanceNames=["shared-by-local"], **{**ORDER, "availabilityZone": "eu-north-1a"}
    )
    assert [one["name"] for one in client("local:", "eu-north-1").get_instances()["instances"]] == ["shared-by-local"]
    assert client("local:", "eu-west-3").get_instances()["instances"] == []


def test_closing_a_client_leaves_the_service_to_the_others(tmp_path: Path) -> None:
    endpoint = f"local:{tmp_path}/fleet.db"
    with client(endpoint) as first:
        first.create_instances(instanceNames=["web"], **ORDER)
    assert len(first.get_instances()["instances"]) == 1
    assert len(client(endpoint).get_instances()["instances"]) == 1
