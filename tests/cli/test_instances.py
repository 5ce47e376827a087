"""`skysail instances`: rows as pages come, in every format, whole whatever happens, with the command that goes on."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skysail
from bench import ORDER, Bench
from pseudo_terminal import Terminal
from running_server import SKYSAIL, RunningServer, neutral_environment
from skysail.errors import ConnectionLostError
from skysail.server import LocalLightsail

DAY = 86_400


@pytest.fixture
def fleet(bench: Bench) -> Bench:
    """Newest first: web-2 pending, web-1 stopped, db running since 40 days."""
    bench.instance("db", bundleId="small_3_0", tags=[{"key": "role", "value": "db"}])
    bench.clock.advance(40 * DAY)
    bench.instance("web-1", "stopped")
    bench.clock.advance(3 * 3600)
    bench.create("web-2")
    return bench


@pytest.fixture
def many() -> Bench:
    """Seven instances, i-7 to i-1, in pages of two."""
    bench = Bench(page_size=2)
    for number in range(1, 8):
        bench.create(f"i-{number}")
    bench.settle()
    return bench


def test_a_pipe_gets_an_aligned_table_of_words_and_the_summary_goes_to_stderr(cli, fleet):
    address = fleet.get("db")["publicIpAddress"]
    told = cli("instances", bench=fleet)
    lines = told.out.splitlines()
    assert lines[0].split() == ["NAME", "STATE", "PUBLIC-IP", "REGION", "BUNDLE", "BLUEPRINT", "AGE"]
    assert [line.split() for line in lines[1:]] == [
        ["web-2", "pending", "-", "us-east-1", "nano_3_0", "amazon_linux_2023", "0s"],
        ["web-1", "stopped", "-", "us-east-1", "nano_3_0", "amazon_linux_2023", "3h"],
        ["db", "running", address, "us-east-1", "small_3_0", "amazon_linux_2023", "40d"],
    ]
    assert {line.index("us-east-1") for line in lines[1:]} == {lines[0].index("REGION")}
    assert told.err == (
        "3 instances: 1 running, 1 pending, 1 stopped (still billed)   us-east-1, profile default, 0.0 s\n"
    )
    assert told.status == 0


def test_quiet_leaves_the_summary_out(cli, fleet):
    assert cli("instances", "-q", bench=fleet).err == ""


def test_json_is_the_document_that_aws_lightsail_get_instances_prints(cli, fleet):
    told = cli("instances", "-o", "json", bench=fleet)
    document = json.loads(told.out)
    assert list(document) == ["instances"]
    assert [instance["name"] for instance in document["instances"]] == ["web-2", "web-1", "db"]
    assert document["instances"][2]["createdAt"] == "2023-11-14T22:13:20+00:00"
    assert told.out == json.dumps(document, indent=4, ensure_ascii=False) + "\n"


def test_json_of_a_cut_listing_has_its_next_token(cli, many):
    document = json.loads(cli("instances", "-o", "json", "--max-items", "3", bench=many).out)
    assert [instance["name"] for instance in document["instances"]] == ["i-7", "i-6", "i-5"]
    rest = cli("instances", "-o", "json", "--starting-token", document["NextToken"], bench=many)
    assert [instance["name"] for instance in json.loads(rest.out)["instances"]] == ["i-4", "i-3", "i-2", "i-1"]
    assert "NextToken" not in json.loads(rest.out)


def test_json_lines_hold_an_instance_each(cli, many):
    lines = cli("instances", "-o", "jsonl", bench=many).out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == [f"i-{number}" for number in range(7, 0, -1)]


def test_separated_values_have_the_chosen_columns(cli, fleet):
    told = cli("instances", "-o", "csv", "--columns", "name,tags,hardware.disks.sizeInGb", bench=fleet)
    assert list(csv.reader(io.StringIO(told.out))) == [
        ["NAME", "TAGS", "hardware.disks.sizeInGb"],
        ["web-2", "", "20"],
        ["web-1", "", "20"],
        ["db", "role=db", "60"],
    ]
    told = cli("instances", "-o", "tsv", "--no-header", "--columns", "name,state", bench=fleet)
    assert told.out == "web-2\tpending\nweb-1\tstopped\ndb\trunning\n"


def test_a_query_is_of_the_whole_result(cli, many):
    told = cli("instances", "--query", "instances[?name < 'x'].name | length(@)", bench=many)
    assert told.out in ("null\n", "7\n")
    told = cli("instances", "--query", "[length(instances), instances[0].createdAt]", bench=many)
    assert json.loads(told.out) == [7, "2023-11-14T22:13:20+00:00"]
    told = cli("instances", "-o", "jsonl", "--query", "instances[].name", "--max-items", "3", bench=many)
    assert told.out == '"i-7"\n"i-6"\n"i-5"\n'
    told = cli("instances", "-o", "json", "--query", "NextToken != `null`", "--max-items", "3", bench=many)
    assert told.out == "true\n"


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--query", "a[", "-q"], "--query a[ is not JMESPath"),
        (["--query", "length(`1`)"], "--query length(`1`) does not fit the answer"),
        (["--query", "a", "-o", "csv"], "--query gives a document, not columns for csv"),
        (["--columns", "name", "-o", "json"], "--columns is for table, csv and tsv"),
        (["--columns", "nam"], "no column nam"),
        (["--starting-token", "bnVsbA=="], "--starting-token is none: bnVsbA=="),
    ],
)
def test_options_that_cannot_be_are_wrong_usage(cli, fleet, options, what):
    told = cli("instances", *options, bench=fleet)
    assert told.status == 2
    assert what in told.err
    assert told.err.count("\n") == 1


# --- cut, broken, interrupted -----------------------------------------------------------------------------


def test_a_cut_listing_says_the_command_that_goes_on(cli, many):
    told = cli("--region", "us-east-1", "instances", "--max-items", "3", "-o", "tsv", "--columns", "name", bench=many)
    assert told.out == "NAME\ni-7\ni-6\ni-5\n"
    start = "3 instances, more to come: skysail --region us-east-1 instances --max-items 3 -o tsv --columns name "
    assert told.err.startswith(f"{start}--starting-token ")
    token = told.err.split()[-1]
    told = cli("instances", "--max-items", "9", "--starting-token", token, "-o", "tsv", "--columns", "name", bench=many)
    assert told.out == "NAME\ni-4\ni-3\ni-2\ni-1\n"


@pytest.mark.parametrize("output", ["table", "jsonl", "json", "csv"])
def test_an_error_in_the_middle_leaves_what_came_whole_and_resumable(cli, many, broken_at, output):
    error = ConnectionLostError(endpoint_url="https://lightsail.us-east-1.amazonaws.com")
    told = cli("instances", "-o", output, bench=many, answer=broken_at(3, error))
    assert told.status == 3
    names = [f"i-{number}" for number in (7, 6, 5, 4)]
    assert all(name in told.out for name in names)
    assert not re.search(r"\bi-3\b", told.out)
    assert told.out.endswith("\n")
    assert told.err.count("\n") == 1
    assert "4 instances came, all whole; go on: skysail instances" in told.err
    token = told.err.partition("--starting-token ")[2].split('"')[0].strip()
    rest = cli("instances", "-o", "tsv", "--columns", "name", "--starting-token", token, bench=many)
    assert rest.out == "NAME\ni-3\ni-2\ni-1\n"
    if output == "json":
        assert [instance["name"] for instance in json.loads(told.out)["instances"]] == names
        assert json.loads(told.out)["NextToken"] == token
        assert json.loads(told.err)["error"]["place"] == "us-east-1 (default)"


def test_an_error_before_the_first_page_leaves_the_output_empty(cli, many, broken_at):
    told = cli("instances", "-o", "json", bench=many, answer=broken_at(1))
    assert (told.status, told.out) == (5, "")
    assert json.loads(told.err)["error"]["code"] == "NO_CONNECTION"


def test_ctrl_c_in_the_middle_leaves_what_came_whole_and_resumable(cli, many, broken_at):
    told = cli("instances", "-o", "json", "--max-items", "6", bench=many, answer=broken_at(3, KeyboardInterrupt()))
    assert told.status == 130
    document = json.loads(told.out)
    assert len(document["instances"]) == 4
    assert told.err == (
        "stopped at 4 instances; what was printed is whole. Go on: skysail instances -o json --max-items 2 "
        f"--starting-token {document['NextToken']}\n"
    )


def test_ctrl_c_before_the_first_page_says_so(cli, many, broken_at):
    told = cli("instances", bench=many, answer=broken_at(1, KeyboardInterrupt()))
    assert told == (130, "", "stopped before the first page; again: skysail instances\n")


def test_a_refusal_is_one_line_with_place_and_remedy(cli, many):
    told = cli("instances", "--starting-token", "stale", bench=many)
    assert told == (
        1,
        "",
        "error: us-east-1 (default): The page token is not valid — a token is good in the account and region it came "
        "from; without --starting-token it begins anew\n",
    )


# --- nothing ----------------------------------------------------------------------------------------------


def test_nothing_says_where_it_looked_and_where_there_are_some(cli, tmp_path):
    path = tmp_path / "fleet.db"
    with LocalLightsail(path) as local:
        local.client("us-west-2", "111122223333").create_instances(
            instanceNames=[f"web-{number}" for number in range(12)],
            availabilityZone="us-west-2a",
            blueprintId="debian_12",
            bundleId="nano_3_0",
        )
    endpoint = f"local:{path}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "111122223333")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        told = cli("instances", "--endpoint", endpoint, "--region", "us-east-1")
        assert told == (
            0,
            "",
            f"nothing: no instances in us-east-1 (account 111122223333, endpoint {endpoint}). "
            "The store has 12 in us-west-2: --region us-west-2\n",
        )
    told = cli("instances", "--endpoint", endpoint, "-o", "json")
    assert told.out == '{\n    "instances": []\n}\n'
    picks = "AWS_ACCESS_KEY_ID=111122223333 AWS_SECRET_ACCESS_KEY=any"
    assert told.err.endswith(f"The store has 12 in other accounts; the access key picks the account: {picks}\n")


def test_the_look_elsewhere_leaves_no_page_unread(cli, tmp_path):
    with RunningServer(tmp_path, "--page-size", "2") as server:
        with skysail.client(region_name="us-west-2", endpoint_url=server.url) as client:
            names = ["web-1", "web-2", "web-3"]
            client.create_instances(**{**ORDER, "instanceNames": names, "availabilityZone": "us-west-2a"})
        told = cli("instances", "--endpoint", server.url, "--region", "us-east-1")
        assert told.err.endswith("The store has 3 in us-west-2: --region us-west-2\n")
        assert cli("pages", "--unread", "--fail", "--endpoint", server.url).status == 0


def test_nothing_at_a_server_that_tells_strangers_no_count_says_where_there_are_some(cli, tmp_path, monkeypatch):
    (tmp_path / "keys.toml").write_text(
        '[[keys]]\naccess_key_id = "AKIAUSER"\nsecret_access_key = "s3cret"\naccount = "111122223333"\n'
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    with RunningServer(tmp_path, "--auth", "keys.toml") as server:
        ask = ("--endpoint", server.url, "--region")
        assert cli("instances", *ask, "us-east-1").err.endswith(f"endpoint {server.url}).\n")
        with skysail.client(region_name="us-west-2", endpoint_url=server.url) as client:
            client.create_instances(**{**ORDER, "instanceNames": ["web"], "availabilityZone": "us-west-2a"})
        assert "The store has 1 in us-west-2: --region us-west-2" in cli("instances", *ask, "us-east-1").err


def test_nothing_anywhere_says_how_to_come_by_some(cli, tmp_path):
    told = cli("instances", "--endpoint", "local:", "-o", "csv", "--columns", "name")
    assert told.out == "NAME\n"
    assert told.err == (
        "nothing: no instances in us-east-1 (account 123456789012, endpoint local:). "
        "That is this command's own memory, new each time: local:fleet.db is a store; skysail demo shows a fleet\n"
    )
    told = cli("instances", "--endpoint", f"local:{tmp_path}/new.db")
    assert told.err.endswith("The store has none at all: skysail instances create --help, skysail seed --help\n")


def test_what_a_seed_made_is_there_for_who_has_no_key(cli, tmp_path):
    seed = tmp_path / "fleet.yaml"
    seed.write_text("regions: {us-east-1: {instances: [{name: web, blueprint: debian_12, bundle: nano_3_0}]}}\n")
    assert cli("seed", str(seed), "--into", f"{tmp_path}/fleet.db").status == 0
    assert cli("instances", "--endpoint", f"local:{tmp_path}/fleet.db", "-o", "name").out == "web\n"


# --- on a terminal ----------------------------------------------------------------------------------------

# As in `cli` of conftest.py, in a process of its own. Addresses and ids come from the seed, ages from the clock.
PROGRAM = """
import sys
from bench import Bench
from skysail.cli.invocation import Invocation
from skysail.cli.main import main
bench = Bench()
bench.instance("batch-old", "stopped", bundleId="micro_3_0", blueprintId="debian_12")
bench.clock.advance(404.5 * 86400)
bench.instance("web-1", bundleId="small_3_0", blueprintId="wordpress")
bench.clock.advance(12)
bench.create("web-2", bundleId="small_3_0", blueprintId="ubuntu_24_04")
invocation = Invocation(world=bench.lightsail.world)
invocation.connect = lambda **options: bench.client
main(sys.argv[1:] or ARGUMENTS, invocation)
"""
HERE = Path(__file__).parents[1]


def on_terminal(arguments, columns=80, **environ):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent / "src")]),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        **environ,
    }
    terminal = Terminal(PROGRAM.replace("ARGUMENTS", repr(arguments)), environment, columns=columns)
    assert terminal.finish() == 0
    return terminal.shown


def colours(text):
    return text.replace("{g", "\x1b[32m").replace("{y", "\x1b[33m").replace("{u", "\x1b[4m").replace("}", "\x1b[0m")


SCREEN_80 = """\
{uNAME}       {uSTATE}      {uPUBLIC-IP}{p}  {uREGION}     {uBUNDLE}     {uBLUEPRINT}     {uAGE}
web-2      {y◐} pending  -{d}  us-east-1  small_3_0  ubuntu_24_04  0s
web-1      {g●} running  {address}  us-east-1  small_3_0  wordpress     1m
batch-old  ○ stopped  -{d}  us-east-1  micro_3_0  debian_12     1y39d
3 instances: 1 running, 1 pending, 1 stopped (still billed)
  us-east-1, endpoint local:, 0.0 s
