"""`skysail demo`: the main job in one screen; on a terminal it stays up until Ctrl-C."""

from __future__ import annotations

import re
import subprocess
import urllib.error
import urllib.request
from urllib.request import urlopen

import pytest

from pseudo_terminal import Terminal
from running_server import SKYSAIL, neutral_environment
from skysail.seeds.demo import ACCOUNT, GROUPS, REGIONS, demo_lightsail
from skysail.world import manual_world


def test_the_fleet_is_the_same_every_time():
    fleets = []
    for _ in range(2):
        with demo_lightsail(manual_world(seed=7)) as local:
            fleets.append([list(local.client(region).get_paginator("get_instances").paginate().search("instances[]"))
                           for region in REGIONS])  # fmt: skip
    assert fleets[0] == fleets[1]
    instances = [instance for fleet in fleets[0] for instance in fleet]
    assert len(instances) == sum(group.size for group in GROUPS) == 240
    assert len(REGIONS) == 4
    assert {instance["state"]["name"] for instance in instances} == {"running", "stopped"}
    assert len({instance["bundleId"] for instance in instances}) >= 6
    assert len({instance["blueprintId"] for instance in instances}) >= 8
    for fleet in fleets[0]:
        created = [instance["createdAt"] for instance in fleet]
        assert created == sorted(created, reverse=True)
        assert created[0].timestamp() <= 1_700_000_000 < created[0].timestamp() + 400 * 86_400


@pytest.mark.parametrize("key", ["local", "AKIAIOSFODNN7EXAMPLE", "999999999999"])
def test_whoever_looks_finds_it(key):
    with demo_lightsail(manual_world()) as local:
        (first, *_) = local.client("us-west-2", key).get_instances()["instances"]
    assert f":{ACCOUNT}:" in first["arn"]


def test_the_demo_uses_its_own_world_s_clock():
    world = manual_world()
    with demo_lightsail(world) as local:
        client = local.client()
        client.stop_instance(instanceName="api-1")
        assert client.get_instance_state(instanceName="api-1")["state"]["name"] == "stopping"
        world.sleep(60)
        assert client.get_instance_state(instanceName="api-1")["state"]["name"] == "stopped"


def test_into_a_pipe_it_shows_a_cut_page_resumed_and_ends(tmp_path):
    told = subprocess.run(
        [str(SKYSAIL), "demo"], env=neutral_environment(tmp_path), capture_output=True, text=True, timeout=30
    )
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "A Lightsail in memory: 240 instances in 4 regions. Nothing of yours is touched."
    assert re.fullmatch(r"  walked           240 in 12 pages, \d+ ms", lines[6])
    five = re.compile(r"[a-z]+-\d+( [a-z]+-\d+){4}")
    first, second = (line.split() for line in lines if five.fullmatch(line))
    shown = [line.split()[0] for line in lines if re.match(r"[a-z]+-\d+ +(running|stopped) ", line)]
    assert shown == first
    assert not set(first) & set(second)
    assert "eyJwYWdlVG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiA1fQ==" in lines


def test_on_a_terminal_it_answers_until_ctrl_c(tmp_path):
    environment = neutral_environment(tmp_path, TERM="xterm-256color")
    terminal = Terminal("from skysail.cli.main import main; main(['demo', '--port', '0'])", environment)
    terminal.read_until("Ready.\n")
    url = re.search(r"Up on (\S+) until Ctrl-C", terminal.shown)[1]
    with urlopen(f"{url}/console/") as page:
        assert b"us-west-2" in page.read()
    told = subprocess.run(
        [str(SKYSAIL), "instances", "--endpoint", url, "--region", "us-west-2", "-o", "tsv", "--columns", "name"],
        env=environment, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert len(told.stdout.splitlines()) == 61
    assert told.stderr.startswith("60 instances: 48 running, 12 stopped (still billed)   us-west-2, endpoint ")
    assert f"skysail instances --endpoint {url}\n" in terminal.shown
    foreign = urllib.request.Request(f"{url}/_skysail/health", headers={"host": "evil.test"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(foreign)
    terminal.interrupt()
    assert terminal.finish() == 0
    assert terminal.shown.endswith("stopped; nothing is left behind\n")
    assert "\x1b[4mNAME\x1b[0m" in terminal.shown
