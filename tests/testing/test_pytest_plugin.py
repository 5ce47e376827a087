"""pytest's plugin, as an author of tests meets it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from pytest_suites import run
from running_server import RunningServer, neutral_environment

PRELUDE = """
import boto3, os, subprocess, sys, pytest

NEW = dict(availabilityZone="us-east-1a", blueprintId="ubuntu_24_04", bundleId="nano_3_0")
MADE_BEFORE = boto3.client("lightsail", region_name="us-east-1")

def first_page():
    return [instance["name"] for instance in boto3.client("lightsail").get_instances()["instances"]]

def all_pages():
    pages = boto3.client("lightsail").get_paginator("get_instances").paginate()
    return [instance["name"] for page in pages for instance in page["instances"]]
"""


def test_the_plugin_is_found_by_pytest() -> None:
    assert [point.value for point in entry_points(group="pytest11", name="skysail")] == ["skysail.pytest_plugin"]


def test_it_loads_nothing_of_skysail_before_a_test_wants_it(tmp_path: Path) -> None:
    suite = (
        "import sys\n\ndef test_nothing():\n"
        "    ours = {name for name in sys.modules if name.startswith('skysail.')}\n"
        "    assert ours == {'skysail.pytest_plugin', 'skysail.version'}\n"
        "    assert not {'botocore', 'msgspec', 'sqlite3'} & set(sys.modules)\n"
    )
    assert run(tmp_path, suite).code == 0


EACH_ON_ITS_OWN = (
    PRELUDE
    + """
def test_the_client_and_all_others_are_at_one_service(lightsail):
    lightsail.create_instances(instanceNames=["web-1"], **NEW)
    lightsail.clock.settle()
    assert first_page() == ["web-1"]
    assert MADE_BEFORE.get_instance_state(instanceName="web-1")["state"]["name"] == "running"
    assert len(lightsail.calls("GetInstances")) == 1

def test_every_test_has_a_new_one(lightsail_service):
    assert first_page() == []
    lightsail_service.faults.throttle("GetInstances", first=1)
    assert first_page() == []
    assert [call["status"] for call in lightsail_service.calls("GetInstances")] == [200, 400, 200]

@pytest.mark.lightsail(region="eu-central-1", page_size=2)
def test_the_marker_says_what_it_is_like(lightsail):
    new = {**NEW, "availabilityZone": "eu-central-1a"}
    lightsail.create_instances(instanceNames=["web-1", "web-2", "web-3"], **new)
    assert len(lightsail.get_instances()["instances"]) == 2
    assert lightsail.meta.region_name == "eu-central-1"

@pytest.mark.lightsail(clock=0, pace="real")
class TestByClass:
    @pytest.mark.lightsail(page_size=1)
    def test_markers_add_up(self, lightsail):
        lightsail.create_instances(instanceNames=["web-1", "web-2"], **NEW)
        assert lightsail.get_instance_state(instanceName="web-1")["state"]["name"] == "pending"
        assert len(lightsail.get_instances()["instances"]) == 1

@pytest.mark.lightsail
def test_the_marker_alone_brings_one():
    assert first_page() == []

OTHER = "import boto3; print([i['name'] for i in boto3.client('lightsail').get_instances()['instances']])"

def test_other_processes_are_led_there(lightsail, lightsail_server):
    lightsail.create_instances(instanceNames=["web-1"], **NEW)
    assert lightsail_server.startswith("http://127.0.0.1:")
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", OTHER], capture_output=True, text=True, check=True)
        assert done.stdout == "['web-1']\\n"
    assert "AWS_ENDPOINT_URL_LIGHTSAIL" in os.environ

def test_nothing_stays_of_it():
    assert "AWS_ENDPOINT_URL_LIGHTSAIL" not in os.environ
    assert "AWS_ACCESS_KEY_ID" not in os.environ
"""
)


def test_each_test_has_a_lightsail_of_its_own(tmp_path: Path) -> None:
    ran = run(tmp_path, EACH_ON_ITS_OWN)
    assert "7 passed" in ran, ran.text


FORGETFUL = (
    PRELUDE
    + """
