"""The journal as callers read it: by id, all of it, and by resource name; newest first."""

from __future__ import annotations

import pytest

from bench import Bench, refusal
from skysail.errors import NotFoundException


def test_an_id_that_is_not_there_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundException) as caught:
        bench.client.get_operation(operationId="7c5b…")
    said = refusal(caught.value)
    assert (said.code, said.message) == ("DoesNotExist", "The Operation does not exist: 7c5b…")


def test_the_newest_comes_first(bench: Bench) -> None:
    bench.create("aa", "bb")
    bench.create("cc")
    answer = bench.client.get_operations()
    assert [one["resourceName"] for one in answer["operations"]] == ["cc", "bb", "aa"]
    assert "nextPageToken" not in answer


def test_a_page_has_200_entries_and_the_next_ones_follow(bench: Bench) -> None:
    for count in range(0, 410, 41):
        bench.create(*[f"web-{number}" for number in range(count, count + 41)])
    first = bench.client.get_operations()
    second = bench.client.get_operations(pageToken=first["nextPageToken"])
    third = bench.client.get_operations(pageToken=second["nextPageToken"])
    assert [len(page["operations"]) for page in (first, second, third)] == [200, 200, 10]
    assert "nextPageToken" not in third
    names = [one["resourceName"] for page in (first, second, third) for one in page["operations"]]
    assert names == [f"web-{number}" for number in reversed(range(410))]


def test_entries_of_one_name_also_of_those_that_bore_it_before(bench: Bench) -> None:
    bench.create("web", "db")
    bench.client.delete_instance(instanceName="web")
    bench.create("web")
    bench.client.delete_instance(instanceName="web")
    kinds = [one["operationType"] for one in bench.operations("web")]
    assert kinds == ["CreateInstance", "DeleteInstance"] * 2
    assert bench.client.get_operations_for_resource(resourceName="nobody")["operations"] == []


def test_pages_of_one_name_hold_no_others() -> None:
    bench = Bench(page_size=2, pace="instant")
    for _ in range(5):
        bench.create("web", "db")
        bench.client.delete_instance(instanceName="web")
        bench.client.delete_instance(instanceName="db")
    assert len(bench.operations("web")) == 10
    assert {one["resourceName"] for one in bench.operations("web")} == {"web"}
    assert len(bench.operations()) == 20


def test_another_region_and_another_account_have_journals_of_their_own(bench: Bench) -> None:
    (operation,) = bench.create("web")
    for client in (bench.lightsail.client("eu-west-1"), bench.lightsail.client("us-east-1", "somebody-else")):
        assert client.get_operations()["operations"] == []
        assert client.get_operations_for_resource(resourceName="web")["operations"] == []
        with pytest.raises(NotFoundException):
            client.get_operation(operationId=operation["id"])
