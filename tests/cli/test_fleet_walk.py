"""`skysail instances` over many places: all rows once, one token, one checkpoint, and what failed beside what came."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import sys
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from fleets import Fleets, arns_in
from pseudo_terminal import Terminal
from skysail.caller.fleet.clients import Connections
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.token import FleetState
from skysail.cli.fleet_sources import Coming
from skysail.cli.fleet_walk import FleetWalk, Going
from skysail.cli.invocation import Invocation
from skysail.cli.options import Where
from skysail.cli.screen import Screen
from skysail.opening import open_async_transport
from skysail.protocol.message import Response
from skysail.world import manual_world

REGIONS = ("us-east-1", "eu-west-1")
ACCOUNTS = {"prod-us": "111122223333", "prod-eu": "444455556666"}


@pytest.fixture
def lightsail(tmp_path, monkeypatch):
    """Two profiles with five instances in each of two regions, in pages of two."""
    lines = [f"[profile {name}]\naws_access_key_id={key}\naws_secret_access_key=x\n" for name, key in ACCOUNTS.items()]
    (tmp_path / "config").write_text("".join(lines))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_LIGHTSAIL", "local:")
    fleets = Fleets(manual_world(), ACCOUNTS.values(), REGIONS, 5, 2)
    yield fleets
    fleets.close()


@pytest.fixture
def over(cli, lightsail):
    """The command line, on that service."""
    return partial(cli, connections=lightsail.connections, world=lightsail.world)


@pytest.fixture
def walk(over, lightsail):
    """`walk("-o", "jsonl")`: the command over all four places. It can be told to stop at its n-th request."""

    def call(*options, where=("--profile", "prod-*", "--region", "us-east-1", "--region", "eu-west-1"), stop_at=None):
        connections = lightsail.connections if stop_at is None else stopping(lightsail.connections, stop_at)
        return over("instances", *where, *options, connections=connections)

    return call


def stopping(connections, number):
    """The same, but that Ctrl-C comes in the place of the n-th request."""
    asked = count(1)

    class Stopping:
        def __init__(self, inner):
            self.inner = inner

        def send(self, request):
            if next(asked) == number:
                raise KeyboardInterrupt
            return self.inner.send(request)

        def close(self):
            self.inner.close()

    return Connections(lambda settings: Stopping(connections.open(settings)), open_async_transport)


def arns(text):
    return [json.loads(line)["arn"] for line in text.splitlines()]


def command_in(line):
    """The words of the command that a line ends with, without the program's name."""
    return shlex.split(line.partition("skysail ")[2])


def test_a_table_of_two_logins_has_their_profiles_in_front(walk, lightsail):
    told = walk()
    rows = [line.split() for line in told.out.splitlines()]
    assert rows[0][:3] == ["PROFILE", "NAME", "STATE"]
    assert Counter(row[0] for row in rows[1:]) == {"prod-us": 10, "prod-eu": 10}
    assert (told.status, told.err) == (0, "20 instances in 4 places, 0.0 s\n")


def test_a_fleet_of_one_login_has_no_such_column(walk):
    told = walk(where=("--profile", "prod-us", "--region", "us-east-1", "--region", "eu-west-1"))
    assert told.out.splitlines()[0].split()[0] == "NAME"
    assert told.err == "10 instances in 2 places, 0.0 s\n"


def test_json_tells_of_each_instance_where_it_is(walk):
    lines = [json.loads(line) for line in walk("-o", "jsonl").out.splitlines()]
    assert Counter((line["_profile"], line["_account"], line["_region"]) for line in lines) == {
        (name, key, region): 5 for name, key in ACCOUNTS.items() for region in REGIONS
    }
    assert all(line["_region"] == line["location"]["regionName"] for line in lines)


def test_labels_are_columns(walk):
    told = walk("-o", "csv", "--columns", "account,name,_profile")
    rows = list(csv.reader(io.StringIO(told.out)))
    assert rows[0] == ["ACCOUNT", "NAME", "PROFILE"]
    assert len(rows) == 21
    assert all(ACCOUNTS[profile] == account for account, _, profile in rows[1:])


def test_a_query_is_of_all_places(walk):
    assert json.loads(walk("--query", "length(instances)").out) == 20


def test_a_cut_walk_goes_on_with_the_one_token_until_nothing_is_missing(walk, over, lightsail):
    told = walk("-o", "jsonl", "--max-items", "7")
    found = arns(told.out)
    while "more to come" in told.err:
        assert told.status == 0
        told = over(*command_in(told.err))
        found += arns(told.out)
    assert sorted(found) == sorted(lightsail.arns)