"""
SCREEN_120_PLAIN = """\
NAME       STATE    PUBLIC-IP{p}  REGION     BUNDLE     BLUEPRINT     AGE
web-2      pending  -{d}  us-east-1  small_3_0  ubuntu_24_04  0s
web-1      running  {address}  us-east-1  small_3_0  wordpress     1m
batch-old  stopped  -{d}  us-east-1  micro_3_0  debian_12     1y39d
3 instances: 1 running, 1 pending, 1 stopped (still billed)   us-east-1, endpoint local:, 0.0 s
"""


def with_the_address(screen, shown):
    """The screen that is expected, with the address that was drawn, and the column as wide as it."""
    [address] = re.findall(r"\b100(?:\.\d+){3}\b", shown)
    pads = {"{address}": address, "{p}": " " * (len(address) - len("PUBLIC-IP")), "{d}": " " * (len(address) - 1)}
    for place, text in pads.items():
        screen = screen.replace(place, text)
    return screen


def test_the_table_on_a_terminal_of_80_columns():
    shown = on_terminal(["instances"])
    assert shown == colours(with_the_address(SCREEN_80, shown))


def test_the_table_on_a_wide_terminal_without_colour():
    shown = on_terminal(["instances"], columns=120, NO_COLOR="1")
    assert shown == with_the_address(SCREEN_120_PLAIN, shown)


def test_a_narrow_terminal_loses_columns_and_says_which():
    shown = on_terminal(["instances", "--color", "never"], columns=50)
    assert shown.splitlines()[0].split() == ["NAME", "STATE", "PUBLIC-IP", "REGION"]
    assert "(3 columns hidden: BUNDLE, AGE, BLUEPRINT; -o csv has all)\n" in shown
    cut = on_terminal(["instances", "--max-items", "1", "--color", "never"], columns=50)
    assert "(2 columns hidden: AGE, BLUEPRINT; -o csv has all)\n" in cut
    chosen = on_terminal(["instances", "--columns", "name,bundle,arn", "--color", "never"], columns=40)
    assert chosen.splitlines()[0].split() == ["NAME", "BUNDLE", "ARN"]


# --- what it costs ----------------------------------------------------------------------------------------


def test_json_with_keys_in_the_environment_loads_nothing_it_does_not_need(served):
    program = (
        "import sys; from skysail.cli.main import run; from skysail.cli.invocation import Invocation;"
        "status = run(sys.argv[1:], Invocation());"
        "never = {'rich', 'jinja2', 'httptools', 'psycopg', 'botocore.session', 'jmespath', 'sqlite3'};"
        "never |= {'skysail.server', 'asyncio'};"
        "print(status, sorted(never & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "secret"}
    told = subprocess.run(
        [sys.executable, "-c", program, "instances", "-o", "json", "-q", "--region", "us-east-1", "--endpoint", served],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [instance["name"] for instance in json.loads(told.stdout)["instances"]] == ["web"]
    assert told.stderr == "0 []\n"


def test_a_reader_that_goes_away_ends_it_without_a_word(served, tmp_path):
    process = subprocess.Popen(
        [str(SKYSAIL), "instances", "--endpoint", served, "--region", "us-east-1"],
        env=neutral_environment(tmp_path, AWS_ACCESS_KEY_ID="111122223333", AWS_SECRET_ACCESS_KEY="secret"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141
    process.stderr.close()


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--fail-empty"], 4), (["--fail-empty", "-o", "json"], 4)])
def test_nothing_is_a_failure_where_that_is_asked_for(cli, bench, words, status):
    assert cli("instances", *words, bench=bench).status == status


def test_nothing_that_fits_is_nothing_and_something_is_no_failure(cli, many):
    assert cli("instances", "--where", "state=stopped", "--fail-empty", bench=many).status == 4
    assert cli("instances", "--fail-empty", bench=many).status == 0