@pytest.fixture(autouse=True)
def two(lightsail):
    lightsail.create_instances(instanceNames=["web-1", "web-2"], **NEW)

def test_of_the_first_page():
    assert first_page()[0].startswith("web-")

def test_of_all_pages():
    assert sorted(all_pages()) == ["web-1", "web-2"]
"""
)
ITS_LINE = "test_theirs.py:8: GetInstances, in first_page"


def test_code_that_forgets_the_second_page_passes_as_long_as_nobody_looks(tmp_path: Path) -> None:
    ran = run(tmp_path, FORGETFUL)
    assert "2 passed" in ran, ran.text


def test_and_fails_with_its_line_where_all_pages_are_to_be_read(tmp_path: Path) -> None:
    ran = run(tmp_path, FORGETFUL, ini="lightsail_all_pages = true")
    assert "1 failed, 1 passed" in ran, ran.text
    assert ITS_LINE in ran
    assert 'boto3.client("lightsail").get_instances()["instances"]]' in ran


def test_the_marker_asks_for_all_pages_of_one_test(tmp_path: Path) -> None:
    marked = FORGETFUL.replace("def test_of_the", "@pytest.mark.lightsail(all_pages=True)\ndef test_of_the")
    ran = run(tmp_path, marked)
    assert "1 failed, 1 passed" in ran, ran.text
    assert ITS_LINE in ran


def test_the_marker_excuses_one_test(tmp_path: Path) -> None:
    marked = FORGETFUL.replace("def test_of_the", "@pytest.mark.lightsail(all_pages=False)\ndef test_of_the")
    ran = run(tmp_path, marked, ini="lightsail_all_pages = true")
    assert "2 passed" in ran, ran.text


def test_the_setting_is_for_mocks_that_a_test_opens_itself_too(tmp_path: Path) -> None:
    suite = (
        PRELUDE
        + """
import skysail

@skysail.mock()
def test_with_a_mock():
    MADE_BEFORE.create_instances(instanceNames=["web-1", "web-2", "web-3"], **NEW)
    assert len(first_page()) == 2
"""
    )
    ran = run(tmp_path, suite, ini="lightsail_all_pages = true\nlightsail_page_size = 2")
    assert "1 failed" in ran, ran.text
    assert ITS_LINE in ran


def test_what_a_paginator_was_told_to_leave_is_not_forgotten(tmp_path: Path) -> None:
    suite = (
        PRELUDE
        + """
@pytest.mark.lightsail(all_pages=True)
def test_the_first_two(lightsail):
    lightsail.create_instances(instanceNames=["web-1", "web-2", "web-3"], **NEW)
    pages = lightsail.get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": 2})
    assert sum(len(page["instances"]) for page in pages) == 2
"""
    )
    assert run(tmp_path, suite).code == 0


def test_a_failed_test_shows_what_it_asked_for(tmp_path: Path) -> None:
    suite = (
        PRELUDE
        + """
def test_that_fails(lightsail):
    lightsail.faults.throttle("StopInstance", first=1)
    lightsail.stop_instance(instanceName="absent")
"""
    )
    ran = run(tmp_path, suite)
    assert "400 ThrottlingException" in ran
    assert "400 NotFoundException" in ran
    assert "\n                      The Instance does not exist: absent" in ran
    assert 'skysail call StopInstance --json \'{"instanceName":"absent"}\'' in ran
    assert "fault: throttle StopInstance, the first 1: met 1, came about 1 times" in ran
    assert "runs as the machine's" in ran
    assert "def call(" not in ran, "frames of skysail's own"


def test_the_marker_s_seed_is_a_file_beside_the_test(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(
        "regions: {us-east-1: {instances: [{name: web, count: 3, bundle: nano_3_0, blueprint: debian_12}]}}"
    )
    suite = (
        PRELUDE
        + """