class AskedToTheEnd:
    """A source that has fetched all pages before the first one was handed out, which is as far as it goes."""

    failures = ()
    coming = Coming(places=2, done=2)
    token = FleetState(
        "GetInstances", {}, {FleetPlace(Login(profile="p"), "a"): "done", FleetPlace(Login(profile="p"), "b"): None}
    ).token

    def pages(self):
        yield [{"name": "web", "state": {"name": "running"}, "_profile": "p", "_region": "a"}]

    def delivered(self):
        pass

    keep = delivered


class Everything:
    goes_on, hidden = True, ()

    def take(self, pages, delivered, token):
        for page in pages:
            delivered(page)


def test_what_was_fetched_and_not_handed_out_is_still_to_come(capsys, tmp_path):
    invocation = Invocation(environ={"XDG_STATE_HOME": str(tmp_path)}, arguments=["instances", "--max-items", "1"])
    walk = FleetWalk(invocation, Going(Where(), max_items=1), AskedToTheEnd(), Screen(invocation))
    assert walk.run(Everything()) == 0
    assert "1 instance, more to come: skysail instances --max-items 1 " in capsys.readouterr().err


def test_a_token_of_a_fleet_alone_says_where(walk, over, lightsail):
    token = command_in(walk("-o", "jsonl", "--max-items", "7").err)[-1]
    told = over("instances", "--starting-token", token, "-o", "jsonl")
    assert len(arns(told.out)) == 13


def test_a_walk_that_is_stopped_says_the_command_for_the_rest(walk, over, lightsail):
    told = walk("-o", "jsonl", "--concurrency", "1", stop_at=6)
    assert told.status == 130
    assert told.err.startswith("stopped at 9 instances; what was printed is whole. Go on: skysail instances ")
    rest = over(*command_in(told.err))
    assert sorted(arns(told.out) + arns(rest.out)) == sorted(lightsail.arns)


def test_what_fails_in_one_place_leaves_the_rest(walk, over, lightsail):
    told = walk("--profile", "absent", "-o", "csv", "--columns", "name")
    assert told.status == 3
    assert len(told.out.splitlines()) == 21
    lines = told.err.splitlines()
    assert lines[0] == "20 instances in 4 of 6 places, 0.0 s. Two places are missing:"
    why = "The config profile (absent) could not be found — skysail doctor looks at all that there are"
    assert sorted(lines[1:3]) == [f"  absent  eu-west-1  {why}", f"  absent  us-east-1  {why}"]
    assert lines[3].startswith("go on: skysail instances ")
    again = over(*command_in(lines[3]))
    assert again.status == 3
    assert "0 instances in 4 of 6 places" in again.err


def test_for_a_program_each_failure_is_an_object(walk):
    told = walk("--profile", "absent", "-o", "jsonl", "-q")
    failures = [json.loads(line)["error"] for line in told.err.splitlines()[:2]]
    assert {failure["place"] for failure in failures} == {"absent/us-east-1", "absent/eu-west-1"}
    assert told.status == 3


def test_where_all_places_fail_the_status_is_theirs(over):
    places = ("--profile", "absent", "--profile", "none", "--region", "us-east-1")
    told = over("instances", *places)
    assert (told.status, told.out) == (2, "")
    assert "0 instances in 0 of 2 places, " in told.err


def test_nothing_in_many_places_says_how_many(walk):
    told = walk(where=("--profile", "prod-us", "--region", "ap-*"))
    assert told.status == 0
    assert told.err.startswith("nothing: no instances in ")


def test_conditions_that_nothing_in_many_places_fits_are_told(walk):
    assert walk("--where", "state=runing").err == (
        "nothing: none of 20 instances has state=runing — states are pending, running, stopping, stopped\n"
    )


def test_nothing_in_many_places_of_a_local_store_says_whose_its_instances_are(cli, tmp_path):
    seed = tmp_path / "fleet.yaml"
    web = "{name: web, blueprint: debian_12, bundle: nano_3_0}"
    seed.write_text(f"account: '111122223333'\nregions: {{us-east-1: {{instances: [{web}]}}}}\n")
    assert cli("seed", str(seed), "--into", f"{tmp_path}/fleet.db").status == 0
    told = cli("instances", "--region", "all", "--endpoint", f"local:{tmp_path}/fleet.db")
    assert "The store has 1 in other accounts; the access key picks the account: AWS_ACCESS_KEY_ID=11" in told.err


