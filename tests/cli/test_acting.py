"""`skysail instances start|stop|reboot|delete`: nothing is done without a yes, and what it brings is said before."""

from __future__ import annotations

import pytest

import skysail
from pseudo_terminal import Terminal
from running_server import RunningServer, neutral_environment


@pytest.fixture
def fleet(bench):
    """web-1 and web-2 run; old is stopped, with a manual snapshot."""
    bench.instance("old", "stopped", tags=[{"key": "role", "value": "batch"}])
    bench.instance("web-1", bundleId="small_3_0")
    bench.instance("web-2", bundleId="small_3_0")
    bench.client.create_instance_snapshot(instanceName="old", instanceSnapshotName="kept")
    bench.settle()
    return bench


@pytest.mark.parametrize("verb", ["stop", "reboot", "delete"])
def test_a_program_must_say_yes_and_nothing_is_done_without_it(cli, fleet, verb):
    before = len(fleet.operations())
    told = cli("instances", verb, "web-1", bench=fleet)
    assert told.status == 2
    assert told.err.splitlines()[-1] == (
        f"error: nobody is here to be asked, and {verb} wants a yes; nothing was done — add --yes"
    )
    assert len(fleet.operations()) == before
    assert fleet.state("web-1") == "running"


def test_a_stop_says_that_a_dynamic_address_changes_and_that_it_stays_billed(cli, fleet):
    address = fleet.get("web-1")["publicIpAddress"]
    told = cli("instances", "stop", "web-1", "--yes", "--no-wait", bench=fleet)
    assert told == (
        0,
        "",
        f"web-1: its address {address} is dynamic and will change; it stays billed (12.00 USD/month).\n"
        "       A static IP would not keep this address, but would keep the next one:\n"
        "       skysail call AllocateStaticIp staticIpName=web-1-ip\n"
        "stop was begun: web-1   us-east-1, profile default\n",
    )
    assert fleet.state("web-1") == "stopping"


def test_waiting_ends_when_the_last_is_there_and_tells_the_addresses(cli, fleet):
    told = cli("instances", "start", "old", "--wait", bench=fleet)
    assert told.status == 0
    assert fleet.state("old") == "running"
    assert told.err.startswith("old: running, ")
    assert told.err.endswith(f" s   {fleet.get('old')['publicIpAddress']}\n")


def test_a_condition_chooses_those_that_it_fits(cli, fleet):
    told = cli("instances", "stop", "--where", "state=running", "--yes", "--no-wait", "-q", bench=fleet)
    assert (told.status, told.err) == (0, "")
    assert [fleet.state(name) for name in ("web-1", "web-2", "old")] == ["stopping", "stopping", "stopped"]


def test_a_condition_that_nothing_fits_does_nothing(cli, fleet):
    told = cli("instances", "delete", "--where", "name=api-*", "--yes", bench=fleet)
    assert told == (0, "", "nothing: no instance fits in us-east-1, profile default\n")


@pytest.mark.parametrize("arguments", [(), ("web-1", "--where", "state=running")])
def test_names_and_conditions_are_one_or_the_other(cli, fleet, arguments):
    told = cli("instances", "stop", *arguments, "--yes", bench=fleet)
    assert (told.status, told.err) == (2, "error: which instances? — names, or --where CONDITION\n")


def test_all_names_are_looked_for_before_anything_is_done(cli, fleet):
    told = cli("instances", "delete", "web-2", "web-3", "--yes", bench=fleet)
    assert told.status == 1
    assert told.err.startswith("error: us-east-1 (default): there is no instance web-3 — did you mean web-")
    assert fleet.state("web-2") == "running"


def test_a_delete_says_what_stays_and_is_billed(cli, fleet):
    told = cli("instances", "delete", "old", "--yes", bench=fleet)
    assert told == (
        0,
        "",
        "old: 1 manual snapshot stays (billed), its own disk goes. This can't be undone.\n"
        "deleted: old   us-east-1, profile default\n",
    )
    assert fleet.names() == ["web-2", "web-1"]


def test_a_delete_counts_the_automatic_snapshots_that_go(cli, fleet):
    fleet.client.enable_add_on(
        resourceName="web-1",
        addOnRequest={"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}},
    )
    fleet.clock.advance(3 * 86_400)
    told = cli("instances", "delete", "web-1", "--yes", bench=fleet)
    assert told.status == 0
    assert "web-1: 3 automatic snapshots go, " in told.err


def test_a_refusal_in_the_middle_says_what_was_done_and_what_was_not(cli, fleet):
    told = cli("instances", "stop", "web-1", "old", "web-2", "--yes", "--no-wait", bench=fleet)
    assert told.status == 3
    assert told.err.splitlines()[-1].endswith("done before: web-1; not done: old, web-2")
    assert (fleet.state("web-1"), fleet.state("web-2")) == ("stopping", "running")


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["halt", "web-1"], "there are show, create, start, stop, reboot and delete"),
        (["rebot", "web-1"], "did you mean reboot?"),
        (["ls"], "skysail instances lists them"),
        (["describe", "web-1"], "did you mean show?"),
    ],
)
def test_an_unknown_verb_is_told_with_those_there_are(cli, words, remedy):
    assert cli("instances", *words) == (2, "", f"error: instances: no such verb {words[0]} — {remedy}\n")


KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
PROGRAM = """
from skysail.cli.main import main
main(ARGUMENTS)
"""


@pytest.mark.parametrize(
    ("verb", "answer", "question", "state"),
    [
        ("stop", "n\n", "Stop it? [y/N] ", "running"),
        ("stop", "y\n", "Stop it? [y/N] ", "stopping"),
        ("reboot", "\n", "Reboot it? [y/N] ", "running"),
        ("delete", "yes\n", "Type web-1 to delete it: ", "running"),
        ("delete", "web-1\n", "Type web-1 to delete it: ", None),
    ],
)
def test_on_a_terminal_it_asks_and_only_the_right_answer_does_it(tmp_path, verb, answer, question, state):
    with RunningServer(tmp_path, "--clock", "manual") as server:
        client = skysail.client("lightsail", endpoint_url=server.url, region_name="us-east-1", **KEYS)
        client.create_instances(
            instanceNames=["web-1"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
        )
        skysail.server_handle(server.url).clock.advance(600)
        environment = neutral_environment(tmp_path, AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
        arguments = ["instances", verb, "web-1", "--endpoint", server.url, "--region", "us-east-1"]
        arguments += ["--color", "never", "--no-wait"]
        terminal = Terminal(PROGRAM.replace("ARGUMENTS", repr(arguments)), environment)
        terminal.read_until(question)
        terminal.type(answer)
        assert terminal.finish() == (0 if state in ("stopping", None) else 130)
        found = {one["name"]: one["state"]["name"] for one in client.get_instances()["instances"]}
        assert found.get("web-1") == state