@pytest.mark.lightsail(seed="fleet.yaml")
def test_it(lightsail, lightsail_service):
    assert sorted(all_pages()) == ["web-1", "web-2", "web-3"]
    lightsail_service.seed({"regions": {"us-east-1": {"disks": [{"name": "data", "gb": 8}]}}})
    assert [disk["name"] for disk in lightsail.get_disks()["disks"]] == ["data"]

@pytest.mark.lightsail(seed="absent.yaml")
def test_of_none(lightsail): pass
"""
    )
    ran = run(tmp_path, suite)
    assert "1 passed, 1 error" in ran, ran.text
    assert "no Lightsail for this test: cannot read the seed" in ran


WRONG = {
    "an option that there is not": ("pagesize=2", "there is no option pagesize; there are region, account"),
    "a page of no items": ("page_size=-1", "a page has at least 1 item"),
    "options without names": ("2", "takes its options by name"),
}


@pytest.mark.parametrize(("options", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_with_a_marker_is_said(tmp_path: Path, options: str, says: str) -> None:
    ran = run(tmp_path, PRELUDE + f"@pytest.mark.lightsail({options})\ndef test_it(lightsail): pass\n")
    assert says in ran, ran.text
    assert "Traceback" not in ran


def test_a_page_size_that_is_no_number_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, "", ini="lightsail_page_size = many")
    assert "lightsail_page_size is a number of items, 1 or more, not 'many'" in ran
    assert ran.code == 4


@pytest.mark.whole
def test_the_same_tests_run_at_a_server(tmp_path: Path) -> None:
    suite = (
        PRELUDE
        + """
@pytest.mark.parametrize("time", [1, 2])
def test_in_an_account_of_its_own(lightsail, lightsail_server, time):
    lightsail.create_instances(instanceNames=["web-1"], **NEW)
    assert first_page() == ["web-1"]
    assert len(lightsail.calls("CreateInstances")) == 1
    lightsail.faults.throttle("GetInstance", first=1)
    lightsail.get_instance(instanceName="web-1")
    assert lightsail.faults.rules()[0].injected == 1
    assert lightsail_server == os.environ["AWS_ENDPOINT_URL_LIGHTSAIL"]

@pytest.mark.lightsail(all_pages=True)
def test_all_pages(lightsail):
    lightsail.create_instances(instanceNames=["web-1", "web-2"], **NEW)
    lightsail.get_instances()
"""
    )
    with RunningServer(tmp_path, "--page-size", "1") as server:
        ran = run(tmp_path, suite, "--lightsail-endpoint", server.url)
    assert "1 failed, 2 passed" in ran, ran.text
    assert "GetInstances gave 1 items and a nextPageToken (us-east-1)" in ran


def test_on_aws_what_needs_a_local_service_is_skipped(tmp_path: Path) -> None:
    suite = """
def test_of_the_clock(lightsail):
    lightsail.clock.advance(minutes=5)

def test_of_the_handle(lightsail_service):
    lightsail_service.faults.clear()

def test_of_the_client(lightsail, lightsail_server):
    assert lightsail.meta.endpoint_url == lightsail_server == "https://lightsail.us-east-1.amazonaws.com"
"""
    ran = run(tmp_path, suite, "--lightsail-endpoint", "real", AWS_DEFAULT_REGION="us-east-1")
    assert "1 passed, 2 skipped" in ran, ran.text
    assert "this is AWS's" in ran


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    ran = run(tmp_path, "def test_it(lightsail): pass\n", "--lightsail-endpoint", "http://127.0.0.1:9")
    assert "no Lightsail for this test: Could not connect" in ran, ran.text


def test_its_options_are_in_pytests_help(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "skysail.pytest_plugin", "--help"],
        cwd=tmp_path,
        env=neutral_environment(tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", COLUMNS="100"),
        capture_output=True,
        text=True,
    )
    for name in ("--lightsail-endpoint=URL", "lightsail_all_pages", "lightsail_page_size"):
        assert name in done.stdout
