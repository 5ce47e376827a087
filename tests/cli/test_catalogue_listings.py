"""`skysail bundles`, `blueprints` and `regions`: what can be ordered, without an account."""

from __future__ import annotations

import csv
import io
import json

import pytest


@pytest.mark.parametrize(
    ("command", "call", "member"),
    [
        ("bundles", "get_bundles", "bundles"),
        ("blueprints", "get_blueprints", "blueprints"),
    ],
)
@pytest.mark.parametrize("shows_all", [False, True])
def test_as_json_they_are_what_the_service_says(cli, bench, command, call, member, shows_all):
    told = cli(command, "-o", "json", *(["--all"] if shows_all else []))
    expected = []
    for page in bench.client.get_paginator(call).paginate(includeInactive=shows_all):
        expected += page[member]
    found = json.loads(told.out)
    key = f"{command.removesuffix('s')}Id"
    assert sorted(found, key=lambda one: one[key]) == sorted(expected, key=lambda one: one[key])


def test_regions_have_their_zones(cli, bench):
    expected = bench.client.get_regions(includeAvailabilityZones=True, includeRelationalDatabaseAvailabilityZones=True)
    assert json.loads(cli("regions", "-o", "json").out) == expected["regions"]
    rows = [line.split() for line in cli("regions").out.splitlines()]
    assert ["us-east-1", "Virginia", "NA", *"abcdef"] in rows


def test_a_bundle_has_the_id_and_the_transfer_of_its_region(cli):
    rows = list(csv.DictReader(io.StringIO(cli("bundles", "--region", "ap-south-1", "-o", "csv").out)))
    nano = next(row for row in rows if row["BUNDLE"] == "nano_3_1")
    assert (nano["USD/MO"], nano["RAM"], nano["TRANSFER"]) == ("5.00", "0.5", "512")
    prices = [float(row["USD/MO"]) for row in rows]
    assert prices == sorted(prices)


def test_the_region_comes_from_the_environment(cli):
    told = cli("bundles", environ={"AWS_DEFAULT_REGION": "eu-central-1"})
    assert told.err.endswith(" bundles in eu-central-1, from the built-in catalogue\n")


def test_a_blueprint_is_told_with_its_user(cli):
    rows = [line.split("\t") for line in cli("blueprints", "--platform", "linux", "-o", "tsv").out.splitlines()]
    users = {row[0]: row[-1] for row in rows}
    assert (users["ubuntu_24_04"], users["debian_12"]) == ("ubuntu", "admin")
    assert not any(name.startswith("windows") for name in users)


def test_names_and_lines_are_for_programs(cli):
    names = cli("bundles", "-o", "name").out.split()
    assert [json.loads(line)["bundleId"] for line in cli("bundles", "-o", "jsonl").out.splitlines()] == names


def test_a_region_that_there_is_not_is_told_with_the_nearest(cli):
    assert cli("bundles", "--region", "us-east-11") == (
        2,
        "",
        "error: no region us-east-11 — did you mean us-east-1?\n",
    )


def rows(told):
    assert told.status == 0, told.err
    return [line.split("\t") for line in told.out.splitlines()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            ["--where", "ram>=32", "--where", "platform=LINUX*", "--where", "ipv4=yes", "--where", "disk<700",
             "--where", "bundle!=m_*"],
            [["2xlarge_3_0"]],
        ),
        (["--where", "bundle=nano_*", "--where", "platform=linux*", "--sort", "-usd/mo"],
         [["nano_3_0"], ["nano_ipv6_3_0"]]),
    ],
)  # fmt: skip
def test_they_are_sifted_and_sorted_by_columns(cli, words, found):
    assert rows(cli("bundles", *words, "-o", "tsv", "--columns", "bundle", "--no-header")) == found


def test_columns_are_chosen_or_left_out(cli):
    assert rows(cli("regions", "--where", "region=eu-west-1", "-o", "tsv", "--columns", "place,Region")) == [
        ["PLACE", "REGION"],
        ["Ireland", "eu-west-1"],
    ]
    told = cli("regions", "--where", "region=eu-west-1", "-o", "tsv", "--columns=-zones,-continent", "--no-header")
    assert rows(told) == [["eu-west-1", "Ireland"]]


def test_numbers_are_sorted_by_their_size(cli):
    found = [
        float(row[0]) for row in rows(cli("bundles", "-o", "tsv", "--columns", "ram", "--no-header", "--sort", "ram"))
    ]
    assert found == sorted(found)
    assert len(set(found)) > 5


def test_json_is_sifted_too(cli):
    found = json.loads(cli("blueprints", "-o", "json", "--where", "type=os", "--where", "version=12*").out)
    assert {one["blueprintId"] for one in found} == {"debian_12"}


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["--where", "rma>=2"], 2, "error: no column rma — did you mean RAM?"),
        (["--where", "ram"], 2, "error: --where ram is no condition — such as bundle=a*"),
        (["--where", "ram>much"], 2, "error: --where ram>much: much is no number"),
        (["--sort", "price"], 2, "error: no column price — there are BUNDLE, USD/MO, CPU, RAM, "),
        (["-o", "name", "--columns", "ram"], 2, "error: --columns is for table, csv and tsv — leave out -o name"),
        (["--where", "ram>9999"], 0, "nothing: no bundles in us-east-1 like that"),
        (["--where", "ram>9999", "--fail-empty"], 4, "nothing: no bundles in us-east-1 like that"),
    ],
)
def test_what_cannot_be_or_is_not_there_is_told(cli, words, status, line):
    told = cli("bundles", *words)
    assert (told.status, told.out) == (status, "")
    assert told.err.startswith(line)


def test_numbers_stand_below_one_another_in_a_table(cli):
    lines = cli("bundles", "--where", "bundle=nano_3_0", "--columns", "bundle,usd/mo,ram,platform").out.splitlines()
    assert lines == ["BUNDLE    USD/MO  RAM  PLATFORM", "nano_3_0    5.00  0.5  LINUX_UNIX"]
