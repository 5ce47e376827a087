"""A listing of one place: only what is shown is decoded, and the next page is on its way while one is printed."""

from __future__ import annotations

import json
from threading import Event

import pytest

from bench import Bench
from skysail.caller.transport import InProcess
from skysail.cli.invocation import Invocation
from skysail.cli.options import Connection
from skysail.cli.place_walk import PlaceWalk
from skysail.cli.screen import Screen
from skysail.telling.columns import choose, fields


class Collecting:
    """An output that keeps the pages, and does something with each of them first."""

    goes_on = True
    hidden = ()

    def __init__(self, look=lambda number: None):
        self.pages = []
        self._look = look

    def take(self, pages, delivered, token):
        for page in pages:
            self._look(len(self.pages))
            self.pages.append(page)
            delivered(page)


@pytest.fixture
def many():
    bench = Bench(page_size=2)
    for number in range(1, 6):
        bench.create(f"i-{number}")
    return bench


def run(bench, output, shown=None):
    invocation = Invocation(world=bench.lightsail.world, connect=lambda **_: bench.client, environ={}, quiet=True)
    walk = PlaceWalk(invocation, Connection(None, None, None), None, None, shown)
    return walk.run(output, Screen(invocation))


def test_of_each_page_only_what_is_shown_is_decoded(many):
    output = Collecting()
    assert run(many, output, ("name",)) == 0
    assert [sorted(instance) for page in output.pages for instance in page] == [["name", "state"]] * 5
    whole = Collecting()
    run(many, whole)
    assert all("arn" in instance for page in whole.pages for instance in page)


def test_the_next_page_is_asked_for_while_one_is_printed(many, monkeypatch):
    asked = [Event() for _ in range(3)]
    serve, numbers = many.lightsail.service.answer, iter(range(3))

    def answer(request):
        asked[next(numbers)].set()
        return serve(request)

    monkeypatch.setattr(many.client, "_transport", InProcess(answer))
    output = Collecting(lambda number: number == 2 or asked[number + 1].wait(10) or pytest.fail("it was not asked for"))
    assert run(many, output) == 0
    assert [len(page) for page in output.pages] == [2, 2, 1]


def test_the_fields_of_columns_are_all_that_their_cells_look_at():
    assert fields(choose("name,age,public-ip,disk,tags,profile,account")) == (
        "arn",
        "createdAt",
        "hardware.disks.sizeInGb",
        "isStaticIp",
        "name",
        "publicIpAddress",
        "tags",
    )


def test_every_column_of_a_narrowed_listing_is_the_same_as_of_a_whole_one(cli, bench):
    from skysail.telling.columns import _SHORT, plain

    bench.instance("db", bundleId="small_3_0", tags=[{"key": "role", "value": "db"}])
    (instance,) = bench.client.get_instances()["instances"]
    told = cli("instances", "-o", "tsv", "--no-header", "--columns", ",".join(_SHORT), bench=bench)
    now = bench.lightsail.world.now()
    assert told.out.rstrip("\n").split("\t") == [plain(column, instance, now) for column in choose(",".join(_SHORT))]


def test_a_table_of_one_place_has_the_labels_of_a_fleet(cli, bench, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra skysail[arrow]")
    bench.instance("db")
    path = tmp_path / "fleet.parquet"
    told = cli("instances", "-o", "parquet", "--output-file", str(path), bench=bench)
    assert told.status == 0
    (row,) = parquet.read_table(path).to_pylist()
    assert (row["_region"], row["_profile"]) == ("us-east-1", "default")
    assert row["_account"] == row["arn"].split(":")[4]


def test_the_rest_of_a_listing_is_added_to_its_file(cli, many, tmp_path):
    path = tmp_path / "fleet.tsv"
    given = ("-o", "tsv", "--columns", "name", "--output-file", str(path))
    told = cli("instances", *given, "--max-items", "3", bench=many)
    cli("instances", *given, "--starting-token", told.err.split()[-1], bench=many)
    assert path.read_text() == "NAME\ni-5\ni-4\ni-3\ni-2\ni-1\n"
    cli("instances", "-o", "jsonl", "--max-items", "1", "--output-file", str(path), bench=many)
    assert json.loads(path.read_text())["name"] == "i-5", "a listing from the beginning takes the file's place"