# --- checkpoints ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["jsonl", "csv"])
def test_a_checkpoint_goes_on_in_the_same_file_and_then_says_that_nothing_is_missing(walk, lightsail, tmp_path, output):
    path = tmp_path / "fleet.out"
    kept = ("--checkpoint", str(tmp_path / "walk.json"), "-o", output, "--output-file", str(path))
    told = walk(*kept, "--concurrency", "1", stop_at=6)
    assert told.status == 130
    assert "--starting-token" not in told.err
    assert len(path.read_text().splitlines()) == 9 + (output == "csv")
    with path.open("a") as file:
        file.write("what a killed process wrote behind its last acknowledgement")
    told = walk(*kept)
    assert (told.status, told.err) == (0, "11 instances in 4 places, 0.0 s\n")
    if output == "jsonl":
        assert sorted(arns_in(path)) == sorted(lightsail.arns)
    else:
        lines = path.read_text().splitlines()
        assert len(lines) == 21
        assert sum(line.startswith("PROFILE,NAME") for line in lines) == 1
    before = path.read_bytes()
    told = walk(*kept, where=())
    assert (told.status, told.out) == (0, "")
    assert told.err.startswith("nothing is missing: ")
    assert path.read_bytes() == before


def test_a_checkpoint_with_a_pipe_keeps_each_page(walk, lightsail, tmp_path):
    kept = ("--checkpoint", str(tmp_path / "walk.json"), "-o", "jsonl")
    first = walk(*kept, "--concurrency", "1", stop_at=6)
    rest = walk(*kept, where=())
    assert sorted(arns(first.out) + arns(rest.out)) == sorted(lightsail.arns)


def test_the_file_that_belongs_to_a_checkpoint_must_be_there(walk, tmp_path):
    path = tmp_path / "fleet.jsonl"
    kept = ("--checkpoint", str(tmp_path / "walk.json"), "-o", "jsonl")
    assert walk(*kept, "--output-file", str(path), "--concurrency", "1", stop_at=6).status == 130
    told = walk(*kept)
    assert told.status == 2
    assert "this walk has written to a file so far" in told.err
    path.write_bytes(b"")
    told = walk(*kept, "--output-file", str(path))
    assert told.status == 2
    assert "the output has 0 bytes, but this walk had written " in told.err


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ("--checkpoint w.json -o json", "--checkpoint is for lines"),
        ("--checkpoint w.json -o parquet", "--checkpoint is for lines"),
        ("--checkpoint w.json --query a", "--checkpoint is for lines"),
        ("--dask tcp://127.0.0.1:1 --max-items 3", "--max-items is not for --dask"),
        ("--dask tcp://127.0.0.1:1 --checkpoint w.json", "--checkpoint is not for --dask"),
        ("--org", "--org and --role-name need each other"),
        ("--role-name x", "--org and --role-name need each other"),
        ("--region a,b", "--region a,b is no name"),
        ("--query a -o parquet", "--query gives a document, not a table for parquet"),
        ("--columns name -o arrow", "--columns is for table, csv and tsv"),
        ("--role-arn x", "'x' is no role"),
        ("--region nowhere-*", "Provided region_name 'nowhere-*'"),
    ],
)
def test_options_that_cannot_be_are_wrong_usage(over, monkeypatch, tmp_path, options, what):
    monkeypatch.chdir(tmp_path)
    told = over("instances", *options.split())
    assert told.status == 2, told
    assert what in told.err


def test_the_rest_never_takes_the_place_of_what_is_there(walk, tmp_path):
    path = tmp_path / "page.json"
    told = walk("-o", "json", "--max-items", "3", "--output-file", str(path))
    token = json.loads(path.read_text())["NextToken"]
    told = walk("-o", "json", "--starting-token", token, "--output-file", str(path))
    assert told.status == 2
    assert len(json.loads(path.read_text())["instances"]) == 3


# --- tables for programs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_table_of_a_fleet_has_its_labels(walk, lightsail, tmp_path, kind):
    pa = pytest.importorskip("pyarrow", reason="needs the extra skysail[arrow]")
    path = tmp_path / "fleet"
    assert walk("-o", kind, "--output-file", str(path)).err == "20 instances in 4 places, 0.0 s\n"
    read = pytest.importorskip("pyarrow.parquet").read_table if kind == "parquet" else pa.ipc.open_stream
    table = read(path) if kind == "parquet" else read(path.read_bytes()).read_all()
    assert {row["arn"] for row in table.to_pylist()} == lightsail.arns
    assert set(table["_profile"].to_pylist()) == set(ACCOUNTS)


def test_a_table_that_was_broken_off_is_not_there(walk, tmp_path):
    pytest.importorskip("pyarrow", reason="needs the extra skysail[arrow]")
    path = tmp_path / "fleet.parquet"
    told = walk("-o", "parquet", "--output-file", str(path), "--concurrency", "1", stop_at=6)
    assert told.status == 130
    assert told.err.startswith("stopped, and nothing was kept: ")
    assert not path.exists()


