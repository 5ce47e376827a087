"""`skysail import`: what the AWS CLI printed of a real account, into a store, all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import Bench
from postgres_server import needs_postgres, shared
from skysail.errors import InvalidInputException
from skysail.protocol.sigv4 import Key
from skysail.store.base import Place
from skysail.store.sqlite import SqliteStore

PUBLISHED = Path(__file__).parents[1] / "data" / "published_instances.json"
KEY = Key("111122223333", "secret")


def instance(name, **members):
    arn = f"arn:aws:lightsail:us-east-1:111122223333:Instance/{name}-id"
    return {"name": name, "arn": arn, **members}


@pytest.fixture
def files(tmp_path):
    """Writes documents to a file of that name; gives its path as text."""

    def write(name, *documents):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one, indent=4) for one in documents))
        return str(path)

    return write


def names_in(path, region="us-east-1"):
    bench = Bench(path, region=region)
    client = bench.lightsail.client(region, KEY.access_key_id)
    names = [one["name"] for page in client.get_paginator("get_instances").paginate() for one in page["instances"]]
    bench.close()
    return names


def test_a_published_answer_comes_back_from_get_instances_member_for_member(cli, tmp_path):
    path = tmp_path / "fleet.db"
    told = cli("import", str(PUBLISHED), "--into", str(path))
    assert told.status == 0
    bench = Bench(path, region="us-west-2")
    body = bench.send(key=KEY).body
    bench.close()
    assert json.loads(body) == json.loads(PUBLISHED.read_text())


def test_what_skysail_prints_can_be_imported(cli, tmp_path, files):
    bench = Bench(page_size=2)
    for number in range(5):
        bench.create(f"web-{number}")
    printed = {output: cli("instances", "-o", output, bench=bench).out for output in ("json", "jsonl")}
    before = [row.document for row in rows(bench.lightsail.store)]
    for output, text in printed.items():
        path = tmp_path / f"{output}.db"
        assert cli("import", files(f"x.{output}", text), "--into", str(path)).status == 0
        store = SqliteStore(path)
        assert [json.loads(row.document) for row in rows(store)] == [json.loads(document) for document in before]
        store.close()
    bench.close()


def rows(store):
    with store.begin(write=False) as transaction:
        (place,) = transaction.places("Instance")
        return transaction.page(place, "Instance", None, 100)


def test_many_pages_come_back_in_the_order_of_files_and_pages(cli, tmp_path, files):
    files("pages/page-2.json", {"instances": [instance("c"), instance("d")]}, {"instances": [instance("e")]})
    files("pages/page-10.json", {"instances": [instance("f")]})
    first = files("first.json", {"instances": [instance("a"), instance("b")], "NextToken": "x"})
    told = cli("import", first, str(tmp_path / "pages"), "--into", str(tmp_path / "fleet.db"))
    assert names_in(tmp_path / "fleet.db") == ["a", "b", "c", "d", "e", "f"]
    assert told.out.splitlines()[:2] == [
        f"6 instances from 3 files into {tmp_path / 'fleet.db'}",
        "  account 111122223333  us-east-1  6",
    ]


def test_a_second_import_stands_before_the_first_and_new_instances_before_both(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    cli("import", files("a.json", instance("a1"), instance("a2")), "--into", str(path))
    cli("import", files("b.json", instance("b1"), instance("b2")), "--into", str(path))
    bench = Bench(path)
    bench.lightsail.client("us-east-1", KEY.access_key_id).create_instances(
        instanceNames=["new"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
    )
    bench.close()
    assert names_in(path) == ["new", "b1", "b2", "a1", "a2"]


def test_one_refused_instance_keeps_everything_out_and_makes_no_store(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    page = files("page.json", {"instances": [instance("a"), instance("b", isStaticIp="no"), {"name": "c"}]})
    told = cli("import", page, "--into", str(path))
    assert told == (
        1,
        "",
        f"error: {page}:1, instance 2 (b): STRING_VALUE can not be converted to a Boolean: isStaticIp (and 1 more) — "
        "nothing was imported; --skip-refused imports the other 1\n",
    )
    assert not path.exists()


def test_a_taken_name_keeps_everything_out_of_a_store_that_was_there(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    cli("import", files("a.json", instance("a")), "--into", str(path))
    told = cli("import", files("b.json", instance("b"), instance("a")), "--into", str(path))
    assert told.status == 1
    assert "the name is taken in us-east-1 of account 111122223333" in told.err
    assert names_in(path) == ["a"]


def test_what_is_refused_can_be_left_out_and_is_told(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    page = files("page.json", instance("a"), {"name": "c"}, '{"name": ')
    told = cli("import", page, "--into", str(path), "--skip-refused")
    assert told.status == 3
    assert names_in(path) == ["a"]
    assert told.out.startswith(f"1 instance from 1 file into {path}, 2 refused\n")
    assert told.err == (
        f"refused: {page}:5 (c): its arn does not tell the account: --account 111122223333\n"
        f"refused: {page}:8: not JSON: Expecting value (column 10)\n"
    )


def test_an_instance_that_says_no_more_than_its_name_can_be_worked_with(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    place = ("--account", KEY.access_key_id, "--region", "us-east-1")
    assert cli("import", files("a.json", {"name": "bare"}), "--into", str(path), *place).status == 0
    bench = Bench(path)
    client = bench.lightsail.client("us-east-1", KEY.access_key_id)
    assert client.get_instance_state(instanceName="bare")["state"] == {}
    with pytest.raises(InvalidInputException):
        client.stop_instance(instanceName="bare")
    client.put_alarm(
        alarmName="busy", metricName="CPUUtilization", monitoredResourceName="bare", threshold=1, evaluationPeriods=1,
        comparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    assert client.delete_instance(instanceName="bare")["operations"][0]["status"] == "Succeeded"
    bench.close()


def test_many_refusals_are_told_by_number(cli, tmp_path, files):
    page = files("page.json", [{"name": f"x-{number}"} for number in range(25)])
    told = cli("import", page, "--into", str(tmp_path / "fleet.db"), "--skip-refused")
    assert told.err.splitlines()[10:] == ["refused: 15 more"]


def test_options_stand_in_for_what_documents_lack(cli, tmp_path, files):
    path = tmp_path / "fleet.db"
    told = cli(
        "import",
        files("a.json", {"name": "a"}),
        "--into",
        f"local:{path}",
        "--account",
        "999999999999",
        "--region",
        "us-west-2",
    )
    assert told.status == 0
    store = SqliteStore(path)
    with store.begin(write=False) as transaction:
        assert transaction.places("Instance") == {Place("999999999999", "us-west-2"): 1}
    store.close()


@needs_postgres
def test_a_fleet_goes_into_a_database_and_no_secret_of_its_url_is_told(cli, files):
    url = shared().database().replace("@", ":s3cret@")
    page = files("page.json", [instance(f"web-{number}") for number in range(450)], [instance("web-7")])
    told = cli("import", page, "--into", url)
    assert told.err.startswith(
        f"error: {page}:1803, instance 1 (web-7): the name comes a second time — nothing was imported"
    )
    told = cli("import", page, "--into", url, "--skip-refused")
    assert told.status == 3
    assert told.out.startswith("450 instances from 1 file into postgresql://127.0.0.1:")
    assert told.out.endswith("serve it: skysail serve --data, with the same URL\n")
    assert "s3cret" not in told.out + told.err
    assert names_in(url) == [f"web-{number}" for number in range(450)]
    told = cli("import", page, "--into", url)
    assert "(web-0): the name is taken in us-east-1 of account 111122223333 (and 450 more)" in told.err


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (["absent.json", "--into", "x.db"], 2, "error: cannot read absent.json: No such file or directory"),
        (["{folder}", "--into", "x.db"], 2, "error: no *.json or *.jsonl in {folder}"),
        (["{page}", "--into", "mysql://h/d"], 2, "error: --into mysql://h/d: stores are in files or in PostgreSQL"),
        (["{page}", "--into", "x.db", "--account", "12"], 2, "error: --account 12 is not 12 digits"),
        (["{page}", "--into", "{page}"], 1, "error: {page} is not a skysail store"),
    ],
)
def test_what_cannot_be_read_or_written_is_told(cli, tmp_path, files, arguments, status, what):
    folder = tmp_path / "empty"
    folder.mkdir()
    known = {"folder": str(folder), "page": files("page.json", instance("a"))}
    told = cli("import", *(argument.format(**known) for argument in arguments))
    assert (told.status, told.out) == (status, "")
    assert told.err.startswith(what.format(**known))