def test_without_pyarrow_the_remedy_is_named(walk, monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "skysail.tables", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    told = walk("-o", "parquet", "--output-file", str(tmp_path / "f"))
    assert told == (2, "", "error: -o parquet needs pyarrow — pip install 'skysail[arrow]'\n")


def test_without_dask_the_remedy_is_named(walk, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = walk("--dask", "tcp://127.0.0.1:1")
    assert told == (2, "", "error: --dask needs Dask — pip install 'skysail[dask]'\n")


# --- on a terminal ----------------------------------------------------------------------------------------

PROGRAM = """
import os, sys
from pathlib import Path
from fleets import Fleets
from functools import partial
import skysail
from skysail.caller.fleet.clients import Connections
from skysail.cli.invocation import Invocation
from skysail.cli.main import main
from skysail.world import ManualClock, manual_world
clock = ManualClock(1_700_000_000.0)
lightsail = Fleets(manual_world(clock=clock), ["111122223333"], ["us-east-1", "eu-west-1"], 4, 2)

class Slow:
    def __init__(self, inner):
        self.inner = inner
    def send(self, request):
        clock.advance(0.5)
        return self.inner.send(request)
    def close(self):
        self.inner.close()

connections = Connections(lambda settings: Slow(lightsail.connections.open(settings)), None)
invocation = Invocation(world=lightsail.world, fleet=partial(skysail.fleet, connections=connections))
main(["instances", "--region", "us-east-1", "--region", "eu-west-1", "--concurrency", "1", "-o", "tsv"], invocation)
"""
HERE = Path(__file__).parents[1]


def test_a_terminal_sees_how_far_it_has_come():
    environment = {
        **{name: os.environ[name] for name in ("PATH", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")},
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent / "src")]),
        "AWS_ACCESS_KEY_ID": "111122223333",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL_LIGHTSAIL": "local:",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    terminal = Terminal(PROGRAM, environment)
    assert terminal.finish() == 0
    assert "\r\x1b[K1/2 places  4 instances  2.0 pages/s" in terminal.shown
    assert terminal.shown.endswith("\r\x1b[K8 instances in 2 places, 2.0 s\n")


@pytest.fixture
def disabled(lightsail):
    """The account of prod-us has not enabled eu-west-1: there its key is unknown."""
    body = (
        b'{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}'
    )

    class Disabled:
        def __init__(self, inner, region):
            self.inner, self.region = inner, region

        def send(self, request):
            signature = request.headers["authorization"]
            if ACCOUNTS["prod-us"] in signature and "/eu-west-1/" in signature:
                return Response(400, {"content-type": "application/x-amz-json-1.1"}, body)
            return self.inner.send(request)

        def close(self):
            self.inner.close()

    inner = lightsail.connections
    return Connections(lambda settings: Disabled(inner.open(settings), settings.region), open_async_transport)


WHERE = ("--profile", "prod-*", "--region", "us-east-1", "--region", "eu-west-1")


def test_a_region_that_is_not_enabled_is_told_as_that(over, disabled):
    told = over("instances", *WHERE, connections=disabled)
    assert told.status == 3
    assert told.err.splitlines()[:2] == [
        "15 instances in 3 of 4 places, 0.0 s. One place is missing:",
        "  prod-us  eu-west-1  the account has not enabled this region — leave it out: --skip-disabled",
    ]


def test_it_can_be_left_out_and_is_no_failure_then(over, disabled):
    told = over("instances", *WHERE, "--skip-disabled", connections=disabled)
    assert told.status == 0
    assert told.err.splitlines() == [
        "left out, as its account has not enabled it: prod-us/eu-west-1",
        "15 instances in 3 places, 0.0 s",
    ]


def test_a_region_that_there_is_not_is_no_matter_of_the_account(cli, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    told = cli("instances", "--region", "us-east-1", "--region", "us-est-1", "--endpoint", "local:", "--skip-disabled")
    assert told.status == 3
    assert (
        "us-est-1  Credential should be scoped to a valid region, not 'us-est-1' — did you mean us-east-1?" in told.err
    )


def test_a_key_that_is_let_in_nowhere_is_no_matter_of_regions(over, disabled):
    where = ("--profile", "prod-us", "--region", "eu-west-1", "--profile", "prod-eu")
    told = over("instances", *where, "--skip-disabled", connections=disabled)
    assert told.status == 3
    assert "prod-us  eu-west-1  The security token included in the request is invalid" in told.err
